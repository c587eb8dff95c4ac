"""Formulas as R reads them: terms, names, contrasts, functions, against lme4's fits."""

import re
import warnings
from functools import cache

import numpy as np
import pandas as pd
import pytest

import hlmteach as hlm
from hlmteach.engine.reading.algebra import side_of
from hlmteach.engine.reading.syntax import deparse, quoted, tree_of
from tests.reference import reference

FITS = reference("formulas")["fits"]
# R remembers only the outermost function of a term; here each remembers what it learnt.
FORGOTTEN = {"y~scale(log(z))+I(scale(z)^2)+(1|g)", "y~cut(z,3,labels=FALSE)+(1|g)"}


@cache
def data() -> pd.DataFrame:
    table = pd.DataFrame(reference("formulas")["columns"])
    ordered = pd.Categorical(table["o"], ordered=True)
    return table.assign(o=ordered, f=table["f"].astype("category"))


def quiet(formula, table, verb=hlm.lmer, **arguments):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", hlm.HLMWarning)
        return verb(formula, table, **arguments)


@pytest.mark.parametrize("theirs", FITS, ids=[fit["formula"] for fit in FITS])
def test_a_formula_means_what_it_means_in_lme4(theirs):
    fit = quiet(theirs["formula"], data(), REML=False)
    plain = [name.replace("`", "") for name in fit.fixef.index]
    assert plain == [name.replace("`", "") for name in theirs["names"]]
    # lme4's default optimiser stops within about 1e-6 of the maximum.
    assert fit.loglik == pytest.approx(theirs["logLik"], abs=1e-5)
    assert fit.n_params == theirs["df"]
    np.testing.assert_allclose(fit.fixef, theirs["fixef"], atol=1e-4)
    if theirs["new"] and theirs["formula"] not in FORGOTTEN:
        new = fit.predict(data().iloc[[2, 6, 19]], level="population")
        np.testing.assert_allclose(new, theirs["new"], atol=1e-4)


@pytest.mark.parametrize("formula", [fit["formula"] for fit in FITS])
def test_new_rows_are_read_as_those_of_the_fit(formula):
    fit = quiet(formula, data(), REML=False)
    rows = data().iloc[[5, 17, 40]]
    np.testing.assert_allclose(fit.predict(rows), fit.fitted[[5, 17, 40]], rtol=1e-9, atol=1e-9)
    one = fit.predict(rows.iloc[:1], level="population")
    np.testing.assert_allclose(one, fit.predict(rows, level="population").iloc[:1])


@pytest.mark.parametrize("theirs", reference("formulas")["machines"])
@pytest.mark.parametrize("written_out", [False, True])
def test_two_bars_of_a_factor_whatever_its_reference(theirs, written_out):
    table = pd.DataFrame(reference("formulas")["Machines"])
    levels = sorted(set(table.Machine), key=lambda level: level != theirs["reference"])
    table["Machine"] = pd.Categorical(table.Machine, levels)
    bars = "(1 | Worker) + (0 + Machine | Worker)" if written_out else "(Machine || Worker)"
    fit = hlm.lmer(f"score ~ Machine + {bars}", table, REML=False)
    assert fit.loglik == pytest.approx(theirs["logLik"], abs=1e-5)
    assert round(fit.loglik, 3) == -108.209
    assert fit.n_params == theirs["df"] == 11


