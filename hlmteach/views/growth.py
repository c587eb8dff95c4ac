"""People's lines over time, and beside them how alike the occasions are."""

from dataclasses import dataclass

import numpy as np
from matplotlib.ticker import MaxNLocator

from hlmteach.views.band import outline
from hlmteach.views.style import INK, QUIET, group_style, house_style, spread_in_steps
from hlmteach.views.view import View, put, segments
from hlmteach.views.window import hold

MOST_PEOPLE = 40  # people for whom artists are made
MODEL, DATA = "#0072b2", "#d55e00"
NAME_HEIGHT = 0.26  # inches from the middle of a name to that of the next, which may have two lines
PANEL_SHARES = 0.74, 0.35  # of the figure's height that the right panel takes: beside, below


@dataclass(frozen=True)
class GrowthPicture:
    """One state: the rows, people's lines, and occasions by the model and in the data.

    `overall` (2,) and `lines` (J, 2) are intercept and slope; `reach` (K,) how far 95 % of
    people's lines lie from the overall one at `times` (K,). `model`, `other` and `data` (K,) are
    what stands at the right, which `what` names, nan where there is nothing to tell; `other` is the
    model that is not chosen.
    """

    labels: tuple[str, str]
    x: np.ndarray
    y: np.ndarray
    zero: float
    overall: np.ndarray
    lines: np.ndarray
    times: np.ndarray
    reach: np.ndarray
    what: str
    model: np.ndarray
    other: np.ndarray
    data: np.ndarray
    other_name: str


