"""The curve over the data, and its place on the hill."""

import numpy as np
import pytest
from scipy.stats import norm

from hlmteach.inference.likelihood import normal_loglik
from hlmteach.views.climb import ClimbView

MEANS, SDS = np.linspace(3, 7, 41), np.linspace(0.3, 2.2, 39)


@pytest.fixture
def view():
    return ClimbView()


def test_the_curve_is_the_normal_density(view):
    view.update(5.0, 0.8)
    x, height = view.curve.get_data()
    assert height == pytest.approx(norm.pdf(x, 5.0, 0.8))
    assert (view.here.get_xdata()[0], view.here.get_ydata()[0]) == (5.0, 0.8)


@pytest.mark.parametrize("rows", [20, 100, 500])
def test_the_histogram_fits_into_its_panel(view, rows):
    y = np.random.default_rng(1).normal(5, 0.8, rows)
    view.show_data(y, MEANS, SDS, normal_loglik(y, *np.meshgrid(MEANS, SDS)))
    heights = [bar.get_height() for bar in view.data.patches]
    assert 0 < max(heights) < view.data.get_ylim()[1]


def test_new_data_replace_the_old(view):
    counts = set()
    for seed in (1, 2):
        y = np.random.default_rng(seed).normal(5, 0.8, 300)
        view.show_data(y, MEANS, SDS, normal_loglik(y, *np.meshgrid(MEANS, SDS)))
        parts = view.data.patches, view.map.collections, view.map.lines
        counts.add(tuple(len(part) for part in parts))
    assert len(counts) == 1


def test_the_way_walked_is_drawn(view):
    path = np.array([[4.2, 1.5], [4.6, 1.2], [5.0, 0.8]])
    view.update(5.0, 0.8, path)
    assert np.column_stack(view.path.get_data()) == pytest.approx(path)
    view.update(5.0, 0.8)
    assert len(view.path.get_xdata()) == 0
