"""One column in model form: numbers, True/False or levels, whatever it is stored as."""

import datetime as dt
import decimal
import numbers
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from hlmteach.engine.reading.syntax import number_text
from hlmteach.errors import DataError

# By what a column holds: how its dates or times become numbers.
_TIMES = {
    "length": "lengths of time. Make them numbers first, such as seconds: "
    "pd.to_timedelta(data[{name!r}]).dt.total_seconds()",
    "clock": "times of day. Make them numbers first, such as seconds: "
    "pd.to_timedelta(data[{name!r}].astype(str)).dt.total_seconds()",
    "period": "periods of time. Make them numbers first, such as the days since the first: "
    "t = data[{name!r}].dt.to_timestamp(), then (t - t.min()).dt.days",
    "date": "dates. Make them numbers first, such as the days since the first: "
    "t = pd.to_datetime(data[{name!r}]), then (t - t.min()).dt.days",
}
EXACT = 2**53  # whole numbers beyond are not all told apart as float64
CLOSE = 1e-14  # share by which numbers that differ in 15 digits are apart


@dataclass(frozen=True)
class Levels:
    """A categorical column: codes (n,), -1 for a gap, and the values that its levels stand for.

    `kind` is "text" for what R calls character (its levels are sorted), "logical" for True/False
    with gaps, "factor" or "ordered" for the others; `contrast` the coding that C() gave.
    """

    codes: np.ndarray
    values: np.ndarray
    kind: str = "text"
    contrast: object = None

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def ordered(self) -> bool:
        """Whether the levels go from less to more."""
        return self.kind == "ordered"

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The levels as R writes them."""
        return tuple(label_of(value) for value in self.values)

    def take(self, rows) -> "Levels":
        """Some of the rows."""
        return self.with_codes(self.codes[rows])

    def with_codes(self, codes, values=None) -> "Levels":
        """Other rows, or other levels, of the same kind."""
        values = self.values if values is None else values
        return Levels(codes, values, self.kind, self.contrast)

    def used(self) -> "Levels":
        """Without the levels that no row has."""
        occurs = np.bincount(self.codes[self.codes >= 0], minlength=len(self.values)) > 0
        if occurs.all():
            return self
        place = np.append(np.cumsum(occurs) - 1, -1)  # the last for gaps
        return self.with_codes(place[self.codes], self.values[occurs])


def label_of(value) -> str:
    """A level as R turns it into text: TRUE, 2, 0.5.

    Examples
    --------
    >>> [label_of(value) for value in (True, 2, 2.0, 0.5, "a")]
    ['TRUE', '2', '2', '0.5', 'a']
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float | np.floating):
        return f"{value:.0f}" if value == np.rint(value) else number_text(float(value))
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


# -- one column ------------------------------------------------------------------------------


def read_column(series: pd.Series, name: str):
    """One column in model form: float64 (n,) with nan for gaps, bool (n,), or Levels.

    A True/False column with gaps is Levels, for a bool has no place for a gap.

    Raises
    ------
    DataError
        For dates, complex numbers, infinite values, and cells that are no values at all.
    """
    kind = series.dtype
    if isinstance(kind, np.dtype) and kind.kind in "iu":
        return series.to_numpy(float)
    if isinstance(kind, np.dtype) and kind.kind == "f":
        return finite(series.to_numpy(float), name)
    if isinstance(kind, pd.CategoricalDtype):
        codes = series.cat.codes.to_numpy(np.intp)
        return Levels(codes, raw(kind.categories), "ordered" if kind.ordered else "factor")
    if isinstance(kind, pd.SparseDtype):
        return read_column(pd.Series(series.sparse.to_dense().to_numpy()), name)
    if isinstance(kind, pd.StringDtype):
        return _text(series)
    if kind.kind == "c":
        raise DataError(
            f"Column {name!r} holds complex numbers. A linear model takes real ones: use its "
            "real part or its size."
        )
    if isinstance(kind, pd.PeriodDtype):
        raise no_number(name, "period")
    if kind.kind in "mM":
        raise no_number(name, "date" if kind.kind == "M" else "length")
    return _other(series, name)


def no_number(name: str, kind: str) -> DataError:
    """A column of dates or times, and how it becomes one of numbers."""
    return DataError(
        f"Column {name!r} holds {_TIMES[kind].format(name=name)}. To group by it, make it text: "
        f"data[{name!r}].astype(str)"
    )


def _other(series: pd.Series, name: str):
    """Columns of bool, of pandas' nullable and pyarrow's types, and of Python objects."""
    if series.dtype.kind == "b":
        return _true_false(series.to_numpy(object), series.isna().to_numpy())
    if series.dtype.kind in "iuf" and not isinstance(series.dtype, np.dtype):
        return finite(series.to_numpy(float, na_value=np.nan), name)
    return _objects(series.to_numpy(object), name)


def finite(values: np.ndarray, name: str) -> np.ndarray:
    """Numbers of which none is infinite; nan is a gap."""
    count = 0 if np.isfinite(values).all() else int(np.isinf(values).sum())
    if count:
        raise DataError(
            f"Column {name!r} holds {count} infinite value{'s' * (count > 1)}. "
            "Correct them, or make them missing (NaN)."
        )
    return values


def _true_false(values, missing):
    if not missing.any():
        return values.astype(bool)
    codes = np.where(missing, -1, np.where(missing, False, values).astype(int))
    return Levels(codes, np.array([False, True], object), "logical")


def _text(series: pd.Series) -> Levels:
    codes, values = pd.factorize(series, use_na_sentinel=True)
    return _sorted(codes, raw(values))


