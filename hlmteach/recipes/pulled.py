"""Rows that were pulled, one by one or a group at a time."""

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from hlmteach.datasets.scenarios import move_groups
from hlmteach.errors import HLMError
from hlmteach.recipes.names import python_string, r_name
from hlmteach.recipes.rows import Derived, Rows

PULL = re.compile(r"(row|group) (\d+) ([+-]?\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class Pulled(Derived):
    """Rows with the columns `within` and `between`, some of them pulled.

    `between` is the mean of x in the row's group, `within` what is left. `pulls` says what was
    moved and by how much, as in "group 1 +0.5; row 12 -0.3".
    """

    pulls: str = ""

    @property
    def design(self) -> Rows:
        """The design of the rows before they were pulled."""
        return Pulled(self.source.design)

    @cached_property
    def table(self) -> pd.DataFrame:
        """The rows as they were pulled; their groups are categories."""
        x, group = self.names["x"], self.group
        data = self.source.table
        between = data.groupby(group, observed=True)[x].transform("mean")
        return data.assign(
            **{self.y: self.outcome, group: data[group].astype("category")},
            between=between,
            within=data[x] - between,
        )

    @cached_property
    def outcome(self) -> np.ndarray:
        """The outcome (n,) as it was pulled."""
        groups, points = read_pulls(self.pulls, len(self.levels), len(self.codes))
        y = move_groups(self.source.outcome, self.codes, groups)
        y[list(points)] += list(points.values())
        return y

    @property
    def python(self) -> str:
        """Python that makes the rows, pulls them, and takes x apart."""
        x, y, group = (python_string(self.names[role]) for role in ("x", "y", "group"))
        lines, factor = [], self.source.table[self.group].astype("category").cat
        for kind, number, shift in _split(self.pulls):
            where = number - 1
            if kind == "group":
                level = factor.categories.tolist()[number - 1]
                where = f"data[{group}] == {level!r}"
            lines.append(f"data.loc[{where}, {y}] += {shift:g}")
        lines += [
            f'data["between"] = data.groupby({group}, observed=True)[{x}].transform("mean")',
            f'data["within"] = data[{x}] - data["between"]',
        ]
        return self.source.python + "\n".join(lines) + "\n"

    @property
    def r(self) -> str:
        """R that does the same."""
        x, y, group = (f"data${r_name(self.names[role])}" for role in ("x", "y", "group"))
        lines = []
        for kind, number, shift in _split(self.pulls):
            where = number if kind == "row" else f"as.integer(factor({group})) == {number}"
            lines.append(f"{y}[{where}] <- {y}[{where}] + {shift:g}")
        lines += [f"data$between <- ave({x}, {group})", f"data$within <- {x} - data$between"]
        return self.source.r + "\n".join(lines) + "\n"


def read_pulls(text: str, groups: int, rows: int) -> tuple[np.ndarray, dict[int, float]]:
    """Read "group 1 +0.5; row 12 -0.3": shifts of groups (J,), and of rows by place from 0."""
    shifts, points = np.zeros(groups), {}
    for kind, number, shift in _split(text):
        count = groups if kind == "group" else rows
        if not 1 <= number <= count:
            raise HLMError(f"There is no {kind} {number} to pull: there are 1 to {count}.")
        if kind == "group":
            shifts[number - 1] += shift
        else:
            points[number - 1] = points.get(number - 1, 0.0) + shift
    return shifts, points


def add_pull(text: str, kind: str, number: int, shift: float) -> str:
    """Add a shift to what was pulled already, and write it again.

    Examples
    --------
    >>> add_pull("group 1 +0.500", "group", 1, 0.25)
    'group 1 +0.7500'
    """
    known = {(w, n): s for w, n, s in _split(text)}
    known[kind, number] = known.get((kind, number), 0.0) + shift
    kept = {key: s for key, s in known.items() if abs(s) > 5e-5}
    return "; ".join(f"{w} {n} {s:+.4f}" for (w, n), s in kept.items())


def _split(text: str) -> list[tuple[str, int, float]]:
    pulls = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        match = PULL.fullmatch(part)
        if match is None:
            raise HLMError(f"{part!r} is no move. Write 'group 1 +0.5' or 'row 12 -0.3'.")
        pulls.append((match[1], int(match[2]), float(match[3])))
    return pulls
