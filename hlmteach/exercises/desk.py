"""The desk of this kernel: who works here, and the exercises that have been opened."""

import re
from collections.abc import Mapping

from hlmteach.exercises.bank import OURS, QUESTIONS, asked_in, lesson_bank, read_bank
from hlmteach.exercises.front import front, in_a_kernel
from hlmteach.exercises.numbers import ExerciseError, shorten
from hlmteach.exercises.personal import Exercise
from hlmteach.exercises.question import Question
from hlmteach.exercises.remembered import remember, remembered
from hlmteach.exercises.students import PRACTICE, Student, identify

_desk: dict[str, Student] = {}
_opened: dict[tuple[Student, str], Exercise] = {}


def student(id: str | None = None, secret: str | None = None) -> Student:
    """Say whose exercises these are; once in a folder of notebooks is enough.

    The same id gives the same data everywhere. Without an id, everyone has the practice data. In a
    notebook the id is kept in the notebook's folder, and the others there know it. An id with a
    code is not kept: where it counts for marks, the line stands in each notebook.

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
    if in_a_kernel():
        remember(_desk["student"])
    left = [ex.id for (who, _), ex in _opened.items() if who != _desk["student"]]
    if left:
        front().note_others(left)
    return _desk["student"]


def exercise(id: str | None = None, bank=None) -> Exercise:
    """Open an exercise: in a notebook its card appears, elsewhere its text.

    Parameters
    ----------
    id : str
        Lesson and number, "08-1"; or an id of a teacher's own bank, "mine-1".
    bank : path-like, optional
        The file with the teacher's bank, beside the notebook: "mine.toml".

    Returns
    -------
    Exercise
        The same one again when it is opened twice.

    Raises
    ------
    ExerciseError
        When there is none of that id; it names those that there are.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> ex = hlm.exercise("08-1")
    >>> ex.answer = 2
    >>> print(ex.check())
    One short. Besides the intercept there are two variances: which is missing?
    """
    question = find_question(id, bank)
    key = (_present_student(), question.id)
    if key not in _opened or _opened[key].question is not question:  # a bank may be written anew
        _opened[key] = Exercise(question, key[0])
        front().recall(_opened[key])
    return _opened[key]


def find_question(id, bank=None) -> Question:
    """The question of an id such as "08-1", "8-1" or "8.1", or of a teacher's bank."""
    parts = re.fullmatch(r"\s*(\d{1,2})\s*[-._ \u2013\u2212]\s*(\d{1,2})\s*", str(id))
    tidy = f"{int(parts[1]):02d}-{int(parts[2])}" if parts else str(id).strip()
    questions = QUESTIONS if bank is None or OURS.fullmatch(tidy) else read_bank(bank)
    if tidy not in questions:
        raise _no_such_exercise(tidy, questions)
    return questions[tidy]


def lesson_questions(lesson: str, bank=None) -> list[Question]:
    """The questions that a lesson asks, in order; of a teacher's bank those of ids like it."""
    questions = (
        lesson_bank(lesson) if bank is None or OURS.fullmatch(f"{lesson}-1") else read_bank(bank)
    )
    asked = asked_in(lesson) if bank is None else frozenset()
    mine = [question for question in questions.values() if question.lesson == lesson]
    return [question for question in mine if question.id in asked] or mine


def progress(lesson: str | None = None, bank=None) -> tuple[int, int]:
    """Count what a lesson asks, and how much of it is solved in this notebook.

    The other exercises of its bank are for more practice, and are not counted.

    Parameters
    ----------
    lesson : str
        Its number: "08"; of a teacher's bank the start of its ids: "mine".
    bank : path-like, optional
        The file with the teacher's bank.

    Returns
    -------
    tuple of two ints

    Examples
    --------
    >>> import hlmteach as hlm
    >>> solved, total = hlm.progress("08")
    >>> total
    4
    """
    questions = lesson_questions(f"{str(lesson).strip():0>2}", bank)
    if not questions:
        raise ExerciseError(f"There is no lesson {shorten(lesson)}. Write hlm.progress('08').")
    return _progress(_present_student(), questions)


def progress_beside(exercise: Exercise) -> tuple[int, int]:
    """`progress` of an exercise's student in its lesson."""
    question = exercise.question
    return _progress(exercise.student, lesson_questions(question.lesson, question.bank or None))


def _progress(student: Student, questions: list[Question]) -> tuple[int, int]:
    mine = (_opened.get((student, question.id)) for question in questions)
    return sum(ex.solved for ex in mine if ex is not None), len(questions)


def _present_student() -> Student:
    """Who works here: as was said in this kernel, else in an earlier notebook of the folder."""
    if "student" not in _desk:
        _desk["student"] = remembered() if in_a_kernel() else PRACTICE
    return _desk["student"]


def clear_desk() -> None:
    """Forget the student and all opened exercises, as a new kernel does."""
    _desk.clear()
    _opened.clear()


def _no_such_exercise(id: str, questions: Mapping[str, Question]) -> ExerciseError:
    if questions is not QUESTIONS:
        return ExerciseError(
            f"There is no exercise {shorten(id)}. The bank has {', '.join(questions)}."
        )
    lesson = re.search(r"\d{1,2}", id[:20])
    mates = lesson_bank(f"{lesson[0]:0>2}") if lesson else {}
    near = f"Lesson {lesson[0]:0>2} has {', '.join(mates)}. " if mates else ""
    return ExerciseError(
        f"There is no exercise {shorten(id)}. {near}Write, for example, hlm.exercise('08-1')."
    )
