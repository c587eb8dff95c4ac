"""PowerPlanner against the power of a t test that is known."""

import numpy as np
import pytest
from scipy import stats

import hlmteach as hlm
from hlmteach.inference.studies.arms import draw_studies, two_arms
from hlmteach.widgets.planning import GROUPS, SIZES


def known(J, n, effect, icc):
    """Whole groups in two arms, all of one size: t on J - 2 df, of two samples of means."""
    far = effect / (2 * np.sqrt((icc + (1 - icc) / n) / J))
    edge = stats.t.isf(0.025, J - 2)
    return stats.nct.sf(edge, J - 2, far) + stats.nct.cdf(-edge, J - 2, far)


@pytest.fixture
def widget():
    widget = hlm.widgets.PowerPlanner()
    yield widget
    widget.close()


def test_counted_power_is_that_of_the_t_test(widget):
    widget.add(900)
    rates = widget._run.rates
    for s, n in enumerate(SIZES):
        expected = [known(J, n, 0.4, 0.1) for J in GROUPS]
        # few groups of few rows: a variance that is estimated as 0 makes the test more cautious
        assert rates[s] == pytest.approx(expected, abs=0.06)


def test_bars_are_twice_the_monte_carlo_error(widget):
    rate, margin = widget.results["power_20_20"], widget.results["margin_20_20"]
    assert margin == pytest.approx(2 * np.sqrt(rate * (1 - rate) / 100), rel=0.05)
    before = margin
    widget.add(300)
    assert widget.results["margin_20_20"] == pytest.approx(before / 2, rel=0.15)


def test_without_an_effect_power_is_the_level(widget):
    widget.set(effect=0.0, icc=0.3)
    widget.add(900)
    assert widget._run.rates[:, 3:] == pytest.approx(np.full((3, 5), 0.05), abs=0.03)


def test_more_rows_stop_helping_where_whole_groups_are_compared(widget):
    widget.set(icc=0.3)
    widget.add(400)
    r = widget.results
    assert r["power_20_80"] - r["power_20_20"] < 0.12
    assert r["power_40_5"] > r["power_20_80"]
    widget.set(level=1)
    widget.add(400)
    assert widget.results["power_20_20"] > 0.95


def test_points_stand_at_the_rates(widget):
    view, run = widget.view, widget._run
    for s, curve in enumerate(view.curves):
        assert list(curve.get_xdata()) == list(GROUPS)
        assert curve.get_ydata() == pytest.approx(run.rates[s])
    spans = np.array(view.spans.get_segments())
    assert np.diff(spans[..., 1])[:, 0] / 2 == pytest.approx(run.margins.ravel())
    assert view.count.get_text().startswith("100 studies per point")


def test_a_planned_study_has_the_variances_asked_for():
    planned = two_arms(10, 6, 1, 0.2)
    assert planned.varcorr["variance"].to_numpy() == pytest.approx([0.2, 0.8])
    assert planned.n_obs == 60


@pytest.mark.parametrize("level", [1, 2])
def test_studies_that_serve_every_effect_are_those_of_hlm_power(level):
    planned, effects = two_arms(14, 5, level, 0.2), (0.0, 0.3, 0.8)
    studies = draw_studies(planned, 300, seed=4)
    table = hlm.power(planned, "arm", effects=effects, n=300, seed=4).table
    assert [studies.found(effect) for effect in effects] == table["rejected"].tolist()


def test_the_same_seed_streams_the_same(widget):
    widget.add(100)
    once = dict(widget.results)
    widget.set(seed=2)
    assert widget.results["power_20_5"] != once["power_20_5"]
    widget.set(seed=1)
    widget.add(100)
    assert widget.results == once
