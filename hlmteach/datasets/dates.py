"""Dates and times as SPSS and Stata count them: seconds since 1582, days or months since 1960."""

import datetime as dt
import re

import numpy as np
import pandas as pd

from hlmteach.datasets.doubts import numeric_columns
from hlmteach.datasets.questions import in_rows

# SPSS counts seconds from the first day of the Gregorian calendar.
_SPSS_START = np.datetime64("1582-10-14")
_SPSS_DATES = {
    "DATE",
    "ADATE",
    "EDATE",
    "JDATE",
    "SDATE",
    "QYR",
    "MOYR",
    "WKYR",
    "DATETIME",
    "YMDHMS",
}
_SPSS_LENGTHS = {"DTIME", "MTIME"}
_DAY = 86_400
# The years that a calendar of four digits can write.
_FIRST, _LAST = np.datetime64("0001-01-01"), np.datetime64("9999-12-31T23:59:59")


def columns_of_time(data: pd.DataFrame, formats: dict[str, str]) -> tuple[pd.DataFrame, list[str]]:
    """Turn counted seconds, days, months into dates, times of day and lengths of time.

    Parameters
    ----------
    data : DataFrame
        Numbers as they stand in the file.
    formats : dict
        Each column's format as SPSS (DATE11, DTIME12.2) or Stata (%td, %tc) writes it.

    Returns
    -------
    DataFrame, list of str
        Dates are datetime64; a length of time is its seconds; what no calendar has is a gap.
    """
    columns, notes = {}, []
    for name in numeric_columns(data):
        column = _one_column(name, data[name], formats.get(name) or "")
        if column is not None:
            columns[name], said = column
            notes += said
    return data.assign(**columns), notes


def _one_column(name: str, column: pd.Series, form: str):
    word = re.match(r"[A-Za-z]+", form)
    stata = (
        re.match(r"%-?[td]*([cCdwmqhy])", form)
        if form.startswith(("%t", "%d", "%-t", "%-d"))
        else None
    )
    if stata:
        return _dated(name, column, _stata_moments(column, stata[1]))
    if word is None:
        return None
    if word[0].upper() in _SPSS_DATES:
        return _dated(name, column, _moments(column, _SPSS_START, 1.0))
    if word[0].upper() in _SPSS_LENGTHS:
        return column, [_length_note(name)]
    return _time_of_day(name, column) if word[0].upper() == "TIME" else None


def _length_note(name: str) -> str:
    return f"Column {name!r} is a length of time, in seconds."


def _time_of_day(name: str, column: pd.Series):
    """SPSS writes times of day and lengths of time alike; a day has 24 hours."""
    seconds = column.dropna()
    if not seconds.between(0, _DAY, inclusive="left").all():
        return column, [_length_note(name)]
    midnight = dt.datetime(2000, 1, 1)
    return column.map(lambda s: (midnight + dt.timedelta(seconds=s)).time(), na_action="ignore"), []


def _stata_moments(column: pd.Series, unit: str) -> pd.Series:
    start = np.datetime64("1960-01-01")
    if unit in "cC":
        return _moments(column, start, 1e-3)
    if unit == "d":
        return _moments(column, start, float(_DAY))
    count = column.to_numpy(float)
    years, months = {
        "w": (1960 + count // 52, None),
        "m": (1960 + count // 12, count % 12),
        "q": (1960 + count // 4, count % 4 * 3),
        "h": (1960 + count // 2, count % 2 * 6),
        "y": (count, count * 0),
    }[unit]
    moments = _first_days(years, np.zeros_like(count) if months is None else months)
    weeks = count % 52 * 7 * _DAY if unit == "w" else np.zeros_like(count)
    shift = np.where(np.isfinite(weeks), weeks, 0).astype("timedelta64[s]")
    return pd.Series(moments + shift, index=column.index)


def _first_days(years: np.ndarray, months: np.ndarray) -> np.ndarray:
    """The first day of a month (0 to 11) of a year; not a time where the year is none."""
    good = np.isfinite(years) & (years >= 1) & (years <= 9999)
    since = (np.where(good, years, 1970) - 1970) * 12 + np.where(good, months, 0)
    days = since.astype(np.int64).astype("datetime64[M]").astype("datetime64[s]")
    return np.where(good, days, np.datetime64("NaT", "s"))


def _moments(column: pd.Series, start: np.datetime64, seconds: float) -> pd.Series:
    """Count from a start in units of so many seconds, to the microsecond."""
    at = column.to_numpy(float) * seconds
    low = (_FIRST - start.astype("datetime64[s]")) / np.timedelta64(1, "s")
    high = (_LAST - start.astype("datetime64[s]")) / np.timedelta64(1, "s")
    good = (at >= low) & (at <= high)
    steps = np.round(np.where(good, at, 0) * 1e6).astype(np.int64).astype("timedelta64[us]")
    moments = start.astype("datetime64[us]") + steps
    return pd.Series(np.where(good, moments, np.datetime64("NaT", "us")), index=column.index)


def _dated(name: str, column: pd.Series, moments: pd.Series):
    lost = column.notna() & moments.isna()
    if not lost.any():
        return moments, []
    rows = np.flatnonzero(lost)
    return moments, [
        f"Column {name!r}: {len(rows):,} value{'s' if len(rows) > 1 else ''} outside the "
        f"years 1 to 9999 ({in_rows([row + 1 for row in rows])}) became a gap."
    ]