class GrowthView(View):
    """Lines that fan out at the left; at the right one number per occasion, model against data."""

    size = (6.4, 3.9)
    moves = "band dots lines zero overall data model other names"

    def _make(self):
        self.left, self.right = self.figure.subplots(1, 2, width_ratios=(1.15, 1))
        self._make_left()
        self._make_right()
        self._limits, self._narrow = (None,) * 3, False

    def _make_left(self):
        axes = self.left
        colors = [group_style(j).color for j in range(MOST_PEOPLE)]
        self.band = axes.fill_between([0, 1], 0, 0, color=MODEL, alpha=0.14, lw=0, zorder=0)
        self.dots = axes.scatter([], [], s=9, color=QUIET, lw=0, alpha=0.6, zorder=1)
        self.lines = segments(axes, colors=colors, lw=1.6, zorder=2)
        (self.overall,) = axes.plot([], [], color=INK, lw=3.5, zorder=3)
        self.zero = axes.axvline(np.nan, color=INK, lw=1.5, ls=(0, (1, 1.5)), zorder=1)

    def _make_right(self):
        axes = self.right
        self.data = axes.scatter([], [], s=55, color=DATA, marker="D", lw=0, zorder=4)
        (self.model,) = axes.plot([], [], color=MODEL, lw=3, zorder=3)
        (self.other,) = axes.plot([], [], color=QUIET, lw=2, ls=(0, (4, 2)), zorder=2)
        look = {"transform": axes.get_yaxis_transform(), "fontsize": 10, "va": "center"}
        self.names = {
            name: axes.text(1.02, 0, text, color=color, **look)
            for name, text, color in (
                ("data", "◆ data", DATA),
                ("model", "▬ this model", MODEL),
                ("other", "╍ lines that", "#5c5c5c"),
            )
        }

    def stack(self) -> int:
        """One above the other; only the one below leaves room for names beside it."""
        rows = self.figure.add_gridspec(2, 1)
        for axes, row in zip((self.left, self.right), rows, strict=True):
            axes.set_subplotspec(row.subgridspec(1, 1)[0])
        return 2

    def shorten(self, narrow: bool) -> None:
        """Remember whether the panels stand one above the other."""
        self._narrow = narrow

    def update(self, seen: GrowthPicture) -> None:
        """Show everything."""
        self._arrange(seen)
        self.dots.set_offsets(np.column_stack([seen.x, seen.y]))
        put(self.zero, xdata=[seen.zero] * 2)
        self.show_lines(seen, seen.lines)
        self.show_band(seen, seen.reach)
        self.show_data(seen)
        self.show_models(seen)
        self._place_names(seen)

    def clear(self) -> None:
        """Leave the rows alone."""
        self.lines.set_segments([])
        self.band.set_verts([])
        for text in self.names.values():
            text.set_text("")
        self.data.set_offsets(np.empty((0, 2)))
        for line in (self.overall, self.model, self.other):
            line.set_data([], [])

    def tidy(self) -> None:
        """Choose limits anew at the next update: nobody drags any more."""
        self._limits = (None,) * 3

    # -- parts, one by one -----------------------------------------------------------------------

    def show_lines(self, seen: GrowthPicture, lines) -> None:
        """Show the overall line and some people's (J, 2)."""
        x = np.array(self.left.get_xlim())
        self.overall.set_data(x, seen.overall[0] + seen.overall[1] * x)
        y = lines[:, :1] + lines[:, 1:] * x
        self.lines.set_segments(np.stack([np.broadcast_to(x, y.shape), y], axis=2))

    def show_band(self, seen: GrowthPicture, reach) -> None:
        """Show where 95 % of people's lines lie."""
        middle = seen.overall[0] + seen.overall[1] * seen.times
        self.band.set_verts([outline(seen.times, middle - reach, middle + reach)])

    def show_data(self, seen: GrowthPicture) -> None:
        """Show what the data say of each occasion."""
        self.data.set_offsets(np.column_stack([seen.times, seen.data]))
        self.names["data"].set_text("◆ data")

    def show_models(self, seen: GrowthPicture) -> None:
        """Show what both models say of each occasion."""
        self.model.set_data(seen.times, seen.model)
        self.other.set_data(seen.times, seen.other)
        self.names["model"].set_text("▬ this model")
        self.names["other"].set_text("╍ " + seen.other_name.replace(" ", "\n   ", 1))

    def _place_names(self, seen: GrowthPicture) -> None:
        """Put names right of the panel, at the heights where what they name ends."""
        ends = [values[np.isfinite(values)][-1] for values in (seen.data, seen.model, seen.other)]
        low, high = self.right.get_ylim()
        tall = self.figure.get_size_inches()[1] * PANEL_SHARES[self._narrow]
        places = spread_in_steps(ends, NAME_HEIGHT / tall * (high - low), low, high)
        for text, height in zip(self.names.values(), places, strict=True):
            put(text, position=(1.02, height))

    def _arrange(self, seen) -> None:
        """Set what stands still, only where it changed: that is painted again."""
        subject = seen.labels, seen.what, seen.zero
        same = self._arranged is not None and self._arranged[0] == subject
        now = self._limits if same else (None,) * 3
        spans = zip(_spans(seen), now, strict=True)
        self._limits = tuple(hold(*span, was) for span, was in spans)
        if self._arranged == (subject, self._limits):
            return
        self._arranged = subject, self._limits
        x, y = seen.labels
        (lowest, _), top = _spans(seen)[2], self._limits[2][1]
        room = 0.06 * np.ptp(seen.times)
        with house_style():
            put(self.left, xlim=self._limits[0], ylim=self._limits[1], xlabel=x, ylabel=y)
            self.left.set_title("a line per person")
            across = seen.times[0] - room, seen.times[-1] + room
            up = lowest, top
            put(self.right, xlim=across, ylim=up, xlabel=x)
            self.right.set_title(seen.what)
            self.right.xaxis.set_major_locator(MaxNLocator(5, integer=True))


def _spans(seen: GrowthPicture):
    """What must be seen at the left, across and up, and up at the right."""
    room = 0.06 * np.ptp(seen.times)
    low, high = min(seen.zero, seen.times[0]), max(seen.zero, seen.times[-1])
    x = np.array([low - room, high + room])
    ends = seen.lines[:, :1] + seen.lines[:, 1:] * x
    middle = seen.overall[0] + seen.overall[1] * seen.times
    up = np.concatenate([seen.y, ends.ravel(), middle - seen.reach, middle + seen.reach])
    right = np.concatenate([seen.data, seen.model, seen.other])
    low, high = float(np.nanmin(right)), float(np.nanmax(right))
    top = 1.05 if high <= 1 else 1.12 * high
    edge = 0.03 * np.ptp(up)  # no dot at the edge is cut
    heights = float(up.min() - edge), float(up.max() + edge)
    return tuple(x), heights, (0.0 if low >= 0 else -1.05, top)
