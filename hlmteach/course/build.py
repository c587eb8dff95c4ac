"""Source to notebook: the same source gives the same bytes, on every machine."""

import hashlib
import json
from pathlib import Path

from hlmteach.course.source import Cell, find_sources, read_lesson

# Folded away when the notebook opens; a click unfolds them.
FOLDED_INPUT = {"check", "solution", "remove-input"}
FOLDED_OUTPUT = {"solution"}

# JupyterLab shows a folded cell's first line: it says what the cell is.
FIRST_LINE = {
    "check": "# A check: these are the numbers that the text states.",
    "solution": "# A worked answer.",
}

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def build_lessons(folder):
    """Write the notebook of every source in `folder`/source to `folder`; return their paths."""
    return [_write(Path(folder), read_lesson(path)) for path in find_sources(folder)]


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
        Header first, no outputs; a cell's id depends on the lesson and on the cell's own text, so
        that it survives cells that come and go around it.
    """
    cells = (header(lesson), *lesson.cells)
    ids = _cell_ids(lesson.number, cells)
    return {
        "cells": [_cell_dict(cell, name) for cell, name in zip(cells, ids, strict=True)],
        "metadata": METADATA,
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def header(lesson):
    """Return the first cell: title, reading time, question and goals."""
    lines = [f"# {lesson.number} · {lesson.title}", "", f"*About {lesson.minutes} minutes.*", ""]
    if lesson.question:
        lines += [f"> {lesson.question}", ""]
    lines += ["**After this lesson you can**", ""]
    return Cell("markdown", "\n".join(lines + [f"- {goal}" for goal in lesson.goals]))


def _write(folder, lesson):
    path = folder / f"{lesson.name}.ipynb"
    path.write_bytes(notebook_bytes(lesson))
    return path


def _cell_ids(number, cells):
    seen = {}
    for cell in cells:
        digest = hashlib.sha256(f"{cell.kind}\n{cell.text}".encode()).hexdigest()[:10]
        seen[digest] = count = seen.get(digest, 0) + 1
        yield f"{number}-{digest}" if count == 1 else f"{number}-{digest}-{count}"


def _cell_dict(cell, name):
    made = {
        "cell_type": cell.kind,
        "id": name,
        "metadata": _metadata(cell.tags),
        "source": _text(cell).splitlines(keepends=True),
    }
    if cell.kind == "code":
        made |= {"execution_count": None, "outputs": []}
    return made


def _text(cell):
    labels = [line for tag, line in FIRST_LINE.items() if tag in cell.tags]
    return "\n".join([*labels, cell.text])


def _metadata(tags):
    made = {"tags": sorted(tags)} if tags else {}
    folds = {"source_hidden": tags & FOLDED_INPUT, "outputs_hidden": tags & FOLDED_OUTPUT}
    if any(folds.values()):
        made["jupyter"] = {key: True for key, fold in folds.items() if fold}
    return made