def _sorted(codes, values) -> Levels:
    """Levels in the order of their text."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    place = np.empty(len(order) + 1, np.intp)
    place[order], place[-1] = np.arange(len(order)), -1
    return Levels(place[codes], values[order])


def raw(values) -> np.ndarray:
    """Values as Python objects, each in a cell of its own."""
    cells = np.empty(len(values), object)
    cells[:] = values.tolist() if hasattr(values, "tolist") else list(values)
    return cells


def _objects(values: np.ndarray, name: str):
    """A column of Python objects by what they are: all numbers, all True/False, or text."""
    missing = _gaps(values)
    kinds = {type(value) for value in values[~missing]}
    if kinds and all(issubclass(kind, bool | np.bool_) for kind in kinds):
        return _true_false(values, missing)
    if _all_numbers(kinds):
        with_gaps = np.where(missing, np.nan, values)
        return finite(np.array([_float(value) for value in with_gaps]), name)
    wrong = next((kind for kind in kinds if not _is_value(kind)), None)
    if wrong is not None:
        raise _no_value(name, wrong, next(v for v in values if type(v) is wrong))
    text = [None if gap else label_of(value) for gap, value in zip(missing, values, strict=True)]
    return _text(pd.Series(text, dtype=object))


def _gaps(values: np.ndarray) -> np.ndarray:
    with decimal.localcontext() as context:
        context.traps[decimal.InvalidOperation] = False  # a signalling NaN is a gap too
        return np.asarray(pd.isna(values))


def _all_numbers(kinds) -> bool:
    return all(issubclass(kind, numbers.Real | decimal.Decimal | np.bool_) for kind in kinds)


def _float(value) -> float:
    try:
        return float(value)
    except OverflowError:  # a whole number of Python's beyond 1e308
        return np.inf


def _is_value(kind) -> bool:
    return issubclass(kind, str | bytes | numbers.Real | decimal.Decimal | np.bool_ | pd.Interval)


def _no_value(name: str, kind, example) -> DataError:
    if isinstance(example, dt.timedelta | np.timedelta64):
        return no_number(name, "length")
    if isinstance(example, dt.time):
        return no_number(name, "clock")
    if hasattr(example, "isoformat") or isinstance(example, np.datetime64):
        return no_number(name, "date")
    return DataError(
        f"Column {name!r} holds a {kind.__name__} ({str(example)[:40]}), which is neither a number "
        "nor a text. Make each cell one value."
    )


# -- groups ----------------------------------------------------------------------------------


def read_groups(series: pd.Series, name: str) -> Levels:
    """A grouping column: its distinct values in order are the levels, numbers kept as they are."""
    kind = series.dtype
    if isinstance(kind, np.dtype) and kind.kind in "iu":
        return Levels(*numbered(series.to_numpy()), "factor")
    if kind.kind in "iu" and not isinstance(kind, pd.SparseDtype):  # whole numbers with gaps
        gaps = series.isna().to_numpy()
        codes, values = numbered(series.fillna(series.min()).to_numpy(kind.numpy_dtype))
        return Levels(np.where(gaps, -1, codes), values, "factor").used()
    column = read_column(series, name)
    if isinstance(column, Levels):
        return _apart(column, name)
    if column.dtype == bool:
        return Levels(column.astype(np.intp), np.array([False, True], object), "logical")
    if kind.kind != "f" and np.abs(column).max(initial=0.0) >= EXACT:
        column = _whole(series.to_numpy(object))
    return Levels(*numbered(column), "factor")


def _apart(levels: Levels, name: str) -> Levels:
    """Categories, of which no two that occur read alike, as 1 and "1" do."""
    if levels.kind in ("factor", "ordered") and not all(type(v) is str for v in levels.values):
        check_labels(levels.used().labels, f"Column {name!r}")
    return levels


def check_labels(labels: tuple[str, ...], what: str) -> None:
    """Each category reads otherwise than all the others."""
    if len(set(labels)) < len(labels):
        twice = next(label for label in labels if labels.count(label) > 1)
        raise DataError(f"{what} has two categories that both read {twice!r}. Rename one.")


def _whole(values: np.ndarray) -> np.ndarray:
    """Whole numbers beyond those that a float tells apart, as Python keeps them."""
    gaps = _gaps(values)
    return raw([np.nan if gap else int(v) for v, gap in zip(values, gaps, strict=True)])


def numbered(values: np.ndarray):
    """Codes (n,) and the distinct values in order; nan has the code -1.

    Numbers that are alike in 15 digits, as 0.3 and 0.1 + 0.2 are, are one, as in R.
    """
    if values.dtype.kind in "iu" and len(values):
        wide = values if values.dtype.itemsize == 8 else values.astype(np.int64)
        low = wide.min()
        width = int(wide.max()) - int(low) + 1
        if width <= 4 * len(values):  # a list of all whole numbers between is the quickest
            offset = (wide - low).astype(np.intp)
            occurs = np.bincount(offset, minlength=width) > 0
            return (np.cumsum(occurs) - 1)[offset], np.flatnonzero(occurs).astype(wide.dtype) + low
    codes, distinct = pd.factorize(values, sort=True)
    distinct = np.asarray(distinct)
    if distinct.dtype.kind == "f" and np.any(np.diff(distinct) <= CLOSE * np.abs(distinct[1:])):
        labels = list(map(label_of, distinct))
        first = {label: at for at, label in reversed(list(enumerate(labels)))}
        place, kept = pd.factorize(np.array([first[label] for label in labels]))
        codes, distinct = np.append(place, -1)[codes], distinct[kept]
    return codes, distinct
