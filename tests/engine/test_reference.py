"""Every fit against R's: lme4's and nlme's values on the tutorial's data and the teaching sets."""

from functools import cache

import numpy as np
import pytest

from hlmteach.datasets import load
from hlmteach.engine.fit import fit_model
from tests.reference import TOLERANCE, names, reference, simulated_q3, table

MODELS = [name for name in names() if "lme4" in reference(name)]
WITH_NLME = [name for name in MODELS if "nlme" in reference(name)]
ONE_FACTOR = [name for name in MODELS if len(reference(name)["lme4"]["n_groups"]) == 1]
# Here nlme stops on its way to a singular fit, below lme4's maximum and ours.
NLME_SHORT = ["hlm_slope_ml", "hlm_slope_reml", "dyestuff2_ml", "dyestuff2_reml"]

each_model = pytest.mark.parametrize("name", MODELS)
each_nlme = pytest.mark.parametrize("name", [name for name in WITH_NLME if name not in NLME_SHORT])


def data_of(fixture):
    return simulated_q3() if fixture["data"] == "simulated_q3" else load(fixture["data"])


@cache
def ours(name, verb="lmer"):
    fixture = reference(name)
    reml = fixture["method"] == "REML"
    return fit_model(fixture["formula"], data_of(fixture), reml=reml, verb=verb)


def close(seen, expected, quantity):
    """Compare by the quantity's tolerance; an absolute one is in units of the largest value."""
    tolerance = TOLERANCE[quantity]
    expected = np.asarray(expected, float)
    unit = np.abs(expected).max(initial=0.0) or 1.0
    np.testing.assert_allclose(
        seen, expected, rtol=tolerance.relative, atol=tolerance.absolute * unit, err_msg=quantity
    )


def sds(fixture):
    """Collect lme4's sds by factor: `||` comes as Subject and Subject.1, one factor for us."""
    blocks = {}
    for name, block in fixture["lme4"]["varcorr"].items():
        blocks.setdefault(name.partition(".")[0], []).extend(block["sd"])
    return blocks


@each_model
def test_log_likelihood(name):
    # Never lower than R, and higher only by what R's own theta may be short of.
    r = reference(name)["lme4"]
    assert ours(name).loglik == pytest.approx(r["logLik"], abs=TOLERANCE["logLik"].absolute)
    assert ours(name).converged


@each_model
def test_information_criteria_and_counts(name):
    fit, r = ours(name), reference(name)["lme4"]
    tolerance = TOLERANCE["information"].absolute
    assert fit.aic == pytest.approx(r["AIC"], abs=tolerance)
    assert fit.bic == pytest.approx(r["BIC"], abs=tolerance)
    assert fit.n_params == r["df"]
    assert fit.n_obs == r["n_obs"]
    assert fit.df_resid == r["df_resid"]
    assert fit.n_groups == r["n_groups"]


@each_model
def test_criterion_is_named_by_its_method(name):
    fit, criterion = ours(name), reference(name)["lme4"]["criterion"]
    seen = fit.reml_criterion if fit.reml else fit.deviance
    assert seen == pytest.approx(criterion, abs=TOLERANCE["information"].absolute)


@each_model
def test_fixed_effects_and_their_names(name):
    fit, r = ours(name), reference(name)["lme4"]
    assert list(fit.fixef.index) == list(r["fixef"])
    off = (fit.fixef - list(r["fixef"].values())) / list(r["se"].values())
    assert off.abs().max() < TOLERANCE["fixef"].absolute


@each_model
def test_standard_errors_and_covariances(name):
    fit, r = ours(name), reference(name)["lme4"]
    close(fit.se, list(r["se"].values()), "se")
    scale = np.outer(fit.se, fit.se)
    np.testing.assert_allclose(fit.vcov / scale, table(r["vcov"]) / scale, rtol=0, atol=1e-5)


@each_model
def test_variances(name):
    fit, fixture = ours(name), reference(name)
    close(fit.sigma, fixture["lme4"]["sigma"], "sigma")
    for factor, expected in sds(fixture).items():
        close(fit.covariances[factor].sd, expected, "sd")
    assert fit.is_singular == fixture["lme4"]["is_singular"]


@each_model
def test_correlations(name):
    for factor, block in reference(name)["lme4"]["varcorr"].items():
        q = len(block["sd"])
        if q > 1 and min(block["sd"]) > 0:
            close(ours(name).covariances[factor].corr, block["corr"], "corr")


@pytest.mark.parametrize("name", ONE_FACTOR)
def test_theta_is_counted_as_lme4_counts_it(name):
    close(ours(name).theta, reference(name)["lme4"]["theta"], "sd")


@each_model
def test_modes_and_coefficients_of_the_groups(name):
    fit, r = ours(name), reference(name)["lme4"]
    for factor, modes in r["ranef"].items():
        expected = table(modes)
        seen = fit.ranef[factor]
        assert list(seen.columns) == list(expected.columns)
        assert len(seen) == len(expected)
        for column in expected:
            close(seen[column], expected[column], "ranef")
        close(
            fit.coef[factor][list(expected.columns)],
            table(r["coef"][factor])[list(expected.columns)],
            "ranef",
        )


