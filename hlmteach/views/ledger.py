"""A ledger of models: each parameter a block, and what fit and blocks together cost."""

from dataclasses import dataclass

import numpy as np

from hlmteach.views.style import INK, QUIET, above
from hlmteach.views.view import View, segments

MOST_BLOCKS = 8  # blocks of a row for which there is room
COLORS = {"fixed": "#0072b2", "variance": "#d55e00", "covariance": "#9c4f7c", "residual": "#5c5c5c"}
MISFIT, PENALTY = "#56b4e9", "#e69f00"
SCALE_WIDTHS = (10, 20, 40, 80, 160, 320, 640, 1280, 2560)  # widths of the right-hand scale


@dataclass(frozen=True)
class Line:
    """One model in the ledger: a symbol and a kind for each parameter, and its -2 logLik.

    `counted` says of each parameter whether the rule in force counts it.
    """

    name: str
    shown: bool
    symbols: tuple[str, ...]
    kinds: tuple[str, ...]
    counted: tuple[bool, ...]
    misfit: float

    @property
    def k(self) -> int:
        """Parameters that count."""
        return sum(self.counted)

    @property
    def aic(self) -> float:
        """2 k - 2 logLik (equation 9), by the rule in force."""
        return 2 * self.k + self.misfit


@dataclass(frozen=True)
class Ledger:
    """All lines, shown or not, and the zero of the scale: the best fit among those shown."""

    lines: tuple[Line, ...]

    @property
    def shown(self) -> tuple[Line, ...]:
        """The lines that are in play."""
        return tuple(line for line in self.lines if line.shown)

    @property
    def zero(self) -> float:
        """The smallest -2 logLik among the models shown."""
        return min((line.misfit for line in self.shown), default=0.0)

    @property
    def best(self) -> Line | None:
        """The model with the smallest AIC."""
        return min(self.shown, key=lambda line: line.aic, default=None)


