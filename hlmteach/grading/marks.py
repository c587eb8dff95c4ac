"""Points -> the mark that a gradebook takes: credit, overrides, lateness, scale. Pure.

    mark = out_of * max(points - late, 0) / most,    late = min(share * days, at_most) * most

An exercise's points are its verdict's, else the credit for its mistake, else what an override says.
"""

import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from hlmteach.errors import HLMError
from hlmteach.exercises.desk import find_question
from hlmteach.exercises.numbers import is_number
from hlmteach.exercises.students import readable_id
from hlmteach.grading.roster import is_same_number
from hlmteach.grading.score import Line, Person
from hlmteach.grading.spreadsheet import read_cells

OVERRIDES = ("student", "exercise", "points", "days late", "who", "why")
PERCENT = r"(\d+(?:\.\d+)?) ?%"
LATE = re.compile(rf"{PERCENT}(/day)?(?:,? at most {PERCENT})?")
HOW_LATE = "late, nobody knows how much: counted as 1 day. Say it in overrides.csv"


@dataclass(frozen=True)
class LatePolicy:
    """What lateness costs, as shares of the maximum: `share` once or per started day."""

    share: float = 0.0
    per_day: bool = False
    at_most: float = 1.0

    def cost(self, days: float) -> float:
        """The share of the maximum that `days` cost.

        Examples
        --------
        >>> read_late("10%/day, at most 50%").cost(2.5)
        0.3
        """
        started = math.ceil(days) if self.per_day else float(days > 0)
        return round(min(self.share * started, self.at_most), 12)


@dataclass(frozen=True)
class Override:
    """A teacher's decision on one exercise, or with exercise "" on the whole of the points."""

    student: str
    exercise: str = ""
    points: float | None = None
    days_late: float | None = None
    who: str = ""
    why: str = ""


@dataclass(frozen=True)
class Policy:
    """How points become marks. `out_of` 0 leaves them as they are."""

    out_of: float = 0.0
    late: LatePolicy = LatePolicy()
    missing: str = "blank"
    credit: Mapping[tuple[str, str], float] = field(default_factory=dict)
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True)
class Mark:
    """What a person gets: `value` is None where nothing was handed in and nothing is to be given.

    `points` of `most` are before lateness and scale; `steps` explain it to the student.
    """

    value: float | None
    out_of: float
    points: float
    most: float
    steps: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """The mark as a gradebook has it."""
        return "" if self.value is None else f"{round(self.value, 2):g}"


def adjust(person: Person, policy: Policy) -> Person:
    """Return the person with credit for named mistakes and overrides of single exercises.

    Where lateness costs by the day and only its fact is known, a note says so.
    """
    decided = {o.exercise: o for o in _of(person, policy) if o.exercise and o.points is not None}
    lines = [_adjusted(line, policy.credit, decided.get(line.exercise)) for line in person.lines]
    return replace(
        person, lines=tuple(lines), notes=(*person.notes, *_lateness_notes(person, policy))
    )


def _lateness_notes(person: Person, policy: Policy) -> tuple[str, ...]:
    known = any(one.days_late is not None for one in _of(person, policy))
    return (HOW_LATE,) if person.late and policy.late.per_day and not known else ()


def _adjusted(line: Line, credit, override: Override | None) -> Line:
    if override is not None:
        return replace(line, points=override.points, note=_because(line.note, override))
    share = credit.get((line.exercise, line.mistake)) if line.mistake else None
    return line if share is None else replace(line, points=share * line.most)


def _because(note: str, override: Override) -> str:
    changed = (
        f"points set by your teacher: {override.why}" if override.why else "points set by hand"
    )
    return "; ".join(filter(None, (note, changed)))


def mark_of(person: Person, policy: Policy) -> Mark:
    """Add up, take lateness off, and bring to scale.

    Parameters
    ----------
    person : Person
        As `adjust` returns it.
    policy : Policy

    Returns
    -------
    Mark
    """
    whole = [one for one in _of(person, policy) if not one.exercise]
    total = next((one for one in whole if one.points is not None), None)
    out_of = policy.out_of or person.most
    decided = total is not None or any(o.points is not None for o in _of(person, policy))
    absent = not person.files and policy.missing == "blank"
    if not decided and (absent or (person.lines and not person.most)):
        why = "Nothing was handed in." if absent else "Nothing in it counts for marks."
        return Mark(value=None, out_of=out_of, points=0.0, most=person.most, steps=(why,))
    points = person.points if total is None else total.points
    days = _days_late(person, whole)
    lost = 0.0 if total else policy.late.cost(days) * person.most
    kept = max(points - lost, 0.0)
    steps = [f"{points:g} of {person.most:g} points."]
    if total:
        steps.append(f"Set by your teacher: {total.why or 'no reason given'}.")
    if lost:
        steps.append(f"Late by {_count_days(days)}: {lost:g} points off.")
    value = out_of * kept / person.most if person.most else 0.0
    if policy.out_of:
        steps.append(f"Mark: {round(value, 2):g} of {out_of:g}.")
    return Mark(value=value, out_of=out_of, points=points, most=person.most, steps=tuple(steps))


