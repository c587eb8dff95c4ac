"""A model at a glance: its slopes with their intervals, and its groups in order."""

from dataclasses import dataclass

import numpy as np
from matplotlib.collections import LineCollection
from scipy.stats import norm

from hlmteach.engine.fit import Fit
from hlmteach.views.style import INK, house_style, new_figure

SLOPES, GROUPS = "#d55e00", "#0072b2"
MOST = 10  # slopes that have room
Z = norm.ppf(0.975)


@dataclass(frozen=True)
class ModelPicture:
    """`slopes`, `slope_half` (k,) for one sd of each of `names`; `u`, `u_half` (J,) in order."""

    names: tuple[str, ...]
    slopes: np.ndarray
    slope_half: np.ndarray
    u: np.ndarray
    u_half: np.ndarray
    group: str


def read_model(fit: Fit) -> ModelPicture:
    """Read a fit with or without a grouping factor.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> fit = hlm.lmer("Reaction ~ Days + (Days | Subject)", hlm.load("sleepstudy"))
    >>> seen = read_model(fit)
    >>> seen.names, len(seen.u), seen.group
    (('Days',), 18, 'Subject')
    """
    kept = [k for k, name in enumerate(fit.frame.names) if name != "(Intercept)"][:MOST]
    sd = fit.frame.X[:, kept].std(axis=0)  # so that slopes of any units can be compared
    slopes, half = sd * fit.fixef.to_numpy()[kept], Z * sd * fit.se.to_numpy()[kept]
    names = tuple(fit.frame.names[k] for k in kept)
    if not fit.frame.factors:
        return ModelPicture(names, slopes, half, np.zeros(0), np.zeros(0), "")
    group = fit.frame.factors[0].name
    u = fit.ranef[group].to_numpy()[:, 0]
    order = np.argsort(u, kind="stable")
    u_half = Z * np.sqrt(fit.ranef_variance[group][order, 0, 0])
    return ModelPicture(names, slopes, half, u[order], u_half, group)


class ModelView:
    """Left: slopes, each for one sd of its predictor, with intervals. Right: groups in order.

    Parameters
    ----------
    present : bool
        Larger, for a projector.
    """

    def __init__(self, present: bool = False):
        with house_style():
            self.figure = new_figure(6.9, 4.0, present)
            self.left, self.right = self.figure.subplots(1, 2)
            self.left.axvline(0, color=INK, lw=1.2)
            self.right.axhline(0, color=INK, lw=1.2)
            self.slope_legs = LineCollection([], colors=SLOPES, lw=3)
            self.u_legs = LineCollection([], colors=GROUPS, lw=2)
            self.left.add_collection(self.slope_legs, autolim=False)
            self.right.add_collection(self.u_legs, autolim=False)
            self.slopes = self.left.scatter([], [], s=80, c=SLOPES, marker="s", zorder=3)
            self.u = self.right.scatter([], [], s=36, c=GROUPS, zorder=3)
            self.note = self.right.text(
                0.5, 0.5, "", transform=self.right.transAxes, ha="center", fontsize=11
            )
        self._arranged = None

    @property
    def moving(self) -> dict:
        """What the browser draws, by name."""
        return {
            **{"slope intervals": self.slope_legs, "slopes": self.slopes},
            **{"group intervals": self.u_legs, "groups": self.u, "note": self.note},
        }

    def update(self, seen: ModelPicture) -> None:
        """Show a model."""
        self._arrange(seen)
        rows = np.arange(len(seen.names))
        self.slopes.set_offsets(np.column_stack([seen.slopes, rows]))
        self.slope_legs.set_segments(
            [
                [(b - h, k), (b + h, k)]
                for k, b, h in zip(rows, seen.slopes, seen.slope_half, strict=True)
            ]
        )
        places = np.arange(len(seen.u))
        self.u.set_offsets(np.column_stack([places, seen.u]))
        self.u_legs.set_segments(
            [[(j, a - h), (j, a + h)] for j, a, h in zip(places, seen.u, seen.u_half, strict=True)]
        )
        self.note.set_text("" if len(seen.u) else "no groups in this model")

    def _arrange(self, seen) -> None:
        """Set what stands still, only where it changed: that is painted again."""
        reach = _reach(seen.slopes, seen.slope_half), _reach(seen.u, seen.u_half)
        wanted = seen.names, len(seen.u), seen.group, reach
        if wanted == self._arranged:
            return
        self._arranged, J = wanted, len(seen.u)
        with house_style():
            self.left.set(xlim=(-reach[0], reach[0]), ylim=(max(len(seen.names), 1) - 0.5, -0.5))
            self.left.set_yticks(range(len(seen.names)), seen.names)
            self.left.set(title="slopes and 95 % intervals", xlabel="for one sd of the predictor")
            self.right.set(xlim=(-0.7, max(J, 1) - 0.3), ylim=(-reach[1], reach[1]), xticks=[])
            self.right.set_xlabel(f"{J} groups of {seen.group}, in order" if J else "")
            self.right.set(title="groups: u and its interval", ylabel="u of the intercept")


def _reach(values, half) -> float:
    """Half a width that holds the intervals: 1, 2 or 5 times a power of ten."""
    largest = 1.05 * float(np.max(np.abs(values) + half, initial=0.0))
    if largest == 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(largest))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= largest))
