"""The two things that grading wants of a notebook: its code cells, and the answers saved in it.

Read with nothing but json: whatever else is in the file, or is not, does not matter.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from hlmteach.exercises.record import MIME, Record, latest, read_record

MOST_CELLS = 2000
HANDS_IN = re.compile(r"\.\s*answer\b|\.\s*(check|hand_in)\b|setattr")
CODE_ASIDE = re.compile(r"^ *(\w+|hlm\.exercise\([^)]*\))\.(answer *=|check *\()", re.MULTILINE)
MOST_CODE = 2_000_000  # characters


class NotANotebook(ValueError):  # noqa: N818 (it is what it says)
    """A file that is no notebook, with the reason."""


@dataclass(frozen=True)
class Handed:
    """What was read: the code cells in order, and the saved answers by exercise.

    `notes` say what a teacher should look at, such as answers in a cell that is not run.
    """

    cells: tuple[str, ...]
    saved: dict[str, Record]
    notes: tuple[str, ...] = ()

    @property
    def hands_in(self) -> bool:
        """Whether any code may hand in an answer; typed answers need no run."""
        return any(HANDS_IN.search(cell) for cell in self.cells)


def read_notebook(path: Path) -> Handed:
    """Read a notebook that anybody may have edited.

    Raises
    ------
    NotANotebook
        With the reason in a few words.
    """
    try:
        book = json.loads(path.read_bytes())
    except RecursionError:
        raise NotANotebook("nested too deeply") from None
    except ValueError:
        raise NotANotebook("not JSON") from None
    cells, notes = _cells(book)
    return Handed(tuple(_code(cells)), _saved(book, cells), (*notes, *_aside(cells)))


def _cells(book) -> tuple[list[dict], tuple[str, ...]]:
    """The cells; those of the old formats 2 and 3 lie in worksheets, and call their code input."""
    cells, notes = book.get("cells") if isinstance(book, dict) else None, ()
    if cells is None:
        sheets = _step(book, "worksheets")
        cells = [c for sheet in _list(sheets) for c in _list(_step(sheet, "cells"))] or None
        notes = ("an old notebook format: read, look at it",)
    if not isinstance(cells, list):
        raise NotANotebook("no notebook: it has no cells")
    return [cell for cell in cells if isinstance(cell, dict)], notes


def _list(values) -> list:
    return values if isinstance(values, list) else []


def _aside(cells: list[dict]):
    """Notes on answers in cells that are not code; their type may have been changed by a slip."""
    for number, cell in enumerate(cells, 1):
        if cell.get("cell_type") != "code" and CODE_ASIDE.search(_text(cell.get("source"))):
            yield f"an answer in cell {number} of the notebook, which is no code cell"


def _code(cells):
    total = 0
    for cell in cells:
        if cell.get("cell_type") == "code":
            text = _text(cell.get("source", cell.get("input")))
            total += len(text)
            if total > MOST_CODE:
                raise NotANotebook("more code than anybody writes")
            yield text


def _text(source) -> str:
    if isinstance(source, list):
        return "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""


def _saved(book: dict, cells: list[dict]) -> dict[str, Record]:
    """The answers in outputs and in the metadata; where they differ, the later one."""
    records = [data.get(MIME) for cell in cells for data in _outputs(cell)]
    answers = _step(_step(book.get("metadata"), "hlmteach"), "answers")
    records += list(answers.values()) if isinstance(answers, dict) else []
    return latest(record for record in map(read_record, records[-MOST_CELLS:]) if record)


def _outputs(cell: dict):
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else ():
        data = _step(output, "data")
        if isinstance(data, dict) and MIME in data:
            yield data


def _step(values, name: str):
    return values.get(name) if isinstance(values, dict) else None
