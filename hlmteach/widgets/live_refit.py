"""LiveRefit: pull a point, or a whole group, and see which lines follow."""

import ipywidgets as ipw
import numpy as np

from hlmteach.datasets.scenarios import group_means
from hlmteach.engine.fit import Fit
from hlmteach.recipes.models import Model
from hlmteach.recipes.pulled import Pulled, add_pull
from hlmteach.recipes.rows import Rows, Tutorial
from hlmteach.recipes.simulated import Simulated
from hlmteach.views.grouplines import cell_means
from hlmteach.views.refit import RefitPicture, RefitView
from hlmteach.views.style import signed
from hlmteach.widgets.base import TeachingWidget
from hlmteach.widgets.controls import ask, choice, is_echo, never, seed, slider, whole

MOST_PULLED = 200  # with more rows, marks are cells and only means can be pulled
MIDDLE = 3.5  # mean of simulated x
LIFTS = (0.2, 0.4, 0.6, 0.8, 1.0)  # of the first group in the story
SOURCES = [("tutorial", "tutorial"), ("36 rows", "few"), ("simulated", "simulated")]
LINES = [
    ("OLS", "ols"),
    ("own", "own"),
    ("mixed model", "mixed"),
    ("all three", "all"),
    ("within and between", "apart"),
]
MODELS = [
    Model(name="ols", fixed="{x}", effects=""),
    Model(name="own", fixed="0 + {group} + {group}:{x}", effects=""),
    Model(name="null"),
    Model(name="mixed", fixed="{x}"),
    Model(name="apart", fixed="within + between"),
]
SIMULATED = {"source": "simulated"}
SIGNED = {"signed": True, "when": SIMULATED}
CALL = """
    {groups}, {size}, sd_u={sd_u}, sigma={sigma}, x_mean={x_mean},
    beta={beta}, x_sd={x_sd},
    slope_between={slope_between}, seed={seed},
"""


class FewRows(Tutorial):
    """Twelve rows of each time, numbered anew: few enough to be pulled."""

    @property
    def design(self) -> Rows:
        """Themselves: nothing else is done to them."""
        return self

    @property
    def python(self) -> str:
        """Python that takes them."""
        return (
            'data = hlm.load("HLM")\n'
            f'data = data.groupby("Time", observed=True).sample({self.kept}, '
            f"random_state={self.seed})\n"
            "data = data.sort_index().reset_index(drop=True)\n"
        )


class DrawnRows(Simulated):
    """Simulated rows whose groups are categories, so that each can have a line of its own."""

    @property
    def python(self) -> str:
        """Python that draws them."""
        return f'{super().python}data["group"] = data["group"].astype("category")\n'


