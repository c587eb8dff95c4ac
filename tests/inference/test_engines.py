"""What other programs say of a fit, and the curve on which they stop."""

import numpy as np
import pytest

import hlmteach as hlm
from hlmteach.errors import ModelError
from hlmteach.inference.other_programs.engines import as_printed, by_statsmodels, likelihood_by_sd
from tests.conftest import not_in_a_browser


@pytest.fixture(scope="module", params=[False, True], ids=["ML", "REML"])
def model(request):
    return hlm.lmer("Satisfaction ~ NPD + (1|Time)", hlm.load("HLM"), REML=request.param)


def test_printed_standard_errors_follow_each_package(model):
    nlme, lme4 = as_printed(model, "nlme"), as_printed(model, "lme4")
    factor = 1.0 if model.reml else np.sqrt(2681 / 2679)
    assert nlme.se.to_numpy() == pytest.approx(factor * lme4.se.to_numpy(), rel=1e-12)
    assert nlme.loglik == lme4.loglik == model.loglik
    assert nlme.text.startswith("Linear mixed-effects model fit by")
    assert lme4.text.startswith("Linear mixed model fit by")


@not_in_a_browser
def test_statsmodels_reaches_the_same_top_by_powell(model):
    theirs = by_statsmodels(model, "powell")
    assert theirs.loglik == pytest.approx(model.loglik, abs=1e-3)
    assert theirs.sd == pytest.approx(float(model.covariances["Time"].sd[0]), rel=1e-2)
    assert theirs.fixef["NPD"] == pytest.approx(model.fixef["NPD"], rel=1e-4)
    assert "Mixed Linear Model Regression Results" in theirs.text


@not_in_a_browser
def test_statsmodels_never_beats_our_maximum(model):
    theirs = by_statsmodels(model)
    assert theirs.loglik <= model.loglik + 1e-6


def test_the_curve_has_its_top_at_the_fit(model):
    sd, loglik = likelihood_by_sd(model, 0.3, points=400)
    assert sd[0] == 0
    assert sd[-1] >= 0.3
    best = loglik.argmax()
    assert sd[best] == pytest.approx(float(model.covariances["Time"].sd[0]), abs=1e-3)
    assert loglik[best] == pytest.approx(model.loglik, abs=1e-4)
    assert loglik.max() <= model.loglik + 1e-9


def test_the_curve_begins_with_the_model_without_groups():
    data = hlm.load("HLM")
    flat = hlm.gls("Satisfaction ~ 1", data, method="ML")
    fit = hlm.lmer("Satisfaction ~ 1 + (1|Time)", data, REML=False)
    _, loglik = likelihood_by_sd(fit, 0.2)
    assert loglik[0] == pytest.approx(flat.loglik, abs=1e-8)


@not_in_a_browser
def test_only_one_random_intercept_can_be_compared():
    slopes = hlm.lmer("Reaction ~ Days + (Days|Subject)", hlm.load("sleepstudy"))
    with pytest.raises(ModelError, match="one random intercept"):
        by_statsmodels(slopes)
