"""Groups between their own means and the overall line, and what the data say of the pooling."""

from dataclasses import dataclass

import numpy as np
from matplotlib.collections import PolyCollection

from hlmteach.views.band import bars, outline
from hlmteach.views.shrinkage import Shrinkage
from hlmteach.views.style import INK, QUIET, group_style, ticked
from hlmteach.views.view import View, segments

MOST_GROUPS = 40  # groups for which artists are made
MOST_LABELLED_GROUPS = 3  # more groups than this have no room for their names
REACHES = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2)  # half heights of the picture
RANGES = (0.3, 0.6, 1.2, 2.4, 4.8)  # longest sd on the right
BARS = 24
PARTIAL = "#d55e00"


@dataclass(frozen=True)
class PoolingPicture:
    """What the view draws: a fit at some pooling, the model's choice, and how sure it is.

    `curve` is (sd, relative likelihood); `repeats` (n,) are estimates from repeated studies, or
    empty; `true_sd` is nan where it is not known.
    """

    shrinkage: Shrinkage
    means: np.ndarray
    sd_model: float
    curve: tuple[np.ndarray, np.ndarray]
    repeats: np.ndarray
    true_sd: float
    reach: float
    range: float


class PoolingView(View):
    """The groups at the left; at the right the sd of u: its likelihood, or repeated estimates."""

    size = (6.9, 4.3)
    moves = "overall gaps own levels heads band bars truth model now model_text truth_text heading"

    def _make(self):
        self.groups, self.choice = self.figure.subplots(1, 2, width_ratios=(1.55, 1))
        self._make_groups()
        self._make_choice()

    def _make_groups(self):
        axes = self.groups
        axes.set(xlim=(0, 1), xticks=[])
        colors = [group_style(j).color for j in range(MOST_GROUPS)]
        self.overall = axes.axhline(0, color=INK, lw=2.5, zorder=1)
        self.gaps = segments(axes, colors=QUIET, lw=1.3, linestyles=[(0, (2, 2))], zorder=2)
        self.own = axes.scatter([], [], s=70, facecolors="white", edgecolors=colors, lw=2, zorder=4)
        self.levels = segments(axes, colors=colors, lw=4.5, zorder=3)
        self.heads = [
            axes.scatter([], [], s=60, marker=shape, c=INK, lw=0, zorder=5)
            for shape in (10, 11)  # tips that touch the line below, or above, them
        ]
        axes.set_title("○ own mean   ▬ model   ─ overall", fontsize=11, weight="normal")

    def _make_choice(self):
        axes = self.choice
        axes.set(yticks=[], ylim=(-0.04, 1.25), xlabel="sd of u (0 pools completely)")
        axes.spines["left"].set_visible(False)
        self.band = axes.fill_between([0, 1], 0, 0, color="#56b4e9", alpha=0.45, lw=0)
        self.bars = PolyCollection(
            [], facecolors="#56b4e9", edgecolors="#0072b2", lw=0.6, alpha=0.7
        )
        axes.add_collection(self.bars, autolim=False)
        self.truth = axes.axvline(np.nan, color=INK, lw=1.5, ls=(0, (4, 3)), ymax=0.86)
        self.model = axes.axvline(np.nan, color=PARTIAL, lw=2, ymax=0.86)
        self.now = axes.scatter([], [], s=120, c=INK, marker="v", zorder=6, clip_on=False)
        self.model_text = axes.text(0, 1.12, "", color=PARTIAL, ha="left", weight="bold")
        self.truth_text = axes.text(0, 1.2, "", ha="left", fontsize=10)
        self.heading = axes.text(0, 1.03, "", transform=axes.transAxes, fontsize=12, weight="bold")

    def update(self, picture: PoolingPicture) -> None:
        """Show a fit at some pooling."""
        self._arrange(picture)
        self.show_own(picture)
        self.show_levels(picture.shrinkage)
        self._show_choice(picture)

    def _arrange(self, picture) -> None:
        wanted = (
            picture.shrinkage.names,
            tuple(picture.shrinkage.sizes),
            picture.reach,
            picture.range,
        )
        if wanted == self._arranged:
            return
        self._arranged, J = wanted, len(picture.means)
        middle = np.round(picture.means.mean() / (picture.reach / 2)) * (picture.reach / 2)
        self.groups.set_ylim(middle - 1.1 * picture.reach, middle + 1.06 * picture.reach)
        labels = [
            ticked(n, k)
            for n, k in zip(picture.shrinkage.names, picture.shrinkage.sizes, strict=True)
        ]
        labelled = J <= MOST_LABELLED_GROUPS
        ticks = _centres(J) if labelled else []
        self.groups.set_xticks(ticks, labels if labelled else [])
        sizes = picture.shrinkage.sizes
        self.groups.set_xlabel(
            "" if labelled else f"{J} groups of {sizes.min()} to {sizes.max()} rows"
        )
        self.choice.set_xlim(0, picture.range)

    def show_own(self, picture: PoolingPicture) -> None:
        """Show the groups' own means; the larger the circle, the more rows."""
        sizes = picture.shrinkage.sizes
        self.own.set_sizes(30 + 90 * sizes / sizes.max())
        self.own.set_offsets(np.column_stack([_centres(len(picture.means)), picture.means]))

    def show_levels(self, shrinkage: Shrinkage) -> None:
        """Show the overall line, the model's lines, and arrows from own mean to line."""
        x, J = _centres(len(shrinkage.u)), len(shrinkage.u)
        level, own = shrinkage.overall + shrinkage.u, shrinkage.overall + shrinkage.own
        self.overall.set_ydata([shrinkage.overall] * 2)
        self.levels.set_segments(
            [((a - 0.3 / J, b), (a + 0.3 / J, b)) for a, b in zip(x, level, strict=True)]
        )
        self.gaps.set_segments([((a, b), (a, c)) for a, b, c in zip(x, own, level, strict=True)])
        low, high = self.groups.get_ylim()
        far = np.abs(own - level) > 0.05 * (high - low)
        for head, up in zip(self.heads, (True, False), strict=True):
            mine = np.where(far & ((level > own) == up), x, np.nan)
            head.set_offsets(np.column_stack([mine, level]))

    def show_now(self, sd: float, range_: float) -> None:
        """Mark the sd of u that the groups are shown with; far away it stays at the edge."""
        self.now.set_offsets([(min(sd, range_), 1.05)])

    def _show_choice(self, picture) -> None:
        sd, likelihood = picture.curve
        show = not len(picture.repeats)
        flat = np.zeros_like(sd)
        self.band.set_verts([outline(sd, flat, likelihood if show else flat)])
        self.bars.set_verts(_bars(picture.repeats, picture.range))
        title = "how well each sd fits" if show else f"{len(picture.repeats):,} repeated studies"
        self.heading.set_text(title)
        self.model.set_xdata([picture.sd_model] * 2)
        self.truth.set_xdata([np.nan if show else picture.true_sd] * 2)
        self.show_now(picture.shrinkage.sd, picture.range)
        self.model_text.set(
            position=(picture.sd_model + 0.02 * picture.range, 0.9),
            text=f"the model's: {picture.sd_model:.3f}",
        )
        true_known = np.isfinite(picture.true_sd) and not show
        text = f"true: {picture.true_sd:g}" if true_known else ""
        place = min(picture.true_sd, picture.range) if true_known else 0
        self.truth_text.set(position=(place + 0.02 * picture.range, 0.8), text=text)


def step_up(value: float, steps) -> float:
    """The first step that is not below a value, so that limits change seldom."""
    return next((step for step in steps if step >= value), steps[-1])


def _centres(J):
    return (np.arange(J) + 0.5) / J


def _bars(values, range_):
    """Corners of a histogram whose highest bar is 0.8; the first holds what is 0."""
    if not len(values):
        return []
    edges = np.linspace(0, range_, BARS + 1)
    counts, _ = np.histogram(np.minimum(values, range_ * (1 - 1e-9)), edges)
    return bars(edges, 0.8 * counts / max(counts.max(), 1))
