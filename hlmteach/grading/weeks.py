"""The class over weeks: the marks of several runs side by side, a row for each student."""

import csv
import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from hlmteach.errors import HLMError
from hlmteach.grading.pages import page, table
from hlmteach.grading.tables import write_table

LOW = 0.5  # of the maximum: a share below it is marked


@dataclass(frozen=True)
class Week:
    """One run: its title, and each student's share of the points; None: nothing was handed in."""

    title: str
    shares: dict[str, float | None]
    names: dict[str, str]


def write_weeks(runs: Sequence[Path], out: Path) -> tuple[Path, Path]:
    """Write a page and a table over several runs, in the order given.

    Parameters
    ----------
    runs : sequence of Path
        Each a grades.csv of `hlmteach grade`, or its folder.
    out : Path
        The page, .html; the table is written beside it, .csv.

    Returns
    -------
    tuple of Path
        Page and table.

    Raises
    ------
    HLMError
        When a run has no grades.csv, or it is not one of ours.
    """
    weeks = [read_week(Path(run)) for run in runs]
    names = {who: name for week in weeks for who, name in week.names.items()}
    students = sorted(names)
    rows = [_row(who, names[who], weeks) for who in students]
    out = Path(out).with_suffix(".html")
    write_table(out.with_suffix(".csv"), rows, ["student", "name", *_titles(weeks), "mean"])
    out.write_text(page("The class over weeks", _body(students, names, weeks)), encoding="utf-8")
    return out, out.with_suffix(".csv")


def read_week(run: Path) -> Week:
    """Read one run."""
    path = run / "grades.csv" if run.is_dir() else run
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
        points = {who: _share([r for r in rows if r["student"] == who]) for who in _students(rows)}
        names = {row["student"]: row["name"] for row in rows if row["student"]}
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, ValueError) as error:
        raise HLMError(
            f"{path} is no grades.csv of hlmteach grade ({error}). Name it, or its folder."
        ) from None
    return Week(_title(path), points, names)


def _students(rows) -> list[str]:
    return list(dict.fromkeys(row["student"] for row in rows if row["student"]))


def _share(rows) -> float | None:
    if not any(row["file"] for row in rows):
        return None
    most = sum(float(row["max"] or 0) for row in rows)
    return sum(float(row["points"] or 0) for row in rows) / most if most else None


def _title(path: Path) -> str:
    try:
        title = json.loads(path.with_name("summary.json").read_text(encoding="utf-8"))["title"]
    except (OSError, ValueError, LookupError, TypeError):
        title = ""
    plain = isinstance(title, str) and title not in ("", "hlmteach")
    return title if plain else path.parent.name or path.stem


def _titles(weeks: Sequence[Week]) -> list[str]:
    """Titles, each once."""
    titles: list[str] = []
    for number, week in enumerate(weeks, 1):
        titles.append(week.title if week.title not in titles else f"{week.title} ({number})")
    return titles


def _row(who: str, name: str, weeks: Sequence[Week]) -> dict[str, str]:
    shares = [week.shares.get(who) for week in weeks]
    shown = {title: _percent(s) for title, s in zip(_titles(weeks), shares, strict=True)}
    return {"student": who, "name": name, **shown, "mean": _percent(_mean(shares))}


def _mean(shares) -> float | None:
    known = [share for share in shares if share is not None]
    return statistics.fmean(known) if known else None


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.0f}"


def _body(students, names, weeks: Sequence[Week]) -> str:
    columns = ["student", "name", *map(escape, _titles(weeks)), "mean", "course"]
    rows = [_cells(who, names[who], [week.shares.get(who) for week in weeks]) for who in students]
    medians = [
        statistics.median(known)
        if (known := [share for share in week.shares.values() if share is not None])
        else None
        for week in weeks
    ]
    rows.append(_cells("", "the class: median", medians))
    return "<p>Percent of the points; – is nothing handed in.</p>" + table(columns, rows)


def _cells(who: str, name: str, shares) -> str:
    cells = [_cell(_percent(share), low=share is not None and share < LOW) for share in shares]
    mean = _cell(_percent(_mean(shares)))
    return f"<td>{escape(who)}</td><td>{escape(name)}</td>{''.join(cells)}{mean}{_line(shares)}"


def _cell(text: str, low: bool = False) -> str:
    return f'<td class="n{" note" if low else ""}">{text or "–"}</td>'


def _line(shares) -> str:
    """A small picture of the course of the marks; a gap where nothing was handed in."""
    step, height = 14, 22
    places = [
        (6 + step * i, height - 3 - (height - 6) * min(share, 1.0))
        for i, share in enumerate(shares)
        if share is not None
    ]
    dots = "".join(f'<circle cx="{x:g}" cy="{y:.1f}" r="2.5"/>' for x, y in places)
    path = " ".join(f"{x:g},{y:.1f}" for x, y in places)
    return (
        f'<td><svg width="{12 + step * len(shares)}" height="{height}" fill="currentColor" '
        f'aria-hidden="true"><polyline points="{path}" fill="none" stroke="currentColor"/>'
        f"{dots}</svg></td>"
    )
