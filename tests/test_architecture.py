"""The rooms of the house and the one way that imports run between them."""

import ast
import re
import statistics
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "hlmteach"

# A room may import from rooms of a lower floor; rooms on one floor do not know each other.
FLOORS = {
    "errors": 0,
    "datasets": 1,
    "engine": 2,
    "inference": 3,
    "rstyle": 4,
    "views": 4,
    "recipes": 5,
    "exercises": 6,
    "stage": 6,
    "grading": 7,
    "widgets": 8,
    "course": 9,
    "classroom": 10,
    "cli": 11,
    "__main__": 12,
    "__init__": 12,
}
# Rooms inside the room of inference: each may import from those before it.
INFERENCE = [
    "arguments",
    "likelihood",
    "simulation",
    "profiling",
    "coefficients",
    "intervals",
    "comparison",
    "variance",
    "studies",
    "prediction",
    "other_programs",
]
KNOWS_ONLY = {"stage": {"errors"}, "__main__": {"cli", "course"}}

AT_IMPORT = {"numpy", "scipy", "pandas"}
ONLY_IN = {
    "matplotlib": {"views", "stage", "widgets"},
    "PIL": {"stage"},
    "ipywidgets": {"stage", "widgets"},
    "anywidget": {"stage", "widgets"},
    "traitlets": {"stage", "widgets"},
    "IPython": {"stage", "widgets"},
    "tornado": {"classroom"},
    "segno": {"classroom"},
}

MODULES = sorted(PACKAGE.rglob("*.py"))


def of_every_module(faults):
    """Turn a check that yields what is wrong in one file into one test of all files."""

    def test():
        places = ((str(path.relative_to(PACKAGE)), path) for path in MODULES)
        assert [f"{place} {what}" for place, path in places for what in faults(path)] == []

    return test


def room(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path, node):
    """Return the full dotted names that an import statement may bring in."""
    if isinstance(node, ast.Import):
        return [name.name for name in node.names]
    base = node.module or ""
    if node.level:
        here = ("hlmteach", *path.relative_to(PACKAGE).parent.parts)
        base = ".".join((*here[: len(here) - node.level + 1], *([base] if base else [])))
    return [f"{base}.{name.name}" for name in node.names]


def imports(path, top_level_only=False):
    nodes = top_level(tree(path).body) if top_level_only else ast.walk(tree(path))
    return [
        name
        for node in nodes
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in imported(path, node)
    ]


def top_level(body):
    """Yield the statements that run at import; not what `if TYPE_CHECKING:` hides."""
    for node in body:
        yield node
        if isinstance(node, ast.If) and "TYPE_CHECKING" not in ast.unparse(node.test):
            yield from top_level(node.body + node.orelse)
        elif isinstance(node, ast.Try):
            yield from top_level(node.body + node.orelse + node.finalbody)


def test_every_room_has_its_floor():
    rooms = {room(path) for path in MODULES}
    assert rooms <= set(FLOORS), "a new room: give it its floor here and in docs/"


@of_every_module
def test_imports_run_one_way(path):
    mine = room(path)
    for name in imports(path):
        top, _, rest = name.partition(".")
        other = rest.partition(".")[0]
        if top != "hlmteach" or other == mine:
            continue
        # What is no room is a public name, and those come from the top of the house.
        floor = FLOORS.get(other, FLOORS["widgets"])
        if floor >= FLOORS[mine] or other not in KNOWS_ONLY.get(mine, {other}):
            yield f"imports {name}"


@pytest.mark.parametrize("mine", INFERENCE)
def test_rooms_of_inference_know_only_those_before(mine):
    home = PACKAGE / "inference"
    later = INFERENCE[INFERENCE.index(mine) + 1 :]
    for path in [home / f"{mine}.py", *(home / mine).rglob("*.py")]:
        names = imports(path) if path.exists() else []
        inner = {name.split(".")[2] for name in names if name.startswith("hlmteach.inference.")}
        assert not inner & set(later), path.name
        assert inner <= set(INFERENCE), path.name


