"""The table of lessons in the README, from what the lessons' own sources say."""

import re
from pathlib import Path

from hlmteach.course.source import find_sources, read_lesson

HEAD = "| | lesson | what moves |\n| --- | --- | --- |\n"
TABLE = re.compile(re.escape(HEAD) + r"(?:\|.*\n)*")


def lesson_table(folder) -> str:
    """Return the table of the lessons whose sources are in `folder`/source, as Markdown."""
    rows = (
        f"| {lesson.number} | [{lesson.title}](lessons/{lesson.name}.ipynb) | {lesson.moves} |\n"
        for lesson in map(read_lesson, find_sources(folder))
    )
    return HEAD + "".join(rows)


def write_table(folder) -> None:
    """Write the table anew in the README beside `folder`, if there is one with such a table."""
    readme = Path(folder).parent / "README.md"
    text = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    if TABLE.search(text):
        table = lesson_table(folder)
        readme.write_text(TABLE.sub(lambda _: table, text), encoding="utf-8", newline="\n")
