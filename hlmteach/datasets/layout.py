"""Where a table begins and ends among titles, comments, several rows of names, and sources."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from hlmteach.datasets.digits import is_numberlike, plain
from hlmteach.datasets.marks import MISSING, tidy
from hlmteach.datasets.questions import OpenQuestionError, in_rows, listed
from hlmteach.errors import DataError

_FOOT = re.compile(
    r"(source|sources|note|notes|n\.b\.|quelle|quellen|anmerkung|hinweis|remarque|fuente|"
    r"copyright|retrieved|last updated|stand)\b\s*[:.\-]|[©*†‡]|\(c\)",
    re.IGNORECASE,
)
_SUM = re.compile(
    r"((grand|column) )?(total|totals|sum|mean|average|median|sd|std\.? dev\.?|min|max|summe|"
    r"gesamt|gesamtsumme|insgesamt|mittelwert|durchschnitt|somme|moyenne|suma|media)\s*:?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Row:
    """One row: its number in the file, counted from 1, and its cells."""

    number: int
    cells: Sequence


@dataclass(frozen=True)
class Head:
    """Which rows name the columns, how many rows stand before the first of data, what was said."""

    names: tuple[Row, ...]
    first: int
    notes: tuple[str, ...] = ()


def kind(cell) -> str:
    """Tell a 'word', a 'number', a 'gap' (a mark of a missing value) and a 'blank' apart."""
    if cell is None or cell != cell:
        return "blank"
    return _kind_of_text(cell) if isinstance(cell, str) else "number"


@lru_cache(20_000)
def _kind_of_text(cell: str) -> str:
    word = tidy(cell)
    if not word:
        return "blank"
    if word in MISSING:
        return "gap"
    return "number" if is_numberlike(plain(word)) else "word"


def is_comment(row: Row, width: int) -> bool:
    """Whether a row is a note in the file's margin: '# made in 2024'."""
    first = _first_word(row)
    if not first.startswith("#") or first in MISSING:
        return False
    lonely = len(row.cells) < width or (filled_cells(row) == 1 and " " in first)
    spaced = first[1:2] in (" ", "#", "!")
    return lonely or (spaced and not any(kind(cell) == "number" for cell in row.cells))


def filled_cells(row: Row) -> int:
    """Count the cells that are not blank."""
    return sum(kind(cell) != "blank" for cell in row.cells)


# -- the head -------------------------------------------------------------------------------------


def find_head(file: str, rows: Sequence[Row], header=None, skipped: bool = False) -> Head:
    """Find the rows of names among the first rows of a file, no row of it blank.

    Parameters
    ----------
    header : int, list of int or False, optional
        The row or rows that hold the names, by their number in the file; False: none does.
    skipped : bool
        Whether it was said what stands above the names: then the first row holds them.

    Raises
    ------
    OpenQuestionError
        When two rows could be the names, or the first one holds numbers.
    """
    if header is False:
        return Head((), 0)
    if header is not None:
        return _said_head(file, rows, [header] if isinstance(header, int) else list(header))
    return Head((rows[0],), 1) if skipped else _guessed_head(file, rows)


def _said_head(file: str, rows: Sequence[Row], wanted: list[int]) -> Head:
    by_number = {row.number: i for i, row in enumerate(rows)}
    absent = [number for number in wanted if number not in by_number]
    if absent:
        raise DataError(
            f"header= names row {absent[0]} of {file!r}, which is blank or is not there. "
            f"Its first rows: {in_rows([row.number for row in rows])}."
        )
    return Head(tuple(rows[by_number[n]] for n in wanted), max(by_number[n] for n in wanted) + 1)


def _guessed_head(file: str, rows: Sequence[Row]) -> Head:
    # In a text file a title has fewer fields than the table below it.
    width = Counter(len(row.cells) for row in rows).most_common(1)[0][0]
    above = next(i for i in range(len(rows)) if _is_wide(rows[i : i + 2], width))
    head = _head_of_full_rows(file, rows[above:])
    titles = _titles(rows[:above]) if above and not head.notes else ()
    return replace(head, first=head.first + above, notes=(*titles, *head.notes))


