"""Excel files: the sheet, merged cells, formulas without results, cells of several types."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import numpy as np
import pandas as pd

from hlmteach.datasets.advice import broken_file, missing_package
from hlmteach.datasets.cells import Reading, is_text, number_words
from hlmteach.datasets.decimals import decimal_sign
from hlmteach.datasets.digits import signs_of
from hlmteach.datasets.doubts import side_by_side
from hlmteach.datasets.finish import settled
from hlmteach.datasets.layout import Head, Row, find_foot, find_head, is_comment, kind
from hlmteach.datasets.names import nameless_of, names_of
from hlmteach.datasets.options import Options
from hlmteach.datasets.questions import in_rows, listed
from hlmteach.datasets.stacked import check_one_table, names_again
from hlmteach.errors import DataError


@dataclass(frozen=True)
class Sheet:
    """The rows of a sheet that are not blank, with merged cells as they are, and what was said."""

    name: str
    rows: list[Row]
    merged: list
    notes: list[str]
    others: list[str]


def read_workbook(path: Path, options: Options) -> tuple[pd.DataFrame, list[str], dict]:
    """Read one sheet of an existing .xlsx or .xlsm; return columns, notes, and how it was read."""
    sheet = _read_sheet(path, options)
    rows = [row for row in sheet.rows if row.number not in options.left_out]
    width = max((len(row.cells) for row in rows), default=0)
    comments = [
        r.number for r in rows if is_comment(r, width) and r.number not in options.header_rows
    ]
    rows = [row for row in rows if row.number not in comments]
    if not rows:
        raise DataError(f"Sheet {sheet.name!r} of {path.name!r} is empty.")
    head = find_head(path.name, rows, options.header, options.skips_to_names)
    body = rows[head.first :]
    names = head.names[0].cells if len(head.names) == 1 else ()
    again, again_notes = names_again(names, [row.cells for row in body], body.__getitem__)
    body = [row for row in body if row.number not in again]
    if options.foot is None:
        check_one_table(path.name, head, [row.number for row in body], body.__getitem__)
    body, foot_notes = _without_foot(body, width, options)
    if not body:
        raise DataError(
            f"Sheet {sheet.name!r} of {path.name!r} has names of columns and no rows below."
        )
    names, name_notes = names_of(head, width)
    body, merged = _filled_down(body, sheet.merged, names)
    notes = [
        *sheet.notes,
        *_comment_note(comments),
        *head.notes,
        *name_notes,
        *again_notes,
        *foot_notes,
        *_merged_note(merged),
    ]
    data, converted, more = _columns(path, names, body, options, head)
    how = {
        "sheet": sheet.name,
        "sheets": sheet.others,
        "header": [row.number for row in head.names],
        "rows": _span(head, body),
        "left_out": _left_out(head, body, {*again, *comments, *options.left_out}),
        "filled": [*merged, *options.fill],
        "converted": converted,
        "names": names,
    }
    return data, [*notes, *more], how


def _span(head: Head, body: list[Row]) -> int:
    """Count the rows of the sheet from the first of data to the last, blank ones too."""
    return body[-1].number - (head.names[-1].number if head.names else 0)


def _left_out(head: Head, body: list[Row], rows: set[int]) -> list[int]:
    """The rows below the names and above the last that are no data, counted from the names."""
    above = head.names[-1].number if head.names else 0
    return sorted(n - above for n in rows if above < n < body[-1].number)


def _comment_note(rows: list[int]) -> list[str]:
    return [f"Comments that begin with # were left out: {in_rows(rows)}."] if rows else []


def _without_foot(rows: list[Row], width: int, options: Options) -> tuple[list[Row], list[str]]:
    foot, notes = (options.foot, []) if options.foot is not None else find_foot(rows, width)
    return rows[: max(0, len(rows) - foot)], notes


# -- the sheet ------------------------------------------------------------------------------------


def _read_sheet(path: Path, options: Options) -> Sheet:
    try:
        import openpyxl
    except ImportError as error:
        raise missing_package(path, "openpyxl") from error
    _check_kind(path)
    try:
        book = openpyxl.load_workbook(path, data_only=True)
    except (OSError, KeyError, BadZipFile, openpyxl.utils.exceptions.InvalidFileException) as error:
        raise broken_file(path, "an Excel file", error) from error
    sheet, notes = _choose(path, book, options.sheet)
    return Sheet(
        name=sheet.title,
        rows=_rows(sheet),
        merged=list(sheet.merged_cells.ranges),
        notes=[*notes, *_without_results(path, sheet), *_hidden(sheet, options.left_out)],
        others=[other.title for other in book.worksheets],
    )


def _check_kind(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise DataError(
            f"{path.name!r} is protected by a password, or is an old .xls file under this name. "
            "Open it in Excel or LibreOffice and save it as .xlsx without a password."
        )


def _rows(sheet) -> list[Row]:
    rows = (Row(at, cells) for at, cells in enumerate(sheet.iter_rows(values_only=True), 1))
    return [row for row in rows if any(kind(cell) != "blank" for cell in row.cells)]


def _choose(path: Path, book, wanted: str | int | None) -> tuple[object, list[str]]:
    names = [sheet.title for sheet in book.worksheets]
    if wanted is None:
        return _first_filled(path, book)
    if wanted in names:
        return book[wanted], []
    if isinstance(wanted, int) and not isinstance(wanted, bool) and 0 <= wanted < len(names):
        return book.worksheets[wanted], []
    raise DataError(f"{path.name!r} has no sheet {wanted!r}. Its sheets: {', '.join(names)}.")


def _first_filled(path: Path, book) -> tuple[object, list[str]]:
    filled = [sheet for sheet in book.worksheets if any(map(any, _peek(sheet)))]
    filled.sort(key=lambda sheet: sheet.sheet_state != "visible")
    if not filled:
        raise DataError(f"{path.name!r} holds nothing: its sheets are empty.")
    if len(filled) == 1:
        return filled[0], []
    others = listed(repr(sheet.title) for sheet in filled[1:])
    return filled[0], [
        f"Sheet {filled[0].title!r} was read. There are others, for sheet=: {others}."
    ]


def _peek(sheet):
    """Whether each cell of a sheet holds something."""
    return ((cell is not None for cell in row) for row in sheet.iter_rows(values_only=True))


def _hidden(sheet, left_out: set[int]) -> list[str]:
    """Name the rows that a filter of Excel hides: they are read."""
    hidden = [n for n, row in sheet.row_dimensions.items() if row.hidden and n <= sheet.max_row]
    rows = [n for n in hidden if n not in left_out]
    if not rows:
        return []
    return [
        f"Hidden in Excel, by a filter perhaps, and read: {in_rows(rows)}. Leave rows out by "
        f"skip={rows[:20]}."
    ]


def _without_results(path: Path, sheet) -> list[str]:
    """Name formulas whose results are not stored: a program wrote them, and no Excel saved them."""
    import openpyxl

    with ZipFile(path) as parts:
        sheets = [name for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
        if not any(b"<f" in parts.read(name) for name in sheets):
            return []
    formulas = openpyxl.load_workbook(path)[sheet.title]
    empty = [
        cell.coordinate
        for row in formulas.iter_rows()
        for cell in row
        if cell.data_type == "f" and sheet[cell.coordinate].value is None
    ]
    if not empty:
        return []
    return [
        f"Formulas whose results are not stored are gaps: {listed(empty)}. Open the file in Excel "
        "and save it."
    ]


# -- cells ----------------------------------------------------------------------------------------


def _filled_down(rows: list[Row], merged: list, names: list[str]) -> tuple[list[Row], list[str]]:
    """Repeat the value of merged cells in each row that they cover; and the columns of those."""
    by_number = {row.number: list(row.cells) for row in rows}
    done = set()
    for block in merged:
        first = by_number.get(block.min_row)
        covered = [n for n in range(block.min_row + 1, block.max_row + 1) if n in by_number]
        if first is None or not covered:
            continue
        at = block.min_col - 1
        for number in covered:
            by_number[number][at] = first[at]
        done.add(names[at])
    return [Row(number, cells) for number, cells in by_number.items()], sorted(done)


def _merged_note(names: list[str]) -> list[str]:
    return [f"Merged cells were filled down in {listed(map(repr, names))}."] if names else []


def _columns(
    path: Path, names: list[str], rows: Sequence[Row], options: Options, head: Head
) -> tuple[pd.DataFrame, list[str], list[str]]:
    data = pd.DataFrame(
        {name: _column([row.cells[at] for row in rows]) for at, name in enumerate(names)}
    )
    empty = [name for name in nameless_of(head, names) if data[name].isna().all()]
    data, said = _lengths_of_time(data.drop(columns=empty))
    reading = Reading(
        file=path.name,
        missing=options.missing,
        text=options.text,
        row=lambda position: rows[position].number,
        typed=options.said_decimal is None,
    )
    decimal = options.said_decimal or _decimal(data, reading)
    words = [n for n in data if any(isinstance(cell, str) for cell in data[n])]
    data, notes = settled(data, replace(reading, decimal=decimal))
    converted = [name for name in words if pd.api.types.is_numeric_dtype(data[name])]
    return data, converted, [*side_by_side(names, empty), *said, *notes]


def _column(cells: list) -> pd.Series:
    return pd.Series([_value(cell) for cell in cells], dtype=object)


def _value(cell):
    """Whole numbers are stored as 2.0 by some programs."""
    if kind(cell) == "blank":
        return np.nan
    return int(cell) if type(cell) is float and cell.is_integer() else cell


def _decimal(data: pd.DataFrame, reading: Reading) -> str:
    """Ask the texts that stand among numbers for their decimal sign."""
    mixed = [n for n in data if is_text(data[n]) and not _all_text(data[n])]
    words = {name: number_words(name, data[name], reading, len(data)) for name in mixed}
    return decimal_sign(reading.file, {n: signs_of(w) for n, w in words.items() if w})


def _all_text(column: pd.Series) -> bool:
    return all(isinstance(cell, str) for cell in column.dropna())


def _lengths_of_time(data: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Turn Excel's [h]:mm into seconds."""
    names = [n for n in data if any(isinstance(cell, dt.timedelta) for cell in data[n])]
    seconds = {
        n: data[n].map(lambda c: c.total_seconds() if isinstance(c, dt.timedelta) else c)
        for n in names
    }
    return data.assign(**seconds), [f"Column {n!r} is a length of time, in seconds." for n in names]
