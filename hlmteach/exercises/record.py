"""Record: an answer and its history, as it travels inside a notebook."""

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hlmteach.exercises.judge import Feedback

MIME = "application/vnd.hlmteach.answer+json"

LONGEST_TEXT = 300  # of an answer, in characters
LONGEST_LONE = 2000  # of one that is a text alone; its kind says whether it may be so long
LONGEST_WORD = 100  # of all else
MOST_ITEMS = 20
LARGEST_COUNT = 1_000_000


@dataclass(frozen=True)
class Record:
    """What a notebook keeps of one exercise. Plain values only.

    `mark` tells which data the student had; `origin` is "widget" for an answer typed there, "code"
    for `ex.answer = ...`; `status` is what the last check said, "" before one. `turn` grows with
    every change, so that the latest of several is known. `ticks` are letters of the points that
    sentences in one's own words were said to make.
    """

    exercise: str
    student: str = ""
    mark: str = ""
    answer: object = None
    origin: str = ""
    attempts: int = 0
    hints: int = 0
    solved: bool = False
    status: str = ""
    turn: int = 0
    ticks: str = ""

    def with_answer(self, plain, origin: str) -> "Record":
        """The record of a new answer; the same answer again keeps what was said to it."""
        status = self.status if plain == self.answer else ""
        return replace(self, answer=plain, origin=origin, status=status, turn=self.turn + 1)

    def with_ticks(self, letters: str) -> "Record":
        """The record with these points ticked."""
        return replace(self, ticks=letters, turn=self.turn + 1)

    def after(self, feedback: "Feedback") -> "Record":
        """The record after a check; checking the same answer twice is one attempt."""
        again = feedback.status == self.status
        attempts = self.attempts + (feedback.counts and not again)
        solved = self.solved or feedback.is_done
        return replace(
            self, attempts=attempts, solved=solved, status=feedback.status, turn=self.turn + 1
        )

    def with_hint(self, most: int) -> "Record":
        """The record after one more hint."""
        return replace(self, hints=min(self.hints + 1, most), turn=self.turn + 1)

    def with_past(self, past: "Record") -> "Record":
        """The record with what another kernel knew: its answer where there is none, its counts."""
        chosen = past if self.answer is None else self
        return replace(
            self,
            answer=chosen.answer,
            origin=chosen.origin,
            status=chosen.status,
            attempts=max(self.attempts, past.attempts),
            hints=max(self.hints, past.hints),
            solved=self.solved or past.solved,
            turn=max(self.turn, past.turn),
            ticks=self.ticks or past.ticks,
        )

    def as_dict(self) -> dict:
        """The record as JSON holds it."""
        return asdict(self)


def read_record(values) -> Record | None:
    """Read a record that anybody may have edited; None where it is none.

    Parameters
    ----------
    values : object
        What JSON held.

    Returns
    -------
    Record or None
    """
    if not isinstance(values, dict):
        return None
    kept = {name: value for name, value in values.items() if name in CHECKS and CHECKS[name](value)}
    return Record(**kept) if kept.get("exercise") else None


def _is_word(value) -> bool:
    return type(value) is str and len(value) <= LONGEST_WORD


def _is_count(value) -> bool:
    return type(value) is int and 0 <= value <= LARGEST_COUNT


def _is_answer(value) -> bool:
    """Whether it is what `plain_answer` makes; nothing nested, nothing long."""
    if isinstance(value, list | dict):
        flat = [*value, *(value.values() if isinstance(value, dict) else ())]
        return len(value) <= MOST_ITEMS and all(map(_is_single, flat))
    return _is_single(value, LONGEST_LONE)


def _is_single(value, longest: int = LONGEST_TEXT) -> bool:
    if type(value) is str:
        return len(value) <= longest
    return value is None or type(value) in (bool, int, float)


CHECKS = {
    **dict.fromkeys(("exercise", "student", "mark", "origin", "status", "ticks"), _is_word),
    **dict.fromkeys(("attempts", "hints", "turn"), _is_count),
    "solved": lambda value: type(value) is bool,
    "answer": _is_answer,
}


def latest(records) -> dict[str, Record]:
    """Of each exercise the record that is furthest on; of equals the last."""
    by_id: dict[str, Record] = {}
    for record in records:
        if record.turn >= by_id.get(record.exercise, record).turn:
            by_id[record.exercise] = record
    return by_id
