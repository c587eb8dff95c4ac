import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import hlmteach as hlm
from hlmteach.exercises.bank import asked_in, lesson_bank
from hlmteach.exercises.desk import clear_desk, find_question
from hlmteach.exercises.draws import sample_of
from hlmteach.exercises.numbers import AnswerError, ExerciseError
from hlmteach.exercises.plain import plain_answer
from hlmteach.exercises.record import Record, read_record
from hlmteach.exercises.students import (
    CODE_LETTERS,
    PRACTICE,
    identify,
    personal_code,
    printed_code,
)


@pytest.fixture(autouse=True)
def _clear():
    clear_desk()
    yield
    clear_desk()


# -- answering -------------------------------------------------------------------------------


def test_the_tutorial_s_numbers_are_not_those_of_the_practice_data():
    published = {"07-1": -3263.775, "08-2": 6533.549, "08-3": 12.34079}
    for name, answer in published.items():
        ex = hlm.exercise(name)
        ex.answer = answer
        assert not ex.check().is_right, name


def test_a_fitted_model_is_an_answer():
    ex = hlm.exercise("07-1")
    ex.answer = hlm.lme("Satisfaction ~ 1", data=ex.data, random="~1|Time")
    assert ex.check().mistake == "REML for ML"
    ex.answer = hlm.lmer("Satisfaction ~ 1 + (1|Time)", data=ex.data, REML=False)
    assert ex.check().is_right
    assert ex.attempts == 2


def test_own_data_have_their_own_key():
    hlm.student("anna")
    ex = hlm.exercise("07-1")
    practice = sample_of(ex.question, PRACTICE).frame
    ex.answer = hlm.lme("Satisfaction ~ 1", data=practice, random="~1|Time", method="ML")
    assert ex.check().mistake == "practice data"
    ex.answer = hlm.lme("Satisfaction ~ 1", data=ex.data, random="~1|Time", method="ML")
    assert ex.check().is_right


def test_reading_goes_on_at_one_thousand():
    ex = hlm.exercise("08-2")
    for answer in ("6,562.89", "6.562,89", "6562,89", "AIC = 6562.89"):
        ex.answer = answer
        assert ex.check().is_right, answer


def test_close_percent_and_sign_are_told():
    ex = hlm.exercise("07-2")
    said = {
        "0.04": "close",
        "-0.044": "sign",
        "4.4": "percent",
        "4.4 %": "right",
        "17": "wrong",
    }
    for answer, wanted in said.items():
        ex.answer = answer
        feedback = ex.check()
        assert wanted in (feedback.status, feedback.mistake), answer


@pytest.mark.parametrize("id", ["07-2", "08-2", "08-3"])
def test_close_is_within_ten_tolerances(id):
    ex = hlm.exercise(id)
    key = ex.question.key(ex.sample)
    for off, status in [(0.9, "right"), (9, "close"), (11, "wrong"), (60, "wrong")]:
        for sign in (-1, 1):
            answer = key + sign * off * ex.question.kind.within(key)
            assert ex.check(answer).status == status, off


def test_a_limit_is_no_number():
    ex = hlm.exercise("08-4")
    ex.answer = "< .001"
    feedback = ex.check()
    assert feedback.status == "malformed"
    assert "Write the number itself" in feedback.text


def test_attempts_count_answers_not_checks():
    ex = hlm.exercise("08-1")
    for answer in ("", "three", 1):
        ex.answer = answer
        ex.check()
    assert ex.attempts == 1
    ex.check()
    assert ex.attempts == 1
    ex.answer = 2
    ex.check()
    ex.answer = 3
    assert ex.check().is_right
    assert ex.attempts == 3
    assert ex.solved


def test_hints_come_one_by_one():
    ex = hlm.exercise("08-2")
    assert repr(ex.hint()).startswith("Hint 1 of 3")
    assert [len(ex.hint().splitlines()) for _ in range(4)] == [2, 3, 3, 3]


def test_the_solution_waits():
    ex = hlm.exercise("08-1")
    assert "after 3 attempts" in ex.solution()
    for answer in (1, 2, 6):
        ex.answer = answer
        ex.check()
    assert ex.solution().startswith("k = 3")


def test_for_marks_the_solution_waits_until_solved():
    hlm.student("anna", secret="code")
    ex = hlm.exercise("08-1")
    for answer in (1, 2, 6, 7):
        ex.answer = answer
        ex.check()
    assert "attempts" not in ex.solution()
    ex.answer = 3
    ex.check()
    assert ex.solution().startswith("k = 3")


