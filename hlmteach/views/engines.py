"""Where three programs stop on one likelihood, and the intercept with the SE that each prints."""

from collections.abc import Sequence

import numpy as np
from matplotlib.ticker import MaxNLocator

from hlmteach.inference.other_programs.engines import EngineFit
from hlmteach.views.style import INK, QUIET
from hlmteach.views.view import View, put, segments
from hlmteach.views.window import hold

LOOKS = {
    "nlme": ("#0072b2", "o"),
    "lme4": ("#009e73", "s"),
    "statsmodels": ("#d55e00", "D"),
}
NEAR, ASIDE = 0.2, 0.12  # of the width: stops so near have names beside each other, one moved aside
DROPS = (1, 2, 4, 8, 16, 32)  # heights of the window on the likelihood


class EnginesView(View):
    """Left, the log-likelihood by the sd of u, with a mark where each program stopped.

    Right, the intercept and two of its standard errors, one row per program.
    """

    size = (7.6, 3.9)
    moves = "curve spans dots stops stop_labels errors"

    def _make(self):
        self.hill, self.rows = self.figure.subplots(1, 2, width_ratios=(1.5, 1))
        self._make_hill()
        self._make_rows()
        self._limits = (None, None)

    def _make_hill(self):
        ax = self.hill
        ax.set(xlabel="sd of the random intercept", title="log-likelihood, top at 0")
        ax.xaxis.set_major_locator(MaxNLocator(5))
        (self.curve,) = ax.plot([], [], color=INK, lw=2)
        ax.axhline(0, color=QUIET, lw=1, ls=":")
        self.stops, self.stop_labels = {}, {}
        sizes = {"nlme": 190, "lme4": 62, "statsmodels": 85}
        for name, (color, marker) in LOOKS.items():
            self.stops[name] = ax.scatter(
                [],
                [],
                s=sizes[name],
                marker=marker,
                facecolor="white",
                edgecolor=color,
                lw=2.4,
                zorder=4,
            )
        for name in ("nlme and lme4", "statsmodels"):
            self.stop_labels[name] = ax.text(0, 0, "", ha="center", va="bottom")

    def _make_rows(self):
        ax = self.rows
        ax.set(ylim=(-0.6, 2.8), title="intercept ± 2 SE")
        ax.set_yticks([2, 1, 0], LOOKS)
        ax.tick_params(left=False)
        ax.spines["left"].set_visible(False)
        colors = [color for color, _ in LOOKS.values()]
        self.spans = segments(ax, colors=colors, lw=3)
        self.dots, self.errors = [], []
        for y, (color, marker) in zip((2, 1, 0), LOOKS.values(), strict=True):
            self.dots.append(ax.scatter([], [], s=70, marker=marker, color=color, zorder=4))
            self.errors.append(ax.text(0, y + 0.17, "", ha="center"))

    def update(self, curve, engines: Sequence[EngineFit], digits: dict[str, int]) -> None:
        """Show the curve (sd, log-likelihood) and what each program says of the intercept.

        `digits` are those with which each prints its standard errors.
        """
        sd, loglik = curve
        top = engines[1].loglik
        self._arrange(sd, loglik, top, engines)
        self.curve.set_data(sd, loglik - top)
        for engine in engines:
            self._show_stop(engine, top)
        self._label_stops({engine.engine: engine for engine in engines}, top)
        self._show_rows(engines, digits)

    def _arrange(self, sd, loglik, top, engines) -> None:
        """Choose windows that hold every stop; only where they changed."""
        finite = [top - e.loglik for e in engines if np.isfinite(e.loglik)]
        drop = next((d for d in DROPS if d >= 1.6 * max(finite, default=1)), DROPS[-1])
        drop = max(drop, 4)
        middle = float(engines[0].fixef.iloc[0])
        widest = max(float(e.se.iloc[0]) for e in engines[:2])
        reach = 4.2 * widest
        spans = (0.0, float(sd[-1])), (middle - reach, middle + reach)
        self._limits = tuple(map(hold, *zip(*spans, strict=True), self._limits))
        wanted = drop, self._limits
        if wanted != self._arranged:
            self._arranged = wanted
            put(self.hill, xlim=(0, self._limits[0][1]), ylim=(-drop, 0.36 * drop))
            put(self.rows, xlim=self._limits[1])

    def _show_stop(self, engine: EngineFit, top: float) -> None:
        on_hill = np.isfinite(engine.loglik)
        at = [(engine.sd, engine.loglik - top)] if on_hill else np.zeros((0, 2))
        self.stops[engine.engine].set_offsets(at)

    def _label_stops(self, by_name, top) -> None:
        height, width = np.ptp(self.hill.get_ylim()), self.hill.get_xlim()[1]
        ours, theirs = by_name["lme4"], by_name["statsmodels"]
        same = abs(ours.sd - theirs.sd) < 0.01 * max(ours.sd, 1e-9)
        apart = same or not 0 < theirs.sd - ours.sd < NEAR * width
        name = "all three" if same else "nlme, lme4"
        label = self.stop_labels["nlme and lme4"]
        place = ours.sd - (0 if apart else ASIDE * width), 0.035 * height
        label.set(text=f"{name}\nsd {ours.sd:.4f}", position=place)
        label = self.stop_labels["statsmodels"]
        if same or not np.isfinite(theirs.loglik):
            label.set_text("" if same else "statsmodels: log-likelihood\ninfinite, off the picture")
            label.set_position((0.62 * width, -0.9 * self._arranged[0]))
        else:
            label.set_text(f"statsmodels\nsd {theirs.sd:.4f}")
            place = theirs.sd + 0.03 * width, theirs.loglik - top + 0.03 * height
            label.set_position(place)
        label.set_ha("left" if np.isfinite(theirs.loglik) else "center")

    def _show_rows(self, engines, digits) -> None:
        segments = []
        for y, dot, text, engine in zip((2, 1, 0), self.dots, self.errors, engines, strict=True):
            b, se = float(engine.fixef.iloc[0]), float(engine.se.iloc[0])
            low, high = self.rows.get_xlim()
            sensible = np.isfinite(se) and low < b < high
            segments.append([(b - 2 * se, y), (b + 2 * se, y)] if sensible else [(np.nan, y)] * 2)
            dot.set_offsets([(b, y)] if sensible else np.zeros((0, 2)))
            text.set_text(f"SE {se:.{digits[engine.engine]}f}" if sensible else "no sensible SE")
            text.set_position((np.clip(b, low, high) if sensible else (low + high) / 2, y + 0.17))
        self.spans.set_segments(segments)
