"""The same exercises for other graders: Gradescope, nbgrader, Otter.

Gradescope's autograder runs the box and the scoring of `hlmteach grade`. nbgrader and Otter run
their tests in the student's kernel; docs/teaching/grading.md says what that gives up.
"""

import json
import zipfile
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from hlmteach.exercises.question import Question

PACKAGE = Path(__file__).parents[1]
LEFT_OUT = {"__pycache__", "_lessons"}
FIXED_TIME = (2024, 1, 1, 0, 0, 0)  # the same exercises make the same zip
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}

WHO = 'import hlmteach as hlm\n\nhlm.student("your id")  # write your own'

SETUP = """#!/usr/bin/env bash
set -e
apt-get update
apt-get install -y python3 python3-venv util-linux
PYTHON=python3
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  apt-get install -y python3.11 python3.11-venv
  PYTHON=python3.11
fi
$PYTHON -m venv /opt/hlmteach
/opt/hlmteach/bin/pip install -r /autograder/source/requirements.txt
"""
RUN = """#!/usr/bin/env bash
ROOT="${1:-/autograder}"
PYTHON="${HLMTEACH_PYTHON:-/opt/hlmteach/bin/python}"
cd "$ROOT/source" && exec "$PYTHON" -m hlmteach.grading.gradescope "$ROOT"
"""


def write_assignment(target: str, folder: Path, questions: list[Question], secret: str = ""):
    """Write what a grader takes; return the paths written.

    Parameters
    ----------
    target : {"gradescope", "nbgrader", "otter"}
    folder : Path
        Made if need be.
    questions : list of Question
    secret : str
        For marks; goes into Gradescope's zip, and nowhere else.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return TARGETS[target](folder, questions, secret)


# -- Gradescope ------------------------------------------------------------------------------------


def _gradescope(folder: Path, questions, secret: str) -> list[Path]:
    """An autograder zip: our package, what it needs, and which exercises to grade."""
    path = folder / "autograder.zip"
    asked = {"exercises": [question.id for question in questions], "secret": secret}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "setup.sh", SETUP, executable=True)
        _add(archive, "run_autograder", RUN, executable=True)
        _add(archive, "requirements.txt", "\n".join(requirements()) + "\n")
        _add(archive, "assignment.json", json.dumps(asked, indent=1))
        for file in package_files():
            _add(archive, f"hlmteach/{file.relative_to(PACKAGE).as_posix()}", file.read_bytes())
    return [path, *_plain_notebook(folder, questions)]


def requirements() -> list[str]:
    """What hlmteach needs, and nbclient to run notebooks."""
    try:
        needed = requires("hlmteach") or []
    except PackageNotFoundError:  # run from a checkout that was not installed
        needed = ["numpy", "scipy", "pandas", "formulaic", "matplotlib", "ipywidgets", "anywidget"]
    return [*(line for line in needed if "extra ==" not in line), "nbclient>=0.10", "ipykernel"]


def package_files() -> list[Path]:
    """Every file of the package."""
    files = (path for path in sorted(PACKAGE.rglob("*")) if path.is_file())
    return [path for path in files if not LEFT_OUT & set(path.parts)]


def _add(archive, name: str, content, executable: bool = False) -> None:
    info = zipfile.ZipInfo(name, FIXED_TIME)
    info.external_attr = (0o755 if executable else 0o644) << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, content)


def _plain_notebook(folder: Path, questions) -> list[Path]:
    """What students get: the cards, one after another."""
    cells = [_code("who", WHO)]
    cells += [_code(f"q-{q.id}", f'ex = hlm.exercise("{q.id}")\nex') for q in questions]
    return [_write_notebook(folder / "exercises.ipynb", cells)]


# -- nbgrader --------------------------------------------------------------------------------------


def _nbgrader(folder: Path, questions, _secret: str) -> list[Path]:
    """source/exercises/exercises.ipynb: an answer cell and a locked test for each exercise."""
    cells = [_code("who", WHO)]
    for question in questions:
        name = question.id
        show = f'ex = hlm.exercise("{name}")\nex'
        answer = f'hlm.exercise("{name}").answer = None  # write yours'
        cells.append(_code(f"show-{name}", show, _nbgrader_marks(f"show-{name}")))
        cells.append(_markdown(f"text-{name}", _how(question)))
        cells.append(_code(f"answer-{name}", answer))
        marks = _nbgrader_marks(f"test-{name}", question.points)
        cells.append(_code(f"test-{name}", "\n".join(_test(name)), marks))
    where = folder / "source" / "exercises"
    where.mkdir(parents=True, exist_ok=True)
    return [_write_notebook(where / "exercises.ipynb", cells)]


def _nbgrader_marks(name: str, points: float | None = None) -> dict:
    """A locked cell; one with points is a test."""
    marks = {
        "grade": points is not None,
        "grade_id": name,
        "locked": True,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }
    return {"nbgrader": marks | ({"points": points} if points is not None else {})}


def _test(name: str) -> list[str]:
    """Lines that fail with what is to be said to the student."""
    return [
        f'feedback = hlm.exercise("{name}").check()',
        "assert feedback.is_right, feedback.text",
    ]


def _how(question: Question) -> str:
    return (
        f"**{question.id} · {question.title}.** Answer in the next cell: "
        f'`hlm.exercise("{question.id}").answer = ...` ({question.kind.expected}).'
    )


# -- Otter -----------------------------------------------------------------------------------------


def _otter(folder: Path, questions, _secret: str) -> list[Path]:
    """tests/q08_1.py and so on, and a notebook that calls them."""
    tests = folder / "tests"
    tests.mkdir(exist_ok=True)
    cells = [_code("start", "import otter\n\ngrader = otter.Notebook()"), _code("who", WHO)]
    written = []
    for question in questions:
        name = f"q{question.id.replace('-', '_')}"
        show = f'ex = hlm.exercise("{question.id}")\nex'
        answer = f'hlm.exercise("{question.id}").answer = ...'
        cells += [
            _code(f"show-{question.id}", show),
            _markdown(f"text-{question.id}", _how(question)),
            _code(f"answer-{question.id}", answer),
            _code(f"check-{question.id}", f'grader.check("{name}")'),
        ]
        written.append(tests / f"{name}.py")
        written[-1].write_text(_otter_test(name, question), encoding="utf-8")
    return [*written, _write_notebook(folder / "exercises.ipynb", cells)]


def _otter_test(name: str, question: Question) -> str:
    code = "\n".join(f">>> {line}" for line in ["import hlmteach as hlm", *_test(question.id)])
    case = {"code": code, "hidden": False, "locked": False}
    suite = {"cases": [case], "scored": True, "setup": "", "teardown": "", "type": "doctest"}
    test = {"name": name, "points": question.points, "suites": [suite]}
    return f"OK_FORMAT = True\n\ntest = {test!r}\n"


# -- notebooks -------------------------------------------------------------------------------------


def _code(name: str, source: str, metadata: dict | None = None) -> dict:
    return _cell("code", name, source, metadata) | {"execution_count": None, "outputs": []}


def _markdown(name: str, source: str) -> dict:
    return _cell("markdown", name, source, None)


def _cell(kind: str, name: str, source: str, metadata) -> dict:
    lines = source.splitlines(keepends=True)
    return {"cell_type": kind, "id": name, "metadata": metadata or {}, "source": lines}


def _write_notebook(path: Path, cells: list[dict]) -> Path:
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    book = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(book, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


Writer = Callable[[Path, list[Question], str], list[Path]]
TARGETS: dict[str, Writer] = {"gradescope": _gradescope, "nbgrader": _nbgrader, "otter": _otter}
