"""Intervals of repeated studies, against confint one study at a time and against coverage."""

import numpy as np
import pytest

import hlmteach as hlm
from hlmteach.errors import ModelError
from hlmteach.inference.simulation.simulate import draw
from hlmteach.inference.studies.repeated import Intervals, intervals
from hlmteach.inference.studies.sample import METHODS, Sample


@pytest.fixture(scope="module")
def truth():
    return hlm.plan(6, 8, beta=5.0, sd_u=0.5, sigma=1.0, reml=False)


@pytest.mark.parametrize("method", METHODS)
def test_an_interval_covers_when_the_test_does_not_reject(truth, method):
    found = intervals(truth, 400, seed=3, method=method)
    p = Sample(truth, draw(truth, 400, 3)).p_value(0, 5.0, method, 5.0)
    assert np.array_equal(found.covers, p >= 0.05)


def test_profile_limits_are_confints(truth):
    Y = hlm.simulate(truth, n=4, seed=1)
    fits = [truth.refit(y) for y in Y]
    for fit in fits:
        sample = Sample(fit, fit.response)
        assert sample.ml.fixef[0, 0] == pytest.approx(fit.fixef.iloc[0])
        low, high = hlm.confint(fit, parm="(Intercept)").iloc[0]
        for value in (low, high):
            assert sample.likelihood_ratio(0, value)[0] == pytest.approx(1.959964**2, abs=1e-5)


@pytest.mark.parametrize("method", ["wald_reml", "profile"])
def test_lopsided_limits_leave_out_what_they_say(method):
    many = hlm.plan(200, 5, beta=0.0, sd_u=0.5, sigma=1.0)
    found = intervals(many, 3000, seed=1, method=method, below=0.01, above=0.04)
    assert found.truth_below.mean() == pytest.approx(0.01, abs=0.006)
    assert found.truth_above.mean() == pytest.approx(0.04, abs=0.012)
    assert found.coverage == pytest.approx(0.95, abs=0.013)


def test_runs_add_up(truth):
    one, two = intervals(truth, 5, seed=1), intervals(truth, 3, seed=2)
    both = one + two
    assert len(both) == 8
    assert np.array_equal(both.low, np.concatenate([one.low, two.low]))
    assert both.truth == one.truth == pytest.approx(5.0)


def test_the_margin_is_never_nothing():
    all_hit = Intervals(np.zeros(10), np.full(10, -1.0), np.ones(10), 0.0)
    assert all_hit.coverage == 1
    assert 0 < all_hit.margin < 0.3


@pytest.mark.parametrize("shares", [(0.0, 0.05), (0.05, 0.5), (-0.1, 0.2)])
def test_impossible_shares(truth, shares):
    with pytest.raises(ModelError, match="each must be more than 0"):
        intervals(truth, 5, below=shares[0], above=shares[1])


def test_an_unknown_method(truth):
    with pytest.raises(ModelError, match="'bootstrap' is not known"):
        intervals(truth, 5, method="bootstrap")
