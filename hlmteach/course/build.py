"""Source to notebook: the same source gives the same bytes, on every machine."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

from hlmteach.course.source import Cell, find_sources, read_lesson
from hlmteach.course.terms import with_meanings

# Folded away when the notebook opens; a click unfolds them.
FOLDED_INPUT = {"check", "solution", "curious", "remove-input"}
FOLDED_OUTPUT = {"solution", "curious"}

# JupyterLab shows a folded cell's first line: it says what the cell is.
FIRST_LINE = {"solution": "# A worked answer.", "curious": "# For the curious."}

EXERCISE = 4  # minutes, estimated: see length.py

FOOTER = (
    "---\n\n*Where the data come from:* the survey `HLM` is synthetic, calibrated to a published "
    "tutorial's printed results. Nobody gave these answers, and they say nothing about people. "
    "`help(hlm.load)` names the source of every data set."
)

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def build_lessons(folder):
    """Write the notebook of every source in `folder`/source to `folder`; return their paths."""
    return [
        _write(Path(folder), read_lesson(path).without_checks()) for path in find_sources(folder)
    ]


def notebook_bytes(lesson):
    """Return the notebook of a lesson as the bytes of its .ipynb file."""
    text = json.dumps(notebook(lesson), indent=1, ensure_ascii=False, sort_keys=True)
    return (text + "\n").encode("utf-8")


def notebook(lesson):
    """Return the notebook of a lesson in Jupyter's format 4.5, as plain dicts and lists.

    Parameters
    ----------
    lesson : Lesson

    Returns
    -------
    dict
        Header first, where the data come from last, no outputs; a cell's id depends on the lesson
        and on the cell's own text, so that it survives cells that come and go around it.
    """
    cells = (header(lesson), *_explained(lesson), Cell("markdown", FOOTER))
    ids = _cell_ids(lesson.number, cells)
    return {
        "cells": [_cell_dict(cell, name) for cell, name in zip(cells, ids, strict=True)],
        "metadata": METADATA | {"hlmteach": {"edition": _edition(cells)}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def header(lesson):
    """Return the first cell: title, minutes, question and goals."""
    lines = [f"# {lesson.number} · {lesson.title}", "", f"*About {_minutes(lesson)}.*", ""]
    if lesson.question:
        lines += [f"> {lesson.question}", ""]
    lines += ["**After this lesson you can**", ""]
    return Cell("markdown", "\n".join(lines + [f"- {goal}" for goal in lesson.goals]))


def _minutes(lesson):
    asked = sum("hlm.exercise(" in cell.text for cell in lesson.cells if cell.kind == "code")
    if not asked:
        return f"{lesson.minutes} minutes"
    share = 5 * round(EXERCISE * asked / 5)  # stated to five, as the whole is
    return f"{lesson.minutes} minutes, {share} of them for the exercise{'s' if asked > 1 else ''}"


def _explained(lesson):
    """The cells; each word that the lesson brings in carries its meaning where it first stands."""
    prose = [cell.text if cell.kind == "markdown" else "" for cell in lesson.cells]
    texts = with_meanings(prose, lesson.terms)
    for cell, text in zip(lesson.cells, texts, strict=True):
        yield replace(cell, text=text) if text else cell


def _write(folder, lesson):
    path = folder / f"{lesson.name}.ipynb"
    path.write_bytes(notebook_bytes(lesson))
    return path


def _cell_ids(number, cells):
    counts = {}
    for cell in cells:
        digest = hashlib.sha256(f"{cell.kind}\n{cell.text}".encode()).hexdigest()[:10]
        counts[digest] = count = counts.get(digest, 0) + 1
        yield f"{number}-{digest}" if count == 1 else f"{number}-{digest}-{count}"


def _edition(cells):
    """Name this version of a lesson, so that a student's copy can be told from a newer one."""
    text = "\0".join(f"{cell.kind} {cell.text}" for cell in cells)
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def _cell_dict(cell, name):
    built = {
        "cell_type": cell.kind,
        "id": name,
        "metadata": _metadata(cell.tags),
        "source": _text(cell).splitlines(keepends=True),
    }
    if cell.kind == "code":
        built |= {"execution_count": None, "outputs": []}
    return built


def _text(cell):
    labels = [line for tag, line in FIRST_LINE.items() if tag in cell.tags]
    return "\n".join([*labels, cell.text])


def _metadata(tags):
    built = {"tags": sorted(tags)} if tags else {}
    folds = {"source_hidden": tags & FOLDED_INPUT, "outputs_hidden": tags & FOLDED_OUTPUT}
    if any(folds.values()):
        built["jupyter"] = {key: True for key, fold in folds.items() if fold}
    return built
