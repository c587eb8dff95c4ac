"""Exercises must not be answered by copying: every number that a lesson prints is typed in."""

import html
import re
from collections.abc import Iterator

from hlmteach.exercises.bank import lesson_bank
from hlmteach.exercises.draws import sample_of
from hlmteach.exercises.judge import check
from hlmteach.exercises.kinds import Numeric
from hlmteach.exercises.question import Question
from hlmteach.exercises.students import PRACTICE, Student, identify

NUMBER = re.compile(
    r"(?<![\w.,])[-\u2212]?(?:\d+(?:,\d{3})*(?:\.\d+)?|\.\d+)(?:e[-+]?\d+)?(?: ?%)?(?!\w)"
)
TAG = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL)
NAMES = ("anna", "ben", "chris")  # an answer that all three share does not depend on the name
LEAST_COUNT = 20  # smaller whole numbers count steps and groups everywhere


def given_away(lesson: str, text: str) -> Iterator[str]:
    """Say which exercises of a lesson a number of its text or printouts answers.

    Parameters
    ----------
    lesson : str
        Its number, such as "07".
    text : str
        All that a student can read there, also as HTML.

    Yields
    ------
    str
        One complaint for each exercise, without a name and with one.
    """
    printed = dict.fromkeys(NUMBER.findall(html.unescape(TAG.sub(" ", text))))
    numbers = [number for number in printed if not _is_a_count(number)]
    named = [identify(name) for name in NAMES]
    for question in lesson_bank(lesson).values():
        if isinstance(question.kind, Numeric):
            for who, students in (("without a name", [PRACTICE]), ("with any name", named)):
                right = [number for number in numbers if _answers(question, students, number)]
                if right:
                    yield f"prints {right[0]}, the answer to {question.id} {who}."


def _is_a_count(number: str) -> bool:
    return number.isdigit() and int(number) < LEAST_COUNT


def _answers(question: Question, students: list[Student], number: str) -> bool:
    return all(check(question, sample_of(question, who), number).is_right for who in students)
