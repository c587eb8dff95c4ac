import ast
import builtins
from pathlib import Path

import pytest

from hlmteach.course.check import check_lessons, stale_notebook
from hlmteach.course.length import MOST_MINUTES, minutes_needed
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
def test_the_minutes_stated_are_those_estimated(lesson):
    core, exercises = minutes_needed(lesson)
    assert core <= MOST_MINUTES
    assert abs(lesson.minutes - core - exercises) <= 3  # stated to five


@each_lesson
def test_the_notebook_is_byte_for_byte_what_its_source_builds(lesson):
    assert stale_notebook(FOLDER, lesson) == []


@each_lesson
def test_what_is_to_be_seen_needs_no_check_and_no_worked_answer(lesson):
    known = {*dir(builtins)}
    for cell in lesson.cells:
        if cell.kind == "code" and not {"check", "solution"} & set(cell.tags):
            nodes = list(ast.walk(ast.parse(cell.text)))
            known |= {name for node in nodes for name in _given_by(node)}
            assert {node.id for node in nodes if isinstance(node, ast.Name)} <= known, cell.text


def _given_by(node):
    """Names that this piece of a cell gives a value to."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return [node.id]
    if isinstance(node, ast.alias):
        return [(node.asname or node.name).partition(".")[0]]
    if isinstance(node, ast.FunctionDef | ast.ExceptHandler):
        return [node.name]
    return [node.arg] if isinstance(node, ast.arg) else []


@pytest.mark.slow
def test_lessons_with_worked_answers_run_without_them():
    """With them, each runs in tests/browser/test_pages.py, which writes the course as pages."""
    bare = [(lesson, lesson.without_solutions()) for lesson in LESSONS]
    ran = [run_lesson(one) for lesson, one in bare if one != lesson]
    assert [str(problem) for run in ran for problem in run.problems] == []