@pytest.mark.parametrize("name", [name for name in MODELS if not name.startswith("hlm")])
def test_groups_stand_in_the_order_of_r(name):
    for factor, modes in reference(name)["lme4"]["ranef"].items():
        assert ours(name).ranef[factor].index.astype(str).tolist() == modes["rows"]


@each_model
def test_conditional_variances_of_the_modes(name):
    fit, r = ours(name), reference(name)["lme4"]
    for factor, expected in r["cond_var"].items():
        if "uncorrelated" in name:
            # lme4 gives the variances alone, effect by effect.
            expected = np.array(expected)[:, :, 0, 0]
            seen = np.diagonal(fit.ranef_variance[factor], axis1=1, axis2=2).T
        else:
            seen = fit.ranef_variance[factor]
        close(seen, expected, "cond_var")


@each_model
def test_fitted_values_and_residuals(name):
    fit, r = ours(name), reference(name)["lme4"]
    quantiles = np.quantile(fit.resid_scaled, [0, 0.25, 0.5, 0.75, 1])
    close(quantiles, list(r["scaled_residuals"].values()), "residuals")
    if r["fitted"] is not None:
        close(fit.fitted, r["fitted"], "residuals")
    np.testing.assert_allclose(fit.fitted + fit.resid, fit.frame.y, rtol=1e-12)


@each_nlme
def test_nlme_conventions(name):
    fit, r = ours(name, "lme"), reference(name)["nlme"]
    tolerance = TOLERANCE["information"].absolute
    assert fit.loglik == pytest.approx(r["logLik"], abs=TOLERANCE["logLik"].absolute)
    assert fit.aic == pytest.approx(r["AIC"], abs=tolerance)
    assert fit.bic == pytest.approx(r["BIC"], abs=tolerance)
    close(fit.se, table(r["table"])["Std.Error"], "nlme")
    close(fit.sigma, r["sigma"], "nlme")
    quantiles = np.quantile(fit.resid_scaled, [0, 0.25, 0.5, 0.75, 1])
    close(quantiles, list(r["scaled_residuals"].values()), "nlme")


@pytest.mark.parametrize("name", NLME_SHORT)
def test_never_below_nlme_where_it_stops_short(name):
    assert ours(name).loglik > reference(name)["nlme"]["logLik"]


@pytest.mark.parametrize("name", ["hlm_mean_ml", "hlm_mean_reml"])
def test_gls_without_random_effects(name):
    fit, r = ours(name, "gls"), reference(name)["nlme"]
    assert fit.loglik == pytest.approx(r["logLik"], abs=TOLERANCE["logLik"].absolute)
    assert fit.aic == pytest.approx(r["AIC"], abs=TOLERANCE["information"].absolute)
    assert fit.bic == pytest.approx(r["BIC"], abs=TOLERANCE["information"].absolute)
    close(fit.fixef, list(r["fixef"].values()), "nlme")
    close(fit.se, table(r["table"])["Std.Error"], "nlme")
    assert fit.n_params == r["df"]


@pytest.mark.parametrize("name", [name for name in WITH_NLME if "uncorrelated" not in name])
def test_the_formula_may_be_written_as_nlme_writes_it(name):
    fixture = reference(name)
    reml = fixture["method"] == "REML"
    fit = fit_model(
        fixture["fixed"], data_of(fixture), random=fixture["random"], reml=reml, verb="lme"
    )
    assert fit.loglik == pytest.approx(ours(name).loglik, abs=1e-10)


def test_model_4_evaluated_where_nlme_stopped():
    # All digits of the parameters that the tutorial prints rounded.
    r = reference("hlm_slope_printed")["nlme"]
    block = r["varcorr"]["Time"]
    fit = ours("hlm_slope_ml", "lme").at(sd=block["sd"], corr=block["corr"], sigma=r["sigma"])
    assert fit.loglik == pytest.approx(r["logLik"], abs=TOLERANCE["logLik"].absolute)
    close(fit.se, table(r["table"])["Std.Error"], "nlme")
    off = (fit.fixef - list(r["fixef"].values())) / fit.se
    assert off.abs().max() < TOLERANCE["fixef"].absolute
    close(fit.ranef["Time"], r["ranef"]["Time"]["values"], "ranef")
    quantiles = np.quantile(fit.resid_scaled, [0, 0.25, 0.5, 0.75, 1])
    close(quantiles, list(r["scaled_residuals"].values()), "residuals")


def test_the_likelihood_goes_higher_than_model_4_is_printed():
    gain = ours("hlm_slope_ml").loglik - reference("hlm_slope_printed")["nlme"]["logLik"]
    assert 2 * gain == pytest.approx(0.0691 - 0.000788, abs=1e-4)
    assert ours("hlm_slope_ml").is_singular
