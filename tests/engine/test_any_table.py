"""Any table: whatever the storage, names, levels, gaps, order and index, the fit is that of the
same rows as float64 and text under plain names, or one HLMError.

`make fuzz` tries 500 tables of each kind, the suite's own run a few.
"""

import decimal
import fractions
import unicodedata
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, note
from hypothesis import strategies as st

import hlmteach as hlm
from hlmteach.engine.reading.syntax import quoted

pytestmark = pytest.mark.fuzz

NUMBERS = [
    *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)),
    *("float16", "float32", "float64", "longdouble"),
    *("Int8", "UInt16", "Int32", "Int64", "Float32", "Float64"),
    *("int8[pyarrow]", "uint32[pyarrow]", "int64[pyarrow]", "float[pyarrow]", "double[pyarrow]"),
    *("Sparse[float]", "Sparse[int]", "object", "decimal", "fraction", "arrow decimal"),
]
TEXTS = ["object", "str", "string", "string[python]", "string[pyarrow]", "category", "arrow", "S"]
BOOLS = ["bool", "boolean", "object", "bool[pyarrow]", "Sparse[bool]"]

ODD_NAMES = [
    *("Intercept", "(Intercept)", "1", "2024", "class", "lambda", "True", "TRUE", "NA", "if", "."),
    *("log", "I", "C", "factor", "scale", "y ~ x", "a:b", "a b", " a", "a  b", "stress.t1", "x.1"),
    *('it"s', "it's", "a`b", "a\\b", "a\\", "line\nbreak", "tab\t", "x[T.1]", "a|b", "a+b", "(x)"),
    *("é", "e\u0301", "ﬁ", "ß", "µ", "μ", "変数", "नाम", "x²", "😀", "a,b", "#", ";", "%in%", "~"),
    *(
        "__x",
        "_",
        "pi",
        "T",
        "F",
        "x1",
        "0",
        "-1",
        "1e5",
        "NaN",
        "None",
        "np.log",
        "{x}",
        "$x",
        "@",
    ),
]
names = st.one_of(
    st.sampled_from(ODD_NAMES),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6),
)
LABELS = [
    "a",
    "b",
    "A",
    "a:b",
    "b:c",
    "c",
    "",
    " ",
    "é",
    "e\u0301",
    "1",
    "x",
    "TRUE",
    "a`b",
    "(",
    "0",
]


@st.composite
def tables(draw):
    """A plain table, one of other storage and names with its rows elsewhere, and the new names."""
    n_groups, size = draw(st.integers(4, 6)), draw(st.integers(4, 6))
    n = n_groups * size
    rng = np.random.default_rng(draw(st.integers(0, 2**20)))
    plain = pd.DataFrame(
        {
            "y": np.round(rng.normal(size=n) * 3) / 4,
            "x": rng.integers(0, 12, n).astype(float),
            "f": rng.permutation(np.resize(np.array(draw(levels())), n)),
            "b": rng.permutation(np.arange(n) % 2 == 0),
            "m": rng.integers(3, 15, n).astype(float),
            "g": np.resize(rng.permutation(["s1", "s2", "s10", "S1", "t", "u"])[:n_groups], n),
        }
    )
    taken = draw(st.lists(names, min_size=6, max_size=6, unique=True))
    assume(len({_form(name) for name in taken}) == 6)
    return (
        plain,
        stored(draw, plain, rng).rename(columns=dict(zip(plain, taken, strict=True))),
        taken,
    )