# -- text and trees --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("y~x", "y ~ x"),
        ("y ~ a*b-1", "y ~ a * b - 1"),
        ("y~-1+x", "y ~ -1 + x"),
        ("y~I( x**2 )", "y ~ I(x^2)"),
        ("y~I(-x^2/ 3)", "y ~ I(-x^2/3)"),
        ("y~I(x^-1)", "y ~ I(x^-1)"),
        ("y~log(x,base=2.50)", "y ~ log(x, base = 2.5)"),
        ("y~f%in%g", "y ~ f %in% g"),
        ("y~I(x%%2)", "y ~ I(x%%2)"),
        ("y~ifelse(!a&b>=1e5,'p',\"q\")", 'y ~ ifelse(!a & b >= 1e+05, "p", "q")'),
        ("y~(x||g)+(1|a/b:c)", "y ~ (x || g) + (1 | a/b:c)"),
        ("`a  b`~`c`+`1`", "`a  b` ~ c + `1`"),
        ("y ~ `it\\`s`", "y ~ `it\\`s`"),
        ("y~scale(x,scale=False)", "y ~ scale(x, scale = FALSE)"),
        ("y~.5*x1.t+.x", "y ~ 0.5 * x1.t + .x"),
    ],
)
def test_a_formula_is_written_as_r_writes_it(text, written):
    assert deparse(tree_of(text)) == written
    assert deparse(tree_of(written)) == written


@pytest.mark.parametrize(
    ("right", "labels"),
    [
        ("b + a:b", ["b", "b:a"]),
        ("a*b %in% c", ["a", "b:c", "a:b:c"]),
        ("a/b/c", ["a", "a:b", "a:b:c"]),
        ("(a+b+c)^2-a:b", ["a", "b", "c", "a:c", "b:c"]),
        ("a+b*c^2", ["a", "b", "c", "b:c"]),
        ("log(a)*I(b^2)/c-1", ["log(a)", "I(b^2)", "log(a):I(b^2)", "log(a):I(b^2):c"]),
        ("a/(b+c)", ["a", "a:b", "a:c"]),
        ("a*b*c-a:b", ["a", "b", "c", "a:c", "b:c", "a:b:c"]),
        ("x:x + x*x", ["x"]),
    ],
)
def test_terms_are_those_of_rs_terms(right, labels):
    side = side_of([("+", tree_of(right))], right)
    assert [side.label(term) for term in side.terms] == labels
    assert side.intercept == (not right.endswith("-1"))


def test_the_formula_is_shown_as_typed():
    table = data().rename(columns={"z": "a  b:c"})
    fit = hlm.lmer("y ~ `a  b:c`   +\n (1|g)", table)
    assert fit.formula == "y ~ `a  b:c` + (1|g)"
    assert "Formula: y ~ `a  b:c` + (1 | g)" in str(fit)


def test_quotes_go_round():
    for name in ("a`b", "a\\", "`", "\\`", "a\nb", "a b", "\\\\", "é", "e\u0301", "x'\"y"):
        assert tree_of(quoted(name)).name == name


def test_a_point_stands_for_all_other_columns():
    table = data()[["y", "z", "b", "g"]]
    every, named = (hlm.lmer(f"y ~ {x} + (1|g)", table) for x in (".", "z + b"))
    assert every.fixef.to_dict() == named.fixef.to_dict()
    assert every.formula == "y ~ . + (1|g)"
    assert list(quiet("y ~ . - b", table, hlm.gls).fixef.index) == ["(Intercept)", "z", "g"]
    some = hlm.lmer("y ~ .^2 + (1|g)", table)
    assert list(some.fixef.index) == ["(Intercept)", "z", "bTRUE", "z:bTRUE"]


# -- what cannot be read ---------------------------------------------------------------------

