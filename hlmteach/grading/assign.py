"""The same exercises elsewhere: Gradescope, nbgrader, Otter; quizzes for Moodle and Canvas.

Gradescope's autograder runs the box and the scoring of `hlmteach grade`. nbgrader and Otter run
their tests in the student's kernel; docs/teaching/grading.md says what that gives up.
"""

import json
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from hlmteach.errors import HLMError
from hlmteach.exercises.bank import bank_folder
from hlmteach.exercises.question import Question
from hlmteach.grading.collect import lay_out
from hlmteach.grading.library import package_files
from hlmteach.grading.quiz import quiz_items
from hlmteach.grading.quiz_canvas import canvas_zip
from hlmteach.grading.quiz_moodle import moodle_xml
from hlmteach.grading.zips import zip_of

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


def write_assignment(
    target: str, folder: Path, questions: list[Question], secret: str = "", variants: int = 10
) -> list[Path]:
    """Write what a grader or an LMS takes; return the paths written.

    Parameters
    ----------
    target : {"gradescope", "nbgrader", "otter", "moodle", "canvas"}
    folder : Path
        Made if need be.
    questions : list of Question
    secret : str
        For marks; goes into Gradescope's zip, and nowhere else.
    variants : int
        Of each question of a quiz ("moodle", "canvas"), with data of their own.

    Raises
    ------
    HLMError
        When no question can stand in a quiz, or there are to be no variants.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if target in QUIZZES:
        return [_quiz(target, folder, questions, variants)]
    return TARGETS[target](folder, questions, secret)


# -- quizzes ---------------------------------------------------------------------------------------

QUIZZES = {
    "moodle": ("moodle-questions.xml", moodle_xml),
    "canvas": ("canvas-quiz.zip", canvas_zip),
}


def _quiz(target: str, folder: Path, questions, variants: int) -> Path:
    if variants < 1:
        raise HLMError(f"--variants {variants} is none. Give 1 or more.")
    items = [item for question in questions for item in quiz_items(question, variants)]
    if not items:
        raise HLMError("None of these can stand in a quiz: each asks for a widget's state.")
    name, write = QUIZZES[target]
    lessons = ", ".join(dict.fromkeys(question.lesson for question in questions))
    path = folder / name
    path.write_bytes(write(items, f"hlmteach {lessons}"))
    return path


# -- Gradescope ------------------------------------------------------------------------------------


def _gradescope(folder: Path, questions, secret: str) -> list[Path]:
    """An autograder zip: our package, what it needs, and which exercises to grade."""
    bank = next((Path(question.bank).name for question in questions if question.bank), "")
    asked = {"exercises": [q.id for q in questions], "secret": secret, "bank": bank}
    files = {"setup.sh": SETUP.encode(), "run_autograder": RUN.encode()}
    files["requirements.txt"] = "".join(f"{line}\n" for line in requirements()).encode()
    files["assignment.json"] = json.dumps(asked, indent=1).encode()
    files |= {inside: file.read_bytes() for file, inside in package_files()}
    files |= {f"bank/{name}": content for name, content in _beside(questions).items()}
    path = folder / "autograder.zip"
    path.write_bytes(zip_of(files, programs=("setup.sh", "run_autograder")))
    return [path, *_plain_notebook(folder, questions)]


def requirements() -> list[str]:
    """What hlmteach needs, and nbclient to run notebooks."""
    try:
        needed = requires("hlmteach") or []
    except PackageNotFoundError:  # run from a checkout that was not installed
        needed = ["numpy", "scipy", "pandas", "matplotlib", "ipywidgets", "anywidget"]
    return [*(line for line in needed if "extra ==" not in line), "nbclient>=0.10", "ipykernel"]


def _plain_notebook(folder: Path, questions) -> list[Path]:
    """What students get: the cards, one after another."""
    cells = [_code("who", WHO)]
    cells += [_code(f"q-{q.id}", f"ex = {q.opened}\nex") for q in questions]
    return [_write_notebook(folder / "exercises.ipynb", cells, questions)]


def _beside(questions) -> dict[str, bytes]:
    """The files of the banks that the questions come from."""
    files = {}
    for bank in {question.bank for question in questions} - {""}:
        files |= bank_folder(bank)
    return files


# -- nbgrader --------------------------------------------------------------------------------------


def _nbgrader(folder: Path, questions, _secret: str) -> list[Path]:
    """source/exercises/exercises.ipynb: an answer cell and a locked test for each exercise."""
    cells = [_code("who", WHO)]
    for question in questions:
        name = question.id
        show = f"ex = {question.opened}\nex"
        answer = f"{question.opened}.answer = None  # write yours"
        cells.append(_code(f"show-{name}", show, _nbgrader_marks(f"show-{name}")))
        cells.append(_markdown(f"text-{name}", _how(question)))
        cells.append(_code(f"answer-{name}", answer))
        marks = _nbgrader_marks(f"test-{name}", question.points)
        cells.append(_code(f"test-{name}", "\n".join(_test(question)), marks))
    where = folder / "source" / "exercises"
    where.mkdir(parents=True, exist_ok=True)
    return [_write_notebook(where / "exercises.ipynb", cells, questions)]


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


def _test(question: Question) -> list[str]:
    """Lines that fail with what is to be said to the student."""
    return [
        f"feedback = {question.opened}.check()",
        "assert feedback.is_done, feedback.text",
    ]


def _how(question: Question) -> str:
    return (
        f"**{question.id} · {question.title}.** Answer in the next cell: "
        f"`{question.opened}.answer = ...` ({question.kind.expected})."
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
        show = f"ex = {question.opened}\nex"
        answer = f"{question.opened}.answer = ..."
        cells += [
            _code(f"show-{question.id}", show),
            _markdown(f"text-{question.id}", _how(question)),
            _code(f"answer-{question.id}", answer),
            _code(f"check-{question.id}", f'grader.check("{name}")'),
        ]
        written.append(tests / f"{name}.py")
        written[-1].write_text(_otter_test(name, question), encoding="utf-8")
    return [*written, _write_notebook(folder / "exercises.ipynb", cells, questions)]


def _otter_test(name: str, question: Question) -> str:
    code = "\n".join(f">>> {line}" for line in ["import hlmteach as hlm", *_test(question)])
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


def _write_notebook(path: Path, cells: list[dict], questions) -> Path:
    """Write a notebook, and beside it the banks that it opens."""
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    book = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(book, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    lay_out(path.parent, _beside(questions))
    return path


Writer = Callable[[Path, list[Question], str], list[Path]]
TARGETS: dict[str, Writer] = {"gradescope": _gradescope, "nbgrader": _nbgrader, "otter": _otter}
