"""A second table below the first: under the same names once more, or under others."""

from collections.abc import Callable, Sequence

import numpy as np

from hlmteach.datasets.layout import Head, Row, filled_cells, kind
from hlmteach.datasets.questions import OpenQuestionError, in_rows, listed

_MOST = 200  # blank rows behind which a second table is looked for


def names_again(names, rows: Sequence, row: Callable[[int], Row]) -> tuple[list[int], list[str]]:
    """Find the rows that repeat the names of the columns, as in files pasted together.

    `rows` are as `names` is, `row` splits one of them. A title right above goes with them.
    """
    same = [at for at, one in enumerate(rows) if one == names]
    titles = [at - 1 for at in same if at and _is_title(row(at - 1), row(at))]
    numbers = [row(at).number for at in same]
    note = f"{in_rows(numbers).capitalize()}: the names of the columns once more, left out."
    return [row(at).number for at in (*titles, *same)], [note] if same else []


def _is_title(row: Row, names: Row) -> bool:
    return filled_cells(row) == 1 < filled_cells(names)


def check_one_table(
    file: str, head: Head, numbers: Sequence[int], row: Callable[[int], Row]
) -> None:
    """Ask which is meant, where a row of other names follows a blank row.

    `numbers` are those of the rows of data in the file, `row` gives one by its place among them.

    Raises
    ------
    OpenQuestionError
        With the options that read the first table, and those that read the second.
    """
    starts = np.flatnonzero(np.diff(numbers) > 1) + 1 if head.names else []
    for start in starts[:_MOST]:
        at = int(start)
        if at + 1 < len(numbers) and _is_title(row(at), row(at + 1)):
            at += 1
        if at + 1 < len(numbers) and _names(row(at), row(at + 1)):
            raise _two_tables(file, row(at), {"foot": len(numbers) - int(start)})


def _names(row: Row, below: Row) -> bool:
    """Whether a row holds words only, and stands above numbers."""
    kinds = [kind(cell) for cell in row.cells]
    below_numbers = [
        k for k, cell in zip(kinds, below.cells, strict=False) if kind(cell) == "number"
    ]
    only_words = {*kinds} - {"blank"} == {"word"} and kinds.count("word") > 1
    return only_words and {*below_numbers} == {"word"}


def _two_tables(file: str, names: Row, first: dict) -> OpenQuestionError:
    words = [str(cell).strip() for cell in names.cells if kind(cell) != "blank"]
    return OpenQuestionError(
        f"{file!r} holds a second table below the first: row {names.number} names its columns "
        f"({listed(words, 3)}).",
        {"for the first table": first, "for the second": {"skip": names.number - 1}},
    )
