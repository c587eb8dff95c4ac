"""A model without fixed columns (y ~ 0 + ...) is fitted like any other, or refused in words."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

import hlmteach as hlm
from tests.engine.textbook import best_by_brute_force, textbook_deviance

FORMULAS = ["y ~ 0 + (1 | g)", "y ~ -1 + (x | g)", "y ~ 0 + (x || g)", "y ~ 0 + (1 | g) + (1 | h)"]
each_formula = pytest.mark.parametrize("formula", FORMULAS)
each_method = pytest.mark.parametrize("reml", [False, True])


@cache
def data() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    g, h = np.repeat(np.arange(7), 6), np.tile(np.arange(6), 7)
    x = rng.normal(1, 1, 42)
    u = rng.normal(size=(7, 2))
    y = u[g, 0] + 0.5 * u[g, 1] * x + 0.7 * rng.normal(size=6)[h] + rng.normal(size=42)
    return pd.DataFrame({"y": y, "x": x, "g": g, "h": h})


@each_formula
@each_method
def test_it_is_the_textbook_likelihood_and_nothing_is_higher(formula, reml):
    fit = hlm.lmer(formula, data(), REML=reml)
    value = textbook_deviance(fit, fit.theta)
    assert -2 * fit.loglik == pytest.approx(value, abs=1e-8)
    assert reml or value <= best_by_brute_force(fit, 1) + 2e-6  # REML is ML here: see below
    assert fit.n_params == len(fit.theta) + 1
    assert fit.aic == pytest.approx(value + 2 * fit.n_params, abs=1e-8)
    assert (len(fit.fixef), len(fit.se), fit.vcov.shape) == (0, 0, (0, 0))


@each_formula
def test_without_coefficients_reml_is_ml(formula):
    ml, reml = (hlm.lmer(formula, data(), REML=m) for m in (False, True))
    assert ml.loglik == pytest.approx(reml.loglik, abs=1e-9)
    assert ml.sigma == pytest.approx(reml.sigma, rel=1e-7)


@each_formula
def test_what_is_computed_from_it(formula):
    fit = hlm.lmer(formula, data(), REML=False)
    again = fit.refit(2 * fit.y)
    assert again.loglik == pytest.approx(fit.loglik - 42 * np.log(2), abs=1e-8)
    Y = hlm.simulate(fit, 3, seed=1)
    many = hlm.refit_many(fit, Y).loglik
    np.testing.assert_allclose(many, [fit.refit(y).loglik for y in Y], atol=1e-7)
    np.testing.assert_allclose(hlm.predict(fit, data()), fit.fitted, atol=1e-9)
    assert not hlm.predict(fit, data(), level="population").any()
    assert np.isfinite(hlm.confint(fit).to_numpy()).all()
    with_one = hlm.lmer(formula.replace("0", "1").replace("-1", "1"), data(), REML=False)
    ratio = hlm.anova(fit, with_one)["L.Ratio"].iloc[1]
    assert ratio == pytest.approx(2 * (with_one.loglik - fit.loglik), abs=1e-8)


def test_lme4s_numbers():
    # lme4 1.1-31: lmer(Reaction ~ 0 + (1 | Subject), sleepstudy), and its confint().
    fit = hlm.lmer("Reaction ~ 0 + (1 | Subject)", hlm.load("sleepstudy"), REML=False)
    assert round(fit.loglik, 4) == -992.8398
    assert round(fit.aic, 4) == 1989.6797
    assert (round(fit.varcorr["sd"][0], 2), round(fit.sigma, 2)) == (300.51, 44.26)
    limits = [[223.61889, 433.75260], [39.84457, 49.55319]]
    np.testing.assert_allclose(hlm.confint(fit), limits, rtol=2e-4)  # lme4 interpolates
    assert "Fixed effects" not in str(hlm.summary(fit))
    assert str(fit).splitlines()[-1] == "No fixed effect coefficients"


def test_least_squares_on_nothing():
    fit = hlm.gls("y ~ 0", data(), method="ML")
    y = data().y.to_numpy()
    assert fit.sigma == pytest.approx(np.sqrt((y**2).mean()))
    assert (fit.n_params, fit.df_resid) == (1, 42)
    np.testing.assert_array_equal(fit.resid, y)
    for text in (str(fit), str(hlm.summary(fit)), fit._repr_html_()):
        assert "No fixed coefficients" in text
    lower, upper = hlm.confint(fit).to_numpy()[0]
    assert lower < fit.sigma < upper


def test_what_has_no_meaning_is_refused():
    fit = hlm.lmer("y ~ 0 + (1 | g)", data())
    with pytest.raises(hlm.ModelError, match="no fixed coefficients, so there is no term to test"):
        hlm.anova(fit)
    with pytest.raises(hlm.ModelError, match="statsmodels needs at least one"):
        fit.to_statsmodels()
    with pytest.raises(hlm.ModelError, match=r"different fixed effects \(none; \(Intercept\)\)"):
        hlm.anova(fit, hlm.lmer("y ~ 1 + (1 | g)", data()))
