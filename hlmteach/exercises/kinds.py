"""Kinds of answer: how each is written, read from plain values, compared and shown."""

import math
import re
from dataclasses import dataclass, field

from hlmteach.exercises.numbers import AnswerError, Number, parse_number, shorten
from hlmteach.exercises.record import LONGEST_TEXT

LETTERS = "abcdefghij"  # of options


@dataclass(frozen=True)
class Kind:
    """What all kinds share. A *plain* answer holds what JSON can hold, and nothing else."""

    name = "answer"
    longest = LONGEST_TEXT  # of a typed answer, in characters

    def readings(self, plain) -> list:
        """Every value that a plain answer can mean, likeliest first; AnswerError when none."""
        return [self.read(plain)]

    def read(self, plain):
        """The one value of a plain answer."""
        raise NotImplementedError

    def same(self, value, target) -> bool:
        """Whether a value counts as the target."""
        return value == target

    def apart(self, a, b) -> bool:
        """Whether no answer could count as both."""
        return a != b

    def show(self, value) -> str:
        """The value as a student would write it."""
        return str(value)

    @property
    def expected(self) -> str:
        """What to type, in a few words."""
        return "an answer"


@dataclass(frozen=True)
class Numeric(Kind):
    """A number, right within `tolerance` or within the share `relative` of itself.

    `decimals` is what the text asks for; `unit` is "%" where it asks for percent.
    """

    tolerance: float = 0.0
    relative: float = 0.0
    decimals: int | None = None
    figures: int | None = None
    unit: str = ""
    name = "number"

    def within(self, target: float) -> float:
        """How far an answer may lie from the target."""
        return max(self.tolerance, self.relative * abs(target))

    def readings(self, plain) -> list[float]:
        """What a plain answer can mean."""
        number = self._number(plain)
        if number.relation:
            raise AnswerError(
                f"{shorten(plain)} gives a limit only. Write the number itself, such as 0.00044 "
                "or 4.4e-4."
            )
        scale = 0.01 if number.percent and self.unit != "%" else 1.0
        return [scale * value for value in number.readings]

    def read(self, plain) -> float:
        """The one value of a plain answer."""
        return self.readings(plain)[0]

    def _number(self, plain) -> Number:
        if isinstance(plain, bool) or not isinstance(plain, int | float | str):
            raise AnswerError(f"A number is expected here, such as 4.98, not {_called(plain)}.")
        if isinstance(plain, str):
            return parse_number(plain)
        try:
            value = float(plain)
        except OverflowError:
            value = math.inf
        if not math.isfinite(value):
            raise AnswerError(f"{shorten(plain)} is no finite number. Look at how it was computed.")
        return Number((value,))

    def same(self, value, target) -> bool:
        """Whether a value counts as the target."""
        return abs(value - target) <= self.within(target)

    def apart(self, a, b) -> bool:
        """Whether no answer could count as both."""
        return abs(a - b) > 2 * max(self.within(a), self.within(b))

    def show(self, value) -> str:
        """The value as a student would write it."""
        if self.decimals is not None:
            return f"{value:.{self.decimals}f}{' %' if self.unit == '%' else ''}"
        return f"{value:.{self.figures or 4}g}"

    @property
    def expected(self) -> str:
        """What to type, in a few words."""
        if self.figures:
            return f"a number with {self.figures} significant digits"
        if self.decimals:
            return f"a number with {self.decimals} decimal{'s' if self.decimals > 1 else ''}"
        return "a number"


@dataclass(frozen=True)
class FitNumber(Numeric):
    """A fitted model, judged by its log-likelihood; the number alone will do."""

    tolerance: float = 0.006  # half of the last digit, and rounding twice
    decimals: int | None = 2
    name = "fit"

    def readings(self, plain) -> list[float]:
        """What a plain answer can mean."""
        if isinstance(plain, dict):
            if "loglik" not in plain:
                raise AnswerError("That is no fitted model. Hand in what hlm.lme or hlm.gls gave.")
            plain = plain["loglik"]
        return super().readings(plain)

    @property
    def expected(self) -> str:
        """What to type, in a few words."""
        return "a fitted model, or its log-likelihood with 2 decimals"


