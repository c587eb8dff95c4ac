"""Rows and group means that can be pulled, and the lines of four models through them."""

from dataclasses import dataclass

import numpy as np

from hlmteach.views.style import INK, MARKERS, above, group_style, in_steps, spread_in_steps, ticked
from hlmteach.views.view import View, put, put_line, put_points, put_segments, segments
from hlmteach.views.window import hold

MOST_GROUPS = 8  # groups for which artists are made
BETWEEN_COLOR = "#9c4f7c"
LAYERS = {  # what is seen of each choice
    "ols": ("ols",),
    "own": ("own",),
    "mixed": ("mixed", "overall"),
    "all": ("ols", "own", "mixed"),
    "apart": ("within", "between"),
}
LOOKS = {
    "ols": {"color": INK, "lw": 3, "ls": (0, (5, 2))},
    "own": {"lw": 1.6, "ls": (0, (1, 1.4))},
    "mixed": {"lw": 2.4},
    "overall": {"color": INK, "lw": 3, "ls": (0, (5, 2))},
    "within": {"lw": 2.6},
    "between": {"color": BETWEEN_COLOR, "lw": 4, "ls": (0, (3, 1.2))},
}
NAMES = {  # of a line for each group
    "own": "┈ each group's own line",
    "mixed": "━ the mixed model",
    "within": "━ within groups",
}
ENDS = {"ols": "OLS line", "overall": "overall line", "between": "between groups"}  # of one line
SHORT = 9  # letters
ROOM = (0.15, 0.26), (0.2, 0.46)  # beside the data, as their share, for short and long names
NEAR = 0.08  # of the axes: names of lines that end so near to the right are kept apart
GROUPED = {"own": "own", "apart": "within"}  # whose lines the groups' names end; else the model's


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


