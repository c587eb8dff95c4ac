"""Lines and points in which every symbol of the equation has its part."""

from dataclasses import dataclass

import numpy as np
from matplotlib.colors import to_rgba

from hlmteach.views.style import FAINT, INK, QUIET
from hlmteach.views.view import View, put, put_points, put_segments, segments

COLORS = {
    "y": "#5c5c5c",
    "beta_0": "#0072b2",
    "beta_1": "#00795a",
    "x": "#7a7a7a",
    "u": "#d55e00",
    "u_slope": "#9a6700",
    "e": "#a8467a",
}
SIGNS = {
    "y": "$y_{ij}$",
    "beta_0": r"$\beta_0$",
    "beta_1": r"$\beta_1$",
    "x": "$x_{ij}$",
    "u": "$u_j$",
    "u_slope": "$u_{1j}\\,x_{ij}$",
    "e": "$e_{ij}$",
}
MOST_DOTS = 420  # rows drawn; more would hide each other
DASHES, DOTTED = (0, (5, 3)), (0, (1.5, 1.5))
LEADERS = ("y", "x")  # dotted lines from an axis to the row shown
ENDS = ("y", "beta_0")  # parts that are a point
DIMMED_ALPHA = 0.22  # of what is not pointed at


@dataclass(frozen=True)
class EquationPicture:
    """What the view draws.

    `parts` holds beta_0, beta_1, u, u_slope, x, e and y of the row shown; `lines` (J, 2) intercepts
    and slopes of the groups; `refit` (2,) the overall line and `refit_group` (2,) that of the group
    shown as estimated, nan where they are the lines themselves. `mine` (n,) marks the group's rows.
    """

    x: np.ndarray
    y: np.ndarray
    mine: np.ndarray
    parts: dict[str, float]
    names: tuple[str, ...]
    lines: np.ndarray
    refit: np.ndarray
    refit_group: np.ndarray
    limits: tuple[float, float, float, float]
    labels: tuple[str, str]
    run: tuple[float, float]


