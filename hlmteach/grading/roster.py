"""The class list: which id belongs to whom. Any CSV; Canvas's and Moodle's exports are known."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from hlmteach.errors import HLMError
from hlmteach.exercises.students import identify, readable_id
from hlmteach.grading.names import Owner

ID_COLUMNS = ("hlmteach id", "sis login id", "login", "username", "id number", "email address")
ID_COLUMNS += ("sis user id", "student id", "id")
NAME_COLUMNS = ("student", "full name", "name")


@dataclass(frozen=True)
class Member:
    """One student of the class: `id` is what they give to hlm.student."""

    id: str
    name: str = ""
    user: str = ""
    row: tuple[tuple[str, str], ...] = ()

    def get(self, column: str) -> str:
        """A column of the class list as it was."""
        return dict(self.row).get(column, "")


def read_roster(path: Path, id_column: str | None = None) -> list[Member]:
    """Read the class list.

    Parameters
    ----------
    path : Path
        A CSV with a header: Canvas's gradebook export, Moodle's grading worksheet, or your own.
    id_column : str, optional
        The column with the ids that students give to hlm.student.

    Raises
    ------
    HLMError
        When it cannot be read, or has no column with ids.
    """
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            rows = [{k: v or "" for k, v in row.items() if k} for row in reader]
            columns = [name for name in reader.fieldnames or () if name]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise HLMError(f"The class list {path} cannot be read: {error}. Is it a CSV?") from None
    chosen = _column(columns, id_column, path)
    named = _first(columns, NAME_COLUMNS)
    members = [_member(row, chosen, named) for row in rows]
    return [member for member in members if member.id]


def _column(columns, asked, path) -> str:
    found = asked if asked in columns else None if asked else _first(columns, ID_COLUMNS)
    if found is None:
        raise HLMError(
            f"The class list {path} has no column {asked or 'with ids'!r}; its columns are "
            f"{', '.join(columns) or 'none'}. Name the right one with --id-column."
        )
    return found


def _first(columns, wanted) -> str | None:
    lower = {name.strip().lower(): name for name in columns}
    return next((lower[name] for name in wanted if name in lower), None)


def _member(row: dict, id_column: str, name_column: str | None) -> Member:
    user = row.get("ID") or row.get("Identifier", "")
    number = re.search(r"\d+", user)
    name = row.get(name_column or "", "").strip()
    if name in ("Points Possible", "Student, Test"):
        return Member("")
    return Member(
        identify(row[id_column].strip()).id,
        name,
        (number[0].lstrip("0") or "0") if number else "",
        tuple(row.items()),
    )


def member_of(owner: Owner, members: list[Member]) -> Member | None:
    """The member whom a file's name belongs to: by number, else by the id in the name."""
    if owner.user:
        return next((member for member in members if member.user == owner.user), None)
    name = readable_id(owner.name)
    return next((member for member in members if member.id == name), None)
