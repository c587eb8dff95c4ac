"""A model at a glance: its slopes with their intervals, and its groups in order."""

from dataclasses import dataclass

import numpy as np
from matplotlib.ticker import MaxNLocator

from hlmteach.engine.fit import Fit
from hlmteach.engine.laws import norm
from hlmteach.views.style import INK, house_style
from hlmteach.views.view import View, segments

SLOPE_COLOR, GROUP_COLOR = "#d55e00", "#0072b2"
MOST_SLOPES = 10  # slopes that have room
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
    >>> picture = read_model(fit)
    >>> picture.names, len(picture.u), picture.group
    (('Days',), 18, 'Subject')
    """
    slopes_at = [k for k, name in enumerate(fit.frame.names) if name != "(Intercept)"][:MOST_SLOPES]
    sd = fit.frame.X[:, slopes_at].std(axis=0)  # so that slopes of any units can be compared
    slopes, half = sd * fit.beta[slopes_at], Z * sd * fit.beta_se[slopes_at]
    names = tuple(fit.frame.names[k] for k in slopes_at)
    if not fit.frame.factors:
        return ModelPicture(
            names=names, slopes=slopes, slope_half=half, u=np.zeros(0), u_half=np.zeros(0), group=""
        )
    group = fit.frame.factors[0].name
    u = fit.b[group][:, 0]
    order = np.argsort(u, kind="stable")
    u_half = Z * np.sqrt(fit.ranef_variance[group][order, 0, 0])
    return ModelPicture(
        names=names, slopes=slopes, slope_half=half, u=u[order], u_half=u_half, group=group
    )


class ModelView(View):
    """Left: slopes, each for one sd of its predictor, with intervals. Right: groups in order."""

    size = (6.9, 4.0)
    moves = "slope_legs slopes u_legs u note"

    def _make(self):
        self.left, self.right = self.figure.subplots(1, 2)
        self.left.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
        self.left.axvline(0, color=INK, lw=1.2)
        self.right.axhline(0, color=INK, lw=1.2)
        self.slope_legs = segments(self.left, colors=SLOPE_COLOR, lw=3)
        self.u_legs = segments(self.right, colors=GROUP_COLOR, lw=2)
        self.slopes = self.left.scatter([], [], s=80, c=SLOPE_COLOR, marker="s", zorder=3)
        self.u = self.right.scatter([], [], s=36, c=GROUP_COLOR, zorder=3)
        self.note = self.right.text(
            0.5, 0.53, "", transform=self.right.transAxes, ha="center", va="bottom", fontsize=11
        )

    def update(self, picture: ModelPicture) -> None:
        """Show a model."""
        self._arrange(picture)
        rows = np.arange(len(picture.names))
        self.slopes.set_offsets(np.column_stack([picture.slopes, rows]))
        self.slope_legs.set_segments(
            [
                [(b - h, k), (b + h, k)]
                for k, b, h in zip(rows, picture.slopes, picture.slope_half, strict=True)
            ]
        )
        places = np.arange(len(picture.u))
        self.u.set_offsets(np.column_stack([places, picture.u]))
        self.u_legs.set_segments(
            [
                [(j, a - h), (j, a + h)]
                for j, a, h in zip(places, picture.u, picture.u_half, strict=True)
            ]
        )
        self.note.set_text("" if len(picture.u) else "no groups in this model")

    def _arrange(self, picture) -> None:
        """Set what stands still, only where it changed: that is painted again."""
        reach = _reach(picture.slopes, picture.slope_half), _reach(picture.u, picture.u_half)
        wanted = picture.names, len(picture.u), picture.group, reach
        if wanted == self._arranged:
            return
        self._arranged, J = wanted, len(picture.u)
        with house_style():
            self.left.set(xlim=(-reach[0], reach[0]), ylim=(max(len(picture.names), 1) - 0.5, -0.5))
            self.left.set_yticks(range(len(picture.names)), picture.names)
            self.left.set(title="slopes ± interval", xlabel="for one sd of the predictor")
            self.right.set(xlim=(-0.7, max(J, 1) - 0.3), ylim=(-reach[1], reach[1]), xticks=[])
            self.right.set_xlabel(f"{J} groups of {picture.group}" if J else "")
            self.right.set(title="u ± interval, in order", ylabel="u of the intercept")


def _reach(values, half) -> float:
    """Half a width that holds the intervals: 1, 2 or 5 times a power of ten."""
    largest = 1.05 * float(np.max(np.abs(values) + half, initial=0.0))
    if largest == 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(largest))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= largest))
