"""The two things that grading wants of a notebook: its code cells, and the answers saved in it.

Read with nothing but json: whatever else is in the file, or is not, does not matter.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from hlmteach.exercises.record import MIME, Record, latest, read_record

MOST_CELLS = 2000
MOST_CODE = 2_000_000  # characters


class NotANotebook(ValueError):  # noqa: N818 (it is what it says)
    """A file that is no notebook, with the reason."""


@dataclass(frozen=True)
class Handed:
    """What was read: the code cells in order, and the saved answers by exercise."""

    cells: tuple[str, ...]
    saved: dict[str, Record]


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
    cells = book.get("cells") if isinstance(book, dict) else None
    if not isinstance(cells, list):
        raise NotANotebook("no notebook: it has no cells")
    cells = [cell for cell in cells if isinstance(cell, dict)]
    return Handed(tuple(_code(cells)), _saved(book, cells))


def _code(cells):
    total = 0
    for cell in cells:
        if cell.get("cell_type") == "code":
            text = _text(cell.get("source"))
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
    found = [data.get(MIME) for cell in cells for data in _outputs(cell)]
    answers = _step(_step(book.get("metadata"), "hlmteach"), "answers")
    found += list(answers.values()) if isinstance(answers, dict) else []
    return latest(record for record in map(read_record, found[-MOST_CELLS:]) if record)


def _outputs(cell: dict):
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else ():
        data = _step(output, "data")
        if isinstance(data, dict) and MIME in data:
            yield data


def _step(values, name: str):
    return values.get(name) if isinstance(values, dict) else None
