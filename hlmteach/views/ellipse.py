"""Intercepts against slopes: each group a point, and the ellipses from which the points come."""

import numpy as np

from hlmteach.views.grouplines import Spread
from hlmteach.views.style import INK, QUIET, group_style
from hlmteach.views.view import put, put_line, put_points
from hlmteach.views.window import half_width

MOST_MARKED_GROUPS = 6  # more groups than this share one marker
TURN = np.linspace(0, 2 * np.pi, 73)


class Ellipse:
    """The covariance of intercepts and slopes, drawn."""

    def __init__(self, axes):
        self.axes = axes
        axes.set(facecolor="#f6f6f6")
        axes.axhline(0, color=QUIET, lw=0.8)
        axes.axvline(0, color=QUIET, lw=0.8)
        axes.locator_params(nbins=4)
        (self.inner,) = axes.plot([], [], color="#56b4e9", lw=2.5)
        (self.outer,) = axes.plot([], [], color="#56b4e9", lw=1.5, ls=(0, (4, 2)))
        self.points = [
            axes.scatter([], [], marker=group_style(j).marker, s=75, lw=0, zorder=4)
            for j in range(MOST_MARKED_GROUPS)
        ]
        for j, point in enumerate(self.points):
            point.set_facecolor(group_style(j).color)
        self.many = axes.scatter([], [], s=30, color=INK, alpha=0.7, lw=0, zorder=4)
        axes.set(title="groups", xlabel="u₀: intercept")
        self.rho = axes.text(1, 1.02, "", transform=axes.transAxes, ha="right", va="bottom")

    @property
    def moving(self) -> dict:
        """What the browser draws, by name."""
        return {
            **{"inner ellipse": self.inner, "outer ellipse": self.outer, "rho": self.rho},
            **{"points": self.points, "all points": self.many},
        }

    def limits(self, spread: Spread, now=None, across: float = np.inf) -> tuple[float, float]:
        """Return half widths of both axes; those of `now` that still do.

        `across` is how far the predictor reaches: slopes that change a line by less than
        intercepts do, over all of it, are not enlarged to look as large.
        """
        reach = np.maximum(2.15 * spread.sd, 1.15 * np.abs(spread.u).max(axis=0))
        intercepts, slopes = now or (None, None)
        width = half_width(float(reach[0]), intercepts)
        return width, half_width(max(float(reach[1]), 0.5 * width / across), slopes)

    def arrange(self, limits, predictor: str) -> None:
        """Set limits and labels."""
        width, height = limits
        looks = {"ylabel": f"u₁: slope of {predictor}"}
        put(self.axes, xlim=(-width, width), ylim=(-height, height), **looks)

    def update(self, spread: Spread) -> None:
        """Show a settled fit."""
        self.show_points(spread.u)
        self.show_ellipses(spread)

    def clear(self) -> None:
        """Show the cross alone."""
        self.show_points(np.empty((0, 2)))
        self.rho.set_text("")
        for line in (self.inner, self.outer):
            line.set_data([], [])

    # -- parts, one by one -----------------------------------------------------------------------

    def show_points(self, u) -> None:
        """Show groups' (u0, u1)."""
        marked = len(u) <= MOST_MARKED_GROUPS
        for j, point in enumerate(self.points):
            put_points(point, u[j : j + 1] if marked else np.empty((0, 2)))
        put_points(self.many, np.empty((0, 2)) if marked else u)

    def show_ellipses(self, spread: Spread) -> None:
        """Show where one and two standard deviations reach, and say rho."""
        s0, s1 = spread.sd
        rho = spread.rho or 0.0
        circle = np.array([np.cos(TURN), np.sin(TURN)])
        x = s0 * circle[0]
        y = s1 * (rho * circle[0] + np.sqrt(1 - rho**2) * circle[1])
        put_line(self.inner, x, y)
        put_line(self.outer, 2 * x, 2 * y)
        text = "no slopes" if spread.rho is None else f"ρ = {spread.rho:.3f}"
        self.rho.set_text(text.replace("-", "−"))
