"""Points that a student pulls: from pixels in the browser to data in the artist."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.collections import PathCollection
from matplotlib.lines import Line2D


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
    """What may be pulled up and down, and who is told."""

    artist: Line2D | PathCollection
    name: str
    on_drag: Callable[[Drag], object]

    def pull(self, index: int, y: float, done: bool) -> Drag:
        """Move a point of the artist to a height, in pixels from the figure's top."""
        to_pixels = self._transform()
        points = np.array(self._points(), float)
        x, _ = to_pixels.transform(points[index])
        height = self.artist.figure.figure.bbox.height
        points[index, 1] = to_pixels.inverted().transform((x, height - y))[1]
        self._move(points)
        at_x, at_y = map(float, points[index])
        return Drag(name=self.name, index=index, x=at_x, y=at_y, done=done)

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


def make_handle(artist, name, on_drag) -> Handle:
    """Check and build a handle."""
    if not isinstance(artist, Line2D | PathCollection):
        raise ValueError(
            f"{name!r} is a {type(artist).__name__}, which has no points to pull; "
            "points made by plot or scatter have."
        )
    return Handle(artist, name, on_drag)
