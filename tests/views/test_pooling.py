import numpy as np
import pytest

import hlmteach as hlm
from hlmteach.inference.variance.pooling import at_pooling, pooling_curve
from hlmteach.views.pooling import PoolingPicture, PoolingView, step_up
from hlmteach.views.shrinkage import read_shrinkage


@pytest.fixture(scope="module")
def model():
    return hlm.lmer("Satisfaction ~ 1 + (1 | Time)", hlm.load("HLM"), REML=False)


def picture(model, kept=None, repeats=(), true_sd=np.nan):
    fit = model if kept is None else at_pooling(model, kept)
    factor = model.frame.factors[0]
    shrinkage = read_shrinkage(fit, factor.codes, factor.levels)
    curve, sd = pooling_curve(model, 0.3), float(model.varcorr["sd"].iloc[0])
    pair = curve.sd, curve.likelihood
    means = shrinkage.overall + shrinkage.own
    return PoolingPicture(shrinkage, means, sd, pair, np.array(repeats), true_sd, 0.2, 0.3)


def heights(view):
    return [segment[0, 1] for segment in view.levels.get_segments()]


def test_complete_pooling_puts_all_on_the_overall_line(model):
    view, shown = PoolingView(), picture(model, 0.0)
    view.update(shown)
    assert heights(view) == pytest.approx([shown.shrinkage.overall] * 3)
    assert view.overall.get_ydata() == pytest.approx([5.087982] * 2)
    assert view.now.get_offsets()[0, 0] == 0


def test_no_pooling_puts_each_on_its_own_mean(model):
    view, shown = PoolingView(), picture(model, 1.0)
    view.update(shown)
    assert heights(view) == pytest.approx(shown.means, abs=1e-4)
    assert view.own.get_offsets()[:, 1] == pytest.approx([4.99392761, 5.15329891, 5.13348855])
    assert view.now.get_offsets()[0, 0] == 0.3


def test_the_likelihood_is_highest_at_the_models_choice(model):
    view, shown = PoolingView(), picture(model)
    view.update(shown)
    sd, likelihood = shown.curve
    assert sd[np.argmax(likelihood)] == pytest.approx(shown.sd_model, abs=0.005)
    assert 0.99 < likelihood.max() <= 1 + 1e-9
    assert view.model.get_xdata() == [shown.sd_model] * 2
    assert view.truth_text.get_text() == ""


def test_repeated_estimates_become_bars(model):
    view = PoolingView()
    view.update(picture(model, repeats=[0.0, 0.0, 0.1, 9.0], true_sd=0.1))
    tops = [path.vertices[:, 1].max() for path in view.bars.get_paths()]
    assert max(tops) == tops[0] == 0.8
    assert tops[-1] == 0.4  # what lies beyond stands in the last bar
    assert view.truth_text.get_text() == "true: 0.1"
    assert view.heading.get_text() == "4 repeated studies"


def test_steps():
    assert step_up(0.3, (0.2, 0.4)) == 0.4
    assert step_up(9, (0.2, 0.4)) == 0.4
