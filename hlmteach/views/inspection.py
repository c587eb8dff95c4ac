"""One variable, group by group: how often each value occurs, the mean, and the end of the scale."""

import numpy as np

from hlmteach.views.style import INK, group_style
from hlmteach.views.view import View

CEILING = "#e69f00"
MOST_BARS = 30  # bars of one group
MOST_GROUPS = 3


class InspectionView(View):
    """Three histograms below each other, on one scale, so that they can be compared."""

    size = (7.4, 5.0)

    def _make(self):
        self.axes = list(self.figure.subplots(MOST_GROUPS, 1))  # an array hides them from gc
        self.bars = [self._make_bars(ax, j) for j, ax in enumerate(self.axes)]
        self.means = [ax.axvline(0, color=INK, lw=1.6, ls="--") for ax in self.axes]
        self.labels = [
            ax.text(0, 1.03, " ", transform=ax.transAxes, va="bottom", fontsize=11, weight="bold")
            for ax in self.axes
        ]
        self.ends = [ax.text(0, 0, "", ha="left", va="bottom", weight="bold") for ax in self.axes]

    def _make_bars(self, ax, j):
        ax.spines["left"].set_visible(False)
        ax.set_yticks([])
        return list(
            ax.bar(np.zeros(MOST_BARS), np.zeros(MOST_BARS), 0.1, color=group_style(j).color)
        )

    @property
    def moving(self) -> dict:
        """What the browser draws, by name."""
        bars = {f"bars of group {j + 1}": bars for j, bars in enumerate(self.bars)}
        return bars | {"means": self.means, "labels": self.labels, "ceilings": self.ends}

    def update(self, name, edges, shares, means, labels, ceiling=None) -> None:
        """Show one variable.

        Parameters
        ----------
        name : str
            The variable, for the axis.
        edges : array (k + 1,)
            Borders of the bars.
        shares : array (3, k)
            The share of each group's rows in each bar.
        means : array (3,)
        labels : list of str
            What stands over each panel, in one line.
        ceiling : int or None
            The bar that is the end of the scale, to be marked with its share.
        """
        self._arrange(name, edges, shares)
        middle, width = (edges[1:] + edges[:-1]) / 2, np.diff(edges) * 0.9
        for j, bars in enumerate(self.bars):
            for k, bar in enumerate(bars):
                inside = k < len(middle)
                x, w, h = (middle[k], width[k], shares[j][k]) if inside else (edges[-1], 0, 0)
                marked = inside and k == ceiling
                bar.set(x=x - w / 2, width=w, height=h)
                bar.set_facecolor(CEILING if marked else group_style(j).color)
                bar.set_edgecolor(INK if marked else "none")
            self.means[j].set_xdata([means[j]] * 2)
            self.labels[j].set_text(labels[j])
            self._show_end(j, ceiling, middle - width / 2, shares)

    def _show_end(self, j, ceiling, left, shares) -> None:
        """Write the marked bar's share over it, from its left side on: over no other bar."""
        if ceiling is None:
            self.ends[j].set(text="", position=(left[0], 0))
            return
        share = shares[j][ceiling]
        self.ends[j].set(text=f"{share:.0%}", position=(left[ceiling], share))

    def _arrange(self, name, edges, shares) -> None:
        top = np.ceil(np.max(shares) * 1.2 * 10) / 10
        wanted = name, edges[0], edges[-1], top
        if wanted != self._arranged:
            self._arranged = wanted
            for ax in self.axes:
                ax.set(xlim=(edges[0], edges[-1]), ylim=(0, top))
                ax.tick_params(labelbottom=ax is self.axes[-1])
            self.axes[-1].set_xlabel(f"{name} (bars: share of the group)")