def _is_wide(rows: Sequence[Row], width: int) -> bool:
    """Whether a row has the usual number of fields, or is a row of names that lacks one."""
    fields = len(rows[0].cells)
    if fields >= width or len(rows) < 2:
        return True
    words = {kind(cell) for cell in rows[0].cells} == {"word"}
    return fields == width - 1 and words and any(kind(c) == "number" for c in rows[1].cells)


def _head_of_full_rows(file: str, rows: Sequence[Row]) -> Head:
    numeric, filled = _numeric_columns(rows), _filled_columns(rows)
    start = next((i for i, row in enumerate(rows) if _is_data(row, numeric, filled)), None)
    if start is None or not numeric:
        at = next((i for i, row in enumerate(rows) if _names_all(row, filled)), 0)
        return Head((rows[at],), at + 1, _titles(rows[:at]))
    full = [i for i in range(start) if _names_all(rows[i], filled)]
    if not full:
        return _head_without_full_row(file, rows, start, filled)
    if len(full) > 1 and _both_could_be_names(rows[full[1]], numeric):
        raise _which_header(file, rows[full[0]], rows[full[1]])
    at = full[0]
    if at > 0 and filled_cells(rows[at - 1]) > 1 and _needs_the_row_above(rows, at, filled):
        return _joined(rows, (at - 1, at))
    return Head((rows[at],), at + 1, _titles(rows[:at]))


