"""Everything that must hold of the lessons, in one report."""

from dataclasses import dataclass
from pathlib import Path

from hlmteach.course.build import notebook_bytes
from hlmteach.course.length import words_shown
from hlmteach.course.rules import Problem, read_problems
from hlmteach.course.run import run_lesson
from hlmteach.course.source import find_sources, read_lesson


@dataclass(frozen=True)
class Report:
    """What one lesson's check found; `seconds` is None where it was not run."""

    name: str
    title: str
    words: int
    seconds: float | None
    problems: tuple[Problem, ...]

    def __str__(self):
        verdict = "mend" if self.problems else "ok  "
        time = "" if self.seconds is None else f", {self.seconds:.1f} s"
        lines = [f"{verdict}  {self.name}  {self.title}  ({self.words:,} words{time})"]
        return "\n".join(
            lines + [f"      {problem.where}: {problem.what}" for problem in self.problems]
        )


def check_lessons(folder, run=True):
    """Check every lesson of a course, one report at a time.

    Parameters
    ----------
    folder : path-like
        Where the notebooks are; their sources are in its source/.
    run : bool
        Whether to run each lesson too, which takes seconds, not milliseconds.

    Yields
    ------
    Report
    """
    folder = Path(folder)
    lessons = [read_lesson(path) for path in find_sources(folder)]
    yield from _orphans(folder, lessons)
    read = read_problems(lessons)
    for lesson in lessons:
        problems = [problem for problem in read if problem.lesson == lesson.name]
        problems += stale_notebook(folder, lesson)
        ran = run_lesson(lesson) if run else None
        yield Report(
            name=lesson.name,
            title=lesson.title,
            words=words_shown(lesson),
            seconds=ran and ran.seconds,
            problems=(*problems, *(ran.problems if ran else ())),
        )


def stale_notebook(folder, lesson):
    """Return a problem where the notebook is not, byte for byte, what its source builds."""
    path = Path(folder) / f"{lesson.name}.ipynb"
    if path.is_file() and path.read_bytes() == notebook_bytes(lesson.without_checks()):
        return []
    what = "differs from what its source builds" if path.is_file() else "has not been built"
    return [Problem(lesson.name, path.name, f"{what}; run `hlmteach lessons build`.")]


def _orphans(folder, lessons):
    names = {lesson.name for lesson in lessons}
    for path in sorted(folder.glob("*.ipynb")):
        if path.stem not in names:
            problem = Problem(
                path.stem, path.name, "has no source; remove it, or write its source."
            )
            yield Report(name=path.stem, title="", words=0, seconds=None, problems=(problem,))
