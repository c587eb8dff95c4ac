"""One parameter's profile: zeta at the left, the deviance at the right, and where a level cuts."""

from dataclasses import dataclass

import numpy as np
from matplotlib.collections import LineCollection

from hlmteach.views.style import INK, QUIET, above, house_style, new_figure
from hlmteach.views.window import hold

PROFILE, WALD = "#0072b2", "#d55e00"
TOP = 3.0  # the largest |zeta| on show


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


class ProfileView:
    """Zeta and the deviance against one parameter, with the Wald approximation dashed.

    Parameters
    ----------
    present : bool
        Larger, for a projector.
    """

    def __init__(self, present: bool = False):
        with house_style():
            self.figure = new_figure(7.8, 4.3, present)
            self.left, self.right = self.figure.subplots(1, 2)
            self._make_left()
            self._make_right()
        self._arranged = (None, None)

    def _make_left(self):
        ax = self.left
        ax.set(ylim=(-TOP, TOP), title="ζ: a line would be Wald", ylabel="ζ")
        ax.axhline(0, color=QUIET, lw=1, ls=":")
        self.band = LineCollection([], colors=QUIET, lw=1.4, linestyles=[(0, (4, 2))])
        ax.add_collection(self.band, autolim=False)
        (self.straight,) = ax.plot([], [], color=WALD, lw=2, ls=(0, (5, 2)), label="Wald")
        (self.bent,) = ax.plot([], [], color=PROFILE, lw=3, label="profile")
        self.feet = LineCollection([], colors=PROFILE, lw=1.6)
        ax.add_collection(self.feet, autolim=False)
        ax.legend(loc="lower right", fontsize=10.5, frameon=True, edgecolor="none", framealpha=0.9)

    def _make_right(self):
        ax = self.right
        ax.set(ylim=(-0.9, TOP**2), title=" \n ", ylabel="−2 logLik above its least")
        (self.parabola,) = ax.plot([], [], color=WALD, lw=2, ls=(0, (5, 2)))
        (self.valley,) = ax.plot([], [], color=PROFILE, lw=3)
        self.cut = ax.axhline(0, color=QUIET, lw=1.6, ls=(0, (4, 2)))
        self.cut_label = ax.text(0, 0, "", va="bottom", fontsize=10.5)
        self.drops = LineCollection([], colors=PROFILE, lw=1.6)
        ax.add_collection(self.drops, autolim=False)
        self.interval = LineCollection([], colors=[PROFILE, WALD], lw=[7, 3.5], capstyle="butt")
        ax.add_collection(self.interval, autolim=False)
        self.dot = ax.scatter([], [], s=70, color=INK, zorder=5)
        self.heads = [
            ax.text(0, 1, "", transform=above(ax, points), color=color, weight="bold")
            for points, color in ((21, PROFILE), (5, WALD))
        ]

    @property
    def moving(self) -> dict:
        """What the browser draws, by name."""
        return {
            **{"band": self.band, "wald line": self.straight, "zeta": self.bent, "feet": self.feet},
            **{"parabola": self.parabola, "profile": self.valley, "cut": self.cut},
            **{"cut label": self.cut_label, "drops": self.drops, "intervals": self.interval},
            **{"estimate": self.dot, "limits": self.heads},
        }

    def update(self, seen: ProfilePicture) -> None:
        """Show a parameter and a cut."""
        self._arrange(seen)
        straight = (seen.value - seen.estimate) / seen.se
        self.bent.set_data(seen.value, seen.zeta)
        self.straight.set_data(seen.value, straight)
        self.valley.set_data(seen.value, seen.zeta**2)
        self.parabola.set_data(seen.value, straight**2)
        self.dot.set_offsets([(seen.estimate, 0)])
        self.show_cut(seen)

    def show_cut(self, seen: ProfilePicture) -> None:
        """Cut at z, and z squared, and drop to the limits."""
        low, high = seen.limits
        left, right = self.right.get_xlim()
        z, stopped = seen.z, low == seen.floor
        self.band.set_segments([[(left, y), (right, y)] for y in (-z, z)])
        zs = np.nan if stopped else -z
        self.feet.set_segments([[(low, -TOP), (low, zs)], [(high, -TOP), (high, z)]])
        self.cut.set_ydata([z**2, z**2])
        self.cut_label.set(
            text=f"cut at {z**2:.2f}", position=(0.98 * left + 0.02 * right, z**2 + 0.1)
        )
        squared = np.nan if stopped else z**2
        self.drops.set_segments([[(low, 0), (low, squared)], [(high, 0), (high, z**2)]])
        self.interval.set_segments([[(low, 0), (high, 0)], [(x, -0.5) for x in seen.wald]])
        texts = (("profile", seen.limits), ("Wald", seen.wald))
        for head, (name, (a, b)) in zip(self.heads, texts, strict=True):
            head.set_text(f"{name}: {a:.4f} to {b:.4f}".replace("-", "−"))

    def _arrange(self, seen: ProfilePicture) -> None:
        inside = np.abs(seen.zeta) <= TOP
        ends = seen.value[inside & np.isfinite(seen.value)]
        pad = 0.06 * np.ptp(ends)
        name, now = self._arranged
        limits = float(ends.min() - pad), float(ends.max() + pad)
        wanted = seen.name, hold(*limits, now if name == seen.name else None)
        if wanted != self._arranged:
            self._arranged = wanted
            for ax in (self.left, self.right):
                ax.set(xlim=wanted[1], xlabel=seen.name)
