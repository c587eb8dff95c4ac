"""Every snippet of R that is shown was run by R, as it stands, and its numbers are ours."""

from functools import cache, partial

import numpy as np
import pytest

import hlmteach as hlm
from tests.reference import shown
from tests.widgets.agreement import rates_that_disagree, unsaid

KEPT = shown.record()
snippets = cache(shown.snippets)  # made by whoever runs the tests, not by all who collect them
each_snippet = pytest.mark.parametrize("id", KEPT["snippets"])

# Results that R's snippet does not print: what only the picture needs, what statsmodels says, and
# what follows in one step from what it does print.
NOT_IN_R = {
    "AICLedger": ("delta_", "misfit_"),
    "AICLedger, variables only": ("aic_",),  # another count of parameters, on purpose
    "DataInspector": ("at_end",),
    "Diagnostics": (
        "at_end",
        "groups",
        "highest",
        "lowest",
        "middle",
        "quarter",
        "skewness",
        "three_quarters",
        "u_",
    ),
    "EngineCompare": ("loglik_s", "sd_s", "se_s", "sigma_s"),
    "EquationExplorer": ("part_",),
    "ICCDial": ("as_ratio", "design_effect", "with_sds"),
    "LikelihoodClimber": ("gap",),
    "PoolingExplorer": ("kept", "loglik_lost", "repeats_"),
    "ProfileExplorer": ("cut", "wald_"),
    "RandomInterceptAnimator": ("kept_",),
    # nlme stops before the maximum of the tutorial's Model 4, as the widget says
    "RandomSlopeAnimator": ("ratio", "rho", "sd_"),
    "Reshaper": ("mean", "rows_long"),
    "SimpleSlopes": ("corr", "limit_", "ratio_both"),
}
CLOSE = 1e-5  # nlme stops earlier than we do
LOOSER = {
    "EquationExplorer": 1e-4,  # lme4's small sd, beside a correlation of -1
    "GrowthFan": 1e-3,  # lme4 stops a little before the top of the restricted likelihood
    "TwoLevels": 1e-3,  # the same
    "ProfileExplorer": 1e-3,  # lme4 interpolates its profiles by splines
    "RandomInterceptAnimator, simulated": 2e-5,  # nlme, a little before the top
    "RandomSlopeAnimator": 2e-3,  # Model 4 has a flat top: nlme and lme4 stop somewhere on it
    "ModelBuilder with a slope": 2e-3,
    "ModelBuilder with products and a slope": 2e-3,
}


def test_r_ran_each_snippet_and_none_that_is_shown_no_more():
    assert list(snippets()) == list(KEPT["snippets"]), "Run `make r`."


@each_snippet
def test_r_ran_what_is_shown(id):
    assert shown.as_recorded(id, snippets()[id], KEPT), f"{id}: not as R ran it. Run `make r`."
    assert KEPT["snippets"][id]["problem"] == ""


@each_snippet
def test_its_numbers_are_ours(id):
    snippet, numbers = snippets()[id], np.array(KEPT["snippets"][id]["numbers"], float)
    widget = id.partition(",")[0].partition(" with")[0]
    if snippet.results is None:
        assert loglikelihoods_are_ours(numbers)
    elif snippet.studies:
        assert rates_that_disagree(widget, snippet.results, snippet.code, numbers) == []
    else:
        excused = NOT_IN_R.get(widget, ()) + NOT_IN_R.get(id, ())
        near = partial(there, close=LOOSER.get(id, LOOSER.get(widget, CLOSE)))
        assert unsaid(snippet.results, numbers, excused, near) == {}


def there(numbers, value, close) -> bool:
    """Whether R said a number; what is not in a model is 0 here, and not there in R."""
    return not value or bool((np.abs(numbers - value) <= close * max(abs(value), 1e-3)).any())


def loglikelihoods_are_ours(numbers) -> bool:
    """Whether each log-likelihood that a lesson's or the sheet's R gives is one of the course's."""
    theirs = numbers[(numbers < -3200) & (numbers > -3300)]
    near = np.abs(theirs[:, None] - course_loglikelihoods()) <= CLOSE * np.abs(theirs[:, None])
    return bool(near.any(axis=1).all())


@cache
def course_loglikelihoods() -> np.ndarray:
    data = hlm.load("HLM")
    fits = [hlm.gls(f"Satisfaction ~ {x}", data, method=m) for x, m in PLAIN]
    fits += [
        hlm.lme(f"Satisfaction ~ {x}", data, random=f"~{z}|Time", method="ML") for x, z in MIXED
    ]
    fits += [hlm.lme("Satisfaction ~ NPD", data, random="~1|Time", method="REML")]
    return np.array([fit.loglik for fit in fits])


PLAIN = [("1", "ML"), ("1", "REML"), ("NPD", "ML"), ("Time", "ML")]
MIXED = [("1", "1"), ("NPD", "1"), ("NPD", "NPD"), ("NPD * BPD", "1")]
