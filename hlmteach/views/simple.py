"""A slope that depends: the line at one value of the moderator, and the slope over all of them."""

from dataclasses import dataclass

import numpy as np

from hlmteach.views.band import outline
from hlmteach.views.style import FAINT, INK, QUIET, house_style, signed
from hlmteach.views.view import View, put, put_line, put_verts
from hlmteach.views.window import hold

NOW = "#d55e00"
SURE = "#0072b2"
BARS = 24
FAN = 7  # faint lines, from the least moderator to the largest


@dataclass(frozen=True)
class Slopes:
    """What is the same wherever the moderator stands: `lines` (FAN, 2) as (intercept, slope).

    `grid`, `slope`, `lower`, `upper` (k,) are the slope over the moderator; `runs` where it differs
    from 0; `counts` and `edges` the histogram of the moderator in the data.
    """

    labels: tuple[str, str, str]
    x_span: tuple[float, float]
    y_span: tuple[float, float]
    lines: np.ndarray
    grid: np.ndarray
    slope: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    runs: tuple[tuple[float, float], ...]
    zero: float
    counts: np.ndarray
    edges: np.ndarray


@dataclass(frozen=True)
class SimplePicture:
    """One state: the slopes, and the `line` (intercept, slope) of y on x where we are.

    `now` is the moderator shown, with its slope and interval.
    """

    slopes: Slopes
    line: np.ndarray
    now: tuple[float, float, float, float]


class SimpleView(View):
    """At the left y against x for one value of the moderator; at the right the slope over all."""

    size = (6.9, 4.3)
    moves = "fan line said bars band slope sure zero interval dot zero_text"

    def _make(self):
        self.left, self.right = self.figure.subplots(1, 2, width_ratios=(1, 1.35))
        self._make_left()
        self._make_right()
        self.tidy()

    def _make_left(self):
        axes = self.left
        self.fan = [axes.plot([], [], color=FAINT, lw=1.4, zorder=1)[0] for _ in range(FAN)]
        (self.line,) = axes.plot([], [], color=NOW, lw=4, zorder=3)
        look = {"transform": axes.transAxes, "va": "top", "color": NOW, "weight": "bold"}
        self.said = axes.text(0.04, 0.98, "", **look)

    def _make_right(self):
        axes = self.right
        self.bars = axes.bar(np.arange(BARS), np.zeros(BARS), color=FAINT, zorder=0).patches
        axes.axhline(0, color=INK, lw=1.2)
        self.band = axes.fill_between([0, 1], [0, 0], [0, 0], color=QUIET, alpha=0.25, lw=0)
        (self.slope,) = axes.plot([], [], color=QUIET, lw=2, ls=(0, (4, 2)), zorder=2)
        self.sure = [axes.plot([], [], color=SURE, lw=4, zorder=3)[0] for _ in range(2)]
        self.zero = axes.axvline(np.nan, color=INK, lw=1.2, ls=(0, (1, 1.5)))
        self.interval = axes.plot([], [], color=NOW, lw=3, marker="_", ms=12, mew=3, zorder=5)[0]
        (self.dot,) = axes.plot([], [], "o", color=NOW, ms=11, zorder=6)
        look = {"fontsize": 10, "va": "bottom", "zorder": 7}
        self.zero_text = axes.text(0, 0, "", ha="left", **look)

    @property
    def curve(self) -> list:
        """What tells the slope at every value of the moderator."""
        return [self.band, self.slope, *self.sure, self.zero, self.zero_text]

    def update(self, picture: SimplePicture) -> None:
        """Show everything; slopes that are there already stay untouched."""
        if picture.slopes is not self._shown:
            self._arrange(picture.slopes)
            self._show_slopes(picture.slopes)
            self._shown = picture.slopes
        self.show_now(picture)

    def show_now(self, picture: SimplePicture) -> None:
        """Show the line, the slope and its interval at one value of the moderator."""
        x, (m, slope, low, high) = np.array(picture.slopes.x_span), picture.now
        put_line(self.line, x, picture.line[0] + picture.line[1] * x)
        named = f"{picture.slopes.labels[2]} = {m:.4g}".replace("-", "−")
        self.said.set_text(f"{named}\nslope {signed(slope)}")
        put_line(self.interval, [m, m], [low, high])
        put_line(self.dot, [m], [slope])

    def tidy(self) -> None:
        """Choose limits anew at the next update: nobody drags any more."""
        self._limits, self._shown = (None,) * 4, None

    def _show_slopes(self, slopes: Slopes) -> None:
        x = np.array(slopes.x_span)
        for artist, line in zip(self.fan, slopes.lines, strict=True):
            put_line(artist, x, line[0] + line[1] * x)
        put_verts(self.band, outline(slopes.grid, slopes.lower, slopes.upper))
        put_line(self.slope, slopes.grid, slopes.slope)
        for k, artist in enumerate(self.sure):
            low, high = slopes.runs[k] if k < len(slopes.runs) else (np.nan, np.nan)
            inside = (slopes.grid >= low) & (slopes.grid <= high)
            put_line(artist, slopes.grid, np.where(inside, slopes.slope, np.nan))
        put_line(self.zero, [slopes.zero] * 2, [0, 1])
        bottom, top = self.right.get_ylim()
        zero_inside = slopes.grid[0] <= slopes.zero <= slopes.grid[-1]
        text = f" slope 0 at {slopes.zero:.1f}" if zero_inside else ""
        put(self.zero_text, text=text, position=(slopes.zero, bottom + 0.9 * (top - bottom)))
        heights = 0.2 * (top - bottom) * slopes.counts / max(slopes.counts.max(), 1)
        width = slopes.edges[1] - slopes.edges[0]
        for bar, left, height in zip(self.bars, slopes.edges, heights, strict=False):
            put(bar, x=left, y=bottom, width=width, height=height)

    def _arrange(self, slopes: Slopes) -> None:
        """Set what stands still, only where it changed: that is painted again."""
        same = self._arranged is not None and self._arranged[0] == slopes.labels
        now = self._limits if same else (None,) * 4
        spans = slopes.x_span, slopes.y_span, *_limits(slopes)
        self._limits = tuple(hold(*span, was) for span, was in zip(spans, now, strict=True))
        wanted = slopes.labels, self._limits
        if wanted == self._arranged:
            return
        self._arranged = wanted
        x, y, m = slopes.labels
        with house_style():
            put(self.left, xlim=self._limits[0], ylim=self._limits[1], xlabel=x, ylabel=y)
            self.left.set_title("one line for each " + m)
            labels = {"xlabel": f"{m} (bars: rows that have it)", "ylabel": f"slope of {x}"}
            put(self.right, xlim=self._limits[2], ylim=self._limits[3], **labels)
            self.right.set_title("thick: differs from 0")


def _limits(slopes: Slopes) -> tuple:
    """Limits of the right picture: steps of 0.1, so that they seldom change."""
    low, high = 0.1 * np.floor(10 * slopes.lower.min()), 0.1 * np.ceil(10 * slopes.upper.max())
    room = 0.22 * (high - low)
    left, right = float(slopes.grid[0]), float(slopes.grid[-1])
    aside = 0.03 * (right - left)
    return (left - aside, right + aside), (float(low - room), float(high + 0.1 * room))