def _form(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def levels():
    return st.lists(st.sampled_from(LABELS), min_size=2, max_size=4, unique=True)


def stored(draw, plain, rng) -> pd.DataFrame:
    """The same values in other storage, with gaps in added rows, shuffled, under any index."""
    kinds = {name: draw(st.sampled_from(NUMBERS)) for name in "xm"}
    kinds |= {"f": draw(st.sampled_from(TEXTS)), "g": draw(st.sampled_from(TEXTS))}
    kinds["b"] = draw(st.sampled_from(BOOLS))
    kinds["y"] = draw(
        st.sampled_from(["float32", "Float64", "object", "decimal", "double[pyarrow]"])
    )
    note(kinds)
    return pd.DataFrame({name: as_stored(plain[name], kinds[name]) for name in plain})


def as_stored(column: pd.Series, kind: str) -> pd.Series:
    """A column in another storage."""
    import pyarrow as pa

    if kind == "decimal":
        return column.map(lambda v: decimal.Decimal(repr(float(v)))).astype(object)
    if kind == "fraction":
        return column.map(lambda v: fractions.Fraction(float(v))).astype(object)
    if kind == "arrow decimal":
        return column.map(lambda v: decimal.Decimal(int(v))).astype(
            pd.ArrowDtype(pa.decimal128(12, 0))
        )
    if kind == "arrow":
        return column.astype(pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string())))
    if kind == "S":
        return column.map(lambda v: v.encode()).astype(object)
    if kind == "category":
        return pd.Series(pd.Categorical(column, sorted(set(column))), column.index)
    if kind.startswith("Sparse[int"):
        return column.astype(int).astype(kind)
    if kind == "longdouble":
        return pd.Series(column.to_numpy(np.longdouble), column.index)
    return column.astype(kind)


GAPPY = {"Float64", "Float32", "Int8", "UInt16", "Int32", "Int64", "object", "string", "boolean"}


def spoilt(table: pd.DataFrame, draw, rng) -> pd.DataFrame:
    """Rows with a gap put between, and an index of any kind."""
    extra = table.iloc[rng.integers(0, len(table), 3)].copy()
    able = [
        i
        for i, kind in enumerate(map(str, table.dtypes))
        if i in (0, 5)  # the outcome and the groups, which every formula names
        and (kind in GAPPY or kind.startswith(("float", "category", "str", "double")))
    ]
    if able:
        for row in range(3):
            extra.isetitem(
                able[row % len(able)], _with_gap(extra.iloc[:, able[row % len(able)]], row)
            )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # sparse columns, says pandas, are slow to join
            whole = pd.concat([table, extra.loc[_rows_with_gap(extra)]])
    else:
        whole = table
    order = rng.permutation(len(whole))
    mixed = whole.iloc[order]
    indexes = [
        lambda n: pd.RangeIndex(n),
        lambda n: pd.Index([0] * n),
        lambda n: pd.Index([f"r{i % 3}" for i in range(n)]),
        lambda n: pd.MultiIndex.from_arrays([range(n), ["a"] * n]),
        lambda n: pd.Index(rng.permutation(n)),
        lambda n: pd.date_range("2020", periods=n),
    ]
    return mixed.set_axis(draw(st.sampled_from(indexes))(len(mixed)), axis=0)


def _with_gap(column: pd.Series, row: int) -> pd.Series:
    values = column.reset_index(drop=True)
    values[row] = pd.NA if str(column.dtype)[0].isupper() else None
    return values.set_axis(column.index)


def _rows_with_gap(table: pd.DataFrame) -> np.ndarray:
    columns = (table.iloc[:, i] for i in range(table.shape[1]))
    return np.logical_or.reduce([np.asarray(column.isna(), bool) for column in columns])


FORMULAS = [
    "{y} ~ {x} + (1 | {g})",
    "{y} ~ {x} + I({x}^2) + {f} + (1 | {g})",
    "{y} ~ {x} * {b} + ({x} || {g})",
    "{y} ~ 0 + {f} + {b} + (1 | {g})",
    "{y} ~ scale({x}) + {f} + (1 | {g})",
    "{y} ~ log1p({x}) + poly({x}, 2):{b} + (1 | {g})",
    "{y} ~ ifelse({x} > 5, {x}, 0) + factor({b}) + (1 | {g})",
    "{y} ~ {x} + (1 | {g}/{b})",
    "{y} ~ {x} * {f} + (1 | {f}:{g})",
    "I({y} - {x}) ~ as.numeric({b}) + (0 + {b} | {g})",
]


