"""LiveRefit: pull a point, or a whole group, and see which lines follow."""

from collections.abc import Iterable
from dataclasses import dataclass

import ipywidgets as ipw
import numpy as np

from hlmteach.datasets.scenarios import group_means, move_groups
from hlmteach.engine.fit import Fit
from hlmteach.views.grouplines import cell_means
from hlmteach.views.refit import RefitPicture, RefitView
from hlmteach.views.style import signed
from hlmteach.widgets import controls as make
from hlmteach.widgets.base import Report, TeachingWidget
from hlmteach.widgets.pulls import (
    FORMULAS,
    MOST_PULLED,
    Pullable,
    add_pull,
    fit_pullable,
    pullable_rows,
    python_code,
    r_code,
    read_pulls,
)

SOURCES = [
    ("the tutorial's", "tutorial"),
    ("36 of its rows", "few"),
    ("simulated", "simulated"),
]
LINES = [
    ("OLS", "ols"),
    ("each group's own", "own"),
    ("mixed model", "mixed"),
    ("all three", "all"),
    ("within and between", "apart"),
]


@dataclass(frozen=True)
class Found:
    """One settled state of the controls: the rows as pulled, and the five fits."""

    state: dict
    rows: Pullable
    y: np.ndarray
    fits: dict[str, Fit]


