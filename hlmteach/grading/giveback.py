"""Feedback to give back in one upload: zips whose names Moodle and Canvas recognise.

Moodle ("Upload multiple feedback files in a zip") takes NAME_NUMBER_assignfeedback_file_/PAGE, with
no underscore in the name. Canvas ("Upload Submissions") takes the downloaded file's name, with its
numbers of user and upload; it cannot place a page without them.
"""

from collections.abc import Iterable
from pathlib import Path

from hlmteach.grading.score import Person
from hlmteach.grading.zips import zip_of

PAGE = "feedback.html"
ZIPS = {"moodle": "feedback-moodle.zip", "canvas": "feedback-canvas.zip"}


def write_zips(folder: Path, pages: Iterable[tuple[Person, Path]]) -> list[Path]:
    """Write a zip for each system that files came from, and none for others.

    Parameters
    ----------
    folder : Path
        Where the zips go; those of an earlier run are replaced.
    pages : iterable of (Person, Path)
        Who, and their feedback page.

    Returns
    -------
    list of Path
    """
    pages = list(pages)
    written = []
    for system, name in ZIPS.items():
        target = folder / name
        target.unlink(missing_ok=True)
        members = [(_name(system, person), page) for person, page in pages]
        members = [(member, page) for member, page in members if member]
        if members:
            target.write_bytes(zip_of({name: page.read_bytes() for name, page in sorted(members)}))
            written.append(target)
    return written


def _name(system: str, person: Person) -> str:
    """The name that the system takes back, "" where it could not tell whose page it is."""
    name = (person.name or person.id).replace("_", " ").replace("/", " ")
    if system == "moodle" and person.system == system and person.user:
        return f"{name}_{person.user}_assignfeedback_file_/{PAGE}"
    if system == "canvas" and person.system == system and person.user and person.upload:
        late = "LATE_" if person.late else ""
        short = "".join(
            letter for letter in name.lower() if letter.isalnum() and not letter.isdigit()
        )
        return f"{short or 'student'}_{late}{person.user}_{person.upload}_{PAGE}"
    return ""
