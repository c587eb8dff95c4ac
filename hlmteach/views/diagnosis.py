"""What is left over: residuals against fitted values, normal plots, and a caterpillar of u."""

from dataclasses import dataclass

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.ticker import AutoLocator, MaxNLocator, ScalarFormatter
from scipy.stats import norm

from hlmteach.engine.fit import Fit
from hlmteach.views.style import INK, house_style, new_figure

DOTS = "#0072b2"
EDGE = "#d55e00"
MOST = 700  # residuals drawn; more would hide each other
Z = norm.ppf(0.975)


@dataclass(frozen=True)
class Leftovers:
    """What a fit left over, ready to be drawn.

    `fitted`, `resid` (m,) are some of the rows; `quantiles`, `sorted` (m,) the normal plot of e in
    sds; `u`, `half` (J,) conditional modes from the lowest to the highest, and their 95 % reach;
    `u_quantiles` (J,); `ceiling` the end of the scale or nan.
    """

    fitted: np.ndarray
    resid: np.ndarray
    quantiles: np.ndarray
    sorted: np.ndarray
    u: np.ndarray
    half: np.ndarray
    names: tuple[str, ...]
    u_quantiles: np.ndarray
    ceiling: float


def read_leftovers(fit: Fit, ceiling: float = np.nan) -> Leftovers:
    """Read residuals and conditional modes of the first effect of the first factor.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> fit = hlm.lme("Satisfaction ~ NPD", hlm.load("HLM"), random="~1|Time", method="ML")
    >>> seen = read_leftovers(fit, 6)
    >>> round(float(seen.sorted[0]), 3), round(float(seen.sorted[-1]), 3), len(seen.u)
    (-5.067, 1.616, 3)
    """
    picked = np.unique(np.linspace(0, fit.n_obs - 1, min(MOST, fit.n_obs)).astype(int))
    scaled = np.sort(fit.resid_scaled)
    name = fit.frame.factors[0].name
    u = fit.ranef[name].iloc[:, 0]
    order = np.argsort(u.to_numpy(), kind="stable")
    return Leftovers(
        fit.fitted[picked],
        fit.resid[picked],
        normal_places(fit.n_obs)[picked],
        scaled[picked],
        u.to_numpy()[order],
        Z * np.sqrt(fit.ranef_variance[name][order, 0, 0]),
        tuple(str(u.index[j]) for j in order),
        normal_places(len(u)),
        ceiling,
    )


def normal_places(n: int) -> np.ndarray:
    """Where n sorted normal values are expected, in sds.

    Examples
    --------
    >>> normal_places(3).round(2).tolist()
    [-0.97, 0.0, 0.97]
    """
    return norm.ppf((np.arange(n) + 0.5) / n)


