"""What must hold of exercises, tried on many students: `hlmteach exercises check`."""

import math
import re
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

from hlmteach.errors import HLMError
from hlmteach.exercises.bank import find_bank, read_faults
from hlmteach.exercises.draws import draw_sample, sample_of
from hlmteach.exercises.judge import check
from hlmteach.exercises.kinds import FitNumber, Numeric
from hlmteach.exercises.numbers import BankError
from hlmteach.exercises.own_words import OwnWords
from hlmteach.exercises.question import Question, worded
from hlmteach.exercises.reading import Fault, Reading
from hlmteach.exercises.sample import Sample
from hlmteach.exercises.students import PRACTICE, Student, identify

STUDENTS = tuple(identify(f"student {number}") for number in range(200))
OFTEN = 0.1  # share of students for whom the first draw may not do


def check_bank(path, students=STUDENTS) -> list[Fault]:
    """Everything that is wrong with a teacher's bank.

    Parameters
    ----------
    path : path-like
    students : sequence of Student
        Whom to try it on.

    Returns
    -------
    list of Fault
        In the order of the file; none where all is well.

    Raises
    ------
    BankError
        When there is no such file.
    """
    questions, faults = read_faults(path)
    text = Path(find_bank(path)).read_text(encoding="utf-8-sig")
    faults = [*faults, *_unused(text), *prove(questions.values(), students, Reading(text).line_of)]
    return sorted(faults, key=lambda fault: fault.line)


def _unused(text: str) -> Iterable[Fault]:
    """Names in [define] that stand nowhere else."""
    block = re.search(r"^\[define\]$(.*?)^\[", text, re.MULTILINE | re.DOTALL)
    for name in re.findall(r"^(\w+)\s*=", block[1], re.MULTILINE) if block else ():
        if len(re.findall(rf"\b{name}\b", text)) == 1:
            yield Fault(f"[define], {name}", "It is used nowhere. Use it, or take it out.")


def prove(questions: Iterable[Question], students=STUDENTS, line=lambda id: 0) -> list[Fault]:
    """Try questions on the practice data and on many students; the first fault of each question.

    The key is right and each mistake is itself, typed as asked and at full length; they differ by
    more than twice the tolerance; every text can be filled, and the worked answer shows the key.

    Parameters
    ----------
    questions : iterable of Question
    students : sequence of Student
    line : function of an id
        The line at which a question stands.

    Returns
    -------
    list of Fault
    """
    left = {question.id: question for question in questions}
    faults, later = [], dict.fromkeys(left, 0)
    for student in (PRACTICE, *students):
        for question in list(left.values()):
            try:
                later[question.id] += _prove_for(question, student)
            except HLMError as error:
                whose = f" (of {student.id})" if student.id else ""
                faults.append(
                    Fault(f"question {question.id}", f"{error}{whose}", line(question.id))
                )
                del left[question.id]
    faults += [
        Fault(f"question {id}", _too_often(later[id], len(students)), line(id))
        for id, question in left.items()
        if later[id] > OFTEN * len(students) and not question.draw.facts
    ]
    return faults


def _too_often(later: int, of: int) -> str:
    return (
        f"{later} of {of} students need another draw of the data than other exercises on them, "
        "since a mistake comes too near to the answer. Choose mistakes that lie further away."
    )


def _prove_for(question: Question, student: Student) -> bool:
    """Prove a question for one student; whether the first draw of the data would not do."""
    first = draw_sample(question.draw, student, 0)
    if isinstance(question.kind, OwnWords):  # no key, no mistake, and a hint only if one will
        _prove_words(question, first)
        return False
    _prove_values(question, first)
    if student == PRACTICE:
        _prove_texts(question)
        _prove_apart(question, first)
    try:
        sample = sample_of(question, student)
    except HLMError:
        _prove_apart(question, first)
        raise
    _prove_verdicts(question, sample)
    _prove_words(question, sample)
    return sample is not first


def _prove_values(question: Question, sample: Sample) -> None:
    """Every answer is a finite number, or a word."""
    for name, value in _named(question, sample):
        numbers = value.values() if isinstance(value, dict) else [value]
        if not all(isinstance(number, str) or math.isfinite(number) for number in numbers):
            raise BankError(f"{name} comes to {value!r}.")


def _prove_apart(question: Question, sample: Sample) -> None:
    """No two answers are so near that one could be taken for the other."""
    show = question.kind.show
    for (one, a), (other, b) in combinations(_named(question, sample), 2):
        if not question.kind.apart(a, b):
            raise BankError(
                f"{one} ({show(a)}) and {other} ({show(b)}) are less than "
                "twice the tolerance apart. Take one of them out, or make the tolerance smaller."
            )


def _named(question: Question, sample: Sample) -> list[tuple[str, object]]:
    names = ["the answer", *(f"the mistake {mistake.name!r}" for mistake in question.mistakes)]
    return list(zip(names, question.answers(sample), strict=True))


def _prove_verdicts(question: Question, sample: Sample) -> None:
    """The key is right, and each mistake is taken for itself."""
    verdicts = ["", *(mistake.name for mistake in question.mistakes)]
    for (name, value), mistake in zip(_named(question, sample), verdicts, strict=True):
        for typed in _typings(question, value):
            feedback = check(question, sample, typed)
            if (feedback.is_right, feedback.mistake) != (not mistake, mistake):
                raise BankError(
                    f"{name}, typed as {typed!r}, is taken for "
                    f"{feedback.mistake or feedback.status!r}. Ask for more decimals, or make the "
                    "tolerance larger."
                )


def _typings(question: Question, value) -> list:
    """A value as a student types it, rounded as asked, and as code hands it in."""
    if question.kind.name == "state":
        return [value]
    code = {"loglik": value} if isinstance(question.kind, FitNumber) else value
    return [question.kind.show(value), code]


def _prove_texts(question: Question) -> None:
    """It has all that it should have."""
    if not question.hints:
        raise BankError('It has no hint. Add hints = ["..."].')
    if not question.mistakes:
        raise BankError(
            "It knows no mistake. Which wrong answer is likely? Add [question.mistakes]."
        )
    says = [mistake.says for mistake in question.mistakes]
    if len(set(says)) < len(says):
        raise BankError("Two mistakes say the same. Say to each what is wrong with it.")
    if braced := re.search(r"\{\w[^{}]*\}", " ".join(says)):
        raise BankError(
            f"What is said to a mistake is no template, and {braced[0]} stays. Reword it."
        )


def _prove_words(question: Question, sample: Sample) -> None:
    """Every text can be filled; the worked answer shows the number."""
    texts = [worded(words, sample) for words in (question.text, question.solution, *question.hints)]
    empty = next((words for words in texts if re.search(r"\bnan\b", words)), None)
    if empty is not None:
        raise BankError(f"A text has a number that is none: {empty!r:.120}.")
    if isinstance(question.kind, Numeric):
        shown = question.kind.show(question.key(sample)).removesuffix(" %")
        if shown not in texts[1]:
            raise BankError(f"The worked answer does not show {shown}: {texts[1]!r:.120}.")
