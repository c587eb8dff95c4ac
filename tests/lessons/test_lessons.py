from pathlib import Path

import pytest

from hlmteach.course.check import check_lessons, stale_notebook
from hlmteach.course.rules import read_problems
from hlmteach.course.run import run_lesson
from hlmteach.course.source import find_sources, read_lesson

FOLDER = Path(__file__).parents[2] / "lessons"
LESSONS = [read_lesson(path) for path in find_sources(FOLDER)]

each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)


def test_the_course_reads_well():
    assert [str(problem) for problem in read_problems(LESSONS)] == []


def test_each_notebook_has_a_source():
    reports = list(check_lessons(FOLDER, run=False))
    assert [report.name for report in reports] == [lesson.name for lesson in LESSONS]


@each_lesson
def test_the_notebook_is_byte_for_byte_what_its_source_builds(lesson):
    assert stale_notebook(FOLDER, lesson) == []


@pytest.mark.slow
@each_lesson
def test_the_lesson_runs_with_and_without_its_solutions(lesson):
    assert [str(problem) for problem in run_lesson(lesson).problems] == []
