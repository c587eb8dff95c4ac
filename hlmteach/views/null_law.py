"""The law of a likelihood ratio under the smaller model: what comes, and what two tables expect."""

from dataclasses import dataclass

import numpy as np
from matplotlib.collections import LineCollection
from scipy.stats import chi2

from hlmteach.views.style import INK, QUIET, house_style, new_figure

WIDTH = 0.5  # of a bin
EDGES = np.arange(0.0, 8.01, WIDTH)
CENTRES = np.concatenate([[-0.6], EDGES[:-1] + WIDTH / 2])
OBSERVED, NAIVE, MIXTURE = "#56b4e9", "#d55e00", "#009e73"


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


class NullLawView:
    """Bars of what came, lines of what each table expects; beside them how often each test rejects.

    Parameters
    ----------
    present : bool
        Larger, for a projector.
    """

    def __init__(self, present: bool = False):
        with house_style():
            self.figure = new_figure(7.6, 4.2, present)
            self.law, self.rejects = self.figure.subplots(1, 2, width_ratios=(2.2, 1))
            self._make_law()
            self._make_rejects()
        self._level = None

    def _make_law(self):
        ax = self.law
        ax.set(xlim=(-1.05, 8.1), ylim=(0, 0.75), title="no group differences")
        ax.set(xlabel="likelihood ratio", ylabel="share of studies")
        ax.set_xticks([-0.6, *range(1, 9)], ["exactly\n0", *map(str, range(1, 9))])
        ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        ax.axvline(-0.15, color=QUIET, lw=1, ls=":")
        self.bars = list(ax.bar(CENTRES, 0, 0.42, color=OBSERVED, label="came up"))
        shares = expected_shares()
        looks = {
            "naive": (NAIVE, "^", (0, (5, 2)), "usual table, χ² on 1 df"),
            "mixture": (MIXTURE, "o", "-", "mixture, half of it at 0"),
        }
        for name, (color, marker, line, label) in looks.items():
            y = shares[name]
            ax.plot(
                CENTRES[1:], y[1:], color=color, marker=marker, ls=line, lw=1.6, ms=5, label=label
            )
            ax.plot(CENTRES[:1], y[:1], color=color, marker=marker, ms=8, clip_on=False, zorder=5)
        ax.legend(loc="upper right", fontsize=10, handlelength=1.4, borderaxespad=0)
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
        self.spans = LineCollection([], colors=colors, lw=3)
        ax.add_collection(self.spans, autolim=False)
        self.dots = [
            ax.scatter([0], [y], s=90, marker=m, color=c, zorder=4)
            for y, m, c in zip((1, 0), "^o", colors, strict=True)
        ]
        self.rates = [ax.text(0, y + 0.16, "", ha="center", color=INK) for y in (1, 0)]

    @property
    def moving(self) -> dict:
        """What the browser draws, by name."""
        return {
            **{"bars": self.bars, "zeros": self.zero_label, "count": self.count},
            **{"promise": self.wanted, "promise label": self.promise, "margins": self.spans},
            **{"dots": self.dots, "rates": self.rates},
        }

    def update(self, seen: NullCounts) -> None:
        """Show the counts so far."""
        shares = seen.shares
        for bar, share in zip(self.bars, shares, strict=True):
            bar.set_height(share)
        self.zero_label.set(text=f"{seen.zero:.0%}", position=(-0.6, shares[0] + 0.015))
        self.count.set_text(f"{len(seen.ratio):,} studies")
        self._show_level(seen.level)
        rates = [seen.rates["naive"], seen.rates["mixture"]]
        margins = [seen.margins["naive"], seen.margins["mixture"]]
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
