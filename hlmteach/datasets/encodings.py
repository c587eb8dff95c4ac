"""Bytes become text: the encoding is known by its mark, by its form, or asked about."""

import re
from pathlib import Path

from hlmteach.datasets.advice import broken_file
from hlmteach.datasets.questions import OpenQuestionError
from hlmteach.errors import DataError

_MARKS = {
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
    b"\xef\xbb\xbf": "utf-8-sig",
}
_OTHER_FILES = {
    b"PK\x03\x04": "an Excel or zip file: name it .xlsx",
    b"\xd0\xcf\x11\xe0": "an old Excel file: open it there and save it as .xlsx",
    b"$FL": "an SPSS file: name it .sav",
    b"<stata_dta>": "a Stata file: name it .dta",
    b"PAR1": "a parquet file: name it .parquet",
    b"%PDF": "a PDF: copy its table into a spreadsheet",
    b"\x1f\x8b": "packed: unpack it first",
}
_CANDIDATES = ("cp1252", "cp1250", "cp1251", "cp850", "mac-roman", "latin-1")
# In western words a symbol between two letters, or a run of accented letters, is none.
_LETTER = r"[A-Za-zÀ-ÖØ-öø-ÿ]"
_SYMBOL = r"[\x80-\x9f‚„…†‡ˆ‰‹‘“”•˜™›¡-©«-´¶-¹»-¿×÷]"
_ODD = re.compile(rf"{_LETTER}{_SYMBOL}{_LETTER}|[À-ÿŠŽšžŸŒœƒ]{{3}}|[\x80-\x9f]|Ã[\x80-¿]")


def decode(path: Path, encoding: str | None = None) -> tuple[str, str]:
    """Read a file as text; return it with the encoding that was found or said.

    Raises
    ------
    OpenQuestionError
        When it is neither Unicode nor plainly western.
    DataError
        When it is no text, or not in the encoding that was said.
    """
    raw = path.read_bytes()
    if encoding is None:
        _check_kind(path, raw)
        encoding = _guess(raw)
    if encoding == "western":
        return _western(path, raw), "cp1252"
    try:
        return raw.decode(encoding), encoding
    except LookupError:
        raise _no_such_encoding(path, encoding) from None
    except (UnicodeError, ValueError, TypeError) as error:
        raise broken_file(path, f"text in encoding {encoding!r}", error) from error


def _check_kind(path: Path, raw: bytes) -> None:
    for mark, what in _OTHER_FILES.items():
        if raw.startswith(mark):
            raise DataError(f"{path.name!r} is not what its name says: it is {what}.")


def _guess(raw: bytes) -> str:
    marked = next((name for mark, name in _MARKS.items() if raw.startswith(mark)), None)
    if marked or b"\0" in raw:
        return marked or _wide(raw)
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return "western"
    return "utf-8"


def _wide(raw: bytes) -> str:
    """UTF-16 without its mark has a zero in every second byte of western text."""
    low, high = raw[1::2].count(0), raw[0::2].count(0)
    if len(raw) % 2 or max(low, high) < 0.4 * len(raw[1::2]):
        return "utf-8"
    return "utf-16-le" if low > high else "utf-16-be"


def _western(path: Path, raw: bytes) -> str:
    """Windows' western code page, where its letters make words; else the encoding is asked for."""
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    odd = _ODD.search(text)
    if odd is None:
        return text
    names = [name for name in _CANDIDATES if _fits(raw, name)]
    raise OpenQuestionError(
        f"The letters of {path.name!r} are stored in an encoding that its bytes do not tell.",
        {f"if this reads right: {_around(raw, n, odd.start())!r}": {"encoding": n} for n in names},
    )


def _fits(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _around(raw: bytes, encoding: str, at: int) -> str:
    start = max(raw.rfind(b"\n", 0, at) + 1, at - 10)
    return raw[start : at + 12].decode(encoding).strip().split("\n")[0]


def _no_such_encoding(path: Path, encoding: str) -> DataError:
    return DataError(
        f"{path.name!r} cannot be read as text in encoding {encoding!r}: there is none. Usual ones "
        "are utf-8, cp1252 (Windows, western), latin-1, cp1250, cp1251, utf-16."
    )
