"""grades.csv, a row for each student and exercise; gradebook.csv as Canvas or Moodle takes it."""

import csv
import os
import tempfile
from pathlib import Path

from hlmteach.grading.score import Person

GRADES = ["student", "name", "user", "late", "exercise", "points", "max", "verdict", "mistake"]
GRADES += ["answer", "key", "feedback", "attempts", "note", "status", "file"]
CANVAS = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
MOODLE = ["Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade"]
MOODLE += ["Grade can be changed", "Last modified (grade)", "Feedback comments"]
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_grades(path: Path, people: list[Person]) -> None:
    """Write a row for each student and exercise."""
    write_table(path, [row for person in people for row in _rows(person)], GRADES)


def _rows(person: Person):
    common = {
        "student": person.id,
        "name": person.name,
        "user": person.user,
        "late": "late" if person.late else "",
        "status": "; ".join(person.notes) or "ok",
        "file": " + ".join(person.files),
    }
    for line in person.lines:
        yield common | {
            "exercise": line.exercise,
            "points": f"{line.points:g}",
            "max": f"{line.most:g}",
            "verdict": line.verdict,
            "mistake": line.mistake,
            "answer": line.answer,
            "key": line.key,
            "feedback": line.feedback,
            "attempts": line.attempts or "",
            "note": line.note,
        }
    if not person.lines:
        yield common


def write_gradebook(path: Path, people: list[Person], title: str, style: str) -> None:
    """Write the totals, "canvas" or "moodle"."""
    if style == "moodle":
        write_table(path, [_moodle_row(person) for person in people], MOODLE)
    else:
        most = max((person.most for person in people), default=0.0)
        first = {"Student": "    Points Possible", title: f"{most:g}"}
        rows = [first, *(_canvas_row(person, title) for person in people)]
        write_table(path, rows, [*CANVAS, title])


def gradebook_style(people: list[Person]) -> str:
    """The class list's own; without one, Moodle's where most files are named as Moodle does."""
    lists = {name for p in people if p.member for name, _ in p.member.row}
    if "Identifier" in lists or "SIS Login ID" in lists:
        return "moodle" if "Identifier" in lists else "canvas"
    return "moodle" if 2 * sum(p.system == "moodle" for p in people) > len(people) else "canvas"


def _canvas_row(person: Person, title: str) -> dict:
    known = {name: person.member.get(name) for name in CANVAS} if person.member else {}
    return {
        "Student": known.get("Student") or person.name,
        "ID": known.get("ID") or person.user,
        "SIS User ID": known.get("SIS User ID", ""),
        "SIS Login ID": known.get("SIS Login ID") or person.id,
        "Section": known.get("Section", ""),
        title: f"{person.points:g}",
    }


def _moodle_row(person: Person) -> dict:
    known = {name: person.member.get(name) for name in MOODLE} if person.member else {}
    return known | {
        "Identifier": known.get("Identifier") or f"Participant {person.user}",
        "Full name": known.get("Full name") or person.name,
        "Status": known.get("Status") or "; ".join(person.notes),
        "Grade": f"{person.points:g}",
        "Maximum Grade": f"{person.most:g}",
        "Grade can be changed": known.get("Grade can be changed") or "Yes",
        "Feedback comments": _comment(person),
    }


def _comment(person: Person) -> str:
    return " ".join(f"{line.exercise}: {line.feedback}" for line in person.lines)


def write_table(path: Path, rows, columns) -> None:
    """Write a CSV, all of it or nothing."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    with os.fdopen(handle, "w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, columns, restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows({name: harmless(value) for name, value in row.items()} for row in rows)
    os.chmod(name, 0o644)
    os.replace(name, path)


def harmless(value):
    """What a spreadsheet must not take for a formula, with an apostrophe before it."""
    if not isinstance(value, str) or not value.startswith(FORMULA) or _is_number(value):
        return value
    return f"'{value}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
