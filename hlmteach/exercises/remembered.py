"""A student's name, kept in the folder of their notebooks: it is asked for once."""

from pathlib import Path

from hlmteach.exercises.students import PRACTICE, Student, readable_id

FILE = ".hlmteach-student"


def remember(student: Student, folder: Path | None = None) -> None:
    """Keep an id for the notebooks of a folder, of this one where none is named.

    An id with a code counts for marks: it stands in each notebook, and is not kept.
    """
    if student.id and not student.code:
        try:
            path = (folder or Path.cwd()) / FILE
            path.write_text(f"{student.id}\n", encoding="utf-8")
        except OSError:  # a folder that cannot be written to keeps nothing
            return


def remembered() -> Student:
    """The student whose name this folder keeps; whoever practises where it keeps none."""
    try:
        with open(FILE, encoding="utf-8") as file:
            name = readable_id(file.read(1000))
    except (OSError, UnicodeDecodeError):
        return PRACTICE
    return Student(name) if name else PRACTICE
