"""Predictions and intervals against the dense mixed model equations; slopes of interactions."""

import warnings
from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import hlmteach as hlm
from hlmteach.errors import HLMWarning
from tests.reference import reference

MODELS = {
    "gls": ("Reaction ~ Days", "sleepstudy"),
    "intercept": ("Reaction ~ Days + (1 | Subject)", "sleepstudy"),
    "slope": ("Reaction ~ Days + (Days | Subject)", "sleepstudy"),
    "uncorrelated": ("Reaction ~ Days + (Days || Subject)", "sleepstudy"),
    "crossed": ("diameter ~ 1 + (1 | plate) + (1 | sample)", "Penicillin"),
    "nested": ("strength ~ 1 + (1 | batch/cask)", "Pastes"),
    "category": ("distance ~ age * Sex + (1 | Subject)", "Orthodont"),
}
each_model = pytest.mark.parametrize("name", MODELS)


@cache
def model(name, reml=True):
    formula, data = MODELS[name]
    if "|" not in formula:
        return hlm.gls(formula, hlm.load(data), method="REML" if reml else "ML")
    return hlm.lmer(formula, hlm.load(data), REML=reml)


@cache
def interaction():
    return hlm.lmer("Satisfaction ~ NPD * BPD + (1 | Time)", hlm.load("HLM"), REML=False)


def error_variances(fit):
    """Return [x z] C [x z]' of each row, by Henderson's equations on dense matrices."""
    X, sigma2 = fit.frame.X, fit.sigma**2
    Z, penalty = [X], [np.zeros((X.shape[1], X.shape[1]))]
    for factor in fit.frame.factors:
        one = np.eye(factor.n_levels)[factor.codes]
        Z.append(np.einsum("nj,nq->njq", one, factor.Z).reshape(len(X), -1))
        G = fit.covariances[factor.name].cov
        penalty.append(np.kron(np.eye(factor.n_levels), sigma2 * np.linalg.inv(G)))
    W = np.hstack(Z)
    at = np.cumsum([0] + [len(P) for P in penalty])
    left = W.T @ W
    for i, P in enumerate(penalty):
        left[at[i] : at[i + 1], at[i] : at[i + 1]] += P
    return sigma2 * np.einsum("nm,mk,nk->n", W, np.linalg.inv(left), W)


# -- values ----------------------------------------------------------------------------------


@each_model
def test_the_rows_fitted_are_predicted_by_their_fitted_values(name):
    fit = model(name)
    np.testing.assert_allclose(hlm.predict(fit), fit.fitted, rtol=1e-10)
    np.testing.assert_allclose(fit.predict(fit.frame.data), fit.fitted, rtol=1e-10)


@each_model
def test_the_population_needs_no_groups(name):
    fit = model(name)
    rows = fit.frame.data.drop(columns=[c for f in fit.frame.factors for c in f.columns])
    expected = fit.frame.X @ fit.fixef.to_numpy()
    np.testing.assert_allclose(fit.predict(rows, level="population"), expected, rtol=1e-10)


@each_model
def test_confidence_of_known_groups_is_hendersons(name):
    fit = model(name)
    table = fit.predict(interval="confidence")
    np.testing.assert_allclose(table["se"] ** 2, error_variances(fit), rtol=1e-6)
    assert list(table) == ["fit", "se", "lower", "upper"]


def test_singular_variances_are_no_obstacle():
    fit = hlm.lmer("Yield ~ 1 + (1 | Batch)", hlm.load("Dyestuff2"), REML=False)
    assert fit.is_singular
    table = fit.predict(interval="confidence")
    np.testing.assert_allclose(table["se"], fit.se.iloc[0], rtol=1e-8)


def test_an_interval_is_the_error_times_a_quantile():
    mixed = model("slope").predict(interval="confidence", confidence=0.9)
    np.testing.assert_allclose(mixed["upper"] - mixed["fit"], stats.norm.ppf(0.95) * mixed["se"])
    flat = model("gls").predict(interval="confidence")
    np.testing.assert_allclose(flat["fit"] - flat["lower"], stats.t.ppf(0.975, 178) * flat["se"])


