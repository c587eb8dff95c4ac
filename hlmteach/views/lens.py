"""Groups under a lens: each one's mean, its line and its u_j, and the bell curve of all u_j."""

import numpy as np

from hlmteach.views.arrows import Arrows
from hlmteach.views.shrinkage import Shrinkage
from hlmteach.views.style import INK, QUIET, group_style, signed, ticked
from hlmteach.views.view import put, segments
from hlmteach.views.window import window

MOST_GROUPS = 30  # groups for which there are colours
SUBSCRIPTS = "₁₂₃₄₅₆"
MOST_LABELLED_GROUPS = len(SUBSCRIPTS)  # more groups than this have no room for a number each
HEIGHTS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)  # of the lens
BELL = np.linspace(-3.2, 3.2, 61)


class Lens:
    """A column for each group at the left, the bell curve from which u_j come at the right."""

    def __init__(self, axes, bell):
        self.axes, self.bell, self.narrow = axes, bell, False
        axes.set(facecolor="#f6f6f6")
        axes.set_title("under the lens")
        bell.set(xlim=(0, 1.15))
        bell.set_axis_off()
        self.colors = [group_style(j).color for j in range(MOST_GROUPS)]
        self._make_groups()
        (self.curve,) = bell.fill(0 * BELL, BELL, color="#56b4e9", alpha=0.35, lw=0)
        self.rug = segments(bell, colors=self.colors, lw=2)
        self.overall_label = bell.text(0, 0, "", va="center", ha="left", fontsize=10.5)
        self.sd_label = bell.text(0, 0, "", va="bottom", ha="left", fontsize=10.5)

    def _make_groups(self):
        axes = self.axes
        self.overall = axes.axhline(0, color=INK, lw=2.5, zorder=2)
        self.gaps = segments(axes, colors=QUIET, lw=1.2, linestyles=[(0, (2, 2))], zorder=2)
        self.levels = segments(axes, colors=self.colors, lw=3.5, zorder=3)
        self.own = axes.scatter([], [], s=75, facecolors="white", lw=2, zorder=4)
        self.own.set_edgecolors(self.colors)
        self.arrows = Arrows(axes, self.colors)
        self.labels = [axes.text(0, 0, "", ha="center", va="center") for _ in SUBSCRIPTS]

    @property
    def moving(self) -> dict:
        """What the browser draws, by name."""
        return {
            **{"overall": self.overall, "gaps": self.gaps, "levels": self.levels},
            **{"own means": self.own, "arrows": self.arrows.artists, "u": self.labels},
            **{"overall label": self.overall_label, "bell": self.curve, "rug": self.rug},
            "sd label": self.sd_label,
        }

    def window(self, shrinkage: Shrinkage, now=None) -> tuple[float, float]:
        """Return limits that hold all groups; `now` if they still do."""
        reach = 1.15 * max(np.abs(shrinkage.own).max(), 1.5 * shrinkage.sd)
        return window(shrinkage.overall - reach, shrinkage.overall + reach, now, HEIGHTS)

    def arrange(self, shrinkage: Shrinkage, limits) -> None:
        """Set limits and the groups' names."""
        J = len(shrinkage.names)
        labelled = J <= MOST_LABELLED_GROUPS
        sizes = shrinkage.sizes if not self.narrow else [None] * J
        labels = [ticked(n, k) for n, k in zip(shrinkage.names, sizes, strict=True)]
        put(self.axes, xlim=(-0.6, J - 0.4), ylim=limits)
        self.axes.set_xticks(range(J) if labelled else [], labels if labelled else [])
        self.axes.set_xlabel("" if labelled else f"{J} groups")

    def update(self, shrinkage: Shrinkage) -> None:
        """Show a settled fit."""
        self.show_overall(shrinkage.overall)
        self.show_own(shrinkage)
        self.show_u(shrinkage, len(shrinkage.names) if shrinkage.fit.frame.factors else 0)
        self.show_bell(shrinkage, bool(shrinkage.fit.frame.factors))

    def clear(self) -> None:
        """Show nothing but the groups' names."""
        self.show_overall(np.nan)
        self.own.set_offsets(np.empty((0, 2)))
        self.arrows.clear()
        for lines in (self.gaps, self.levels, self.rug):
            lines.set_segments([])
        for label in (*self.labels, self.overall_label, self.sd_label):
            label.set_text("")
        self.curve.set_xy(np.column_stack([0 * BELL, BELL]))

    # -- parts, one by one: a story shows them in turn -------------------------------------------

    def show_overall(self, level: float) -> None:
        """Put the overall line at a level; NaN hides it."""
        self.overall.set_ydata([level, level])
        self.overall_label.set(position=(0.22, level), text=f"{level:.3f}")

    def show_own(self, shrinkage: Shrinkage) -> None:
        """Show each group's own mean."""
        self.own.set_offsets(
            np.column_stack([np.arange(len(shrinkage.own)), shrinkage.overall + shrinkage.own])
        )

    def show_u(self, shrinkage: Shrinkage, count: int) -> None:
        """Show lines, arrows and numbers of the first groups, and what shrinkage took."""
        x, level = np.arange(count), (shrinkage.overall + shrinkage.u)[:count]
        own = (shrinkage.overall + shrinkage.own)[:count]
        left, right = np.c_[x - 0.36, level], np.c_[x + 0.36, level]
        self.levels.set_segments(np.stack([left, right], axis=1))
        self.gaps.set_segments(np.stack([np.c_[x, level], np.c_[x, own]], axis=1))
        self.arrows.point(x, np.full(count, shrinkage.overall), level)
        labelled = len(shrinkage.names) <= MOST_LABELLED_GROUPS
        for j, label in enumerate(self.labels):
            show = labelled and j < count
            name = "" if self.narrow else f"u{SUBSCRIPTS[j]} = "
            label.set_text(name + signed(shrinkage.u[j]) if show else "")
            if show:
                label.set_position((j, self._beyond(level[j], own[j], shrinkage.overall)))

    def _beyond(self, level, own, overall) -> float:
        """A little further from the overall line than both ends."""
        low, high = self.axes.get_ylim()
        end = max(level, own, key=lambda y: abs(y - overall))
        return end + np.copysign((0.085 if self.narrow else 0.065) * (high - low), end - overall)

    def show_bell(self, shrinkage: Shrinkage, show: bool = True) -> None:
        """Show the normal curve from which the model takes the u_j to come."""
        y = shrinkage.overall + BELL * shrinkage.sd
        self.curve.set_xy(np.column_stack([show * np.exp(-(BELL**2) / 2), y]))
        marks = (shrinkage.overall + shrinkage.u)[: len(shrinkage.u) if show else 0]
        self.rug.set_segments(
            np.stack([np.c_[0 * marks, marks], np.c_[0 * marks + 0.16, marks]], 1)
        )
        low, high = self.axes.get_ylim()
        top = max(y[-1], shrinkage.overall + 0.04 * (high - low))  # above the overall line's number
        self.sd_label.set(position=(0.03, top), text=f"sd {shrinkage.sd:.3f}" if show else "")
