"""BoundaryTest against null_lrt called directly."""

import numpy as np
import pytest
from scipy.stats import chi2

import hlmteach as hlm
from hlmteach.views.null_law import EDGES, expected_shares


@pytest.fixture
def widget():
    widget = hlm.widgets.BoundaryTest()
    yield widget
    widget.close()


def test_the_first_batch_is_null_lrts(widget):
    planned = hlm.plan(n_groups=10, n_per_group=20, beta=0, sd_u=0, reml=False)
    law = hlm.null_lrt(planned, n=250, seed=np.random.default_rng([1, 0]))
    assert widget.results["studies"] == 250
    assert widget.results["zero"] == law.share_zero
    assert widget.results["naive"] == law.naive_rate
    assert widget.results["mixture"] == law.mixture_rate


def test_ten_groups_are_cautious(widget):
    widget.add(10_000)
    results = widget.results
    assert results["zero"] == pytest.approx(0.64, abs=0.02)
    assert results["naive"] == pytest.approx(0.011, abs=0.004)
    assert results["mixture"] == pytest.approx(0.025, abs=0.006)
    assert results["naive_margin"] < results["mixture_margin"] < 0.004


def test_many_groups_come_close_to_the_mixture(widget):
    widget.set(groups=200)
    widget.add(6000)
    assert widget.results["zero"] == pytest.approx(0.53, abs=0.025)
    assert widget.results["mixture"] == pytest.approx(0.043, abs=0.01)


def test_bars_are_the_shares(widget):
    ratio = widget._run.law.ratio
    heights = [path.vertices[:, 1].max() for path in widget.view.bars.get_paths()]
    assert heights[0] == (ratio == 0).mean()
    counts = np.histogram(ratio[ratio > 0], EDGES)[0]
    assert heights[1:] == pytest.approx(list(counts / len(ratio)))
    assert widget.view.zero_label.get_text() == f"{heights[0]:.0%}"


def test_lines_are_the_two_tables():
    shares = expected_shares()
    assert shares["naive"][0] == 0
    assert shares["mixture"][0] == 0.5
    assert shares["naive"][1:].sum() == pytest.approx(chi2.cdf(EDGES[-1], 1))
    assert shares["mixture"][1:] == pytest.approx(shares["naive"][1:] / 2)


def test_dots_stand_at_the_rates(widget):
    widget.add(2000)
    (naive,), (mixture,) = (dot.get_offsets() for dot in widget.view.dots)
    assert naive[0] == widget.results["naive"]
    assert mixture[0] == widget.results["mixture"]
    spans = np.array(widget.view.spans.get_segments())[:, :, 0]
    margins = [widget.results["naive_margin"], widget.results["mixture_margin"]]
    assert np.diff(spans).ravel() / 2 == pytest.approx(margins)


@pytest.mark.parametrize("level", [0.01, 0.05, 0.10])
def test_the_promise_moves_with_the_level(widget, level):
    widget.set(level=level)
    assert widget.view.wanted.get_xdata()[0] == level
    assert f"promised {level:.0%}" in widget.stage.status


def test_the_same_seed_streams_the_same(widget):
    widget.add(500)
    once = dict(widget.results)
    widget.set(seed=2)
    assert widget.results["critical"] != once["critical"]
    widget.set(seed=1)
    widget.add(500)
    assert widget.results == once
