"""What is left over: residuals, normal plots, a caterpillar of u, and what each group did."""

from dataclasses import dataclass

import numpy as np
from matplotlib.ticker import AutoLocator, MaxNLocator, ScalarFormatter

from hlmteach.engine.fit import Fit
from hlmteach.engine.laws import norm
from hlmteach.inference.coefficients.influence import influence
from hlmteach.views.style import INK, house_style
from hlmteach.views.view import View, put, segments
from hlmteach.views.window import hold

DOTS = "#0072b2"
EDGE = "#d55e00"
MOST_RESIDUALS = 700  # residuals drawn; more would hide each other
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
    >>> rest = read_leftovers(fit, 6)
    >>> round(float(rest.sorted[0]), 3), round(float(rest.sorted[-1]), 3), len(rest.u)
    (-5.067, 1.616, 3)
    """
    picked = np.unique(np.linspace(0, fit.n_obs - 1, min(MOST_RESIDUALS, fit.n_obs)).astype(int))
    scaled = np.sort(fit.resid_scaled)
    name = fit.frame.factors[0].name
    u = fit.ranef[name].iloc[:, 0]
    order = np.argsort(u.to_numpy(), kind="stable")
    return Leftovers(
        fitted=fit.fitted[picked],
        resid=fit.resid[picked],
        quantiles=normal_places(fit.n_obs)[picked],
        sorted=scaled[picked],
        u=u.to_numpy()[order],
        half=Z * np.sqrt(fit.ranef_variance[name][order, 0, 0]),
        names=tuple(str(u.index[j]) for j in order),
        u_quantiles=normal_places(len(u)),
        ceiling=ceiling,
    )


@dataclass(frozen=True)
class LeftOut:
    """What a fit is without each group in turn, ready to be drawn.

    `cooks`, `without` (J,) are Cook's distance and the last coefficient without each of the groups
    `names`, in the data's order; `whole`, `se` that coefficient of all groups; `term` its name.
    """

    names: tuple[str, ...]
    cooks: np.ndarray
    without: np.ndarray
    whole: float
    se: float
    term: str

    @property
    def top(self) -> int:
        """The place of the group with the largest distance."""
        return int(self.cooks.argmax())


def read_left_out(fit: Fit) -> LeftOut:
    """Leave each group of the only factor out, and read what that changes.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> fit = hlm.lme("Satisfaction ~ NPD", hlm.load("HLM"), random="~1|Time", method="ML")
    >>> left_out = read_left_out(fit)
    >>> top = left_out.top
    >>> left_out.names[top], round(left_out.whole, 3), round(float(left_out.without[top]), 3)
    ('before marriage', 0.123, 0.126)
    """
    changes = influence(fit, verbose=False)
    return LeftOut(
        names=tuple(map(str, changes.cooks.index)),
        cooks=changes.cooks.to_numpy(),
        without=changes.fixef.iloc[:, -1].to_numpy(),
        whole=float(fit.beta[-1]),
        se=float(fit.beta_se[-1]),
        term=fit.frame.names[-1],
    )


def normal_places(n: int) -> np.ndarray:
    """Where n sorted normal values are expected, in sds.

    Examples
    --------
    >>> normal_places(3).round(2).tolist()
    [-0.97, 0.0, 0.97]
    """
    return norm.ppf((np.arange(n) + 0.5) / n)


class DiagnosisView(View):
    """Of e: residuals against fitted values, normal plot; of u: caterpillar, normal plot.

    Of influence: Cook's distance of each group, and beside it the coefficient without the group.
    """

    size = (6.9, 4.2)
    moves = "points zero edge edge_text legs normal line reach"

    def _make(self):
        self._limits = (None,) * 4
        self.left, self.right = self.figure.subplots(1, 2, width_ratios=(1.35, 1))
        look = {"s": 16, "lw": 0, "c": DOTS, "zorder": 3}
        self.points = self.left.scatter([], [], **look)
        self.zero = self.left.axhline(0, color=INK, lw=1.2)
        (self.edge,) = self.left.plot([], [], color=EDGE, lw=2.5, ls=(0, (5, 2)), zorder=4)
        look_of_text = {"color": EDGE, "weight": "bold", "ha": "right", "va": "top"}
        place = {"transform": self.left.transAxes}
        self.edge_text = self.left.text(0.98, 0.97, "", **look_of_text, **place)
        self.legs = segments(self.left, colors=DOTS, lw=2, zorder=2)
        self.normal = self.right.scatter([], [], **look)
        (self.line,) = self.right.plot([], [], color=INK, lw=1.5, zorder=2)
        (self.reach,) = self.right.plot([], [], color=INK, lw=1, ls=(0, (4, 3)), zorder=1)

    def update(self, shown: Leftovers | LeftOut, part: str) -> None:
        """Show the leftovers of rows (part "e") or groups ("u"), or what each group did."""
        self.reach.set_data([], [])
        {"e": self._show_e, "u": self._show_u, "influence": self._show_influence}[part](shown)

    def _show_e(self, leftovers) -> None:
        low, high = leftovers.fitted.min(), leftovers.fitted.max()
        room = 0.08 * max(high - low, 0.1)
        x, reach = (low - room, high + room), 1.12 * np.abs(leftovers.resid).max()
        both = np.concatenate([leftovers.quantiles, leftovers.sorted])
        ends = np.array([both.min() - 0.3, both.max() + 0.3])
        self._arrange(
            ("fitted", "residual e", "residuals against fitted", x, (-reach, reach)),
            ("expected if normal, in sds", "residuals, in sds", "normal plot of e", ends),
            None,
            held=True,
        )
        x = self.left.get_xlim()
        self.points.set_offsets(np.column_stack([leftovers.fitted, leftovers.resid]))
        self._show_dots(small=True)
        self.legs.set_segments([])
        self.edge.set_data(x, leftovers.ceiling - np.array(x))
        ceiling_known = np.isfinite(leftovers.ceiling)
        self.edge_text.set_text(
            f"outcome = {leftovers.ceiling:g}: no row above" if ceiling_known else ""
        )
        self._show_normal(leftovers.quantiles, leftovers.sorted, 1.0)

    def _show_u(self, leftovers) -> None:
        J, reach = len(leftovers.u), 1.15 * np.max(np.abs(leftovers.u) + leftovers.half)
        sd = float(np.std(leftovers.u)) or 1.0
        self._arrange(
            (
                "group, from lowest to highest",
                "conditional mode u",
                "caterpillar of u",
                (0.3, J + 0.7),
                (-reach, reach),
            ),
            ("expected if normal, in sds", "u", "normal plot of u", (-2.6, 2.6, -reach, reach)),
            leftovers.names if J <= 3 else None,
        )
        ends = leftovers.u - leftovers.half, leftovers.u + leftovers.half
        self._show_groups(leftovers.u, *ends)
        self.edge_text.set_text("")
        self._show_normal(leftovers.u_quantiles, leftovers.u, sd)

    def _show_influence(self, left_out) -> None:
        J, high = len(left_out.names), 1.15 * left_out.cooks.max()
        left, right = left_out.whole - left_out.se, left_out.whole + left_out.se
        moved = np.append(left_out.without, [left, right])
        room = 0.1 * np.ptp(moved)
        up = (-0.04 * high, high)  # no dot at 0 is cut
        limits = (moved.min() - room, moved.max() + room, *up)
        self._arrange(
            ("group left out", "Cook's distance", "influence", (0.3, J + 0.7), up),
            (left_out.term, "Cook's distance", "coefficient without it", limits),
            left_out.names if J <= 3 else None,
            held=True,
        )
        self._show_groups(left_out.cooks, np.zeros(J), left_out.cooks)
        self.edge_text.set_text(f"most: {left_out.names[left_out.top]}")
        self.normal.set_offsets(np.column_stack([left_out.without, left_out.cooks]))
        high = self.right.get_ylim()[1]
        up = (-0.04 * high, high)  # limits that were held may reach lower: no distance does
        put(self.left, ylim=up)
        put(self.right, ylim=up)
        self.line.set_data([left_out.whole] * 2, up)
        self.reach.set_data([left, left, np.nan, right, right], [*up, np.nan, *up])

    def _show_groups(self, values, low, high) -> None:
        """A dot for each group, on a leg from low to high; no edge cuts them."""
        place = np.arange(1, len(values) + 1)
        self.points.set_offsets(np.column_stack([place, values]))
        self._show_dots(small=False)
        self.legs.set_segments(np.stack([[place, low], [place, high]]).transpose(2, 0, 1))
        self.edge.set_data([], [])

    def _show_dots(self, small: bool) -> None:
        """Many rows lie over each other; groups are few."""
        self.points.set(sizes=[16 if small else 60], alpha=0.35 if small else 0.9)
        self.normal.set(sizes=[16 if small else 36], alpha=0.5 if small else 0.9)

    def _show_normal(self, expected, values, sd) -> None:
        self.normal.set_offsets(np.column_stack([expected, values]))
        x = np.array(self.right.get_xlim())
        self.line.set_data(x, sd * x)

    def tidy(self) -> None:
        """Choose limits anew at the next update: nobody drags any more."""
        self._limits = (None,) * 4

    def _arrange(self, left, right, names, held: bool = False) -> None:
        """Set what stands still, only where it changed: that is painted again."""
        x, y, title, *spans = left
        ends = tuple(map(float, right[3]))
        spans += [ends[:2], ends[-2:]]
        words = (x, y, title, *right[:3], names)
        if not held or self._arranged is None or self._arranged[0] != words:
            self._limits = (None,) * 4
        pairs = zip(spans, self._limits, strict=True)
        self._limits = tuple(hold(*span, was, least=0.2) for span, was in pairs)
        wanted = words, tuple(np.round(self._limits, 4).ravel())
        if wanted == self._arranged:
            return
        new, self._arranged = self._arranged is None or self._arranged[0] != words, wanted
        with house_style():
            put(self.left, xlim=self._limits[0], ylim=self._limits[1])
            put(self.right, xlim=self._limits[2], ylim=self._limits[3])
            if new:
                self._write(words)

    def _write(self, words) -> None:
        """Write titles, labels and the names of few groups."""
        x, y, title, *right, names = words
        self.left.set(xlabel=x, ylabel=y, title=title)
        self.right.set(**dict(zip(("xlabel", "ylabel", "title"), right, strict=True)))
        places = range(1, len(names) + 1) if names else None
        if places:
            self.left.set_xticks(places, ["\n".join(name.rsplit(" ", 1)) for name in names])
        else:
            self.left.xaxis.set_major_locator(
                MaxNLocator(6, integer=True) if x.startswith("group") else AutoLocator()
            )
            self.left.xaxis.set_major_formatter(ScalarFormatter())
