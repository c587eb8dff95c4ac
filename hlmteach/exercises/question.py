"""Question: what is asked, what is right, and which wrong answers have a name."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hlmteach.exercises.kinds import Kind
from hlmteach.exercises.sample import Sample

if TYPE_CHECKING:
    from hlmteach.exercises.draws import Draw

Words = str | Callable[[Sample], str]


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that is known: the value it leads to, and what to say to it.

    `answer` is the value, or a function of the student's data that computes it; `credit` is the
    share of the points that it earns.
    """

    name: str
    answer: Any
    says: str
    credit: float = 0.0

    def value(self, sample: Sample):
        """The wrong answer on these data."""
        return self.answer(sample) if callable(self.answer) else self.answer


@dataclass(frozen=True, eq=False)
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
    draw : Draw
        Which data it is about.
    right : str
        What to take from a right answer.
    points : float
    bank : str
        The path of the teacher's bank that it comes from; "" for the package's own.
    """

    id: str
    title: str
    text: Words
    kind: Kind
    key: Callable[[Sample], Any]
    mistakes: tuple[Mistake, ...]
    hints: tuple[Words, ...]
    solution: Callable[[Sample], str]
    draw: "Draw"
    right: str = ""
    points: float = 1.0
    bank: str = ""

    @property
    def lesson(self) -> str:
        """The number of its lesson."""
        return self.id.partition("-")[0]

    @property
    def opened(self) -> str:
        """The code that opens it where a teacher's bank lies beside the notebook."""
        bank = f', bank="{Path(self.bank).name}"' if self.bank else ""
        return f'hlm.exercise("{self.id}"{bank})'

    def answers(self, sample: Sample) -> list:
        """The right answer, then the mistakes'."""
        values = (self.key, *(mistake.value for mistake in self.mistakes))
        return sample.once(self, lambda: [value(sample) for value in values])

    def separates(self, sample: Sample) -> bool:
        """Whether these data tell the right answer and all mistakes apart."""
        return all(self.kind.apart(a, b) for a, b in combinations(self.answers(sample), 2))


def worded(words: Words, sample: Sample) -> str:
    """Return the words, with the student's numbers where they hold any."""
    return words(sample) if callable(words) else words