def test_every_room_of_inference_is_listed_in_the_docs():
    home = PACKAGE / "inference"
    found = {path.stem for path in home.iterdir() if not path.name.startswith("__")}
    assert found == set(INFERENCE)
    docs = (PACKAGE.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert ", ".join(f"`{name}`" for name in INFERENCE[2:]) in docs


def test_files_named_in_the_docs_are_there():
    docs = (PACKAGE.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = "engine|inference|exercises|grading|stage|views"
    named = set(re.findall(rf"\b(?:{rooms})/[\w/*]+\.(?:py|js)", docs)) - {"views/PICTURE.py"}
    assert len(named) > 25
    assert [name for name in named if not list(PACKAGE.glob(name))] == []


@of_every_module
def test_each_library_stays_in_its_rooms(path):
    for name in imports(path):
        library = name.partition(".")[0]
        if library in ONLY_IN and room(path) not in ONLY_IN[library]:
            yield f"imports {name}"


@of_every_module
def test_nobody_imports_pyplot(path):
    yield from (name for name in imports(path) if "pyplot" in name or "pylab" in name)


@of_every_module
def test_heavy_libraries_are_imported_where_they_are_used(path):
    allowed = AT_IMPORT | {lib for lib, rooms in ONLY_IN.items() if room(path) in rooms}
    allowed |= set(sys.stdlib_module_names) | {"hlmteach"}
    tops = {name.partition(".")[0] for name in imports(path, top_level_only=True)}
    yield from tops - allowed


def loaded_by(statement):
    code = f"import sys\n{statement}\nprint(*sys.modules)"
    command = [sys.executable, "-W", "error", "-c", code]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


@pytest.mark.parametrize("statement", ["import hlmteach", "import hlmteach.cli"])
def test_importing_stays_lean(statement):
    loaded = loaded_by(statement)
    assert "numpy" in loaded
    heavy = {"matplotlib", "ipywidgets", "anywidget", "IPython", "statsmodels", "pyreadstat"}
    heavy |= {"jupyterlab", "jupyter_core", "nbclient", "nbformat", "jupytext", "openpyxl"}
    heavy |= {"scipy.stats", "scipy.interpolate", "scipy.optimize"}
    assert not loaded & heavy


def functions():
    for path in MODULES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


def lines_of_code(function):
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return function.end_lineno - body[0].lineno + 1 if body else 0


def test_functions_are_short():
    lengths = [lines_of_code(function) for function in functions()]
    assert statistics.median(lengths) < 10
    assert statistics.quantiles(lengths, n=10)[-1] < 40


@of_every_module
def test_modules_are_short(path):
    lines = path.read_text(encoding="utf-8").count("\n")
    if lines >= 400:
        yield f"has {lines} lines"


def test_the_stage_is_of_use_without_the_rest():
    words = r"(?i)hlm|hierarch|multilevel|mixed.model|random.(effect|intercept|slope)|lme4|\bicc\b"
    for path in sorted((PACKAGE / "stage").rglob("*.*")):
        if path.suffix in {".py", ".js", ".css"}:
            assert not re.search(words, path.read_text(encoding="utf-8")), path.name


# -- private names ---------------------------------------------------------------------------

# Of Python and of jupyter_client, which have no public name for it.
PRIVATE_ELSEWHERE = {"os._exit", "sys._getframe", "super()._async_poll_output_msg"}


def is_private(name):
    return name.startswith("_") and not name.startswith("__")


@cache
def written_names(path):
    """The names that a module gives to a function, class, variable or attribute."""
    names = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            names.add(node.id if isinstance(node, ast.Name) else node.attr)
    return names


@cache
def names_of_room(mine):
    return set().union(*(written_names(path) for path in MODULES if room(path) == mine))


@of_every_module
def test_nobody_reads_private_names_of_others(path):
    """What `self` has is given in its own room; what anything else has, in its own module."""
    of_room = names_of_room(room(path))
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom):
            yield from (f"imports {name.name}" for name in node.names if is_private(name.name))
        elif isinstance(node, ast.Attribute) and is_private(node.attr):
            known = of_room if ast.unparse(node.value) == "self" else written_names(path)
            if node.attr not in known and ast.unparse(node) not in PRIVATE_ELSEWHERE:
                yield f"line {node.lineno}: {ast.unparse(node)}"


# -- how records are built -------------------------------------------------------------------

MANY_FIELDS = 5  # from here on a reader cannot tell by position which value is which


def is_dataclass(node):
    return any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list)


def own_fields(node):
    lines = [line for line in node.body if isinstance(line, ast.AnnAssign)]
    return {line.target.id for line in lines if "ClassVar" not in ast.unparse(line.annotation)}


@cache
def dataclasses():
    """Each dataclass by (module, name), with its fields and those of its parents."""
    found = {}
    for path in MODULES:
        nodes = [node for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef)]
        for node in filter(is_dataclass, nodes):
            found[module_of(path), node.name] = own_fields(node), path, node.bases
    return {key: fields | parents_fields(found, *rest) for key, (fields, *rest) in found.items()}


def parents_fields(found, path, bases):
    fields = set()
    for base in map(ast.unparse, bases):
        own, *rest = found.get((home_of(path, base), base), (set(), path, []))
        fields |= own | parents_fields(found, *rest)
    return fields


def module_of(path):
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)


def home_of(path, name):
    """The module in which a name that a module uses is defined."""
    return homes(path).get(name, module_of(path))


@cache
def homes(path):
    found = [node for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom)]
    return {alias.name: node.module for node in found for alias in node.names}


@of_every_module
def test_records_of_many_fields_are_built_by_keyword(path):
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            name = node.func.id
            fields = dataclasses().get((home_of(path, name), name), ())
            if len(fields) >= MANY_FIELDS:
                yield f"line {node.lineno}: {name}(...) by position"


@of_every_module
def test_no_literal_tuple_is_spread_into_arguments(path):
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Starred) and isinstance(node.value, ast.Tuple | ast.List):
            yield ast.unparse(node)
