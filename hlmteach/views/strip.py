"""All rows on the whole scale, group beside group, with the window that a lens enlarges."""

import numpy as np
from matplotlib.patches import Rectangle

from hlmteach.views.style import FAINT, INK, group_style
from hlmteach.views.view import put

MOST_DOTS = 420  # rows drawn; more would hide each other
MOST_ASIDE = 0.33  # how far a dot may stand beside the middle of its group


class Strip:
    """The left of a picture: dots, the overall line, the window."""

    def __init__(self, axes):
        self.axes = axes
        axes.set(xticks=[])
        look = {"color": FAINT, "alpha": 0.6, "lw": 0, "zorder": 0}
        self.window = axes.add_patch(
            Rectangle((0, 0), 1, 1, transform=axes.get_yaxis_transform(), **look)
        )
        self.dots = axes.scatter([], [], s=10, alpha=0.45, linewidths=0)
        self.overall = axes.axhline(0, color=INK, lw=1.5)

    @property
    def moving(self) -> dict:
        """What the browser draws, by name."""
        return {"window": self.window, "dots": self.dots, "overall in all rows": self.overall}

    def arrange(self, outcome: str, codes, y, span, window) -> None:
        """Set limits, labels and colours for other groups or another scale."""
        step = -(-len(y) // MOST_DOTS)
        groups = codes[::step]
        self.aside = groups + np.random.default_rng(0).uniform(-MOST_ASIDE, MOST_ASIDE, len(groups))
        self.step = step
        put(self.axes, xlim=(-0.6, codes.max() + 0.6), ylim=span, ylabel=outcome)
        self.axes.set_title("all rows")
        self.axes.set_xlabel("" if step == 1 else f"1 row in {step} drawn")
        self.dots.set_facecolors([group_style(j).color for j in groups])
        self.window.set(y=window[0], height=window[1] - window[0])

    def update(self, y, overall: float) -> None:
        """Show the rows and the overall line."""
        self.dots.set_offsets(np.column_stack([self.aside, y[:: self.step]]))
        self.show_overall(overall)

    def show_overall(self, level: float) -> None:
        """Put the overall line at a level; NaN hides it."""
        self.overall.set_ydata([level, level])


def span_of(y, now=None) -> tuple[float, float]:
    """Return round limits that hold all rows, with room to move them; `now` if they still do."""
    low, high = float(y.min()), float(y.max())
    if now is not None and now[0] <= low and high <= now[1] and now[1] - now[0] < 4 * (high - low):
        return now
    room = (0.06 if now is None else 0.25) * (high - low)
    return float(np.floor(2 * (low - room)) / 2), float(np.ceil(2 * (high + room)) / 2)
