"""CoverageStream against intervals and coverage called directly."""

import numpy as np
import pytest

import hlmteach as hlm
from hlmteach.inference.studies.repeated import intervals
from hlmteach.views.coverage import SHOWN_ROWS


@pytest.fixture
def widget():
    widget = hlm.widgets.CoverageStream()
    yield widget
    widget.close()


def model21():
    return hlm.lmer("Satisfaction ~ 1 + (1 | Time)", hlm.load("HLM"), REML=False)


def test_the_first_studies_are_those_of_intervals(widget):
    found = intervals(model21(), 100, np.random.default_rng([1, 0]), "wald_ml")
    assert widget.results["studies"] == 100
    assert widget.results["coverage"] == found.coverage
    assert widget._run.intervals.low == pytest.approx(found.low)


@pytest.mark.parametrize("method", ["ols", "wald_ml", "wald_reml", "t", "profile"])
def test_three_groups_cover_as_hlm_coverage_says(widget, method):
    widget.set(method=method)
    widget.add(3000)
    expected = hlm.coverage(model21(), methods=method, n=8000, seed=5).rate(method=method)
    assert widget.results["coverage"] == pytest.approx(expected, abs=0.03)


def drawn(lines):
    """Every row's interval (SHOWN_ROWS, 2, 2), nan where there is none."""
    return np.array([path.vertices for path in lines.get_paths()])


def test_misses_are_drawn_apart_from_hits(widget):
    found = widget._run.intervals
    last = slice(len(found) - SHOWN_ROWS, None)
    on = {n: np.isfinite(drawn(x)).all((1, 2)) for n, x in widget.view.lines.items()}
    assert on["hit"].sum() == found.covers[last].sum()
    assert on["high"].sum() == found.truth_below[last].sum()
    assert on["low"].sum() == found.truth_above[last].sum()
    assert np.sum(list(on.values()), axis=0).tolist() == [1] * SHOWN_ROWS


def test_a_study_keeps_its_row(widget):
    before = drawn(widget.view.lines["hit"])
    widget.add(1)
    after = drawn(widget.view.lines["hit"])
    changed = ~((before == after) | (np.isnan(before) & np.isnan(after))).all((1, 2))
    assert changed.sum() <= 1


def test_the_count_runs_up_to_now(widget):
    x, y = widget.view.running.get_data()
    assert (x[0], x[-1]) == (1, 100)
    assert y[-1] == widget.results["coverage"]
    (span,) = widget.view.margin.get_segments()
    assert np.ptp(span[:, 1]) / 2 == pytest.approx(widget.results["margin"])


def test_lopsided_limits(widget):
    widget.set(source="planned", groups=100, below=0.2, method="t")
    widget.add(5000)
    assert widget.results["too_high"] == pytest.approx(0.01, abs=0.005)
    assert widget.results["too_low"] == pytest.approx(0.04, abs=0.01)
    assert ("the limits", "0.01 and 0.96") in list(
        zip(widget.readout.labels, widget.readout.values, strict=True)
    )


def test_the_level_moves_the_promise(widget):
    widget.set(level=0.8)
    assert widget.view.promise.get_ydata()[0] == pytest.approx(0.8)
    assert widget.results["level"] == pytest.approx(0.8)


def test_a_planned_study_has_its_own_truth(widget):
    widget.set(source="planned", groups=5, size=10, icc=0.2)
    truth = widget._run.truth
    assert truth.fixef.iloc[0] == pytest.approx(5.0)
    assert truth.n_obs == 50
    assert hlm.icc(truth) == pytest.approx(0.2)
    assert widget.view.truth.get_xdata()[0] == pytest.approx(5.0)
