"""Columns that are stored oddly: read as what they are, or refused with a remedy that works."""

import datetime as dt
import decimal
import re
import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import hlmteach as hlm

N = 24
DAYS = pd.date_range("2024-03-01", periods=N, tz="UTC")


def table(**columns) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    plain = {"y": rng.normal(size=N), "x": np.arange(N) % 5, "g": np.repeat(list("abcdef"), 4)}
    return pd.DataFrame(plain | columns)


def loglik(data) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return hlm.lmer("y ~ x + (1 | g)", data).loglik


TIMES = {
    "dates": DAYS.tz_localize(None),
    "dates with a zone": DAYS,
    "dates of Python": [day.date() for day in DAYS],
    "dates of arrow": pd.Series([d.date() for d in DAYS], dtype=pd.ArrowDtype(pa.date32())),
    "lengths": pd.to_timedelta(np.arange(N), "h"),
    "lengths of Python": pd.Series([dt.timedelta(hours=h) for h in range(N)], dtype=object),
    "lengths of arrow": pd.Series(
        [dt.timedelta(hours=h) for h in range(N)], dtype=pd.ArrowDtype(pa.duration("us"))
    ),
    "times of day": [dt.time(h) for h in range(N)],
    "times of arrow": pd.Series(
        [dt.time(h) for h in range(N)], dtype=pd.ArrowDtype(pa.time64("us"))
    ),
    "periods": pd.period_range("2024-01", periods=N, freq="M"),
}


@pytest.mark.parametrize("kind", TIMES)
def test_times_are_refused_with_a_remedy_that_runs(kind):
    data = table(x=TIMES[kind])
    with pytest.raises(hlm.DataError, match="Make them numbers first") as refused:
        loglik(data)
    code = re.search(
        r": (?:(t) = )?([a-z].*?)(?:, then (.*?))?\. To group by it", str(refused.value)
    )
    value = eval(code[2], {"pd": pd, "data": data})
    value = eval(code[3], {"t": value}) if code[3] else value
    x = value.to_numpy(float)
    if kind != "periods":  # months are of several lengths
        np.testing.assert_allclose((x - x[0]) / (x[1] - x[0]), np.arange(N))
    assert np.isfinite(loglik(data.assign(x=value)))
    text = eval(re.search(r"make it text: (.*)", str(refused.value))[1], {"data": data})
    assert text.nunique() == N


def test_numbers_alike_in_15_digits_are_one_group_as_in_r():
    tenths = np.repeat([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], 4)
    data = table(g=tenths)
    other = tenths.copy()
    other[8:10] = 0.1 + 0.2
    assert loglik(table(g=other)) == loglik(data)
    fit = hlm.lmer("y ~ x + (1 | g)", table(g=other))
    np.testing.assert_allclose(fit.predict(data), fit.fitted, atol=1e-12)
    names = hlm.gls("y ~ factor(z)", table(z=other)).fixef.index
    assert list(names[1:]) == [f"factor(z)0.{k}" for k in range(2, 7)]


@pytest.mark.parametrize("make", [lambda k: 2**70 + k, lambda k: decimal.Decimal(10) ** 25 + k])
def test_whole_numbers_beyond_a_float_stay_apart(make):
    codes = [make(k // 4) for k in range(N)]
    assert loglik(table(g=pd.Series(codes, dtype=object))) == loglik(table())


def test_categories_that_read_alike_are_refused_as_groups_too():
    mixed = pd.Categorical(pd.Series([1 if k < 12 else "1" for k in range(N)], dtype=object))
    with pytest.raises(hlm.DataError, match="'g' has two categories that both read '1'"):
        loglik(table(g=mixed))


@pytest.mark.parametrize("size", [1e300, 1e-300, 1e160, 1e-160])
@pytest.mark.parametrize("name", ["x", "y"])
def test_numbers_without_a_square_are_refused(name, size):
    data = table()
    with pytest.raises(hlm.DataError, match=f"'{name}' goes up to .* Give it another unit"):
        loglik(data.assign(**{name: data[name] * size}))


@pytest.mark.parametrize("size", [1e95, 1e-95])
def test_numbers_of_any_other_size_are_fitted(size):
    data = table()
    plain, scaled = (
        hlm.lmer("y ~ x + (1 | g)", d) for d in (data, data.assign(x=data["x"] * size))
    )
    np.testing.assert_allclose(scaled.fixef["x"] * size, plain.fixef["x"])
    np.testing.assert_allclose(scaled.fitted, plain.fitted)


def test_a_signalling_nan_is_a_gap():
    values = [decimal.Decimal(int(v)) for v in table()["x"]]
    values[3] = decimal.Decimal("sNaN")
    assert loglik(table(x=values)) == loglik(table().drop(index=3))


ELSEWHERE = [
    (lambda d: d.set_index("g"), "It is in the index: data.reset_index()"),
    (lambda d: pd.concat({"a": d}, axis=1), "names of several parts. Join them"),
    (lambda d: pa.Table.from_pandas(d), "data.to_pandas\\(\\)"),
    (lambda d: d.to_dict("list"), "pd.DataFrame\\(data\\)"),
    (lambda d: d["y"], "data.to_frame\\(\\)"),
    (lambda d: d.assign(y=d["y"].astype(str)), "pd.to_numeric\\(data\\['y'\\]"),
]


@pytest.mark.parametrize(("change", "message"), ELSEWHERE, ids=[m[:15] for _, m in ELSEWHERE])
def test_what_makes_a_table_of_it_is_said(change, message):
    with pytest.raises(hlm.DataError, match=message):
        loglik(change(table()))
