"""Who handed in the same? Listed for the teacher to look at, without a verdict."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hlmteach.exercises.numbers import is_number
from hlmteach.exercises.record import Record
from hlmteach.grading.score import Person

SHORTEST_TEXT = 25  # characters; shorter words are the same by chance
FEWEST_DIGITS = 5  # of a number on data of one's own
HUGE = 1e300  # nobody computes it, and an int beyond is no float
VERDICTS = ("wrong", "mistake", "close")


@dataclass(frozen=True)
class Alike:
    """What several handed in alike: `what` it is, `where`, and the labels of `who`."""

    what: str
    where: str
    who: tuple[str, ...]


def find_alike(people: Sequence[Person]) -> list[Alike]:
    """List copied files, equal numbers on data that differ, and equal sentences.

    A number counts when its key differs between the two: then the same digits cannot both come from
    one's own data. Right answers to their own data are never listed.

    Parameters
    ----------
    people : sequence of Person
        Scored.

    Returns
    -------
    list of Alike
    """
    return [
        *_groups(people, "the same file", _files),
        *_groups(people, "the same number, though their data differ", _numbers),
        *_groups(people, "the same sentence", _sentences),
    ]


def _groups(people, what: str, things: Callable) -> list[Alike]:
    owners = defaultdict(dict)
    for person in people:
        for where, thing in things(person):
            owners[where, thing][person.label] = None
    return [
        Alike(what, where, tuple(who)) for (where, _), who in sorted(owners.items()) if len(who) > 1
    ]


def _files(person: Person):
    return [("the notebook", digest) for digest in person.digests if person.records]


def _numbers(person: Person):
    """Numbers that are not right for this person, with enough digits to tell."""
    for line in person.lines:
        record = person.records.get(line.exercise)
        if record is not None and line.verdict in VERDICTS and line.mistake != "practice data":
            text = _digits(record)
            if text:
                yield line.exercise, text


def _digits(record: Record) -> str:
    answer = record.answer
    if not is_number(answer) or not abs(answer) < HUGE:
        return ""
    digits = f"{answer:.12g}"
    return digits if sum(map(str.isdigit, digits.strip("0.-"))) >= FEWEST_DIGITS else ""


def _sentences(person: Person):
    for exercise, record in person.records.items():
        if isinstance(record.answer, str) and len(record.answer) >= SHORTEST_TEXT:
            yield exercise, " ".join(record.answer.casefold().split())