def test_least_squares_gives_the_intervals_of_the_textbook():
    for reml in (True, False):
        fit, data = model("gls", reml), hlm.load("sleepstudy")
        x, n = data.Days - data.Days.mean(), len(data)
        s2 = (fit.resid**2).sum() / (n - 2)
        table = fit.predict(interval="prediction")
        np.testing.assert_allclose(table["se"] ** 2, s2 * (1 + 1 / n + x**2 / (x**2).sum()))


@pytest.mark.parametrize("name", ["slope", "crossed", "nested"])
def test_a_prediction_interval_adds_one_observation(name):
    fit = model(name)
    mean, one = (fit.predict(interval=kind)["se"] ** 2 for kind in ("confidence", "prediction"))
    np.testing.assert_allclose(one - mean, fit.sigma**2)


def test_population_intervals():
    fit = model("slope")
    X, G = fit.frame.X, fit.covariances["Subject"].cov
    mean = np.einsum("np,pq,nq->n", X, fit.vcov.to_numpy(), X)
    seen = fit.predict(level="population", interval="confidence")["se"] ** 2
    np.testing.assert_allclose(seen, mean, rtol=1e-8)
    seen = fit.predict(level="population", interval="prediction")["se"] ** 2
    new = np.einsum("np,pq,nq->n", X, G, X) + fit.sigma**2
    np.testing.assert_allclose(seen, mean + new, rtol=1e-8)


def test_prediction_intervals_hold_what_they_promise():
    # New outcomes of the same groups: the modes are estimated from y, then tried on its twin.
    truth = model("slope")
    rng = np.random.default_rng(1)
    hits = []
    for _ in range(60):
        b = rng.multivariate_normal(np.zeros(2), truth.covariances["Subject"].cov, 18)
        codes = truth.frame.factors[0].codes
        mean = truth.frame.X @ truth.fixef.to_numpy() + (truth.frame.X * b[codes]).sum(axis=1)
        y, twin = mean + truth.sigma * rng.normal(size=(2, truth.n_obs))
        again = truth.refit(y).at(sd=truth.covariances["Subject"].sd, sigma=truth.sigma)
        table = again.predict(interval="prediction")
        hits.append(((table["lower"] < twin) & (twin < table["upper"])).mean())
    assert np.mean(hits) == pytest.approx(0.95, abs=0.01)


# -- new groups and new rows -----------------------------------------------------------------


def test_a_new_group_is_the_population_with_the_variance_of_a_group():
    fit = model("slope")
    rows = pd.DataFrame({"Days": [0.0, 5.0], "Subject": ["nobody", "308"]})
    with pytest.warns(hlm.HLMWarning, match="Subject = nobody. Predicted by the population"):
        value = fit.predict(rows)
    b = fit.coef["Subject"].loc["308" if "308" in fit.coef["Subject"].index else 308]
    assert value[0] == pytest.approx(fit.fixef["(Intercept)"])
    assert value[1] == pytest.approx(b["(Intercept)"] + 5 * b["Days"])
    with pytest.warns(hlm.HLMWarning):
        table = fit.predict(rows, interval="confidence")
    G = fit.covariances["Subject"].cov
    assert table["se"][0] ** 2 == pytest.approx(fit.vcov.iloc[0, 0] + G[0, 0], rel=1e-8)


def test_new_groups_of_crossed_factors_add_up():
    fit = model("crossed")
    sd = {name: vc.sd[0] for name, vc in fit.covariances.items()}
    both = pd.DataFrame({"plate": ["zz"], "sample": ["zz"]})
    with pytest.warns(hlm.HLMWarning):
        table = fit.predict(both, interval="confidence")
    expected = fit.vcov.iloc[0, 0] + sd["plate"] ** 2 + sd["sample"] ** 2
    assert table["se"][0] ** 2 == pytest.approx(expected, rel=1e-8)
    known = fit.frame.data[["plate", "sample"]].iloc[:1].astype(object)
    with pytest.warns(hlm.HLMWarning, match="plate = zz"):
        half = fit.predict(known.assign(plate="zz"), interval="confidence")
    assert sd["plate"] < half["se"].iloc[0] < table["se"][0]


def test_nested_groups_go_by_their_full_name():
    fit = model("nested")
    rows = fit.frame.data.head(3)[["batch", "cask"]].astype(str)
    np.testing.assert_allclose(fit.predict(rows), fit.fitted[:3], rtol=1e-10)
    with pytest.warns(hlm.HLMWarning, match="cask:batch"):
        fit.predict(pd.DataFrame({"batch": ["A"], "cask": ["z"]}))


