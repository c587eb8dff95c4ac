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


def error_variances(fit, effects=None):
    """Return [x z] C [x z]' of each row, by Henderson's equations on dense matrices.

    `effects` are masks by factor: what is not used has the weight 0.
    """
    X, sigma2 = fit.frame.X, fit.sigma**2
    Z, penalty = [X], [np.zeros((X.shape[1], X.shape[1]))]
    weights = [np.ones(X.shape[1])]
    for factor in fit.frame.factors:
        one = np.eye(factor.n_levels)[factor.codes]
        Z.append(np.einsum("nj,nq->njq", one, factor.Z).reshape(len(X), -1))
        used = np.ones(factor.q) if effects is None else effects[factor.name]
        weights.append(np.tile(used, factor.n_levels))
        G = fit.covariances[factor.name].cov
        penalty.append(np.kron(np.eye(factor.n_levels), sigma2 * np.linalg.inv(G)))
    W = np.hstack(Z)
    at = np.cumsum([0] + [len(P) for P in penalty])
    left = W.T @ W
    for i, P in enumerate(penalty):
        left[at[i] : at[i + 1], at[i] : at[i + 1]] += P
    C, W = np.linalg.inv(left), W * np.concatenate(weights)
    return sigma2 * np.einsum("nm,mk,nk->n", W, C, W)


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
    assert jn.moderator_range == (0.0, 128.0)
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


@pytest.mark.parametrize("name", ["sleepstudy", "pastes", "penicillin"])
def test_some_of_the_random_terms_are_predicted_as_by_lme4(name):
    theirs = reference("parts")[name]
    fit = hlm.lmer(theirs["formula"], hlm.load(theirs["data"]))
    for one in theirs["predictions"]:
        text = one["re_form"]
        ours = fit.predict(re_form=float("nan") if text == "NA" else text)
        np.testing.assert_allclose(ours, one["value"], rtol=1e-6)


# -- some of the random terms ----------------------------------------------------------------


def named_by(part):
    """The effects before the bar of Days or 1 or both."""
    left = part.split("|")[0]
    return {"Days"} & set(left.replace("(", " ").split()) | (
        set() if "0 +" in left else {"(Intercept)"}
    )


@pytest.mark.parametrize(
    ("name", "part", "factors"),
    [
        ("slope", "(Days | Subject)", ["Subject"]),
        ("slope", "~ (1 | Subject)", ["Subject"]),
        ("uncorrelated", "~(0 + Days | Subject)", ["Subject"]),
        ("crossed", "~ (1 | plate)", ["plate"]),
        ("crossed", "~ (1 | sample)", ["sample"]),
        ("nested", "(1 | batch)", ["batch"]),
        ("nested", "~(1 | batch:cask)", ["cask:batch"]),
    ],
)
def test_error_variance_of_some_of_the_terms_is_hendersons(name, part, factors):
    fit = model(name)
    kept = {f.name: f.name in factors for f in fit.frame.factors}
    effects = {
        f.name: np.array([kept[f.name] and (f.q == 1 or n in named_by(part)) for n in f.names])
        for f in fit.frame.factors
    }
    table = fit.predict(interval="confidence", re_form=part)
    np.testing.assert_allclose(table["se"] ** 2, error_variances(fit, effects), rtol=1e-6)


def test_no_random_terms_are_the_population():
    fit = model("nested")
    theirs = fit.predict(level="population", interval="prediction")
    for none in ("~0", "~ 0", "0", float("nan"), pd.NA, np.nan):
        pd.testing.assert_frame_equal(fit.predict(re_form=none, interval="prediction"), theirs)
    population = model("gls").predict(re_form="~0")
    np.testing.assert_array_equal(population, model("gls").predict())


def test_columns_of_factors_that_are_not_used_are_not_needed():
    fit = model("nested")
    rows = fit.frame.data[["batch"]]
    table = fit.predict(rows, re_form="(1|batch)", interval="prediction")
    mean = fit.predict(rows, re_form="(1|batch)", interval="confidence")
    cask = fit.covariances["cask:batch"].cov[0, 0]
    np.testing.assert_allclose(table["se"] ** 2 - mean["se"] ** 2, fit.sigma**2 + cask)
    with pytest.raises(hlm.DataError, match="no column 'cask'"):
        fit.predict(rows)
    with pytest.warns(HLMWarning, match="batch = zz"):
        new = fit.predict(pd.DataFrame({"batch": ["zz"]}), re_form="(1|batch)")
    assert new[0] == pytest.approx(fit.fixef.iloc[0])


