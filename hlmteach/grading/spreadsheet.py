"""A table as an LMS or a spreadsheet saves it -> rows of text."""

import csv
import io
import re
from pathlib import Path

from hlmteach.datasets.encodings import decode
from hlmteach.datasets.questions import OpenQuestionError
from hlmteach.errors import HLMError

ZEROS = re.compile("0+")  # a number's format that writes zeros in front


def read_cells(path: Path, what: str) -> list[list[str]]:
    """All cells as text, the header first; rows without any are left out.

    Raises
    ------
    HLMError
        When it is no table, has nothing in it, or its bytes do not tell what its letters are.
    """
    try:
        content = path.read_bytes()
        rows = _sheet(content) if content[:4] == b"PK\3\4" else _delimited(decode(path)[0])
    except OpenQuestionError:
        raise HLMError(
            f"The letters of the {what} {path} are stored in an encoding that its bytes do not "
            "tell. Save it as .xlsx, or as 'CSV UTF-8'."
        ) from None
    except (OSError, ValueError, LookupError, csv.Error, ImportError) as error:
        raise HLMError(
            f"The {what} {path} cannot be read: {error}. Is it a CSV or an .xlsx?"
        ) from None
    rows = [row for row in rows if any(row)]
    if not rows:
        raise HLMError(f"The {what} {path} is empty. Export it again.")
    return rows


def _delimited(text: str) -> list[list[str]]:
    first = text.lstrip("\r\n").partition("\n")[0]
    if first.lower().startswith("sep="):  # a word of Excel's
        text, first = text.partition("\n")[2], first[4:5]
    separator = max(",;\t", key=first.count)
    return [
        [cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), delimiter=separator)
    ]


def _sheet(content: bytes) -> list[list[str]]:
    """The first sheet of an .xlsx; numbers as they are shown: id 7 is not '7.0', and 007 stays."""
    import zipfile

    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (KeyError, zipfile.BadZipFile, openpyxl.utils.exceptions.InvalidFileException):
        raise ValueError("it is a zip, but no .xlsx") from None
    return [[_shown(cell) for cell in row] for row in book.worksheets[0].iter_rows()]


def _shown(cell) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    zeros = ZEROS.match(cell.number_format) if isinstance(value, int) else None
    return str(value).strip().zfill(len(zeros[0]) if zeros else 0)
