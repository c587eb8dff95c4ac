"""Rows and group means that can be pulled, and the lines of four models through them."""

from dataclasses import dataclass

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from hlmteach.views.style import INK, MARKERS, PAPER, group_style, house_style, new_figure
from hlmteach.views.window import hold

MOST = 8  # groups for which artists are made
BETWEEN = "#9c4f7c"
LAYERS = {  # what is seen of each choice
    "ols": ("ols",),
    "own": ("own",),
    "mixed": ("mixed", "overall"),
    "all": ("ols", "own", "mixed"),
    "apart": ("within", "between"),
}
KEYS = {
    "ols": {"color": INK, "lw": 3, "ls": (0, (5, 2)), "label": "one line for all (OLS)"},
    "own": {"color": INK, "lw": 1.6, "ls": (0, (1, 1.4)), "label": "each group's own line"},
    "mixed": {"color": INK, "lw": 2.4, "label": "the mixed model"},
    "overall": {"color": INK, "lw": 3, "ls": (0, (5, 2)), "label": "its overall line"},
    "within": {"color": INK, "lw": 2.6, "label": "within groups"},
    "between": {"color": BETWEEN, "lw": 4, "ls": (0, (3, 1.2)), "label": "between groups"},
}


@dataclass(frozen=True)
class RefitPicture:
    """Points, means and lines; a line is (intercept, slope).

    `x`, `y`, `codes` (n,) are the points drawn, `weights` (n,) how many rows each stands for;
    `means` (J, 2) are the groups' means, `spans` (J, 2) their reach in x. `pullable` says whether
    single points can be pulled.
    """

    x: np.ndarray
    y: np.ndarray
    codes: np.ndarray
    weights: np.ndarray
    names: tuple[str, ...]
    labels: tuple[str, str]
    means: np.ndarray
    spans: np.ndarray
    ols: np.ndarray
    own: np.ndarray
    mixed: np.ndarray
    overall: np.ndarray
    within: np.ndarray
    between: np.ndarray
    lines: str
    limits: tuple
    pullable: bool


class RefitView:
    """Points in the groups' colours and shapes, diamonds for the groups' means, lines.

    Parameters
    ----------
    present : bool
        Larger, for a projector.
    """

    def __init__(self, present: bool = False):
        with house_style():
            self.figure = new_figure(6.9, 4.6, present)
            self.axes = self.figure.subplots()
            self._make_lines()
            self._make_points()
        self._arranged, self._narrow = None, False
        self._limits = (None, None)

    def _make_lines(self):
        colors = [group_style(j).color for j in range(MOST)]
        for name in ("own", "mixed", "within"):
            look = {"color": colors, "lw": KEYS[name]["lw"], "zorder": 4}
            lines = LineCollection([], linestyles=[KEYS[name].get("ls", "-")], **look)
            self.axes.add_collection(lines, autolim=False)
            setattr(self, name, lines)
        for name in ("ols", "overall", "between"):
            look = {key: value for key, value in KEYS[name].items() if key != "label"}
            (line,) = self.axes.plot([], [], zorder=3, **look)
            setattr(self, name, line)

    def _make_points(self):
        styles = [group_style(j) for j in range(MOST)]
        marks = [{"marker": MARKERS[j % len(MARKERS)], "alpha": 0.55} for j in range(MOST)]
        self.rows = [
            self.axes.scatter([], [], c=style.color, lw=0, zorder=5, **mark)
            for style, mark in zip(styles, marks, strict=True)
        ]
        colors = [style.color for style in styles]
        look = {"marker": "D", "s": 150, "lw": 2.5, "edgecolors": colors, "zorder": 7}
        self.means = self.axes.scatter([], [], facecolors="white", **look)

    @property
    def moving(self) -> dict:
        """What the browser draws, by name."""
        names = ("ols", "overall", "between", "own", "mixed", "within")
        rows = {f"rows of group {j + 1}": artist for j, artist in enumerate(self.rows)}
        return {name: getattr(self, name) for name in names} | rows | {"group means": self.means}

    def update(self, seen: RefitPicture) -> None:
        """Show the points and the lines asked for."""
        self._arrange(seen)
        self._show_points(seen)
        wanted = LAYERS[seen.lines]
        x = np.array(self._limits[0])
        for name in ("ols", "overall", "between"):
            line = getattr(seen, name)
            getattr(self, name).set_data(x, line[0] + line[1] * x if name in wanted else x * np.nan)
        for name in ("own", "mixed", "within"):
            lines = getattr(seen, name) if name in wanted else np.zeros((0, 2))
            getattr(self, name).set_segments(_segments(lines, seen.spans[: len(lines)]))

    def _arrange(self, seen) -> None:
        """Set what stands still, only where it changed: that is painted again."""
        self._limits = tuple(map(hold, *zip(*seen.limits, strict=True), self._limits))
        wanted = _long_names(seen), seen.labels, self._limits, seen.lines, seen.pullable
        if wanted == self._arranged:
            return
        self._arranged = wanted
        x, y = seen.labels
        self.axes.set(xlim=self._limits[0], ylim=self._limits[1], xlabel=x, ylabel=y)
        pull = "Pull any point, or a group's mean" if seen.pullable else "Pull a group's mean"
        title = pull if self._narrow else f"{pull} (diamond), up or down"
        self.axes.set_title(title, loc="left", weight="normal")
        self._draw_legend(seen)

    def tidy(self) -> None:
        """Choose limits anew at the next update: nobody drags any more."""
        self._limits = (None, None)

    def shorten(self, narrow: bool) -> None:
        """Stand the legend above the points in one column, where there is no room for two."""
        if narrow != self._narrow:
            self._narrow, self._arranged = narrow, None

    def _draw_legend(self, seen) -> None:
        with house_style():
            keys = [Line2D([], [], **KEYS[name]) for name in LAYERS[seen.lines]]
            keys += [_group_key(j, name) for j, name in _long_names(seen)]
            columns = {"ncols": 1 if self._narrow else 2, "fontsize": 10, "handlelength": 3}
            self.axes.legend(handles=keys, loc="upper left", **columns, **PAPER)

    def _show_points(self, seen) -> None:
        sizes = 42 + 260 * seen.weights / seen.weights.max() * (seen.weights.max() > 1)
        for j, artist in enumerate(self.rows):
            mine = seen.codes == j
            if mine.any() or len(artist.get_offsets()):
                artist.set_offsets(np.column_stack([seen.x[mine], seen.y[mine]]))
                artist.set_sizes(sizes[mine])
        self.means.set_offsets(seen.means)


def _segments(lines, spans) -> np.ndarray:
    """Ends (J, 2, 2) of lines (J, 2) over each group's own reach in x."""
    return np.stack([spans, lines[:, :1] + lines[:, 1:] * spans], axis=2)


def _long_names(seen) -> list[tuple[int, str]]:
    """Groups whose names say more than their number."""
    return [(j, name) for j, name in enumerate(seen.names) if len(name) > 2]


def _group_key(j: int, name: str) -> Line2D:
    style = group_style(j)
    look = {"color": style.color, "marker": MARKERS[j % len(MARKERS)], "alpha": 0.8}
    return Line2D([], [], ls="", label=name, **look)
