"""confint: profile limits against a slow re-optimisation on the rows, and R's own numbers."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

import hlmteach as hlm
from hlmteach.engine.solve import evaluate
from hlmteach.errors import HLMWarning, ModelError
from hlmteach.inference.profiling import crossing
from tests.inference.textbook import Textbook
from tests.reference import TOLERANCE, names, reference, simulated_q3, table, tutorial_values

BY_ML = [name for name in names() if reference(name).get("lme4", {}).get("confint_profile")]
# lme4's optimiser is caught in a local optimum on this singular fit: ours lies lower.
LME4_CAUGHT = {"hlm_slope_ml": ".sig01"}
CUT = chi2.ppf(0.95, 1)


def data_of(fixture):
    return simulated_q3() if fixture["data"] == "simulated_q3" else hlm.load(fixture["data"])


@cache
def fitted(name):
    fixture = reference(name)
    return hlm.lmer(fixture["formula"], data_of(fixture), REML=fixture["method"] == "REML")


# -- the profile, exact ----------------------------------------------------------------------


def check_against_textbook(fit, limits, skip=()):
    """Step 1e-6 inside and outside of each limit: the deviance must cross the height between."""
    book = Textbook(fit.frame)
    assert fit.deviance == pytest.approx(book.deviance(start_of(fit, book)), abs=1e-9)
    height, starts = fit.deviance + CUT, starts_of(fit, book)
    for k, (name, row) in enumerate(limits.iterrows()):
        for value, side in zip(row, (-1, 1), strict=True):
            if (name, side) in skip:
                continue
            small = side * 1e-6 * max(1.0, abs(value))
            assert book.profile(k, value - small, starts) < height, (name, side)
            assert book.profile(k, value + small, starts) > height, (name, side)


def start_of(fit, book):
    """The fit's sds, correlations and sigma, in lme4's order."""
    pieces = []
    for f, i, j in book.random:
        vc = fit.covariances[f.name]
        pieces.append(vc.sd[i] if i == j else np.nan_to_num(vc.corr[i, j]))
    return np.array([*pieces, fit.sigma])


def starts_of(fit, book):
    here = start_of(fit, book)
    return [here, np.where(book.is_sd, 2 * here + 0.1 * fit.sigma, -here)]


QUICK = ["dyestuff_ml", "sleepstudy_intercept_ml"]
SLOW = ["sleepstudy_slope_ml", "sleepstudy_uncorrelated_ml", "orthodont_intercept_ml"]
SLOW += ["penicillin_ml"]


@pytest.mark.parametrize("name", QUICK)
def test_profile_limits_against_brute_force(name):
    check_against_textbook(fitted(name), hlm.confint(fitted(name)))


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_profile_limits_of_larger_models_against_brute_force(name):
    check_against_textbook(fitted(name), hlm.confint(fitted(name)))


def test_profile_limits_on_a_boundary_against_brute_force():
    fit = fitted("dyestuff2_ml")
    limits = hlm.confint(fit)
    assert limits.loc[".sig01", "2.5 %"] == 0.0
    check_against_textbook(fit, limits, skip={(".sig01", -1)})


def small_design(seed):
    """A few small groups with an intercept and a slope that may not vary, or vary together."""
    rng = np.random.default_rng(seed)
    J = int(rng.integers(4, 8))
    g = np.repeat(np.arange(J), rng.integers(3, 7, J).astype(np.intp))
    x = rng.normal(size=len(g))
    b = rng.normal(size=(J, 2)) * rng.choice([0.0, 0.3, 1.0], 2)
    y = 1 + 0.5 * x + b[g, 0] + b[g, 1] * x + rng.normal(size=len(g))
    return pd.DataFrame({"y": y, "x": x, "g": g.astype(str)})


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("formula", ["y ~ x + (1 | g)", "y ~ x + (x | g)", "y ~ 1 + (x || g)"])
def test_limits_of_small_random_designs_are_on_the_height(formula, seed):
    fit = hlm.lmer(formula, small_design(seed), REML=False)
    book = Textbook(fit.frame)
    starts = [*starts_of(fit, book), np.where(book.is_sd, 0.5 * fit.sigma, 0.0)]
    for k, (name, row) in enumerate(hlm.confint(fit).iterrows()):
        for value in row:
            if value == 0 or abs(value) == 1:
                continue
            # Brute force cannot end exactly at a correlation of 1, so it may stay a little above.
            excess = book.profile(k, value, starts) - fit.deviance - CUT
            assert -1e-7 < excess < 1e-3, name


def three_effects(seed):
    """A few groups with three correlated effects, whose profiles have several local optima."""
    rng = np.random.default_rng(seed)
    J = int(rng.integers(3, 10))
    g = np.repeat(np.arange(J), rng.integers(4, 9, J).astype(np.intp))
    x, z = rng.normal(size=(2, len(g)))
    b = rng.normal(size=(J, 3)) * rng.choice([0, 0.3, 1.0, 2.0], 3)
    b = b @ rng.normal(size=(3, 3)) if rng.random() < 0.3 else b
    y = 1 + 0.5 * x + b[g, 0] + b[g, 1] * x + b[g, 2] * z + rng.normal(size=len(g))
    return pd.DataFrame({"y": y, "x": x, "z": z, "g": g.astype(str)})


def test_the_highest_of_several_optima_is_found():
    # R's lmer, by bobyqa, Nelder_Mead and nloptwrap alike, ends at -46.6289094.
    fit = hlm.lmer("y ~ x + (x + z | g)", three_effects(190), REML=False)
    assert fit.loglik == pytest.approx(-46.3741274, abs=1e-7)


def test_a_limit_is_not_taken_where_one_local_optimum_gives_way_to_another():
    fit = hlm.lmer("y ~ x + (x + z | g)", three_effects(37), REML=False)
    low = hlm.confint(fit, parm=".sig05").loc[".sig05"].iloc[0]
    book = Textbook(fit.frame)
    assert low == pytest.approx(-0.8907542, abs=1e-6)
    # All the way from the estimate to the limit the textbook density is not below the height.
    points = hlm.profile(fit, parm=".sig05").table
    inside = points[(points["value"] > low) & (points["zeta"] < 0)]
    assert inside["value"].min() < -0.5
    for row in inside[[*(f".sig{i:02d}" for i in range(1, 7)), ".sigma"]].to_numpy(float):
        assert book.deviance(row) < fit.deviance + CUT


@pytest.mark.parametrize("name", BY_ML)
def test_a_limit_at_the_end_of_its_range_is_inside_the_height(name):
    fit = fitted(name)
    for parameter, row in hlm.confint(fit, parm="theta_").iterrows():
        if row.iloc[0] == 0:
            points = hlm.profile(fit, parm=parameter).table
            assert points["value"].iloc[0] == 0
            assert points["zeta"].iloc[0] ** 2 < CUT


# -- R's numbers -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", BY_ML)
def test_profile_limits_lie_where_lme4_interpolates_them(name):
    expected = table(reference(name)["lme4"]["confint_profile"])
    seen = hlm.confint(fitted(name))
    assert list(seen.index) == list(expected.index)
    assert list(seen.columns) == list(expected.columns)
    half = (expected.iloc[:, 1] - expected.iloc[:, 0]) / 2
    difference = (seen - expected).abs().div(half, axis=0)
    difference = difference.drop(index=LME4_CAUGHT.get(name, []))
    assert difference.to_numpy().max() < TOLERANCE["profile"].relative


@pytest.mark.parametrize("name", ["hlm_intercept_ml", "hlm_npd_ml", "dyestuff_ml", "dyestuff2_ml"])
def test_interpolated_limits_are_lme4s_own(name):
    expected = table(reference(name)["lme4"]["confint_profile"]).to_numpy()
    seen = hlm.confint(fitted(name), method="profile-lme4").to_numpy()
    np.testing.assert_allclose(seen, expected, rtol=1e-6)


def test_exact_limits_differ_from_the_printed_ones_by_interpolation_alone():
    printed = tutorial_values().query("table == 'confint(model2.1)'")["printed"].astype(float)
    seen = hlm.confint(fitted("hlm_intercept_ml"))
    assert [f"{x:.7f}" for x in seen.loc[".sigma"]] == ["0.7951820", "0.8389382"]
    assert np.abs(seen.to_numpy().ravel() - printed.to_numpy()).max() < 1e-5


def test_dyestuff2_upper_limit():
    assert hlm.confint(fitted("dyestuff2_ml")).loc[".sig01"].iloc[1] == pytest.approx(
        2.0840479, abs=5e-8
    )


@pytest.mark.parametrize("name", BY_ML)
def test_wald_limits(name):
    expected = table(reference(name)["lme4"]["confint_wald"]).to_numpy()
    seen = hlm.confint(fitted(name), method="wald").to_numpy()
    np.testing.assert_allclose(seen, expected, rtol=1e-5)
    assert np.isnan(seen[0]).all()


# nlme 3.1-162: intervals(lme(distance ~ age * Sex, Orthodont, ~ 1 | Subject, method = "ML"),
# which = "fixed")
NLME_LME = [
    [14.423652441260, 18.2575975587395],
    [0.632029283081, 0.9367207169194],
    [-2.075461450996, 4.1396659964506],
    [-0.543509413120, -0.0661496777886],
]
# nlme 3.1-162: intervals(gls(distance ~ age * Sex, Orthodont, method = "ML"))
NLME_GLS = [
    [13.532199288275, 19.149050711725],
    [0.534180552155, 1.034569447845],
    [-3.367855210678, 5.432059756132],
    [-0.696808912580, 0.087149821671],
]


def test_t_limits_as_nlme_has_them():
    data, formula = hlm.load("Orthodont"), "distance ~ age * Sex"
    mixed = hlm.lme(formula, data, random="~1|Subject", method="ML")
    seen = hlm.confint(mixed, method="t", ddf="inner-outer", parm="beta_")
    np.testing.assert_allclose(seen, NLME_LME, rtol=1e-7)
    single = hlm.gls(formula, data, method="ML")
    for rule in ("satterthwaite", "inner-outer"):
        seen = hlm.confint(single, method="t", ddf=rule, parm="beta_")
        np.testing.assert_allclose(seen, NLME_GLS, rtol=1e-9)


def test_t_limits_by_satterthwaite():
    fit = fitted("sleepstudy_slope_reml")
    half = 2.1098156 * fit.se["Days"]  # t's 97.5 % point on 17 degrees of freedom
    low, high = hlm.confint(fit, method="t", parm="Days").loc["Days"]
    assert (high - low) / 2 == pytest.approx(half, rel=1e-6)


# -- what does not matter, and what does ------------------------------------------------------


def test_reml_fits_are_profiled_by_ml():
    by_ml, by_reml = (hlm.confint(fitted(f"sleepstudy_slope_{m}")) for m in ("ml", "reml"))
    np.testing.assert_allclose(by_reml, by_ml, rtol=1e-8)


def test_gls_intervals_are_those_of_least_squares():
    fit = hlm.gls("Reaction ~ Days", hlm.load("sleepstudy"), method="ML")
    seen, n = hlm.confint(fit), fit.n_obs
    half = np.sqrt(n * np.expm1(CUT / n) * np.diag(fit.vcov))
    np.testing.assert_allclose(seen.loc["Days"], fit.fixef["Days"] + [-half[1], half[1]], rtol=1e-9)
    u = (fit.sigma / seen.loc[".sigma"]) ** 2
    np.testing.assert_allclose(n * (u - 1 - np.log(u)), CUT, rtol=1e-8)


def test_units_and_offsets_of_the_outcome():
    data = hlm.load("sleepstudy")
    moved = data.assign(Reaction=1e6 + 1e-3 * data["Reaction"])
    formula = "Reaction ~ Days + (Days | Subject)"
    first, second = (hlm.confint(hlm.lmer(formula, d, REML=False)) for d in (data, moved))
    back = second.sub([0, 0, 0, 0, 1e6, 0], axis=0).div([1e-3, 1, 1e-3, 1e-3, 1e-3, 1e-3], axis=0)
    np.testing.assert_allclose(back, first, rtol=1e-5)


def test_where_x_is_zero_does_not_change_other_parameters():
    data = hlm.load("sleepstudy")
    formula = "Reaction ~ Days + (Days | Subject)"
    here = hlm.confint(hlm.lmer(formula, data, REML=False))
    there = hlm.confint(hlm.lmer(formula, data.assign(Days=data["Days"] - 4.5), REML=False))
    same = [".sig03", ".sigma", "Days"]
    np.testing.assert_allclose(there.loc[same], here.loc[same], rtol=1e-7)


def test_a_correlation_with_an_effect_that_does_not_vary_may_be_anything():
    data = small_design(2)
    data["y"] = np.random.default_rng(2).normal(size=len(data))
    fit = hlm.lmer("y ~ x + (x | g)", data, REML=False)
    assert np.isnan(fit.covariances["g"].corr[1, 0])
    assert hlm.confint(fit, parm=".sig02").loc[".sig02"].tolist() == [-1.0, 1.0]


def test_asymmetric_limits_and_column_heads():
    fit = fitted("hlm_intercept_ml")
    seen = hlm.confint(fit, alpha_lower=0.01)
    assert list(seen.columns) == ["1 %", "96 %"]
    both = hlm.confint(fit, level=0.98).iloc[:, 0], hlm.confint(fit, level=0.92).iloc[:, 1]
    np.testing.assert_allclose(seen, np.column_stack(both), rtol=1e-9)
    assert list(hlm.confint(fit, level=0.999, method="wald").columns) == ["0.05 %", "99.95 %"]
    assert list(hlm.confint(fit, level=2 / 3, method="wald").columns) == ["16.7 %", "83.3 %"]


def test_parameters_are_chosen_by_either_name_or_by_group():
    fit = fitted("sleepstudy_slope_ml")
    every = hlm.confint(fit)
    pd.testing.assert_frame_equal(fit.confint(parm="Days"), every.loc[["Days"]])
    assert list(hlm.confint(fit, parm="theta_").index) == [".sig01", ".sig02", ".sig03", ".sigma"]
    assert list(hlm.confint(fit, parm=["cor_Days.(Intercept)|Subject"]).index) == [".sig02"]


# -- bootstrap --------------------------------------------------------------------------------


def test_bootstrap_limits_agree_with_lme4s_and_repeat_by_seed():
    # lme4: set.seed(1); confint(m, method = "boot", nsim = 2000), on the same REML fit.
    fit = fitted("sleepstudy_slope_reml")
    seen = hlm.confint(fit, method="boot", nsim=4000, seed=1)
    expected = {".sig01": (11.77, 35.66), ".sig03": (3.20, 8.30), ".sigma": (22.73, 28.53)}
    for name, limits in expected.items():
        width = limits[1] - limits[0]
        np.testing.assert_allclose(seen.loc[name], limits, atol=0.06 * width)
    again = hlm.confint(fit, method="boot", nsim=4000, seed=1)
    pd.testing.assert_frame_equal(seen, again)


def test_bootstrap_of_a_correlation_and_of_several_factors():
    fit = fitted("sleepstudy_slope_ml")
    low, high = hlm.confint(fit, method="boot", nsim=500, seed=2, parm=".sig02").loc[".sig02"]
    assert -1 <= low < 0.08 < high <= 1
    seen = hlm.confint(fitted("pastes_reml"), method="boot", nsim=39, seed=2)
    assert (seen.iloc[:, 0] < seen.iloc[:, 1]).all()
    assert (seen.iloc[:, 0] >= 0).all()


# -- what a student may get wrong ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"level": 95}, "level=95 must be a number between 0 and 1"),
        ({"level": "high"}, "level='high' must be a number"),
        ({"alpha_lower": 0.05}, "alpha_lower=0.05 must be a number between 0 and 0.05"),
        ({"alpha_lower": "low"}, "alpha_lower='low'"),
        ({"parm": "Day"}, "There is no parameter 'Day'.*has: .sig01, .sigma, .Intercept., Days"),
        ({"method": "Profil"}, "method='Profil' is not known.*'profile', 'profile-lme4', 'wald'"),
        ({"method": "t", "ddf": "KR"}, "ddf='KR' is not known"),
        ({"method": "boot", "nsim": 0}, "0"),
    ],
)
def test_complaints(arguments, message):
    with pytest.raises(ModelError, match=message):
        hlm.confint(fitted("sleepstudy_intercept_ml"), **arguments)


def test_a_fit_made_by_at_has_no_optimum_to_come_down_from():
    elsewhere = fitted("sleepstudy_intercept_ml").at(sd=30.0)
    for function in (hlm.confint, hlm.profile, hlm.satterthwaite):
        with pytest.raises(ModelError, match=r"evaluated with .at\(...\)"):
            function(elsewhere)


def test_a_fit_that_is_not_at_its_maximum_is_not_trusted():
    fit = fitted("sleepstudy_intercept_ml")
    theta = 3.0 * fit.white_theta
    elsewhere = replace(
        fit, white_theta=theta, solution=evaluate(fit.design, fit.response, theta[None], False)
    )
    with pytest.warns(HLMWarning, match="deviance lower than the fit's own by"):
        hlm.confint(elsewhere, parm="Days")


def test_limits_that_were_not_settled_are_named(monkeypatch):
    monkeypatch.setattr(crossing, "MOST_ROUNDS", 1)
    monkeypatch.setattr(crossing, "MOST_STEPS", 1)
    with pytest.warns(HLMWarning, match="limits of .sig01.* were not settled"):
        hlm.confint(fitted("hlm_intercept_ml"))