class LedgerView(View):
    """Left, a row of blocks for each model; right, misfit and penalty laid end to end.

    `names` are the models', top to bottom.
    """

    size = (7.8, 4.3)
    moves = "blocks symbols misfits penalties notches sums best"

    def __init__(self, names, present: bool = False):
        self.model_names, self.rows = names, np.arange(len(names))[::-1]
        self._narrow, self._span = False, 0
        super().__init__(present)

    def _make(self):
        panels = self.figure.subplots(1, 2, width_ratios=(1, 1.25), sharey=True)
        self.left, self.costs = panels
        self._make_blocks()
        self._make_costs()

    def _make_blocks(self):
        ax, names = self.left, self.model_names
        ax.set(xlim=(0.4, 6.6), ylim=(-0.7, len(names) - 0.35), title="what is estimated")
        ax.set(xlabel="k, the parameters counted", xticks=range(1, 7))
        ax.set_yticks(self.rows, names)
        ax.tick_params(left=False)
        ax.spines["left"].set_visible(False)
        self.blocks = [ax.scatter([], [], s=430, marker="s", lw=1.8, zorder=2) for _ in names]
        middle = {"ha": "center", "va": "center", "fontsize": 11, "zorder": 3}
        many = len(names) * MOST_BLOCKS
        self.symbols = [ax.text(0, 0, "", **middle) for _ in range(many)]

    def _make_costs(self):
        ax = self.costs
        ax.set(title=" \n ")
        ax.tick_params(left=False, labelleft=False)
        ax.spines["left"].set_visible(False)
        self.misfits = segments(ax, colors=MISFIT, lw=17, capstyle="butt")
        self.penalties = segments(ax, colors=PENALTY, lw=17, capstyle="butt")
        self.notches = segments(ax, colors="white", lw=1.2, zorder=3)
        self.sums = [ax.text(0, 0, "", va="center", color=INK) for _ in self.rows]
        self.best = ax.scatter([], [], s=150, marker="*", color=INK, zorder=4)
        self._say_parts()

    def _say_parts(self) -> None:
        """Say above the bars what their two parts are."""
        look = {"weight": "bold"}
        for points, color, text in (
            (20, MISFIT, "misfit: −2 logLik"),
            (5, PENALTY, "+ penalty: 2 per block"),
        ):
            place = above(self.costs, points)
            self.costs.text(0, 1, "■", color=color, transform=place, **look)
            self.costs.text(0, 1, f"    {text}", transform=place, **look)

    def shorten(self, narrow: bool) -> None:
        """Where the panels stand one above the other each needs the models' names."""
        if narrow != self._narrow:
            self._narrow = narrow
            self.costs.tick_params(labelleft=narrow)
            for squares in self.blocks:
                squares.set_sizes([330 if narrow else 430])
            self._leave_room()

    def _leave_room(self) -> None:
        """Beside the longest bar there is room for its number."""
        share = 2.1 if self._narrow else 1.95
        self.costs.set_xlim(0, share * (self._span or 1))

    def update(self, ledger: Ledger) -> None:
        """Show the models in play."""
        self._zoom(ledger)
        for i, line in enumerate(ledger.lines):
            self._show_blocks(i, line)
        self._show_costs(ledger)

    def _show_blocks(self, i: int, line: Line) -> None:
        """Fill the blocks that count; the others are empty and stand behind them."""
        order = sorted(range(len(line.kinds)), key=lambda b: not line.counted[b])
        on = order if line.shown else []
        places = [(1 + b, self.rows[i]) for b in range(len(on))]
        colors = [COLORS[line.kinds[b]] for b in on]
        faces = [c if line.counted[b] else "white" for b, c in zip(on, colors, strict=True)]
        self.blocks[i].set_offsets(places or np.zeros((0, 2)))
        self.blocks[i].set_facecolors(faces)
        self.blocks[i].set_edgecolors(colors)
        for place, text in enumerate(self.symbols[i * MOST_BLOCKS : (i + 1) * MOST_BLOCKS]):
            text.set_text(line.symbols[on[place]] if place < len(on) else "")
            if place < len(on):
                counted = line.counted[on[place]]
                text.set(position=places[place], color="#ffffff" if counted else INK)

    def _show_costs(self, ledger: Ledger) -> None:
        pairs = [(y, line) for y, line in zip(self.rows, ledger.lines, strict=True) if line.shown]
        ends = [(y, line.misfit - ledger.zero, line.aic - ledger.zero) for y, line in pairs]
        self.misfits.set_segments([[(0, y), (a, y)] for y, a, _ in ends])
        self.penalties.set_segments([[(a, y), (b, y)] for y, a, b in ends])
        cuts = [
            (y, a + 2 * j)
            for (y, a, _), (_, line) in zip(ends, pairs, strict=True)
            for j in range(line.k)
        ]
        self.notches.set_segments([[(x, y - 0.24), (x, y + 0.24)] for y, x in cuts])
        self._show_sums(ledger)

    def _show_sums(self, ledger: Ledger) -> None:
        best = ledger.best
        self.best.set_offsets(np.zeros((0, 2)))
        for y, line, text in zip(self.rows, ledger.lines, self.sums, strict=True):
            text.set_text(f"{line.aic:.2f}  Δ {line.aic - best.aic:.2f}" if line.shown else "")
            text.set_position((line.aic - ledger.zero + 0.02 * self._span, y))
            if line is best:
                text.set_text(f"    {line.aic:.2f}  best")
                at = line.aic - ledger.zero + 0.045 * self._span
                self.best.set_offsets([(at, y)])

    def _zoom(self, ledger: Ledger) -> None:
        """Take the narrowest scale of SCALE_WIDTHS that holds every bar and its number."""
        longest = max((line.aic - ledger.zero for line in ledger.shown), default=0)
        span = next((s for s in SCALE_WIDTHS if s >= longest), SCALE_WIDTHS[-1])
        if span != self._span:
            self._span = span
            self.costs.set(xticks=np.linspace(0, span, 3))
            self._leave_room()
            self.notches.set_linewidth(float(np.clip(25 / span, 0.2, 1.4)))
        label = f"AIC points above {ledger.zero:.2f}"
        if self.costs.get_xlabel() != label:
            self.costs.set_xlabel(label, color=QUIET if not ledger.shown else INK)