def test_the_text_form_says_how_to_go_on(capsys):
    ex = hlm.exercise("07-3")
    ex._ipython_display_()
    shown = capsys.readouterr().out
    assert "b) both by ML" in shown
    assert "ex.answer = " in shown


def solve(name):
    ex = hlm.exercise(name)
    ex.answer = ex.question.key(ex.sample)
    assert ex.check().is_right


def test_progress_counts_what_a_lesson_asks():
    asked = asked_in("08")
    more = set(lesson_bank("08")) - asked
    assert asked
    assert more
    total = len(asked)
    for name in (*more, "12-1"):  # answered, and no part of the lesson's count
        solve(name)
    assert hlm.progress("08") == hlm.progress(8) == (0, total)
    for name in asked & {"08-3", "08-6"}:
        solve(name)
    assert hlm.progress("08") == (2, total)
    with pytest.raises(ExerciseError, match="no lesson 'x'"):
        hlm.progress("x")


# -- errors without a traceback ----------------------------------------------------------------


@pytest.mark.parametrize("name", ["08-1", "8-1", "8.1", " 08 - 1 ", "08–1"])
def test_an_id_is_found_however_it_is_written(name):
    assert find_question(name).id == "08-1"


@pytest.mark.parametrize("name", ["08-99", "eight", 8, None, "", "99-1", "x" * 10_000])
def test_an_unknown_id_is_one_sentence(name):
    with pytest.raises(ExerciseError, match="There is no exercise") as caught:
        hlm.exercise(name)
    assert caught.value._render_traceback_() == [str(caught.value)]
    assert len(str(caught.value)) < 200
    assert ("Lesson 08 has 08-1, 08-2" in str(caught.value)) == (name in ("08-99", 8))


def test_a_misspelt_attribute_is_said():
    ex = hlm.exercise("08-1")
    for name in ("anwser", "data", "check"):
        with pytest.raises(ExerciseError, match="Write: ex"):
            setattr(ex, name, 3)
    with pytest.raises(ExerciseError, match="It has data, answer"):
        _ = ex.anwser
    assert not hasattr(ex, "_repr_html_")


class Raises:
    @property
    def state(self):
        raise RuntimeError("no state")


class RaisesFloat(float):
    def __float__(self):
        raise RuntimeError("no number")


def test_an_answer_can_be_checked_at_once():
    assert hlm.exercise("08-1").check(2).mistake == "one variance forgotten"
    assert hlm.exercise("08-1").check().mistake == "one variance forgotten"


@pytest.mark.parametrize(
    "answer",
    [
        object(),
        lambda: 3,
        3j,
        np.ones(3),
        "x" * 10_000,
        range(3),
        [1] * 99,
        Raises(),
        RaisesFloat(3),
    ],
)
def test_what_cannot_be_handed_in_is_no_error(answer):
    ex = hlm.exercise("08-1")
    ex.answer = answer
    feedback = ex.check()
    assert feedback.status == "malformed"
    assert ex.answer is None


@pytest.mark.parametrize("id", [3.5, True, ["anna"], "x" * 101])
def test_an_odd_id_is_one_sentence(id):
    with pytest.raises(ExerciseError, match="id"):
        hlm.student(id)


@pytest.mark.parametrize("id", ["a\x00b", "\ud800"])
def test_an_id_that_cannot_be_seen_is_refused(id):
    with pytest.raises(ExerciseError, match="unseen"):
        hlm.student(id)


def test_a_code_without_an_id_is_refused():
    with pytest.raises(ExerciseError, match="belongs to an id"):
        hlm.student(secret="code")


# -- plain answers -----------------------------------------------------------------------------


class Widget:
    @property
    def state(self):
        return {"slope": np.float64(0.5), "name": "a"}


class Forged(float):
    def __eq__(self, other):
        return True

    __hash__ = None


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (np.float64(3.5), 3.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (np.array([[3.5]]), 3.5),
        (pd.Series({"NPD": 0.5}), 0.5),
        (float("nan"), "nan"),
        (np.inf, "inf"),
        (10**400, "inf"),
        ({"c", "a"}, ["a", "c"]),
        (("a", 1), ["a", 1]),
        (Widget(), {"slope": 0.5, "name": "a"}),
        (Forged(2.0), 2.0),
        (None, None),
    ],
)
def test_answers_become_plain(answer, wanted):
    made = plain_answer(answer)
    assert json.loads(json.dumps(made, allow_nan=False)) == wanted
    assert type(made) is type(wanted)


def test_too_much_is_refused():
    with pytest.raises(AnswerError, match="3 values"):
        plain_answer(np.ones(3))


