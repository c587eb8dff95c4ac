"""Question, Sample, plain answer -> Feedback. Pure, and its wording is always the same."""

import math
from dataclasses import dataclass

from hlmteach.exercises.draws import sample_of
from hlmteach.exercises.kinds import Numeric, State
from hlmteach.exercises.numbers import AnswerError
from hlmteach.exercises.own_words import OwnWords
from hlmteach.exercises.question import Question
from hlmteach.exercises.sample import Sample
from hlmteach.exercises.students import PRACTICE, Student

WRITTEN = "Written. Nobody judges it: compare it with the model answer."
AGAIN = "Not yet. Read it once more, or take a hint."
CLOSE_WITHIN = 10  # tolerances within which an answer is right but for its rounding


@dataclass(frozen=True)
class Feedback:
    """The reply to an answer: whether it is right, and if not, what is wrong with it.

    `status` is "right", "mistake" (one that has a name), "close", "wrong", "malformed" (it cannot
    be read), "blank" or "written" (one's own words, which nobody judges); `text` is what is said,
    `mistake` the name of the mistake, `points` what the answer earns.

    Examples
    --------
    >>> Feedback("right", "Right.", points=1.0).is_right
    True
    >>> print(Feedback("blank", "No answer yet. Expected: a number with 2 decimals."))
    No answer yet. Expected: a number with 2 decimals.
    """

    status: str
    text: str
    mistake: str = ""
    points: float = 0.0

    @property
    def is_right(self) -> bool:
        """Whether the answer is right."""
        return self.status == "right"

    @property
    def is_done(self) -> bool:
        """Whether nothing more is asked: it is right, or written where nothing is judged."""
        return self.status in ("right", "written")

    @property
    def counts(self) -> bool:
        """Whether it was an attempt: an answer that could be read, and is judged."""
        return self.status not in ("blank", "malformed", "written")

    def __str__(self):
        return self.text

    def __repr__(self):
        return self.text


def check(question: Question, sample: Sample, plain, practice: Sample | None = None) -> Feedback:
    """Judge a plain answer on a student's data.

    Parameters
    ----------
    question : Question
    sample : Sample
        The student's own.
    plain : None, bool, number, str, list or dict
        What JSON can hold; see `plain_answer`.
    practice : Sample, optional
        The practice data, to tell who used them in place of their own.

    Returns
    -------
    Feedback
    """
    if _is_blank(plain):
        return Feedback("blank", f"No answer yet. Expected: {question.kind.expected}.")
    try:
        if isinstance(plain, str) and len(plain) > question.kind.longest:
            raise AnswerError(f"That is {len(plain):,} characters long; write the answer only.")
        readings = question.kind.readings(plain)
    except AnswerError as error:
        return Feedback("malformed", str(error))
    if isinstance(question.kind, OwnWords):
        return Feedback("written", f"{WRITTEN} {question.right}".strip())
    return _judge(question, sample, readings, practice)


def check_student(question: Question, student: Student, plain) -> Feedback:
    """Judge a plain answer on the data that this student was given."""
    practice = sample_of(question, PRACTICE) if student != PRACTICE else None
    return check(question, sample_of(question, student), plain, practice)


def _is_blank(plain) -> bool:
    if isinstance(plain, dict):
        return all(value in (None, "") for value in plain.values())
    return plain is None or plain == [] or (isinstance(plain, str) and not _is_seen(plain))


def _is_seen(text: str) -> bool:
    """Whether there is anything but blanks and characters that nobody sees."""
    return any(letter.isprintable() and not letter.isspace() for letter in text)


def _judge(question: Question, sample: Sample, readings: list, practice) -> Feedback:
    kind, (key, *wrongs) = question.kind, question.answers(sample)
    if any(kind.same(value, key) for value in readings):
        return Feedback("right", f"Right. {question.right}".strip(), points=question.points)
    for mistake, wrong in zip(question.mistakes, wrongs, strict=True):
        if any(kind.same(value, wrong) for value in readings):
            return Feedback("mistake", mistake.says, mistake.name, mistake.credit * question.points)
    return _unnamed(question, sample, readings, practice)


def _unnamed(question: Question, sample: Sample, readings: list, practice) -> Feedback:
    """Answers that are wrong in a way that any exercise knows."""
    kind, key = question.kind, question.answers(sample)[0]
    if practice is not None and any(kind.same(v, question.answers(practice)[0]) for v in readings):
        says = "That is right for the practice data. Use your own: they are in ex.data."
        return Feedback("mistake", says, "practice data")
    if isinstance(kind, Numeric):
        return _numeric(kind, key, readings)
    if isinstance(kind, State):
        return _in_part(question, sample, readings[0])
    return Feedback("wrong", AGAIN)


def _in_part(question: Question, sample: Sample, value: dict[str, float]) -> Feedback:
    """A state with a known mistake in it, whatever else is wrong; it earns nothing."""
    key, *wrongs = question.answers(sample)
    for mistake, wrong in zip(question.mistakes, wrongs, strict=True):
        if question.kind.shares(value, wrong, key):
            return Feedback("mistake", mistake.says, mistake.name)
    return Feedback("wrong", AGAIN)


def _numeric(kind: Numeric, key: float, readings: list[float]) -> Feedback:
    rounded = kind.decimals or kind.figures
    if rounded and any(abs(value - key) <= CLOSE_WITHIN * kind.within(key) for value in readings):
        why = "A step may have been rounded, or a number taken that is nearly the one asked."
        return Feedback("close", f"Very close. {why} Expected: {kind.expected}.")
    if rounded and any(_has_fewer_digits(value, key) for value in readings):
        says = f"Right as far as it goes, but with too few digits. Expected: {kind.expected}."
        return Feedback("close", says)
    if key and any(kind.same(-value, key) for value in readings):
        return Feedback("mistake", "The size is right, the sign is not.", "sign")
    for factor in (100, 0.01):
        if key and any(kind.same(factor * value, key) for value in readings):
            says = "The digits are right, but one of the two is in percent. Look at what is asked."
            return Feedback("mistake", says, "percent")
    return Feedback(
        "wrong", "Not yet. Check which model and which number is asked, or take a hint."
    )


def _has_fewer_digits(value: float, key: float) -> bool:
    """Whether the value is the key, rounded or cut to fewer significant digits."""
    if not key:
        return False
    steps = [10.0 ** (math.floor(math.log10(abs(key))) - n) for n in range(6)]
    return any(
        math.isclose(value, step * whole(key / step), rel_tol=1e-9)
        for step in steps
        for whole in (round, math.trunc)
    )
