"""What only moved is placed anew: it is what a drawing would give, and nothing is drawn."""

import numpy as np
import pytest
from matplotlib import patheffects
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from hlmteach.stage.placing import KINDS, Drawn
from hlmteach.stage.recorder import record


@pytest.fixture
def axes():
    axes = Figure().subplots()
    axes.set(xlim=(0, 10), ylim=(0, 10))
    return axes


def _line(axes):
    (line,) = axes.plot([1, 2, 3], [1, np.nan, 3], "o--", gapcolor="red")
    yield line
    line.set_data([4, 5, 6], [7, 8, np.nan])


def _points(axes):
    points = axes.scatter([1, 2, 3], [1, 2, 3], s=[5, 20, 80], c=["red", "0.5", "none"])
    yield points
    points.set_offsets(np.ma.masked_invalid([[4, 5], [np.nan, 1], [7, 8]]))
    points.set_facecolor(["red", "0.5", "none"])


def _segments(axes):
    lines = axes.vlines([1, 2], 3, [4, 5], colors=["red", "blue"])
    yield lines
    lines.set_segments([[(3, 3), (4, 4)], [(5, 5), (5, 9)]])


def _area(axes):
    area = axes.fill_between([1, 2, 3], [1, 1, 1], [2, 3, 4])
    yield area
    area.set_verts([area.get_paths()[0].vertices[:-1] + np.array([1, 2])])


def _polygon(axes):
    (polygon,) = axes.fill([1, 2, 3], [1, 4, 1])
    yield polygon
    polygon.set_xy([(2, 2), (3, 5), (6, 2), (2, 2)])


def _bar(axes):
    (bar,) = axes.bar([2], [3])
    yield bar
    bar.set(x=4, y=1, height=5, width=2)


def _words(axes):
    text = axes.text(1, 2, "turned", rotation=30, ha="right", fontsize=14)
    yield text
    text.set_position((5, 6))


def _formula(axes):
    text = axes.text(1, 2, r"$\sigma^2$", va="top")
    yield text
    text.set_position((3, 3))


MOVES = [_line, _points, _segments, _area, _polygon, _bar, _words, _formula]


def _said(items):
    return [(item.look, *np.round([item.x, item.y], 3).tolist()) for item in items]


@pytest.mark.parametrize("moves", MOVES, ids=lambda moves: moves.__name__[1:])
def test_what_moved_is_where_a_drawing_would_put_it(axes, moves):
    moving = moves(axes)
    artist = next(moving)
    drawn = Drawn.of(artist, record(artist))
    next(moving, None)
    placed = drawn.moved(artist)
    assert len(placed) >= 1
    assert str(_said(placed)) == str(_said(record(artist)))  # as text, for nan is not nan
    assert str(_said(placed)) != str(_said(drawn.items))


def test_every_kind_is_tried(axes):
    tried = {type(next(moves(axes))) for moves in MOVES}
    assert tried | {PolyCollection} == {*KINDS}  # an area's class, or its parent


LOOKS = [
    (_line, lambda line: line.set_color("green")),
    (_line, lambda line: line.set_linestyle((0, (1, 2)))),
    (_line, lambda line: line.set_marker("s")),
    (_line, lambda line: line.set_markevery(2)),
    (_line, lambda line: line.set_drawstyle("steps")),
    (_line, lambda line: line.set_data([1, 2], [3, 4])),
    (_line, lambda line: line.set_path_effects([patheffects.withStroke(linewidth=3)])),
    (_line, lambda line: line.set_clip_on(False)),
    (_points, lambda points: points.set_sizes([1, 2, 3])),
    (_points, lambda points: points.set_array([1, 2, 3])),
    (_points, lambda points: points.get_facecolors().__setitem__((0, 1), 0.5)),
    (_points, lambda points: points.set_visible(False)),
    (_segments, lambda lines: lines.set_alpha(0.5)),
    (_segments, lambda lines: lines.set_segments([[(1, 1), (2, 2), (3, 3)], [(5, 5)]])),
    (_segments, lambda lines: lines.set_offsets([(3, 3)])),
    (_area, lambda area: area.set_hatch("/")),
    (_polygon, lambda polygon: polygon.set_closed(False)),
    (_bar, lambda bar: bar.set_angle(20)),
    (_words, lambda text: text.set_text("other")),
    (_words, lambda text: text.set_fontsize(9)),
    (_words, lambda text: text.set_bbox({"fc": "red"})),
]


@pytest.mark.parametrize(("moves", "change"), LOOKS)
def test_other_looks_are_drawn(axes, moves, change):
    moving = moves(axes)
    artist = next(moving)
    drawn = Drawn.of(artist, record(artist))
    change(artist)
    assert drawn.moved(artist) is None


@pytest.mark.parametrize("moves", [_line, _points, _segments, _words])
def test_what_is_not_seen_is_not_drawn_either(axes, moves):
    moving = moves(axes)
    artist = next(moving)
    artist.set_visible(False)
    drawn = Drawn.of(artist, record(artist))
    next(moving, None)
    assert drawn.moved(artist) == ()


def test_what_always_has_other_looks_is_always_drawn(axes):
    (line,) = axes.plot([1, 2], path_effects=[patheffects.withStroke(linewidth=3)])
    assert Drawn.of(line, record(line)) is None
    assert Drawn.of(axes.title, record(axes.title)) is not None
    assert Drawn.of(axes.patch, ()) is not None
    assert Drawn.of(axes.annotate("a", (1, 1)), ()) is None
    assert Drawn.of(type("Line", (Line2D,), {})([1], [1]), ()) is None
