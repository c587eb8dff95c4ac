"""The profile's picture, by artist data."""

import numpy as np
import pytest

from hlmteach.views.profiles import ProfilePicture, ProfileView


def picture(z=2.0, limits=(1.0, 5.0), floor=np.nan):
    value = np.linspace(0, 6, 13)
    return ProfilePicture("b", value, value - 3, 3.0, 1.0, z, limits, floor)


def test_a_straight_zeta_is_walds():
    view = ProfileView()
    view.update(picture())
    assert view.bent.get_ydata() == pytest.approx(view.straight.get_ydata())
    assert view.valley.get_ydata() == pytest.approx(view.parabola.get_ydata())
    assert picture().wald == (1.0, 5.0)


def test_the_cut_drops_to_the_limits():
    view = ProfileView()
    view.update(picture())
    low, high = view.drops.get_segments()
    assert low.tolist() == [[1.0, 0.0], [1.0, 4.0]]
    assert high.tolist() == [[5.0, 0.0], [5.0, 4.0]]
    assert view.cut_label.get_text() == "cut at\n4.00"
    assert view.cut_label.get_position()[1] == 4
    view.figure.draw_without_rendering()
    assert view.cut_label.get_window_extent().x0 > view.right.bbox.x1  # where no curve runs


def test_limits_stay_while_the_level_moves():
    view = ProfileView()
    view.update(picture())
    before = view.left.get_xlim()
    view.update(picture(1.0, (2.0, 4.0)))
    assert view.left.get_xlim() == before


def test_a_limit_at_the_end_of_the_range_is_not_on_the_curve():
    view = ProfileView()
    view.update(picture(4.0, (0.0, 5.5), floor=0.0))
    assert np.isnan(view.drops.get_paths()[0].vertices[1, 1])
