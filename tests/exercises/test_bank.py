"""Every exercise, over many students: right is right, each mistake is itself, blanks are met."""

from collections import Counter

import pytest

import hlmteach as hlm
from hlmteach.exercises.bank import QUESTIONS, bank_files, lesson_bank
from hlmteach.exercises.draws import DRAWS, draw_sample, sample_of
from hlmteach.exercises.judge import check
from hlmteach.exercises.kinds import Choice, Choices, Numeric, Token
from hlmteach.exercises.own_words import OwnWords
from hlmteach.exercises.proof import STUDENTS, prove
from hlmteach.exercises.question import worded
from hlmteach.exercises.students import PRACTICE

each_question = pytest.mark.parametrize("question", QUESTIONS.values(), ids=list(QUESTIONS))


@pytest.mark.parametrize("lesson", bank_files())
def test_what_must_hold_on_200_students(lesson):
    """Right is right, each mistake is itself, all stand apart, every text can be filled."""
    assert prove(lesson_bank(lesson).values()) == []


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


def _like_a_widget(words: dict[str, str]) -> bool:
    """Whether some widget has controls of these names, and calls them so on the screen."""
    widgets = [getattr(hlm.widgets, name) for name in hlm.widgets.__all__]
    asked = [inputs for w in widgets if isinstance(inputs := getattr(w, "inputs", None), dict)]
    return any(
        words.keys() <= inputs.keys()
        and all(word.startswith(inputs[name].label) for name, word in words.items())
        for inputs in asked
    )


@pytest.mark.parametrize("id", [q.id for q in QUESTIONS.values() if q.kind.name == "state"])
def test_a_state_s_controls_are_called_as_on_the_screen(id):
    assert _like_a_widget(QUESTIONS[id].kind.words)


def test_a_mistake_in_a_state_is_named_whatever_else_is_wrong():
    question = QUESTIONS["17-2"]
    sample = sample_of(question, PRACTICE)
    right = question.key(sample)
    for wrong, said in (
        ({"level": 1}, "half of each ward"),
        ({"icc": 0.1}, "the ICC left as it was"),
    ):
        assert check(question, sample, right | wrong | {"effect": 0.9}).mistake == said
    assert check(question, sample, right | {"effect": 0.9}).status == "wrong"


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
    own = isinstance(question.kind, OwnWords) and isinstance(answer, str)
    assert feedback.status == ("written" if own else "wrong" if any_word else "malformed")
    assert feedback.points == 0
    assert len(feedback.text) > 20


@each_question
def test_it_says_all_that_it_should(question):
    assert len(question.mistakes) >= (0 if isinstance(question.kind, OwnWords) else 2)
    for sample in (sample_of(question, STUDENTS[0]), sample_of(question, PRACTICE)):
        words = [question.text, question.solution, question.right, *question.hints]
        said = [worded(part, sample) for part in words]
        assert all(len(part) > 8 for part in said if part or question.mistakes)
        assert said == [worded(part, sample) for part in words]


@each_question
def test_a_choice_has_words_for_every_wrong_option(question):
    if isinstance(question.kind, Choice) and not isinstance(question.kind, Choices):
        spoken = {mistake.answer for mistake in question.mistakes}
        assert spoken | {question.key(None)} == set(question.kind.letters)


@pytest.mark.parametrize("draw", ["couples", "persons"])
def test_few_students_need_data_of_an_exercise_s_own(draw):
    """Where one data set serves a lesson, an exercise with another one would puzzle."""
    questions = [question for question in QUESTIONS.values() if question.draw.name == draw]
    later = Counter()
    for student in STUDENTS:
        first = draw_sample(DRAWS[draw], student, 0)
        later.update(question.id for question in questions if not question.separates(first))
    assert all(times <= 4 for times in later.values()), later


def test_there_are_enough_of_every_kind():
    lessons = Counter(question.lesson for question in QUESTIONS.values())
    assert all(lessons[f"{number:02d}"] >= 3 for number in range(1, 15))
    kinds = Counter(question.kind.name for question in QUESTIONS.values())
    assert set(kinds) - {"words"} == {"number", "choice", "choices", "token", "fit", "state"}


def test_ids_run_on_in_each_lesson():
    by_lesson = {}
    for question in QUESTIONS.values():
        by_lesson.setdefault(question.lesson, []).append(question.id)
    for lesson, ids in by_lesson.items():
        numbers = [int(id.removeprefix(f"{lesson}-")) for id in ids]
        assert numbers == sorted(set(numbers))  # with gaps: an id that went is not given again
