"""gradebook.csv: the marks as Canvas or Moodle takes them back."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hlmteach.errors import HLMError
from hlmteach.grading.roster import Roster
from hlmteach.grading.score import Person
from hlmteach.grading.tables import Entry, is_number, write_table

CANVAS = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
MOODLE = ["Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade"]
MOODLE += ["Grade can be changed", "Last modified (grade)", "Feedback comments"]
# "Grade" in the languages whose worksheets were seen; in others its place tells.
MOODLE_GRADES = ("grade", "bewertung", "note", "calificación", "valutazione", "cijfer", "ocena")
MOODLE_GRADES += ("nota", "karakter", "betyg", "arvosana", "hodnocení", "оценка")
YEAR = re.compile(r"\b20\d\d\b")
NO_COMMENTS = "and no words: switch on Feedback comments in the assignment to give each some"


@dataclass(frozen=True)
class Gradebook:
    """How the gradebook is to be: for whom, under which title, a column per exercise or not."""

    style: str
    title: str
    out_of: float
    per_exercise: bool = False
    grade_column: str = ""


def write_gradebook(path: Path, entries: Sequence[Entry], roster: Roster, book: Gradebook) -> str:
    """Write the marks as Canvas or Moodle takes them back; return what to say of it.

    With a class list, exactly its members are in the gradebook, each once, in its order. What the
    list says besides (sections, e-mail addresses, Moodle's maximum, the mark of somebody who handed
    in nothing) stays as it was.
    """
    by_id = {entry.person.member.id: entry for entry in entries if entry.person.member}
    listed = [by_id[member.id] for member in roster.members] if roster.members else list(entries)
    write = _write_moodle if book.style == "moodle" else _write_canvas
    return write(path, listed, roster, book)


def gradebook_style(people: Sequence[Person], roster: Roster) -> str:
    """The class list's own; without one, Moodle's where most files are named as Moodle does."""
    if roster.kind:
        return roster.kind
    return "moodle" if 2 * sum(p.system == "moodle" for p in people) > len(people) else "canvas"


def listed_maximum(roster: Roster, title: str, grade_column: str = "") -> float:
    """The maximum that the class list gives this assignment; 0 where it gives none."""
    if roster.kind == "moodle":
        grade = find_grade_column(roster, grade_column)
        after = roster.columns[roster.columns.index(grade) + 1 :][:1]
        return _constant(roster, after[0]) if after else 0.0
    points = dict(roster.most).get(_canvas_title(roster, title), "").replace(",", ".")
    return float(points) if is_number(points) else 0.0


def _constant(roster: Roster, column: str) -> float:
    """The one number that a column has in every row; 0 where there is none."""
    values = {member.get(column).replace(",", ".") for member in roster.members}
    (value,) = values if len(values) == 1 else ("",)
    return float(value) if is_number(value) else 0.0


# -- Canvas ----------------------------------------------------------------------------------------


def _canvas_title(roster: Roster, title: str) -> str:
    """The assignment's own column, "Lesson 8 (4711)", so that Canvas makes no second one."""
    own = re.compile(rf"{re.escape(title)} \(\d+\)")
    return next((name for name in roster.columns if own.fullmatch(name)), title)


def _write_canvas(path: Path, entries, roster: Roster, book: Gradebook) -> str:
    title = _canvas_title(roster, book.title)
    lines = entries[0].person.lines if entries and book.per_exercise else ()
    lines = [line for line in lines if line.most]  # own words have no points
    names = {line.exercise: f"{book.title} {line.exercise}" for line in lines}
    first = {"Student": "    Points Possible", title: f"{book.out_of:g}"}
    first |= {names[line.exercise]: f"{line.most:g}" for line in lines}
    rows = [first, *(_canvas_row(entry, title, names) for entry in entries)]
    write_table(path, rows, [*CANVAS, title, *names.values()])
    return f"gradebook.csv is for Canvas, column {title!r}, out of {book.out_of:g}."


def _canvas_row(entry: Entry, title: str, names) -> dict:
    person, member = entry.person, entry.person.member
    before = {name: member.get(name) for name in (*CANVAS, title)} if member else {}
    row = {
        "Student": before.get("Student") or person.name,
        "ID": before.get("ID") or person.user,
        "SIS User ID": before.get("SIS User ID", ""),
        "SIS Login ID": before.get("SIS Login ID") or person.id,
        "Section": before.get("Section", ""),
        title: entry.mark.shown or before.get(title, ""),
    }
    handed = person.files or entry.mark.value is not None
    points = {
        names[line.exercise]: f"{line.points:g}" for line in person.lines if line.exercise in names
    }
    return row | (points if handed else {})


# -- Moodle ----------------------------------------------------------------------------------------


def find_grade_column(roster: Roster, asked: str = "") -> str:
    """The worksheet's column of grades, in whatever language: by name, else before the maximum.

    Raises
    ------
    HLMError
        When neither tells.
    """
    by_name = {name.lower(): name for name in roster.columns}
    wanted = (asked.lower(),) if asked else MOODLE_GRADES
    named = next((by_name[name] for name in wanted if name in by_name), "")
    pairs = zip(roster.columns, roster.columns[1:], strict=False)
    before = [left for left, right in pairs if _constant(roster, right) and not asked]
    if not named and len(before) != 1:
        raise HLMError(
            f"Which column of the worksheet has the grades? Name it with --grade-column. There "
            f"are: {', '.join(roster.columns)}."
        )
    return named or before[0]


def _write_moodle(path: Path, entries, roster: Roster, book: Gradebook) -> str:
    if roster.kind != "moodle":
        rows = [_participant_row(entry) for entry in entries]
        write_table(path, rows, MOODLE)
        return "gradebook.csv is for Moodle. Better give its worksheet with --roster."
    grade = find_grade_column(roster, book.grade_column)
    comments = _comments_column(roster)
    mark = "," if any("," in member.get(_next(roster, grade)) for member in roster.members) else "."
    rows = []
    for entry in entries:
        row = dict(entry.person.member.row)
        if entry.mark.value is not None:
            row[grade] = entry.mark.shown.replace(".", mark)
            row |= {comments: _comment(entry)} if comments else {}
        rows.append(row)
    write_table(path, rows, list(roster.columns))
    more = f"and a word for each student in {comments!r}" if comments else NO_COMMENTS
    return (
        f"gradebook.csv is Moodle's worksheet, with grades in {grade!r}, out of {book.out_of:g}, "
        f"{more}."
    )


def _comments_column(roster: Roster) -> str:
    """The last column; "" where that is the time of the last change, which Moodle reads."""
    last = roster.columns[-1]
    times = [m.get(last) == "-" or YEAR.search(m.get(last)) for m in roster.members]
    return "" if all(times) else last


def _next(roster: Roster, column: str) -> str:
    place = roster.columns.index(column) + 1
    return roster.columns[place] if place < len(roster.columns) else column


def _participant_row(entry: Entry) -> dict:
    person = entry.person
    return {
        "Identifier": f"Participant {person.user}",
        "Full name": person.name,
        "Grade": entry.mark.shown,
        "Maximum Grade": f"{entry.mark.out_of:g}",
        "Grade can be changed": "Yes",
        "Feedback comments": _comment(entry),
    }


def _comment(entry: Entry) -> str:
    by_exercise = [f"{line.exercise}: {line.feedback}" for line in entry.person.lines]
    return " ".join([*entry.mark.steps, *by_exercise])