class DiagnosisView:
    """Of e: residuals against fitted values, normal plot; of u: caterpillar, normal plot.

    Parameters
    ----------
    present : bool
        Larger, for a projector.
    """

    def __init__(self, present: bool = False):
        with house_style():
            self.figure = new_figure(6.9, 4.2, present)
            self.left, self.right = self.figure.subplots(1, 2, width_ratios=(1.35, 1))
            look = {"s": 16, "lw": 0, "c": DOTS, "zorder": 3}
            self.points = self.left.scatter([], [], alpha=0.35, **look)
            self.zero = self.left.axhline(0, color=INK, lw=1.2)
            (self.edge,) = self.left.plot([], [], color=EDGE, lw=2.5, ls=(0, (5, 2)), zorder=4)
            look_of_text = {"color": EDGE, "weight": "bold", "ha": "right", "va": "top"}
            place = {"transform": self.left.transAxes}
            self.edge_text = self.left.text(0.98, 0.97, "", **look_of_text, **place)
            self.legs = LineCollection([], colors=DOTS, lw=2, zorder=2)
            self.left.add_collection(self.legs, autolim=False)
            self.normal = self.right.scatter([], [], alpha=0.5, **look)
            (self.line,) = self.right.plot([], [], color=INK, lw=1.5, zorder=2)
        self._arranged = None

    @property
    def moving(self) -> dict:
        """What the browser draws, by name."""
        return {
            **{"points": self.points, "zero": self.zero, "edge": self.edge},
            **{"edge text": self.edge_text, "intervals": self.legs},
            **{"normal plot": self.normal, "normal line": self.line},
        }

    def update(self, seen: Leftovers, part: str) -> None:
        """Show the leftovers of rows (part "e") or of groups (part "u")."""
        if part == "e":
            self._show_e(seen)
        else:
            self._show_u(seen)

    def _show_e(self, seen) -> None:
        low, high = seen.fitted.min(), seen.fitted.max()
        room = 0.08 * max(high - low, 0.1)
        x, reach = (low - room, high + room), 1.12 * np.abs(seen.resid).max()
        both = np.concatenate([seen.quantiles, seen.sorted])
        ends = np.array([both.min() - 0.3, both.max() + 0.3])
        self._arrange(
            ("fitted", "residual e", "residuals against fitted", x, (-reach, reach)),
            ("expected if normal, in sds", "residuals, in sds", "normal plot of e", ends),
            None,
        )
        self.points.set_offsets(np.column_stack([seen.fitted, seen.resid]))
        self.points.set_sizes([16])
        self.legs.set_segments([])
        self.edge.set_data(x, seen.ceiling - np.array(x))
        known = np.isfinite(seen.ceiling)
        self.edge_text.set_text(f"outcome = {seen.ceiling:g}: no row above" if known else "")
        self._show_normal(seen.quantiles, seen.sorted, 1.0)

    def _show_u(self, seen) -> None:
        J, reach = len(seen.u), 1.15 * np.max(np.abs(seen.u) + seen.half)
        sd = float(np.std(seen.u)) or 1.0
        self._arrange(
            (
                *("group, from lowest to highest", "conditional mode u", "caterpillar of u"),
                *((-0.7, J - 0.3), (-reach, reach)),
            ),
            ("expected if normal, in sds", "u", "normal plot of u", (-2.6, 2.6, -reach, reach)),
            seen.names if J <= 3 else None,
        )
        place = np.arange(J)
        self.points.set_offsets(np.column_stack([place, seen.u]))
        self.points.set_sizes([60])
        self.legs.set_segments(
            [[(j, a - h), (j, a + h)] for j, a, h in zip(place, seen.u, seen.half, strict=True)]
        )
        self.edge.set_data([], [])
        self.edge_text.set_text("")
        self._show_normal(seen.u_quantiles, seen.u, sd)

    def _show_normal(self, expected, values, sd) -> None:
        self.normal.set_offsets(np.column_stack([expected, values]))
        x = np.array(self.right.get_xlim())
        self.line.set_data(x, sd * x)

    def _arrange(self, left, right, names) -> None:
        """Set what stands still, only where it changed: that is painted again."""
        wanted = repr((left, tuple(right[:3]), np.round(right[3], 2).tolist(), names))
        if wanted == self._arranged:
            return
        self._arranged = wanted
        with house_style():
            x, y, title, xlim, ylim = left
            self.left.set(xlabel=x, ylabel=y, title=title, xlim=xlim, ylim=ylim)
            few = range(len(names)) if names else None
            if few:
                self.left.set_xticks(few, ["\n".join(name.rsplit(" ", 1)) for name in names])
            else:
                self.left.xaxis.set_major_locator(
                    MaxNLocator(6, integer=True) if x.startswith("group") else AutoLocator()
                )
                self.left.xaxis.set_major_formatter(ScalarFormatter())
            x, y, title, limits = right
            limits = (*limits, *limits) if len(limits) == 2 else limits
            self.right.set(xlabel=x, ylabel=y, title=title, xlim=limits[:2], ylim=limits[2:])