UNREADABLE = [
    ("y ~ x + (1|g) # my model", "a comment .'# my model'.* stands in the formula"),
    ("y ~ x + (1|g); data", "a ';' stands in the formula. Leave out '; data'"),
    ("y ~ x, (1|g)", "',' stands after 'x'"),
    ("y ~ d$x + (1|g)", r"'\$' picks something out of a table"),
    ("y ~ x – 1 + (1|g)", "'–' .en dash. has no meaning"),
    ("y ~ 2fast + (1|g)", "'2fast' starts with a digit.*`2fast`"),
    ("y ~ `x + (1|g)", "quote ` is opened and never closed"),
    ("y ~ x + + (1|g) +", "it ends where a term is missing"),
    ("y ~ x x2 + (1|g)", "'x2' stands after 'x'"),
    ("y ~ 3 + x + (1|g)", "3 is no term"),
    ("y ~ x^0.5 + (1|g)", r"power 0.5 of terms.*I\(x\^0.5\)"),
    ("y ~ log(2) + (1|g)", r"log\(2\) names no column of its own"),
    ("y ~ x - (1|g)", "random term is taken away"),
    ("y ~ x:(1|g)", "bar '|' stands where"),
    ("y ~ nosuch(x) + (1|g)", r"In nosuch\(x\) there is no function nosuch"),
    (
        "y ~ I(x + srqt(x)) + (1|g)",
        r"In srqt\(x\) there is no function srqt\(\). Did you mean sqrt",
    ),
    ("y ~ log(x, 2, 3) + (1|g)", r"log\(x, 2, 3\) cannot be read: log\(\) takes x, base"),
    ("y ~ cut(x, 3, colour=2) + (1|g)", r"cut\(\) takes x, breaks, labels, include.lowest"),
    ("y ~ offset(x) + (1|g)", r"offset\(x\).*I\(y - z\)"),
    ("y ~ s(x) + (1|g)", r"s\(x\).*poly\(x, 3\)"),
    ("y ~ x + ar1(x | g)", "residuals are taken as independent"),
    ("cbind(y, x) ~ 1 + (1|g)", "One outcome is modelled at a time"),
    ("y ~ C(f, contr.nosuch) + (1|g)", "'nosuch' is no contrast. Known are contr.treatment"),
    ("y ~ C(f, contr.treatment(base='q')) + (1|g)", "'q' is none of the levels"),
    ("y ~ 1 ~ x + (1|g)", "one '~'"),
    ("y ~ x + (. | g)", "'.' stands before a bar, where it names no effects"),
    ("", "needs an outcome"),
]


@pytest.mark.parametrize(("formula", "message"), UNREADABLE)
def test_what_cannot_be_read_is_named(formula, message):
    table = data().rename(columns={"z": "x"})
    with pytest.raises(hlm.FormulaError, match=message.replace("'|'", "'\\|'")):
        hlm.lmer(formula, table)


UNFIT = [
    ("y ~ I(f * 2) + (1|g)", r"I\(f \* 2\) computes|f \* 2 computes with categories"),
    ("y ~ log(f) + (1|g)", r"log\(f\): this needs numbers"),
    ("y ~ relevel(f, 'q') + (1|g)", r"relevel\(f, \"q\"\): 'q' is not among the levels 'a', 'b'"),
    ("y ~ factor(z, levels=c(1,2)) + (1|g)", "'3' is not among the levels"),
    ("y ~ cut(z, c(0,2)) + (1|g)", "no interval holds 3"),
    ("y ~ poly(z, 4) + (1|g)", "degree 4"),
    ("y ~ as.numeric(as.character(f)) + (1|g)", "'a' is no number"),
    ("y ~ ifelse(z > 2, f, 'q') + (1|g)", "codes of a factor"),
    ("y ~ scale(one) + (1|g)", "all values are the same"),
    ("y ~ log(zero) + (1|g)", r"'log\(zero\)' is not a finite number in row 0"),
    ("log(zero) ~ z + (1|g)", r"'log\(zero\)' is not a finite number in row 0"),
    ("y ~ p + q + (1|r)", "There are no columns 'p', 'q', 'r'"),
    ("y ~ P + zz + (1|g)", "no columns 'P', 'zz'.* Did you mean"),
]


@pytest.mark.parametrize(("formula", "message"), UNFIT)
def test_what_does_not_suit_the_data_is_named(formula, message):
    with pytest.raises(hlm.DataError, match=message):
        hlm.lmer(formula, data().assign(one=1.0, zero=0.0))


def test_a_predictor_of_one_category():
    with pytest.raises(hlm.ModelError, match=r"predictor k has one category .'same'."):
        hlm.lmer("y ~ k + (1|g)", data().assign(k="same"))


