"""Numbers as people write them: 1.234,5 and 1,234.5, 1'234.5, 1 234,5 and 12,34,567."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# Signs that look alike are one: minus, the blanks of a print, the apostrophes of a word processor.
_ALIKE = str.maketrans(
    {
        **dict.fromkeys("\u2212\ufe63\uff0d\u2013", "-"),
        **dict.fromkeys("\u00a0\u202f\u2009\u2007", " "),
        **dict.fromkeys("\u2019\u02bc", "'"),
    }
)
_QUOTES = str.maketrans({"\u2018": "'", "\u2010": "-"})
_SIGNS = "".join(filter(lambda c: unicodedata.category(c) == "Sc", map(chr, range(0x20D0))))
_UNIT = re.compile(rf"EUR|USD|GBP|CHF|JPY|INR|Fr\.|kr\b|zł|R\$|[%‰{re.escape(_SIGNS)}]")
_MAYBE = re.compile(r"\d")


def _pattern(decimal: str) -> re.Pattern:
    """Compile the numbers whose decimal sign is `decimal`; the other sign may group digits."""
    other = "." if decimal == "," else ","
    point, marks = re.escape(decimal), rf"[ '{re.escape(other)}]"
    indian = r"|[1-9]\d?(?:,\d\d)+,\d{3}" if other == "," else ""
    grouped = rf"[1-9]\d{{0,2}}(?P<mark>{marks})\d{{3}}(?:(?P=mark)\d{{3}})*{indian}"
    body = rf"(?:(?:{grouped}|\d+)(?:{point}\d*)?|{point}\d+)"
    return re.compile(rf"[+-]? ?{body}(?:[eE][+-]?\d+)?")


_PATTERNS = {decimal: _pattern(decimal) for decimal in ".,"}


def plain(text: str) -> str:
    """Write minus signs, blanks and apostrophes as a keyboard does, without those at the ends."""
    return text.translate(_ALIKE).strip()


def spelt_alike(words) -> list[list[str]]:
    """Gather words that capitals, blanks, signs or how a letter is stored alone hold apart.

    Examples
    --------
    >>> spelt_alike(["f", "F ", "m", "O\u2019Hara", "o'hara"])
    [['f', 'F '], ['O\u2019Hara', "o'hara"]]
    """
    words = list(words)
    folded = [_folded(word) for word in words]
    if len(set(folded)) == len(words):
        return []
    alike: dict[str, list[str]] = {}
    for word, key in zip(words, folded, strict=True):
        alike.setdefault(key, []).append(word)
    return [some for some in alike.values() if len(some) > 1]


def _folded(word: str) -> str:
    """Write capitals small, blanks single, and quotes and hyphens as a keyboard has them."""
    if not word.isascii():
        word = plain(unicodedata.normalize("NFKC", word)).translate(_QUOTES)
    return " ".join(word.casefold().split())


def unit_of(text: str) -> tuple[str, str]:
    """Split a percent or currency sign off a number: ('45', '%').

    Examples
    --------
    >>> unit_of("45 %"), unit_of("-€3.50"), unit_of("12")
    (('45', '%'), ('-3.50', '€'), ('12', ''))
    """
    found = _UNIT.search(text)
    if found is None:
        return text, ""
    unit, bare = found[0], text.removesuffix(found[0])
    if bare == text:
        sign, rest = (text[:1], text[1:].lstrip()) if text[:1] in "+-" else ("", text)
        bare = sign + rest.removeprefix(unit).lstrip() if rest.startswith(unit) else text
    return (bare.strip(), unit) if bare != text and _MAYBE.search(bare) else (text, "")


def number(text: str, decimal: str) -> float | int | None:
    """Read a plain text as a number with this decimal sign, or None.

    Examples
    --------
    >>> number("1.234,5", ","), number("12,34,567", "."), number("1'200", "."), number("3,5", ".")
    (1234.5, 1234567, 1200, None)
    """
    match = _PATTERNS[decimal].fullmatch(text)
    if match is None:
        return None
    bare = text.replace(" ", "").replace("'", "")
    bare = bare.replace("." if decimal == "," else ",", "").replace(decimal, ".")
    try:
        return int(bare)
    except ValueError:
        return float(bare)


@dataclass(frozen=True)
class Signs:
    """What the number-like cells of a column say about its decimal sign: one example of each."""

    point: str | None = None  # can only be read with the point as decimal sign
    comma: str | None = None  # only with the comma
    either: str | None = None  # with both, as different numbers
    whole: bool = False  # numbers without any sign stand beside `either`
    padded: bool = False  # an `either` ends in 0, so that no zero was left out


def signs_of(texts) -> Signs:
    """Look at the plain texts of a column.

    Examples
    --------
    >>> signs_of(["1.200", "900"])
    Signs(point=None, comma=None, either='1.200', whole=True, padded=True)
    """
    seen = {"point": None, "comma": None, "either": None}
    whole = padded = False
    for text in texts:
        kind = _kind(text)
        if kind == "whole":
            whole = True
        elif kind is not None:
            seen[kind] = seen[kind] or text
            padded = padded or (kind == "either" and text.endswith("0"))
    return Signs(**seen, whole=whole, padded=padded)


@lru_cache(20_000)
def _kind(text: str) -> str | None:
    if text.isdecimal():
        return "whole"
    with_point, with_comma = number(text, "."), number(text, ",")
    if with_point is None and with_comma is None:
        return None
    if with_point == with_comma:
        return "whole"
    if with_point is not None and with_comma is not None:
        return "either"
    return "comma" if with_point is None else "point"


def is_numberlike(text: str) -> bool:
    """Whether a plain text is a number with one decimal sign or the other.

    Examples
    --------
    >>> is_numberlike("3,5"), is_numberlike("01.02.2024"), is_numberlike("12 %")
    (True, False, True)
    """
    if not _MAYBE.search(text):
        return False
    bare, _ = unit_of(text)
    return _kind(bare) is not None
