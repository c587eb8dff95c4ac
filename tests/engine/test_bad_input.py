"""Bad input gets one clear error: what was wrong, the value seen, what to do."""

import numpy as np
import pandas as pd
import pytest

import hlmteach as hlm


def table(**changes) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    base = {"y": rng.normal(size=12), "x": rng.normal(size=12), "g": list("aaabbbcccddd")}
    return pd.DataFrame(base | changes)


def broken(column: str, value) -> pd.DataFrame:
    data = table()
    data.loc[2, column] = value
    return data


FORMULAS = [
    ("y ~ z + (1 | g)", hlm.DataError, "no column 'z'.*columns are: y, x, g"),
    ("y ~ X + (1 | g)", hlm.DataError, "Did you mean 'x'"),
    ("y ~ x + (1 | group)", hlm.DataError, "no column 'group'"),
    ("y ~ x + (1 | g", hlm.FormulaError, "never closed"),
    ("y ~ x + 1 | g)", hlm.FormulaError, "closes nothing"),
    ("y ~ x + 1 | g", hlm.FormulaError, "in parentheses with one bar"),
    ("y ~ x + (1 | g | x)", hlm.FormulaError, "bar '|'"),
    ("y ~ x + ( | g)", hlm.FormulaError, "bar '|'"),
    ("y ~ x + (0 | g)", hlm.FormulaError, "No effect stands before the bar"),
    ("y ~ x + (1 | log(g))", hlm.FormulaError, "'log\\(g\\)' is not the name of a column"),
    ("y ~ x + (1 | g) + (1 | g)", hlm.FormulaError, "stands twice"),
    ("y + x", hlm.FormulaError, "one '~'"),
    ("~ x + (1 | g)", hlm.FormulaError, "needs an outcome"),
    ("y ~ x * + (1 | g)", hlm.FormulaError, "cannot be read"),
    ("y ~ nosuch(x) + (1 | g)", hlm.FormulaError, "no function nosuch"),
    ("g ~ x + (1 | g)", hlm.DataError, "'g' is not numeric \\(first value: 'a'\\)"),
    ("y ~ x", hlm.FormulaError, "No random term.*hlm.gls"),
    (42, hlm.FormulaError, "is 42, not text"),
]


@pytest.mark.parametrize(("formula", "kind", "message"), FORMULAS)
def test_formulas(formula, kind, message):
    with pytest.raises(kind, match=message.replace("'|'", "'\\|'")):
        hlm.lmer(formula, table())


WITHOUT_A_TABLE = [
    (lambda: hlm.lmer("y ~ x + (1 | g)"), "The table is missing: give it as data="),
    (lambda: hlm.lme("y ~ x", random="~1|g"), "The table is missing"),
    (lambda: hlm.gls("y ~ x"), "The table is missing"),
    (lambda: hlm.lmer(table(), "y ~ x + (1 | g)"), "The formula comes first, then data"),
    (lambda: hlm.icc("y", "g", table()), "icc\\(\\) needs .* outcome=, group= and data="),
]


@pytest.mark.parametrize(("ask", "message"), WITHOUT_A_TABLE)
def test_a_table_that_is_missing_or_in_another_s_place(ask, message):
    with pytest.raises(hlm.HLMError, match=message):
        ask()


FIT = hlm.lmer("y ~ x * m + (1 | g)", table(m=np.arange(12.0) % 5))
INCOMPLETE = [
    (lambda: hlm.lmer(), "The table is missing: give it as data=, as in"),
    (lambda: hlm.lmer(data=table()), "The formula is missing"),
    (lambda: hlm.gls(data=table()), "The formula is missing"),
    (lambda: hlm.lme(None, table(), "~1|g"), "The formula is missing"),
    (lambda: hlm.fit_chunks(), "The formula is missing"),
    (lambda: hlm.fit_chunks("y ~ x + (1 | g)"), "The chunks are missing. Give an iterable"),
    (lambda: hlm.simple_slopes(FIT), "needs x and moderator, as in hlm.simple_slopes"),
    (lambda: hlm.simple_slopes(FIT, "x"), "needs moderator"),
    (lambda: hlm.johnson_neyman(FIT), "needs x and moderator"),
    (lambda: hlm.marginal_means(FIT), "needs factor"),
    (lambda: hlm.marginal_means(FIT, 3), "'3'"),
    (lambda: hlm.marginal_means(FIT, "x", "y"), "at='y' must be a dictionary"),
    (lambda: hlm.lrt(FIT), "lrt\\(\\) needs a fitted model, not None"),
    (lambda: hlm.contrast(FIT), "weights=None must give"),
    (lambda: hlm.power(FIT), "None is no coefficient"),
    (lambda: hlm.coverage(FIT, table()), "a DataFrame is no coefficient"),
    (lambda: hlm.influence(FIT, table()), "by='DataFrame' does not say"),
    (lambda: hlm.influence(FIT, []), "by='list' does not say"),
    (lambda: hlm.refit_many(FIT), "one row per outcome"),
    (lambda: hlm.plan(), "n_groups=None must be"),
    (lambda: hlm.summary(FIT, table()), "style=a DataFrame is not known"),
    (lambda: hlm.load(), "Which data set"),
    (lambda: hlm.load([1]), "No data set is called \\[1\\]"),
    (lambda: hlm.read_table(), "The file is missing"),
    (lambda: hlm.read_sav(), "The file is missing"),
    (lambda: hlm.exercise(), "There is no exercise 'None'"),
    (lambda: hlm.exercise("mine-1", 3), "bank=3 is no file"),
    (lambda: hlm.progress([]), "no lesson"),
]