ARGUMENTS = [
    (hlm.lmer, {"weights": [1]}, "lmer.. has no argument weights=. Weights"),
    (hlm.lmer, {"offset": "z"}, r"I\(y - z\)"),
    (hlm.lmer, {"subset": "z > 0"}, r"data\[data\['x'\] > 0\]"),
    (hlm.lmer, {"control": None}, "Leave it out"),
    (hlm.lmer, {"start": None}, "starting values"),
    (hlm.lmer, {"contrasts": None}, r"C\(f, contr.sum\)"),
    (hlm.lmer, {"method": "ML"}, "Write REML=False for ML"),
    (hlm.lmer, {"reml": False}, "Did you mean REML"),
    (hlm.lmer, {"random": "~1|g"}, r"hlm.lme\(\)"),
    (hlm.lmer, {"na_acton": "omit"}, "Did you mean na_action"),
    (hlm.gls, {"correlation": 1}, "independent with one variance"),
    (hlm.gls, {"REML": False}, "Write method='ML'"),
    (hlm.lme, {"weights": 1}, "lme.. has no argument weights="),
    (hlm.lme, {"colour": 1}, "It takes formula, data, na_action, verbose, random, method"),
]


@pytest.mark.parametrize(("verb", "given", "message"), ARGUMENTS)
def test_arguments_that_are_not_offered_are_refused_in_words(verb, given, message):
    with pytest.raises(hlm.ModelError, match=message):
        verb("y ~ z", data(), **given)


def test_chunks_refuse_the_same_arguments():
    with pytest.raises(hlm.ModelError, match=r"fit_chunks\(\) has no argument weights="):
        hlm.fit_chunks("y ~ z", [data()], weights=1)


def test_an_offset_is_taken_off_the_outcome():
    fit = hlm.lmer("I(y - 2*z) ~ z + (1|g)", data(), REML=False)
    plain = hlm.lmer("y ~ z + (1|g)", data(), REML=False)
    assert fit.loglik == pytest.approx(plain.loglik)
    assert fit.fixef["z"] == pytest.approx(plain.fixef["z"] - 2)


# -- names that would be taken for each other ------------------------------------------------


def test_one_factor_written_in_two_orders():
    table = data()
    one = hlm.lmer("y ~ z + (1|f:g) + (0 + z|g:f)", table, REML=False)
    assert list(one.n_groups) == ["f:g"]
    same = hlm.lmer("y ~ z + (z||f:g)", table, REML=False)
    assert one.loglik == pytest.approx(same.loglik, abs=1e-9)
    with pytest.raises(hlm.FormulaError, match="stands twice"):
        hlm.lmer("y ~ z + (1|f:g) + (1|g:f)", table)


def test_labels_of_combinations_that_read_alike():
    rng = np.random.default_rng(3)
    pairs = [("a:b", "c"), ("a", "b:c"), ("p", "q")]
    table = pd.DataFrame(pairs * 8, columns=["A", "B"]).assign(y=rng.normal(size=24))
    plain = table.assign(A=table.A.map({"a:b": "one", "a": "two", "p": "p"}))
    fit, same = (hlm.lmer("y ~ 1 + (1|A:B)", t, REML=False) for t in (table, plain))
    assert fit.n_groups == {"A:B": 3}
    assert fit.loglik == pytest.approx(same.loglik)
    assert fit.ranef["A:B"].index.is_unique
    np.testing.assert_allclose(fit.predict(table), fit.fitted)


def test_coefficients_that_would_be_called_alike():
    rng = np.random.default_rng(3)
    table = pd.DataFrame(rng.normal(size=(40, 4)), columns=["y", "a:b", "b", "f2"])
    table = table.assign(a=rng.normal(size=40), f=[1, 2] * 20, g=np.arange(40) // 4)
    fit = hlm.lmer(
        "y ~ `a:b` + a:b + factor(f) + `factor(f)2` + (1|g)",
        table.rename(columns={"f2": "factor(f)2"}),
    )
    assert fit.fixef.index.is_unique
    assert list(fit.fixef.index[:2]) == ["(Intercept)", "`a:b`"]
    assert "a:b" in fit.fixef
    assert not [name for name in fit.fixef.index if re.fullmatch(r"factor\(f\)2", name)]
