"""Predict first: two guesses a lesson at least, whose answers nobody sees before guessing."""

import ast
from pathlib import Path

import pytest

from hlmteach.course.source import find_sources, read_lesson

SOURCES = find_sources(Path(__file__).parents[2] / "lessons")
LESSONS = [lesson for lesson in map(read_lesson, SOURCES) if not lesson.is_appendix]

each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)


def guesses(lesson):
    """Each cell with a Predict, and its arguments by keyword."""
    for cell in (cell for cell in lesson.cells if cell.kind == "code"):
        for node in ast.walk(ast.parse(cell.text)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("widgets.Predict"):
                yield cell, {word.arg: word.value for word in node.keywords}


@each_lesson
def test_two_guesses_at_least(lesson):
    assert len(list(guesses(lesson))) >= 2


@each_lesson
def test_the_code_that_holds_the_answer_is_folded_away(lesson):
    assert [cell.text for cell, _ in guesses(lesson) if "remove-input" not in cell.tags] == []


@each_lesson
def test_the_slider_does_not_begin_at_the_answer(lesson):
    for _, words in guesses(lesson):
        numbers = {
            name: _number(words[name]) for name in ("answer", "low", "high") if name in words
        }
        if None not in numbers.values() and "options" not in words:
            low, high = numbers.get("low", 0), numbers.get("high", 1)
            assert abs(numbers["answer"] - (low + high) / 2) > 0.03 * (high - low), numbers


def _number(node):
    """The number that a node spells out; None for a text, or what is computed when asked for."""
    value = None if isinstance(node, ast.Lambda | ast.BinOp) else ast.literal_eval(node)
    return value if isinstance(value, int | float) else None
