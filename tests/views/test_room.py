"""A picture laid out for little room, and for a projector's page."""

import pytest
from matplotlib.figure import Figure

from hlmteach.views.cells import CellsView
from hlmteach.views.intercepts import InterceptsView
from hlmteach.views.room import LARGEST, LEAST_DPI_SHARE, LEAST_HEIGHT, PAGE, Room


class Panels:
    """Two panels side by side, 800 pixels wide."""

    def __init__(self):
        self.figure = Figure(figsize=(8, 4), dpi=100, layout="constrained")
        self.left, self.right = self.figure.subplots(1, 2)
        self.narrow = None

    def shorten(self, narrow):
        self.narrow = narrow


def rows(view):
    view.figure.draw_without_rendering()
    return view.left.get_position().y0 == pytest.approx(view.right.get_position().y0)


def test_with_room_enough_nothing_changes():
    view = Panels()
    assert not Room(view).fit(800)
    assert not Room(view).fit(2000)


def test_with_a_little_less_all_is_smaller():
    view = Panels()
    assert Room(view).fit(600)
    assert view.figure.bbox.width == pytest.approx(600, abs=1)
    assert view.figure.dpi == pytest.approx(600 / PAGE[0])
    assert rows(view)


def test_letters_do_not_shrink_further_and_panels_are_stacked():
    view, width = Panels(), 300
    room = Room(view)
    room.fit(width)
    assert view.figure.dpi == pytest.approx(100 * LEAST_DPI_SHARE)
    assert view.figure.bbox.width == pytest.approx(width, abs=1)
    assert not rows(view)
    assert view.narrow
    room.fit(1000)
    assert rows(view)
    assert view.narrow is False
    assert tuple(view.figure.get_size_inches()) == (8, 4)


def test_a_page_of_its_own_is_filled_but_not_without_end():
    view = Panels()
    room = Room(view, grows=True)
    room.fit(1100, 600)
    assert tuple(view.figure.bbox.size) == pytest.approx((1100, 600), abs=1)
    room.fit(1100, 20)
    assert view.figure.get_size_inches()[1] == LEAST_HEIGHT


def test_a_notebook_shows_no_more_than_the_figure_and_no_panels_over_each_other():
    view = Panels()
    room = Room(view)
    room.fit(600, 340)
    assert tuple(view.figure.bbox.size) == pytest.approx((600, 340), abs=1)
    assert rows(view)
    other = Room(CellsView())
    other.fit(600, 270)
    assert other.figure.dpi == pytest.approx(view.figure.dpi)
    room.fit(2000, 1000)
    assert tuple(view.figure.get_size_inches()) == pytest.approx((8 * LARGEST[0], 4 * LARGEST[1]))


def test_views_with_an_order_of_their_own():
    view = InterceptsView()
    Room(view).fit(256)
    specs = [axes.get_subplotspec() for axes in (view.strip.axes, view.lens.axes, view.lens.bell)]
    assert [spec.rowspan.start for spec in specs] == [0, 1, 1]
    cells = CellsView()
    room = Room(cells)
    room.fit(256)
    assert cells.long_title.get_position()[1] < -4
    room.fit(900)
    assert cells.long_title.get_position()[1] > 0