class RefitView(View):
    """Points in the groups' colours and shapes, diamonds for the groups' means, lines."""

    size = (6.9, 4.6)

    def _make(self):
        self.axes = self.figure.subplots()
        self._make_lines()
        self._make_points()
        self._narrow = False
        self._limits = (None, None)

    def _make_lines(self):
        colors = [group_style(j).color for j in range(MOST_GROUPS)]
        for name in ("own", "mixed", "within"):
            setattr(self, name, segments(self.axes, colors=colors, zorder=4, **LOOKS[name]))
        for name in ("ols", "overall", "between"):
            (line,) = self.axes.plot([], [], zorder=3, **LOOKS[name])
            setattr(self, name, line)
        look = {"weight": "bold", "fontsize": 10, "va": "center", "in_layout": False}
        self.names = [self.axes.text(0, 0, "", color=color, **look) for color in colors]
        self.end = self.axes.text(0, 0, "", **look)
        look = {"transform": above(self.axes, 6), "linespacing": 1.3, "in_layout": False}
        self.kinds = self.axes.text(0, 1, "", **look)

    def _make_points(self):
        styles = [group_style(j) for j in range(MOST_GROUPS)]
        marks = [{"marker": MARKERS[j % len(MARKERS)], "alpha": 0.55} for j in range(MOST_GROUPS)]
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
        lines = {name: getattr(self, name) for name in names}
        return lines | rows | {"group means": self.means, "names": [*self.names, self.end]}

    def update(self, picture: RefitPicture) -> None:
        """Show the points and the lines asked for."""
        self._arrange(picture)
        self._show_points(picture)
        self._name_lines(picture)
        wanted = LAYERS[picture.lines]
        x = np.array(self._limits[0])
        for name in ("ols", "overall", "between"):
            line = getattr(picture, name)
            y = line[0] + line[1] * x if name in wanted else x * np.nan
            put_line(getattr(self, name), x, y)
        for name in ("own", "mixed", "within"):
            lines = getattr(picture, name) if name in wanted else np.zeros((0, 2))
            put_segments(getattr(self, name), _segments(lines, picture.spans[: len(lines)]))

    def _arrange(self, picture) -> None:
        """Set what stands still, only where it changed: that is painted again."""
        self._limits = tuple(map(hold, *zip(*picture.limits, strict=True), self._limits))
        self._last = self._end(picture)
        named, kinds = _has_long_names(picture), self._kinds(picture)
        wanted = named, picture.labels, self._limits, kinds, picture.lines, picture.pullable
        if wanted == self._arranged:
            return
        self._arranged = wanted
        x, y = picture.labels
        low, high = self._limits[0]
        room = ROOM[self._narrow][self._longest(picture) > SHORT] * (high - low)
        put(self.axes, xlim=(low, high + room), ylim=self._limits[1], xlabel=x, ylabel=y)
        pull = "Pull any point, or a group's mean" if picture.pullable else "Pull a group's mean"
        self.kinds.set_text(("\n" if self._narrow else "    ").join(kinds))
        pad = 7 + 15 * (len(kinds) if self._narrow else bool(kinds))
        title = pull if self._narrow else f"{pull} (diamond), up or down"
        self.axes.set_title(title, loc="left", weight="normal", pad=pad)

    def _longest(self, picture) -> int:
        """How many letters the longest name has that stands beside the data."""
        last = ENDS.get(self._last[0], "")
        return max(map(len, [last, *picture.names]))

    def _kinds(self, picture) -> list[str]:
        """Say above the axes which lines are whose, but for a line that is named at its end."""
        wanted = LAYERS[picture.lines]
        kinds = [NAMES[name] for name in wanted if name in NAMES]
        name, height = self._last
        low, high = self._limits[1]
        return kinds if not name or low <= height <= high else [*kinds, f"╍ {ENDS[name]}"]

    def _end(self, picture) -> tuple[str, float]:
        """The one line that is no group's, and its height where it ends, at the right."""
        name = next((name for name in LAYERS[picture.lines] if name in ENDS), "")
        a, b = getattr(picture, name) if name else (np.nan, np.nan)
        return name, float(a + b * self._limits[0][1])

    def tidy(self) -> None:
        """Choose limits anew at the next update: nobody drags any more."""
        self._limits = (None, None)

    def shorten(self, narrow: bool) -> None:
        """Say the kinds of lines below each other, where there is no room in one row."""
        if narrow != self._narrow:
            self._narrow, self._arranged = narrow, None

    def _name_lines(self, picture) -> None:
        """Write each group's name at the right end of its line, and that of the line of all."""
        lines = getattr(picture, GROUPED.get(picture.lines, "mixed"))
        (left, right), (low, high) = self.axes.get_xlim(), self.axes.get_ylim()
        edge = self._limits[0][1]
        x = np.append(picture.spans[:, 1], edge)
        if _has_long_names(picture):  # one above the other
            x[:] = edge
        last, height = self._last
        y = in_steps(np.append(lines[:, 0] + lines[:, 1] * x[:-1], height), low, high)
        texts = [*picture.names, ENDS[last] if low <= height <= high else ""]
        beside = (x > edge - NEAR * (edge - left)) & (np.array(texts) != "")
        least = (0.14 if self._narrow else 0.055) * (high - low)
        y[beside] = spread_in_steps(y[beside], least, low, high)
        put(self.end, color=LOOKS[last]["color"] if last else INK)
        texts += [""] * (len(self.names) + 1 - len(texts))  # groups that are not there
        shown = [*self.names[: len(x) - 1], self.end, *self.names[len(x) - 1 :]]
        for k, (text, name) in enumerate(zip(shown, texts, strict=True)):
            text.set_text(ticked(name, None) if self._narrow else name)
            if name:
                put(text, position=(x[k] + 0.012 * (right - left), y[k]))

    def _show_points(self, picture) -> None:
        sizes = 42 + 260 * picture.weights / picture.weights.max() * (picture.weights.max() > 1)
        for j, artist in enumerate(self.rows):
            mine = picture.codes == j
            put_points(artist, np.column_stack([picture.x[mine], picture.y[mine]]), sizes[mine])
        put_points(self.means, picture.means)


def _segments(lines, spans) -> np.ndarray:
    """Ends (J, 2, 2) of lines (J, 2) over each group's own reach in x."""
    return np.stack([spans, lines[:, :1] + lines[:, 1:] * spans], axis=2)


def _has_long_names(picture) -> bool:
    """Whether the groups' names say more than their numbers."""
    return any(len(name) > 2 for name in picture.names)
