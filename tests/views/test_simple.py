from dataclasses import replace

import numpy as np
import pytest

from hlmteach.views.simple import FAN, SimplePicture, SimpleView, Slopes


def picture(runs=((-np.inf, 2.0),), zero=4.0):
    grid = np.linspace(0, 10, 11)
    slope = 4 - grid
    slopes = Slopes(
        labels=("x", "y", "m"),
        x_span=(0.0, 1.0),
        y_span=(0.0, 5.0),
        lines=np.ones((FAN, 2)),
        grid=grid,
        slope=slope,
        lower=slope - 1,
        upper=slope + 1,
        runs=runs,
        zero=zero,
        counts=np.arange(24),
        edges=np.linspace(0, 10, 25),
    )
    return SimplePicture(slopes, np.array([1.0, 2.0]), (1.0, 3.0, 2.0, 4.0))


def test_the_line_is_the_one_at_the_moderator():
    view = SimpleView()
    view.update(picture())
    assert view.line.get_xydata().tolist() == [[0, 1], [1, 3]]
    assert view.said.get_text() == "m = 1\nslope +3.000"


def test_the_slope_is_thick_only_where_it_differs():
    view = SimpleView()
    view.update(picture())
    assert np.isfinite(view.sure[0].get_ydata()).sum() == 3
    assert not np.isfinite(view.sure[1].get_ydata()).any()


@pytest.mark.parametrize(("zero", "text"), [(4.0, " slope 0 at 4.0"), (40.0, "")])
def test_a_zero_outside_the_data_is_not_named(zero, text):
    view = SimpleView()
    view.update(picture(zero=zero))
    assert view.zero_text.get_text() == text


def test_a_minus_is_a_minus():
    view = SimpleView()
    seen = picture()
    view.update(seen)
    view.show_now(replace(seen, now=(9.0, -5.0, -6.0, -4.0)))
    assert "−5.000" in view.said.get_text()
    assert view.dot.get_xydata().tolist() == [[9, -5]]


def test_the_band_reaches_from_the_lower_to_the_upper_limit():
    view = SimpleView()
    view.update(picture())
    (path,) = view.band.get_paths()
    assert path.contains_points([(5, -1.9), (5, -0.1)]).all()
    assert not path.contains_points([(5, -2.1), (5, 0.1), (10.1, -6)]).any()
