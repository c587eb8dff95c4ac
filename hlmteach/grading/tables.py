"""grades.csv, a row for each student and exercise; and how any table is written."""

import csv
import hashlib
import io
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hlmteach.grading.marks import Mark
from hlmteach.grading.score import Person

GRADES = ["student", "name", "user", "late", "exercise", "points", "max", "verdict", "mistake"]
GRADES += ["answer", "key", "feedback", "attempts", "note", "mark", "status", "file"]
KEPT = ".hlmteach-collected"  # beside the grades: what was collected, so that a run can go on
WRITTEN = "written"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


AFTER_SEPARATOR = re.compile(r"([;\t\r\n]\s*)(?=[=@＝＠])")


@dataclass(frozen=True)
class Entry:
    """A person and their mark."""

    person: Person
    mark: Mark


def write_grades(path: Path, entries: Sequence[Entry]) -> None:
    """Write a row for each student and exercise."""
    write_table(path, [row for entry in entries for row in _rows(entry)], GRADES)


def _rows(entry: Entry):
    person = entry.person
    common = {
        "student": person.id,
        "name": person.name,
        "user": person.user,
        "late": "late" if person.late else "",
        "mark": entry.mark.shown,
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


def write_table(path: Path, rows, columns) -> None:
    """Write a CSV, all of it or nothing."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows({name: harmless(value) for name, value in row.items()} for row in rows)
    write_whole(path, text.getvalue().encode("utf-8-sig"))


def write_json(path: Path, values) -> None:
    """Write plain values, all of them or nothing."""
    write_whole(path, json.dumps(values, indent=1).encode())


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, all of it or nothing."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    part.replace(path)


def harmless(value):
    """What a spreadsheet must not take for a formula, with an apostrophe before it.

    Nor what follows a semicolon: in many countries it separates cells.
    """
    if not isinstance(value, str) or is_number(value) or len(value) == 1:
        return value
    value = AFTER_SEPARATOR.sub(r"\1'", value)
    return f"'{value}" if value.startswith(FORMULA) else value


def is_number(text: str) -> bool:
    """Whether a cell holds a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


# -- what was changed by hand ----------------------------------------------------------------------


def keep_hand_edits(out: Path, names: Sequence[str]) -> list[str]:
    """Put aside what somebody changed since it was written; return a word on each."""
    words = []
    for name, digest in _written(out).items():
        path = out.with_name(name)
        if name in names and path.exists() and _digest(path) != digest:
            aside = path.with_stem(f"{path.stem}-changed-by-hand")
            os.replace(path, aside)
            words.append(
                f"{name} had been changed by hand: it is now {aside.name}. A change that is to "
                "stay belongs in overrides.csv."
            )
    return words


def remember_written(out: Path, names: Sequence[str]) -> None:
    """Remember what was written, to know it from what is changed by hand."""
    digests = {name: _digest(out.with_name(name)) for name in names}
    write_json(out.parent / KEPT / WRITTEN, digests)


def _written(out: Path) -> dict[str, str]:
    try:
        values = json.loads((out.parent / KEPT / WRITTEN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
