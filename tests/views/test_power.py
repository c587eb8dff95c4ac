"""The picture of power, by its artists' data."""

import numpy as np

from hlmteach.views.power import PowerPicture, PowerView


def picture(rates):
    rates = np.array(rates)
    return PowerPicture((6, 20, 80), (5, 20, 80), rates, np.full(rates.shape, 0.05), 400)


def test_curves_and_names():
    view = PowerView()
    view.update(picture([[0.1, 0.4, 0.9], [0.2, 0.6, 1.0], [0.3, 0.7, 1.0]]))
    assert list(view.curves[1].get_ydata()) == [0.2, 0.6, 1.0]
    heights = [name.get_position()[1] for name in view.names]
    assert np.diff(sorted(heights)).min() > 0.06
    assert max(heights) <= 1
    assert [name.get_text() for name in view.names] == ["5 rows", "20 rows", "80 rows"]


def test_bars_stand_about_the_points():
    view = PowerView()
    view.update(picture([[0.1, 0.4, 0.9]] * 3))
    spans = np.array(view.spans.get_segments())
    assert len(spans) == 9
    assert np.allclose(spans[0], [[6, 0.05], [6, 0.15]])
