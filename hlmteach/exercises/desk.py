"""The desk of this kernel: who works here, and the exercises that have been opened."""

import re

from hlmteach.exercises.bank import QUESTIONS
from hlmteach.exercises.front import front
from hlmteach.exercises.numbers import ExerciseError, shorten
from hlmteach.exercises.personal import Exercise
from hlmteach.exercises.question import Question
from hlmteach.exercises.students import PRACTICE, Student, identify

_desk: dict[str, Student] = {"student": PRACTICE}
_opened: dict[tuple[Student, str], Exercise] = {}


def student(id: str | None = None, secret: str | None = None) -> Student:
    """Say whose exercises these are; write it once, at the top of the notebook.

    The same id gives the same data everywhere. Without an id, everyone has the practice data.

    Parameters
    ----------
    id : str, optional
        Your name or number, as your teacher wants it.
    secret : str, optional
        Your personal code, where the teacher handed one out.

    Returns
    -------
    Student

    Examples
    --------
    >>> import hlmteach as hlm
    >>> hlm.student("anna")
    Exercises of anna: each exercise has your own data in ex.data.
    >>> hlm.student()
    Practice data: the same for everyone. For your own: hlm.student('your id').
    """
    _desk["student"] = identify(id, secret)
    left = [ex.id for (who, _), ex in _opened.items() if who != _desk["student"]]
    if left:
        front().note_others(left)
    return _desk["student"]


def exercise(id: str) -> Exercise:
    """Open an exercise.

    Parameters
    ----------
    id : str
        Lesson and number: "08-1".

    Returns
    -------
    Exercise
        The same one again when it is opened twice.

    Raises
    ------
    ExerciseError
        When there is none of that id; it names those of the lesson.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> ex = hlm.exercise("08-1")
    >>> ex.answer = 2
    >>> print(ex.check())
    One short. Besides the intercept there are two variances: which is missing?
    """
    question = find_question(id)
    key = (_desk["student"], question.id)
    if key not in _opened:
        _opened[key] = Exercise(question, key[0])
        front().recall(_opened[key])
    return _opened[key]


def find_question(id) -> Question:
    """The question of an id such as "08-1", "8-1" or "8.1"."""
    parts = re.fullmatch(r"\s*(\d{1,2})\s*[-._ \u2013\u2212]\s*(\d{1,2})\s*", str(id))
    tidy = f"{int(parts[1]):02d}-{int(parts[2])}" if parts else str(id)
    if tidy not in QUESTIONS:
        raise _no_such_exercise(tidy.strip())
    return QUESTIONS[tidy]


def lesson_questions(lesson: str) -> list[Question]:
    """The questions of a lesson, in order."""
    return [question for question in QUESTIONS.values() if question.lesson == lesson]


def progress(lesson: str) -> tuple[int, int]:
    """Of a lesson's exercises, how many are solved here, and how many there are.

    Parameters
    ----------
    lesson : str
        Its number: "08".

    Returns
    -------
    tuple of two ints

    Examples
    --------
    >>> import hlmteach as hlm
    >>> solved, total = hlm.progress("08")
    >>> total
    5
    """
    number = f"{str(lesson).strip():0>2}"
    if not lesson_questions(number):
        raise ExerciseError(f"There is no lesson {shorten(lesson)}. Write hlm.progress('08').")
    return progress_of(_desk["student"], number)


def progress_of(student: Student, lesson: str) -> tuple[int, int]:
    """`progress` of any student who has been at this desk."""
    mine = [ex for (who, _), ex in _opened.items() if who == student]
    solved = sum(ex.solved for ex in mine if ex.question.lesson == lesson)
    return solved, len(lesson_questions(lesson))


def clear_desk() -> None:
    """Forget the student and all opened exercises, as a new kernel does."""
    _desk["student"] = PRACTICE
    _opened.clear()


def _no_such_exercise(id: str) -> ExerciseError:
    lesson = re.search(r"\d{1,2}", id[:20])
    mates = lesson_questions(f"{lesson[0]:0>2}") if lesson else ()
    near = f"Lesson {mates[0].lesson} has {', '.join(q.id for q in mates)}. " if mates else ""
    return ExerciseError(
        f"There is no exercise {shorten(id)}. {near}Write, for example, hlm.exercise('08-1')."
    )
