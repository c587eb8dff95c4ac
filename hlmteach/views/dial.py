"""Groups of points, and below them the variance as one bar, cut in two at the ICC."""

from dataclasses import dataclass

import numpy as np
from matplotlib.collections import LineCollection

from hlmteach.views.style import INK, group_style, house_style, new_figure

BETWEEN, WITHIN = "#d55e00", "#56b4e9"
DARK = "#0b2239"  # letters on those; no grey, so it stays on a dark page
MOST = 12  # groups that have room
LENS = 0.03  # the lens shows the bar up to here
REACH = 3.4  # half height of the points' axis, in total sds


@dataclass(frozen=True)
class DialPicture:
    """What there is to see: points (m, 2) as (group and a little beside, outcome), means (J,).

    `icc` is the fitted one; `truth` the dial's, nan for data whose truth nobody knows; `wrong` the
    places of mistaken formulas by name; `centre` and `scale` place the outcome's axis.
    """

    dots: np.ndarray
    means: np.ndarray
    names: tuple[str, ...]
    centre: float
    scale: float
    icc: float
    truth: float
    wrong: dict[str, float]
    note: str = ""


class DialView:
    """The points above; the bar of variances below, with a lens on its first hundredths.

    Parameters
    ----------
    marks : dict of str to float
        ICCs to be marked under the lens.
    present : bool
        Larger, for a projector.
    """

    def __init__(self, marks: dict[str, float], present: bool = False):
        with house_style():
            self.figure = new_figure(7.6, 5.0, present)
            self.points, self.bar, self.lens = self.figure.subplots(
                3, 1, height_ratios=(3.2, 0.85, 0.6)
            )
            self._make_points()
            self._make_bar()
            self._make_lens(marks)
        self._arranged = None

    def _make_points(self):
        self.points.set(ylabel="outcome")
        self.dots = self.points.scatter([], [], s=16, alpha=0.6, lw=0)
        colors = [group_style(j).color for j in range(MOST)]
        self.levels = LineCollection([], colors=colors, lw=3.5, zorder=3)
        self.points.add_collection(self.levels, autolim=False)
        self.overall = self.points.axhline(0, color=INK, lw=1.2, ls="--")

    def _make_bar(self):
        ax = self.bar
        ax.set(xlim=(0, 1), ylim=(0, 1.75), yticks=[], xticks=np.linspace(0, 1, 6))
        ax.spines["left"].set_visible(False)
        ax.set_title("left of the cut: the ICC", fontsize=11)
        (self.between,) = ax.barh([0.42], [0], 0.84, color=BETWEEN, hatch="//", edgecolor="white")
        (self.within,) = ax.barh([0.42], [1], 0.84, color=WITHIN)
        middle = {"va": "center", "ha": "center", "fontsize": 11}
        self.names = [
            ax.text(0, 0.42, "", color=DARK, bbox={"fc": color, "ec": "none", "pad": 2}, **middle)
            for color in (BETWEEN, WITHIN)
        ]
        self.cut = ax.text(0, 1.0, "", va="bottom", ha="left", weight="bold", fontsize=13)
        self.truth = ax.scatter([], [], marker="v", s=80, color=INK, zorder=4)
        self.wrong = ax.scatter([], [], marker="X", s=90, color="#9c4f7c", zorder=5)
        self.wrong_label = ax.text(0, 0.42, "", va="center", color=DARK, fontsize=10.5)

    def _make_lens(self, marks):
        ax = self.lens
        ax.set(xlim=(0, LENS), ylim=(0, 1.9), yticks=[])
        ax.set_xlabel("its first 3 %; marks: the tutorial")
        ax.set_xticks([0, 0.01, 0.02, 0.03])
        ax.spines["left"].set_visible(False)
        (self.near,) = ax.barh([0.4], [0], 0.8, color=BETWEEN, hatch="//", edgecolor="white")
        (self.rest,) = ax.barh([0.4], [LENS], 0.8, color=WITHIN)
        for (name, value), side in zip(marks.items(), ("right", "left"), strict=True):
            ax.plot([value, value], [0, 1.1], color=INK, lw=2)
            gap = LENS / 150 * (1 if side == "left" else -1)
            ax.text(
                value + gap, 1.05, f"{name} {value:.4f}".replace("0.", "."), ha=side, va="bottom"
            )

    @property
    def moving(self) -> dict:
        """What the browser draws, by name."""
        return {
            **{"points": self.dots, "group means": self.levels, "overall": self.overall},
            **{"between": self.between, "within": self.within, "names": self.names},
            **{"icc": self.cut, "truth": self.truth, "wrong": self.wrong},
            **{"wrong label": self.wrong_label, "between enlarged": self.near, "rest": self.rest},
        }

    def update(self, seen: DialPicture) -> None:
        """Show points, bar and marks."""
        self._arrange(seen)
        self.dots.set_offsets(seen.dots)
        self.dots.set_facecolors(
            [group_style(j).color for j in np.rint(seen.dots[:, 0]).astype(int)]
        )
        self.levels.set_segments([[(j - 0.36, m), (j + 0.36, m)] for j, m in enumerate(seen.means)])
        self.overall.set_ydata([seen.means.mean()] * 2)
        self._show_bar(seen)

    def _arrange(self, seen) -> None:
        wanted = seen.names, seen.centre, seen.scale
        if wanted != self._arranged:
            self._arranged = wanted
            half = REACH * seen.scale
            self.points.set(xlim=(-0.6, len(seen.names) - 0.4))
            self.points.set(ylim=(seen.centre - half, seen.centre + half))
            self.points.set_xticks(range(len(seen.names)), seen.names)
            self.points.set_title(seen.note, loc="left", fontsize=10.5, weight="normal")

    def _show_bar(self, seen) -> None:
        self.between.set_width(seen.icc)
        self.within.set(x=seen.icc, width=1 - seen.icc)
        self.near.set_width(min(seen.icc, LENS))
        self.rest.set(x=min(seen.icc, LENS), width=max(LENS - seen.icc, 0))
        for text, name, middle, share in zip(
            self.names,
            ("between", "within"),
            (seen.icc / 2, (1 + seen.icc) / 2),
            (seen.icc, 1 - seen.icc),
            strict=True,
        ):
            text.set(text=name if share > 0.2 else "", position=(middle, 0.42))
        digits = 4 if seen.icc < 0.05 else 2
        left = seen.icc < 0.75
        self.cut.set(text=f" ICC {seen.icc:.{digits}f} ", ha="left" if left else "right")
        self.cut.set_position((seen.icc, 0.95))
        self.truth.set_offsets(
            [(seen.truth, 0.95)] if np.isfinite(seen.truth) else np.zeros((0, 2))
        )
        self._show_wrong(seen.wrong)

    def _show_wrong(self, wrong) -> None:
        """Mark one mistaken cut and say what was mistaken."""
        name, x = next(iter(wrong.items()), ("", 2.0))
        x = min(x, 0.985)  # a ratio has no end
        self.wrong.set_offsets([(x, 0.42)] if name else np.zeros((0, 2)))
        left = x < 0.55
        self.wrong_label.set(text=name, ha="left" if left else "right")
        self.wrong_label.set_position((x + (0.02 if left else -0.02), 0.42))
        if name:
            self.names[1 if left else 0].set_text("")