def _count_days(days: float) -> str:
    return "1 day" if days == 1 else f"{days:g} days"


def _of(person: Person, policy: Policy) -> list[Override]:
    return [one for one in policy.overrides if one.student == person.id and person.id]


def _days_late(person: Person, whole: list[Override]) -> float:
    days = next((one.days_late for one in whole if one.days_late is not None), None)
    return float(person.late) if days is None else days


# -- what a teacher writes -------------------------------------------------------------------------


def read_late(text: str) -> LatePolicy:
    """Read "none", "20%", "10%/day" or "10%/day, at most 50%".

    Raises
    ------
    HLMError
        When it is none of these.
    """
    asked = " ".join(text.lower().split())
    if asked in ("", "none"):
        return LatePolicy()
    match = LATE.fullmatch(asked)
    if match is None or not all(float(share) <= 100 for share in match.group(1, 3) if share):
        raise HLMError(
            f"--late {text!r} is not understood. Write 'none', '20%', '10%/day' or "
            "'10%/day, at most 50%'; each is a share of the maximum, from 0% to 100%."
        )
    at_most = float(match[3]) / 100 if match[3] else 1.0
    return LatePolicy(share=float(match[1]) / 100, per_day=bool(match[2]), at_most=at_most)


def read_credit(path: Path, bank=None) -> dict[tuple[str, str], float]:
    """Read credit for named mistakes: a TOML table for each exercise.

    ["08-3"]
    "not doubled" = 0.5

    Raises
    ------
    HLMError
        When a name is not known, or a share is not from 0 to 1.
    """
    try:
        tables = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise HLMError(f"The credit in {path} cannot be read: {error}") from None
    credit = {}
    for exercise, shares in tables.items():
        question = find_question(exercise, bank)
        known = [mistake.name for mistake in question.mistakes]
        if not isinstance(shares, dict):
            raise HLMError(f'In {path}, {exercise} is no table. Write ["{question.id}"] above it.')
        for name, share in shares.items():
            if name not in known:
                raise HLMError(
                    f"In {path}, exercise {exercise} has no mistake {name!r}. "
                    f"It has: {', '.join(map(repr, known)) or 'none'}."
                )
            credit[question.id, name] = _share(share, f"{exercise}, {name!r}")
    return credit


def _share(value, where: str) -> float:
    if not is_number(value) or not 0 <= value <= 1:
        raise HLMError(f"The credit for {where} is {value!r}. Give a share from 0 to 1, as 0.5.")
    return float(value)


def read_overrides(path: Path, bank=None) -> tuple[Override, ...]:
    """Read overrides.csv; where there is none, write an empty one to be filled in.

    Raises
    ------
    HLMError
        When a row has no student, or something that is no number.
    """
    path = Path(path)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(",".join(OVERRIDES) + "\n", encoding="utf-8")
        return ()
    header, *lines = read_cells(path, "file of overrides")
    rows = [dict(zip((name.lower() for name in header), line, strict=False)) for line in lines]
    missing = [name for name in OVERRIDES if name not in [name.lower() for name in header]]
    if missing:
        raise HLMError(
            f"{path} has no column {missing[0]!r}. Its first row is {','.join(OVERRIDES)}."
        )
    return tuple(
        _override(row, f"{path}, row {number}", bank) for number, row in enumerate(rows, 2)
    )


def _override(row: Mapping[str, str], where: str, bank) -> Override:
    student = readable_id(row.get("student", ""))
    if not student:
        raise HLMError(f"{where}: it names no student. Write the id that grades.csv has.")
    exercise = row.get("exercise", "").strip()
    return Override(
        student=student,
        exercise=find_question(exercise, bank).id if exercise else "",
        points=_number(row.get("points", ""), "points", where),
        days_late=_number(row.get("days late", ""), "days late", where),
        who=row.get("who", ""),
        why=row.get("why", ""),
    )


def _number(text: str, what: str, where: str) -> float | None:
    if not text.strip():
        return None
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise HLMError(f"{where}: {what} is {text!r}. Give a number that is 0 or more, or nothing.")
    return value


def unused(overrides: Iterable[Override], people: Iterable[Person]) -> list[str]:
    """Overrides that changed nothing, in words: a slip in an id must not pass unseen."""
    lines = {(p.id, line.exercise) for p in people for line in p.lines}
    known = lines | {(p.id, "") for p in people}
    return [
        f"overrides.csv: nobody has {'the id' if not o.exercise else o.exercise + ' under the id'} "
        f"{o.student!r}{_with_zeros(o, known)}"
        for o in overrides
        if (o.student, o.exercise) not in known
    ]


def _with_zeros(override: Override, known) -> str:
    same = next((id for id, _ in known if is_same_number(override.student, id)), "")
    return f", but {same!r}: a spreadsheet may have dropped zeros in front" if same else ""
