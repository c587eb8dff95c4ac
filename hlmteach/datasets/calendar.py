"""Dates and times that stand as words, or as numbers such as 20240301: said, with code."""

import re

import numpy as np
import pandas as pd

from hlmteach.datasets.doubts import numeric_columns

_CLOCK = r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?"
_ISO = re.compile(rf"\d{{4}}-\d{{2}}-\d{{2}}[T ]{_CLOCK} ?(Z|[+-]\d{{2}}:?\d{{2}})?")
_DATES = {
    re.compile(r"\d{4}-\d{1,2}-\d{1,2}"): "%Y-%m-%d",
    re.compile(r"\d{4}-\d{1,2}"): "%Y-%m",
    re.compile(r"\d{4}/\d{1,2}/\d{1,2}"): "%Y/%m/%d",
    re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}"): "%d.%m.%Y",
    re.compile(r"\d{1,2}\.\d{1,2}\.\d{4} \d{1,2}:\d{2}"): "%d.%m.%Y %H:%M",
    re.compile(r"\d{1,2}\.\d{1,2}\.\d{2}"): "%d.%m.%y",
    re.compile(r"\d{1,2}/\d{1,2}/\d{4}"): "%d/%m/%Y",
    re.compile(r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}"): "%d/%m/%Y %H:%M",
    re.compile(r"\d{1,2}/\d{1,2}/\d{2}"): "%d/%m/%y",
    re.compile(r"\d{1,2} [A-Za-z]{3} \d{4}"): "%d %b %Y",
    re.compile(r"\d{1,2}-[A-Za-z]{3}-\d{4}"): "%d-%b-%Y",
    re.compile(r"\d{1,2}-[A-Za-z]{3}-\d{2}"): "%d-%b-%y",
    re.compile(r"\d{1,2}-[A-Za-z]{3}"): "%d-%b",
    re.compile(r"[A-Za-z]{3} \d{1,2}, \d{4}"): "%b %d, %Y",
    _ISO: "ISO8601",
}
_LENGTHS = {re.compile(r"\d+:\d{2}"): " + ':00'", re.compile(r"\d+:\d{2}:\d{2}(\.\d+)?"): ""}
_MONTH_FIRST = re.compile(r"\d{1,2}/(1[3-9]|2\d|3[01])/.*")
_DAY_FIRST = re.compile(r"(1[3-9]|2\d|3[01])/\d{1,2}/.*")
_FIRST, _LAST = 19000101, 21001231  # between which a number may be a date


def dates_as_text(name: str, words: list[str]) -> list[str]:
    """Say that a column of dates, or of times, is words to a model."""
    if len(words) < 2:
        return []
    form = next((f for p, f in _DATES.items() if all(map(p.fullmatch, words))), None)
    more = next((m for p, m in _LENGTHS.items() if all(map(p.fullmatch, words))), None)
    if form is None and more is None:
        return []
    what = "times" if form is None else "dates"
    code = (
        f"pd.to_timedelta(data[{name!r}]{more}).dt.total_seconds()"
        if form is None
        else f"t = pd.to_datetime(data[{name!r}], format='{_sure(form, words)}'), then "
        "(t - t.min()).dt.days"
    )
    return [
        f"Column {name!r} holds {what} as text, such as {words[0]!r}: words to a model. Numbers: "
        f"{code}."
    ]


def _sure(form: str, words: list[str]) -> str:
    """Which of day and month comes first, by a number above 12; both where there is none."""
    if "%d/%m" not in form or any(map(_DAY_FIRST.fullmatch, words)):
        return form
    american = form.replace("%d/%m", "%m/%d")
    return american if any(map(_MONTH_FIRST.fullmatch, words)) else f"{form}' or '{american}"


def dates_as_numbers(data: pd.DataFrame) -> list[str]:
    """Say that 20240301 counts no days: from one month to the next it leaps by 70."""
    return [
        f"Column {name!r} holds numbers such as {int(data[name].max())}. If they are dates, count "
        f"days: t = pd.to_datetime(data[{name!r}].dropna().astype(int).astype(str)), then "
        "(t - t.min()).dt.days."
        for name in numeric_columns(data)
        if _are_dates(data[name].to_numpy(float, na_value=np.nan))
    ]


def _are_dates(values: np.ndarray) -> bool:
    low, high = np.fmin.reduce(values), np.fmax.reduce(values)
    if not _FIRST <= low < high <= _LAST:
        return False
    values = values[~np.isnan(values)]
    month, day = values // 100 % 100, values % 100
    return bool(((month >= 1) & (month <= 12) & (day >= 1) & (day <= 31) & (values % 1 == 0)).all())
