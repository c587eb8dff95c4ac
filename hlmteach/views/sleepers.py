"""Everybody's answers over ten mornings, and the lines through them."""

from dataclasses import dataclass

import numpy as np
from matplotlib.colors import to_rgba

from hlmteach.views.style import INK, PLATE, QUIET, group_style
from hlmteach.views.view import View, segments

LOST, GIVEN = 0.1, 0.75  # how solid a dot is
LEFT, RIGHT = -0.4, 10.3
LOW, HIGH = 150, 520
ENDS = np.array([0.0, 9.0])  # the first and the last morning


@dataclass(frozen=True)
class SleepPicture:
    """What there is to see: answers at `x`, `y`, of which person, and which are there.

    Lines are intercept and slope: `lines` (J, 2) of each person, `overall` and `guess` (2,) or
    none. `named` are the people to look at, `alone` what some of them would have by themselves.
    """

    x: np.ndarray
    y: np.ndarray
    codes: np.ndarray
    given: np.ndarray
    named: dict[str, int]
    lines: np.ndarray
    alone: dict[str, np.ndarray]
    overall: np.ndarray | None
    guess: np.ndarray | None


class SleepersView(View):
    """Dots, a line for each person, and one for everybody."""

    size = (7.6, 4.4)
    moves = "dots lines alone overall guess names words"

    def __init__(self, people: int, present: bool = False):
        self.colors = [group_style(j).color for j in range(people)]
        super().__init__(present)

    def _make(self):
        self.axes = axes = self.figure.subplots()
        axes.set(xlim=(LEFT, RIGHT), ylim=(LOW, HIGH), xticks=range(10))
        axes.set(xlabel="nights of too little sleep", ylabel="reaction time in ms")
        self.dots = axes.scatter([], [], s=16, lw=0, zorder=1)
        self.lines = segments(axes, colors=self.colors, lw=1.3, zorder=2)
        self.alone = segments(axes, lw=2, ls=(0, (3, 2)), zorder=3)
        (self.overall,) = axes.plot([], [], color=INK, lw=4, zorder=4)
        (self.guess,) = axes.plot([], [], color=QUIET, lw=3, ls=(0, (1, 1)), zorder=4)
        put = {"va": "center", "fontsize": 11, "weight": "bold", "zorder": 5}
        self.names = [axes.text(0, 0, "", **put) for _ in range(2)]
        self.words = [axes.text(0, 0, "", color=c, bbox=PLATE, **put) for c in (INK, QUIET)]

    def update(self, seen: SleepPicture) -> None:
        """Show dots and lines."""
        self.dots.set_offsets(np.column_stack([seen.x, seen.y]))
        solid = np.where(seen.given, GIVEN, LOST)
        self.dots.set_facecolors(
            [to_rgba(self.colors[j], a) for j, a in zip(seen.codes, solid, strict=True)]
        )
        named = list(seen.named.values())
        self.dots.set_sizes(np.where(np.isin(seen.codes, named), 40, 14))
        self.lines.set_segments(_segments(seen.lines))
        self.lines.set_linewidths([3.2 if j in named else 1.3 for j in range(len(self.colors))])
        self.alone.set_segments(_segments(np.array([*seen.alone.values()]).reshape(-1, 2)))
        self.alone.set_colors([self.colors[seen.named[name]] for name in seen.alone])
        self._show_names(seen)
        self._show_one(self.overall, seen.overall)
        self._show_one(self.guess, seen.guess)
        self._say(self.words[0], "everybody", seen.overall, 0.1, -16)
        self._say(self.words[1], "your\nguess", seen.guess, ENDS[1] + 0.15, 0)

    def _show_names(self, seen) -> None:
        for text, (name, j) in zip(self.names, seen.named.items(), strict=True):
            shown = len(seen.lines) > 0 and np.ptp(seen.lines[:, 1]) > 0
            end = seen.lines[j] @ [1, ENDS[1]] if shown else 0
            text.set(text=name if shown else "", color=self.colors[j])
            text.set_position((ENDS[1] + 0.12, np.clip(end, LOW + 10, HIGH - 10)))

    def _show_one(self, line, coef) -> None:
        line.set_data(*([], []) if coef is None else (ENDS, coef[0] + coef[1] * ENDS))

    def _say(self, text, name: str, coef, x: float, below: float) -> None:
        """Write a line's name under it, or at its end."""
        y = 0 if coef is None else np.clip(coef[0] + coef[1] * x + below, LOW + 8, HIGH - 8)
        text.set(text="" if coef is None else name, position=(x, y))


def _segments(lines: np.ndarray) -> np.ndarray:
    y = lines[:, :1] + lines[:, 1:] * ENDS
    return np.stack([np.broadcast_to(ENDS, y.shape), y], axis=2)