def fitted(formula, table, verb=hlm.lmer):
    """A fit, or the HLMError that refuses it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", hlm.HLMWarning)
        try:
            return verb(formula, table)
        except hlm.HLMError as error:
            return error


def same(one, other, rows=None) -> None:
    """Hold that two fits are one, or that both were refused."""
    if isinstance(one, hlm.HLMError) or isinstance(other, hlm.HLMError):
        assert type(one) is type(other), (one, other)
        return
    assert other.n_obs == one.n_obs
    assert other.loglik == pytest.approx(one.loglik, abs=1e-7)
    np.testing.assert_allclose(other.fixef, one.fixef, rtol=1e-6, atol=1e-8)
    assert list(other.n_groups.values()) == list(one.n_groups.values())


@given(st.data(), tables(), st.sampled_from(FORMULAS), st.integers(0, 2**20))
def test_any_table(data, made, formula, seed):
    plain, odd, taken = made
    odd = spoilt(odd, data.draw, np.random.default_rng(seed))
    note(taken)
    asked = formula.format(**{k: quoted(v) for k, v in zip(plain, taken, strict=True)})
    one, other = fitted(formula.format(**{k: k for k in plain}), plain), fitted(asked, odd)
    same(one, other)
    if not isinstance(one, hlm.HLMError):
        new = odd[~_rows_with_gap(odd)]
        expected = one.predict(plain).to_numpy()
        np.testing.assert_allclose(
            np.sort(other.predict(new)), np.sort(expected), rtol=1e-6, atol=1e-7
        )
        np.testing.assert_allclose(
            other.predict(new.iloc[:1], level="population"),
            other.predict(new, level="population").iloc[:1],
        )


@given(st.data(), tables(), st.integers(0, 2**20))
def test_any_moderator(data, made, seed):
    plain, odd, taken = made
    odd = spoilt(odd, data.draw, np.random.default_rng(seed))
    name = dict(zip(plain, taken, strict=True))
    moderator = data.draw(st.sampled_from(["f", "b", "m"]))
    formula = f"{{y}} ~ {{x}} * {{{moderator}}} + (1 | {{g}})"
    asked = formula.format(**{k: quoted(v) for k, v in name.items()})
    one, other = fitted(formula.format(**{k: k for k in plain}), plain), fitted(asked, odd)
    same(one, other)
    if not isinstance(one, hlm.HLMError):
        ours = hlm.simple_slopes(other, name["x"], name[moderator])
        theirs = hlm.simple_slopes(one, "x", moderator)
        np.testing.assert_allclose(ours["slope"], theirs["slope"], rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(ours["se"], theirs["se"], rtol=1e-5)
    if moderator == "m" and not isinstance(one, hlm.HLMError):
        ours = hlm.johnson_neyman(other, name["x"], name["m"])
        theirs = hlm.johnson_neyman(one, "x", "m")
        assert ours.zero == pytest.approx(theirs.zero, rel=1e-5)
        assert ours.moderator_range == theirs.moderator_range


@given(tables(), st.sampled_from(FORMULAS[:4]), st.integers(1, 3))
def test_any_chunks(made, formula, pieces):
    plain, odd, taken = made
    asked = formula.format(**{k: quoted(v) for k, v in zip(plain, taken, strict=True)})
    cuts = np.array_split(np.arange(len(odd)), pieces)
    chunks = [odd.iloc[rows] for rows in cuts]
    one = fitted(formula.format(**{k: k for k in plain}), plain)
    other = fitted(asked, chunks, hlm.fit_chunks)
    if isinstance(other, hlm.DataError) and "first chunk" in str(other):
        return  # a category that is not in the first piece
    same(one, other)


@given(st.text(st.sampled_from(list("yxfg ~+-*/:|^()`.10,#;'\"%in")), max_size=30))
def test_any_text_is_a_formula_or_refused_in_words(text):
    rng = np.random.default_rng(1)
    table = pd.DataFrame(rng.normal(size=(24, 2)), columns=["y", "x"])
    table = table.assign(f=list("abc") * 8, g=np.arange(24) // 4)
    for formula in (text, f"y ~ {text} + (1 | g)"):
        for verb in (hlm.lmer, hlm.gls):
            fitted(formula, table, verb)
