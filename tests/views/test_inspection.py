"""The histograms: shares, means, labels and the end of the scale."""

import gc
import weakref

import numpy as np
import pytest

from hlmteach.views.inspection import CEILING, MOST_BARS, InspectionView

EDGES = np.arange(0.5, 7.0)
SHARES = np.array([[0.1, 0.1, 0.2, 0.2, 0.3, 0.1], [0.5, 0.5, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1.0]])


@pytest.fixture
def view():
    made = InspectionView()
    made.update("NPD", EDGES, SHARES, np.array([3.8, 1.5, 6.0]), ["a", "b", "c"], ceiling=5)
    return made


def test_bars_are_as_high_as_the_shares_and_the_rest_is_empty(view):
    for bars, shares in zip(view.bars, SHARES, strict=True):
        heights = [bar.get_height() for bar in bars]
        assert heights == pytest.approx([*shares, *[0] * (MOST_BARS - 6)])


def test_the_end_of_the_scale_is_outlined_and_says_its_share(view):
    from matplotlib.colors import to_hex

    assert [to_hex(bars[5].get_facecolor()) for bars in view.bars] == [CEILING] * 3
    assert [bars[5].get_edgecolor() != bars[4].get_edgecolor() for bars in view.bars] == [True] * 3
    assert [text.get_text() for text in view.ends] == ["10%", "0%", "100%"]


def test_every_bar_lies_below_the_top_of_its_panel(view):
    for ax, bars in zip(view.axes, view.bars, strict=True):
        assert max(bar.get_height() for bar in bars) < ax.get_ylim()[1]


def test_a_closed_picture_is_collected_in_one_go(view):
    other = InspectionView()
    figure = weakref.ref(other.figure)
    gc.disable()
    try:
        del other
        gc.collect()
        assert figure() is None
    finally:
        gc.enable()
