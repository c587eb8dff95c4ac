"""Groups of points, and below them the variance as one bar, cut in two at the ICC."""

from dataclasses import dataclass

import numpy as np

from hlmteach.views.style import INK, PLATE, group_style, ticked
from hlmteach.views.view import View, put, put_points, put_segments, segments

BETWEEN, WITHIN = "#d55e00", "#56b4e9"
MOST_GROUPS = 12  # groups that have room
LENS_END = 0.03  # the lens shows the bar up to here
HALF_HEIGHT = 3.7  # half height of the points' axis, in total sds


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


class DialView(View):
    """The points above; the bar of variances below, with a lens on its first hundredths.

    Parameters
    ----------
    marks : dict of str to float
        ICCs to be marked under the lens.
    present : bool
        Larger, for a projector.
    """

    size = (7.6, 5.0)
    moves = "dots levels overall between within names cut truth wrong wrong_label near rest"

    def __init__(self, marks: dict[str, float], present: bool = False):
        self.marks, self._narrow = marks, False
        super().__init__(present)

    def _make(self):
        heights = {"height_ratios": (3.0, 0.9, 0.6)}
        self.points, self.bar, self.lens = self.figure.subplots(3, 1, **heights)
        self._make_points()
        self._make_bar()
        self._make_lens()

    def shorten(self, narrow: bool) -> None:
        """Write the groups' names in two lines, where there is no room for one."""
        if narrow != self._narrow:
            self._narrow, self._arranged = narrow, None

    def _make_points(self):
        self.points.set(ylabel="outcome")
        self.dots = self.points.scatter([], [], s=16, alpha=0.6, lw=0)
        colors = [group_style(j).color for j in range(MOST_GROUPS)]
        self.levels = segments(self.points, colors=colors, lw=3.5, zorder=3)
        self.overall = self.points.axhline(0, color=INK, lw=1.2, ls="--")

    def _make_bar(self):
        ax = self.bar
        ax.set(xlim=(0, 1), ylim=(0, 1.75), yticks=[], xticks=np.linspace(0, 1, 6))
        ax.spines["left"].set_visible(False)
        ax.set_title("left of the cut: the ICC", fontsize=11)
        (self.between,) = ax.barh([0.42], [0], 0.84, color=BETWEEN, hatch="//", edgecolor="white")
        (self.within,) = ax.barh([0.42], [1], 0.84, color=WITHIN)
        middle = {"va": "center", "fontsize": 10.5, "bbox": PLATE}
        self.names = [ax.text(0, 0.42, "", ha="center", **middle) for _ in range(2)]
        self.cut = ax.text(0, 1.0, "", va="bottom", ha="left", weight="bold", fontsize=12)
        self.truth = ax.scatter([], [], marker="v", s=80, color=INK, zorder=4, clip_on=False)
        self.wrong = ax.scatter([], [], marker="X", s=90, color="#9c4f7c", zorder=5)
        self.wrong_label = ax.text(0, 0.42, "", **middle)

    def _make_lens(self):
        ax = self.lens
        ax.set(xlim=(0, LENS_END), ylim=(0, 1.9), yticks=[])
        ax.set_xlabel("its first 3 %; marks: the tutorial")
        ax.set_xticks([0, 0.01, 0.02, 0.03])
        ax.spines["left"].set_visible(False)
        (self.near,) = ax.barh([0.4], [0], 0.8, color=BETWEEN, hatch="//", edgecolor="white")
        (self.rest,) = ax.barh([0.4], [LENS_END], 0.8, color=WITHIN)
        for (name, value), side in zip(self.marks.items(), ("right", "left"), strict=True):
            ax.plot([value, value], [0, 1.1], color=INK, lw=2)
            gap = LENS_END / 150 * (1 if side == "left" else -1)
            ax.text(
                value + gap, 1.05, f"{name} {value:.4f}".replace("0.", "."), ha=side, va="bottom"
            )

    def update(self, picture: DialPicture) -> None:
        """Show points, bar and marks."""
        self._arrange(picture)
        put_points(self.dots, picture.dots)
        put_segments(
            self.levels, [[(j - 0.36, m), (j + 0.36, m)] for j, m in enumerate(picture.means)]
        )
        self.overall.set_ydata([picture.means.mean()] * 2)
        self._show_bar(picture)

    def _arrange(self, picture) -> None:
        groups = np.rint(picture.dots[:, 0]).astype(int)
        wanted = picture.names, picture.centre, picture.scale, groups.tobytes()
        if wanted != self._arranged:
            self._arranged = wanted
            half = HALF_HEIGHT * picture.scale
            self.dots.set_facecolors([group_style(j).color for j in groups])
            put(
                self.points,
                xlim=(-0.6, len(picture.names) - 0.4),
                ylim=(picture.centre - half, picture.centre + half),
            )
            names = [ticked(name, None) if self._narrow else name for name in picture.names]
            self.points.set_xticks(range(len(names)), names)
            self.points.set_title(picture.note, loc="left", fontsize=10.5, weight="normal")

    def _show_bar(self, picture) -> None:
        self.between.set_width(picture.icc)
        self.within.set(x=picture.icc, width=1 - picture.icc)
        put(self.near, width=min(picture.icc, LENS_END))
        put(self.rest, x=min(picture.icc, LENS_END), width=max(LENS_END - picture.icc, 0))
        for text, name, middle, share in zip(
            self.names,
            ("between", "within"),
            (picture.icc / 2, (1 + picture.icc) / 2),
            (picture.icc, 1 - picture.icc),
            strict=True,
        ):
            put(text, text=name if share > 0.2 else "", position=(middle, 0.42))
        digits = 4 if picture.icc < 0.05 else 2
        on_left = picture.icc < 0.75
        put(
            self.cut,
            text=f"  ICC {picture.icc:.{digits}f}  ",
            ha="left" if on_left else "right",
            position=(picture.icc, 0.95),
        )
        known = np.isfinite(picture.truth)
        put_points(self.truth, [(picture.truth, 0.95)] if known else np.zeros((0, 2)))
        self._show_wrong(picture.wrong)

    def _show_wrong(self, wrong) -> None:
        """Mark one mistaken cut and say what was mistaken."""
        name, x = next(iter(wrong.items()), ("", 2.0))
        x = min(x, 0.985)  # a ratio has no end
        put_points(self.wrong, [(x, 0.42)] if name else np.zeros((0, 2)))
        on_left = x < 0.55
        place = (x + (0.02 if on_left else -0.02), 0.42)
        put(self.wrong_label, text=name, ha="left" if on_left else "right", position=place)
        if name:
            self.names[1 if on_left else 0].set_text("")
