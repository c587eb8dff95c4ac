"""Points that a student pulls: from pixels in the browser to data in the artist."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.collections import PathCollection
from matplotlib.lines import Line2D

AXES = ("x", "y", "both")


@dataclass(frozen=True)
class Drag:
    """A point was pulled: which one, to where (in data coordinates), and whether it was let go."""

    name: str
    index: int
    x: float
    y: float
    done: bool


@dataclass(frozen=True)
class Handle:
    """What may be pulled, along which axis, and who is told."""

    artist: Line2D | PathCollection
    name: str
    axis: str
    on_drag: Callable[[Drag], object] | None

    def pull(self, index: int, x: float, y: float, done: bool) -> Drag:
        """Move a point of the artist to a place in pixels from the figure's top left."""
        height = self.artist.get_figure(root=True).bbox.height
        place = self._transform().inverted().transform((x, height - y))
        points = np.array(self._points(), float)
        kept = {"x": 0, "y": 1}.get(self.axis)
        columns = slice(None) if kept is None else kept
        points[index, columns] = place[columns]
        self._move(points)
        return Drag(self.name, index, *map(float, points[index]), done)

    def words(self, drag: Drag) -> str:
        """Say where the point is, for those who hear the page."""
        axes = self.artist.axes
        return f"x {axes.format_xdata(drag.x).strip()}, y {axes.format_ydata(drag.y).strip()}"

    def _transform(self):
        is_line = isinstance(self.artist, Line2D)
        return self.artist.get_transform() if is_line else self.artist.get_offset_transform()

    def _points(self):
        is_line = isinstance(self.artist, Line2D)
        return self.artist.get_xydata() if is_line else self.artist.get_offsets()

    def _move(self, points):
        if isinstance(self.artist, Line2D):
            self.artist.set_data(points.T)
        else:
            self.artist.set_offsets(points)


def make_handle(artist, name, axis, on_drag) -> Handle:
    """Check and build a handle."""
    if axis not in AXES:
        raise ValueError(f"axis is {axis!r}: say one of {', '.join(map(repr, AXES))}.")
    if not isinstance(artist, Line2D | PathCollection):
        raise ValueError(
            f"{name!r} is a {type(artist).__name__}, which has no points to pull; "
            "points made by plot or scatter have."
        )
    return Handle(artist, name, axis, on_drag)
