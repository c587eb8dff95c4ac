"""Outcome against predictor: the overall line, a line for each group, and the cells' means."""

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from hlmteach.views.arrows import Arrows
from hlmteach.views.grouplines import GroupLines
from hlmteach.views.style import INK, PAPER, group_style
from hlmteach.views.window import hold, window

MOST = 30  # groups for which there are colours
ENOUGH = 5  # rows in a cell whose mean must be seen
MARKED = 6  # more groups than this show lines alone
HEIGHTS = (1.0, 1.2, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0)


class Lines:
    """Lines that part, turn and meet."""

    def __init__(self, axes):
        self.axes = axes
        styles = [group_style(j) for j in range(MOST)]
        colors = [style.color for style in styles]
        self.cells = [
            axes.scatter([], [], marker=style.marker, alpha=0.35, lw=0, zorder=2)
            for style in styles[:MARKED]
        ]
        for cell, color in zip(self.cells, colors, strict=False):
            cell.set_facecolor(color)
        (self.overall,) = axes.plot([], [], color=INK, lw=3, zorder=3)
        self.lines = LineCollection(
            [], colors=colors, linestyles=[style.line for style in styles], lw=2.2, zorder=4
        )
        axes.add_collection(self.lines, autolim=False)
        self.arrows = Arrows(axes, colors, size=60)
        axes.set_title("under the lens")

    @property
    def moving(self) -> dict:
        """What the browser draws, by name."""
        return {
            **{"cell means": self.cells, "overall by x": self.overall, "lines": self.lines},
            "arrows by x": self.arrows.artists,
        }

    def limits(self, seen: GroupLines, now=None, zero: bool = False) -> tuple:
        """Return limits of x and y that hold the lines; those in `now` if they still do.

        With `zero`, x reaches back to 0, where intercepts are.
        """
        low, high = np.nanmin(seen.cells[..., 0]), np.nanmax(seen.cells[..., 0])
        room = 0.07 * (high - low)
        low = float(min(low, 0.0) if zero else low)
        x = hold(low - room, float(high) + room, now and now[0])
        ends = (seen.lines[:, :1] + seen.lines[:, 1:] * x).ravel()
        cells = seen.cells[seen.cells[..., 2] >= ENOUGH][:, 1] if self._shows_cells(seen) else ends
        low, high = min(ends.min(), cells.min()), max(ends.max(), cells.max())
        return x, window(float(low), float(high), now and now[1], HEIGHTS)

    @staticmethod
    def _shows_cells(seen) -> bool:
        return len(seen.names) <= MARKED and np.any(seen.cells[..., 2] >= ENOUGH)

    def arrange(self, seen: GroupLines, limits, predictor: str, outcome: str) -> None:
        """Set limits, labels and the legend."""
        self.axes.set(xlim=limits[0], ylim=limits[1], xlabel=predictor, ylabel=outcome)
        few = len(seen.names) <= MARKED
        names = seen.names if few else ()
        keys = [_key(j, name) for j, name in enumerate(names)]
        keys += [Line2D([], [], color=INK, lw=3, label="overall")]
        self.axes.legend(handles=keys, loc="upper left", fontsize=10, handlelength=2.6, **PAPER)

    def update(self, seen: GroupLines, at: float | None = None) -> None:
        """Show a settled fit, arrows at one value of x or beside each other."""
        self.show_cells(seen)
        self.show_overall(seen.overall)
        self.show_lines(seen.lines)
        self.show_u(seen, len(seen.names), at)

    def clear(self) -> None:
        """Show nothing but the axes."""
        self.overall.set_data([], [])
        self.lines.set_segments([])
        self.arrows.clear()

    # -- parts, one by one -----------------------------------------------------------------------

    def show_cells(self, seen: GroupLines) -> None:
        """Show the means of the rows at each x, the larger the more rows."""
        few = len(seen.names) <= MARKED
        for j, artist in enumerate(self.cells):
            cells = seen.cells[j] if few and j < len(seen.names) else np.empty((0, 3))
            artist.set_offsets(cells[:, :2])
            artist.set_sizes(200 * cells[:, 2] / max(seen.cells[..., 2].max(), 1))

    def show_overall(self, line) -> None:
        """Show one line, (intercept, slope)."""
        x = np.array(self.axes.get_xlim())
        self.overall.set_data(x, line[0] + line[1] * x)

    def show_lines(self, lines) -> None:
        """Show some groups' lines (k, 2)."""
        x = np.array(self.axes.get_xlim())
        y = lines[:, :1] + lines[:, 1:] * x
        self.lines.set_segments(np.stack([np.broadcast_to(x, y.shape), y], axis=2))

    def show_u(self, seen: GroupLines, count: int, at: float | None = None) -> None:
        """Show, for a few groups, how far each line lies from the overall line."""
        J = len(seen.names)
        count = count if J <= MARKED else 0
        low, high = self.axes.get_xlim()
        x = low + (high - low) * (0.62 + 0.3 * np.arange(count) / max(J - 1, 1))
        if at is not None:
            x = at + (high - low) * 0.018 * (np.arange(count) - (J - 1) / 2)
        start = seen.overall[0] + seen.overall[1] * x
        end = seen.lines[:count, 0] + seen.lines[:count, 1] * x
        self.arrows.point(x, start, end)


def _key(j: int, name: str) -> Line2D:
    style = group_style(j)
    return Line2D([], [], color=style.color, marker=style.marker, ls=style.line, label=name)
