"""Data of a teacher's own bank: a file or a data set, and what is new in them for each student.

[data.sleep]
file = "sleep.csv"                       # beside the bank, or dataset = "sleepstudy"
model = "hours ~ day + (1 | person)"     # the outcome is drawn anew from this model, or
rows = 0.8                               # a share (or number) of the rows is drawn, or
groups = "person"                        # with rows = 0.8: of the persons, each with all rows
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from hlmteach.datasets import load, read_table
from hlmteach.engine.fit import Fit, fit_model
from hlmteach.errors import HLMError
from hlmteach.exercises.draws import DRAWS, Draw
from hlmteach.exercises.numbers import BankError, is_number
from hlmteach.exercises.sample import Sample
from hlmteach.exercises.stream import Stream

ALLOWED = ("file", "dataset", "model", "decimals", "limits", "rows", "groups")
MOST_DECIMALS = 6
FEWEST_ROWS = 4


def own_draw(name: str, table: dict, folder: Path) -> Draw:
    """Read one `[data.NAME]` of a teacher's bank.

    Parameters
    ----------
    name : str
    table : dict
        What TOML holds.
    folder : Path
        Where the bank is; its files are there or below.

    Returns
    -------
    Draw

    Raises
    ------
    BankError
        With what is wrong, and what may be written.
    """
    if not isinstance(table, dict):
        raise BankError(f"Data are a table, [data.{name}], with {', '.join(ALLOWED)}.")
    if name in DRAWS:
        raise BankError(f"The package has data called {name!r}. Take another name for yours.")
    for key in sorted(table.keys() - set(ALLOWED)):
        raise BankError(f"Data have no {key!r}. They may have {', '.join(ALLOWED)}.")
    frame = _frame(table, folder)
    try:
        make = _maker(table, frame)
    except BankError:
        raise
    except HLMError as error:
        raise BankError(f"model: {error}") from None
    return Draw(name, cache(lambda: Sample(frame)), make)


def data_file(table: dict, folder: Path) -> Path | None:
    """The file that the data are read from, if they are from a file."""
    return Path(folder, str(table["file"])) if "file" in table else None


def _frame(table: dict, folder: Path) -> pd.DataFrame:
    if ("file" in table) == ("dataset" in table):
        raise BankError('Say where the data are: file = "mine.csv", or dataset = "sleepstudy".')
    path = data_file(table, folder)
    if path and not path.resolve().is_relative_to(folder.resolve()):
        raise BankError(f"The file {table['file']!r} is not beside the bank. Put it in its folder.")
    try:
        return read_table(path) if path else load(table["dataset"])
    except HLMError as error:
        raise BankError(str(error)) from None


def _maker(table: dict, frame: pd.DataFrame) -> Callable[[Stream], Sample]:
    """How a student's own data come from the teacher's."""
    if "model" in table and "rows" in table:
        raise BankError("Either model (a new outcome) or rows (a part of them), not both.")
    if "model" in table:
        return _redrawing(table, frame)
    if "rows" in table:
        return _choosing(table, frame)
    lone = next((key for key in ("groups", "decimals", "limits") if key in table), None)
    if lone is not None:
        raise BankError(
            f"{lone} goes with {'rows' if lone == 'groups' else 'model'}, which is missing."
        )
    return lambda stream: Sample(frame)


# -- a part of the rows ----------------------------------------------------------------------------


def _choosing(table: dict, frame: pd.DataFrame) -> Callable[[Stream], Sample]:
    group = table.get("groups")
    if group is not None and group not in frame:
        raise BankError(f"There is no column {group!r}. The columns are: {', '.join(frame)}.")
    codes = np.arange(len(frame)) if group is None else pd.factorize(frame[group])[0]
    units = int(codes.max()) + 1
    count = _count(table["rows"], units)

    def choose(stream: Stream) -> Sample:
        kept = np.isin(codes, stream.shuffled(range(units))[:count])
        return Sample(frame[kept].reset_index(drop=True))

    return choose


def _count(rows, units: int) -> int:
    """How many to draw: a share of all, or a number."""
    if not is_number(rows) or rows <= 0:
        raise BankError(f"rows is a share such as 0.8, or a number such as 200; not {rows!r}.")
    count = round(rows * units) if rows < 1 else int(rows)
    if not FEWEST_ROWS <= count < units:
        raise BankError(
            f"rows = {rows!r} draws {count} of {units}. Draw {FEWEST_ROWS} to {units - 1}."
        )
    return count


# -- a new outcome ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Redrawn:
    """What a new outcome is drawn from: the fitted model, and how its outcome is written."""

    fit: Fit
    outcome: str
    decimals: int
    limits: tuple[float, float]

    def __call__(self, stream: Stream) -> Sample:
        """The data with a new outcome."""
        data, rows = self.fit.frame.data, self.fit.frame.rows
        values = data[self.outcome].to_numpy(float, copy=True)
        values[rows] = np.clip(self._drawn(stream), *self.limits).round(self.decimals)
        return Sample(data.assign(**{self.outcome: values}))

    def _drawn(self, stream: Stream) -> np.ndarray:
        """y = X beta + Z b + e, with new b and new e (equation 4)."""
        fit = self.fit
        y = fit.fitted + fit.sigma * stream.normal(fit.n_obs)
        for factor in fit.frame.factors:
            root = semidefinite_root(fit.covariances[factor.name].cov)
            b = stream.normal(factor.n_levels * factor.q).reshape(-1, factor.q) @ root.T
            was = fit.ranef[factor.name].to_numpy()
            y = y + (factor.Z * (b - was)[factor.codes]).sum(axis=1)
        return y


def _redrawing(table: dict, frame: pd.DataFrame) -> Redrawn:
    fit = fit_model(table["model"], frame, reml=True)
    outcome = fit.frame.formula.outcome
    if outcome not in frame:
        raise BankError(f"The model's outcome is {outcome!r}; it must be a column as it is.")
    decimals = table.get("decimals", _decimals(frame[outcome].dropna()))
    if type(decimals) is not int or not 0 <= decimals <= MOST_DECIMALS:
        raise BankError(f"decimals is a whole number from 0 to {MOST_DECIMALS}, not {decimals!r}.")
    limits = table.get("limits", [-np.inf, np.inf])
    if not isinstance(limits, list) or len(limits) != 2 or not all(map(is_number, limits)):
        raise BankError(f"limits are the two ends of the scale, such as [1, 6]; not {limits!r}.")
    return Redrawn(fit=fit, outcome=outcome, decimals=decimals, limits=tuple(limits))


def _decimals(values: pd.Series) -> int:
    """The decimals that a column is written with."""
    exact = (d for d in range(MOST_DECIMALS) if np.allclose(values, values.round(d), atol=1e-9))
    return next(exact, MOST_DECIMALS)


def semidefinite_root(A: np.ndarray) -> np.ndarray:
    """The lower triangle L with L L' = A, also where A is singular: a column of zeros then.

    Examples
    --------
    >>> semidefinite_root(np.array([[4.0, 2.0], [2.0, 1.0]]))
    array([[2., 0.],
           [1., 0.]])
    """
    L = np.zeros_like(A)
    for j in range(len(A)):
        rest = A[j:, j] - L[j:, :j] @ L[j, :j]
        if rest[0] > 1e-12 * max(A[j, j], 1e-300):
            L[j:, j] = rest / np.sqrt(rest[0])
    return L
