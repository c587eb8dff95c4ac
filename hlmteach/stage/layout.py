"""When a figure's layout engine runs: where something needs more room, not at every draw."""

from __future__ import annotations

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg

SPARE = 3.0  # pixels that letters may take beyond the room they had, before all is laid out anew
ASCENT, DESCENT = 0.8, 0.25  # of a letter's size, above and below its line


class Layout:
    """Keeps a figure's layout engine, and runs it only when its figure has outgrown its layout.

    Laying out takes longer than to read and to draw the figure; a slider that moves limits would
    wait for it each time. So axes keep their places while ticks, titles and legends find room.
    """

    def __init__(self, figure):
        self._figure, self._engine = figure, figure.get_layout_engine()
        figure.set_layout_engine("none")
        FigureCanvasAgg(figure)  # keeps one renderer, which remembers how letters were measured
        self._size = None
        self._margins: dict = {}

    @property
    def is_of_another_size(self) -> bool:
        """Whether the figure was resized since it was laid out."""
        return self._size != self._size_now()

    def is_outgrown(self, margins: dict) -> bool:
        """Tell whether these margins need more room around their axes than there was."""
        grown = (
            np.subtract(sides, self._margins.get(axes, sides)).max() > SPARE
            for axes, sides in margins.items()
        )
        return any(grown)

    def run(self) -> None:
        """Lay the figure out."""
        self._size, self._margins = self._size_now(), {}
        if self._engine is not None:
            self._engine.execute(self._figure)
        else:
            for axes in self._figure.axes:
                axes.get_tightbbox(self._figure.canvas.get_renderer())  # which places its titles

    def keep(self, margins: dict) -> None:
        """Remember the margins that axes have had room for."""
        self._margins = margins | self._margins

    def close(self) -> None:
        """Give the engine back."""
        if self._engine is not None:
            self._figure.set_layout_engine(self._engine)

    def _size_now(self):
        return (*self._figure.bbox.size, self._figure.dpi)


def margins_of(box, items) -> tuple[float, float, float, float]:
    """How far letters reach beyond a box (x0, y0, x1, y1; from the top): each way, in pixels."""
    corners = [corner for item in items if "length" in item.look for corner in _corners(item)]
    if not corners:
        return (0.0, 0.0, 0.0, 0.0)
    (x0, y0), (x1, y1) = np.min(corners, axis=0), np.max(corners, axis=0)
    return tuple(float(v) for v in (box[0] - x0, box[1] - y0, x1 - box[2], y1 - box[3]))


def _corners(item):
    size, length = item.look["size"], item.look["length"]
    turn = np.deg2rad(item.look["angle"])
    along, up = np.array([np.cos(turn), -np.sin(turn)]), np.array([-np.sin(turn), -np.cos(turn)])
    start = np.array([item.x[0], item.y[0]])
    return [
        start + share * length * along + rise * size * up
        for share in (0, 1)
        for rise in (-DESCENT, ASCENT)
    ]
