"""Studies by simulation: known rates within Monte Carlo error, and the algebra behind them."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy import stats

import hlmteach as hlm
from hlmteach.engine.crossprod import response
from hlmteach.engine.fit import fit_model
from hlmteach.engine.rearrange import pooled
from hlmteach.inference.simulation.plan import (
    contained_df,
    fix_coefficient,
    single_level,
    with_fixef,
)
from hlmteach.inference.simulation.replicates import refit_many
from hlmteach.inference.studies.sample import Sample


@cache
def sleep(effects="Days", reml=False):
    return hlm.lmer(f"Reaction ~ Days + ({effects} | Subject)", hlm.load("sleepstudy"), REML=reml)


@cache
def pastes():
    return hlm.lmer("strength ~ 1 + (1 | batch/cask)", hlm.load("Pastes"), REML=False)


def within(rate, expected, n, errors=4.0):
    """Whether a simulated rate may have this expectation: four Monte Carlo standard errors."""
    return abs(rate - expected) < errors * np.sqrt(expected * (1 - expected) / n) + 1e-12


# -- published and exact rates ---------------------------------------------------------------


def test_three_groups_cover_as_often_as_the_corrections_say():
    model2 = hlm.lmer("Satisfaction ~ 1 + (1|Time)", hlm.load("HLM"), REML=False)
    study = hlm.coverage(model2, n=20_000, seed=3)
    published = {"ols": 0.55, "wald_ml": 0.79, "wald_reml": 0.84, "t": 0.98}
    for method, rate in published.items():
        # 400,000 samples give .546, .783, .833, .979; the published rates are rounded, and have a
        # Monte Carlo error of about .01 themselves.
        assert study.rate(method=method) == pytest.approx(rate, abs=0.018)


def test_ignoring_clusters_covers_as_the_design_effect_says():
    # The mean of balanced groups: its variance is the design effect times what OLS believes.
    groups, size, icc = 40, 25, 0.1
    planned = hlm.plan(groups, size, beta=0, sd_u=np.sqrt(icc), sigma=np.sqrt(1 - icc))
    study = hlm.coverage(planned, methods=["ols", "t"], n=20_000, seed=1)
    believed = 1 - icc * (size - 1) / (groups * size - 1)  # the mean of the OLS variance
    exact = stats.norm.cdf(1.96 * np.sqrt(believed / (1 + (size - 1) * icc))) * 2 - 1
    assert study.rate(method="ols") == pytest.approx(exact, abs=0.015)
    assert within(study.rate(method="t"), 0.95, 20_000)


def test_ratio_of_a_variance_with_ten_groups():
    planned = hlm.plan(n_groups=10, n_per_group=1000, beta=0, sd_u=0, reml=False)
    law = hlm.null_lrt(planned, n=20_000, seed=4)
    # ML finds no variance when SSB / J <= SSW / (n - J): an F with 9 and 9,990 df below 10/9.
    assert within(law.share_zero, stats.f.cdf(10 / 9, 9, 9990), 20_000)
    assert law.share_zero == pytest.approx(0.65, abs=0.015)
    assert law.naive_rate == pytest.approx(0.011, abs=0.003)
    assert law.naive_rate < law.mixture_rate < 0.05
    assert law.critical_value < stats.chi2.ppf(0.90, 1)


def test_many_groups_reach_the_mixture():
    planned = hlm.plan(n_groups=400, n_per_group=5, beta=0, sd_u=0, reml=True)
    law = hlm.null_lrt(planned, n=4_000, seed=1)
    assert within(law.share_zero, 0.5, 4_000, errors=6)
    assert within(law.mixture_rate, 0.05, 4_000)
    assert law.weights == {0: 0.5, 1: 0.5}
    positive = law.ratio[law.ratio > 0]
    assert stats.kstest(positive, stats.chi2(1).cdf).pvalue > 1e-3


@pytest.mark.parametrize("predictor", ["group", "row"])
def test_the_mixed_model_keeps_its_level(predictor):
    study = hlm.type1(30, 10, (0.1, 0.3), predictor, n=5_000, seed=1)
    for icc in (0.1, 0.3):
        assert within(study.rate(icc=icc, method="t"), 0.05, 5_000)


def test_ignoring_clusters_errs_by_icc_and_size():
    study = hlm.type1(20, (5, 50), (0.0, 0.2), "group", n=3_000, seed=1, methods="ols")
    rates = study.table.set_index(["n_per_group", "icc"])["rate"]
    assert within(rates[5, 0.0], 0.05, 3_000)
    assert within(rates[50, 0.0], 0.05, 3_000)
    for size in (5, 50):
        inflation = np.sqrt(1 + (size - 1) * 0.2)
        assert rates[size, 0.2] == pytest.approx(2 * stats.norm.sf(1.96 / inflation), abs=0.03)


def test_power_is_the_noncentral_t():
    # A level-2 predictor with balanced groups is a regression of J group means.
    planned = hlm.plan(25, 8, sd_u=0.8, sigma=1, x_sd=(1, 0), seed=1)
    x = planned.frame.X[::8, 1]
    se = np.sqrt((0.8**2 + 1 / 8) / ((x - x.mean()) ** 2).sum())
    study = hlm.power(planned, "x", effects=(0.0, 0.3, 0.6), n=10_000, seed=2)
    limit = stats.t.ppf(0.975, 23)
    for effect in (0.0, 0.3, 0.6):
        exact = stats.nct.sf(limit, 23, effect / se) + stats.nct.cdf(-limit, 23, effect / se)
        assert within(study.rate(effect=effect), exact, 10_000)


def test_power_at_the_effect_of_the_fit_by_default():
    study = hlm.power(sleep(), "Days", methods=("t", "profile"), n=300, seed=1)
    assert study.table["effect"].unique() == pytest.approx(sleep().fixef["Days"])
    assert study.rate(method="t") > 0.95


@pytest.mark.parametrize("term", ["(Intercept)", "Days"])
def test_coverage_with_a_varying_slope(term):
    study = hlm.coverage(sleep(), term, n=4_000, seed=1, methods=("t", "ols", "profile"))
    assert within(study.rate(method="t"), 0.95, 4_000)
    assert within(study.rate(method="profile"), 0.95, 4_000, errors=6)
    assert study.rate(method="ols") < study.rate(method="profile")


def test_studies_with_several_factors():
    study = hlm.coverage(pastes(), n=60, seed=1, methods=("t", "profile"))
    assert study.rate(method="t") > 0.8
    assert study.rate(method="profile") > 0.8


def test_null_law_of_a_second_variance():
    data = hlm.plan(150, 10, sd_u=0.8, seed=1).frame.data
    small, large = (hlm.lmer(f"y ~ x + ({e} | group)", data, REML=False) for e in "1x")
    law = hlm.null_lrt(large, small, n=1_500, seed=1)
    assert law.weights == {1: 0.5, 2: 0.5}
    assert within(law.mixture_rate, 0.05, 1_500)
    assert law.naive_rate < law.mixture_rate


def test_an_observed_ratio_counts_as_one_sample():
    small = sleep("1")
    law = hlm.null_lrt(sleep(), small, n=200, seed=1)
    assert law.p_value(2 * (sleep().loglik - small.loglik)) == pytest.approx(1 / 201)
    assert law.p_value(0.0) == 1.0


def test_null_law_without_known_weights():
    planned = hlm.plan(12, 6, sd_u=(0.5, 0.5), seed=1, reml=False)
    law = hlm.null_lrt(planned, n=200, seed=1)
    assert law.weights == {}
    assert np.isnan(law.mixture_rate)
    assert law.df == 3


# -- the algebra behind them -----------------------------------------------------------------


def test_a_plan_has_exactly_its_parameters():
    planned = hlm.plan(12, [3, 4, 5] * 4, (10, -2), sd_u=(3, 1.5), rho=-0.4, sigma=2.5)
    np.testing.assert_allclose(planned.fixef, [10, -2], rtol=1e-10)
    np.testing.assert_allclose(planned.covariances["group"].sd, [3, 1.5], rtol=1e-10)
    assert planned.covariances["group"].corr[0, 1] == pytest.approx(-0.4)
    assert planned.sigma == 2.5
    assert planned.n_obs == 48


@pytest.mark.parametrize("fit", [sleep, pastes], ids=["one factor", "nested"])
def test_moving_the_coefficients_moves_nothing_else(fit):
    fit = fit()
    target = fit.fixef.to_numpy() + np.arange(1, 1 + len(fit.fixef))
    moved = with_fixef(fit, target)
    np.testing.assert_allclose(moved.fixef, target)
    anew = moved.refit(moved.y)
    np.testing.assert_allclose(anew.fixef, target, rtol=1e-6)
    np.testing.assert_allclose(anew.theta, fit.theta, atol=1e-5)
    assert moved.loglik == pytest.approx(fit.loglik, abs=1e-9)
    np.testing.assert_allclose(moved.resid, fit.resid, atol=1e-8)
    np.testing.assert_allclose(
        moved.response.SS, anew.response.SS * (anew.y_scale / fit.y_scale) ** 2
    )


@pytest.mark.parametrize("fit", [sleep, pastes], ids=["one factor", "nested"])
@pytest.mark.parametrize("reml", [False, True])
def test_clusters_taken_out_leave_least_squares(fit, reml):
    fit = fit()
    fixed = fit.formula.split("+ (")[0].removesuffix("+ ")
    flat, plain = single_level(fit, reml), fit_model(fixed, fit.frame.data, reml=reml, verb="gls")
    assert flat.loglik == pytest.approx(plain.loglik, abs=1e-8)
    np.testing.assert_allclose(flat.fixef, plain.fixef, rtol=1e-8)
    np.testing.assert_allclose(flat.se, plain.se, rtol=1e-8)
    drawn = hlm.draw(fit, 5, seed=1)
    assert refit_many(flat, pooled(fit.design, drawn)).sigma.shape == (5,)


@pytest.mark.parametrize("k", [0, 1])
@pytest.mark.parametrize("value", [0.0, 9.0, 260.0])
def test_a_coefficient_held_at_a_value(k, value):
    # The same model fitted to y less the held column times its value, without that column.
    fit = sleep("1")
    X, data = fit.frame.X, fit.frame.data
    held, left = fix_coefficient(fit.design, fit.response, k, value)
    ours = refit_many(replace(fit, design=held), left)
    formula = ("y ~ 0 + Days + (1 | Subject)", "y ~ 1 + (1 | Subject)")[k]
    plain = hlm.lmer(formula, data.assign(y=fit.y - value * X[:, k]), REML=False)
    assert ours.loglik[0] == pytest.approx(plain.loglik, abs=1e-7)


def test_p_values_are_those_of_the_single_fits():
    fit = sleep("1")
    Y = hlm.simulate(fit, 3, seed=1)
    sample = Sample(fit, response(fit.design, Y))
    z = sample.p_value(1, 10.0, "wald_reml", 17)
    assert not {"ml", "ols"} & vars(sample).keys()  # a test fits what it asks for, and no more
    ratio = sample.p_value(1, 10.0, "profile", 17)
    data = fit.frame.data
    for b, y in enumerate(Y):
        one = hlm.lmer("y ~ Days + (1 | Subject)", data.assign(y=y))
        assert z[b] == pytest.approx(
            2 * stats.norm.sf(abs(one.fixef["Days"] - 10) / one.se["Days"])
        )
        ml = hlm.lmer("y ~ Days + (1 | Subject)", data.assign(y=y), REML=False)
        null = hlm.lmer("y ~ 1 + (1 | Subject)", data.assign(y=y - 10 * data.Days), REML=False)
        assert ratio[b] == pytest.approx(stats.chi2.sf(2 * (ml.loglik - null.loglik), 1), abs=1e-7)


def test_containment_degrees_of_freedom():
    assert contained_df(sleep()).tolist() == [17, 17]
    assert contained_df(sleep("1")).tolist() == [17, 180 - 18 - 1]
    planned = hlm.plan(10, 5, x_sd=(1, 0))
    assert contained_df(planned).tolist() == [8, 8]
    assert contained_df(single_level(planned)).tolist() == [48, 48]


# -- results and refusals --------------------------------------------------------------------


def test_a_study_prints_its_question_and_names_its_rows():
    study = hlm.coverage(sleep(), "Days", n=50, seed=1, methods=["t", "ols"])
    assert repr(study).startswith("Coverage of 95 % intervals for Days (50 samples each)")
    assert list(study.table) == ["method", "covered", "rate", "se"]
    assert (study.table["se"] > 0).all()
    assert study.rate(method="t") == study.table["covered"][0] / 50
    with pytest.raises(hlm.ModelError, match="2 rows of the table"):
        study.rate()
    with pytest.raises(hlm.ModelError, match="0 rows of the table"):
        study.rate(method="profile")


def test_a_null_law_prints_its_rates():
    law = hlm.null_lrt(sleep("1"), n=50, seed=1)
    assert "ratio is 0" in repr(law)
    assert law.table["rate"].between(0, 1).all()
    assert (law.table["se"] > 0).all()


def test_the_same_seed_gives_the_same_study():
    one, two = (hlm.type1(8, 5, 0.1, n=40, seed=9).table for _ in range(2))
    assert one.equals(two)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: hlm.coverage(sleep(), "Hours"), "'Hours' is no coefficient"),
        (lambda: hlm.coverage(sleep(), level=95), "level=95 must lie between 0 and 1"),
        (lambda: hlm.coverage(sleep(), methods="bayes"), "'bayes' is not known"),
        (lambda: hlm.coverage(sleep(), n=0), "n=0 must be a positive whole number"),
        (lambda: hlm.power(sleep(), "Days", alpha=0), "alpha=0 must lie between 0 and 1"),
        (lambda: hlm.type1(icc=1.0), "icc=1.0 is a share of variance"),
        (lambda: hlm.type1(predictor="school"), "predictor='school' is not known"),
        (lambda: hlm.null_lrt(sleep(), n=-5), "n=-5 must be a positive whole number"),
        (lambda: hlm.null_lrt(sleep(), sleep(reml=True)), "one by ML and one by REML"),
    ],
)
def test_impossible_studies_are_refused(call, message):
    with pytest.raises(hlm.ModelError, match=message):
        call()