@pytest.mark.parametrize(("ask", "message"), INCOMPLETE)
def test_calls_without_what_they_need(ask, message):
    with pytest.raises(hlm.HLMError, match=message):
        ask()


ID = [str(i) for i in range(12)]
TABLES = [
    (table(g="a"), hlm.ModelError, "one level \\('a'\\).*two groups"),
    (table(g=ID), hlm.ModelError, "one row per group \\(12 rows, 12 groups\\)"),
    (table(y=3.0), hlm.DataError, "'y' is 3 in every row"),
    (broken("x", np.inf), hlm.DataError, "'x' holds 1 infinite value"),
    (table(y=np.nan), hlm.DataError, "Every row has a missing value"),
    (table().iloc[:0], hlm.DataError, "no rows"),
    (table().iloc[[0, 3]], hlm.ModelError, "2 rows for 2 fixed coefficients"),
    (table().to_dict(), hlm.DataError, "type dict; a pandas DataFrame"),
    (pd.concat([table(), table()[["x"]]], axis=1), hlm.DataError, "Two columns are called 'x'"),
]


@pytest.mark.parametrize(("data", "kind", "message"), TABLES, ids=[t[2][:20] for t in TABLES])
def test_tables(data, kind, message):
    with pytest.raises(kind, match=message):
        hlm.lmer("y ~ x + (1 | g)", data)


def test_more_random_effects_than_rows():
    with pytest.raises(hlm.ModelError, match="2 random effects for each of 6 groups"):
        hlm.lmer("y ~ x + (x | g)", table(g=list("aabbccddeeff")))


def test_a_random_effect_that_cannot_be_told_apart():
    with pytest.raises(hlm.ModelError, match="'x2' for 'g'"):
        hlm.lmer("y ~ x + (x + x2 | g)", table().assign(x2=lambda d: 2 * d.x))


def test_a_term_that_is_not_finite():
    with pytest.raises(hlm.DataError, match="'log\\(x\\)' is not a finite number in row"):
        hlm.lmer("y ~ log(x) + (1 | g)", table())


def test_an_outcome_without_residual():
    data = table().assign(y=lambda d: 2 * d.x)
    with pytest.raises(hlm.ModelError, match="without any residual"):
        hlm.lmer("y ~ x + (1 | g)", data)


@pytest.mark.parametrize(
    "column", [pytest.param({"x": 5.0}, id="constant"), pytest.param({}, id="collinear")]
)
def test_a_predictor_that_tells_nothing_is_dropped_with_a_notice(column):
    data = table(**column).assign(x2=lambda d: 3 * d.x + 1)
    with pytest.warns(hlm.HLMWarning, match="Dropped .*x2.*lmer drops it too"):
        fit = hlm.lmer("y ~ x + x2 + (1 | g)", data)
    assert "x2" not in fit.fixef


def test_missing_values():
    data = broken("x", np.nan)
    data.loc[5, "g"] = None
    assert hlm.lmer("y ~ x + (1 | g)", data).n_obs == 10
    assert hlm.lmer("y ~ x + (1 | g)", data).frame.n_omitted == 2
    with pytest.raises(hlm.DataError, match="2 of 12 rows have missing values \\(x: 1, g: 1\\)"):
        hlm.lmer("y ~ x + (1 | g)", data, na_action="fail")
    with pytest.raises(hlm.ModelError, match="na_action='drop'"):
        hlm.lmer("y ~ x + (1 | g)", data, na_action="drop")
    assert hlm.lme("y ~ x", data, "~1|g", na_action="na.omit").n_obs == 10


def test_the_verbs_arguments():
    with pytest.raises(hlm.ModelError, match="method='ML,'"):
        hlm.gls("y ~ x", table(), method="ML,")
    with pytest.raises(hlm.FormulaError, match="gls\\(\\) has no random effects"):
        hlm.gls("y ~ x + (1 | g)", table())
    with pytest.raises(hlm.FormulaError, match=r"random='1\|g' cannot be read"):
        hlm.lme("y ~ x", table(), random="1|g")


def test_what_a_fit_is_asked():
    fit = hlm.lmer("y ~ x + (x | g)", table(), REML=False)
    with pytest.raises(hlm.ModelError, match="no reml_criterion"):
        _ = fit.reml_criterion
    with pytest.raises(hlm.ModelError, match="reml_criterion, no deviance"):
        _ = hlm.lmer("y ~ x + (1 | g)", table()).deviance
    with pytest.raises(hlm.DataError, match=r"shape \(3,\).*12 rows"):
        fit.refit([1, 2, 3])
    with pytest.raises(hlm.DataError, match="missing or infinite"):
        fit.refit([np.nan] * 12)
    with pytest.raises(hlm.ModelError, match="it needs 2 non-negative numbers"):
        fit.at(sd=1.0)
    with pytest.raises(hlm.ModelError, match="corr must be between -1 and 1"):
        fit.at(sd=(1, 1), corr=2)
    with pytest.raises(hlm.ModelError, match="sigma=-1"):
        fit.at(sigma=-1)


def test_what_r_writes_in_other_ways():
    data = table().assign(z=[1, 2, 3] * 4)
    pairs = [
        ("y ~ x + (1 | g) - 1", "y ~ 0 + x + (1 | g)"),
        ("y ~ as.factor(z) + (1 | g)", "y ~ factor(z) + (1 | g)"),
    ]
    for one, other in pairs:
        first, second = hlm.lmer(one, data), hlm.lmer(other, data)
        assert first.fixef.to_list() == second.fixef.to_list()
