"""Power over the number of groups, a curve for each number of rows per group."""

from dataclasses import dataclass

import numpy as np
from matplotlib.colors import to_rgba_array

from hlmteach.views.style import QUIET, above, group_style, spread_out
from hlmteach.views.view import View, put, put_line, put_segments, segments

WANTED = 0.8


@dataclass(frozen=True)
class PowerPicture:
    """Shares of studies that find the effect: `rates` and `margins` (S, K), over `groups` (K,).

    `sizes` (S,) are rows per group, `n` the studies counted at each point.
    """

    groups: tuple[int, ...]
    sizes: tuple[int, ...]
    rates: np.ndarray
    margins: np.ndarray
    n: int


class PowerView(View):
    """Curves that rise with the number of groups, their Monte Carlo error as bars."""

    size = (6.4, 3.9)
    moves = "spans curves names count"
    most_curves = 3

    def _make(self):
        self.axes = axes = self.figure.subplots()
        axes.set(ylim=(0, 1.04), xlabel="groups", ylabel="power")
        axes.set_title("finding the effect", pad=21)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        axes.axhline(WANTED, color=QUIET, lw=1.5, ls=(0, (4, 3)))
        styles = [group_style(j) for j in range(self.most_curves)]
        self.colors = to_rgba_array([s.color for s in styles])
        self.spans = segments(axes, lw=2.5, zorder=2)
        self.curves = [
            axes.plot([], [], color=s.color, marker=s.marker, ls=s.line, ms=7, zorder=3)[0]
            for s in styles
        ]
        self.names = [
            axes.text(0, 0, "", color=s.color, weight="bold", va="center") for s in styles
        ]
        look = {"color": QUIET, "fontsize": 10, "in_layout": False}
        self.count = axes.text(0, 1, "", transform=above(axes, 6), **look)
        self.shorten(False)

    def shorten(self, narrow: bool) -> None:
        """Leave out what the table says too, where there is no room for it."""
        self._bars = "" if narrow else ", bars: ± 2 Monte Carlo SE"
        self._edge, self._beside = (1.36, 1.06) if narrow else (1.22, 1.03)  # of the most groups
        self._arranged = None

    def update(self, picture: PowerPicture) -> None:
        """Show the counts so far."""
        groups = np.array(picture.groups)
        if self._arranged != picture.groups:
            self._arranged = picture.groups
            self.axes.set(xlim=(0, self._edge * groups[-1]), xticks=groups[1::2])
        self.show_curves(picture, len(picture.sizes))
        self.count.set_text(f"{picture.n:,} studies per point{self._bars}")

    def show_curves(self, picture: PowerPicture, many: int) -> None:
        """Show the first so many curves."""
        groups = np.array(picture.groups)
        last = spread_out(picture.rates[:, -1], 0.07, 0.03, 1.0)
        for s, (curve, name) in enumerate(zip(self.curves, self.names, strict=True)):
            shown = s < many
            put_line(curve, groups if shown else [], picture.rates[s] if shown else [])
            text = f"{picture.sizes[s]} rows" if shown else ""
            put(name, text=text, position=(self._beside * groups[-1], last[s]))
        rates, margins = picture.rates[:many], picture.margins[:many]
        ends = np.stack([rates - margins, rates + margins], axis=-1)
        bars = np.stack([np.broadcast_to(groups[:, None], ends.shape), ends], axis=-1)
        put_segments(self.spans, bars.reshape(-1, 2, 2))
        put(self.spans, color=np.repeat(self.colors[:many], len(groups), axis=0))
