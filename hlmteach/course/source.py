"""A lesson's source: one Markdown file, read by jupytext into a title, goals and cells."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from hlmteach.course.terms import Term, read_terms
from hlmteach.errors import HLMError

FILE_NAME = re.compile(r"(\d\d|A)_[a-z0-9_]+")
APPENDIX = "A"
FRONT_MATTER = re.compile(r"\A---\n(?P<front>.*?\n)---\n(?P<body>.*)\Z", re.DOTALL)
REQUIRED = {"title": str, "minutes": int, "goals": list}
OPTIONAL = {"question": str, "moves": str}


class LessonError(HLMError):
    """A lesson source that cannot be read."""


@dataclass(frozen=True)
class Cell:
    """One cell: its kind ("markdown" or "code"), its text and its tags."""

    kind: str
    text: str
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Lesson:
    """One lesson as its author wrote it; `terms` are the glossary's words that it brings in."""

    name: str
    title: str
    minutes: int
    goals: tuple[str, ...]
    question: str
    cells: tuple[Cell, ...]
    moves: str = ""
    terms: tuple[Term, ...] = ()

    @property
    def number(self):
        """The two digits that the name starts with; "A" of the appendix."""
        return self.name.partition("_")[0]

    @property
    def is_appendix(self):
        """Whether it stands behind the lessons: no exercises, no guesses, no limit of length."""
        return self.number == APPENDIX

    def without_solutions(self):
        """Return the lesson as a student has it before any solution is opened."""
        return self._without("solution")

    def without_checks(self):
        """Return the lesson as it is handed out: checks of the text are for its authors."""
        return self._without("check")

    def _without(self, tag):
        return replace(self, cells=tuple(cell for cell in self.cells if tag not in cell.tags))


def find_sources(folder):
    """Return the sources in `folder`/source, in lesson order."""
    sources = sorted((Path(folder) / "source").glob("*.md"))
    if not sources:
        raise LessonError(
            f"There are no lesson sources in {Path(folder) / 'source'}. "
            "Run this in a checkout of hlmteach, or name the folder that has source/*.md in it."
        )
    return sources


def read_lesson(path):
    """Read one source file into a `Lesson`.

    Parameters
    ----------
    path : path-like
        A MyST Markdown file named like ``07_random_intercept.md``.

    Returns
    -------
    Lesson

    Raises
    ------
    LessonError
        If the file name or the front matter is not as docs/lessons_format.md has it.
    """
    path = Path(path)
    if not FILE_NAME.fullmatch(path.stem):
        raise LessonError(
            f"A lesson's file is named like 07_random_intercept.md; this one is {path.name}."
        )
    parts = FRONT_MATTER.match(path.read_text(encoding="utf-8"))
    if not parts:
        raise LessonError(f"{path.name} must start with front matter between two lines of ---.")
    facts = _front_matter(path, parts["front"])
    return Lesson(
        name=path.stem,
        title=facts["title"],
        minutes=facts["minutes"],
        goals=tuple(facts["goals"]),
        question=facts.get("question", ""),
        cells=_cells(parts["body"]),
        moves=facts.get("moves", ""),
        terms=_terms(path),
    )


def _terms(path):
    """The words that the glossary, beside the folder of lessons, says this lesson brings in."""
    glossary = path.absolute().parent.parent.parent / "docs" / "glossary.md"
    every = read_terms(glossary) if glossary.is_file() else ()
    return tuple(term for term in every if term.lesson == path.stem.partition("_")[0])


def _front_matter(path, text):
    import yaml

    try:
        facts = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise LessonError(f"{path.name} has YAML that cannot be read: {error}") from error
    known = REQUIRED | OPTIONAL
    for key in facts:
        if key not in known:
            raise LessonError(
                f"{path.name} has {key!r} in its front matter; known are {', '.join(known)}."
            )
    for key, kind in known.items():
        if key in facts or key in REQUIRED:
            _check_fact(path, key, facts.get(key), kind)
    return facts


def _check_fact(path, key, value, kind):
    if not isinstance(value, kind) or not value:
        raise LessonError(
            f"{path.name} needs {key!r} ({kind.__name__}) in its front matter; it has {value!r}."
        )


def _cells(body):
    try:
        import jupytext
    except ImportError:
        raise LessonError(
            "Reading lesson sources needs jupytext, which is not installed. "
            "Mend it with: pip install jupytext"
        ) from None
    return tuple(
        Cell(cell.cell_type, cell.source, frozenset(cell.metadata.get("tags", ())))
        for cell in jupytext.reads(body, fmt="md:myst").cells
    )
