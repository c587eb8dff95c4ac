"""Every exercise, over many students: right is right, each mistake is itself, blanks are met."""

from collections import Counter
from functools import cache

import pytest

from hlmteach.exercises.bank import QUESTIONS
from hlmteach.exercises.draws import draw_sample, sample_of
from hlmteach.exercises.judge import check
from hlmteach.exercises.kinds import Choice, Choices, FitNumber, Numeric, Token
from hlmteach.exercises.question import say
from hlmteach.exercises.students import PRACTICE, identify

STUDENTS = [identify(f"student {number}") for number in range(199)] + [PRACTICE]
each_question = pytest.mark.parametrize("question", QUESTIONS.values(), ids=list(QUESTIONS))


@cache
def samples(draw):
    """The first draw of each student, kept: an exercise that needs another draws it itself."""
    return [draw_sample(draw, student, 0) for student in STUDENTS]


def each_sample(question):
    for student, first in zip(STUDENTS, samples(question.draw), strict=True):
        yield first if question.separates(first) else sample_of(question, student)


def typed(kind, value):
    """The value as a student would type it, rounded as asked."""
    return value if kind.name == "state" else kind.show(value)


@each_question
def test_the_key_is_right_and_each_mistake_is_itself(question):
    for sample in each_sample(question):
        kind = question.kind
        for answer in (typed(kind, question.key(sample)), plain(kind, question.key(sample))):
            assert check(question, sample, answer).status == "right"
        for mistake in question.mistakes:
            for answer in (typed(kind, mistake.value(sample)), plain(kind, mistake.value(sample))):
                feedback = check(question, sample, answer)
                assert (feedback.status, feedback.mistake) == ("mistake", mistake.name)
                assert feedback.text == mistake.says
                assert feedback.points == 0


@each_question
def test_rounding_is_judged_fairly(question):
    kind = question.kind
    if not isinstance(kind, Numeric) or not (kind.decimals or kind.figures):
        return
    for student in STUDENTS[:5]:
        sample = sample_of(question, student)
        key = question.key(sample)
        longer = f"{key:.{(kind.decimals or kind.figures) + 1}{'f' if kind.decimals else 'g'}}"
        assert check(question, sample, longer).is_right, "more digits than asked"
        assert check(question, sample, kind.show(float(longer))).is_right, "rounded twice"
        for figures in (2, 3):
            fewer = check(question, sample, f"{key:.{figures}g}")
            assert fewer.status in ("right", "close") or fewer.mistake in named(question)
        if kind.unit != "%":
            assert check(question, sample, f"{100 * key!r} %").is_right
            assert check(question, sample, 100 * key).mistake in ("percent", *named(question))


def named(question):
    return [mistake.name for mistake in question.mistakes]


def plain(kind, value):
    return {"loglik": value} if isinstance(kind, FitNumber) else value


@each_question
def test_a_blank_gets_a_polite_reply(question):
    sample = sample_of(question, PRACTICE)
    for blank in (None, "", "  ", [], {}):
        feedback = check(question, sample, blank)
        assert feedback.status == "blank"
        assert feedback.text.startswith("No answer yet. Expected: ")
        assert not feedback.counts


@each_question
@pytest.mark.parametrize("answer", ["nan", "inf", "1e400", "?!", True, {"a": "b"}, [[1]], [None]])
def test_nonsense_is_no_attempt_and_no_crash(question, answer):
    feedback = check(question, sample_of(question, PRACTICE), answer)
    any_word = isinstance(question.kind, Token) and isinstance(answer, str)
    assert feedback.status == ("wrong" if any_word else "malformed")
    assert feedback.points == 0
    assert len(feedback.text) > 20


@each_question
def test_practice_data_tell_the_mistakes_apart(question):
    assert question.separates(sample_of(question, PRACTICE))


@each_question
def test_it_says_all_that_it_should(question):
    assert len(question.mistakes) >= 2
    assert len({mistake.name for mistake in question.mistakes}) == len(question.mistakes)
    assert len({mistake.says for mistake in question.mistakes}) == len(question.mistakes)
    assert question.hints
    for sample in (sample_of(question, STUDENTS[0]), sample_of(question, PRACTICE)):
        words = [question.text, question.solution, question.right, *question.hints]
        said = [say(part, sample) for part in words]
        assert all(len(part) > 8 for part in said)
        assert said == [say(part, sample) for part in words]
        assert not any("nan" in part.split() or "{" in part for part in said[1:2])


@each_question
def test_the_solution_shows_the_number(question):
    if not isinstance(question.kind, Numeric):
        return
    for student in STUDENTS[:20]:
        sample = sample_of(question, student)
        assert shown(question, sample) in question.solution(sample)


def shown(question, sample):
    return question.kind.show(question.key(sample)).removesuffix(" %")


@each_question
def test_a_choice_has_words_for_every_wrong_option(question):
    if isinstance(question.kind, Choice) and not isinstance(question.kind, Choices):
        spoken = {mistake.answer for mistake in question.mistakes}
        assert spoken | {question.key(None)} == set(question.kind.letters)


@pytest.mark.parametrize("draw", ["couples", "persons"])
def test_few_students_need_data_of_an_exercise_s_own(draw):
    """Where one data set serves a lesson, an exercise with another one would puzzle."""
    for question in QUESTIONS.values():
        if question.draw == draw:
            redrawn = sum(not question.separates(sample) for sample in samples(draw))
            assert redrawn <= 4, question.id


def test_there_are_enough_of_every_kind():
    lessons = Counter(question.lesson for question in QUESTIONS.values())
    assert all(lessons[f"{number:02d}"] >= 3 for number in range(1, 15))
    kinds = Counter(question.kind.name for question in QUESTIONS.values())
    assert set(kinds) == {"number", "choice", "choices", "token", "fit", "state"}


def test_ids_run_on_in_each_lesson():
    by_lesson = {}
    for question in QUESTIONS.values():
        by_lesson.setdefault(question.lesson, []).append(question.id)
    for lesson, ids in by_lesson.items():
        assert ids == [f"{lesson}-{number}" for number in range(1, len(ids) + 1)]
