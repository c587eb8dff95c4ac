"""Vertical arrows, many at once: two collections that the stage moves quickly."""

import numpy as np
from matplotlib.path import Path

from hlmteach.views.view import segments

HEAD_UP = Path([(0, 0), (-0.5, -1), (0.5, -1), (0, 0)], closed=True)
HEAD_DOWN = Path([(0, 0), (-0.5, 1), (0.5, 1), (0, 0)], closed=True)


class Arrows:
    """Arrows of an axes, each in its colour; the tips touch where they point."""

    def __init__(self, axes, colors, size=110, zorder=5):
        self.stems = segments(axes, colors=colors, lw=2.5, zorder=zorder)
        self.heads = [
            axes.scatter([], [], s=size, marker=shape, lw=0, zorder=zorder)
            for shape in (HEAD_UP, HEAD_DOWN)
        ]
        for head in self.heads:
            head.set_facecolors(colors)

    @property
    def artists(self) -> list:
        """What moves."""
        return [self.stems, *self.heads]

    def point(self, x, start, end) -> None:
        """Draw from start to end (J,) at x (J,); NaN hides an arrow."""
        self.stems.set_segments(np.stack([np.c_[x, start], np.c_[x, end]], axis=1))
        for head, mine in zip(self.heads, (end > start, end <= start), strict=True):
            head.set_offsets(np.c_[np.where(mine, x, np.nan), end])

    def clear(self) -> None:
        """Show none."""
        nothing = np.empty(0)
        self.point(nothing, nothing, nothing)
