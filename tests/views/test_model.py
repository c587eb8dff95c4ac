import pytest

import hlmteach as hlm
from hlmteach.views.model import ModelView, read_model


@pytest.fixture(scope="module")
def fit():
    return hlm.lmer("distance ~ age + Sex + (1 | Subject)", hlm.load("Orthodont"))


def test_slopes_without_the_intercept(fit):
    seen = read_model(fit)
    assert seen.names == ("age", "SexFemale")
    sd = fit.frame.X[:, 1:].std(axis=0)
    assert seen.slopes == pytest.approx(sd * fit.fixef.to_numpy()[1:])
    assert seen.slope_half == pytest.approx(1.959964 * sd * fit.se.to_numpy()[1:], rel=1e-6)


def test_intervals_reach_as_far_as_they_say(fit):
    view, seen = ModelView(), read_model(fit)
    view.update(seen)
    left, right = view.slope_legs.get_segments()[0]
    assert right[0] - left[0] == pytest.approx(2 * seen.slope_half[0])
    assert len(view.u_legs.get_segments()) == 27
    low, high = view.left.get_xlim()
    assert low < left[0]
    assert right[0] < high


def test_a_model_without_groups_says_so():
    view = ModelView()
    view.update(read_model(hlm.gls("Satisfaction ~ 1", hlm.load("HLM"))))
    assert view.note.get_text() == "no groups in this model"
    assert len(view.slopes.get_offsets()) == 0
