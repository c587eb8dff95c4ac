"""Where exercises are read from: a file of TOML for each lesson, and banks of a teacher's own.

What reads them is loaded with the first exercise, not with the package.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from hlmteach.exercises.draws import DRAWS
from hlmteach.exercises.numbers import BankError
from hlmteach.exercises.question import Question

if TYPE_CHECKING:
    from hlmteach.exercises.reading import Fault

PACKAGE = Path(__file__).parents[1]
OURS = re.compile(r"\d\d-\d{1,2}")  # ids that the package keeps for itself
LONGEST_ID = 40
THEIRS = re.compile(rf"(?=.{{1,{LONGEST_ID}}}$)[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*")
LARGEST_BANK = 1_000_000  # bytes
MOST_FAULTS = 20  # told at once


# -- the package's own -----------------------------------------------------------------------------


def lessons_folder() -> Path:
    """Where the lessons are: in an installed package, or in a checkout."""
    installed = PACKAGE / "_lessons"
    return installed if installed.is_dir() else PACKAGE.parent / "lessons"


@cache
def bank_files() -> dict[str, Path]:
    """The package's files of exercises, by the number of their lesson."""
    return {path.name[:2]: path for path in sorted((lessons_folder() / "source").glob("*.toml"))}


@cache
def lesson_bank(lesson: str) -> dict[str, Question]:
    """The exercises of a lesson ("08"), by id; read when first asked for."""
    from hlmteach.exercises.reading import read_questions

    path = bank_files().get(lesson)
    if path is None:
        return {}
    form = re.compile(rf"{lesson}-\d{{1,2}}")
    text = path.read_text(encoding="utf-8")
    questions, faults = read_questions(text, DRAWS, form, f"the lesson and a number, {lesson}-1")
    if faults:
        raise bank_error(path.name, faults)
    return questions


@cache
def asked_in(lesson: str) -> frozenset[str]:
    """The ids that a lesson's cells ask for; the rest of its bank is there for more practice."""
    books = lessons_folder().glob(f"{lesson}_*.ipynb") if lesson.isdigit() else ()
    cells = [cell for path in books for cell in json.loads(path.read_bytes())["cells"]]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    return frozenset(re.findall(rf'hlm\.exercise\("({re.escape(lesson)}-\d+)"', code))


class LessonBank(Mapping):
    """All exercises of the package by id; a lesson's file is read when it is first needed."""

    def __getitem__(self, id: str) -> Question:
        return lesson_bank(id[:2])[id]

    def __iter__(self) -> Iterator[str]:
        for lesson in bank_files():
            yield from lesson_bank(lesson)

    def __len__(self) -> int:
        return sum(1 for _ in self)


QUESTIONS = LessonBank()


# -- a teacher's own -------------------------------------------------------------------------------


def read_bank(path) -> Mapping[str, Question]:
    """Read a teacher's bank; read again only when the file has changed.

    Parameters
    ----------
    path : path-like
        A file of TOML. Where there is none, the file of that name in the working folder.

    Returns
    -------
    Mapping of Question by id

    Raises
    ------
    BankError
        With all that is wrong, by question and line.
    """
    questions, faults = read_faults(path)
    if faults:
        raise bank_error(Path(path).name, faults)
    return questions


def read_faults(path) -> tuple[dict[str, Question], list["Fault"]]:
    """The questions of a teacher's bank that can be read, and what is wrong with the others."""
    bank = find_bank(path)
    files = [bank, *_data_files(bank)]
    state = tuple((file.stat().st_mtime_ns, file.stat().st_size) for file in files if file.exists())
    return _read(bank, state)


@lru_cache(maxsize=16)
def _read(path: Path, _state) -> tuple[dict[str, Question], list["Fault"]]:
    from hlmteach.exercises.own_data import own_draw
    from hlmteach.exercises.reading import Fault, Reading, read_questions

    reading = Reading(_text(path))
    draws = dict(DRAWS)
    for name, table in _data_tables(reading.text).items():
        with reading.at(f"[data.{name}]", key=f"data.{name}"):
            draws[name] = own_draw(name, table, path.parent)
    words = f"such as mine-1: letters first, at most {LONGEST_ID} letters, digits and hyphens"
    questions, faults = read_questions(reading.text, draws, THEIRS, words, str(path))
    faults = [*reading.faults, *faults]
    if not questions and not faults:
        faults = [Fault("", "There is no question in it. A question starts with [[question]].")]
    return questions, faults


def find_bank(path) -> Path:
    """The file of a bank: where the path says, else by its name in the working folder.

    Raises
    ------
    BankError
        When there is none.
    """
    if not isinstance(path, str | Path):
        raise BankError(f"bank={path!r:.60} is no file. Give its name, in quotes: 'mine.toml'.")
    for place in (Path(path), Path(Path(path).name)):
        if place.is_file():
            return place.resolve()
    raise BankError(f"There is no bank {str(path)!r:.120}. Is the file beside the notebook?")


def bank_folder(path) -> dict[str, bytes]:
    """What a student's notebook needs beside it to open a bank: file by file, by relative path."""
    read_bank(path)
    bank = find_bank(path)
    files = [bank, *_data_files(bank)]
    return {file.relative_to(bank.parent).as_posix(): file.read_bytes() for file in files}


def _text(path: Path) -> str:
    if path.stat().st_size > LARGEST_BANK:
        raise BankError(f"{path.name} has more than {LARGEST_BANK:,} bytes. A bank is smaller.")
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BankError(f"{path.name} cannot be read: {error}. Save it as UTF-8.") from None


def _data_tables(text: str) -> dict:
    from hlmteach.exercises.reading import Reading, parse_toml

    tables = parse_toml(Reading(text)).get("data", {})
    return tables if isinstance(tables, dict) else {}


def _data_files(path: Path) -> list[Path]:
    from hlmteach.exercises.own_data import data_file

    tables = _data_tables(_text(path)).values()
    named = [data_file(table, path.parent) for table in tables if isinstance(table, dict)]
    return [file for file in named if file is not None]


def bank_error(name: str, faults: list["Fault"]) -> BankError:
    """One error that tells all faults of a bank."""
    more = len(faults) - MOST_FAULTS
    lines = [str(fault) for fault in faults[:MOST_FAULTS]]
    lines += [f"and {more} more."] if more > 0 else []
    return BankError("\n  ".join([f"The bank {name} cannot be used:", *lines]))
