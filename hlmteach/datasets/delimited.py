"""Text tables as people really save them: any encoding, separator and decimal sign."""

import csv
import re
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pandas as pd

from hlmteach.datasets.advice import broken_file
from hlmteach.errors import DataError

# Before 3.1, pandas reads the last digit of some numbers wrong unless it is told not to.
_OLD = tuple(map(int, pd.__version__.split(".")[:2])) < (3, 1)
EXACT = {"float_precision": "round_trip"} if _OLD else {}

# The usual marks of a missing value. "None" is not among them: it may be the name of a group.
MISSING = ["", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "NULL", "."]

SEPARATORS = [",", ";", "\t", "|", " "]
_SAMPLE = 100_000
_NUMBER = re.compile(r"\s*[+-]?\d+([.,]\d+)*\s*")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")


@dataclass(frozen=True)
class Dialect:
    """How one text file separates its fields and writes its decimals."""

    sep: str
    decimal: str


def read_delimited(
    path: Path,
    sep: str | None = None,
    decimal: str | None = None,
    encoding: str | None = None,
) -> pd.DataFrame:
    """Read an existing text file; see `read_table` for what is guessed."""
    sep_line, text = _split_sep_line(_with_plain_newlines(_decode(path, encoding)))
    _check_text(path, text)
    sep = sep or sep_line or _guess_separator(path, text)
    _check_header(path, text, sep)
    dialect = Dialect(sep, decimal or _guess_decimal(path, text, sep))
    return _parse(path, _without_thousands(_without_blank_rows(text, sep), dialect), dialect)


def _decode(path: Path, encoding: str | None) -> str:
    raw = path.read_bytes()
    if encoding is not None:
        return _decode_as(path, raw, encoding)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decode_as(path, raw, "utf-16")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _decode_western(raw)


