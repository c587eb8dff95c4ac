"""Groups beside each other: the rows, and under a lens each group's intercept and its u_j."""

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.path import Path

from hlmteach.views.shrinkage import Shrinkage
from hlmteach.views.style import FAINT, INK, QUIET, group_style, house_style, new_figure, signed

MOST = 30  # groups for which artists are made
LABELLED = 6  # more groups than this have no room for a number each
ZOOMS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)  # half heights of the lens
HEAD_UP = Path([(0, 0), (-0.5, -1), (0.5, -1), (0, 0)], closed=True)
HEAD_DOWN = Path([(0, 0), (-0.5, 1), (0.5, 1), (0, 0)], closed=True)
BELL = np.linspace(-3.2, 3.2, 61)


class InterceptsView:
    """The whole scale at the left, the lens at its right, the bell curve of the u_j beside it.

    Parameters
    ----------
    outcome : str
        Name of the outcome, for its axis.
    present : bool
        Larger, for a projector.
    """

    def __init__(self, outcome: str, present: bool = False):
        with house_style():
            self.figure = new_figure(7.4, 4.3, present)
            grid = self.figure.add_gridspec(1, 3, width_ratios=(1.25, 2.5, 0.55))
            self.whole, self.lens = (self.figure.add_subplot(grid[k]) for k in (0, 1))
            self.bell = self.figure.add_subplot(grid[2], sharey=self.lens)
            self._make_whole(outcome)
            self._make_lens()
            self._make_bell()
        self._arranged = None

    def _make_whole(self, outcome):
        self.whole.set(ylabel=outcome, xticks=[], title="all rows")
        self.window = self.whole.axhspan(0, 1, color=FAINT, alpha=0.6, lw=0, zorder=0)
        self.dots = self.whole.scatter([], [], s=9, alpha=0.45, linewidths=0)
        self.whole_overall = self.whole.axhline(0, color=INK, lw=1.5)

    def _make_lens(self):
        self.lens.set(title="under the lens", facecolor="#f6f6f6")
        colors = [group_style(j).color for j in range(MOST)]
        lines = [group_style(j).line for j in range(MOST)]
        self.overall = self.lens.axhline(0, color=INK, lw=2.5, zorder=2)
        self.gaps = LineCollection([], colors=QUIET, lw=1.2, linestyles=[(0, (2, 2))], zorder=2)
        self.lens.add_collection(self.gaps, autolim=False)
        self.levels = LineCollection([], colors=colors, linestyles=lines, lw=3.5, zorder=3)
        self.lens.add_collection(self.levels, autolim=False)
        self.own = self.lens.scatter(
            [], [], s=75, facecolors="white", edgecolors=colors, lw=2, zorder=4
        )
        self.stems = LineCollection([], colors=colors, lw=2.5, zorder=5)
        self.lens.add_collection(self.stems, autolim=False)
        self.heads = [
            self.lens.scatter([], [], s=110, marker=shape, lw=0, zorder=5)
            for shape in (HEAD_UP, HEAD_DOWN)
        ]
        for head in self.heads:
            head.set_facecolors(colors)
        self.labels = [
            self.lens.text(0, 0, "", color=group_style(j).color, ha="center", va="center")
            for j in range(LABELLED)
        ]
        self.overall_label = self.lens.text(0, 0, "", va="bottom", ha="left", fontsize=10)

    def _make_bell(self):
        self.bell.set(xlim=(0, 1.1))
        self.bell.set_axis_off()
        self.curve = self.bell.fill_betweenx([0, 1], 0, 0, color="#56b4e9", alpha=0.35, lw=0)
        colors = [group_style(j).color for j in range(MOST)]
        self.rug = LineCollection([], colors=colors, lw=2)
        self.bell.add_collection(self.rug, autolim=False)
        self.bell_label = self.bell.text(0, 0, "", va="bottom", ha="left", fontsize=10)

    @property
    def moving(self) -> dict:
        """What the browser draws, by name."""
        return {
            **{"window": self.window, "dots": self.dots, "overall in all rows": self.whole_overall},
            **{"overall": self.overall, "gaps": self.gaps, "levels": self.levels},
            **{"own means": self.own, "stems": self.stems, "heads": self.heads, "u": self.labels},
            **{"overall label": self.overall_label, "bell": self.curve, "rug": self.rug},
            "bell label": self.bell_label,
        }

    # -- the settled picture -----------------------------------------------------------------

    def update(self, seen: Shrinkage, dots=None, span=None) -> None:
        """Show a fit; `dots` (m, 2) are the rows drawn, `span` the whole scale's limits."""
        self._arrange(seen, span)
        if dots is not None:
            self.dots.set_offsets(dots)
            self.dots.set_facecolors([group_style(j).color for j in dots[:, 0].round().astype(int)])
        self.show_overall(seen.overall)
        self.show_own(seen)
        self.show_u(seen, range(len(seen.names)))
        self.show_bell(seen)

    def _arrange(self, seen, span) -> None:
        """Set limits, ticks and the colours of the dots; only where they changed."""
        wanted = seen.names, tuple(seen.sizes), span, self._zoom(seen)
        if wanted == self._arranged:
            return
        self._arranged = wanted
        J, half = len(seen.names), wanted[-1]
        middle = round(seen.overall / (half / 2)) * (half / 2)
        self.lens.set(xlim=(-0.6, J - 0.4), ylim=(middle - half, middle + half))
        self.whole.set(xlim=(-0.6, J - 0.4), **({} if span is None else {"ylim": span}))
        few = J <= LABELLED
        labels = [f"{n}\nn = {k}" for n, k in zip(seen.names, seen.sizes, strict=True)]
        self.lens.set_xticks(range(J) if few else [], labels if few else [])
        self.lens.set_xlabel("" if few else f"{J} groups")
        self.window.set(y=middle - half, height=2 * half)

    def _zoom(self, seen) -> float:
        reach = 1.15 * max(np.abs(seen.own).max(), 1.5 * seen.sd)
        return next((half for half in ZOOMS if half >= reach), ZOOMS[-1])

    def clear(self) -> None:
        """Show the rows alone."""
        self.show_overall(np.nan)
        self.own.set_offsets(np.empty((0, 2)))
        for lines in (self.gaps, self.levels, self.stems, self.rug):
            lines.set_segments([])
        for head in self.heads:
            head.set_offsets(np.empty((0, 2)))
        for label in (*self.labels, self.overall_label, self.bell_label):
            label.set_text("")
        self.curve.set_data(BELL, 0 * BELL, 0 * BELL)

    # -- parts, one by one: a story shows them in turn -------------------------------------------

    def show_overall(self, level: float) -> None:
        """Put the overall line at a level; NaN hides it."""
        self.overall.set_ydata([level, level])
        self.whole_overall.set_ydata([level, level])
        self.overall_label.set(position=(-0.55, level), text=f" {level:.3f}")

    def show_own(self, seen: Shrinkage) -> None:
        """Show each group's own mean."""
        self.own.set_offsets(np.column_stack([np.arange(len(seen.own)), seen.overall + seen.own]))

    def show_u(self, seen: Shrinkage, groups) -> None:
        """Show the lines, arrows and numbers of some groups, and what shrinkage took."""
        x, level = np.arange(len(seen.u)), seen.overall + seen.u
        on = np.isin(x, list(groups))
        self.levels.set_segments(_level_segments(x, np.where(on, level, np.nan)))
        both = np.stack([level, seen.overall + seen.own], axis=1)
        self.gaps.set_segments([np.column_stack([[j, j], both[j]]) for j in x if on[j]])
        self._point(np.where(on, x, np.nan), seen.overall, level)
        for j, label in enumerate(self.labels):
            show = len(x) <= LABELLED and j < len(x) and on[j]
            label.set(text=f"$u_{j + 1}$ = {signed(seen.u[j])}" if show else "")
            if show:
                label.set_position((j, self._beyond(both[j], seen.overall)))

    def _beyond(self, ends, overall) -> float:
        """A little further from the overall line than both ends."""
        low, high = self.lens.get_ylim()
        end = max(ends, key=lambda y: abs(y - overall))
        return end + np.copysign(0.065 * (high - low), end - overall)

    def _point(self, x, overall, level) -> None:
        """Draw arrows from the overall line; a head tip touches its level."""
        self.stems.set_segments([[(a, overall), (a, b)] for a, b in zip(x, level, strict=True)])
        for head, up in zip(self.heads, (True, False), strict=True):
            mine = np.where((level > overall) == up, x, np.nan)
            head.set_offsets(np.column_stack([mine, level]))

    def show_bell(self, seen: Shrinkage, height: float = 1.0) -> None:
        """Show the normal curve from which the model takes the u_j to come."""
        y = seen.overall + BELL * max(seen.sd, 1e-9)
        width = height * np.exp(-(BELL**2) / 2)
        self.curve.set_data(y, np.zeros_like(width), width)
        self.rug.set_segments([[(0, v), (0.18, v)] for v in seen.overall + seen.u])
        self.bell_label.set(position=(0.05, y[-1]), text=f"sd {seen.sd:.3f}")


def _level_segments(x, y):
    return [[(a - 0.36, b), (a + 0.36, b)] for a, b in zip(x, y, strict=True)]
