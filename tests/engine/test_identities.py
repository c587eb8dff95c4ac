"""The criterion against the textbook's: log-density with V = sigma^2 (I + Z Lambda Lambda' Z')."""

import numpy as np
import pandas as pd
import pytest

import hlmteach as hlm
from hlmteach.engine.columns import PROBES
from hlmteach.engine.solve import evaluate
from tests.engine.textbook import best_by_brute_force, textbook_deviance


def small_data(seed: int, groups: int = 6) -> pd.DataFrame:
    """Unbalanced groups of 1 to 7 rows, whose effects may vary strongly, a little, or not."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 8, groups).astype(np.intp)
    sizes[0] = 7
    g = np.repeat(np.arange(groups), sizes)
    x, w = rng.normal(3 * rng.normal(), 1, len(g)), rng.normal(size=len(g))
    h = rng.integers(0, 4, len(g))
    u = rng.normal(size=(groups, 3)) * rng.choice([0, 0.05, 0.3, 1, 5], 3)
    y = 1 + x + u[g, 0] + u[g, 1] * x + u[g, 2] * w + rng.normal(size=len(g))
    y = y + rng.normal(size=4)[h] * rng.choice([0, 1])
    return pd.DataFrame({"y": y, "x": x, "w": w, "g": g, "h": h})


FORMULAS = [
    "y ~ x + (1 | g)",
    "y ~ x + (x | g)",
    "y ~ x + (x || g)",
    "y ~ 0 + x + (0 + x | g)",
    "y ~ x + w + (x + w || g)",
    "y ~ x + (1 | g) + (1 | h)",
    "y ~ x + (x | h) + (1 | g)",
    "y ~ 1 + (1 | g / h)",
]


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("reml", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_textbook_likelihood_and_nothing_is_higher(formula, reml, seed):
    fit = hlm.lmer(formula, small_data(seed), REML=reml)
    value = textbook_deviance(fit, fit.theta)
    assert -2 * fit.loglik == pytest.approx(value, abs=1e-8)
    assert value <= best_by_brute_force(fit, seed) + 2e-6
    assert fit.converged


@pytest.mark.parametrize("reml", [False, True])
def test_three_correlated_effects(reml):
    fit = hlm.lmer("y ~ x + w + (x + w | g)", small_data(11, groups=12), REML=reml)
    value = textbook_deviance(fit, fit.theta)
    assert -2 * fit.loglik == pytest.approx(value, abs=1e-8)
    assert value <= best_by_brute_force(fit, 11) + 2e-6


def test_three_effects_of_three_groups_have_several_optima():
    data = pd.DataFrame(
        {  # the three lowest places of the grid lead to tops that are lower by 2
            "g": [0] + 3 * [1] + 8 * [2],
            "x": [0.13, -1.52, -0.52, 0.37, 1.76, -2.07, 0.11, 0.81, 0.11, -0.78, -1.68, 0.74],
            "w": [0.59, -0.93, 0.74, 0.93, 0.61, -0.43, 0.07, -2.26, -0.25, -0.75, -0.76, 0.74],
            "y": [1.87, 17.61, -15.97, -18.55, 0.07, -1.86, 0, 22.13, 4.81, 3.45, 2.53, -2.11],
        }
    )
    fit = hlm.lmer("y ~ w + (x + w | g)", data, REML=False)
    assert fit.deviance == pytest.approx(49.984167, abs=1e-5)


@pytest.mark.parametrize("formula", ["y ~ x + (x | g)", "y ~ x + (1 | g) + (1 | h)"])
@pytest.mark.parametrize("reml", [False, True])
def test_the_gradient_is_the_criterions_slope(formula, reml):
    fit = hlm.lmer(formula, small_data(3), REML=reml)
    theta = np.random.default_rng(0).normal(size=(1, len(fit.theta)))
    here = evaluate(fit.design, fit.response, theta, reml, order=2)
    h = 1e-6
    for k, e in enumerate(np.eye(theta.shape[1])):
        up = evaluate(fit.design, fit.response, theta + h * e, reml, order=2)
        down = evaluate(fit.design, fit.response, theta - h * e, reml, order=2)
        slope = (up.value[0] - down.value[0]) / (2 * h)
        assert here.gradient[0, k] == pytest.approx(slope, rel=1e-6, abs=1e-6)
        if here.hessian is not None:
            row = (up.gradient[0] - down.gradient[0]) / (2 * h)
            np.testing.assert_allclose(here.hessian[0, k], row, rtol=1e-6, atol=1e-5)


def test_theta_zero_is_least_squares():
    data = small_data(5)
    at_zero = hlm.lmer("y ~ x + (1 | g)", data, REML=False).at(sd=0.0)
    ols = hlm.gls("y ~ x", data, method="ML")
    at_zero = at_zero.at(sd=0.0, sigma=ols.sigma)
    np.testing.assert_allclose(at_zero.fixef, ols.fixef, rtol=1e-12)
    assert at_zero.loglik == pytest.approx(ols.loglik, abs=1e-10)


def test_the_balanced_one_way_layout_is_the_analysis_of_variance():
    dyestuff = hlm.load("Dyestuff")
    fit = hlm.lmer("Yield ~ 1 + (1 | Batch)", dyestuff)
    groups = dyestuff.groupby("Batch", observed=True)["Yield"]
    within, between = groups.var().mean(), 5 * groups.mean().var()
    assert fit.sigma**2 == pytest.approx(within, rel=1e-10)
    assert fit.varcorr["variance"][0] == pytest.approx((between - within) / 5, rel=1e-8)


def test_at_the_fits_own_parameters_is_the_fit():
    fit = hlm.lmer("Reaction ~ Days + (Days | Subject)", hlm.load("sleepstudy"), REML=False)
    again = fit.at()
    assert again.loglik == pytest.approx(fit.loglik, abs=1e-9)
    np.testing.assert_allclose(again.se, fit.se, rtol=1e-9)
    assert fit.at(sd=(20, 5)).loglik < fit.loglik


def test_fitted_is_fixed_plus_random_and_modes_are_the_conditional_mean():
    data = small_data(2)
    fit = hlm.lmer("y ~ x + (x | g) + (1 | h)", data, REML=False)
    V, cross = np.eye(fit.n_obs) * fit.sigma**2, {}
    for factor in fit.frame.factors:
        same = factor.codes[:, None] == factor.codes
        V += np.where(same, factor.Z @ fit.covariances[factor.name].cov @ factor.Z.T, 0)
        one_hot = np.eye(factor.n_levels)[factor.codes]
        cross[factor.name] = np.einsum(
            "nj,nq,qr->jrn", one_hot, factor.Z, fit.covariances[factor.name].cov
        )
    r = np.linalg.solve(V, fit.y - fit.frame.X @ fit.fixef)
    total = fit.frame.X @ fit.fixef.to_numpy()
    for factor in fit.frame.factors:
        expected = cross[factor.name] @ r
        np.testing.assert_allclose(fit.ranef[factor.name], expected, atol=1e-9)
        total = total + (factor.Z * expected[factor.codes]).sum(axis=1)
        prior = fit.covariances[factor.name].cov
        C = cross[factor.name]
        spread = prior - np.einsum("jan,nm,jbm->jab", C, np.linalg.inv(V), C)
        np.testing.assert_allclose(fit.ranef_variance[factor.name], spread, atol=1e-9)
    np.testing.assert_allclose(fit.fitted, total, atol=1e-9)


def test_columns_alike_in_the_rows_first_looked_at_are_told_apart():
    """Columns are compared in a few rows first: two that agree there may differ elsewhere."""
    data = small_data(3, groups=30)
    looked_at = np.linspace(0, len(data) - 1, PROBES, dtype=int)
    data.loc[looked_at, "w"] = data.loc[looked_at, "x"]
    fit = hlm.lmer("y ~ x + (0 + w | g)", data, REML=False)
    assert -2 * fit.loglik == pytest.approx(textbook_deviance(fit, fit.theta), abs=1e-8)
    other = hlm.lmer("y ~ x + (0 + x | g)", data, REML=False)
    assert abs(fit.loglik - other.loglik) > 1


@pytest.mark.parametrize("seed", [1, 2])
def test_the_digits_of_several_factors_do_not_depend_on_where_the_search_began(seed):
    data = small_data(seed, groups=12)
    fit = hlm.lmer("y ~ x + (x | g) + (1 | h)", data)
    again = fit.refit(fit.y[::-1]).refit(fit.y)
    np.testing.assert_allclose(again.theta, fit.theta, rtol=1e-9, atol=1e-9)