# -- records -----------------------------------------------------------------------------------


def test_a_record_survives_json():
    ex = hlm.exercise("08-1")
    ex.answer = 2
    ex.check()
    ex.hint()
    copy = read_record(json.loads(json.dumps(ex.record.as_dict())))
    assert copy == ex.record
    assert (copy.attempts, copy.hints, copy.status, copy.origin) == (1, 1, "mistake", "code")


@pytest.mark.parametrize(
    "values", [None, 3, [], {}, {"exercise": 3}, {"exercise": ""}, {"answer": 3}, "text"]
)
def test_what_is_no_record_is_none(values):
    assert read_record(values) is None


def test_an_edited_record_keeps_what_can_be_kept():
    values = {"exercise": "08-1", "attempts": -5, "solved": "yes", "answer": [1], "other": 3}
    assert read_record(values) == Record("08-1", answer=[1])
    for answer in ([[1]], {"a": {"b": 1}}, ["x" * 301], "x" * 2001, "x" * 10**6, [1] * 21):
        assert read_record({"exercise": "08-1", "answer": answer}).answer is None
    assert read_record({"exercise": "08-1", "ticks": ["a"], "solved": True}).ticks == ""
    assert read_record({"exercise": "08-1", "student": "x" * 101, "turn": 10**9}) == Record("08-1")


def test_a_record_of_other_data_is_not_taken_up():
    ex = hlm.exercise("08-1")
    hlm.student("anna")
    mine = hlm.exercise("08-1")
    mine.restore(Record("08-1", "", ex.student.mark, answer=2))
    assert mine.answer is None
    mine.restore(Record("08-1", "anna", mine.student.mark, answer=2, status="mistake"))
    assert mine.answer == 2
    assert mine.feedback.mistake == "one variance forgotten"


# -- the same data everywhere --------------------------------------------------------------------


def test_upper_case_and_spaces_do_not_make_another_student():
    assert identify(" ANNA  Lee ") == identify("anna lee")
    assert identify(1234) == identify("1234")


def test_data_are_the_same_in_every_python():
    """A change of numpy, or of the machine, must not change anybody's data."""
    code = (
        "import hlmteach as hlm\n"
        "for who in ('anna', 'bo'):\n"
        "    hlm.student(who)\n"
        "    print(round(hlm.exercise('07-1').data['Satisfaction'].sum() * 6))\n"
    )
    command = [sys.executable, "-c", code]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert lines == ["80297", "81564"]


def test_the_secret_gives_other_data():
    sums = set()
    for secret in (None, "one", "two"):
        hlm.student("anna", secret=secret)
        sums.add(float(hlm.exercise("07-1").data["Satisfaction"].sum()))
    assert len(sums) == 3


def test_a_student_cannot_spoil_the_key():
    ex = hlm.exercise("07-1")
    data = ex.data
    data["Satisfaction"] = 0.0
    ex.answer = -3278.447
    assert ex.check().is_right


# -- codes -----------------------------------------------------------------------------------------


def test_a_printed_code_is_the_personal_code_with_a_check_letter():
    printed = printed_code("anna", "spring")
    assert identify("Anna", printed.upper()).code == personal_code("anna", "spring")
    assert identify("anna", printed.replace("-", " ")) == identify("anna", printed)
    assert identify("anna", printed.replace("-", "")) == identify("anna", printed)
    assert identify("anna", personal_code("anna", "spring")) == identify("anna", printed)


def slips(code):
    """Every code with one letter changed, left out, added or swapped with its neighbour."""
    for i, letter in enumerate(code):
        yield from (code[:i] + other + code[i + 1 :] for other in CODE_LETTERS if other != letter)
        yield code[:i] + code[i + 1 :]
        yield code[:i] + "a" + code[i:]
        yield code[:i] + code[i + 1 : i + 2] + letter + code[i + 2 :]


def test_every_slip_in_a_code_is_told_at_once():
    printed = printed_code("anna", "spring")
    groups = [part for part in slips(printed) if part.replace("-", "") != printed.replace("-", "")]
    assert len(groups) > 300
    for wrong in groups:
        with pytest.raises(ExerciseError, match="does not belong to the id 'anna'"):
            identify("anna", wrong)


def test_a_slip_in_the_id_is_told_nearly_always():
    printed = printed_code("anna.lee", "spring")
    told = 0
    for wrong in (name for name in slips("anna.lee") if name != "anna.lee"):
        try:
            identify(wrong, printed)
        except ExerciseError:
            told += 1
    assert told > 0.9 * len({name for name in slips("anna.lee") if name != "anna.lee"})
