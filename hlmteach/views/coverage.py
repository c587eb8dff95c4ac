"""Repeated studies: their last intervals, one below the other, and the running count of hits."""

from dataclasses import dataclass

import numpy as np

from hlmteach.inference.studies.repeated import Intervals
from hlmteach.views.style import INK, PLATE
from hlmteach.views.view import View, put, put_line, put_points, put_segments, segments
from hlmteach.views.window import hold

SHOWN_ROWS = 40  # intervals on show
COUNT_POINTS = 160  # of the running count
HIT, TOO_HIGH, TOO_LOW = "#0072b2", "#d55e00", "#9c4f7c"


@dataclass(frozen=True)
class CoveragePicture:
    """Intervals so far, the level that they promise, and half of the width of the picture."""

    intervals: Intervals
    level: float
    reach: float
    most: int


class CoverageView(View):
    """The last intervals, missed ones bold and marked; at the right the running count."""

    size = (7.8, 4.6)
    moves = "truth truth_label lines dots promise promise_label running margin now sides"

    def _make(self):
        self.studies, self.count = self.figure.subplots(1, 2, width_ratios=(1.45, 1))
        self._make_studies()
        self._make_count()
        self._reach = None
        self.shorten(False)

    def shorten(self, narrow: bool) -> None:
        """Say no more than the shares, where there is no room for words beside them."""
        self._sides = ("", "") if narrow else ("too high: ", "too low: ")

    def _make_studies(self):
        ax = self.studies
        ax.set(ylim=(-3.4, SHOWN_ROWS + 2.6), yticks=[], xlabel="the mean, estimated")
        ax.set_title(f"the last {SHOWN_ROWS} studies")
        ax.spines["left"].set_visible(False)
        self.truth = ax.axvline(0, ymax=0.945, color=INK, lw=1.6)
        self.truth_label = ax.text(0, SHOWN_ROWS + 1.0, "", ha="center", va="bottom")
        self.lines, self.dots = {}, {}
        looks = {
            "hit": (HIT, 1.4, "o", 9),
            "high": (TOO_HIGH, 3.2, ">", 62),
            "low": (TOO_LOW, 3.2, "<", 62),
        }
        for name, (color, width, marker, size) in looks.items():
            self.lines[name] = segments(ax, colors=color, lw=width, zorder=3)
            self.dots[name] = ax.scatter([], [], s=size, marker=marker, color=color, zorder=4)
        look = {"transform": ax.transAxes, "fontsize": 10, "weight": "bold", "bbox": PLATE}
        self.sides = [
            ax.text(x, 0.01, "", color=color, ha=ha, va="bottom", zorder=5, **look)
            for x, ha, color in ((1, "right", TOO_HIGH), (0, "left", TOO_LOW))
        ]

    def _make_count(self):
        ax = self.count
        ax.set(xscale="log", ylim=(0.48, 1.04), xlabel="studies so far", title=" ")
        ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        ax.set_yticks([0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
        self.promise = ax.axhline(0.95, color=INK, lw=1.5, ls="--")
        self.promise_label = ax.text(0, 0, "", va="bottom", ha="right", fontsize=10.5)
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        (self.running,) = ax.plot([], [], color=HIT, lw=2)
        self.margin = segments(ax, colors=HIT, lw=4, zorder=4)
        self.now = ax.text(0, 1.03, "", weight="bold", fontsize=12, transform=ax.transAxes)

    def update(self, picture: CoveragePicture) -> None:
        """Show the last intervals and the count."""
        self._arrange(picture)
        self._show_studies(picture.intervals)
        self._show_count(picture)

    def _arrange(self, picture) -> None:
        truth = picture.intervals.truth
        self._reach = hold(truth - picture.reach, truth + picture.reach, self._reach, least=0.2)
        wanted = truth, self._reach, picture.most
        if wanted != self._arranged:
            self._arranged = wanted
            put(self.studies, xlim=self._reach)
            put(self.count, xlim=(1, picture.most * 1.15))
            self.truth.set_xdata([truth, truth])
            self.truth_label.set(text=f"true mean {truth:.2f}", position=(truth, SHOWN_ROWS + 0.4))

    def _show_studies(self, all_of_them: Intervals) -> None:
        """Each study keeps its row until another one takes it."""
        start = max(0, len(all_of_them) - SHOWN_ROWS)
        at = np.arange(start, len(all_of_them))
        rows, low, high = (
            SHOWN_ROWS - 1 - at % SHOWN_ROWS,
            all_of_them.low[at],
            all_of_them.high[at],
        )
        which = {
            "hit": all_of_them.covers[at],
            "high": all_of_them.truth_below[at],
            "low": all_of_them.truth_above[at],
        }
        for name, mask in which.items():
            segments = np.full((SHOWN_ROWS, 2, 2), np.nan)
            marks = np.full((SHOWN_ROWS, 2), np.nan)
            y = rows[mask]
            segments[y] = np.stack(
                [np.column_stack([low[mask], y]), np.column_stack([high[mask], y])], 1
            )
            marks[y] = np.column_stack([all_of_them.estimate[at][mask], y])
            put_segments(self.lines[name], segments)
            put_points(self.dots[name], marks)

    def _show_count(self, picture) -> None:
        intervals, n = picture.intervals, len(picture.intervals)
        hits = np.cumsum(intervals.covers)
        at = np.unique(np.geomspace(1, n, COUNT_POINTS).astype(int))
        at = np.pad(at, (0, COUNT_POINTS - len(at)), mode="edge")
        put_line(self.running, at, hits[at - 1] / at)
        rate, margin = intervals.coverage, intervals.margin
        self.margin.set_segments([[(n, rate - margin), (n, rate + margin)]])
        self.now.set_text(f"hits: {rate:.1%} of {n:,}")
        put_line(self.promise, [0, 1], [picture.level, picture.level])
        place = (picture.most, picture.level + 0.006)
        put(self.promise_label, text=f"promised {picture.level:.0%}", position=place)
        high, low = self._sides
        self.sides[0].set_text(f"{high}{intervals.truth_below.mean():.1%} ▶")
        self.sides[1].set_text(f"◀ {low}{intervals.truth_above.mean():.1%}")
