"""Clusters of people in two arms, and beside them how often each test sounds a false alarm."""

from dataclasses import dataclass

import numpy as np

from hlmteach.views.style import INK, QUIET, write_key
from hlmteach.views.view import View, segments

SINGLE, MIXED = "#d55e00", "#009e73"  # the two tests
CONTROL, TREATED = "#0072b2", "#cc79a7"  # the two arms
MOST_ROWS = 600  # rows drawn; more would hide each other
SIZES = np.unique(np.geomspace(2, 1000, 120))
FEW = 12  # people in a cluster: with more, the curve has its name at the left
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


class ClustersView(View):
    """One study at the left, the count of false alarms over many studies at the right."""

    size = (6.9, 4.3)
    moves = """
        controls treated means control_mean treated_mean treated_name control_name curve
        curve_name whiskers single mixed single_text mixed_text
    """

    def _make(self):
        self.study, self.alarms = self.figure.subplots(1, 2, width_ratios=(1.15, 1))
        self._make_study()
        self._make_alarms()

    def _make_study(self):
        self.study.set(xlim=(-0.01, 1.01), ylim=(-3.7, 3.7), xticks=[], ylabel="outcome")
        self.study.set(title="one study, no effect", xlabel="clusters, side by side")
        look = {"linewidths": 0, "alpha": 0.45}
        self.controls = self.study.scatter([], [], s=13, c=CONTROL, marker="o", **look)
        self.treated = self.study.scatter([], [], s=15, c=TREATED, marker="s", **look)
        self.means = segments(self.study, colors=INK, lw=2.2)
        (self.control_mean,) = self.study.plot([], [], color=CONTROL, lw=4)
        (self.treated_mean,) = self.study.plot([], [], color=TREATED, lw=4, ls=(0, (3, 1)))
        (self.control_name,) = write_key(self.study, [("no training", CONTROL)], 0)
        (self.treated_name,) = write_key(self.study, [("training", "#a8467a")], 1)
        self.treated_name.set_ha("right")

    def _make_alarms(self):
        axes = self.alarms
        axes.set(xscale="log", xlim=(1.8, 1100), xlabel="people in a cluster")
        axes.set_title("false alarms")
        axes.set_xticks([2, 5, 20, 100, 500], ["2", "5", "20", "100", "500"], minor=False)
        axes.minorticks_off()
        axes.axhline(0.05, color=INK, lw=1.2, ls=(0, (4, 3)))
        (self.curve,) = axes.plot(SIZES, SIZES * 0, color=QUIET, lw=1.5)
        self.curve_name = axes.text(0, 0, "expected", color=QUIET, fontsize=10, va="bottom")
        self.whiskers = segments(axes, colors=[SINGLE, MIXED], lw=3)
        self.single = axes.scatter([], [], s=110, c=SINGLE, marker="s", zorder=5)
        self.mixed = axes.scatter([], [], s=110, c=MIXED, marker="o", zorder=6)
        self.single_text, self.mixed_text = write_key(axes, [("", SINGLE), ("", "#00795a")])
        self._scale_for(2)

    def update(self, picture: ClusterPicture) -> None:
        """Show a study and the counts."""
        if picture.level != self._level:
            self._scale_for(picture.level)
        self._show_study(picture)
        self._show_alarms(picture)

    def _scale_for(self, level):
        self._level, top = level, TOP[level]
        ticks = [0.05, *np.array((0.25, 0.5, 0.75, 1.0)) * top]
        self.alarms.set_ylim(-0.05 * top, 1.02 * top)
        self.alarms.set_yticks(ticks, [f"{100 * tick:.0f} %" for tick in ticks])

    def _show_study(self, picture):
        J = int(picture.cluster.max()) + 1
        mean = np.bincount(picture.cluster, picture.y) / np.bincount(picture.cluster)
        left = np.arange(J) / J
        self.means.set_segments(
            [((a + 0.12 / J, m), (a + 0.88 / J, m)) for a, m in zip(left, mean, strict=True)]
        )
        places = _places(picture, J)
        shown = _some(len(picture.y))
        for dots, mine in ((self.controls, ~picture.treated), (self.treated, picture.treated)):
            dots.set_offsets(places[mine & shown])
        self._show_arms(picture, J)

    def _show_arms(self, picture, J):
        cut = (~picture.treated).nonzero()[0]
        border = (picture.cluster[cut].max() + 1) / J if picture.level == 2 else 1.0
        start = border if picture.level == 2 else 0.0
        for line, mine, ends in (
            (self.control_mean, ~picture.treated, (0, border)),
            (self.treated_mean, picture.treated, (start, 1)),
        ):
            line.set_data(ends, [picture.y[mine].mean()] * 2)

    def _show_alarms(self, picture):
        self.curve.set_ydata(picture.curve)
        left, ends = picture.size > FEW, SIZES[[0, -1]]  # where no count is
        height = np.interp(FEW, SIZES, picture.curve) if left else picture.curve[-1]
        self.curve_name.set_ha("left" if left else "right")
        self.curve_name.set_position((ends[0 if left else 1], height + 0.01 * TOP[self._level]))
        rates = picture.single, picture.mixed
        for dot, rate in zip((self.single, self.mixed), rates, strict=True):
            dot.set_offsets([(picture.size, rate.share)])
        self.whiskers.set_segments(
            [
                [(picture.size, r.share - r.margin), (picture.size, r.share + r.margin)]
                for r in rates
            ]
        )
        self.single_text.set_text(picture.single.text)
        self.mixed_text.set_text(picture.mixed.text)


def _places(picture, J):
    """Rows spread over their cluster's strip."""
    aside = np.random.default_rng(0).uniform(0.14, 0.86, len(picture.y))
    return np.column_stack([(picture.cluster + aside) / J, picture.y])


def _some(n):
    """Which rows are drawn: all, or as many as can be told apart."""
    shown = np.zeros(n, bool)
    shown[np.random.default_rng(1).permutation(n)[:MOST_ROWS]] = True
    return shown
