"""Lessons for each student of a class: a folder or a zip each, id and code filled in."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

from hlmteach.course.handout import shipped_lessons
from hlmteach.errors import HLMError
from hlmteach.exercises.students import printed_code
from hlmteach.grading.names import safe_name
from hlmteach.grading.roster import Member, Roster
from hlmteach.grading.tables import write_table
from hlmteach.grading.zips import zip_of

MERGE = "mail_merge.csv"
COLUMNS = ["name", "email", "id", "code", "file"]
IMPORT = re.compile(r"^import hlmteach as hlm *$", re.MULTILINE)


def hand_out(
    roster: Roster, out: Path, secret: str = "", lessons: Sequence[str] = (), zipped: bool = False
) -> list[Path]:
    """Write the lessons for each member of the class, ready to run as theirs.

    Parameters
    ----------
    roster : Roster
    out : Path
        Gets a folder (or a zip) for each student, and `mail_merge.csv`: name, e-mail address, id,
        code and file of each, for a letter or a mail to all.
    secret : str
        The teacher's; "" for ids without codes.
    lessons : sequence of str
        Numbers, such as "08"; all where none is given.
    zipped : bool
        A zip in place of a folder.

    Returns
    -------
    list of Path
        One for each student, in the roster's order.

    Raises
    ------
    HLMError
        When a lesson is not known, or nothing can be written.
    """
    out, chosen = Path(out), _chosen(lessons)
    try:
        out.mkdir(parents=True, exist_ok=True)
        written = [_hand(member, chosen, out, secret, zipped) for member in roster.members]
        rows = [
            _merge_row(member, secret, path)
            for member, path in zip(roster.members, written, strict=True)
        ]
        write_table(out / MERGE, rows, COLUMNS)
    except OSError as error:
        raise HLMError(f"Nothing can be written to {out}: {error.strerror}.") from None
    return written


def _chosen(lessons: Sequence[str]) -> list[Path]:
    shipped = shipped_lessons()
    if not lessons:
        return shipped
    known = {path.name.partition("_")[0]: path for path in shipped}
    missing = [name for name in lessons if f"{name:0>2}" not in known]
    if missing:
        raise HLMError(f"There is no lesson {missing[0]!r}. There are {', '.join(known)}.")
    return [known[f"{name:0>2}"] for name in lessons]


def _hand(member: Member, lessons: list[Path], out: Path, secret: str, zipped: bool) -> Path:
    name = safe_name(member.id)
    books = {path.name: filled_in(path.read_text("utf-8"), member, secret) for path in lessons}
    if zipped:
        target = out / f"{name}.zip"
        target.write_bytes(
            zip_of({f"{name}/{book}": text.encode() for book, text in books.items()})
        )
        return target
    target = out / name
    target.mkdir(exist_ok=True)
    for book, text in books.items():
        (target / book).write_text(text, encoding="utf-8")
    return target


def filled_in(text: str, member: Member, secret: str) -> str:
    """A notebook with `hlm.student(...)` below its first `import hlmteach as hlm`."""
    book = json.loads(text)
    code = f", secret={printed_code(member.id, secret)!r}" if secret else ""
    line = f"hlm.student({member.id!r}{code})"
    for cell in book["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and IMPORT.search(source):
            source = IMPORT.sub(lambda match: f"{match[0].rstrip()}\n{line}", source, count=1)
            cell["source"] = source.splitlines(keepends=True)
            break
    return json.dumps(book, indent=1, ensure_ascii=False) + "\n"


def _merge_row(member: Member, secret: str, path: Path) -> dict[str, str]:
    return {
        "name": member.name,
        "email": member.email,
        "id": member.id,
        "code": printed_code(member.id, secret) if secret else "",
        "file": path.name,
    }