def _numeric_columns(rows: Sequence[Row]) -> set[int]:
    """The columns in which most cells of the lower half are numbers."""
    lower = rows[len(rows) // 2 :]
    numeric = set()
    for at in range(max(len(row.cells) for row in lower)):
        kinds = [kind(row.cells[at]) for row in lower if at < len(row.cells)]
        if kinds.count("number") > kinds.count("word"):
            numeric.add(at)
    return numeric


def _filled_columns(rows: Sequence[Row]) -> set[int]:
    lower = rows[len(rows) // 2 :]
    return {i for row in lower for i, cell in enumerate(row.cells) if kind(cell) != "blank"}


def _is_data(row: Row, numeric: set[int], filled: set[int]) -> bool:
    numbers = any(kind(cell) == "number" for i, cell in enumerate(row.cells) if i in numeric)
    return numbers and (filled_cells(row) > 1 or len(filled) == 1)


def _names_all(row: Row, filled: set[int]) -> bool:
    """Whether a row has a word for each column; the first may lack one, as that of row numbers."""
    named = {i for i, cell in enumerate(row.cells) if kind(cell) in ("word", "number")}
    return bool(named & filled) and filled - named <= {min(filled)}


def _repeats(row: Row) -> bool:
    names = [tidy(str(cell)) for cell in row.cells if kind(cell) != "blank"]
    return len(set(names)) < len(names)


def _needs_the_row_above(rows: Sequence[Row], at: int, filled: set[int]) -> bool:
    """Whether a row of names repeats one, or lacks the first, which stands in the row above."""
    first = min(filled)
    lacks = kind(rows[at].cells[first]) == "blank"
    above = rows[at - 1].cells
    return _repeats(rows[at]) or (lacks and first < len(above) and kind(above[first]) == "word")


def _both_could_be_names(second: Row, numeric: set[int]) -> bool:
    """Whether a second full row holds words in every one of several columns of numbers."""
    kinds = [kind(cell) for i, cell in enumerate(second.cells) if i in numeric]
    return len(kinds) > 1 and set(kinds) == {"word"}


def _head_without_full_row(file: str, rows: Sequence[Row], start: int, filled: set[int]) -> Head:
    """Names over two rows, each partly filled; or numbers for names, as years are."""
    above = filled_cells(rows[start - 1]) if start else 0
    if start > 1 and above > 1 and _names_all(_union(rows, start), filled):
        return _joined(rows, (start - 2, start - 1))
    if above > 1:
        return Head((rows[start - 1],), start, _titles(rows[: start - 1]))
    if _are_years(rows[start:]):
        return Head((rows[start],), start + 1, _titles(rows[:start]))
    raise _no_header(file, rows, start)


def _union(rows: Sequence[Row], start: int) -> Row:
    upper, lower = rows[start - 2].cells, rows[start - 1].cells
    pairs = zip(upper, lower, strict=False)
    return Row(0, [a if kind(b) == "blank" else b for a, b in pairs])


def _are_years(rows: Sequence[Row]) -> bool:
    """Whether the numbers of the first row are years that name columns, and none stands below."""
    at = [i for i, cell in enumerate(rows[0].cells) if kind(cell) == "number"]
    below = [row.cells[i] for row in rows[1:] for i in at if i < len(row.cells)]
    names = [str(rows[0].cells[i]) for i in at]
    return (
        all(map(_is_year, names))
        and len(set(names)) == len(names) > 0
        and not any(_is_year(str(cell)) for cell in below)
    )


def _is_year(text: str) -> bool:
    return bool(re.fullmatch(r"\s*(19|20)\d\d(\.0)?\s*", text))


def _joined(rows: Sequence[Row], at: tuple[int, int]) -> Head:
    upper, lower = rows[at[0]], rows[at[1]]
    note = f"The names in rows {upper.number} and {lower.number} were joined."
    return Head((upper, lower), at[1] + 1, (*_titles(rows[: at[0]]), note))


def _titles(rows: Sequence[Row]) -> tuple[str, ...]:
    if not rows:
        return ()
    where = in_rows([row.number for row in rows])
    return (f"Above the names of the columns, {where} left out: {_some(rows[0])}.",)


def _some(row: Row) -> str:
    text = listed((tidy(str(cell)) for cell in row.cells if kind(cell) != "blank"), 3)
    return repr(text if len(text) <= 60 else f"{text[:57]}...")


# -- the foot -------------------------------------------------------------------------------------


def find_foot(rows: Sequence[Row], width: int) -> tuple[int, list[str]]:
    """Count the last rows that are no data: sources, notes, totals; no row of them blank."""
    numeric, count = _numeric_columns(rows) if rows else set(), 0
    while count < len(rows) - 1 and _is_foot(rows, len(rows) - 1 - count, numeric, width):
        count += 1
    if not count:
        return 0, []
    left_out = rows[-count:]
    where = in_rows([row.number for row in left_out])
    return count, [f"Below the table, {where} left out: {_some(left_out[0])}."]


def _is_foot(rows: Sequence[Row], at: int, numeric: set[int], width: int) -> bool:
    row, first = rows[at], _first_word(rows[at])
    if is_comment(row, width) or (
        _FOOT.match(first) and (":" in first or not _has_numbers(row, numeric))
    ):
        return not any(map(_FOOT.match, map(_first_word, rows[: at // 2])))
    if _SUM.fullmatch(first):
        return not any(tidy(str(c)) == first for other in rows[:at] for c in other.cells)
    alone = filled_cells(row) == 1 and width > 1 and kind(first) == "word"
    apart = row.number > rows[at - 1].number + 1 or len(row.cells) == 1
    return alone and (apart or len(first) > 40)


def _first_word(row: Row) -> str:
    return next((tidy(str(cell)) for cell in row.cells if kind(cell) != "blank"), "")


def _has_numbers(row: Row, numeric: set[int]) -> bool:
    return any(kind(cell) == "number" for i, cell in enumerate(row.cells) if i in numeric)


# -- the questions --------------------------------------------------------------------------------


def _which_header(file: str, first: Row, second: Row) -> OpenQuestionError:
    a, b = first.number, second.number
    return OpenQuestionError(
        f"Rows {a} and {b} of {file!r} both hold words above columns of numbers: {_some(first)} "
        f"and {_some(second)}. Which of them holds the names of the columns?",
        {
            f"if row {a} does, and row {b} is no data": {"header": a, "skip": [b]},
            f"if row {b} does": {"header": b},
            "if both do": {"header": [a, b]},
        },
    )


def _no_header(file: str, rows: Sequence[Row], start: int) -> OpenQuestionError:
    row = rows[start]
    return OpenQuestionError(
        f"The first row of {file!r} that could name the columns, row {row.number}, holds numbers "
        f"({_some(row)}).",
        {
            "if they are the names": {"header": row.number},
            "if the table has no names (its columns are then V1, V2, ...)": {"header": False},
        },
        "; or write a row of names above the numbers",
    )
