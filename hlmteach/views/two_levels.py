"""Schools' lines at level 1, and their heights and slopes as points at level 2."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from matplotlib.colors import to_rgba_array

from hlmteach.views.style import INK, above, group_style, house_style
from hlmteach.views.view import View, put, put_line, put_points, put_segments, segments
from hlmteach.views.window import hold

SUPPORT = (-2, -1, 0, 1, 2)
EQUATION = "math = height + slope · within + e"


@dataclass(frozen=True)
class TwoLevelsPicture:
    """One fit: J schools' lines, and what the second level says of them.

    `spans` (J, 2) are the least and largest ses in a school, `means` (J,) its mean; `heights` (J,)
    that of its line at the mean, at average support; `support` and `slopes` (J,). `shown` is the
    school whose pupils, `x` and `y`, are drawn. `between` and `cross` (2,) are the lines of level 2
    as (intercept, slope), which `equations` write.
    """

    spans: np.ndarray
    means: np.ndarray
    heights: np.ndarray
    lifts: np.ndarray
    support: np.ndarray
    slopes: np.ndarray
    shown: int
    x: np.ndarray
    y: np.ndarray
    between: np.ndarray
    cross: np.ndarray
    equations: tuple[str, str]

    @cached_property
    def ends(self) -> np.ndarray:
        """The two ends (J, 2, 2) of each school's line."""
        height = (self.heights + self.lifts)[:, None]
        y = height + self.slopes[:, None] * (self.spans - self.means[:, None])
        return np.stack([self.spans, y], axis=2)


