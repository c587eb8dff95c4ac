"""A bank of exercises as TOML -> Questions; every fault is named with its question, key and line.

[define]                      names for expressions, each computed once
[data.NAME]                   a teacher's own data (own_data.py)
[[question]]                  one exercise
[question.mistakes]           name = [value, what to say]
[question.credit]             name of a mistake = share of the points
"""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from hlmteach.exercises.answers import Draft, read_answer
from hlmteach.exercises.draws import Draw
from hlmteach.exercises.expressions import (
    ALWAYS,
    Definitions,
    Template,
    read_expression,
    read_template,
)
from hlmteach.exercises.numbers import BankError, is_number
from hlmteach.exercises.own_words import OwnWords
from hlmteach.exercises.question import Mistake, Question
from hlmteach.exercises.words import FUNCTIONS

SECTIONS = ("define", "data", "question")
NEEDED = ("id", "title", "text", "solution")
ALLOWED = (*NEEDED, "data", "answer", "options", "mistakes", "credit", "hints", "right", "points")


@dataclass(frozen=True)
class Fault:
    """Something to mend in a bank: where, and what."""

    where: str
    what: str
    line: int = 0

    def __str__(self):
        place = f"line {self.line}, " if self.line else ""
        return f"{place}{self.where}: {self.what}" if self.where else f"{place}{self.what}"


@dataclass
class Reading:
    """One bank while it is read: its text, the faults found so far, and what names mean."""

    text: str
    faults: list[Fault] = field(default_factory=list)
    definitions: Definitions = field(default_factory=lambda: Definitions({}))

    @contextmanager
    def at(self, where: str, number: int | None = None, key: str = ""):
        """Note what is wrong inside, and go on after it."""
        try:
            yield
        except BankError as error:
            key = error.key or key
            place = f"{where}, {key}" if key else where
            self.faults.append(Fault(place, str(error), self.line(number, key)))

    def line(self, number: int | None, key: str = "") -> int:
        """The line, from 1, of a key in the question of this number; 0 where it is not seen."""
        rows = self.text.splitlines()
        starts = [i for i, row in enumerate(rows) if re.match(r"\s*\[\[\s*question\s*\]\]", row)]
        first = 0 if number is None else [*starts, len(rows)][min(number, len(starts))]
        last = (
            next((i for i in starts if i > first), len(rows)) if number is not None else len(rows)
        )
        pattern = re.compile(rf"""\s*\[?(?:question\.)?["']?{re.escape(key)}["']?\s*[=\]]""")
        lines = (i + 1 for i in range(first, last) if key and pattern.match(rows[i]))
        return next(lines, first + 1 if number is not None else 0)

    def line_of(self, id: str) -> int:
        """The line, from 1, at which an id stands; 0 where it is not seen."""
        rows = enumerate(self.text.splitlines(), start=1)
        pattern = re.compile(rf"""\s*id\s*=\s*["']{re.escape(id)}["']""")
        return next((i for i, row in rows if pattern.match(row)), 0)


