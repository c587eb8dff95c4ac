"""The picture of growth, by its artists' data."""

import numpy as np
import pytest

import hlmteach as hlm
from hlmteach.inference.variance.occasions import implied, observed
from hlmteach.views.growth import GrowthPicture, GrowthView


def seen(**changes):
    times = np.arange(4.0)
    known = {
        "labels": ("time", "y"),
        "x": np.tile(times, 2),
        "y": np.arange(8.0),
        "zero": 0.0,
        "overall": np.array([1.0, 2.0]),
        "lines": np.array([[0.0, 1.0], [2.0, 3.0]]),
        "times": times,
        "reach": np.array([1.0, 2.0, 3.0, 4.0]),
        "what": "sd at each time",
        "model": np.array([1.0, 2.0, 3.0, 4.0]),
        "other": np.full(4, 2.5),
        "data": np.array([1.0, 1.9, 3.2, 4.1]),
        "other_name": "parallel lines",
    }
    return GrowthPicture(**known | changes)


@pytest.fixture
def view():
    view = GrowthView()
    view.update(seen())
    return view


def test_each_line_is_a_persons(view):
    x = np.array(view.left.get_xlim())
    for segment, (intercept, slope) in zip(view.lines.get_segments(), seen().lines, strict=True):
        assert segment[:, 1] == pytest.approx(intercept + slope * x)
    assert view.overall.get_ydata() == pytest.approx(1 + 2 * x)


def test_the_band_reaches_as_far_as_it_should(view):
    corners = view.band.get_paths()[0].vertices
    assert corners[:4, 1] == pytest.approx([0, 1, 2, 3])
    assert corners[4:8, 1] == pytest.approx([11, 8, 5, 2])


def test_at_the_right_the_data_and_both_models(view):
    assert view.data.get_offsets()[:, 1] == pytest.approx([1.0, 1.9, 3.2, 4.1])
    assert list(view.model.get_ydata()) == [1, 2, 3, 4]
    assert list(view.other.get_ydata()) == [2.5] * 4
    assert view.names["other"].get_text() == "╍ parallel\n   lines"
    assert view.right.get_ylim()[0] == 0


def test_names_stand_where_lines_end_and_apart(view):
    ends = {name: text.get_position()[1] for name, text in view.names.items()}
    assert ends["other"] == pytest.approx(2.5, abs=0.05)
    assert ends["model"] < ends["data"]
    assert (ends["model"] + ends["data"]) / 2 == pytest.approx((4 + 4.1) / 2, abs=0.1)
    figure = view.figure
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in view.names.values()]
    assert all(box.x0 > view.right.bbox.x1 and box.x1 < figure.bbox.x1 for box in boxes)
    assert not any(a.overlaps(b) for a in boxes for b in boxes if a is not b)


def test_a_negative_correlation_is_seen(view):
    view.update(seen(what="correlation with first", model=np.array([np.nan, 0.4, 0.1, -0.3])))
    assert view.right.get_ylim()[0] < -1


def test_limits_stay_while_they_will_do(view):
    before = view.left.get_ylim()
    view.update(seen(lines=np.array([[0.5, 1.0], [2.0, 2.5]])))
    assert view.left.get_ylim() == before
    view.tidy()
    view.update(seen(y=np.full(8, 40.0)))
    assert view.left.get_ylim()[1] >= 40


def test_clear_leaves_the_rows_alone(view):
    view.clear()
    assert len(view.lines.get_segments()) == 0
    assert len(view.data.get_offsets()) == 0
    assert len(view.model.get_xdata()) == len(view.overall.get_xdata()) == 0
    assert len(view.dots.get_offsets()) == 8
    assert {text.get_text() for text in view.names.values()} == {""}


# -- what is shown ---------------------------------------------------------------------------------


def test_occasions_of_the_model_are_the_covariance_of_many_draws():
    data = hlm.load("sleepstudy")
    fit = hlm.lmer("Reaction ~ Days + (Days | Subject)", data)
    Y = hlm.simulate(fit, n=4000, seed=1).reshape(4000, 18, 10).reshape(-1, 10)
    told = implied(fit, np.arange(10))
    assert told.sd == pytest.approx(Y.std(axis=0), rel=0.015)
    assert told.corr == pytest.approx(np.corrcoef(Y.T), abs=0.02)


def test_parallel_lines_correlate_alike_at_all_occasions():
    fit = hlm.lmer("Reaction ~ Days + (1 | Subject)", hlm.load("sleepstudy"))
    told = implied(fit, np.arange(10))
    assert np.ptp(told.sd) < 1e-9
    assert told.corr[np.triu_indices(10, 1)] == pytest.approx(np.full(45, hlm.icc(fit)))


def test_occasions_of_the_data_leave_out_what_is_missing():
    times, who = [0, 1, 0, 1, 0, 1, 0], [1, 1, 2, 2, 3, 3, 4]
    found = observed([1.0, 2.0, 2.0, 4.0, 3.0, 3.0, 6.0], times, who)
    assert found.sd == pytest.approx([np.std([1, 2, 3, 6], ddof=1), 1.0])
    assert found.corr[0, 1] == pytest.approx(0.5)
