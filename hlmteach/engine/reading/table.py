"""A table's columns by name, in model form; and new rows made like those of the fit."""

import difflib
import unicodedata
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hlmteach.engine.reading.stored import Levels, raw, read_column, read_groups
from hlmteach.errors import DataError

CONSTANTS = {"pi": np.pi, "T": True, "F": False, "Inf": np.inf}  # unless a column is called so


# -- names -----------------------------------------------------------------------------------


def check_table(data) -> None:
    """A DataFrame with rows, its columns named once each."""
    if data is None:
        raise DataError(
            "The table is missing: give it as data=, as in hlm.lmer('y ~ x + (1 | g)', data=table)."
            " The names in a formula are its columns. Read a file with hlm.read_table('file.csv')."
        )
    if isinstance(data, str) and "~" in data:
        raise DataError(
            f"{data!r} stands in the table's place. The formula comes first, then data."
        )
    if not isinstance(data, pd.DataFrame):
        raise DataError(
            f"data is of type {type(data).__name__}; a pandas DataFrame is needed. "
            f"{_as_frame(data)}"
        )
    if not len(data):
        raise DataError("The table has no rows. Check how it was read or filtered.")
    if not data.columns.is_unique:
        repeated = data.columns[data.columns.duplicated()]
        raise DataError(f"Two columns are called {repeated[0]!r}. Rename one of them.")


def _as_frame(data) -> str:
    """How to make a DataFrame of what came in its place."""
    for method in ("to_pandas", "df", "toPandas", "to_frame", "compute"):
        if callable(getattr(data, method, None)):
            return f"Make it one: data.{method}()."
    if isinstance(data, dict | list | np.ndarray):
        return "Make it one: pd.DataFrame(data)."
    return "Read a file with hlm.read_table('file.csv')."


def places_of(names, data: pd.DataFrame) -> dict[str, int]:
    """Where each named column stands. Numbers are names too, and both forms of Unicode are one.

    Raises
    ------
    DataError
        Naming all columns that are not there.
    """
    columns = data.columns
    if columns.nlevels == 1 and all(name in columns for name in names):  # the usual case, quickly
        return {name: columns.get_loc(name) for name in names}
    exact = _by_text(columns, str)
    alike = _by_text(columns, lambda name: unicodedata.normalize("NFC", str(name)))
    by_name = {}
    for name in names:
        places = exact.get(name) or alike.get(unicodedata.normalize("NFC", name)) or []
        if len(places) > 1:
            kinds = " and ".join(repr(columns[i]) for i in places)
            raise DataError(f"The columns {kinds} are both called {name!r}. Rename one of them.")
        by_name[name] = places
    missing = [name for name, places in by_name.items() if not places and name not in CONSTANTS]
    if missing:
        raise DataError(_not_there(missing, data))
    return {name: places[0] for name, places in by_name.items() if places}


def _by_text(columns, text) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for i, name in enumerate(columns):
        places.setdefault(text(name), []).append(i)
    return places


def _not_there(missing, data: pd.DataFrame) -> str:
    columns, known = data.columns, {str(c).lower(): str(c) for c in data.columns}
    hints = []
    for name in missing:
        near = difflib.get_close_matches(name.lower(), known, 1, 0.6)
        hints += [f"Did you mean {known[near[0]]!r}?"] if near else []
    what = (
        f"There is no column {missing[0]!r} in the data."
        if len(missing) == 1
        else f"There are no columns {', '.join(map(repr, missing))} in the data."
    )
    listed = ", ".join(map(str, columns[:12]))
    remedy = _elsewhere(missing, data) or " ".join(hints) or "Check the spelling."
    return f"{what} {remedy} The columns are: {listed}."


def _elsewhere(missing, data: pd.DataFrame) -> str:
    """What to do for names that stand in the index, or in one of several rows of names."""
    if set(missing) & {str(name) for name in data.index.names if name is not None}:
        return "It is in the index: data.reset_index() makes columns of that."
    if data.columns.nlevels > 1:
        return (
            "The table's columns have names of several parts. Join them: "
            "data.columns = ['_'.join(map(str, c)).strip('_') for c in data.columns]."
        )
    return ""


