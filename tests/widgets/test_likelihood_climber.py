"""LikelihoodClimber: the point, the hill and the numbers are those of Model 1's likelihood."""

import numpy as np
import pytest
from scipy.stats import norm

import hlmteach as hlm


@pytest.fixture
def widget():
    made = hlm.widgets.LikelihoodClimber()
    yield made
    made.close()


def test_the_numbers_are_model_1s(widget):
    model1 = hlm.gls("Satisfaction ~ 1", data=hlm.load("HLM"), method="ML")
    assert widget.results["best"] == pytest.approx(model1.loglik, abs=1e-9)
    assert widget.results["mean"] == pytest.approx(model1.fixef.iloc[0], abs=1e-9)
    assert widget.results["sd"] == pytest.approx(model1.sigma, abs=1e-9)


def test_a_slider_moves_the_curve_and_the_point(widget):
    widget.controls["mean"].value = 5.5
    widget.controls["sd"].value = 0.6
    y = hlm.load("HLM")["Satisfaction"]
    assert widget.results["loglik"] == pytest.approx(norm(5.5, 0.6).logpdf(y).sum(), abs=1e-6)
    assert widget.view.here.get_xydata().tolist() == [[5.5, 0.6]]
    curve = widget.view.curve.get_ydata()
    np.testing.assert_allclose(curve, norm(5.5, 0.6).pdf(widget.view.grid), rtol=1e-9)


def test_the_climb_never_goes_down_and_ends_on_the_top(widget):
    path = widget.compute(widget.state).path
    y = hlm.load("HLM")["Satisfaction"]
    heights = hlm.normal_loglik(y, path[:, 0], path[:, 1])
    assert np.all(np.diff(heights) >= 0)
    assert heights[-1] == pytest.approx(-3269.945, abs=5e-4)


def test_fewer_rows_make_a_flatter_hill(widget):
    gap = widget.results["gap"]
    widget.set(rows=20)
    assert widget.results["gap"] < gap / 20


def test_an_sd_that_is_not_positive_is_refused():
    with pytest.raises(hlm.DataError, match="must be positive; it is 0"):
        hlm.normal_loglik([1, 2], 0, 0)
    with pytest.raises(hlm.DataError, match="empty"):
        hlm.normal_loglik([], 0, 1)
