"""One parameter's profile: zeta at the left, the deviance at the right, and where a level cuts."""

from dataclasses import dataclass

import numpy as np

from hlmteach.views.style import INK, QUIET, above
from hlmteach.views.view import View, put, put_line, put_points, segments
from hlmteach.views.window import hold

PROFILE, WALD = "#0072b2", "#d55e00"
TOP_ZETA = 3.0  # the largest |zeta| on show


@dataclass(frozen=True)
class ProfilePicture:
    """A parameter's curve (value, zeta), its straight rival, and the cut at z.

    `limits` are the profile's, `wald` = (estimate, se) of the straight line, and `floor` is the
    end of the parameter's range (0 for an sd), nan if it has none.
    """

    name: str
    value: np.ndarray
    zeta: np.ndarray
    estimate: float
    se: float
    z: float
    limits: tuple[float, float]
    floor: float

    @property
    def wald(self) -> tuple[float, float]:
        """Estimate -+ z se (equation 30), which no range can stop."""
        return self.estimate - self.z * self.se, self.estimate + self.z * self.se


class ProfileView(View):
    """Zeta and the deviance against one parameter, with the Wald approximation dashed."""

    size = (7.8, 4.3)
    moves = "band straight bent feet parabola valley cut cut_label drops interval dot heads"

    def _make(self):
        self.left, self.right = self.figure.subplots(1, 2)
        self._make_left()
        self._make_right()

    def _make_left(self):
        ax = self.left
        ax.set(ylim=(-TOP_ZETA, TOP_ZETA), title="ζ: a line would be Wald", ylabel="ζ")
        ax.axhline(0, color=QUIET, lw=1, ls=":")
        self.band = segments(ax, colors=QUIET, lw=1.4, linestyles=[(0, (4, 2))])
        (self.straight,) = ax.plot([], [], color=WALD, lw=2, ls=(0, (5, 2)))
        (self.bent,) = ax.plot([], [], color=PROFILE, lw=3)
        self.feet = segments(ax, colors=PROFILE, lw=1.6)

    def _make_right(self):
        ax = self.right
        ax.set(ylim=(-0.9, TOP_ZETA**2), title=" \n ", ylabel="−2 logLik above its least")
        (self.parabola,) = ax.plot([], [], color=WALD, lw=2, ls=(0, (5, 2)))
        (self.valley,) = ax.plot([], [], color=PROFILE, lw=3)
        self.cut = ax.axhline(0, color=QUIET, lw=1.6, ls=(0, (4, 2)))
        beside = {"transform": ax.get_yaxis_transform(), "va": "center", "fontsize": 10}
        self.cut_label = ax.text(1.02, 0, "cut at\n0.00", **beside)
        self.drops = segments(ax, colors=PROFILE, lw=1.6)
        self.interval = segments(ax, colors=[PROFILE, WALD], lw=[7, 3.5], capstyle="butt")
        self.dot = ax.scatter([], [], s=70, color=INK, zorder=5)
        self.heads = [
            ax.text(0, 1, "", transform=above(ax, points), color=color, weight="bold")
            for points, color in ((21, PROFILE), (5, WALD))
        ]

    def update(self, picture: ProfilePicture) -> None:
        """Show a parameter and a cut."""
        self._arrange(picture)
        straight = (picture.value - picture.estimate) / picture.se
        put_line(self.bent, picture.value, picture.zeta)
        put_line(self.straight, picture.value, straight)
        put_line(self.valley, picture.value, picture.zeta**2)
        put_line(self.parabola, picture.value, straight**2)
        put_points(self.dot, [(picture.estimate, 0)])
        self.show_cut(picture)

    def show_cut(self, picture: ProfilePicture) -> None:
        """Cut at z, and z squared, and drop to the limits."""
        low, high = picture.limits
        left, right = self.right.get_xlim()
        z, stopped = picture.z, low == picture.floor
        self.band.set_segments([[(left, y), (right, y)] for y in (-z, z)])
        zs = np.nan if stopped else -z
        self.feet.set_segments([[(low, -TOP_ZETA), (low, zs)], [(high, -TOP_ZETA), (high, z)]])
        self.cut.set_ydata([z**2, z**2])
        self.cut_label.set(text=f"cut at\n{z**2:.2f}", position=(1.02, z**2))
        squared = np.nan if stopped else z**2
        self.drops.set_segments([[(low, 0), (low, squared)], [(high, 0), (high, z**2)]])
        self.interval.set_segments([[(low, 0), (high, 0)], [(x, -0.5) for x in picture.wald]])
        texts = (("profile", picture.limits), ("Wald", picture.wald))
        for head, (name, (a, b)) in zip(self.heads, texts, strict=True):
            head.set_text(f"{name}: {a:.4f} to {b:.4f}".replace("-", "−"))

    def _arrange(self, picture: ProfilePicture) -> None:
        inside = np.abs(picture.zeta) <= TOP_ZETA
        ends = picture.value[inside & np.isfinite(picture.value)]
        pad = 0.06 * np.ptp(ends)
        name, now = self._arranged or (None, None)
        limits = float(ends.min() - pad), float(ends.max() + pad)
        wanted = picture.name, hold(*limits, now if name == picture.name else None)
        if wanted != self._arranged:
            self._arranged = wanted
            for ax in (self.left, self.right):
                put(ax, xlim=wanted[1], xlabel=picture.name)
