"""How a bank writes answers: `answer`, `options` and `mistakes` -> a kind, a key, the mistakes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hlmteach.engine.fit import Fit
from hlmteach.exercises.expressions import (
    Definitions,
    Expression,
    Scope,
    read_expression,
    read_template,
)
from hlmteach.exercises.kinds import (
    LETTERS,
    Choice,
    Choices,
    FitNumber,
    Kind,
    Numeric,
    State,
    Token,
)
from hlmteach.exercises.numbers import AnswerError, BankError, is_number
from hlmteach.exercises.own_words import MOST_POINTS, OwnWords
from hlmteach.exercises.question import Mistake
from hlmteach.exercises.sample import Sample

MISTAKE = 'A mistake is "its name" = ["the value it leads to", "what to say to it"]'


@dataclass(frozen=True)
class Draft:
    """What `answer`, `options` and `mistakes` say; `names` are the names that each key needs."""

    kind: Kind
    key: Callable[[Sample], Any]
    mistakes: tuple[Mistake, ...]
    names: dict[str, frozenset] = field(default_factory=dict)


@dataclass(frozen=True)
class Computed:
    """A number that an expression comes to on a student's data."""

    expression: Expression
    definitions: Definitions
    of_fit: bool = False  # a fitted model counts as its log-likelihood

    def __call__(self, sample: Sample) -> float:
        """The number."""
        value = self.expression.value(Scope(self.definitions, sample))
        value = value.loglik if self.of_fit and isinstance(value, Fit) else value
        try:
            return float(value)
        except (TypeError, ValueError):
            kind = type(value).__name__
            raise BankError(
                f"`{self.expression.text}` comes to a {kind}; one number is needed."
            ) from None

    @property
    def names(self) -> frozenset[str]:
        """The names that are to be known."""
        return self.expression.names


@dataclass(frozen=True)
class Settings:
    """Where the controls of a widget should stand, a number for each."""

    numbers: dict[str, Computed]

    def __call__(self, sample: Sample) -> dict[str, float]:
        """The numbers by the controls' names."""
        return {name: number(sample) for name, number in self.numbers.items()}

    @property
    def names(self) -> frozenset[str]:
        """The names that are to be known."""
        return frozenset().union(*(number.names for number in self.numbers.values()))


@dataclass(frozen=True)
class Word:
    """A word, in the form that a kind of answer compares."""

    kind: Kind
    template: Callable[[Sample], str]

    def __call__(self, sample: Sample) -> str:
        """The word."""
        return self.kind.read(self.template(sample))

    @property
    def names(self) -> frozenset[str]:
        """The names that are to be known."""
        return self.template.names


def read_answer(answer, options, mistakes, definitions: Definitions) -> Draft:
    """Read how a question is answered, and which wrong answers have a name.

    Raises
    ------
    BankError
        With what is wrong, and how it is written.
    """
    if not isinstance(mistakes, dict):
        raise BankError(f"Mistakes are a table, [question.mistakes]. {MISTAKE}.")
    if answer is None and options is not None:
        return _one_of(options, mistakes)
    kinds = ", ".join(WRITTEN.values())
    if not isinstance(answer, dict):
        raise BankError(f"The answer is missing. Write one of: {kinds}.")
    named = [name for name in READERS if name in answer]
    if len(named) != 1:
        raise BankError(f"The answer does not say of which kind it is. Write one of: {kinds}.")
    if (options is not None) != (named[0] == "choices"):
        raise BankError(f"Options go with {WRITTEN['choices']}, or with no answer at all.")
    rest = {name: value for name, value in answer.items() if name != named[0]}
    kind, read = READERS[named[0]](answer[named[0]], rest, options, definitions)
    key = read(answer[named[0]])
    known = tuple(_mistake(name, entry, read) for name, entry in mistakes.items())
    names = {"answer": getattr(key, "names", frozenset())}
    names |= {m.name: getattr(m.answer, "names", frozenset()) for m in known}
    return Draft(kind, key, known, names)


def _mistake(name: str, entry, read) -> Mistake:
    if not isinstance(entry, list) or len(entry) != 2 or not isinstance(entry[1], str):
        raise BankError(f"Of the mistake {name!r} something is missing. {MISTAKE}.")
    if not entry[1].strip():
        raise BankError(f"The mistake {name!r} says nothing to the student. {MISTAKE}.")
    try:
        return Mistake(name, read(entry[0]), entry[1])
    except BankError as error:
        error.key = name
        raise


# -- numbers ---------------------------------------------------------------------------------------


def _numeric(_value, rest: dict, _options, definitions):
    settings = _settings(rest, tolerance=float, relative=float, decimals=int, figures=int, unit=str)
    if not settings.get("tolerance") and not settings.get("relative"):
        raise BankError("How near is near enough? Add tolerance = 0.02, or relative = 0.01.")
    if settings.get("unit", "%") != "%":
        raise BankError(f'The unit is "%" or none, not {settings["unit"]!r}.')
    return Numeric(**settings), lambda text: _computed(text, definitions)


def _fitted(_value, rest: dict, _options, definitions):
    settings = _settings(rest, tolerance=float, decimals=int)
    return FitNumber(**settings), lambda text: _computed(text, definitions, of_fit=True)