def _decode_western(raw: bytes) -> str:
    """Windows' western code page, or Latin-1, which gives every byte a letter."""
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _decode_as(path: Path, raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise broken_file(path, f"text in encoding {encoding!r}", error) from error


def _with_plain_newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _split_sep_line(text: str) -> tuple[str | None, str]:
    """Take off Excel's own first line `sep=;`, which names the separator."""
    first, _, rest = text.partition("\n")
    match = re.fullmatch(r'"?sep=(.)"?', first)
    return (match[1], rest) if match else (None, text)


def _check_text(path: Path, text: str) -> None:
    if not text.strip():
        raise DataError(f"{path.name!r} is empty: it holds nothing but blanks.")
    if "\0" in text:
        raise broken_file(path, "text", "it holds bytes that no text has")
    if re.match(r"\s*<(!doctype html|html)", text, re.IGNORECASE):
        raise broken_file(path, "a table", "it is a web page")


def _rows(path: Path, text: str, sep: str) -> list[list[str]]:
    """Split the first lines into fields, blank lines left out."""
    sample = text[:_SAMPLE].rpartition("\n")[0] if len(text) > _SAMPLE else text
    reader = csv.reader(StringIO(sample or text), delimiter=sep, skipinitialspace=True)
    try:
        return [row for row in reader if row]
    except csv.Error as error:
        raise broken_file(path, "a text table", error) from error


def _guess_separator(path: Path, text: str) -> str:
    """Take the separator that cuts all rows evenly, and into most fields."""
    return max(SEPARATORS, key=lambda sep: _evenness(_rows(path, text, sep)))


def _evenness(rows: list[list[str]]) -> tuple[float, int]:
    width = len(rows[0])
    even = sum(len(row) == width for row in rows) / len(rows)
    return (even if width > 1 else 0.0, width)


def _guess_decimal(path: Path, text: str, sep: str) -> str:
    commas, points = _numbers_with(",", text, sep), _numbers_with(".", text, sep)
    grouped = all(map(_THOUSANDS.fullmatch, commas))
    if not commas or (points and grouped):
        return "."
    if points:
        raise _mixed_decimals(path, points[0], next(c for c in commas if not _is_grouped(c)))
    # A semicolon is what Excel writes where the comma is the decimal sign.
    if sep != ";" and grouped:
        raise _ambiguous_comma(path, commas[0])
    return ","


def _is_grouped(number: str) -> bool:
    return _THOUSANDS.fullmatch(number) is not None


def _numbers_with(sign: str, text: str, sep: str) -> list[str]:
    """List the fields that are digits, `sign`, digits (several times for a comma)."""
    more = "+" if sign == "," else ""
    return _field(rf"[+-]?\d+(?:{re.escape(sign)}\d+){more}", sep, quoted=sep == sign).findall(text)


def _field(content: str, sep: str, quoted: bool) -> re.Pattern:
    """Compile a pattern for whole fields; between commas, only a quoted one can hold a comma."""
    edge, quote = re.escape(sep), '"' if quoted else '"?'
    before, after = rf"(?:^|(?<={edge})) *{quote}", rf"{quote} *(?={edge}|\n|\Z)"
    return re.compile(f"(?<!\\d){before}({content}){after}", re.MULTILINE)


def _without_blank_rows(text: str, sep: str) -> str:
    """Drop the rows of bare separators that a spreadsheet saves below a table."""
    return re.sub(rf"^[{re.escape(sep)} \t]*\n", "", text + "\n", flags=re.MULTILINE)


def _without_thousands(text: str, dialect: Dialect) -> str:
    """Write 1.234,5 as 1234,5 where the comma is the decimal sign; 1,234.5 where the point is."""
    mark = "." if dialect.decimal == "," else ","
    content = rf"[+-]?[1-9]\d{{0,2}}(?:\{mark}\d{{3}})+(?:\{dialect.decimal}\d+)?"
    number = _field(content, dialect.sep, quoted=dialect.sep == mark)
    return number.sub(lambda match: match[0].replace(mark, ""), text)


def _check_header(path: Path, text: str, sep: str) -> None:
    header, *rows = _rows(path, text, sep)
    if all(_NUMBER.fullmatch(name) for name in header):
        raise _no_header(path, header)
    if not rows:
        raise DataError(f"{path.name!r} has a first line of column names and no rows below it.")
    repeated = [name for name in header if name.strip() and header.count(name) > 1]
    if repeated:
        raise repeated_name(path, repeated[0])
    if len(rows[0]) > len(header):
        raise _short_header(path, len(header), len(rows[0]))


def _parse(path: Path, text: str, dialect: Dialect) -> pd.DataFrame:
    try:
        data = pd.read_csv(
            StringIO(text),
            sep=dialect.sep,
            decimal=dialect.decimal,
            na_values=MISSING,
            keep_default_na=False,
            skipinitialspace=True,
            low_memory=False,
            **EXACT,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        reason = str(error).strip().removeprefix("Error tokenizing data. C error: ")
        raise broken_file(path, "a text table", reason) from error
    return drop_nameless(data)


def drop_nameless(data: pd.DataFrame) -> pd.DataFrame:
    """Drop the empty columns without a name that a spreadsheet saves beside a table."""
    nameless = [c for c in data if str(c).startswith("Unnamed: ") and data[c].isna().all()]
    return data.drop(columns=nameless)


def _ambiguous_comma(path: Path, cell: str) -> DataError:
    return DataError(
        f"{path.name!r} holds {cell!r}: is that comma a decimal sign, or does it mark thousands? "
        'Say decimal="," if it is a decimal sign, decimal="." if it marks thousands.'
    )


def _mixed_decimals(path: Path, point: str, comma: str) -> DataError:
    return DataError(
        f"{path.name!r} holds both {point!r} and {comma!r}: which is the decimal sign? "
        'Say decimal="." or decimal=",", or mend the file.'
    )


def _no_header(path: Path, header: list[str]) -> DataError:
    return DataError(
        f"The first line of {path.name!r} holds numbers ({', '.join(header[:3])}, ...), not the "
        "names of columns. Write a line of names above the numbers."
    )


def repeated_name(path: Path, name: str) -> DataError:
    """Build the error for two columns of one name."""
    return DataError(f"{path.name!r} has more than one column called {name!r}. Rename one of them.")


def _short_header(path: Path, names: int, fields: int) -> DataError:
    return DataError(
        f"{path.name!r} names {names} columns in its first line, but its second line has {fields} "
        "fields. Give every column a name and let no line end in a separator. "
        "(In R: write.csv(data, file, row.names = FALSE).)"
    )
