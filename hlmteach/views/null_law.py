"""The law of a likelihood ratio under the smaller model: what comes, and what two tables expect."""

from dataclasses import dataclass

import numpy as np
from matplotlib.collections import PolyCollection

from hlmteach.engine.laws import chi2
from hlmteach.views.band import bars
from hlmteach.views.style import INK, KEY, PLATE, QUIET
from hlmteach.views.view import View, segments

WIDTH, BAR = 0.5, 0.42  # of a bin, and of its bar
EDGES = np.arange(0.0, 8.01, WIDTH)
CENTRES = np.concatenate([[-0.6], EDGES[:-1] + WIDTH / 2])
OBSERVED, NAIVE, MIXTURE = "#56b4e9", "#d55e00", "#009e73"
OBSERVED_INK, MIXTURE_INK = "#0072b2", "#00795a"  # the same for letters


@dataclass(frozen=True)
class NullCounts:
    """Ratios (n,) of studies without group differences, and the rates of two tests of them.

    `shares` are those of exact zeros, then of each bin of EDGES; rates and margins are by test,
    "naive" and "mixture".
    """

    ratio: np.ndarray
    level: float
    rates: dict[str, float]
    margins: dict[str, float]

    @property
    def zero(self) -> float:
        """The share of ratios that are exactly 0."""
        return float((self.ratio == 0).mean())

    @property
    def shares(self) -> np.ndarray:
        """Of exact zeros, then of each bin."""
        above = np.histogram(self.ratio[self.ratio > 0], EDGES)[0] / len(self.ratio)
        return np.concatenate([[self.zero], above])


def expected_shares() -> dict[str, np.ndarray]:
    """What chi-square on 1 df expects of zeros and bins, and its even mixture with 0 (equation 28).

    >>> {name: round(float(share[0]), 2) for name, share in expected_shares().items()}
    {'naive': 0.0, 'mixture': 0.5}
    """
    bins = np.diff(chi2.cdf(EDGES, 1))
    return {"naive": np.append(0.0, bins), "mixture": np.append(0.5, bins / 2)}


class NullLawView(View):
    """Bars of what came, lines of what each table expects; at the right how often tests reject."""

    size = (7.6, 4.2)
    moves = "bars zero_label count wanted promise spans dots rates"

    def _make(self):
        self.law, self.rejects = self.figure.subplots(1, 2, width_ratios=(2.2, 1))
        self._make_law()
        self._make_rejects()
        self._level = None

    def _make_law(self):
        ax = self.law
        ax.set(xlim=(-1.05, 8.1), ylim=(0, 0.85), title="no group differences")
        ax.set(xlabel="likelihood ratio", ylabel="share of studies")
        ax.set_xticks([-0.6, *range(1, 9)], ["exactly\n0", *map(str, range(1, 9))])
        ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        ax.axvline(-0.15, color=QUIET, lw=1, ls=":")
        self.bars = PolyCollection([], facecolors=OBSERVED, edgecolors="none")
        ax.add_collection(self.bars, autolim=False)
        shares = expected_shares()
        looks = {
            "naive": (NAIVE, "^", (0, (5, 2)), (0.55, 0.5), "▲ usual table, χ² on 1 df"),
            "mixture": (MIXTURE_INK, "o", "-", (1.0, 0.2), "● mixture, half at 0"),
        }
        for name, (color, marker, line, place, label) in looks.items():
            y = shares[name]
            ax.plot(CENTRES[1:], y[1:], color=color, marker=marker, ls=line, lw=1.6, ms=5)
            ax.text(*place, label, color=color, **KEY)
            ax.plot(CENTRES[:1], y[:1], color=color, marker=marker, ms=8, clip_on=False, zorder=5)
        ax.text(-0.05, 0.7, "■ ratios that came up", color=OBSERVED_INK, **KEY)
        self.zero_label = ax.text(-0.6, 0, "", ha="center", va="bottom", weight="bold")
        self.count = ax.text(8.0, 0.40, "", ha="right", color=INK)

    def _make_rejects(self):
        ax = self.rejects
        ax.set(ylim=(-0.7, 1.9), title="each test rejects", xlabel="share of studies")
        ax.set_yticks([1, 0], ["usual\ntable", "mixture"])
        ax.spines["left"].set_visible(False)
        ax.tick_params(left=False)
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        self.wanted = ax.axvline(0.05, color=INK, lw=1.5, ls="--")
        self.promise = ax.text(0.05, 1.62, "", va="center", ha="right", fontsize=10.5)
        colors = [NAIVE, MIXTURE]
        self.spans = segments(ax, colors=colors, lw=3)
        self.dots = [
            ax.scatter([0], [y], s=90, marker=m, color=c, zorder=4)
            for y, m, c in zip((1, 0), "^o", colors, strict=True)
        ]
        self.rates = [ax.text(0, y + 0.16, "", ha="center", bbox=PLATE) for y in (1, 0)]

    def update(self, counts: NullCounts) -> None:
        """Show the counts so far."""
        shares = counts.shares
        self.bars.set_verts(bars(CENTRES[:, None] + (-BAR / 2, BAR / 2), shares))
        self.zero_label.set(text=f"{counts.zero:.0%}", position=(-0.6, shares[0] + 0.015))
        self.count.set_text(f"{len(counts.ratio):,} studies")
        self._show_level(counts.level)
        rates = [counts.rates["naive"], counts.rates["mixture"]]
        margins = [counts.margins["naive"], counts.margins["mixture"]]
        self.spans.set_segments(
            [[(r - m, y), (r + m, y)] for r, m, y in zip(rates, margins, (1, 0), strict=True)]
        )
        for dot, label, rate, y in zip(self.dots, self.rates, rates, (1, 0), strict=True):
            dot.set_offsets([(rate, y)])
            label.set(text=f"{rate:.1%}", position=(rate, y + 0.16))

    def _show_level(self, level: float) -> None:
        if level != self._level:
            self._level = level
            self.rejects.set_xlim(0, 1.5 * level)
            self.rejects.set_xticks([0, level / 2, level])
            digits = 1 if level < 0.1 else 0
            self.rejects.xaxis.set_major_formatter(lambda value, _: f"{value:.{digits}%}")
            self.wanted.set_xdata([level, level])
            self.promise.set(text=f"promised {level:.0%} ", position=(level, 1.62))
