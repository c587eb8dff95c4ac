import numbers

import pytest

from hlmteach import widgets
from hlmteach.classroom.command import STUDY_OF, find_lesson
from hlmteach.classroom.questions import (
    UNREADABLE,
    activities_of,
    exercises,
    guesses,
    judge,
    truths,
)
from hlmteach.course.handout import shipped_lessons
from hlmteach.errors import HLMError

LESSONS = [path.name.partition("_")[0] for path in shipped_lessons()]


@pytest.mark.parametrize("number", LESSONS)
def test_every_guess_of_a_lesson_is_read_and_has_its_truth(number):
    lesson = find_lesson(number)
    code = [cell.text for cell in lesson.cells if cell.kind == "code"]
    calls = sum(text.count("hlm.widgets.Predict(") for text in code)
    asked, known = guesses(lesson), truths(lesson)
    assert len(asked) == calls
    assert [guess.title for guess in asked] == list(known)
    for guess in asked:
        truth = known[guess.title]
        if guess.kind == "choice":
            assert truth in guess.about["options"]
        else:
            assert isinstance(truth, numbers.Real)
            assert guess.about["low"] < guess.about["high"]


@pytest.mark.parametrize("number", LESSONS)
def test_exercises_of_a_lesson_can_be_judged_whatever_is_typed(number):
    for activity in exercises(number):
        assert activity.about["question"]
        for answer in [
            "a",
            "1",
            "−2.5",
            "9" * 200,
            "1e999",
            "nan",
            "<b>",
            "=1+1",
            "٣",
            "%",
            "\U0001f600",
        ]:
            status, _, text = judge(activity, answer)
            assert status
            assert answer == "a" or answer not in text.split()


def test_answers_that_cannot_be_read_are_not_shown_to_the_room():
    activity = next(one for one in exercises("10") if not one.about["options"])
    assert judge(activity, "my neighbour is a fool") == ("malformed", "", UNREADABLE)


def test_a_room_without_a_lesson_has_the_four_studies():
    keys = [activity.key for activity in activities_of(None)]
    assert keys == ["study-intervals", "study-alarms", "study-groups", "study-choices"]
    assert len({activity.key for activity in activities_of(find_lesson("10"))}) == 2 + 2 + 5 + 4


def test_each_study_has_its_widget():
    assert list(STUDY_OF.values()) == [activity.key for activity in activities_of(None)]
    assert set(STUDY_OF) <= set(widgets.__all__)


def test_a_lesson_that_is_not_there_is_answered_with_those_that_are():
    with pytest.raises(HLMError, match=r"There is no lesson '99'.*10"):
        find_lesson("99")