class TwoLevelsView(View):
    """Pupils and lines at the left; each line's height and slope as points at the right."""

    size = (6.4, 4.5)
    moves = "lines pupils mine dashed heights slopes height_line slope_line rings first second"

    def _make(self):
        grid = self.figure.add_gridspec(2, 2, width_ratios=(1, 1.18))
        self.left = self.figure.add_subplot(grid[:, 0])
        self.upper, self.lower = (self.figure.add_subplot(grid[i, 1]) for i in (0, 1))
        self.colors = to_rgba_array([group_style(j).color for j in range(len(SUPPORT))])
        self.lines = segments(self.left, lw=1.3, zorder=2)
        (self.dashed,) = self.left.plot([], [], color=INK, lw=2.2, ls=(0, (5, 3)), zorder=4)
        self.pupils = self.left.scatter([], [], s=26, color=INK, lw=0, zorder=5)
        (self.mine,) = self.left.plot([], [], color=INK, lw=4, zorder=5)
        self.heights, self.slopes = (
            axes.scatter([], [], s=34, lw=0, zorder=3) for axes in (self.upper, self.lower)
        )
        self.height_line, self.slope_line = (
            axes.plot([], [], color=INK, lw=2.2, ls=dash, zorder=2)[0]
            for axes, dash in ((self.upper, (0, (5, 3))), (self.lower, "-"))
        )
        self.rings = [
            axes.scatter([], [], s=150, facecolors="none", edgecolors=INK, lw=2.2, zorder=4)
            for axes in (self.upper, self.lower)
        ]
        self._say()
        self.shorten(False)
        self._limits = (None,) * 5

    def _say(self):
        """Titles, and below each its equation; those of level 2 have numbers that move."""
        look = {"fontsize": 10, "va": "bottom", "color": INK}
        titles = ("level 1: pupils", "level 2: heights", "level 2: slopes")
        panels = (self.left, self.upper, self.lower)
        texts = [EQUATION, "", ""]
        said = []
        for axes, title, text in zip(panels, titles, texts, strict=True):
            axes.set_title(title, pad=21)
            said.append(axes.text(0, 1, text, transform=above(axes, 5), in_layout=False, **look))
        _, self.first, self.second = said
        self.left.set(xlabel="ses", ylabel="math")
        self.upper.set(xlabel="mean ses of the school", ylabel="height")
        self.lower.set(xlabel="support", ylabel="slope", xlim=(-2.5, 2.5), xticks=SUPPORT)

    def shorten(self, narrow: bool) -> None:
        """Leave out of the equations what the titles say, where there is no room for it."""
        self._narrow = narrow

    def update(self, picture: TwoLevelsPicture) -> None:
        """Show a fit."""
        self._arrange(picture)
        self.show_school(picture)
        self.show_lines(picture)
        self.show_heights(picture)
        self.show_slopes(picture)
        self.show_level_2(picture)

    def tidy(self) -> None:
        """Choose limits anew at the next update: nobody drags any more."""
        self._limits = (None,) * 5

    def clear(self) -> None:
        """Leave the axes."""
        for line in (self.mine, self.dashed, self.height_line, self.slope_line):
            line.set_data([], [])
        for dots in (self.pupils, self.heights, self.slopes, *self.rings):
            dots.set_offsets(np.empty((0, 2)))
        self.lines.set_segments([])
        self.first.set_text("")
        self.second.set_text("")

    # -- parts, one by one -----------------------------------------------------------------------

    def show_school(self, picture: TwoLevelsPicture) -> None:
        """Show one school: its pupils and its line, thick."""
        put_points(self.pupils, np.column_stack([picture.x, picture.y]))
        put_line(self.mine, *picture.ends[picture.shown].T)

    def show_lines(self, picture: TwoLevelsPicture) -> None:
        """Show every school's line, and the line through their heights."""
        put_segments(self.lines, picture.ends)
        put(self.lines, color=self.colors[picture.support - SUPPORT[0]])
        self._between(self.dashed, self.left, picture)

    def show_heights(self, picture: TwoLevelsPicture) -> None:
        """Show each line's height against the school's mean."""
        self._points(self.heights, self.rings[0], picture.means, picture.heights, picture)

    def show_slopes(self, picture: TwoLevelsPicture) -> None:
        """Show each line's slope against the school's support; schools stand side by side."""
        aside = 0.3 * ((np.arange(len(picture.means)) // len(SUPPORT)) % 8 / 7 - 0.5)
        self._points(self.slopes, self.rings[1], picture.support + aside, picture.slopes, picture)

    def show_level_2(self, picture: TwoLevelsPicture) -> None:
        """Show what level 2 says of heights and slopes."""
        self._between(self.height_line, self.upper, picture)
        x = np.array(self.lower.get_xlim())
        put_line(self.slope_line, x, picture.cross[0] + picture.cross[1] * x)
        for text, equation in zip((self.first, self.second), picture.equations, strict=True):
            text.set_text(equation.partition(" = ")[2] if self._narrow else equation)

    def _between(self, line, axes, picture) -> None:
        x = np.array(axes.get_xlim())
        put_line(line, x, picture.between[0] + picture.between[1] * x)

    def _points(self, dots, ring, x, y, picture) -> None:
        put_points(dots, np.column_stack([x, y]))
        put(dots, facecolor=self.colors[picture.support - SUPPORT[0]])
        put_points(ring, [(x[picture.shown], y[picture.shown])])

    def _arrange(self, picture) -> None:
        """Set limits, only where they change: that is painted again."""
        (left, low), (right, high) = (f(picture.ends, axis=(0, 1)) for f in (np.min, np.max))
        wanted = (
            (left, right),
            (min(low, picture.y.min()), max(high, picture.y.max())),
            _room(picture.means),
            _room(picture.heights),
            _room(picture.slopes),
        )
        pairs = zip(wanted, self._limits, strict=True)
        limits = tuple(hold(*map(float, span), was) for span, was in pairs)
        if limits == self._limits:
            return
        self._limits = limits
        with house_style():
            put(self.left, xlim=limits[0], ylim=limits[1])
            put(self.upper, xlim=limits[2], ylim=limits[3])
            put(self.lower, ylim=limits[4])


def _room(values) -> tuple[float, float]:
    room = 0.08 * np.ptp(values)
    return values.min() - room, values.max() + room
