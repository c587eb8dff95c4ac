"""The class list: which id belongs to whom, in any table that an LMS or a spreadsheet saves."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hlmteach.errors import HLMError
from hlmteach.exercises.students import identify, readable_id
from hlmteach.grading.names import Owner
from hlmteach.grading.spreadsheet import read_cells

ID_COLUMNS = ("sis login id", "login", "username", "id number", "sis user id", "student id", "id")
OWN_COLUMN = "hlmteach id"  # settles the question
NAME_COLUMNS = ("student", "full name", "name", "student name", "vollständiger name", "氏名")
IN_PARTS = (("first name", "last name"), ("first name", "surname"), ("vorname", "nachname"))
IN_PARTS += (("prénom", "nom"), ("prénom", "nom de famille"), ("nombre", "apellido(s)"))
IN_PARTS += (("nombre", "apellidos"), ("名", "姓"))
NUMBERED = re.compile(r"(\D*?)0*(\d+)")  # "77", "Participant 77", "Teilnehmer/in77"
NOBODY = ("Points Possible", "Student, Test")
SHOWN_COLUMNS = 12  # of a class list, in a message
LOST_ZEROS = (
    "The id {short!r} in the class list {path} is a shorter number than the others ({other!r}). A "
    "spreadsheet drops zeros in front. If some are missing, export the list anew and do not save "
    "it in a spreadsheet, or save it as .xlsx with that column as text."
)


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

    @property
    def email(self) -> str:
        """The e-mail address, where the class list has one."""
        return next((value for _, value in self.row if "@" in value), "")


@dataclass(frozen=True)
class Roster:
    """A class list: its members, its columns, and the one that the ids came from.

    `kind` is "canvas", "moodle" or ""; `most` has what Canvas's row "Points Possible" says;
    `doubts` are words on what reads well and may not be meant.
    """

    members: tuple[Member, ...] = ()
    columns: tuple[str, ...] = ()
    id_column: str = ""
    kind: str = ""
    most: tuple[tuple[str, str], ...] = ()
    doubts: tuple[str, ...] = ()


def read_roster(path: Path, id_column: str | None = None) -> Roster:
    """Read the class list.

    Parameters
    ----------
    path : Path
        A table with a header: Canvas's gradebook export, Moodle's grading worksheet (in any
        language), or your own. CSV with commas, semicolons or tabs, in UTF-8, UTF-16 or as Excel
        for Windows saves it; or .xlsx.
    id_column : str, optional
        The column with the ids that students give to hlm.student.

    Returns
    -------
    Roster

    Raises
    ------
    HLMError
        When it cannot be read, when two students share an id, or when it is not plain which column
        has the ids.
    """
    header, *lines = read_cells(Path(path), "class list")
    columns = tuple(unicodedata.normalize("NFC", name) for name in header)
    rows = [dict(zip(columns, line, strict=False)) for line in lines]
    moodle = _is_worksheet(columns, rows)
    kind = "moodle" if moodle else "canvas" if "SIS Login ID" in columns else ""
    students = [row for row in rows if not _is_nobody(row)]
    if not students:
        raise HLMError(f"The class list {path} has no students. Is its header in the first row?")
    chosen = _id_column(columns, students, id_column, path)
    number = columns[0] if moodle else "ID"
    name = columns[1] if moodle else _first(columns, NAME_COLUMNS)
    listed = [_member(row, number, chosen, name) for row in students]
    members, twice = _distinct([member for member in listed if member.id], path, kind)
    return Roster(
        members=members,
        columns=columns,
        id_column=chosen,
        kind=kind,
        most=next((tuple(row.items()) for row in rows if _is_nobody(row)), ()),
        doubts=(*twice, *_lost_zeros(members, path)),
    )


# -- its columns -----------------------------------------------------------------------------------


def _is_worksheet(columns: Sequence[str], rows) -> bool:
    """Moodle's grading worksheet: its first column says "Participant 77", in some language."""
    numbers = [NUMBERED.fullmatch(row.get(columns[0], "")) for row in rows]
    words = {one[1] for one in numbers if one}
    return bool(numbers) and all(numbers) and len(words) == 1 and words != {""} and len(columns) > 1


def _is_nobody(row: dict) -> bool:
    """Canvas's rows of maxima, of "Manual Posting", and of its test student."""
    first = next(iter(row.values()), "")
    return first in NOBODY or (not first and row.get("ID") == "")