def read_questions(
    text: str, draws: Mapping[str, Draw], id_form: re.Pattern, id_words: str, bank: str = ""
) -> tuple[dict[str, Question], list[Fault]]:
    """Read the questions of a bank.

    Parameters
    ----------
    text : str
        TOML.
    draws : mapping of str to Draw
        The data that the questions may be about.
    id_form, id_words : re.Pattern, str
        How an id is written, for the eye of the machine and in words.
    bank : str
        The path of a teacher's bank; "" for the package's own.

    Returns
    -------
    (dict of Question by id, list of Fault)
    """
    reading = Reading(text)
    tables = parse_toml(reading)
    _define(reading, tables.get("define", {}))
    entries = tables.get("question", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        reading.faults.append(Fault("", "A question starts with [[question]], in double brackets."))
        entries = []
    questions: dict[str, Question] = {}
    for number, entry in enumerate(entries):
        where = f"question {entry.get('id', number + 1)}"
        with reading.at(where, number, "id"):
            _check_id(entry.get("id"), id_form, id_words, questions)
        question = _Entry(reading, entry, number, where, draws).question(bank)
        if question is not None:
            questions[question.id] = question
    return questions, reading.faults


def parse_toml(reading: Reading) -> dict:
    """The tables of a bank, if it is TOML and has no other ones."""
    try:
        tables = tomllib.loads(reading.text)
    except tomllib.TOMLDecodeError as error:
        reading.faults.append(Fault("", f"The file is no TOML: {error}."))
        return {}
    for name in tables.keys() - set(SECTIONS):
        with reading.at(f"[{name}]"):
            raise BankError(
                f"A bank has {', '.join(SECTIONS)}; not {name!r}.{near(name, SECTIONS)}"
            )
    return tables


def near(name: str, known) -> str:
    """A hint at a name that was meant, if any is near."""
    similar = difflib.get_close_matches(name, list(known), n=1)
    return f" Did you mean `{similar[0]}`?" if similar else ""


def _define(reading: Reading, table) -> None:
    expressions = {}
    for name, text in table.items() if isinstance(table, dict) else ():
        with reading.at("[define]", key=name):
            if not name.isidentifier() or name in ALWAYS or name in FUNCTIONS:
                raise BankError(f"`{name}` cannot be defined. Take another name.")
            expressions[name] = read_expression(as_text(text, "an expression in quotes"))
    reading.definitions = Definitions(expressions)


def _check_id(id, form: re.Pattern, words: str, taken) -> None:
    if not isinstance(id, str) or not form.fullmatch(id):
        raise BankError(f"An id is {words}; not {id!r}.")
    if id in taken:
        raise BankError(f"The id {id!r} is taken by a question above. Give this one another.")


def as_text(value, what: str) -> str:
    """A text that says something."""
    if not isinstance(value, str) or not value.strip():
        raise BankError(f"{value!r:.60} is not {what}.")
    return value


class _Entry:
    """One `[[question]]` on its way to a Question."""

    def __init__(self, reading: Reading, entry: dict, number: int, where: str, draws):
        self._reading, self._entry, self._number = reading, entry, number
        self._where, self._draws = where, draws

    def question(self, bank: str) -> Question | None:
        """The question; None where a part of it is missing or wrong."""
        before = len(self._reading.faults)
        self._check_keys()
        draw = self._part("data", self._draw)
        draft = self._part("answer", self._draft)
        parts = {key: self._part(key, self._template) for key in ("text", "solution")}
        hints = self._part("hints", self._hints)
        points = self._part("points", lambda points: self._points(draft, points))
        right = self._part("right", self._right)
        if draft is not None and draw is not None:
            self._check_names(draw, draft, [*parts.values(), *(hints or ())])
        mistakes = self._part("credit", lambda credit: self._credited(draft, credit))
        if len(self._reading.faults) > before:
            return None
        return Question(
            id=self._entry["id"],
            title=self._entry["title"],
            kind=draft.kind,
            key=draft.key,
            mistakes=mistakes,
            hints=hints,
            right=right,
            draw=draw,
            points=points,
            bank=bank,
            **parts,
        )

    def _part(self, key: str, read):
        with self._reading.at(self._where, self._number, key):
            return read(self._entry.get(key))
        return None

    def _check_keys(self) -> None:
        for key in self._entry.keys() - set(ALLOWED):
            with self._reading.at(self._where, self._number, key):
                raise BankError(f"A question has no {key!r}.{near(key, ALLOWED)}")
        for key in [key for key in NEEDED if key not in self._entry]:
            with self._reading.at(self._where, self._number):
                raise BankError(f'{key!r} is missing. Add: {key} = "..."')
        if "title" in self._entry:
            self._part("title", lambda value: as_text(value, "a title in quotes"))

    def _draw(self, name) -> Draw:
        name = "couples" if name is None else name
        if name not in self._draws:
            known = ", ".join(self._draws)
            raise BankError(
                f"There are no data {name!r}.{near(str(name), self._draws)} Here are: {known}."
            )
        return self._draws[name]

    def _draft(self, answer) -> Draft:
        return read_answer(
            answer,
            self._entry.get("options"),
            self._entry.get("mistakes", {}),
            self._reading.definitions,
        )

    def _template(self, text, what: str = "a text in quotes") -> Template | None:
        if text is None:
            return None  # said already
        return read_template(as_text(text, what), self._reading.definitions)

    def _hints(self, hints) -> tuple[Template, ...]:
        hints = [] if hints is None else hints
        if not isinstance(hints, list):
            raise BankError('Hints stand in brackets: hints = ["first", "second"].')
        return tuple(self._template(hint, "a hint in quotes") for hint in hints)

    def _right(self, text) -> str:
        return "" if text is None else as_text(text, "a sentence in quotes")

    def _points(self, draft: Draft | None, points) -> float:
        if draft is not None and isinstance(draft.kind, OwnWords):
            if points not in (None, 0):
                raise BankError("Own words are not judged, so they earn no points. Take it out.")
            return 0.0
        points = 1.0 if points is None else points
        if not is_number(points) or not 0 < points < 1e6:
            raise BankError(f"Points are a number above 0, such as 2; not {points!r}.")
        return float(points)

    def _credited(self, draft: Draft | None, credit) -> tuple[Mistake, ...]:
        """The mistakes with the share of the points that each is worth."""
        credit = {} if credit is None else credit
        if draft is None:
            return ()
        names = [mistake.name for mistake in draft.mistakes]
        for name, share in credit.items():
            if name not in names:
                raise BankError(f"No mistake is called {name!r}. There are: {', '.join(names)}.")
            if not is_number(share) or not 0 <= share <= 1:
                raise BankError(f"The credit of {name!r} is a share from 0 to 1, not {share!r}.")
        return tuple(
            Mistake(mistake.name, mistake.answer, mistake.says, float(credit.get(mistake.name, 0)))
            for mistake in draft.mistakes
        )

    def _check_names(self, draw: Draw, draft: Draft, templates) -> None:
        """Every name must mean something on these data."""
        known = {*ALWAYS, *FUNCTIONS, *draw.facts}
        for key, names in self._names(draft, templates):
            with self._reading.at(self._where, self._number, key):
                for name in sorted(self._reading.definitions.needs(names) - known):
                    words = [*self._reading.definitions, *known]
                    raise BankError(
                        f"`{name}` means nothing here.{near(name, words)} Define it in [define], "
                        "or see `hlmteach exercises names`."
                    )

    def _names(self, draft: Draft, templates) -> Iterator[tuple[str, frozenset]]:
        yield from draft.names.items()
        for key, template in zip(("text", "solution"), templates, strict=False):
            if template is not None:
                yield key, template.names
        for hint in templates[2:]:
            yield "hints", hint.names