def test_missing_values_give_missing_predictions():
    fit = model("intercept")
    rows = fit.frame.data.head(3).assign(Days=[0.0, np.nan, 2.0])
    value = fit.predict(rows)
    assert value.isna().tolist() == [False, True, False]
    assert value.index.equals(rows.index)
    table = fit.predict(rows, interval="prediction")
    assert table.isna().all(axis=1).tolist() == [False, True, False]


def test_stateful_terms_keep_the_state_of_the_fit():
    data = hlm.load("sleepstudy")
    fit = hlm.lmer("Reaction ~ scale(Days) + (1 | Subject)", data)
    np.testing.assert_allclose(fit.predict(data.head(7)), fit.fitted[:7], rtol=1e-10)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("category", {"Sex": "female"}, "Did you mean 'Female'"),
        ("category", {"age": "ten"}, "Column 'age' was numeric"),
        ("category", {"age": np.inf}, "infinite"),
        ("slope", {"Days": None}, "Every new row has a missing value"),
    ],
)
def test_new_rows_are_checked(name, change, message):
    rows = model(name).frame.data.head(2).astype(object).assign(**change)
    if change.get("age") == np.inf:
        rows = rows.assign(age=np.inf).astype({"age": float})
    with pytest.raises(hlm.DataError, match=message):
        model(name).predict(rows)


def test_missing_columns_are_named():
    with pytest.raises(hlm.DataError, match="no column 'Subject'"):
        model("slope").predict(pd.DataFrame({"Days": [1.0]}))
    with pytest.raises(hlm.DataError, match="Did you mean 'days'"):
        model("slope").predict(pd.DataFrame({"days": [1.0], "Subject": ["308"]}))
    with pytest.raises(hlm.DataError, match="DataFrame is needed"):
        model("slope").predict([1.0])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"level": "person"}, "level='person' is not known. Use one of 'group', 'population'"),
        ({"interval": "credible"}, "interval='credible' is not known"),
        ({"interval": "confidence", "confidence": 95}, "must lie between 0 and 1"),
    ],
)
def test_choices_are_checked(wrong, message):
    with pytest.raises(hlm.ModelError, match=message):
        model("slope").predict(**wrong)


# -- simple slopes ---------------------------------------------------------------------------


def test_simple_slopes_are_sums_of_coefficients():
    fit = interaction()
    table = hlm.simple_slopes(fit, "NPD", "BPD", at=[0.0, 30.0])
    b, V = fit.fixef, fit.vcov
    expected = b["NPD"] + b["NPD:BPD"] * table["BPD"]
    np.testing.assert_allclose(table["slope"], expected)
    variance = (
        V.loc["NPD", "NPD"] + 60 * V.loc["NPD", "NPD:BPD"] + 900 * V.loc["NPD:BPD", "NPD:BPD"]
    )
    assert table["se"][1] == pytest.approx(np.sqrt(variance))
    assert table["se"][0] == pytest.approx(fit.se["NPD"])
    assert table["p"][0] == pytest.approx(2 * stats.norm.sf(abs(table["z"][0])))
    np.testing.assert_allclose(table["upper"] - table["slope"], stats.norm.ppf(0.975) * table["se"])


def test_simple_slopes_at_the_mean_and_one_sd_by_default():
    data = hlm.load("HLM")
    table = interaction().simple_slopes("NPD", "BPD")
    mean, sd = data.BPD.mean(), data.BPD.std()
    np.testing.assert_allclose(table["BPD"], [mean - sd, mean, mean + sd])


def test_simple_slopes_in_the_categories_of_a_moderator():
    data = hlm.load("Orthodont")
    table = hlm.simple_slopes(model("category"), "age", "Sex")
    for sex, slope in zip(table["Sex"], table["slope"], strict=True):
        own = hlm.lmer("distance ~ age + (1 | Subject)", data[data.Sex == sex])
        assert slope == pytest.approx(own.fixef["age"], rel=1e-8)


