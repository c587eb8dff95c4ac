"""Sentences in a student's own words: kept, shown beside a model answer, and never judged."""

from dataclasses import dataclass

from hlmteach.exercises.kinds import LETTERS, Choices, Kind
from hlmteach.exercises.numbers import AnswerError
from hlmteach.exercises.record import LONGEST_LONE

MOST_POINTS = 5
TURNED = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # of reading direction


@dataclass(frozen=True)
class OwnWords(Kind):
    """A few sentences. `points` are what a good answer says, for the student to tick."""

    points: tuple[str, ...] = ()
    name = "words"
    longest = LONGEST_LONE

    @property
    def rubric(self) -> dict[str, str]:
        """The points by their letters."""
        return dict(zip(LETTERS, self.points, strict=False))

    def read(self, plain) -> str:
        """The text, without what cannot be seen."""
        if not isinstance(plain, str):
            raise AnswerError(f"Write {self.expected}, as text in quotes.")
        return visible(plain).strip()

    def ticked(self, plain) -> str:
        """The letters of the points in what was ticked: "a, c" -> "ac"."""
        if plain in ("", [], None):
            return ""
        return Choices(options=self.points).read(plain)

    @property
    def expected(self) -> str:
        """What to type, in a few words."""
        return f"a few sentences in your own words, at most {self.longest:,} characters"


def visible(text: str) -> str:
    r"""A text with its lines, and without characters that steer a terminal or turn the writing.

    Examples
    --------
    >>> visible("one\x1b[31m\r\ntwo\u202e")
    'one[31m\ntwo'
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(c for c in lines if c == "\n" or not (_steers(c) or c in TURNED))


def _steers(character: str) -> bool:
    code = ord(character)
    return code < 32 or 127 <= code < 160 or 0xD800 <= code < 0xE000