# -- a table ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Table:
    """Columns in model form by the names that the formula gives them; `n` rows, `rows` in `data`.

    `columns` are those of predictors and outcome, `groups` those behind bars.
    """

    columns: dict
    groups: dict
    n: int

    def __getitem__(self, name: str):
        return self.columns[name] if name in self.columns else CONSTANTS[name]

    def missing(self) -> dict[str, np.ndarray]:
        """By name of the columns that have any: where the gaps are."""
        by_name = {}
        for name, values in [*self.columns.items(), *self.groups.items()]:
            gaps = gaps_of(values)
            if gaps is not None:
                by_name[name] = gaps
        return by_name

    def take(self, rows) -> "Table":
        """Some of the rows."""
        taken = self._each(lambda values: values.take(rows), len(rows))
        return Table(
            {k: _true_or_false(v) for k, v in taken.columns.items()}, taken.groups, taken.n
        )

    def used(self) -> "Table":
        """Without the levels that no row has, as R drops them."""
        return self._each(lambda v: v.used() if isinstance(v, Levels) else v, self.n)

    def _each(self, change, n: int) -> "Table":
        parts = ({k: change(v) for k, v in p.items()} for p in (self.columns, self.groups))
        return Table(*parts, n)


def _true_or_false(values):
    """True/False that had gaps, now without them."""
    is_logical = isinstance(values, Levels) and values.kind == "logical"
    return values.codes == 1 if is_logical and values.codes.min(initial=0) >= 0 else values


def gaps_of(values):
    """Where a column has gaps; None where it has none."""
    if isinstance(values, Levels):
        gaps = values.codes < 0
    elif values.dtype == bool or np.isfinite(values).all():
        return None
    else:
        gaps = np.isnan(values)
    return gaps if gaps.any() else None


def read_columns(data: pd.DataFrame, columns, groups=()) -> Table:
    """The named columns of a table, in model form.

    Examples
    --------
    >>> data = pd.DataFrame({"age": pd.array([41, None], "Int8"), "sex": ["f", "m"]})
    >>> table = read_columns(data, ["age"], ["sex"])
    >>> table["age"].tolist(), table.groups["sex"].labels
    ([41.0, nan], ('f', 'm'))
    """
    place = places_of([*columns, *groups], data)
    read = {n: read_column(data.iloc[:, place[n]], n) for n in columns if n in place}
    grouped = {n: read_groups(data.iloc[:, place[n]], n) for n in groups}
    return Table(read, grouped, len(data))


# -- new rows --------------------------------------------------------------------------------


def conform(table: Table, known: Table, home: str) -> Table:
    """New rows as the columns were in the fit: numbers, True/False, or the levels of then.

    Raises
    ------
    DataError
        For text where numbers were, and for a category that is not in `home`.
    """
    columns = {n: _conformed(n, v, known.columns[n], home) for n, v in table.columns.items()}
    return Table(columns, table.groups, table.n)


def _conformed(name: str, values, known, home: str):
    if isinstance(known, Levels):
        return known.with_codes(places_among(name, values, known, f"is not in {home}"))
    if isinstance(values, Levels):
        raise DataError(
            f"Column {name!r} was numeric in {home}; here it holds {values.labels[0]!r}. "
            "Convert it to numbers."
        )
    if known.dtype == bool and values.dtype != bool:
        strange = values[~np.isin(values, (0.0, 1.0))]
        if len(strange):
            raise DataError(
                f"Column {name!r} was True/False in {home}; here it holds {strange[0]:g}."
            )
        return values == 1.0
    return values if known.dtype == bool else values.astype(float, copy=False)


def places_among(name: str, values, known: Levels, home: str, known_are="Known are") -> np.ndarray:
    """The codes of values among known levels, which all of them must be."""
    new = values if isinstance(values, Levels) else Levels(*_numbered_any(values))
    place = {label: i for i, label in enumerate(known.labels)}
    codes = np.array([*(place.get(label, -1) for label in new.labels), -1])[new.codes]
    if codes.min(initial=0) < 0:
        label = new.labels[new.codes[codes.argmin()]]
        near = difflib.get_close_matches(label, place, 1, 0.6)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise DataError(
            f"Column {name!r} holds the category {label!r}, which {home}."
            f"{hint} {known_are} {', '.join(map(repr, place))}."
        )
    return codes


def _numbered_any(values: np.ndarray):
    codes, distinct = pd.factorize(values, sort=True)
    return codes, raw(distinct)
