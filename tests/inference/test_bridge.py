"""The bridge to statsmodels: it stays at our optimum, and is told where it stopped short."""

import warnings

import numpy as np
import pandas as pd
import pytest

import hlmteach as hlm

sm = pytest.importorskip("statsmodels.api")
smf = pytest.importorskip("statsmodels.formula.api")

MODELS = [
    ("sleepstudy", "Reaction ~ Days + (Days | Subject)", "Subject"),
    ("sleepstudy", "Reaction ~ Days + (Days || Subject)", "Subject"),
    ("HLM", "Satisfaction ~ NPD * BPD + (1 | Time)", "Time"),
    ("Orthodont", "distance ~ age * Sex + (1 | Subject)", "Subject"),
]


def mixedlm(formula, re_formula=None, method=None, reml=False):
    """Fit the tutorial's data as a user of statsmodels would; its warnings are its own."""
    data = hlm.load("HLM")
    data = data.assign(Time=data.Time.astype(str))
    model = smf.mixedlm(formula, data, groups="Time", re_formula=re_formula)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(reml=reml, **({} if method is None else {"method": method}))


@pytest.mark.parametrize(("data", "formula", "group"), MODELS)
@pytest.mark.parametrize("reml", [False, True])
def test_statsmodels_stays_at_our_optimum(data, formula, group, reml):
    fit = hlm.lmer(formula, hlm.load(data), REML=reml)
    result = fit.to_statsmodels()
    assert result.llf == pytest.approx(fit.loglik, abs=1e-8)
    np.testing.assert_allclose(result.fe_params, fit.fixef, rtol=1e-8)
    assert list(result.fe_params.index) == list(fit.fixef.index)
    np.testing.assert_allclose(result.cov_re, fit.covariances[group].cov, rtol=1e-6, atol=1e-10)
    assert result.scale == pytest.approx(fit.sigma**2)
    # statsmodels takes its standard errors from the Hessian with the variances in it.
    np.testing.assert_allclose(result.bse_fe, fit.se, rtol=1e-3)


def test_a_fit_without_groups_becomes_least_squares():
    data = hlm.load("HLM")
    fit = hlm.gls("Satisfaction ~ NPD", data)
    result = fit.to_statsmodels()
    assert isinstance(result.model, sm.OLS)
    np.testing.assert_allclose(result.params, fit.fixef)
    np.testing.assert_allclose(result.bse, fit.se)


@pytest.mark.parametrize(
    ("fit", "message"),
    [
        (
            lambda: hlm.lmer("Yield ~ 1 + (1 | Batch)", hlm.load("Dyestuff2")),
            "This fit is singular",
        ),
        (
            lambda: hlm.lmer("strength ~ 1 + (1 | batch/cask)", hlm.load("Pastes")),
            "cask:batch and batch; statsmodels' MixedLM takes one",
        ),
        (
            lambda: hlm.lmer("Satisfaction ~ 1 + (1 | Time)", hlm.load("HLM")).at(sd=1.0),
            r"evaluated by \.at\(\)",
        ),
    ],
    ids=["singular", "several factors", "not fitted"],
)
def test_what_statsmodels_cannot_hold_is_said(fit, message):
    with pytest.raises(hlm.ModelError, match=message):
        fit().to_statsmodels()


def test_an_optimiser_that_leaves_is_caught(monkeypatch):
    from statsmodels.regression.mixed_linear_model import MixedLM

    wandering = MixedLM.fit
    monkeypatch.setattr(
        MixedLM, "fit", lambda self, start_params, **rest: wandering(self, method="cg", maxiter=1)
    )
    fit = hlm.lmer("Satisfaction ~ 1 + (1 | Time)", hlm.load("HLM"), REML=False)
    with pytest.raises(hlm.ModelError, match="did not stay at this fit's maximum"):
        fit.to_statsmodels()


# -- and back --------------------------------------------------------------------------------


def test_the_default_optimiser_stops_short_on_model_2():
    result = mixedlm("Satisfaction ~ 1")
    assert np.sqrt(result.cov_re.iloc[0, 0]) == pytest.approx(0.111, abs=0.0005)
    check = hlm.from_statsmodels(result)
    assert check.stopped_short
    assert check.our_loglik == pytest.approx(-3263.7746, abs=1e-4)
    assert check.at_theirs == pytest.approx(result.llf, abs=1e-6)
    assert check.gap == pytest.approx(check.our_loglik - result.llf, abs=1e-6)
    assert "stopped short" in repr(check)
    assert check.fit.covariances["group"].sd[0] == pytest.approx(0.066, abs=0.0005)


def test_an_infinite_likelihood_is_none():
    check = hlm.from_statsmodels(mixedlm("Satisfaction ~ 1", method="lbfgs"))
    assert check.their_loglik == np.inf
    assert check.stopped_short
    assert check.at_theirs < check.our_loglik
    assert "reports a log-likelihood of inf" in repr(check)


def test_a_good_optimiser_is_confirmed():
    check = hlm.from_statsmodels(mixedlm("Satisfaction ~ NPD", method="powell"))
    assert not check.stopped_short
    assert abs(check.gap) < 1e-4
    assert "reached the maximum" in repr(check)


@pytest.mark.parametrize("reml", [False, True])
def test_a_slope_that_is_singular(reml):
    check = hlm.from_statsmodels(mixedlm("Satisfaction ~ NPD", "~NPD", "powell", reml))
    own = hlm.lmer("Satisfaction ~ NPD + (NPD | Time)", hlm.load("HLM"), REML=reml)
    assert check.our_loglik == pytest.approx(own.loglik, abs=1e-8)
    assert list(check.fit.fixef.index) == ["(Intercept)", "NPD"]
    assert check.fit.frame.factors[0].names == ("(Intercept)", "NPD")
    assert check.stopped_short


@pytest.mark.parametrize(("data", "formula", "group"), [MODELS[0], MODELS[3]])
def test_there_and_back(data, formula, group):
    fit = hlm.lmer(formula, hlm.load(data))
    check = hlm.from_statsmodels(fit.to_statsmodels())
    assert not check.stopped_short
    assert check.our_loglik == pytest.approx(fit.loglik, abs=1e-8)
    np.testing.assert_allclose(check.fit.fixef, fit.fixef, rtol=1e-6)
    with pytest.raises(hlm.ModelError, match="made from arrays"):
        check.fit.predict(fit.frame.data)


def test_other_results_are_refused():
    data = hlm.load("HLM")
    with pytest.raises(hlm.ModelError, match="takes what MixedLM"):
        hlm.from_statsmodels(smf.ols("Satisfaction ~ NPD", data).fit())
    with pytest.raises(hlm.ModelError, match="takes what MixedLM"):
        hlm.from_statsmodels(pd.DataFrame())
    pastes = hlm.load("Pastes").astype({"batch": str, "cask": str})
    nested = smf.mixedlm("strength ~ 1", pastes, groups="batch", vc_formula={"cask": "0 + C(cask)"})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = nested.fit()
    with pytest.raises(hlm.ModelError, match="variance components"):
        hlm.from_statsmodels(result)
