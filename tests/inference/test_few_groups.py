"""Tests with few groups, against lmerTest, pbkrtest and emmeans: few_groups.R made what R says."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

import hlmteach as hlm
from hlmteach.inference.coefficients.ddf import reference_of
from tests.reference import FOLDER, TOLERANCE, reference, table

EVERY = reference("few_groups")
MODELS = [name for name in EVERY if name != "versions"]
PAIRS = [
    (name, rule)
    for name in MODELS
    for rule in ("satterthwaite", "kenward-roger")
    if rule in EVERY[name]
]
MEANS = [(name, rule, factor) for name, rule in PAIRS for factor in EVERY[name][rule]["means"]]
DF = TOLERANCE["satterthwaite"].relative  # lmerTest differentiates numerically


@cache
def uneven():
    data = pd.read_csv(FOLDER / "uneven.csv")
    return data.astype(dict.fromkeys("ABgh", "category"))


@cache
def fitted(name):
    part = EVERY[name]
    data = uneven() if part["data"] == "uneven" else hlm.load(part["data"])
    return hlm.lmer(part["formula"], data, REML=part["REML"])


def tolerance(rule):
    """Kenward and Roger's is a closed form, as exact as theta; R's theta is right to 1e-7."""
    return DF if rule == "satterthwaite" else 2e-5


def of_terms(name, rule, kind):
    expected = EVERY[name][rule]["anova"][kind]
    return None if expected is None or not expected["values"] else table(expected)


@pytest.mark.parametrize(("name", "rule"), PAIRS)
def test_coefficients(name, rule):
    expected = table(EVERY[name][rule]["summary"])
    seen = hlm.coef_table(fitted(name), ddf=rule)
    assert list(seen.index) == list(expected.index)
    np.testing.assert_allclose(seen["Std.Error"], expected["Std. Error"], rtol=1e-5)
    np.testing.assert_allclose(seen["DF"], expected["df"], rtol=tolerance(rule))
    np.testing.assert_allclose(seen["p-value"], expected["Pr(>|t|)"], rtol=20 * tolerance(rule))


@pytest.mark.parametrize(("name", "rule"), PAIRS)
@pytest.mark.parametrize("kind", ["I", "II", "III"])
def test_terms(name, rule, kind):
    expected = of_terms(name, rule, kind)
    if expected is None:
        with pytest.raises(hlm.ModelError, match="no term to test but the intercept"):
            hlm.anova(fitted(name), ddf=rule, type=len(kind))
        return
    seen = hlm.anova(fitted(name), ddf=rule, type=len(kind))
    assert list(seen.index) == list(expected.index)
    assert seen["numDF"].tolist() == expected["NumDF"].tolist()
    np.testing.assert_allclose(seen["denDF"], expected["DenDF"], rtol=tolerance(rule))
    np.testing.assert_allclose(seen["F-value"], expected["F value"], rtol=2e-5)
    np.testing.assert_allclose(seen["p-value"], expected["Pr(>F)"], rtol=20 * tolerance(rule))


@pytest.mark.parametrize(("name", "rule"), PAIRS)
def test_a_combination_of_all_coefficients(name, rule):
    fit, expected = fitted(name), table(EVERY[name][rule]["row"]).iloc[0]
    p = len(fit.fixef)
    seen = hlm.contrast(fit, np.arange(1, p + 1) / p, ddf=rule).iloc[0]
    assert seen["estimate"] == pytest.approx(expected["Estimate"], rel=1e-6)
    assert seen["se"] == pytest.approx(expected["Std. Error"], rel=1e-5)
    assert seen["df"] == pytest.approx(expected["df"], rel=tolerance(rule))
    assert seen["p"] == pytest.approx(expected["Pr(>|t|)"], rel=20 * tolerance(rule))


@pytest.mark.parametrize(("name", "rule"), PAIRS)
def test_all_coefficients_but_the_first_together(name, rule):
    if EVERY[name][rule]["joint"] is None:
        assert len(fitted(name).fixef) == 1
        return
    fit, expected = fitted(name), table(EVERY[name][rule]["joint"]).iloc[0]
    seen = hlm.contrast(fit, np.eye(len(fit.fixef))[1:], ddf=rule, joint=True).iloc[0]
    assert seen["numDF"] == expected["NumDF"]
    assert seen["denDF"] == pytest.approx(expected["DenDF"], rel=tolerance(rule))
    assert seen["F-value"] == pytest.approx(expected["F value"], rel=2e-5)


@pytest.mark.parametrize("name", [name for name in MODELS if EVERY[name]["REML"]])
def test_pbkrtests_covariance_and_df(name):
    part, fit = EVERY[name], fitted(name)
    found, p = reference_of(fit, "kenward-roger"), len(fit.fixef)
    expected = table(part["vcovAdj"]).to_numpy()
    size = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    np.testing.assert_allclose(found.vcov / size, expected / size, atol=1e-5)
    row = np.arange(1, p + 1)[None] / p
    assert found.df(row)[0] == pytest.approx(part["Lb_ddf"], rel=2e-5)
    if part.get("KRmodcomp"):
        test = found.test(np.eye(p)[1:], fit.fixef.to_numpy()[1:])
        F = table(part["KRmodcomp"]).loc["Ftest"]
        np.testing.assert_allclose([test.F, test.num_df, test.den_df], F[:3], rtol=2e-5)


@pytest.mark.parametrize(("name", "rule", "factor"), MEANS)
def test_emmeans_means_and_pairs(name, rule, factor):
    part = EVERY[name][rule]["means"][factor]
    expected, seen = table(part["means"]), hlm.marginal_means(fitted(name), factor, ddf=rule)
    assert seen[factor].tolist() == list(expected.index)
    for ours, theirs in {"mean": "emmean", "se": "SE", "lower": "lower.CL"}.items():
        np.testing.assert_allclose(seen[ours], expected[theirs], rtol=20 * tolerance(rule))
    np.testing.assert_allclose(seen["df"], expected["df"], rtol=tolerance(rule))
    expected, limits = table(part["pairs"]), table(part["limits"])
    seen = hlm.marginal_means(fitted(name), factor, ddf=rule, pairs=True)
    assert list(seen.index) == list(expected.index)
    np.testing.assert_allclose(seen["t"], expected["t.ratio"], rtol=1e-4)
    np.testing.assert_allclose(seen["df"], expected["df"], rtol=tolerance(rule))
    np.testing.assert_allclose(seen["p"], expected["p.value"], rtol=2e-3)  # R's ptukey has 4 digits
    plain = hlm.marginal_means(fitted(name), factor, ddf=rule, pairs=True, adjust="none")
    np.testing.assert_allclose(plain["upper"], limits["upper.CL"], rtol=20 * tolerance(rule))


# -- what needs no other program ---------------------------------------------------------------


def test_one_row_s_f_is_its_t_squared():
    fit = fitted("uneven")
    for rule in ("satterthwaite", "kenward-roger", "inner-outer", None):
        one = hlm.contrast(fit, {"x": 1}, ddf=rule).iloc[0]
        both = hlm.contrast(fit, {"x": 1}, ddf=rule, joint=True).iloc[0]
        assert both["F-value"] == pytest.approx(one["t"] ** 2, rel=1e-10)
        assert both["denDF"] == pytest.approx(one["df"], rel=1e-8)


def test_rows_that_add_nothing_do_not_count():
    fit = fitted("uneven")
    L = np.eye(len(fit.fixef))[1:3]
    doubled = np.vstack([L, L.sum(axis=0)])
    for rule in ("kenward-roger", None):
        first, second = (hlm.contrast(fit, rows, rule, joint=True) for rows in (L, doubled))
        np.testing.assert_allclose(first, second, rtol=1e-8)


def test_without_groups_every_rule_is_least_squares():
    fit = hlm.gls("y ~ A * B + x", uneven(), method="ML")
    L = np.eye(7)[1:3]
    tests = [hlm.contrast(fit, L, rule, joint=True) for rule in ("satterthwaite", "kenward-roger")]
    for test in tests:
        np.testing.assert_allclose(test, hlm.contrast(fit, L, "inner-outer", joint=True), rtol=1e-9)
    assert tests[0]["denDF"].tolist() == pytest.approx([fit.n_obs - 7])


def test_units_and_offsets_do_not_matter_to_kenward_and_roger():
    data = uneven().assign(y=1e5 + 100 * uneven()["y"], x=1e4 + 10 * uneven()["x"])
    moved = hlm.lmer(EVERY["uneven_slope"]["formula"], data)
    for kind in (1, 2, 3):
        first, second = (
            hlm.anova(fit, ddf="kenward-roger", type=kind).loc[["A:x", "B"]].to_numpy(float)
            for fit in (fitted("uneven_slope"), moved)
        )
        np.testing.assert_allclose(first, second, rtol=1e-5)


def test_kenward_and_roger_at_a_variance_of_zero():
    # pbkrtest: get_Lb_ddf(lmer(Yield ~ 1 + (1 | Batch), Dyestuff2), 1)
    fit = hlm.lmer("Yield ~ 1 + (1 | Batch)", hlm.load("Dyestuff2"))
    assert fit.is_singular
    row = hlm.coef_table(fit, ddf="kenward-roger").iloc[0]
    assert row["DF"] == pytest.approx(5.0, abs=1e-6)


def test_kenward_and_roger_want_reml():
    with pytest.raises(hlm.ModelError, match="for fits by REML, and this one is by ML"):
        hlm.anova(fitted("uneven_ml"), ddf="kenward-roger")


def test_ddf_and_type_are_for_one_fit():
    fit = fitted("uneven_ml")
    with pytest.raises(hlm.ModelError, match="ddf= and type= are for the F tests of one fit"):
        hlm.anova(fit, fit, type=3)
    with pytest.raises(hlm.ModelError, match="type=4 is not known"):
        hlm.anova(fit, type=4)


@pytest.mark.parametrize(
    ("weights", "match"),
    [
        ({"NPD": 1}, "'NPD' is no coefficient of this model"),
        ([1.0, 2.0], "must give a finite number for each of the 7 coefficients"),
        (np.zeros(7), "tests nothing"),
        ({"x": "one"}, "must be a number"),
    ],
)
def test_weights_that_cannot_be(weights, match):
    with pytest.raises(hlm.ModelError, match=match):
        hlm.contrast(fitted("uneven"), weights)


def test_a_category_averaged_over_a_cell_without_rows():
    data = uneven().query("not (A == 'c' and B == 'yes')")
    with pytest.warns(hlm.HLMWarning, match="Dropped"):
        fit = hlm.lmer("y ~ A * B + (1 | g)", data)
    with pytest.raises(hlm.ModelError, match="No row of the data tells"):
        hlm.marginal_means(fit, "A")
    at = hlm.marginal_means(fit, "A", at={"B": "no"})
    assert at["mean"].tolist()[0] == pytest.approx(fit.fixef["(Intercept)"])


def test_what_has_no_marginal_mean():
    with pytest.raises(hlm.ModelError, match=r"'x' is no categorical predictor.*Those are: A, B"):
        hlm.marginal_means(fitted("uneven"), "x")
    with pytest.raises(hlm.ModelError, match="at= names 'A'"):
        hlm.marginal_means(fitted("uneven"), "A", at={"A": "b"})


def test_slopes_and_their_region_by_t():
    fit = fitted("tutorial")
    slope = hlm.simple_slopes(fit, "NPD", "BPD", at=[10.0], ddf="kenward-roger").iloc[0]
    same = hlm.contrast(fit, {"NPD": 1, "NPD:BPD": 10.0}, ddf="kenward-roger").iloc[0]
    assert slope[["slope", "se", "df", "t", "p"]].tolist() == pytest.approx(
        same[["estimate", "se", "df", "t", "p"]].tolist()
    )
    small = hlm.lmer("y ~ x * B + x * A + (x | g)", uneven())
    with pytest.raises(hlm.ModelError, match="other ways"):
        hlm.simple_slopes(small, "x", "B", ddf="satterthwaite")


@pytest.mark.parametrize("rule", ["satterthwaite", "kenward-roger"])
def test_the_region_s_limits_are_where_p_is_5_percent(rule):
    data = uneven().assign(m=lambda d: d.groupby("g", observed=True)["x"].transform("mean"))
    data["y"] = data["y"] + 3 * data["x"] * (data["m"] - data["m"].mean())
    fit = hlm.lmer("y ~ x * m + (x | g)", data)
    region = hlm.johnson_neyman(fit, "x", "m", ddf=rule)
    assert region.limits
    p = hlm.simple_slopes(fit, "x", "m", at=region.limits, ddf=rule)["p"]
    np.testing.assert_allclose(p, 0.05, rtol=1e-6)
    wide, narrow = (hlm.johnson_neyman(fit, "x", "m", ddf=d).limits for d in (rule, None))
    assert np.ptp(wide) > np.ptp(narrow)