@dataclass(frozen=True)
class Choice(Kind):
    """One of several options, lettered a, b, c ..."""

    options: tuple[str, ...] = ()
    name = "choice"

    @property
    def letters(self) -> str:
        """The letters in use."""
        return LETTERS[: len(self.options)]

    def read(self, plain) -> str:
        """The one value of a plain answer."""
        letters = self._letters_in(plain)
        if len(letters) != 1:
            raise AnswerError(f"Choose one letter: {self.expected}.")
        return letters[0]

    def _letters_in(self, plain) -> list[str]:
        if isinstance(plain, list) and all(isinstance(item, str) for item in plain):
            plain = " ".join(plain)
        if not isinstance(plain, str):
            raise AnswerError(f"A letter is expected ({self.expected}), not {_called(plain)}.")
        line = re.sub(r"\band\b|[\s,;.()+&]+", " ", plain.lower()).strip()
        words = line.split() if " " in line else list(line)
        strange = next((word for word in words if word not in self.letters or not word), None)
        if strange is not None:
            raise AnswerError(f"{shorten(plain)} is none of the options. Write {self.expected}.")
        return list(dict.fromkeys(words))

    @property
    def expected(self) -> str:
        """What to type, in a few words."""
        *first, last = self.letters
        return f"{', '.join(first)} or {last}"


@dataclass(frozen=True)
class Choices(Choice):
    """Any number of the options: all that apply."""

    name = "choices"

    def read(self, plain) -> str:
        """The one value of a plain answer."""
        letters = self._letters_in(plain)
        if not letters:
            raise AnswerError(f"Choose at least one letter of {', '.join(self.letters)}.")
        return "".join(sorted(letters))

    def show(self, value) -> str:
        """The value as a student would write it."""
        return ", ".join(value)

    @property
    def expected(self) -> str:
        """What to type, in a few words."""
        return f"all letters that apply, of {', '.join(self.letters)}"


@dataclass(frozen=True)
class Token(Kind):
    """A word, a name or a term; spaces, quotes and upper case do not count.

    `aliases` are other ways to write one.
    """

    example: str = ""
    aliases: dict[str, str] = field(default_factory=dict)
    name = "token"

    def read(self, plain) -> str:
        """The one value of a plain answer."""
        if not isinstance(plain, str):
            raise AnswerError(f"A word is expected, such as {self.example}, not {_called(plain)}.")
        line = re.sub(r"[\s\"'`$]+", "", plain).lower().rstrip(".")
        if not line:
            raise AnswerError(f"No answer yet. Write a word or a term, such as {self.example}.")
        if len(line) > 80:
            raise AnswerError(f"That is long. Write a word or a term only, such as {self.example}.")
        return self.aliases.get(line, line)

    @property
    def expected(self) -> str:
        """What to type, in a few words."""
        return f"a word or a term, such as {self.example}"


@dataclass(frozen=True)
class State(Kind):
    """Where the controls of a widget stand: a number for each name, each with its tolerance.

    `words` are the controls' names on the screen.
    """

    tolerances: dict[str, float] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    name = "state"

    def read(self, plain) -> dict[str, float]:
        """The one value of a plain answer."""
        if not isinstance(plain, dict):
            raise AnswerError(
                f"A widget's state is expected, with {self.expected}, not {_called(plain)}."
            )
        plain = {name: plain.get(name, plain.get(word)) for name, word in self.words.items()}
        missing = [name for name, value in plain.items() if value in (None, "")]
        if missing:
            raise AnswerError(f"The answer lacks {self.words[missing[0]]!r}. Give {self.expected}.")
        return {name: Numeric().read(value) for name, value in plain.items()}

    def same(self, value, target) -> bool:
        """Whether a value counts as the target."""
        return all(abs(value[n] - target[n]) <= tol for n, tol in self.tolerances.items())

    def shares(self, value, wrong, key) -> bool:
        """Whether a value stands as the wrong one does in all that sets that apart from the key."""
        differs = {n: tol for n, tol in self.tolerances.items() if abs(wrong[n] - key[n]) > tol}
        return all(abs(value[n] - wrong[n]) <= tol for n, tol in differs.items())

    def apart(self, a, b) -> bool:
        """Whether no answer could count as both."""
        return any(abs(a[n] - b[n]) > 2 * tol for n, tol in self.tolerances.items())

    def show(self, value) -> str:
        """The value as a student would write it."""
        return ", ".join(f"{word} = {value[name]:.4g}" for name, word in self.words.items())

    @property
    def expected(self) -> str:
        """What to type, in a few words."""
        return f"a number for each of {', '.join(map(repr, self.words.values()))}"


def _called(plain) -> str:
    names = {
        bool: "True or False",
        dict: "a table of values",
        list: "a list",
        type(None): "nothing",
    }
    return names.get(type(plain), "a number" if isinstance(plain, int | float) else shorten(plain))
