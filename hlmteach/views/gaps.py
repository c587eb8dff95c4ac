"""People asked twice, some of them once only; beside them what two analyses make of it."""

from dataclasses import dataclass

import numpy as np
from matplotlib.collections import PolyCollection

from hlmteach.views.band import bars
from hlmteach.views.style import INK, QUIET
from hlmteach.views.view import View, segments

ALL, COMPLETE, GONE, GONE_INK = "#0072b2", "#d55e00", "#cc79a7", "#a8467a"
MOST_PEOPLE = 60
EDGES = np.linspace(0, 1.2, 49)


@dataclass(frozen=True)
class GapsPicture:
    """One study, and the changes that two analyses found in many: `all_rows`, `complete` (n,)."""

    before: np.ndarray
    after: np.ndarray
    missing: np.ndarray
    true: float
    all_rows: np.ndarray
    complete: np.ndarray


class GapsView(View):
    """One study at the left; estimates of many studies at the right, in two rows."""

    size = (6.4, 3.9)
    moves = "pairs stayed lost alone all_rows complete count"

    def _make(self):
        self.left, self.right = self.figure.subplots(1, 2, width_ratios=(1, 1.15))
        axes = self.left
        axes.set(xlim=(-0.25, 1.25), ylim=(-3.2, 3.8), xticks=[0, 1], ylabel="answer")
        axes.set_xticklabels(["before", "after"])
        axes.set_title("one study")
        self.pairs = segments(axes, colors=ALL, lw=1, alpha=0.55, zorder=2)
        self.lost = segments(axes, colors=GONE, lw=1, linestyles=[(0, (2, 2))], zorder=1)
        self.stayed = axes.scatter([], [], s=16, color=ALL, lw=0, zorder=3)
        self.alone = axes.scatter([], [], s=26, facecolors="none", edgecolors=GONE, zorder=3)
        put = {"transform": axes.transAxes, "fontsize": 10}
        axes.text(0.02, 0.075, "● answered twice", color=ALL, **put)
        axes.text(0.02, 0.015, "○ missing after: nobody sees it", color=GONE_INK, **put)
        axes = self.right
        axes.set(xlim=(0, 1.2), ylim=(-0.08, 2.1), xlabel="change found")
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_title("many studies")
        self.truth = axes.axvline(0.5, color=INK, lw=1.5, ls=(0, (4, 3)), ymax=0.93)
        axes.text(0.5, 2.06, "true", ha="center", va="center", fontsize=10)
        self.all_rows = self._make_row("all rows", ALL, 1.0)
        self.complete = self._make_row("complete cases", COMPLETE, 0.0)
        self.count = axes.text(1.2, 2.06, "", ha="right", va="center", color=QUIET, fontsize=10)

    def _make_row(self, name: str, color: str, base: float) -> list:
        """Bars, a mark at their mean, and the mean in words, above a line of their own."""
        axes = self.right
        histogram = PolyCollection([], facecolors=color, edgecolors="none", alpha=0.55, zorder=2)
        axes.add_collection(histogram, autolim=False)
        axes.axhline(base, color=QUIET, lw=0.8)
        axes.text(1.2, base + 0.8, name, color=color, weight="bold", ha="right")
        mean = axes.scatter([], [], s=70, marker="^", color=INK, lw=0, zorder=5)
        return [histogram, mean, axes.text(1.2, base + 0.68, "", fontsize=10, ha="right")]

    def update(self, picture: GapsPicture) -> None:
        """Show the last study, and the counts so far."""
        self._show_study(picture)
        for row, found, base in (
            (self.all_rows, picture.all_rows, 1.0),
            (self.complete, picture.complete, 0.0),
        ):
            histogram, mean, said = row
            histogram.set_verts(_bars(found, base))
            mean.set_offsets([(found.mean(), base - 0.03)])
            said.set_text(f"mean {found.mean():.2f}".replace("-", "−"))
        self.count.set_text(f"{len(picture.complete):,} studies")

    def _show_study(self, picture) -> None:
        some = slice(0, MOST_PEOPLE)
        before, after, gone = picture.before[some], picture.after[some], picture.missing[some]
        ends = np.stack(
            [
                np.column_stack([np.zeros_like(before), before]),
                np.column_stack([np.ones_like(after), after]),
            ],
            axis=1,
        )
        self.pairs.set_segments(ends[~gone])
        self.lost.set_segments(ends[gone])
        self.stayed.set_offsets(ends[~gone].reshape(-1, 2))
        self.alone.set_offsets(ends[gone][:, 1])


def _bars(found, base: float) -> np.ndarray:
    """Corners of a histogram above a line; the highest bar is 0.6 high."""
    counts, _ = np.histogram(np.clip(found, EDGES[0], EDGES[-1] - 1e-9), EDGES)
    return bars(EDGES, base + 0.6 * counts / max(counts.max(), 1), base)
