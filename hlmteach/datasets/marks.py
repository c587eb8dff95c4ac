"""The marks of a missing value, and texts that look alike written alike."""

import unicodedata

# The marks of a missing value. "None" is not among them: it may be the name of a group.
MISSING = [
    "",
    "NA",
    "N/A",
    "n/a",
    "#N/A",
    "NaN",
    "nan",
    "NaT",
    "NULL",
    "null",
    ".",
    "<NA>",
    "#NULL!",
]
# What Excel writes where a formula failed.
FAILED = {"#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!"}

_BLANKS = " \u00a0\u2007\u2009\u202f\u200b\u200e\u200f\ufeff\t\n\r\v\f"
_AS_BLANK = str.maketrans(dict.fromkeys("\u00a0\u2007\u2009\u202f", " "))


def tidy(text: str) -> str:
    r"""Write what looks alike alike: no blanks at the ends, no-break blanks plain.

    Examples
    --------
    >>> tidy("s1\u00a0"), tidy("Ko\u0308ln") == "Köln"  # letters and their dots are composed
    ('s1', True)
    """
    if text.isascii():
        return text.strip()
    return unicodedata.normalize("NFC", text.translate(_AS_BLANK).strip(_BLANKS))
