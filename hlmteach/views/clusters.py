"""Clusters of people in two arms, and beside them how often each test sounds a false alarm."""

from dataclasses import dataclass

import numpy as np
from matplotlib.collections import LineCollection

from hlmteach.views.style import INK, QUIET, above, house_style, new_figure

SINGLE, MIXED = "#d55e00", "#009e73"  # the two tests
CONTROL, TREATED = "#0072b2", "#cc79a7"  # the two arms
SHOWN = 600  # rows drawn; more would hide each other
SIZES = np.unique(np.geomspace(2, 1000, 120))
TOP = {2: 1.0, 1: 0.2}  # the scale of the alarms, by the predictor's level


@dataclass(frozen=True)
class Rate:
    """A share of false alarms, its Monte Carlo margin, and a line that says it."""

    share: float
    margin: float
    text: str


@dataclass(frozen=True)
class ClusterPicture:
    """What the view draws.

    `y`, `cluster` (from 0) and `treated` (bool) are rows; `level` is the predictor's; `size` the
    rows in a cluster. `curve` (len(SIZES),) holds the expected share for least squares.
    """

    y: np.ndarray
    cluster: np.ndarray
    treated: np.ndarray
    level: int
    size: int
    curve: np.ndarray
    single: Rate
    mixed: Rate


class ClustersView:
    """One study at the left, the count of false alarms over many studies at the right."""

    def __init__(self, present: bool = False):
        with house_style():
            self.figure = new_figure(6.9, 4.3, present)
            self.study, self.alarms = self.figure.subplots(1, 2, width_ratios=(1.15, 1))
            self._make_study()
            self._make_alarms()

    def _make_study(self):
        self.study.set(xlim=(-0.01, 1.01), ylim=(-3.7, 3.7), xticks=[], ylabel="outcome")
        self.study.set(title="one study, no effect", xlabel="clusters, side by side")
        look = {"linewidths": 0, "alpha": 0.45}
        self.controls = self.study.scatter([], [], s=13, c=CONTROL, marker="o", **look)
        self.treated = self.study.scatter([], [], s=15, c=TREATED, marker="s", **look)
        self.means = LineCollection([], colors=INK, lw=2.2)
        self.study.add_collection(self.means, autolim=False)
        (self.control_mean,) = self.study.plot([], [], color=CONTROL, lw=4)
        (self.treated_mean,) = self.study.plot([], [], color=TREATED, lw=4, ls=(0, (3, 1)))
        self.control_name = self.study.text(0, 3.3, "no training", color=CONTROL, weight="bold")
        self.treated_name = self.study.text(
            1, 3.3, "training", color="#a8467a", weight="bold", ha="right"
        )

    def _make_alarms(self):
        axes = self.alarms
        axes.set(xscale="log", xlim=(1.8, 1100), xlabel="people in a cluster")
        axes.set_title("false alarms", pad=40)
        axes.set_xticks([2, 5, 20, 100, 500], ["2", "5", "20", "100", "500"], minor=False)
        axes.minorticks_off()
        axes.axhline(0.05, color=INK, lw=1.2, ls=(0, (4, 3)))
        (self.curve,) = axes.plot(SIZES, SIZES * 0, color=QUIET, lw=1.5)
        self.whiskers = LineCollection([], colors=[SINGLE, MIXED], lw=3)
        axes.add_collection(self.whiskers, autolim=False)
        self.single = axes.scatter([], [], s=110, c=SINGLE, marker="s", zorder=5)
        self.mixed = axes.scatter([], [], s=110, c=MIXED, marker="o", zorder=6)
        put = {"fontsize": 11, "weight": "bold"}
        self.single_text = axes.text(0, 1, "", color=SINGLE, transform=above(axes, 21), **put)
        self.mixed_text = axes.text(0, 1, "", color="#00795a", transform=above(axes, 5), **put)
        self._scale_for(2)

    @property
    def moving(self) -> dict:
        """What the browser draws, by name."""
        names = "controls treated means control_mean treated_mean treated_name control_name curve"
        names += " whiskers single mixed single_text mixed_text"
        return {name: getattr(self, name) for name in names.split()}

    def update(self, seen: ClusterPicture) -> None:
        """Show a study and the counts."""
        if seen.level != self._level:
            self._scale_for(seen.level)
        self._show_study(seen)
        self._show_alarms(seen)

    def _scale_for(self, level):
        self._level, top = level, TOP[level]
        ticks = [0.05, *np.array((0.25, 0.5, 0.75, 1.0)) * top]
        self.alarms.set_ylim(-0.03 * top, 1.02 * top)
        self.alarms.set_yticks(ticks, [f"{100 * tick:.0f} %" for tick in ticks])

    def _show_study(self, seen):
        J = int(seen.cluster.max()) + 1
        mean = np.bincount(seen.cluster, seen.y) / np.bincount(seen.cluster)
        left = np.arange(J) / J
        self.means.set_segments(
            [((a + 0.12 / J, m), (a + 0.88 / J, m)) for a, m in zip(left, mean, strict=True)]
        )
        places = _places(seen, J)
        shown = _some(len(seen.y))
        for dots, mine in ((self.controls, ~seen.treated), (self.treated, seen.treated)):
            dots.set_offsets(places[mine & shown])
        self._show_arms(seen, J)

    def _show_arms(self, seen, J):
        cut = (~seen.treated).nonzero()[0]
        border = (seen.cluster[cut].max() + 1) / J if seen.level == 2 else 1.0
        start = border if seen.level == 2 else 0.0
        for line, mine, ends in (
            (self.control_mean, ~seen.treated, (0, border)),
            (self.treated_mean, seen.treated, (start, 1)),
        ):
            line.set_data(ends, [seen.y[mine].mean()] * 2)

    def _show_alarms(self, seen):
        self.curve.set_ydata(seen.curve)
        rates = seen.single, seen.mixed
        for dot, rate in zip((self.single, self.mixed), rates, strict=True):
            dot.set_offsets([(seen.size, rate.share)])
        self.whiskers.set_segments(
            [[(seen.size, r.share - r.margin), (seen.size, r.share + r.margin)] for r in rates]
        )
        self.single_text.set_text(seen.single.text)
        self.mixed_text.set_text(seen.mixed.text)


def _places(seen, J):
    """Rows spread over their cluster's strip."""
    aside = np.random.default_rng(0).uniform(0.14, 0.86, len(seen.y))
    return np.column_stack([(seen.cluster + aside) / J, seen.y])


def _some(n):
    """Which rows are drawn: all, or as many as can be told apart."""
    shown = np.zeros(n, bool)
    shown[np.random.default_rng(1).permutation(n)[:SHOWN]] = True
    return shown
