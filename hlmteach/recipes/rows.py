"""Rows that a model is fitted to: a table that makes itself, and the code that makes it."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import ClassVar

import numpy as np
import pandas as pd

from hlmteach.datasets import load
from hlmteach.datasets.scenarios import move_groups, tilt_groups
from hlmteach.recipes.names import python_string, r_name

ALL = 10_000  # rows per group: more than any has


def taken(path: str, what: str) -> property:
    """Make a property of what stands elsewhere: `taken("source.y", ...)` is `self.source.y`."""
    return property(attrgetter(path), doc=what)


@dataclass(frozen=True)
class Rows:
    """A table, and which of its columns are outcome, predictor and group.

    Rows with the same `design` differ in the outcome alone, so that what was fitted to one of them
    is refitted to the others. A kind of rows says `table`, `python` and `r`.
    """

    y: ClassVar[str] = "y"
    x: ClassVar[str] = "x"
    group: ClassVar[str] = "group"

    @property
    def names(self) -> dict[str, str]:
        """The columns by what they are: `y`, `x`, `group`."""
        return {"y": self.y, "x": self.x, "group": self.group}

    @property
    def design(self) -> "Rows":
        """The same rows with an outcome that is agreed upon: what fits of them are kept under."""
        return self

    @cached_property
    def table(self) -> pd.DataFrame:
        """The rows as a table."""
        raise NotImplementedError

    @cached_property
    def outcome(self) -> np.ndarray:
        """The outcome (n,)."""
        return self.table[self.y].to_numpy(float)

    @cached_property
    def predictor(self) -> np.ndarray:
        """The predictor (n,)."""
        return self.table[self.x].to_numpy(float)

    @cached_property
    def codes(self) -> np.ndarray:
        """Group codes (n,), from 0."""
        return self._factor.codes.to_numpy(np.intp)

    @cached_property
    def levels(self) -> tuple[str, ...]:
        """The groups' names (J,)."""
        return tuple(map(str, self._factor.categories))

    @property
    def _factor(self):
        return self.table[self.group].astype("category").cat

    @property
    def has_gaps(self) -> bool:
        """Whether a row may have to be left out, since it lacks a value."""
        return False

    def r_name(self, name: str) -> str:
        """Write a column's name for R."""
        return r_name(name)

    @property
    def python(self) -> str:
        """Python that makes the table `data`; hlmteach is imported as hlm."""
        raise NotImplementedError

    @property
    def r(self) -> str:
        """R that makes the table `data`; its random numbers are others."""
        raise NotImplementedError


@dataclass(frozen=True)
class Tutorial(Rows):
    """The tutorial's rows, or `kept` of each group; its groups moved, turned and spread.

    Each group's rows are moved by its shift, spread about their mean, and turned about the mean of
    their predictor by its tilt.
    """

    kept: int = ALL
    seed: int = 0
    shifts: tuple[float, ...] = (0.0, 0.0, 0.0)
    tilts: tuple[float, ...] = (0.0, 0.0, 0.0)
    spread: float = 1.0

    y: ClassVar[str] = "Satisfaction"
    x: ClassVar[str] = "NPD"
    group: ClassVar[str] = "Time"

    @property
    def names(self) -> dict[str, str]:
        """The columns by what they are; `m` moderates."""
        return {**super().names, "m": "BPD"}

    @property
    def design(self) -> Rows:
        """The rows before they are moved; those that chance has no part in need no seed."""
        return Tutorial(kept=self.kept, seed=self.seed if self.kept < ALL else 0)

    @cached_property
    def table(self) -> pd.DataFrame:
        """The rows as they are moved."""
        plain = _tutorial(self.design)
        return plain if self == self.design else plain.assign(Satisfaction=self.outcome)

    @cached_property
    def outcome(self) -> np.ndarray:
        """The outcome (n,) as it is moved."""
        y = move_groups(self._plain.y, self.codes, self.shifts, self.spread)
        return tilt_groups(y, self.predictor, self.codes, self.tilts) if any(self.tilts) else y

    @property
    def _plain(self) -> "_Columns":
        return _columns(self.design)

    predictor = taken("_plain.x", "The predictor (n,).")
    codes = taken("_plain.codes", "Group codes (n,), from 0.")
    levels = taken("_plain.levels", "The groups' names (J,).")

    @property
    def python(self) -> str:
        """Python that reads the rows and moves them."""
        lines = ['data = hlm.load("HLM")']
        if self.kept < ALL:
            lines += [
                'groups = data.groupby("Time", observed=True)',
                f"data = groups.sample({self.kept}, random_state={self.seed}).sort_index()",
            ]
        for name, shift in self._moved(self.shifts):
            lines.append(f'data.loc[data["Time"] == {name}, "Satisfaction"] += {shift:g}')
        for name, tilt in self._moved(self.tilts):
            lines += [
                f'rows = data["Time"] == {name}',
                'aside = data.loc[rows, "NPD"] - data.loc[rows, "NPD"].mean()',
                f'data.loc[rows, "Satisfaction"] += {tilt:g} * aside',
            ]
        if self.spread != 1.0:
            lines += [
                'mean = data.groupby("Time", observed=True)["Satisfaction"].transform("mean")',
                f'data["Satisfaction"] = mean + {self.spread:g} * (data["Satisfaction"] - mean)',
            ]
        return "\n".join(lines) + "\n"

    def _moved(self, by):
        """Names in quotes, and values that are not 0."""
        pairs = zip(map(python_string, self.levels), by, strict=True)
        return [(name, value) for name, value in pairs if value]

    @property
    def r(self) -> str:
        """R that reads the rows and moves them."""
        lines = ['data <- foreign::read.spss("HLM.sav", to.data.frame = TRUE)']
        if self.kept < ALL:
            lines += r_sample(self.group, self.kept, self.seed)
        moved = "data$Satisfaction[rows] <- data$Satisfaction[rows]"
        for which, shift in enumerate(self.shifts, start=1):
            if shift:
                lines += [_r_rows(which), f"{moved} + {shift:g}"]
        for which, tilt in enumerate(self.tilts, start=1):
            if tilt:
                aside = "(data$NPD[rows] - mean(data$NPD[rows]))"
                lines += [_r_rows(which), f"{moved} + {tilt:g} * {aside}"]
        if self.spread != 1.0:
            lines += [
                "mean <- ave(data$Satisfaction, data$Time)",
                f"data$Satisfaction <- mean + {self.spread:g} * (data$Satisfaction - mean)",
            ]
        return "\n".join(lines) + "\n"


