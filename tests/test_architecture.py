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
    "exercises": 4,
    "stage": 5,
    "grading": 5,
    "widgets": 6,
    "course": 7,
    "cli": 8,
    "__main__": 9,
    "__init__": 9,
}
KNOWS_ONLY = {"stage": {"errors"}, "__main__": {"cli"}}

AT_IMPORT = {"numpy", "scipy", "pandas", "formulaic"}
ONLY_IN = {
    "matplotlib": {"views", "stage", "widgets"},
    "PIL": {"stage"},
    "ipywidgets": {"stage", "widgets"},
    "anywidget": {"stage", "widgets"},
    "traitlets": {"stage", "widgets"},
    "IPython": {"stage", "widgets"},
}

MODULES = sorted(PACKAGE.rglob("*.py"))
each_module = pytest.mark.parametrize(
    "path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE))
)


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


@each_module
def test_imports_run_one_way(path):
    mine = room(path)
    for name in imports(path):
        top, _, rest = name.partition(".")
        other = rest.partition(".")[0]
        if top != "hlmteach" or other == mine:
            continue
        # What is no room is a public name, and those come from the top of the house.
        floor = FLOORS.get(other, FLOORS["widgets"])
        assert floor < FLOORS[mine], f"{mine} imports {name}"
        assert other in KNOWS_ONLY.get(mine, {other}), f"{mine} imports {name}"


@each_module
def test_each_library_stays_in_its_rooms(path):
    for name in imports(path):
        library = name.partition(".")[0]
        if library in ONLY_IN:
            assert room(path) in ONLY_IN[library], f"{room(path)} imports {name}"


@each_module
def test_nobody_imports_pyplot(path):
    assert not [name for name in imports(path) if "pyplot" in name or "pylab" in name]


@each_module
def test_heavy_libraries_are_imported_where_they_are_used(path):
    allowed = AT_IMPORT | {lib for lib, rooms in ONLY_IN.items() if room(path) in rooms}
    allowed |= set(sys.stdlib_module_names) | {"hlmteach"}
    tops = {name.partition(".")[0] for name in imports(path, top_level_only=True)}
    assert tops <= allowed


def loaded_by(statement):
    code = f"import sys\n{statement}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    command = [sys.executable, "-W", "error", "-c", code]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


@pytest.mark.parametrize("statement", ["import hlmteach", "import hlmteach.cli"])
def test_importing_stays_lean(statement):
    loaded = loaded_by(statement)
    assert "numpy" in loaded
    heavy = {"matplotlib", "ipywidgets", "anywidget", "IPython", "statsmodels", "pyreadstat"}
    heavy |= {"jupyterlab", "jupyter_core", "nbclient", "nbformat", "jupytext", "openpyxl"}
    assert not loaded & heavy


def functions():
    for path in MODULES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef):
                yield node


def lines_of_code(function):
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return function.end_lineno - body[0].lineno + 1 if body else 0


def test_functions_are_short():
    lengths = [lines_of_code(function) for function in functions()]
    assert statistics.median(lengths) < 10
    assert statistics.quantiles(lengths, n=10)[-1] < 40


@each_module
def test_modules_are_short(path):
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines < 400


def test_the_stage_is_of_use_without_the_rest():
    words = r"(?i)hlm|hierarch|multilevel|mixed.model|random.(effect|intercept|slope)|lme4|\bicc\b"
    for path in sorted((PACKAGE / "stage").rglob("*.*")):
        if path.suffix in {".py", ".js", ".css"}:
            assert not re.search(words, path.read_text(encoding="utf-8")), path.name