class LiveRefit(TeachingWidget):
    """Pull a point and every model follows: a mixed model follows within groups, hardly between.

    A mixed model's slope comes almost wholly from inside the groups: pull a whole group and
    OLS turns, while the mixed model moves that group's line and keeps its slope.

    OLS draws one line through all rows, each group's own regression one line a group, the mixed
    model parallel lines in between. "within and between" shows the slope inside groups and the
    slope across their means apart: they can differ, even in sign.

    Parameters
    ----------
    preset : {"tutorial", "apart", "opposite", "few rows", "simulated"}
        Where the controls start. "tutorial" shows the tutorial's Model 3.
    present : bool
        Large type, for a projector.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> widget = hlm.widgets.LiveRefit()
    >>> round(widget.results["mixed"], 5), round(widget.results["ratio"], 3)
    (0.12298, 67.089)
    >>> widget.set(pulled="group 1 +0.5")
    >>> widget.results["between"] > 0
    True
    >>> widget.close()
    """

    title = "Pull a point, and watch the models follow"
    sentence = (
        "A mixed model's slope comes almost wholly from inside the groups: pull a whole group and "
        "OLS turns, while the mixed model moves that group's line and keeps its slope."
    )
    presets = {  # noqa: RUF012
        "tutorial": {"lines": "mixed"},
        "apart": {"lines": "apart"},
        "opposite": {"source": "simulated"},
        "few rows": {"source": "few"},
        "simulated": {"source": "simulated", "slope_between": 0.4},
    }

    def __init__(self, preset: str = "tutorial", *, present: bool = False):
        self._key, self._fits = None, {}
        super().__init__(RefitView(present), _controls(), preset=preset, present=present)
        for j in range(len(self.view.rows)):
            self.stage.draggable(f"rows of group {j + 1}", self._pull_row)
        self.stage.draggable("group means", self._pull_group)

    def shown(self, state) -> Iterable[str]:
        """Show what simulated groups are made by only where they are."""
        if state["source"] == "simulated":
            return {"source", "lines", "groups", "size", "slope_within", "slope_between", "seed"}
        return {"source", "lines"}

    def compute(self, state) -> Found:
        """Move what was pulled, then refit the models: only y has changed."""
        rows = pullable_rows(state)
        groups, points = read_pulls(state["pulled"], len(rows.names), len(rows.codes))
        y = move_groups(rows.y, rows.codes, groups)
        y[list(points)] += list(points.values())
        if rows.key != self._key:
            self._key, self._fits = rows.key, {name: fit_pullable(rows, name) for name in FORMULAS}
        fits = {name: fit.refit(y) for name, fit in self._fits.items()}
        return Found(state, rows, y, fits)

    def draw(self, found) -> None:
        """Show points and lines."""
        self.view.update(_picture(found))

    def tidy(self, found) -> None:
        """Fit the limits to what is shown."""
        self.view.tidy()
        self.draw(found)

    def story(self, found):
        """Lift the first group, and put it down again."""
        state = found.state
        yield "As it is."
        for shift in (0.5, 1.0):
            lifted = self.compute({**state, "pulled": add_pull(state["pulled"], "group", 1, shift)})
            self.draw(lifted)
            numbers = _slopes(lifted)
            yield (
                f"{_long(found.rows.names[0])} lifted by {shift:g}: OLS {signed(numbers['ols'])}, "
                f"mixed {signed(numbers['mixed'])}, between {signed(numbers['between'])}."
            )
        self.draw(found)
        yield "Put down again, as it was. Now pull yourself."

    def report(self, found) -> Report:
        """Put the slopes beside each other."""
        numbers = _slopes(found)
        pulled = self.controls["pulled"].value
        status = (
            f"Slopes: OLS {signed(numbers['ols'])}, mixed {signed(numbers['mixed'])}, "
            f"between {signed(numbers['between'])}."
        )
        alt = (
            f"{len(found.y):,} rows in {len(found.rows.names)} groups, and lines through them. "
            f"{status} Moved: {pulled or 'nothing'}."
        )
        caption = f"Slope of {found.rows.labels[0]}" + (", rows moved" if pulled else "")
        return Report(numbers, _table(numbers), status, alt, caption)

    def code_for(self, state):
        """Write the same models for the rows as they were pulled."""
        return {"python": python_code(state), "r": r_code(state)}

    # -- what is pulled ------------------------------------------------------------------------

    def _pull_row(self, drag) -> None:
        """Note how far a row was moved from where it began."""
        found, j = self._found, int(drag.name.split()[-1]) - 1
        if len(found.y) > MOST_PULLED:  # a mark stands for many rows there
            self.refresh()
            return
        row = int(np.flatnonzero(found.rows.codes == j)[drag.index])
        self._note("row", row + 1, drag.y - float(found.y[row]))

    def _pull_group(self, drag) -> None:
        """Note how far a group's mean was moved; all its rows go with it."""
        found = self._found
        mean = group_means(found.y, found.rows.codes, len(found.rows.names))[drag.index]
        self._note("group", drag.index + 1, drag.y - float(mean))

    def _note(self, what: str, number: int, shift: float) -> None:
        pulled = self.controls["pulled"]
        pulled.value = add_pull(pulled.value, what, number, shift)


# -- controls and rows --------------------------------------------------------------------------


def _controls() -> dict:
    controls = {
        "source": make.choice("data", "tutorial", SOURCES),
        "lines": make.choice("lines", "all", LINES),
        "groups": make.whole("groups", 5, 3, 8),
        "size": make.whole("rows per group", 12, 3, 15),
        "slope_within": make.slider("true slope within", 0.4, -1, 1, 0.05, signed=True),
        "slope_between": make.slider("true slope between", -0.6, -1, 1, 0.05, signed=True),
        "seed": make.seed(4),
    }
    pulled = ipw.Text("", description="moved")  # never shown: the picture is its control

    def forget(change) -> None:
        """Other rows: what was pulled of the old ones means nothing."""
        old, new = change["old"], change["new"]
        if isinstance(new, str) or abs(new - old) > 1e-6:  # a browser rounds as it shows a slider
            pulled.value = ""

    for name, control in controls.items():
        if name != "lines":
            control.observe(forget, "value")
    return controls | {"pulled": pulled}


# -- numbers, words, picture ----------------------------------------------------------------------


