"""The cells of a column become numbers, or words; what was odd is said, what is open is asked."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from unicodedata import normalize

import numpy as np
import pandas as pd

from hlmteach.datasets.calendar import dates_as_text
from hlmteach.datasets.digits import is_numberlike, number, plain, spelt_alike, unit_of
from hlmteach.datasets.doubts import (
    EXACT,
    codes_as_numbers,
    is_sum,
    long_codes,
    sums_among,
)
from hlmteach.datasets.marks import FAILED, MISSING, tidy
from hlmteach.datasets.questions import OpenQuestionError, in_rows, listed

_SAMPLE = 2000  # so many distinct values tell whether a column is one of numbers
_MEASURED = re.compile(r"[+-]?\d[\d.,]*\s+([^\W\d]\S*)")


@dataclass(frozen=True)
class Reading:
    """What was said about a file, and where its rows stand."""

    file: str
    decimal: str = "."
    missing: tuple = ()
    text: tuple[str, ...] = ()
    row: Callable[[int], int] = lambda position: position + 2
    typed: bool = False  # cells have a type in the file, as in Excel


def settle(name: str, column: pd.Series, reading: Reading) -> tuple[pd.Series, list[str]]:
    """Turn a column of cells into numbers or words, and say what was done to it.

    Raises
    ------
    OpenQuestionError
        When most of its cells are numbers, but not all.
    """
    cells = _distinct(name, column, reading)
    notes = _failed(cells, reading)
    if name in reading.text or not _may_be_numbers(cells):
        return _as_words(cells, column.index, reading, notes)
    return _as_numbers(cells, column.index, reading, notes)


def number_words(name: str, column: pd.Series, reading: Reading, most: int) -> list[str]:
    """Some distinct texts of a column that may be numbers, without signs such as %; or none."""
    cells = _distinct(name, column, reading)
    if not _may_be_numbers(cells):
        return []
    words = [word for word in cells.words if isinstance(word, str)]
    return [unit_of(plain(word))[0] for word in words[:most]]


def is_text(column: pd.Series) -> bool:
    """Whether a column holds words, or objects of several kinds."""
    return column.dtype == object or isinstance(column.dtype, pd.StringDtype)


@dataclass(frozen=True)
class _Cells:
    """A column by its distinct values: cell i is values[codes[i]], tidied words[codes[i]]."""

    name: str
    codes: np.ndarray
    values: list
    words: list

    def first(self, at: int) -> np.ndarray:
        """The positions of a value."""
        return np.flatnonzero(self.codes == at)

    def spread(self, results: list) -> np.ndarray:
        """Give each cell the result of its value."""
        return np.array([*results, np.nan], dtype=object)[self.codes]


def _distinct(name: str, column: pd.Series, reading: Reading) -> _Cells:
    codes, values = pd.factorize(column.to_numpy(object), use_na_sentinel=True)
    words = [tidy(value) if isinstance(value, str) else value for value in values]
    gaps = {*MISSING, *FAILED, *map(str, reading.missing)}
    words = [None if isinstance(word, str) and word in gaps else word for word in words]
    return _Cells(name, codes, list(values), words)


def _may_be_numbers(cells: _Cells) -> bool:
    """Whether half of the cells, or of the distinct values, look like numbers, by a sample."""
    there = [at for at, word in enumerate(cells.words) if word is not None]
    there = there[:: len(there) // _SAMPLE + 1]
    like = np.array([_numberlike(cells.words[at]) for at in there], dtype=bool)
    if not like.any():
        return False
    times = np.bincount(cells.codes[cells.codes >= 0], minlength=len(cells.words))[there]
    return like.mean() >= 0.5 or times[like].sum() >= 0.5 * times.sum()


def _numberlike(word) -> bool:
    return is_numberlike(plain(word)) if isinstance(word, str) else _is_number(word)


def _is_number(value) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _as_numbers(cells, index, reading: Reading, notes: list[str]):
    """Read every cell as a number; where that fails the odd cells are asked about."""
    bare, units = _without_units(cells.words)
    numbers = [_number(word, reading.decimal) for word in bare]
    odd = [at for at, word in enumerate(cells.words) if word is not None and numbers[at] is None]
    typed = [isinstance(word, str) for word in cells.words if word is not None]
    if reading.typed and all(typed):
        return _as_words(cells, index, reading, [*notes, _text_of_digits(cells, reading)])
    if odd:
        good = [at for at, value in enumerate(numbers) if value is not None]
        raise _odd_cells(cells, odd, good, reading)
    if any(type(value) is int and abs(value) > EXACT for value in numbers):
        words = [None if word is None else str(word) for word in cells.words]
        notes = [*notes, long_codes(cells.name)]
        return _as_words(replace(cells, words=words), index, reading, notes)
    notes = notes + _unit_note(cells.name, units, cells.words, numbers)
    notes += codes_as_numbers(cells.name, [word for word in cells.words if isinstance(word, str)])
    if reading.typed and any(typed):
        notes.append(_typed_as_text(cells, numbers, reading))
    return _numeric(cells, numbers, index), notes


def _numeric(cells: _Cells, numbers: list, index) -> pd.Series:
    values = pd.to_numeric(cells.spread([np.nan if value is None else value for value in numbers]))
    return pd.Series(values, index=index, name=cells.name)


def _number(word, decimal: str):
    if isinstance(word, str):
        return number(plain(word), decimal)
    return word if _is_number(word) else None


def _without_units(words: list) -> tuple[list, str]:
    """Take a sign like % or € off, where the same one stands at every number."""
    split = [unit_of(plain(word)) if isinstance(word, str) else (word, "") for word in words]
    units = {
        unit for (bare, unit), word in zip(split, words, strict=True) if _numberlike(word or "")
    }
    unit = units.pop() if len(units) == 1 else ""
    return [
        bare if own == unit else word for (bare, own), word in zip(split, words, strict=True)
    ], unit


def _as_words(cells: _Cells, index, reading: Reading, notes: list[str]):
    """Keep words, tidied; say which groups became one, and which look alike."""
    said = cells.name in reading.text
    words = [str(w) if said and w is not None else w for w in cells.words]
    kept = [np.nan if word is None else word for word in words]
    values = pd.Series(cells.spread(kept), index=index, name=cells.name).infer_objects()
    odd = [at for at, word in enumerate(words) if isinstance(word, str)]
    if not odd or (not said and _stands_among_dates(cells, odd, reading)):
        return values, notes
    doubts = [] if said else [*_measured(cells), *_doubts(cells, reading)]
    return values, [*notes, *_merged(cells), *_alike(cells), *doubts]


def _stands_among_dates(cells: _Cells, odd: list[int], reading: Reading) -> bool:
    """Ask about a few words among dates, times or True and False; whether there are none."""
    others = [at for at, w in enumerate(cells.words) if w is not None and not isinstance(w, str)]
    if len(others) >= len(odd) and others:
        raise _odd_cells(cells, odd, others, reading)
    return False


# -- what is said ---------------------------------------------------------------------------------


def _failed(cells: _Cells, reading: Reading) -> list[str]:
    failed = [at for at, value in enumerate(cells.values) if value in FAILED]
    if not failed:
        return []
    return [
        f"Column {cells.name!r}: {_places(cells, failed, reading)} are formulas "
        "that failed in Excel, and gaps here."
    ]


def _places(cells: _Cells, at: list[int], reading: Reading) -> str:
    """Write odd cells with where they stand: "'missing' (row 5)"."""
    return listed(
        f"{_shown(cells.values[i])} ({in_rows([reading.row(p) for p in cells.first(i)])})"
        for i in at
    )


def _shown(value) -> str:
    return repr(value) if isinstance(value, str | int | float) else f"'{value}'"


def _odd_cells(cells: _Cells, odd: list[int], good: list[int], reading: Reading):
    """Build the question about the cells of a column that are not of its kind."""
    numbers = not good or _numberlike(cells.words[good[0]])
    like = "number" if numbers else type(cells.words[good[0]]).__name__
    many, bad = (sum(len(cells.first(at)) for at in part) for part in (good, odd))
    words = [
        cells.words[at] if isinstance(cells.words[at], str) else str(cells.words[at]) for at in odd
    ]
    answers = {
        "if such cells are gaps": {"missing": list(dict.fromkeys(words))[:20]},
        "if the column holds words": {"text": [cells.name]},
    }
    other = "," if reading.decimal == "." else "."
    if all(number(plain(word), other) is not None for word in words):
        answers = {f"if their decimal sign is {other!r}": {"decimal": other}, **answers}
    elif bad == 1 and cells.first(odd[0])[0] == 0 and words[0].isalpha():
        answers = {
            f"if row {reading.row(0)} holds the names": {"header": reading.row(0)},
            **answers,
        }
    return OpenQuestionError(
        f"Column {cells.name!r} of {reading.file!r} holds {many:,} {like}{'s' * (many != 1)}, and "
        f"{bad:,} cell{'s' * (bad > 1)} of another kind: {_places(cells, odd, reading)}.",
        answers,
        "; or mend the file",
    )


def _unit_note(name: str, unit: str, words: list, numbers: list) -> list[str]:
    if not unit:
        return []
    word, value = next((w, n) for w, n in zip(words, numbers, strict=True) if w is not None)
    return [f"Column {name!r}: the sign {unit!r} was taken off: {word!r} is {value} here."]


def _typed_as_text(cells: _Cells, numbers: list, reading: Reading) -> str:
    at = [i for i, word in enumerate(cells.words) if isinstance(word, str)]
    return (
        f"Column {cells.name!r}: numbers typed as text were read as numbers: "
        f"{_places(cells, at, reading)}."
    )


def _text_of_digits(cells: _Cells, reading: Reading) -> str:
    return (
        f"Column {cells.name!r} holds digits stored as text ({_places(cells, [0], reading)}): it "
        'stays words. If they are numbers, say decimal=".", or decimal="," if they have commas.'
    )


def _measured(cells: _Cells) -> list[str]:
    """Name a unit that stands at every number, as in 5 kg: such cells are words."""
    words = [word for word in cells.words if isinstance(word, str)]
    matches = {_MEASURED.fullmatch(word) for word in words[:_SAMPLE]}
    units = {match[1] if match else None for match in matches}
    if len(units) > 1 or None in units or len(words) < 2:
        return []
    return [f"Column {cells.name!r} has {units.pop()!r} in its cells: these are words, no numbers."]


def _merged(cells: _Cells) -> list[str]:
    """Name words that were several until their blanks went."""
    alike: dict[str, list] = {}
    for value, word in zip(cells.values, cells.words, strict=True):
        if isinstance(word, str):
            alike.setdefault(word, []).append(value)
    several = [values for values in alike.values() if len(values) > 1]
    if not several:
        return []
    shown = listed((" and ".join(map(repr, values[:3])) for values in several), 3)
    stored = any(normalize("NFC", value) != value for values in several for value in values)
    what = "blanks or in how letters are stored" if stored else "blanks only"
    return [f"Column {cells.name!r}: {shown} differ in {what}, and are one here."]


def _alike(cells: _Cells) -> list[str]:
    """Name words that differ in capitals, inner blanks or quotes only: they stay as they are."""
    several = spelt_alike(dict.fromkeys(word for word in cells.words if isinstance(word, str)))
    if not several:
        return []
    shown = listed((" and ".join(map(repr, words[:3])) for words in several), 3)
    capitals = all(len(set(map(str.casefold, words))) == 1 for words in several)
    what = "capitals" if capitals else "capitals, blanks or signs"
    return [f"Column {cells.name!r}: {shown} differ in {what} only, and stay apart."]


def _doubts(cells: _Cells, reading: Reading) -> list[str]:
    """Dates that are words, and sums among the rows."""
    words = [word for word in cells.words[:_SAMPLE] if isinstance(word, str)]
    sums = [at for at, w in enumerate(cells.words[:_SAMPLE]) if isinstance(w, str) and is_sum(w)]
    rows = {cells.words[at]: [reading.row(p) for p in cells.first(at)] for at in sums}
    few = len(words) - len(sums) > 1
    return [*dates_as_text(cells.name, words), *sums_among(cells.name, rows if few else {})]
