"""Placing anew what only moved: an artist that looks as it did need not be drawn again.

To draw is to ask an artist for everything that it is; most moves change nothing but where it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib import collections
from matplotlib.collections import LineCollection, PathCollection, PolyCollection
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle
from matplotlib.text import Text

from .recorder import Item, clip_of, item_at
from .shapes import joined

_BAND = getattr(collections, "FillBetweenPolyCollection", PolyCollection)  # its own from 3.10 on


@dataclass(frozen=True)
class Drawn:
    """An artist as it was when it was drawn: its looks, where it was, and what it painted.

    What is not known to be a place counts as a look: what a later matplotlib adds costs a drawing,
    and is never a wrong picture. What can be changed in place, such as colours, is copied.
    """

    looks: dict
    copies: dict
    place: np.ndarray | None
    items: tuple[Item, ...]

    @classmethod
    def of(cls, artist, items: tuple[Item, ...]) -> Drawn | None:
        """Keep what an artist is now; None for those that are drawn each time."""
        kind = KINDS.get(type(artist))
        if kind is None or artist.get_path_effects() or artist.get_agg_filter():
            return None
        looks = {name: value for name, value in vars(artist).items() if name not in kind.attributes}
        copies = {n: _copied(v) for n, v in looks.items() if isinstance(v, _CHANGEABLE)}
        fixed = {name: value for name, value in looks.items() if name not in copies}
        return cls(fixed, copies, kind.place(artist), items)

    def moved(self, artist) -> tuple[Item, ...] | None:
        """Return what the artist paints now; None where more than its place may have changed."""
        if not self._looks_the_same(artist):
            return None
        if not self.items:
            return None if artist.get_visible() else ()
        first, height = self.items[0], artist.figure.figure.bbox.height
        corners = KINDS[type(artist)].corners(artist, self)
        box = artist.get_clip_box() if artist.get_clip_on() else None
        if (
            corners is None
            or len(corners) != len(first.x)
            or clip_of(box, height) != first.look["clip"]
        ):
            return None
        first = item_at(first.look, corners, height)
        return (first, *(Item(item.look, first.x, first.y) for item in self.items[1:]))

    def _looks_the_same(self, artist) -> bool:
        now, places = vars(artist), KINDS[type(artist)].attributes
        for name, was in self.looks.items():
            value = now.get(name, self)
            if value is not was and (type(value) is not type(was) or value != was):
                return False
        for name, was in self.copies.items():
            if _copied(now.get(name)) != was:
                return False
        return len(now.keys() - places) == len(self.looks) + len(self.copies)


@dataclass(frozen=True)
class Kind:
    """Of artists of one class: the attributes that say where they are, and what follows from those.

    `corners` returns (n, 2) in pixels from the figure's bottom left, or None to have the artist
    drawn; `place` what else must be known of where it was.
    """

    attributes: set[str]
    corners: Callable
    place: Callable = lambda _artist: None


_CHANGEABLE = (np.ndarray, list, tuple, FontProperties)


def _copied(value):
    if isinstance(value, np.ndarray):
        return value.shape, value.tobytes()
    if isinstance(value, list | tuple):
        return tuple(map(_copied, value))
    return value.copy() if isinstance(value, FontProperties) else value


def _of_line(line, _drawn):
    """A line and its markers, all at the same places."""
    if line.get_drawstyle() != "default" or line.get_markevery() is not None:
        return None
    return line.get_transform().transform(line.get_xydata())


def _of_points(points, drawn):
    """Copies of one marker. A colour map may choose other colours for them at any time."""
    if points.get_array() is not None or drawn.items[0].look["k"] != "points":
        return None
    return points.get_offset_transform().transform(points.get_offsets())


def _of_parts(parts, drawn):
    """The corners of lines or areas that are joined as they were, each in its own place."""
    paths = parts.get_paths()
    if parts.get_array() is not None or len(parts.get_transforms()) or parts.get_offsets().any():
        return None
    if not paths or joined(paths) != drawn.items[0].look["d"]:
        return None
    return parts.get_transform().transform(np.concatenate([path.vertices for path in paths]))


def _of_patch(patch, drawn):
    path = patch.get_path()
    same = joined([path]) == drawn.items[0].look["d"]
    return patch.get_transform().transform(path.vertices) if same else None


def _of_text(text, drawn):
    """One line of letters without a box, as far from its anchor as it was."""
    if text.get_bbox_patch() or text.get_wrap() or text.get_transform_rotates_text():
        return None
    if len(drawn.items) > 1:
        return None
    (item,), height = drawn.items, text.figure.figure.bbox.height
    return _anchor(text) - drawn.place + (item.x[0], height - item.y[0])


def _anchor(text):
    return text.get_transform().transform([text.get_unitless_position()])


_DATA = {"_x", "_y", "_xy", "_xorig", "_yorig", "_invalidx", "_invalidy", "_x_filled"}
# Colours as they were given: those that are painted are made of them, and are looks.
_GIVEN = {f"_original_{part}color" for part in ("face", "edge", "hatch")}
KINDS = {
    Line2D: Kind({"_stale", *_DATA, "_path", "_transformed_path", "_subslice"}, _of_line),
    PathCollection: Kind({"_stale", *_GIVEN, "_offsets"}, _of_points),
    LineCollection: Kind({"_stale", *_GIVEN, "_paths"}, _of_parts),
    PolyCollection: Kind({"_stale", *_GIVEN, "_paths"}, _of_parts),
    _BAND: Kind({"_stale", *_GIVEN, "_paths", "_bbox"}, _of_parts),
    Polygon: Kind({"_stale", "_path"}, _of_patch),
    Rectangle: Kind({"_stale", "_x0", "_y0", "_width", "_height"}, _of_patch),
    Text: Kind({"_stale", "_x", "_y"}, _of_text, _anchor),
}