class EquationView(View):
    """A cloud of rows, the overall line, the groups' lines, and the parts of one row."""

    size = (6.8, 4.8)
    moves = "rows mine groups lines parts ends label"

    def _make(self):
        self.axes = self.figure.subplots()
        self._make_lines()
        self._make_parts()

    def _make_lines(self):
        axes, u = self.axes, COLORS["u"]
        self.rows = axes.scatter([], [], s=14, c=QUIET, alpha=0.35, lw=0, zorder=1)
        self.mine = axes.scatter([], [], s=24, c=u, marker="D", alpha=0.6, lw=0, zorder=2)
        self.groups = segments(axes, colors=FAINT, lw=1.2, zorder=1)
        looks = {"linewidths": [3, 2.5, 1.8, 1.8], "linestyles": ["-", "-", DASHES, DASHES]}
        self.lines = segments(axes, colors=[INK, u, INK, u], zorder=3, **looks)

    def _make_parts(self):
        axes = self.axes
        styles = [DOTTED if name in LEADERS else "-" for name in COLORS]
        self.parts = segments(axes, linestyles=styles, capstyle="butt", zorder=5)
        self.ends = axes.scatter([], [], lw=0, zorder=6)
        self.label = axes.text(0, 0, "", fontsize=16, va="center", zorder=7)

    def update(self, picture: EquationPicture, lit: str = "") -> None:
        """Show lines and parts; the one that is lit stands out, and is named."""
        lit = lit if lit in picture.names else ""
        self._arrange(picture)
        self._show_rows(picture)
        self._show_lines(picture, lit)
        self._show_parts(picture, lit)

    def _arrange(self, picture) -> None:
        if (picture.limits, picture.labels) == self._arranged:
            return
        self._arranged = picture.limits, picture.labels
        low, high, bottom, top = picture.limits
        x, y = picture.labels
        put(self.axes, xlim=(low, high), ylim=(bottom, top), xlabel=x, ylabel=y)

    def _show_rows(self, picture) -> None:
        places = np.column_stack([picture.x, picture.y])
        shown = np.zeros(len(picture.y), bool)
        shown[:: step_of(picture.y)] = True
        put_points(self.rows, places[shown & ~picture.mine])
        put_points(self.mine, places[shown & picture.mine])

    def _show_lines(self, picture, lit) -> None:
        ends, p = np.array(picture.run), picture.parts
        put_segments(self.groups, _ends(picture.lines, ends))
        group = (p["beta_0"] + p["u"], p["beta_1"] + p["u_slope"])
        if "u" not in picture.names:
            group = (np.nan, np.nan)
        four = [(p["beta_0"], p["beta_1"]), group, picture.refit, picture.refit_group]
        put_segments(self.lines, _ends(four, ends))
        overall = {"": 0.9, "beta_0": 1.0, "beta_1": 1.0}.get(lit, 0.45)
        own = 0.9 if lit in ("", "u", "u_slope") else 0.35
        self.lines.set_color(_faded((INK, COLORS["u"]) * 2, (overall, own, overall, own)))

    def _show_parts(self, picture, lit) -> None:
        hidden = np.full((3, 2), np.nan)
        places = {
            name: _place(name, picture) if name in picture.names else hidden for name in COLORS
        }
        bright = {name: 1.0 if lit in ("", name) else DIMMED_ALPHA for name in COLORS}
        put_segments(self.parts, list(places.values()))
        put(self.parts, linewidth=[_width(name, lit) for name in COLORS])
        self.parts.set_color(_faded(COLORS.values(), bright.values()))
        ends = [(picture.parts["x"], picture.parts["y"]), (0.0, picture.parts["beta_0"])]
        put_points(self.ends, ends, sizes=[220 if name == lit else 100 for name in ENDS])
        self.ends.set_color(_faded([COLORS[n] for n in ENDS], [bright[n] for n in ENDS]))
        self._name(lit, places, picture)

    def _name(self, lit, places, picture) -> None:
        if not lit:
            self.label.set_text("")
            return
        value = picture.parts[lit] * (picture.parts["x"] if lit == "u_slope" else 1)
        side = 0.025 * (picture.limits[1] - picture.limits[0])
        down = 0.07 * (picture.limits[3] - picture.limits[2]) if lit == "beta_0" else 0.0
        place = places[lit][:, 0].max() + side, places[lit][:, 1].mean() - down
        text = f"{SIGNS[lit]} = {value:.2f}".replace("-", "−")
        self.label.set(position=place, text=text, color=COLORS[lit])


def step_of(rows) -> int:
    """Every how many-th row is drawn."""
    return -(-len(rows) // MOST_DOTS)


def _ends(lines, x) -> np.ndarray:
    """Ends (k, 2, 2) at x (2,) of lines (k, 2): intercept and slope."""
    a, b = np.reshape(lines, (-1, 2, 1)).transpose(1, 0, 2)
    y = a + b * x
    return np.stack([np.broadcast_to(x, y.shape), y], axis=2)


def _faded(colors, alphas):
    return [to_rgba(color, alpha) for color, alpha in zip(colors, alphas, strict=True)]


def _width(name, lit) -> float:
    if name == lit:
        return 7.0
    return 2.0 if name in LEADERS else 4.5


def _place(name, picture) -> np.ndarray:
    """Three points (3, 2) of a part's line; as many for each, so that it can move."""
    p = picture.parts
    low, _, bottom, _ = picture.limits
    x, base = p["x"], p["beta_0"] + p["beta_1"] * p["x"]
    middle, level = base + p["u"], base + p["u"] + p["u_slope"] * p["x"]
    beside = x - 0.014 * (picture.limits[1] - low)  # where u and e overlap, both are seen
    across = np.array([1.0, 2.0, 2.0]) * (picture.run[1] - picture.run[0]) / 6 + picture.run[0]
    points = {
        "y": ([low, x, x], [p["y"]] * 3),
        "beta_0": ([low, 0.0, 0.0], [p["beta_0"]] * 3),
        "beta_1": (across, p["beta_0"] + p["beta_1"] * across[[0, 0, 2]]),
        "x": ([x] * 3, [bottom, bottom, p["y"]]),
        "u": ([beside] * 3, [base, middle, middle]),
        "u_slope": ([beside] * 3, [middle, level, level]),
        "e": ([x] * 3, [level, p["y"], p["y"]]),
    }
    return np.column_stack(points[name])