def _slopes(found) -> dict[str, float]:
    fits, J = found.fits, len(found.rows.names)
    mixed, apart = fits["mixed"], fits["apart"]
    own = fits["own"].fixef.to_numpy()[J:]
    _, within, between = apart.fixef.tolist()
    _, within_se, between_se = apart.se.tolist()
    return {
        "ols": float(fits["ols"].fixef.iloc[1]),
        "own_lowest": float(own.min()),
        "own_highest": float(own.max()),
        "mixed": float(mixed.fixef.iloc[1]),
        "mixed_se": float(mixed.se.iloc[1]),
        "within": within,
        "within_se": within_se,
        "between": between,
        "between_se": between_se,
        "sd_u": float(mixed.covariances[found.rows.group].sd[0]),
        "sigma": mixed.sigma,
        "aic": mixed.aic,
        "ratio": 2 * (mixed.loglik - fits["null"].loglik),
    }


def _table(numbers) -> tuple:
    return (
        ("OLS", signed(numbers["ols"])),
        ("own lines, lowest", signed(numbers["own_lowest"])),
        ("own lines, highest", signed(numbers["own_highest"])),
        ("mixed model", signed(numbers["mixed"], 5)),
        ("its standard error", f"{numbers['mixed_se']:.5f}"),
        ("within groups", signed(numbers["within"])),
        ("between groups", signed(numbers["between"])),
        ("its standard error", f"{numbers['between_se']:.3f}"),
        ("mixed model", ""),
        ("sd of u", f"{numbers['sd_u']:.4f}"),
        ("sigma", f"{numbers['sigma']:.4f}"),
        ("AIC", f"{numbers['aic']:.2f}"),
        ("L.Ratio of the slope", f"{numbers['ratio']:.3f}"),
    )


def _picture(found) -> RefitPicture:
    rows, fits, J = found.rows, found.fits, len(found.rows.names)
    ols, own, overall, apart = (fits[k].fixef.to_numpy() for k in ("ols", "own", "mixed", "apart"))
    means = [group_means(values, rows.codes, J) for values in (rows.x, found.y)]
    intercept, within, between = apart
    heights = intercept + between * means[0] + _effects(fits["apart"], rows)
    return RefitPicture(
        *_points(rows, found.y),
        names=tuple(map(_long, rows.names)) if rows.group == "Time" else rows.names,
        labels=rows.labels,
        means=np.column_stack(means),
        spans=rows.spans + np.array([-0.15, 0.15]),
        ols=ols,
        own=np.column_stack([own[:J], own[J:]]),
        mixed=overall + np.column_stack([_effects(fits["mixed"], rows), np.zeros(J)]),
        overall=overall,
        within=np.column_stack([heights - within * means[0], np.full(J, within)]),
        between=np.array([intercept, between]),
        lines=found.state["lines"],
        limits=_limits(rows),
        pullable=len(rows.y) <= MOST_PULLED,
    )


def _points(rows: Pullable, y) -> tuple:
    """Rows where they are few, else the means of each group at each x."""
    if len(y) <= MOST_PULLED:
        return rows.x, y, rows.codes, np.ones(len(y))
    cells = cell_means(rows.x, y, rows.codes, len(rows.names))
    codes, _ = np.nonzero(cells[..., 2])
    x, means, n = cells[cells[..., 2] > 0].T
    return x, means, codes, n


def _effects(fit: Fit, rows: Pullable) -> np.ndarray:
    """Random intercepts (J,)."""
    return fit.ranef[rows.group].to_numpy()[:, 0]


def _limits(rows: Pullable) -> tuple:
    """Limits that hold what is drawn before it is pulled, with room to pull."""
    x, y, *_ = _points(rows, rows.y)
    low, high = float(y.min()), float(y.max())
    room = 0.35 * (high - low)
    return (float(x.min()) - 0.3, float(x.max()) + 0.3), (low - room, high + 1.6 * room)


def _long(name: str) -> str:
    return name if len(name) > 2 else f"group {name}"
