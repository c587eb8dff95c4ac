"""Exercises as questions of a quiz, drawn and worded; quiz_moodle and quiz_canvas write them.

A variant is a draw of data for a made-up student, `quiz-1`, `quiz-2`, ...; its data travel with it.
"""

from dataclasses import dataclass, field
from html import escape

from hlmteach.exercises.draws import sample_of
from hlmteach.exercises.kinds import Choice, Choices, Numeric, Token
from hlmteach.exercises.own_words import OwnWords
from hlmteach.exercises.question import Question, worded
from hlmteach.exercises.sample import Sample
from hlmteach.exercises.students import PRACTICE, Student
from hlmteach.grading.pages import words

LARGEST_TABLE = 12_000  # rows of data that a quiz carries for one variant


@dataclass(frozen=True)
class Answer:
    """One answer that is known: its text, the share of the points it earns, and what to say.

    `tolerance` is for numbers: how far an answer may lie from it.
    """

    text: str
    share: float
    says: str
    tolerance: float = 0.0


@dataclass(frozen=True)
class Item:
    """One question of a quiz, drawn and worded.

    `kind` is number, choice, choices, text or essay.
    """

    name: str
    kind: str
    text: str
    points: float
    answers: tuple[Answer, ...]
    solution: str = ""
    data: tuple[str, bytes] = field(default=("", b""))


def quiz_items(question: Question, variants: int) -> list[Item]:
    """Draw the variants of an exercise; equal ones are kept once.

    Returns
    -------
    list of Item
        Empty for a kind that no quiz has, a widget's state.
    """
    if not isinstance(question.kind, Numeric | Choice | Token | OwnWords):
        return []
    items = [_item(question, number) for number in range(1, variants + 1)]
    same = len({(item.text, item.answers) for item in items}) == 1 and _needs_no_data(question)
    return items[:1] if same else items


def _needs_no_data(question: Question) -> bool:
    """Whether it can be answered without the data; own words unless they speak of `ex`."""
    if isinstance(question.kind, OwnWords):
        return "`ex." not in worded(question.text, sample_of(question, PRACTICE))
    return isinstance(question.kind, Choice | Token)


def _item(question: Question, number: int) -> Item:
    student = Student(f"quiz-{number}")
    sample = sample_of(question, student)
    table = sample.frame.to_csv(index=False).encode()
    carried = not _needs_no_data(question) and len(sample.frame) <= LARGEST_TABLE
    return Item(
        name=f"{question.id} {question.title}, variant {number}",
        kind=_kind(question),
        text=_text(question, sample, student),
        points=question.points,
        answers=_answers(question, sample),
        solution=_solution(question, sample),
        data=(f"{question.id}-{student.id}.csv", table) if carried else ("", b""),
    )


def _solution(question: Question, sample: Sample) -> str:
    """The worked answer; of own words with the points that it makes."""
    points = getattr(question.kind, "points", ())
    listed = "".join(f"<li>{words(point)}</li>" for point in points)
    return words(question.solution(sample)) + (f"<ul>{listed}</ul>" if listed else "")


NAMES = ((Choices, "choices"), (Choice, "choice"), (Token, "text"), (OwnWords, "essay"))


def _kind(question: Question) -> str:
    for kind, name in NAMES:
        if isinstance(question.kind, kind):
            return name
    return "number"


def _text(question: Question, sample: Sample, student: Student) -> str:
    asked = f"<p>{words(worded(question.text, sample))}</p>"
    if _needs_no_data(question):
        return asked
    opened = f"ex = {question.opened}"
    return (
        f"{asked}<p>Your data are below. In a notebook: <code>import hlmteach as hlm</code>, "
        f"<code>hlm.student({student.id!r})</code>, <code>{escape(opened)}</code>, then "
        "<code>ex.data</code>.</p>"
    )


def _answers(question: Question, sample: Sample) -> tuple[Answer, ...]:
    kind, key = question.kind, question.key(sample)
    if isinstance(kind, OwnWords):
        return ()
    known = [(key, 1.0, f"Right. {question.right}".strip())]
    known += [
        (mistake.value(sample), mistake.credit, mistake.says) for mistake in question.mistakes
    ]
    if isinstance(kind, Choice):
        return tuple(_option(question, letter, key, known) for letter in kind.letters)
    if isinstance(kind, Token):
        return tuple(
            Answer(text, share, says)
            for value, share, says in known
            for text in (value, *(a for a, of in kind.aliases.items() if of == value))
        )
    return tuple(
        Answer(f"{value:.12g}", share, says, kind.within(value)) for value, share, says in known
    )


def _option(question: Question, letter: str, key: str, known) -> Answer:
    """One option of a choice; of several right ones, each earns its part."""
    text = question.kind.options[question.kind.letters.index(letter)]
    right, wrong = len(key), len(question.kind.letters) - len(key)
    several = isinstance(question.kind, Choices)
    share = 1 / right if letter in key else -1 / wrong if several else 0.0
    says = next((says for value, _, says in known if value == letter), "")
    return Answer(text, share, says)
