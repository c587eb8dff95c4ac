"""Every public name says what it takes and gives, by numpydoc, with an example that is run."""

import doctest
import inspect
import re
import tomllib
from pathlib import Path

import pytest

import hlmteach as hlm

ROOT = Path(__file__).parents[1]
PUBLIC = {name: getattr(hlm, name) for name in hlm.__all__ if name != "widgets"}
CLASSES = {name: thing for name, thing in PUBLIC.items() if inspect.isclass(thing)}


def methods(name, cls):
    for key, member in vars(cls).items():
        if inspect.isfunction(member) and not key.startswith("_"):
            yield f"{name}.{key}", member


FUNCTIONS = {name: thing for name, thing in PUBLIC.items() if name not in CLASSES}
FUNCTIONS |= dict(pair for name, cls in CLASSES.items() for pair in methods(name, cls))
PROPERTIES = {
    f"{name}.{key}": member
    for name, cls in CLASSES.items()
    for key, member in vars(cls).items()
    if not key.startswith("_") and hasattr(member, "__get__") and not inspect.isfunction(member)
}

each_function = pytest.mark.parametrize("name", FUNCTIONS)
each_class = pytest.mark.parametrize("name", CLASSES)


def doc(thing):
    return inspect.getdoc(thing) or ""


def section(text, heading):
    """The lines below a numpydoc heading, up to the next one; None where it is missing."""
    found = re.search(rf"^{heading}\n-+\n(.*?)(?=^\S[^\n]*\n-+\n|\Z)", text, re.M | re.S)
    return found and found.group(1)


def described(text):
    """The names that the section Parameters describes."""
    heads = re.findall(r"^(\*{0,2}\w[\w, ]*?)(?: :.*)?$", section(text, "Parameters") or "", re.M)
    return {name.strip("* ") for head in heads for name in head.split(",")}


def parameters(function):
    return [name for name in inspect.signature(function).parameters if name != "self"]


def gives_something(function):
    body = inspect.getsource(inspect.unwrap(function))
    return inspect.signature(function).return_annotation is not None and "return" in body


def summary_fits(text):
    first = text.split("\n\n")[0]
    return "\n" not in first and first.endswith(".")


def has_run_example(thing):
    """Whether an example stands in the docstring, is compared with something, and never skipped."""
    examples = doctest.DocTestParser().get_examples(doc(thing))
    skipped = any(doctest.SKIP in example.options for example in examples)
    return any(example.want for example in examples) and not skipped


@each_function
def test_a_function_says_what_it_takes_and_gives(name):
    function = FUNCTIONS[name]
    text = doc(function)
    assert summary_fits(text)
    methods_self = "fit" if name.startswith("Fit.") else None
    missing = set(parameters(function)) - described(text) - {methods_self}
    assert not missing, f"not under Parameters: {missing}"
    assert section(text, "Returns") or not gives_something(function), "Returns"


@each_function
def test_a_function_has_an_example_that_is_run(name):
    assert section(doc(FUNCTIONS[name]), "Examples")
    assert has_run_example(FUNCTIONS[name])


@each_class
def test_a_class_has_a_summary_and_an_example_that_is_run(name):
    text = doc(CLASSES[name])
    assert summary_fits(text)
    assert has_run_example(CLASSES[name])


@each_class
def test_a_class_speaks_of_each_of_its_fields(name):
    fields = getattr(CLASSES[name], "__dataclass_fields__", {})
    silent = [field for field in fields if not re.search(rf"\b{field}\b", doc(CLASSES[name]))]
    assert not [field for field in silent if not field.startswith("_")]


@pytest.mark.parametrize("name", PROPERTIES)
def test_a_property_says_what_it_is(name):
    assert doc(PROPERTIES[name]) or name.partition(".")[2] in doc(CLASSES[name.partition(".")[0]])


def children(cls):
    return {cls.__name__}.union(*(children(child) for child in cls.__subclasses__()))


def test_what_is_raised_is_a_child_of_the_houses_error():
    for name, function in FUNCTIONS.items():
        kinds = re.findall(r"^(\w+(?:, \w+)*)$", section(doc(function), "Raises") or "", re.M)
        assert {kind for line in kinds for kind in line.split(", ")} <= children(hlm.HLMError), name


def test_doctests_are_part_of_the_suite():
    options = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]
    assert "--doctest-modules" in options["ini_options"]["addopts"]
    assert "hlmteach" in options["ini_options"]["testpaths"]
    modules = {thing.__module__ for thing in [*FUNCTIONS.values(), *CLASSES.values()]}
    assert all(module.startswith("hlmteach.") for module in modules)
