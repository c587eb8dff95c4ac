"""Question: what is asked, what is right, and which wrong answers have a name."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from hlmteach.exercises.kinds import Kind
from hlmteach.exercises.sample import Sample

Words = str | Callable[[Sample], str]


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that is known: the value it leads to, and what to say to it.

    `answer` is the value, or a function of the student's study that computes it.
    """

    name: str
    answer: Any
    says: str

    def value(self, sample: Sample):
        """The wrong answer on these data."""
        return self.answer(sample) if callable(self.answer) else self.answer


@dataclass(frozen=True)
class Question:
    """One exercise; it knows nothing of who answers, or how it is shown.

    Attributes
    ----------
    id : str
        Lesson and number, "08-1".
    title : str
    text : str or function of the Sample
        What is asked, in Markdown.
    kind : Kind
        How an answer is written, read and compared.
    key : function of the Sample
        Computes the right answer from the student's own data.
    mistakes : tuple of Mistake
    hints : tuple of str or functions of the Sample
        Each takes one step more.
    solution : function of the Sample
        The worked answer, with the student's own numbers.
    right : str
        What to take from a right answer.
    draw : str
        Which data it is about (a name in `draws.DRAWS`).
    points : float
    """

    id: str
    title: str
    text: Words
    kind: Kind
    key: Callable[[Sample], Any]
    mistakes: tuple[Mistake, ...]
    hints: tuple[Words, ...]
    solution: Callable[[Sample], str]
    right: str = ""
    draw: str = "couples"
    points: float = 1.0

    @property
    def lesson(self) -> str:
        """The number of its lesson."""
        return self.id.partition("-")[0]

    def answers(self, sample: Sample) -> list:
        """The right answer, then the mistakes'."""
        values = (self.key, *(mistake.value for mistake in self.mistakes))
        return sample.once(self.id, lambda: [value(sample) for value in values])

    def separates(self, sample: Sample) -> bool:
        """Whether these data tell the right answer and all mistakes apart."""
        return all(self.kind.apart(a, b) for a, b in combinations(self.answers(sample), 2))


def say(words: Words, sample: Sample) -> str:
    """Return the words, with the student's numbers where they hold any."""
    return words(sample) if callable(words) else words