def test_simple_slopes_follow_the_standard_errors_of_the_verb():
    data = hlm.load("HLM")
    fit = hlm.lme("Satisfaction ~ NPD * BPD", data, random="~1|Time", method="ML")
    assert hlm.simple_slopes(fit, "NPD", "BPD", at=0.0)["se"][0] == pytest.approx(fit.se["NPD"])


def test_the_slope_of_the_tutorials_interaction_ends_at_44_8():
    jn = hlm.johnson_neyman(interaction(), "NPD", "BPD")
    assert jn.zero == pytest.approx(44.8, abs=0.05)
    assert len(jn.limits) == 2
    assert jn.limits[0] < jn.zero < jn.limits[1]
    edges = hlm.simple_slopes(interaction(), "NPD", "BPD", at=jn.limits)
    np.testing.assert_allclose(edges["p"], 0.05, rtol=1e-6)
    assert jn.significant == ((-np.inf, jn.limits[0]), (jn.limits[1], np.inf))
    assert jn.seen == (0.0, 128.0)
    assert "is 0 at BPD = 44.8" in repr(jn)
    band = jn.band([0.0, jn.limits[0]])
    assert band["slope"][0] == pytest.approx(interaction().fixef["NPD"])
    assert band["lower"][1] == pytest.approx(0.0, abs=1e-10)


def test_a_weak_interaction_has_another_region():
    data = hlm.simulate_groups(20, 10, beta=(0, 0.0), seed=1)
    data["m"] = np.random.default_rng(2).normal(size=len(data))
    jn = hlm.johnson_neyman(hlm.lmer("y ~ x * m + (1 | group)", data), "x", "m")
    for low, high in jn.significant:
        middle = np.clip((low + high) / 2, -1e3, 1e3)
        assert (
            hlm.simple_slopes(hlm.lmer("y ~ x * m + (1 | group)", data), "x", "m", at=middle)["p"][
                0
            ]
            < 0.05
        )
    assert len(jn.limits) in (0, 2)


@pytest.mark.parametrize(
    ("formula", "x", "m", "message"),
    [
        ("y ~ x + m + (1 | group)", "x", "m", "no interaction of 'x' with 'm'"),
        ("y ~ x * m + I(x ** 2) + (1 | group)", "x", "m", "in other ways"),
        ("y ~ x * m * w + (1 | group)", "x", "m", "in other ways"),
        ("y ~ x * m + (1 | group)", "w", "m", "no interaction of 'w'"),
    ],
)
def test_slopes_that_are_not_simple_are_refused(formula, x, m, message):
    data = hlm.simulate_groups(20, 10, seed=1)
    data[["m", "w"]] = np.random.default_rng(2).normal(size=(len(data), 2))
    fit = hlm.lmer(formula, data)
    with pytest.raises(hlm.ModelError, match=message):
        hlm.simple_slopes(fit, x, m)


def test_regions_need_a_numeric_straight_moderator():
    with pytest.raises(hlm.ModelError, match="'Sex' is categorical"):
        hlm.johnson_neyman(model("category"), "age", "Sex")
    data = hlm.simulate_groups(20, 10, seed=1)
    data["m"] = np.random.default_rng(2).normal(size=len(data))
    fit = hlm.lmer("y ~ x * I(m ** 2) + (1 | group)", data)
    with pytest.raises(hlm.ModelError, match="not a straight line"):
        hlm.johnson_neyman(fit, "x", "m")


def test_known_groups_give_no_notice():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model("slope").predict(model("slope").frame.data.head())


# -- lme4's ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sleepstudy", "orthodont", "penicillin", "pastes"])
def test_predictions_are_lme4s(name):
    theirs = reference("predict")[name]
    fit = hlm.lmer(theirs["formula"], hlm.load(theirs["data"]), REML=theirs["REML"])
    rows = hlm.load(theirs["data"]).iloc[[row - 1 for row in theirs["rows"]]]
    strangers = rows.assign(**dict.fromkeys(theirs["groups"], "new"))
    np.testing.assert_allclose(fit.predict(rows), theirs["group"], rtol=1e-6)
    population = fit.predict(rows, level="population")
    np.testing.assert_allclose(population, theirs["population"], rtol=1e-8)
    with pytest.warns(HLMWarning, match="Not in the data the model was fitted to"):
        np.testing.assert_allclose(fit.predict(strangers), theirs["strangers"], rtol=1e-8)
