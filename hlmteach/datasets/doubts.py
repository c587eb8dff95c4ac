"""What can be read and may still not be what was meant: each is said, with what to do."""

import re

import numpy as np
import pandas as pd

from hlmteach.datasets.questions import code_of, in_rows, listed

_CODE = re.compile(r"0\d+|\d+[eE]\d+")  # 007 and 1E5 are numbers, and may be codes
_DAY_MONTH = re.compile(r"(0[1-9]|[12]\d|3[01])\.(0[1-9]|1[0-2])")
EXACT = 2**53  # whole numbers beyond are not all kept apart as float64
_EDGE = 1000  # records at either end that tell whether a long file holds codes such as 007
_GAPS = {int(digit * times) for digit in "789" for times in (2, 3, 4)}
_GAPS |= {-code for code in (7, 8, 9, *_GAPS)}
_SUM = re.compile(
    r"(grand |sub-?)?(total|totals|sum|sums|mean|average|summe|gesamt|gesamtsumme|zwischensumme|"
    r"insgesamt|mittelwert|durchschnitt|somme|moyenne|suma|somma|media)\s*:?",
    re.IGNORECASE,
)


# -- rows and columns -----------------------------------------------------------------------------


def side_by_side(names: list[str], empty: list[str]) -> list[str]:
    """Name an empty column without a name that stands between others: two tables, perhaps."""
    inner = [at for at, name in enumerate(names) if name in empty and 1 < at < len(names) - 2]
    if not inner:
        return []
    left = names[: inner[0]]
    return [
        f"Column {inner[0] + 1} is empty. Where two tables stand side by side, a row is not one "
        f"case: take one of them, as in data[{left}]."
    ]


# -- numbers --------------------------------------------------------------------------------------


def may_have_codes(records: list[str], sep: str) -> bool:
    """Whether a field near either end of a text is written as 007 or 1E5 are."""
    edges = "\n".join([*records[:_EDGE], *records[_EDGE:][-_EDGE:]])
    return (
        re.search(rf'(?:^|{re.escape(sep)}) *"?(?:0\d|\d+[eE]\d)', edges, re.MULTILINE) is not None
    )


def codes_as_numbers(name: str, words) -> list[str]:
    """Say that 007, or 1E5, among a column's distinct texts, became a number: a code perhaps."""
    words = {word.strip() for word in words}
    coded = sorted(filter(_CODE.fullmatch, words))
    if not coded:
        return []
    alike: dict[str, list[str]] = {}
    for word in sorted(words):
        alike.setdefault(_bare(word), []).append(word)
    word = next((word for word in coded if len(alike[_bare(word)]) > 1), coded[0])
    other = next((one for one in alike[_bare(word)] if one != word), None)
    one = f", as {other!r} was: they are one here" if other else ""
    return [
        f"Column {name!r}: {word!r} was read as the number {_bare(word)}{one}. If these are codes, "
        f"say {code_of({'text': [name]})}."
    ]


def _bare(word: str) -> str:
    """A whole number without zeros in front and without a power of ten."""
    digits, _, power = word.lower().partition("e")
    zeros = "0" * int(power) if power.isdecimal() and len(power) < 3 else power
    return (digits + zeros).lstrip("0") or "0"


def days_as_decimals(name: str, words) -> list[str]:
    """Say that days and months such as 01.02 became decimals."""
    words = [word.strip() for word in words]
    if len(words) < 2 or not all(map(_DAY_MONTH.fullmatch, words)):
        return []
    return [
        f"Column {name!r}: {words[0]!r} was read as the number {float(words[0]):g}. If that is a "
        f"day and a month, say {code_of({'text': [name]})}."
    ]


def numeric_columns(data: pd.DataFrame) -> list[str]:
    """The columns of numbers, True and False not among them."""
    return [
        name
        for name, kind in zip(data, data.dtypes, strict=True)
        if pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind)
    ]


def is_long(column: pd.Series) -> bool:
    """Whether floats are whole numbers of which some are no longer apart."""
    return bool(column.dtype.kind == "f" and column.abs().max() > EXACT)


def long_codes(name: str) -> str:
    """Say that whole numbers too long to be told apart as numbers stay words."""
    return f"Column {name!r} holds numbers of more than 15 digits: codes, which stay words."


def codes_for_gaps(data: pd.DataFrame) -> list[str]:
    """Name a number such as -99 or 999 that stands far from all others of its column."""
    return [note for name in numeric_columns(data) for note in _far_codes(data[name])]


def _far_codes(column: pd.Series) -> list[str]:
    values = column.to_numpy(float, na_value=np.nan)
    ends = np.fmin.reduce(values), np.fmax.reduce(values)
    if not _GAPS & {*ends}:
        return []
    distinct = np.unique(values[np.isfinite(values)])
    others = np.array([value for value in distinct if value not in _GAPS])
    if len(others) < 2:
        return []
    codes = [int(value) for value in distinct if value in _GAPS and _is_far(value, others)]
    if not codes:
        return []
    count = int(np.isin(values, codes).sum())
    return [
        f"Column {column.name!r} holds {listed(codes)} in {count:,} row{'s' * (count > 1)}, and "
        f"else {others.min():g} to {others.max():g}. If that marks a gap, say missing={codes}."
    ]


def _is_far(code: float, others: np.ndarray) -> bool:
    if code < 0:
        return others.min() >= 0
    return others.min() >= 0 and code > 3 * others.max()


# -- words ----------------------------------------------------------------------------------------


def is_sum(word: str) -> bool:
    """Whether a word names a sum or a mean of other rows."""
    return _SUM.fullmatch(word) is not None


def sums_among(name: str, found: dict[str, list[int]]) -> list[str]:
    """Say which rows are called Total: they are no cases. `found` holds the rows of such words."""
    if not found:
        return []
    rows = sorted(row for places in found.values() for row in places)
    return [
        f"Column {name!r} holds {listed(map(repr, found))} in {in_rows(rows)}. Sums among the rows "
        f"are no cases: leave them out, in a text or Excel file by skip={rows[:20]}."
    ]
