"""Repeated studies: their last intervals, one below the other, and the running count of hits."""

from dataclasses import dataclass

import numpy as np
from matplotlib.collections import LineCollection

from hlmteach.inference.repeated import Intervals
from hlmteach.views.style import INK, house_style, new_figure
from hlmteach.views.window import hold

ROWS = 40  # intervals on show
POINTS = 160  # of the running count
HIT, TOO_HIGH, TOO_LOW = "#0072b2", "#d55e00", "#9c4f7c"


@dataclass(frozen=True)
class CoveragePicture:
    """Intervals so far, the level that they promise, and half of the width of the picture."""

    intervals: Intervals
    level: float
    reach: float
    most: int


class CoverageView:
    """The last intervals at the left, missed ones bold and marked; at the right the running count.

    Parameters
    ----------
    present : bool
        Larger, for a projector.
    """

    def __init__(self, present: bool = False):
        with house_style():
            self.figure = new_figure(7.8, 4.6, present)
            self.studies, self.count = self.figure.subplots(1, 2, width_ratios=(1.45, 1))
            self._make_studies()
            self._make_count()
        self._arranged, self._reach = None, None

    def _make_studies(self):
        ax = self.studies
        ax.set(ylim=(-0.9, ROWS + 2.6), yticks=[], xlabel="the mean, estimated")
        ax.set_title(f"the last {ROWS} studies")
        ax.spines["left"].set_visible(False)
        self.truth = ax.axvline(0, ymax=0.945, color=INK, lw=1.6)
        self.truth_label = ax.text(0, ROWS + 1.0, "", ha="center", va="bottom")
        self.lines, self.dots = {}, {}
        looks = {
            "hit": (HIT, 1.4, "o", 9),
            "high": (TOO_HIGH, 3.2, ">", 62),
            "low": (TOO_LOW, 3.2, "<", 62),
        }
        for name, (color, width, marker, size) in looks.items():
            self.lines[name] = LineCollection([], colors=color, lw=width, zorder=3)
            ax.add_collection(self.lines[name], autolim=False)
            self.dots[name] = ax.scatter([], [], s=size, marker=marker, color=color, zorder=4)

    def _make_count(self):
        ax = self.count
        ax.set(xscale="log", ylim=(0.48, 1.04), xlabel="studies so far", title=" ")
        ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        ax.set_yticks([0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
        self.promise = ax.axhline(0.95, color=INK, lw=1.5, ls="--")
        self.promise_label = ax.text(0, 0, "", va="bottom", ha="right", fontsize=10.5)
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        (self.running,) = ax.plot([], [], color=HIT, lw=2)
        self.margin = LineCollection([], colors=HIT, lw=4, zorder=4)
        ax.add_collection(self.margin, autolim=False)
        self.now = ax.text(0, 1.03, "", weight="bold", fontsize=12, transform=ax.transAxes)
        styled = {"ha": "left", "transform": ax.transAxes, "fontsize": 10.5}
        self.sides = [
            ax.text(0.05, 0.10, "", color=TOO_HIGH, **styled),
            ax.text(0.05, 0.03, "", color=TOO_LOW, **styled),
        ]

    @property
    def moving(self) -> dict:
        """What the browser draws, by name."""
        return {
            **{"truth": self.truth, "truth label": self.truth_label},
            **{f"{name} lines": line for name, line in self.lines.items()},
            **{f"{name} marks": dots for name, dots in self.dots.items()},
            **{"promise": self.promise, "promise label": self.promise_label},
            **{"running": self.running, "margin": self.margin, "now": self.now},
            "sides": self.sides,
        }

    def update(self, seen: CoveragePicture) -> None:
        """Show the last intervals and the count."""
        self._arrange(seen)
        self._show_studies(seen.intervals)
        self._show_count(seen)

    def _arrange(self, seen) -> None:
        truth = seen.intervals.truth
        self._reach = hold(truth - seen.reach, truth + seen.reach, self._reach, least=0.2)
        wanted = truth, self._reach, seen.most
        if wanted != self._arranged:
            self._arranged = wanted
            self.studies.set_xlim(self._reach)
            self.count.set_xlim(1, seen.most * 1.15)
            self.truth.set_xdata([truth, truth])
            self.truth_label.set(text=f"true mean {truth:.2f}", position=(truth, ROWS + 0.4))

    def _show_studies(self, all_of_them: Intervals) -> None:
        """Each study keeps its row until another one takes it."""
        start = max(0, len(all_of_them) - ROWS)
        at = np.arange(start, len(all_of_them))
        rows, low, high = ROWS - 1 - at % ROWS, all_of_them.low[at], all_of_them.high[at]
        which = {
            "hit": all_of_them.covers[at],
            "high": all_of_them.truth_below[at],
            "low": all_of_them.truth_above[at],
        }
        for name, mask in which.items():
            segments = np.full((ROWS, 2, 2), np.nan)
            marks = np.full((ROWS, 2), np.nan)
            y = rows[mask]
            segments[y] = np.stack(
                [np.column_stack([low[mask], y]), np.column_stack([high[mask], y])], 1
            )
            marks[y] = np.column_stack([all_of_them.estimate[at][mask], y])
            self.lines[name].set_segments(segments)
            self.dots[name].set_offsets(marks)

    def _show_count(self, seen) -> None:
        found, n = seen.intervals, len(seen.intervals)
        hits = np.cumsum(found.covers)
        at = np.unique(np.geomspace(1, n, POINTS).astype(int))
        at = np.pad(at, (0, POINTS - len(at)), mode="edge")
        self.running.set_data(at, hits[at - 1] / at)
        rate, margin = found.coverage, found.margin
        self.margin.set_segments([[(n, rate - margin), (n, rate + margin)]])
        self.now.set_text(f"hits: {rate:.1%} of {n:,}")
        self.promise.set_ydata([seen.level, seen.level])
        self.promise_label.set_text(f"promised {seen.level:.0%}")
        self.promise_label.set_position((seen.most, seen.level + 0.006))
        self.sides[0].set_text(f"▶ above the truth: {found.truth_below.mean():.1%}")
        self.sides[1].set_text(f"◀ below the truth: {found.truth_above.mean():.1%}")