def _computed(text, definitions: Definitions, of_fit: bool = False) -> Computed:
    if is_number(text):
        text = repr(text)
    if not isinstance(text, str):
        raise BankError(f"{text!r:.60} is no number and no expression in quotes.")
    return Computed(read_expression(text), definitions, of_fit)


def _settings(rest: dict, **known) -> dict:
    """What else an answer says, each of its type."""
    for name, value in rest.items():
        if name not in known:
            raise BankError(f"This answer has no {name!r}. It may have {', '.join(known)}.")
        right = (int, float) if known[name] is float else known[name]
        if isinstance(value, bool) or not isinstance(value, right):
            raise BankError(f"{name} = {value!r} is not {TYPES[known[name]]}.")
        if not isinstance(value, str | dict) and value < 0:
            raise BankError(f"{name} = {value!r} cannot be negative.")
    return rest


TYPES = {float: "a number", int: "a whole number", str: "a text in quotes", dict: "a table"}


# -- words -----------------------------------------------------------------------------------------


def _word(_value, rest: dict, _options, definitions):
    settings = _settings(rest, example=str, aliases=dict)
    if "example" not in settings:
        raise BankError('Add an example of another word, for the student: example = "school".')
    kind = Token(**settings)

    def read(text):
        if not isinstance(text, str):
            raise BankError(f"{text!r:.60} is no word in quotes.")
        return Word(kind, read_template(text, definitions))

    return kind, read


# -- options ---------------------------------------------------------------------------------------


def _one_of(options, mistakes) -> Draft:
    """A choice: the right option alone, each wrong one with its mistake's name and what to say."""
    right, wrong = [], []
    if mistakes:
        raise BankError(
            "Where one option is right, each wrong one stands as [option, name, words]."
        )
    for letter, option in zip(LETTERS, _list(options), strict=False):
        if isinstance(option, str):
            right.append(letter)
        elif isinstance(option, list) and len(option) == 3 and _all_texts(option):
            wrong.append(Mistake(option[1], letter, option[2]))
        else:
            raise BankError(
                f"Option {letter} is {option!r:.80}. Write the right one as a text, each wrong one "
                'as ["option", "name of the mistake", "what to say"].'
            )
    if len(right) != 1:
        raise BankError(
            f"{len(right)} options are right; one must be. Where several are, write all options as "
            'texts and answer = { choices = "ac" }.'
        )
    texts = tuple(option if isinstance(option, str) else option[0] for option in options)
    return Draft(Choice(options=texts), lambda sample: right[0], tuple(wrong))


def _choices(_value, rest: dict, options, _definitions):
    _settings(rest)
    if not _all_texts(_list(options)):
        raise BankError('With choices, options are texts: options = ["one", "two"].')
    kind = Choices(options=tuple(options))

    def read(letters):
        try:
            value = kind.read(letters)
        except AnswerError as error:
            raise BankError(str(error)) from None
        return lambda sample: value

    return kind, read


def _list(options) -> list:
    if not isinstance(options, list) or not 2 <= len(options) <= len(LETTERS):
        raise BankError(f"Options are a list of 2 to {len(LETTERS)}.")
    return options


def _all_texts(values) -> bool:
    return all(isinstance(value, str) and value.strip() for value in values)


# -- a widget's state ------------------------------------------------------------------------------


def _state(value, rest: dict, _options, definitions):
    """Controls as name = [expression, tolerance]; a mistake names those that differ."""
    _settings(rest)
    entries = value.values() if isinstance(value, dict) else [None]
    if not all(isinstance(e, list) and len(e) in (2, 3) and _all_texts(e[2:]) for e in entries):
        raise BankError('A state is { control = ["expression", tolerance, "its label"], ... }.')
    kind = State(
        tolerances={name: float(entry[1]) for name, entry in value.items()},
        words={name: "".join(entry[2:]) or name for name, entry in value.items()},
    )
    right = {name: _computed(entry[0], definitions) for name, entry in value.items()}

    def read(table):
        if table is value:
            return Settings(right)
        if not isinstance(table, dict) or not table.keys() <= right.keys():
            raise BankError(f"It says which controls stand elsewhere: of {', '.join(right)}.")
        changed = {name: _computed(text, definitions) for name, text in table.items()}
        return Settings(right | changed)

    return kind, read


# -- one's own words -------------------------------------------------------------------------------


def _own_words(points, rest: dict, _options, _definitions):
    """The points that a good answer makes; nothing is judged, so nothing has a key."""
    _settings(rest)
    counted = isinstance(points, list) and 1 <= len(points) <= MOST_POINTS
    if not counted or not _all_texts(points):
        raise BankError(
            f"Words are 1 to {MOST_POINTS} points that a good answer makes: {WRITTEN['words']}."
        )

    def read(value):
        if value is not points:
            raise BankError("Own words are not judged, so they have no mistakes. Take them out.")
        return lambda sample: ""

    return OwnWords(points=tuple(points)), read


READERS = {
    "number": _numeric,
    "fit": _fitted,
    "word": _word,
    "choices": _choices,
    "state": _state,
    "words": _own_words,
}
WRITTEN = {
    "number": '{ number = "...", decimals = 2, tolerance = 0.02 }',
    "fit": '{ fit = "..." }',
    "word": '{ word = "...", example = "..." }',
    "choices": '{ choices = "ac" }',
    "state": '{ state = { control = ["...", 0.1] } }',
    "words": '{ words = ["what a good answer says", "..."] }',
}