@pytest.mark.parametrize(
    ("name", "wrong", "message"),
    [
        ("nested", {"re_form": "(1 | Batch)"}, "'Batch' is not a grouping factor .* 'cask:batch'"),
        ("nested", {"re_form": "(1 | cask)"}, "'cask' is not a grouping factor"),
        ("gls", {"re_form": "(1 | Subject)"}, "factors are: none"),
        (
            "intercept",
            {"re_form": "(Days | Subject)"},
            "'Days' is not a random effect of 'Subject'",
        ),
        ("slope", {"re_form": "(Dais | Subject)"}, "'Dais' is not a random effect"),
        ("slope", {"re_form": "~ Days + (1 | Subject)"}, "names predictors outside the bars"),
        ("slope", {"re_form": "~ ."}, "names predictors outside the bars"),
        ("slope", {"re_form": "~ Days"}, "names predictors outside the bars"),
        ("slope", {"re_form": "~1"}, "names no random term"),
        ("slope", {"re_form": True}, "re_form=True must be text"),
        ("slope", {"re_form": "(1|Subject)", "level": "population"}, "Give one of the two"),
        ("slope", {"re_form": "(1|Subject)", "interval": "prediction"}, "leaves some out"),
    ],
)
def test_random_terms_that_are_not_there_are_refused(name, wrong, message):
    with pytest.raises(hlm.ModelError, match=message):
        model(name).predict(**wrong)


@pytest.mark.parametrize("wrong", ["", "~", "(1 |", "(. | Subject)", "y ~ (1 | Subject)"])
def test_what_is_no_formula_of_random_terms_is_refused(wrong):
    with pytest.raises((hlm.FormulaError, hlm.ModelError)):
        model("slope").predict(re_form=wrong)


# -- degrees of freedom ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["gls", "intercept", "slope", "uncorrelated", "crossed"])
def test_df_of_the_populations_mean_are_those_of_its_coefficients(name):
    fit = model(name)
    rows = fit.frame.data.head(9)
    table = fit.predict(rows, "population", "confidence", ddf="satterthwaite")
    by_contrast = hlm.contrast(fit, fit.frame.X[:9], ddf="satterthwaite")
    np.testing.assert_allclose(table["df"], by_contrast["df"], rtol=1e-5)
    np.testing.assert_allclose(table["lower"], by_contrast["lower"], rtol=1e-6)


@pytest.mark.parametrize("name", ["intercept", "slope"])
def test_kenward_rogers_interval_of_the_populations_mean(name):
    fit = model(name)
    rows = fit.frame.data.head(9)
    table = fit.predict(rows, "population", "confidence", ddf="kenward-roger")
    by_contrast = hlm.contrast(fit, fit.frame.X[:9], ddf="kenward-roger")
    for column in ("se", "df", "lower", "upper"):
        np.testing.assert_allclose(table[column], by_contrast[column], rtol=1e-10)


def test_df_of_balanced_groups_are_satterthwaites_of_mean_squares():
    data, J, n = hlm.load("Dyestuff"), 6, 5
    groups = data.groupby("Batch", observed=True)["Yield"]
    B, W = n * groups.mean().var(), groups.var().mean()
    fit = hlm.lmer("Yield ~ 1 + (1 | Batch)", data)
    s = 1 - 1 / J
    cases = {  # the variance, and its derivatives by the two mean squares
        ("population", "confidence"): (B / (J * n), 1 / (J * n), 0),
        ("population", "prediction"): (
            B / (J * n) + B / n + W * (1 - 1 / n),
            (1 + 1 / J) / n,
            1 - 1 / n,
        ),
        ("group", "confidence"): (
            (W - s * W**2 / B) / n,
            s * (W / B) ** 2 / n,
            (1 - 2 * s * W / B) / n,
        ),
    }
    for (level, interval), (v, by_B, by_W) in cases.items():
        table = fit.predict(level=level, interval=interval, ddf="satterthwaite")
        var = 2 * (by_B * B) ** 2 / (J - 1) + 2 * (by_W * W) ** 2 / (J * (n - 1))
        np.testing.assert_allclose(table["se"] ** 2, v, rtol=1e-6)
        np.testing.assert_allclose(table["df"], 2 * v**2 / var, rtol=1e-5)
        half = stats.t.ppf(0.975, table["df"]) * table["se"]
        np.testing.assert_allclose(table["upper"] - table["fit"], half)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"ddf": "satterthwaite"}, "is about an interval"),
        ({"ddf": "kenward-roger", "interval": "confidence"}, "level='population' only"),
        (
            {"ddf": "kenward-roger", "interval": "prediction", "level": "population"},
            "Use ddf='satterthwaite'",
        ),
        ({"ddf": "inner-outer", "interval": "confidence"}, "ddf='inner-outer' is not known"),
    ],
)
def test_degrees_of_freedom_that_are_not_defined_are_refused(wrong, message):
    with pytest.raises(hlm.ModelError, match=message):
        model("slope").predict(**wrong)