@lru_cache(maxsize=8)
def _tutorial(rows: Tutorial) -> pd.DataFrame:
    data = load("HLM")
    if rows.kept < ALL:
        data = data.groupby("Time", observed=True).sample(rows.kept, random_state=rows.seed)
    return data.sort_index()


@dataclass(frozen=True)
class _Columns:
    """A table's columns, which pandas takes as long to hand out as a model to be refitted."""

    y: np.ndarray
    x: np.ndarray
    codes: np.ndarray
    levels: tuple[str, ...]


@lru_cache(maxsize=8)
def _columns(rows: Tutorial) -> _Columns:
    data, factor = _tutorial(rows), _tutorial(rows)[rows.group].cat
    y, x = (data[name].to_numpy(float) for name in (rows.y, rows.x))
    levels = tuple(map(str, factor.categories))
    return _Columns(y=y, x=x, codes=factor.codes.to_numpy(np.intp), levels=levels)


def _r_rows(group: int) -> str:
    return f"rows <- as.integer(factor(data$Time)) == {group}"


def r_sample(group: str, kept: int, seed: int) -> list[str]:
    """Write R that keeps so many rows of each group."""
    return [
        f"set.seed({seed})  # R draws other rows than Python",
        f"some <- function(g) g[sample(nrow(g), {kept}), ]",
        f'data <- do.call("rbind", lapply(split(data, data${r_name(group)}), some))',
    ]


@dataclass(frozen=True)
class Derived(Rows):
    """Rows made from other rows: what a kind of them leaves alone is as it was there."""

    source: Rows

    names = taken("source.names", "The columns by what they are.")
    y = taken("source.y", "The outcome's name.")
    x = taken("source.x", "The predictor's name.")
    group = taken("source.group", "The name of the groups' column.")
    outcome = taken("source.outcome", "The outcome (n,).")
    predictor = taken("source.predictor", "The predictor (n,).")
    codes = taken("source.codes", "Group codes (n,), from 0.")
    levels = taken("source.levels", "The groups' names (J,).")


@dataclass(frozen=True)
class Centred(Derived):
    """Rows whose predictor and moderator are counted from their means."""

    @property
    def design(self) -> Rows:
        """The design of the rows, centred."""
        return Centred(self.source.design)

    @cached_property
    def table(self) -> pd.DataFrame:
        """The rows, centred."""
        data, columns = self.source.table.copy(), [self.names["x"], self.names["m"]]
        data[columns] -= data[columns].mean()
        return data

    @property
    def python_step(self) -> str:
        """Python that centres `data`."""
        columns = "[{}, {}]".format(*(python_string(self.names[role]) for role in "xm"))
        return f"data[{columns}] -= data[{columns}].mean()\n"

    @property
    def r_step(self) -> str:
        """R that centres `data`."""
        columns = [r_name(self.names[role]) for role in "xm"]
        return "".join(f"data${name} <- data${name} - mean(data${name})\n" for name in columns)

    @property
    def python(self) -> str:
        """Python that makes the rows, and centres them."""
        return self.source.python + self.python_step

    @property
    def r(self) -> str:
        """R that makes the rows, and centres them."""
        return self.source.r + self.r_step