def _id_column(columns, rows, asked: str | None, path) -> str:
    """The column asked for; else the only one that is named as ids are, and filled."""
    lower = {name.lower(): name for name in columns}
    if asked is not None or OWN_COLUMN in lower:
        wanted = unicodedata.normalize("NFC", asked or OWN_COLUMN)
        name = lower.get(wanted.strip().lower())
        if name is None:
            raise HLMError(
                f"The class list {path} has no column {asked!r}. {_offer(columns, rows)}"
            )
        return name
    canvas = "SIS Login ID" in columns or "SIS User ID" in columns
    internal = "ID" if canvas else columns[0] if _is_worksheet(columns, rows) else None
    named = [lower[name] for name in ID_COLUMNS if name in lower]
    filled = [name for name in named if name != internal and _all_differ(rows, name)]
    if len(filled) != 1:
        several = " or ".join(filled)
        why = f"could be {several}" if several else "are not plain from the names"
        raise HLMError(
            f"Which column of the class list {path} has the ids that your students give to "
            f"hlm.student? They {why}. {_offer(columns, rows)}"
        )
    return filled[0]


def _all_differ(rows, column: str) -> bool:
    values = [row.get(column, "") for row in rows]
    return bool(values) and all(values) and len(set(values)) == len(values)


def _offer(columns, rows) -> str:
    first = rows[0] if rows else {}
    shown = [f"{name} ({first[name]})" if first.get(name) else name for name in columns if name]
    more = ", ..." if len(shown) > SHOWN_COLUMNS else ""
    return f"Name it with --id-column. There are: {', '.join(shown[:SHOWN_COLUMNS])}{more}."


def _first(columns, wanted) -> str | None:
    lower = {name.lower(): name for name in columns}
    return next((lower[name] for name in wanted if name in lower), None)


# -- its members -----------------------------------------------------------------------------------


def _member(row: dict, user_column: str, id_column: str, name_column: str | None) -> Member:
    number = NUMBERED.fullmatch(row.get(user_column, ""))
    return Member(
        id=identify(row.get(id_column, "")).id,
        name=row.get(name_column, "") if name_column else _name_in_parts(row),
        user=number[2] if number else "",
        row=tuple(row.items()),
    )


def _name_in_parts(row: dict) -> str:
    lower = {name.lower(): value for name, value in row.items()}
    parts = next((pair for pair in IN_PARTS if lower.keys() >= set(pair)), ())
    return " ".join(lower[part] for part in parts).strip()


def _distinct(members: list[Member], path, kind: str) -> tuple[tuple[Member, ...], list[str]]:
    """Each member once, and words on whom the list has in two rows.

    Raises
    ------
    HLMError
        When two rows share an id, or a number in the LMS, and are not of one student.
    """
    by_id: dict[str, Member] = {}
    by_user: dict[str, Member] = {}
    doubts = []
    for member in members:
        same = by_id.setdefault(member.id, member)
        if same is not member and (same.name, same.user) == (member.name, member.user):
            doubts.append(
                f"The class list {path} has {member.id!r} in two rows: the first one counts."
            )
        elif same is not member:
            raise HLMError(
                f"The class list {path} has the id {member.id!r} twice ({same.name or same.id}, "
                f"{member.name or member.id}); upper case makes no other id. Give each student an "
                "id of their own, or take another column: --id-column."
            )
        elif kind and member.user and by_user.setdefault(member.user, member) is not member:
            raise HLMError(
                f"The class list {path} has the number {member.user} in the LMS twice, with the "
                f"ids {by_user[member.user].id!r} and {member.id!r}. Delete one of the two rows."
            )
    return tuple(by_id.values()), doubts


def _lost_zeros(members: Sequence[Member], path) -> list[str]:
    """A word where ids are numbers of one length, and a few are shorter."""
    ids = [member.id for member in members]
    if not all(id.isdecimal() for id in ids):
        return []
    lengths = Counter(map(len, ids))
    usual, times = lengths.most_common(1)[0]
    short = [id for id in ids if len(id) < usual]
    if not short or max(lengths) > usual or 2 * times <= len(ids):
        return []
    other = next(id for id in ids if len(id) == usual)
    return [LOST_ZEROS.format(short=short[0], path=path, other=other)]


def is_same_number(id: str, other: str) -> bool:
    """Whether two ids differ in nothing but zeros in front, which a spreadsheet drops."""
    return id != other and id.isdecimal() and other.isdecimal() and int(id) == int(other)


def member_of(owner: Owner, members: Sequence[Member]) -> Member | None:
    """The member whom a file's name belongs to: by number, else by the id in the name."""
    if owner.user:
        return next((member for member in members if member.user == owner.user), None)
    name = readable_id(owner.name)
    return next((member for member in members if name and member.id == name), None)
