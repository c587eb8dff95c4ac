"""Numbers as students type them: 1.234, 1,234, .0065, 4e-4, "4,98", "12 %", "k = 3", "< .001"."""

import math
import re
import unicodedata
from dataclasses import dataclass

from hlmteach.errors import HLMError

LONGEST_NUMBER = 80  # characters; nobody types a longer number
HYPHENS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
OTHER_MARKS = str.maketrans({"\u2044": "/", "\u2019": "'", "\u00d7": "x", "\u00b7": "x", "*": "x"})
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")

# Letters are taken whole (++): else a sentence that is no number is tried in 2**length ways.
NAME = re.compile(r"^(?:.*(?<![<>])[=:]|(?:[^\W\d_]++\.? ?)+(?=[<>~≈ ]|$))\s*")
NUMBER = re.compile(
    r"(?P<relation><=|>=|[<>≤≥~≈])? ?(?P<sign>[-+]?) ?"
    r"(?P<digits>\d[\d.,' ]*|[.,]\d+)"
    r"(?: ?(?:e|x ?10 ?(?:\^|xx)?) ?\(?(?P<power>[-+]? ?\d+)\)?)?"
    r"(?: ?/ ?(?P<below>\d+))?",
    re.IGNORECASE,
)
UNIT = re.compile(r" ?(?P<percent>%|percent)?(?: ?[^\W\d_]++){0,4}\.?", re.IGNORECASE)


class ExerciseError(HLMError):
    """Something that an exercise cannot do; a notebook shows its one sentence and no traceback."""

    def _render_traceback_(self):
        return [str(self)]


class BankError(ExerciseError):
    """A bank of exercises that cannot be used; says where, why, and what to write."""

    key = ""  # of the part that it is about, where that is not clear from where it was raised


class AnswerError(ExerciseError):
    """An answer that cannot be read; says what was seen and what was expected."""


def is_number(value) -> bool:
    """Whether a plain value is a number; True and False are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


@dataclass(frozen=True)
class Number:
    """A number as it was typed.

    `readings` holds what it can mean, likeliest first: "1,234" is 1.234 or 1234, anything else has
    one. `relation` is "<" in "< .001". `percent` says that a percent sign stood behind it.
    """

    readings: tuple[float, ...]
    relation: str = ""
    percent: bool = False


def parse_number(text: str) -> Number:
    """Read a number as a student types it.

    A point is a decimal point, a comma a decimal comma; either separates thousands where it can
    only do that ("1,234.5", "1.234.567"). "1,234" can be both, and both readings are returned.

    Parameters
    ----------
    text : str
        With or without a name before ("k = 3") and a unit behind it ("3 parameters", "12 %").

    Returns
    -------
    Number

    Raises
    ------
    AnswerError
        When there is no number, more than one, or one that is no finite number.

    Examples
    --------
    >>> parse_number(".0065").readings, parse_number("4,98").readings
    ((0.0065,), (4.98,))
    >>> parse_number("1,234").readings, parse_number("−4 × 10⁻⁴ points").readings
    ((1.234, 1234.0), (-0.0004,))
    """
    line = _tidy(text)
    line = line[NAME.match(line).end() :] if NAME.match(line) else line
    match = NUMBER.match(line)
    if match is None:
        raise _no_number(text)
    rest = line[match.end() :]
    unit = UNIT.fullmatch(rest)
    if unit is None:
        raise _two_numbers(text) if re.search(r"\d", rest) else _no_number(text)
    values = [_complete(value, match) for value in _readings(match["digits"], text)]
    if not all(map(math.isfinite, values)):
        raise AnswerError(f"{shorten(text)} is no finite number. Write it as 0.00065 or 6.5e-4.")
    return Number(tuple(values), _relation(match), unit["percent"] is not None)


def shorten(text) -> str:
    """Quote what was typed, cut where it is long."""
    text = str(text)
    return repr(text if len(text) <= LONGEST_NUMBER else text[: LONGEST_NUMBER - 3] + "...")


def _tidy(text: str) -> str:
    """One kind of minus, times, apostrophe and space; nothing around it."""
    if len(text) > LONGEST_NUMBER:
        raise AnswerError(f"That is {len(text)} characters long. Write one number, such as 4.98.")
    line = re.sub("10[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+", lambda m: "10^" + m[0][2:].translate(RAISED), text)
    line = unicodedata.normalize("NFKC", line).translate(HYPHENS).translate(OTHER_MARKS)
    return re.sub(r"\s+", " ", line).strip(" \"'`$")


def _readings(digits: str, text: str) -> list[str]:
    """What digits, points, commas, spaces and apostrophes can mean, as Python writes it."""
    plain = re.sub(r"(?<=\d)[ '](?=\d{3}(?!\d))", "", digits.strip())
    if re.fullmatch(r"[1-9]\d{0,2},\d{3}", plain):
        return [plain.replace(",", "."), plain.replace(",", "")]
    if re.fullmatch(r"\d*[.,]?\d*", plain):
        return [plain.replace(",", ".")]
    for thousands, decimal in (",.", ".,"):
        groups = rf"\d{{1,3}}(?:\{thousands}\d{{3}})+(?:\{decimal}\d*)?"
        if re.fullmatch(groups, plain):
            return [plain.replace(thousands, "").replace(decimal, ".")]
    raise _two_numbers(text)


def _complete(digits: str, match: re.Match) -> float:
    """The sign, the power of ten and the divisor put to a reading."""
    value = float(f"{match['sign']}{digits}e{(match['power'] or '0').replace(' ', '')}")
    if match["below"] is None:
        return value
    return value / float(match["below"]) if float(match["below"]) else math.inf


def _relation(match: re.Match) -> str:
    return {"≤": "<", "<=": "<", "<": "<", "≥": ">", ">=": ">", ">": ">"}.get(match["relation"], "")


def _no_number(text) -> AnswerError:
    if not str(text).strip():
        return AnswerError("No answer yet. Type a number, such as 4.98.")
    return AnswerError(
        f"{shorten(text)} cannot be read as a number. Write it with digits: 4.98, .0065 or 4e-4."
    )


def _two_numbers(text) -> AnswerError:
    return AnswerError(f"{shorten(text)} looks like more than one number. Write one, such as 4.98.")
