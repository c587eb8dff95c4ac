"""From cells as a reader gives them to columns: numbers, words, gaps, and what is said of them."""

from dataclasses import replace

import numpy as np
import pandas as pd

from hlmteach.datasets.advice import did_you_mean
from hlmteach.datasets.calendar import dates_as_numbers
from hlmteach.datasets.cells import Reading, is_text, number_words, settle
from hlmteach.datasets.decimals import decimal_sign, doubtful, proven_point
from hlmteach.datasets.delimited import TextTable
from hlmteach.datasets.digits import Signs, signs_of
from hlmteach.datasets.doubts import (
    codes_as_numbers,
    codes_for_gaps,
    days_as_decimals,
    is_long,
    long_codes,
    may_have_codes,
    numeric_columns,
)
from hlmteach.datasets.options import Options
from hlmteach.errors import DataError

_SAMPLE = 5000


def text_columns(table: TextTable, options: Options) -> tuple[pd.DataFrame, dict, list[str]]:
    """Read the cells of a text file; return columns, how they were read, and what is said."""
    file, words = table.path.name, [name for name in options.text if name in table.names]
    decimal = options.said_decimal
    data = table.parse(decimal or ".", options, words)
    reading = Reading(
        file=file,
        missing=options.missing,
        text=options.text,
        row=lambda position: table.lines.numbers[position],
    )
    if decimal is None:
        signs = {name: _signs(data[name], name, reading) for name in data if name not in words}
        signs |= _doubtful_signs(table, data, options)
        decimal = decimal_sign(file, signs)
        if decimal == ",":
            data = table.parse(",", options, words)
    words = [name for name in data if is_text(data[name])]
    data, notes = settled(data, replace(reading, decimal=decimal))
    numbers = [name for name in words if pd.api.types.is_numeric_dtype(data[name])]
    data, more = _with_codes(table, data, options)
    return data, {"decimal": decimal, "converted": numbers}, [*notes, *more]


def _with_codes(
    table: TextTable, data: pd.DataFrame, options: Options
) -> tuple[pd.DataFrame, list[str]]:
    """Numbers that may be none: too long for one, or written as 007, 1E5 or 01.02."""
    numbers = numeric_columns(data)
    whole = [name for name in numbers if _is_whole(data[name])]
    long = [name for name in whole if is_long(data[name])]
    coded = may_have_codes(table.lines.records, table.lines.sep)
    asked = numbers if coded else long
    if not asked:
        return data, []
    raw = table.parse(".", options, asked)
    notes = [long_codes(name) for name in long]
    for name in asked:
        said = codes_as_numbers if name in whole else days_as_decimals
        notes += [] if name in long else said(name, raw[name].dropna().unique())
    return data.assign(**raw[long]), notes


def _is_whole(column: pd.Series) -> bool:
    if column.dtype.kind in "iu":
        return True
    values = column.to_numpy(float, na_value=np.nan)
    return bool(((values % 1 == 0) | np.isnan(values)).all())


def _signs(column: pd.Series, name: str, reading: Reading) -> Signs:
    """What a column of text proves; a sample of it, where that is enough."""
    if not is_text(column):
        return Signs()
    words = number_words(name, column, reading, _SAMPLE)
    signs = signs_of(words)
    if signs.point or signs.comma or len(words) < _SAMPLE:
        return signs
    return signs_of(number_words(name, column, reading, len(column)))


def _doubtful_signs(table: TextTable, data: pd.DataFrame, options: Options) -> dict[str, Signs]:
    """What columns that read as floats prove; those that may be thousands are read again."""
    floats = [name for name in data if pd.api.types.is_float_dtype(data[name])]
    open_ones = [name for name in floats if doubtful(data[name])]
    sure = [name for name in floats if name not in open_ones]
    if open_ones and not any(".000" in record for record in table.lines.records):
        open_ones = [name for name in open_ones if (data[name].dropna() % 1 != 0).any()]
    raw = table.parse(".", options, open_ones) if open_ones else data
    again = {n: signs_of(raw[n].dropna().str.strip().unique()) for n in open_ones}
    return {name: Signs(point=proven_point(data[name])) for name in sure} | again


def settled(data: pd.DataFrame, reading: Reading) -> tuple[pd.DataFrame, list[str]]:
    """Settle every column of text; see `cells.settle`."""
    notes: list[str] = []
    columns = {}
    for name in data.columns:
        if is_text(data[name]):
            columns[name], said = settle(name, data[name], reading)
            notes += said
    return data.assign(**columns), notes


def finished(file: str, data: pd.DataFrame, options: Options) -> tuple[pd.DataFrame, list[str]]:
    """Apply what was said of every kind of file: gaps, columns of words, cells to fill."""
    _check_columns(file, data, options)
    if data.empty:
        raise DataError(f"{file!r} was read, but its table has no rows.")
    codes = [mark for mark in options.missing if not isinstance(mark, str)]
    codes += [float(mark) for mark in options.missing if isinstance(mark, str) and _is_code(mark)]
    for name in numeric_columns(data) if codes else []:
        data[name] = data[name].mask(data[name].isin(codes))
    for name in options.fill:
        data[name] = data[name].ffill()
    return data, [*_blocks(data), *codes_for_gaps(data), *dates_as_numbers(data)]


def _is_code(mark: str) -> bool:
    try:
        float(mark)
    except ValueError:
        return False
    return True


def _check_columns(file: str, data: pd.DataFrame, options: Options) -> None:
    for option in ("text", "fill"):
        for name in getattr(options, option):
            if name not in data.columns:
                hint = did_you_mean(name, list(data.columns))
                raise DataError(
                    f"{option}= names {name!r}, but {file!r} has no such column.{hint} "
                    f"Its columns: {', '.join(data.columns)}."
                )


def _blocks(data: pd.DataFrame) -> list[str]:
    """Name columns that stand in the first row of each block only, as merged cells leave them."""
    names = [name for name in data if _starts_blocks(data[name])]
    return [
        f"Column {name!r} is filled in the first row of each block only: "
        f"{int(data[name].isna().sum()):,} gaps. If a gap repeats the cell above it, "
        f'say fill=["{name}"].'
        for name in names
    ]


def _starts_blocks(column: pd.Series) -> bool:
    if not is_text(column) or pd.isna(column.iloc[0]):
        return False
    there = column.dropna()
    return 2 <= len(there) <= len(column) / 2 and bool(there.is_unique)
