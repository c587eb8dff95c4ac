"""What each lesson asks of a student in its cells: how many exercises, and of which sorts."""

import pytest

from hlmteach.exercises.bank import asked_in, bank_files, lesson_bank
from hlmteach.exercises.draws import sample_of
from hlmteach.exercises.own_words import OwnWords
from hlmteach.exercises.question import worded
from hlmteach.exercises.students import PRACTICE

LESSONS = [lesson for lesson in bank_files() if lesson != "00"]
# Data in which there are enough groups to see how far groups differ.
MANY_GROUPS = {
    "classes", "clients", "clinics", "groups", "growth", "items", "persons", "schools", "study",
    "therapy", "visits", "wide",
}  # fmt: skip
each_lesson = pytest.mark.parametrize("lesson", LESSONS)


def asked(lesson):
    bank = lesson_bank(lesson)
    return [bank[id] for id in bank if id in asked_in(lesson)]


@each_lesson
def test_a_lesson_asks_three_or_four_that_its_bank_has(lesson):
    assert len(asked(lesson)) == len(asked_in(lesson))
    assert 3 <= len(asked(lesson)) <= 4


@each_lesson
def test_one_is_answered_in_own_words_beside_a_model_answer_and_three_points(lesson):
    (own,) = (question for question in asked(lesson) if isinstance(question.kind, OwnWords))
    assert len(own.kind.points) == 3
    assert len(worded(own.solution, sample_of(own, PRACTICE)).split()) > 25


@each_lesson
def test_one_is_answered_with_a_widget_or_from_a_new_printout(lesson):
    def looks(question):
        text = worded(question.text, sample_of(question, PRACTICE))
        return question.kind.name == "state" or "```" in text or "hlm.widgets." in text

    assert any(map(looks, asked(lesson)))


def test_at_least_half_of_the_computed_answers_come_from_many_groups():
    computed = [q for lesson in LESSONS for q in asked(lesson) if q.kind.name in ("number", "fit")]
    assert 2 * sum(q.draw.name in MANY_GROUPS for q in computed) >= len(computed)
