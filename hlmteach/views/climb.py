"""A normal curve over the data, and the point it is on the hill of log-likelihood."""

import numpy as np
from matplotlib.colors import to_rgba

from hlmteach.views.style import COLORS, FAINT, INK
from hlmteach.views.view import View

CURVE, HILL, TOP = COLORS[0], COLORS[4], COLORS[1]
BELOW = (0, 2, 20, 80, 200, 450, 900, 1600, 3000)  # log-likelihood below the top, by contour
BANDS = [to_rgba(HILL, share) for share in np.linspace(0.08, 0.7, len(BELOW) - 1)]  # lowest first


class ClimbView(View):
    """Left the histogram of y with the curve of (mean, sd); right the hill seen from above."""

    size = (8.4, 3.9)
    moves = "curve centre path here"

    def _make(self):
        self.grid = np.linspace(1, 8, 211)
        self.data, self.map = self.figure.subplots(1, 2, width_ratios=(1.15, 1))
        self._make_data()
        self._make_map()
        self._still = []

    def _make_data(self):
        ax = self.data
        (self.curve,) = ax.plot(self.grid, np.zeros_like(self.grid), color=CURVE, lw=2.5, zorder=3)
        self.centre = ax.axvline(5, color=CURVE, ls="--", lw=1.5)
        ax.set(title="the data and the curve", xlabel="Satisfaction", yticks=[], ylim=(0, 1.35))
        ax.set_xlim(self.grid[0], self.grid[-1])
        ax.spines["left"].set_visible(False)

    def _make_map(self):
        ax = self.map
        (self.path,) = ax.plot([], [], color=TOP, lw=2, marker=".", ms=6, zorder=4)
        (self.here,) = ax.plot([], [], "o", color=TOP, ms=10, mec="white", mew=1.5, zorder=5)
        ax.set(title="the hill, from above", xlabel="mean", ylabel="sd")

    def show_data(self, y, means, sds, hill) -> None:
        """Draw the histogram of y (n,), and the hill (len(sds), len(means)) by its contours."""
        for artist in self._still:
            artist.remove()
        bins = np.arange(0.875, 8.4, 0.25 if len(y) > 200 else 0.5)
        _, _, bars = self.data.hist(y, bins=bins, density=True, color=FAINT, edgecolor="white")
        ax, top = self.map, hill.max()
        levels = sorted(top - below for below in BELOW)
        filled = ax.contourf(means, sds, hill, levels=levels, colors=BANDS)
        lines = ax.contour(means, sds, hill, levels=levels[:-1], colors=[HILL], linestyles="-")
        row, column = np.unravel_index(hill.argmax(), hill.shape)
        (cross,) = ax.plot(means[column], sds[row], "+", color=INK, ms=13, mew=2)
        self._still = [bars, filled, lines, cross]
        for axes in (self.data, self.map):
            axes.get_xlim()  # chooses limits, if they are not chosen yet; they are always the same
            axes.autoscale(False)

    def update(self, mean: float, sd: float, path=None) -> None:
        """Show the curve of one mean and sd, and the way walked so far: (m, 2), or none."""
        density = np.exp(-0.5 * ((self.grid - mean) / sd) ** 2) / (sd * np.sqrt(2 * np.pi))
        self.curve.set_ydata(density)
        self.centre.set_xdata([mean, mean])
        self.here.set_data([mean], [sd])
        walked = np.empty((0, 2)) if path is None else np.asarray(path)
        self.path.set_data(walked[:, 0], walked[:, 1])