class LiveRefit(TeachingWidget):
    """Pull a point and every model follows: a mixed model follows within groups, hardly between.

    OLS draws one line through all rows, each group's own regression one line a group, the mixed
    model parallel lines in between. "within and between" shows the slope inside groups and the
    slope across their means apart: they can differ, even in sign. The preset "tutorial" shows the
    tutorial's Model 3.

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
        "A mixed model's slope comes mostly from inside large groups. Pull a whole group: "
        "the slope hardly moves."
    )
    presets = {
        "tutorial": {"lines": "mixed"},
        "apart": {"lines": "apart"},
        "opposite": {"source": "simulated"},
        "few rows": {"source": "few"},
        "simulated": {"source": "simulated", "slope_between": 0.4},
    }

    inputs = {
        "source": ask(choice, "data", "tutorial", SOURCES),
        "lines": ask(choice, "lines", "all", LINES),
        "groups": ask(whole, "groups", 5, 3, 8, when=never),
        "size": ask(whole, "rows per group", 12, 3, 15, when=never),
        "slope_within": ask(slider, "true slope within", 0.4, -1, 1, 0.05, **SIGNED),
        "slope_between": ask(slider, "true slope between", -0.6, -1, 1, 0.05, **SIGNED),
        "seed": ask(seed, 30, when=SIMULATED),
        "pulled": ask(ipw.Text, "", description="moved", when=never),  # by the picture
    }
    picture = RefitView
    table = """
        OLS | {ols:+.3f}
        mixed model | {mixed:+.5f}
        within groups | {within:+.3f}
        between groups | {between:+.3f}
        all numbers |
        own lines, lowest | {own_lowest:+.3f}
        own lines, highest | {own_highest:+.3f}
        SE, mixed model | {mixed_se:.5f}
        SE, between | {between_se:.3f}
        sd of u | {sd_u:.4f}
        sigma | {sigma:.4f}
        AIC | {aic:.2f}
        L.Ratio of the slope | {ratio:.3f}
    """
    status = "Slopes: OLS {ols:+.3f}, mixed {mixed:+.3f}, between {between:+.3f}."
    alt = "{n:,} rows in {J} groups, and lines through them. {status} Moved: {moved}."
    caption = "Slope of {x_name}{note}"
    templates = {
        "python": """
            import hlmteach as hlm

            {rows}
            {fits}
            print(mixed)
            print(apart.fixef, hlm.anova(null, mixed))
        """,
        "r": """
            library(nlme)
            {rows}
            data${group} <- factor(data${group})
            {fits}
            summary(mixed)
            fixef(apart)
            anova(null, mixed)
        """,
    }

    def __init__(self, preset: str | None = None, *, present: bool = False):
        super().__init__(preset, present=present)
        for j in range(len(self.view.rows)):
            self.stage.draggable(f"rows of group {j + 1}", self._pull_row)
        self.stage.draggable("group means", self._pull_group)

    def _connect(self) -> None:
        for name in set(self.controls) - {"lines", "pulled"}:
            self.controls[name].observe(self._forget_pulls, "value")
        super()._connect()

    def recipe(self, state):
        """Five models of rows that were pulled."""
        return Pulled(_source(state), state["pulled"]), MODELS

    def draw(self, found) -> None:
        """Show points and lines."""
        self.view.update(_picture(found))

    def story(self, found):
        """Lift the first group, and put it down again."""
        state = found.state
        yield "As it is."
        for shift in _lifts(found.rows):
            lifted = self.compute({**state, "pulled": add_pull(state["pulled"], "group", 1, shift)})
            self.draw(lifted)
            numbers = self.numbers(lifted)
            yield (
                f"{_long(found.rows.levels[0])} lifted by {shift:g}: OLS {signed(numbers['ols'])}, "
                f"mixed {signed(numbers['mixed'])}, between {signed(numbers['between'])}."
            )
        self.draw(found)
        yield "Put down again, as it was. Now pull yourself."

    def numbers(self, found):
        """Put the slopes beside each other."""
        fits, J = found.fits, len(found.rows.levels)
        mixed, apart = fits["mixed"], fits["apart"]
        own = fits["own"].beta[J:]
        _, within, between = apart.beta.tolist()
        _, within_se, between_se = apart.beta_se.tolist()
        return {
            "ols": float(fits["ols"].beta[1]),
            "own_lowest": float(own.min()),
            "own_highest": float(own.max()),
            "mixed": float(mixed.beta[1]),
            "mixed_se": float(mixed.beta_se[1]),
            "within": within,
            "within_se": within_se,
            "between": between,
            "between_se": between_se,
            "sd_u": float(mixed.covariances[found.rows.group].sd[0]),
            "sigma": mixed.sigma,
            "aic": mixed.aic,
            "ratio": 2 * (mixed.loglik - fits["null"].loglik),
        }

    def words(self, found):
        """How many rows, and what was moved."""
        pulled = found.state["pulled"]
        return {
            "n": len(found.rows.codes),
            "J": len(found.rows.levels),
            "moved": pulled or "nothing",
            "x_name": found.rows.x,
            "note": ", rows moved" if pulled else "",
        }

    # -- what is pulled ------------------------------------------------------------------------

    def _pull_row(self, drag) -> None:
        """Note how far a row was moved from where it began."""
        found, j = self._found, int(drag.name.split()[-1]) - 1
        if len(found.rows.codes) > MOST_PULLED:  # a mark stands for many rows there
            self.refresh()
            return
        row = int(np.flatnonzero(found.rows.codes == j)[drag.index])
        self._note("row", row + 1, drag.y - float(found.rows.outcome[row]))

    def _pull_group(self, drag) -> None:
        """Note how far a group's mean was moved; all its rows go with it."""
        found = self._found
        mean = group_means(found.rows.outcome, found.rows.codes, len(found.rows.levels))[drag.index]
        self._note("group", drag.index + 1, drag.y - float(mean))

    def _note(self, what: str, number: int, shift: float) -> None:
        pulled = self.controls["pulled"]
        pulled.value = add_pull(pulled.value, what, number, shift)

    def _forget_pulls(self, change) -> None:
        """Other rows: what was pulled of the old ones means nothing."""
        if self._open and not is_echo(change):
            self.controls["pulled"].value = ""


