"""Outcome against predictor: the overall line, a line for each group, and the cells' means."""

import numpy as np

from hlmteach.views.arrows import Arrows
from hlmteach.views.grouplines import GroupLines
from hlmteach.views.style import INK, above, group_style, write_key
from hlmteach.views.view import put, put_line, put_points, segments
from hlmteach.views.window import hold, window

MOST_GROUPS = 30  # groups for which there are colours
FEWEST_ROWS = 5  # rows in a cell whose mean must be seen
MOST_MARKED = 6  # more groups than this show lines alone
HEIGHTS = (1.0, 1.2, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0)


class Lines:
    """Lines that part, turn and meet."""

    def __init__(self, axes):
        self.axes, self._named = axes, None
        styles = [group_style(j) for j in range(MOST_GROUPS)]
        colors, lines = [style.color for style in styles], [style.line for style in styles]
        self.cells = [
            axes.scatter([], [], marker=style.marker, alpha=0.35, lw=0, zorder=2)
            for style in styles[:MOST_MARKED]
        ]
        for cell, color in zip(self.cells, colors, strict=False):
            cell.set_facecolor(color)
        (self.overall,) = axes.plot([], [], color=INK, lw=3, zorder=3)
        self.lines = segments(axes, colors=colors, linestyles=lines, lw=2.2, zorder=4)
        self.arrows = Arrows(axes, colors, size=60)
        axes.set_title("under the lens")
        *self.key, self.overall_name = write_key(
            axes, [*(("", color) for color in colors[:MOST_MARKED]), ("━ overall", INK)]
        )

    @property
    def moving(self) -> dict:
        """What the browser draws, by name."""
        return {
            **{"cell means": self.cells, "overall by x": self.overall, "lines": self.lines},
            "arrows by x": self.arrows.artists,
        }

    def limits(self, groups: GroupLines, now=None, zero: bool = False) -> tuple:
        """Return limits of x and y that hold the lines; those in `now` if they still do.

        With `zero`, x reaches back to 0, where intercepts are.
        """
        low, high = np.nanmin(groups.cells[..., 0]), np.nanmax(groups.cells[..., 0])
        room = 0.07 * (high - low)
        low = float(min(low, 0.0) if zero else low)
        x = hold(low - room, float(high) + room, now and now[0])
        ends = (groups.lines[:, :1] + groups.lines[:, 1:] * x).ravel()
        cells = (
            groups.cells[groups.cells[..., 2] >= FEWEST_ROWS][:, 1]
            if self._shows_cells(groups)
            else ends
        )
        low, high = min(ends.min(), cells.min()), max(ends.max(), cells.max())
        return x, window(float(low), float(high), now and now[1], HEIGHTS)

    @staticmethod
    def _shows_cells(groups) -> bool:
        return len(groups.names) <= MOST_MARKED and np.any(groups.cells[..., 2] >= FEWEST_ROWS)

    def arrange(self, groups: GroupLines, limits, predictor: str, outcome: str) -> None:
        """Set limits; labels and the groups' names where they changed."""
        put(self.axes, xlim=limits[0], ylim=limits[1])
        names = tuple(groups.names) if len(groups.names) <= MOST_MARKED else ()
        if self._named == (names, predictor, outcome):
            return
        self._named = names, predictor, outcome
        self.axes.set(xlabel=predictor, ylabel=outcome)
        for j, text in enumerate(self.key):
            glyph = group_style(j).glyph
            text.set_text(f"{glyph} {names[j]}" if j < len(names) else "")
        self.overall_name.set_transform(above(self.axes, -14.0 * (len(names) + 1)))

    def update(self, groups: GroupLines, at: float | None = None) -> None:
        """Show a settled fit, arrows at one value of x or beside each other."""
        self.show_cells(groups)
        self.show_overall(groups.overall)
        self.show_lines(groups.lines)
        self.show_u(groups, len(groups.names), at)

    def clear(self) -> None:
        """Show nothing but the axes."""
        self.overall.set_data([], [])
        self.lines.set_segments([])
        self.arrows.clear()

    # -- parts, one by one -----------------------------------------------------------------------

    def show_cells(self, groups: GroupLines) -> None:
        """Show the means of the rows at each x, the larger the more rows."""
        marked, most = len(groups.names) <= MOST_MARKED, max(groups.cells[..., 2].max(), 1)
        for j, artist in enumerate(self.cells):
            cells = groups.cells[j] if marked and j < len(groups.names) else np.empty((0, 3))
            put_points(artist, cells[:, :2], 200 * cells[:, 2] / most)

    def show_overall(self, line) -> None:
        """Show one line, (intercept, slope)."""
        x = np.array(self.axes.get_xlim())
        put_line(self.overall, x, line[0] + line[1] * x)

    def show_lines(self, lines) -> None:
        """Show some groups' lines (k, 2)."""
        x = np.array(self.axes.get_xlim())
        y = lines[:, :1] + lines[:, 1:] * x
        self.lines.set_segments(np.stack([np.broadcast_to(x, y.shape), y], axis=2))

    def show_u(self, groups: GroupLines, count: int, at: float | None = None) -> None:
        """Show, for a few groups, how far each line lies from the overall line."""
        J = len(groups.names)
        count = count if J <= MOST_MARKED else 0
        low, high = self.axes.get_xlim()
        x = low + (high - low) * (0.62 + 0.3 * np.arange(count) / max(J - 1, 1))
        if at is not None:
            x = at + (high - low) * 0.018 * (np.arange(count) - (J - 1) / 2)
        start = groups.overall[0] + groups.overall[1] * x
        end = groups.lines[:count, 0] + groups.lines[:count, 1] * x
        self.arrows.point(x, start, end)
