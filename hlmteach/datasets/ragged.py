"""Rows of a text file that have more fields, or fewer, than there are names."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from hlmteach.datasets.layout import Head, Row
from hlmteach.datasets.questions import OpenQuestionError, in_rows, listed


def check_widths(path: Path, body, head, width: int) -> tuple[int, list[str]]:
    """Refuse rows with more fields than names, say which have fewer; return the widest row's."""
    counts = np.array(_widths(body))
    odd = np.flatnonzero(counts != width)
    if not len(odd):
        return width, []
    rows = [body.row(at) for at in odd[:1000] if counts[at] > width]
    long = [row for row in rows if any(cell.strip() for cell in row.cells[width:])]
    if long:
        raise _long_row(path, head, width, long)
    named = _last_named(head, width)
    short = [body.numbers[at] for at in odd if counts[at] < named]
    note = f"Fewer fields than columns: {in_rows(short)}. What is not there is a gap."
    return max(width, int(counts.max())), [note] if short else []


def with_row_names(head: Head, body) -> Head:
    """Give the first column a place in a row of names that has one name less, as R writes it."""
    rows = body.rows(0, 200)
    fields = len(head.names[0].cells) if len(head.names) == 1 else 0
    shifted = fields and rows and all(len(row.cells) == fields + 1 for row in rows)
    if not shifted or not all(row.cells[-1].strip() for row in rows):
        return head
    row = head.names[0]
    note = f"Row {row.number} has one name less than the rows below: the first column has none."
    return replace(head, names=(Row(row.number, ["", *row.cells]),), notes=(*head.notes, note))


def _widths(body) -> list[int]:
    sep = body.sep
    if sep == " ":
        return [
            len(body.row(i).cells) if '"' in record else len(record.split())
            for i, record in enumerate(body.records)
        ]
    return [
        len(body.row(i).cells) if '"' in record else record.count(sep) + 1
        for i, record in enumerate(body.records)
    ]


def _last_named(head, width: int) -> int:
    cells = head.names[-1].cells if head.names else [""] * width
    return max((i + 1 for i, cell in enumerate(cells) if cell.strip()), default=width)


def _long_row(path: Path, head, width: int, long: list[Row]) -> OpenQuestionError:
    where = f"row {head.names[-1].number}" if head.names else "its first row"
    fields = len(long[0].cells)
    numbers = [row.number for row in long]
    return OpenQuestionError(
        f"{path.name!r} names {width} columns in {where}, but {in_rows(numbers)} "
        f"{'has' if len(long) == 1 else 'have'} {fields} fields: "
        f"{listed(map(repr, long[0].cells))}. A text that holds the separator must stand in "
        "quotes, and every column needs a name (in R: write.csv(data, file, row.names = FALSE)).",
        {"to leave such rows out": {"skip": numbers[:20]}},
        "; or mend the file",
    )