def _source(state) -> Rows:
    if state["source"] == "tutorial":
        return Tutorial()
    if state["source"] == "few":
        return FewRows(kept=12, seed=7)
    within, between = (round(state[f"slope_{name}"], 6) for name in ("within", "between"))
    return DrawnRows(
        groups=state["groups"],
        size=state["size"],
        beta=(5 - between * MIDDLE, within),
        sd_u=0.2,
        sigma=0.5,
        x_mean=MIDDLE,
        x_sd=(1.0, 0.6),
        slope_between=between,
        seed=state["seed"],
        call=CALL,
    )


def _picture(found) -> RefitPicture:
    rows, fits, J = found.rows, found.fits, len(found.rows.levels)
    ols, own, overall, apart = (fits[k].beta for k in ("ols", "own", "mixed", "apart"))
    means = [group_means(values, rows.codes, J) for values in (rows.predictor, rows.outcome)]
    intercept, within, between = apart
    heights = intercept + between * means[0] + _effects(fits["apart"], rows)
    x, y, codes, weights = _points(rows, rows.outcome)
    return RefitPicture(
        x=x,
        y=y,
        codes=codes,
        weights=weights,
        names=tuple(map(_long, rows.levels)) if rows.group == "Time" else rows.levels,
        labels=(rows.x, rows.y),
        means=np.column_stack(means),
        spans=_spans(rows) + np.array([-0.15, 0.15]),
        ols=ols,
        own=np.column_stack([own[:J], own[J:]]),
        mixed=overall + np.column_stack([_effects(fits["mixed"], rows), np.zeros(J)]),
        overall=overall,
        within=np.column_stack([heights - within * means[0], np.full(J, within)]),
        between=np.array([intercept, between]),
        lines=found.state["lines"],
        limits=_limits(rows),
        pullable=len(rows.codes) <= MOST_PULLED,
    )


def _points(rows: Pulled, y) -> tuple:
    """Rows where they are few, else the means of each group at each x."""
    if len(y) <= MOST_PULLED:
        return rows.predictor, y, rows.codes, np.ones(len(y))
    cells = cell_means(rows.predictor, y, rows.codes, len(rows.levels))
    codes, _ = np.nonzero(cells[..., 2])
    x, means, n = cells[cells[..., 2] > 0].T
    return x, means, codes, n


def _effects(fit: Fit, rows: Pulled) -> np.ndarray:
    """Random intercepts (J,)."""
    return fit.b[rows.group][:, 0]


def _lifts(rows: Pulled) -> tuple[float, float]:
    """Half of the way and the whole way that the first group can go up within the axes."""
    _, y, codes, _ = _points(rows, rows.outcome)
    room = _limits(rows)[1][1] - float(y[codes == 0].max())
    whole = max((lift for lift in LIFTS if lift < 0.85 * room), default=LIFTS[0])
    return whole / 2, whole


def _spans(rows: Pulled) -> np.ndarray:
    """Least and largest x (J, 2) of each group."""
    own = [rows.predictor[rows.codes == j] for j in range(len(rows.levels))]
    return np.array([(x.min(), x.max()) for x in own])


def _limits(rows: Pulled) -> tuple:
    """Limits that hold what is drawn before it is pulled, with room to pull."""
    x, y, *_ = _points(rows, rows.source.outcome)
    low, high = float(y.min()), float(y.max())
    room = 0.35 * (high - low)
    return (float(x.min()) - 0.3, float(x.max()) + 0.3), (low - room, high + 1.6 * room)


def _long(name: str) -> str:
    return name if len(name) > 2 else f"group {name}"
