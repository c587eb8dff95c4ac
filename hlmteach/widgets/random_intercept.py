"""RandomInterceptAnimator: every group gets a line of its own, shrunk towards the rest."""

from dataclasses import dataclass

from hlmteach.engine.fit import Fit
from hlmteach.views.grouplines import GroupLines, read_lines
from hlmteach.views.intercepts import InterceptsView
from hlmteach.views.shrinkage import Shrinkage, read_shrinkage
from hlmteach.views.style import signed
from hlmteach.widgets import controls as make
from hlmteach.widgets.base import Report, TeachingWidget
from hlmteach.widgets.rows import (
    ALL_ROWS,
    SOURCES,
    Rows,
    fit_rows,
    python_fit,
    python_rows,
    r_fit,
    r_rows,
    rows_of,
)

FEW = 6  # groups that the table has room for


@dataclass(frozen=True)
class Found:
    """One settled state: the rows, and Models 1 and 2 or 3 fitted to them."""

    rows: Rows
    number: int
    seen: Shrinkage
    lines: GroupLines | None
    smaller: Fit

    @property
    def ratio(self) -> float | None:
        """Likelihood ratio to the smaller model; by REML only where the predictors are the same."""
        if self.number == 1 or (self.number == 3 and self.seen.fit.reml):
            return None
        return 2 * (self.seen.fit.loglik - self.smaller.loglik)


class RandomInterceptAnimator(TeachingWidget):
    """A random intercept gives every group its own line, and shrinks it towards the overall line.

    Every group gets a line of its own, and the model pulls it towards the overall line: the
    fewer and the noisier its rows, the more.

    The black line is the overall intercept. Circles are the groups' own means, arrows the u_j that
    the model estimates; a dotted gap is what shrinkage took. Move a group, or change how noisy or
    how many its rows are, and the model refits.

    Parameters
    ----------
    preset : {"tutorial", "few rows", "no differences", "simulated"}
        Where the controls start. "tutorial" shows the tutorial's Model 2.
    present : bool
        Large type, for a projector.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> widget = hlm.widgets.RandomInterceptAnimator()
    >>> round(widget.results["sd_u"], 5), round(widget.results["aic"], 3)
    (0.06597, 6533.549)
    >>> widget.set(shift_1=0.2)
    >>> widget.results["sd_u"] < 0.066
    True
    >>> widget.close()
    """

    title = "A random intercept, group by group"
    sentence = (
        "Every group gets a line of its own, and the model pulls it towards the overall line: "
        "the fewer and the noisier its rows, the more."
    )
    presets = {  # noqa: RUF012
        "tutorial": {},
        "few rows": {"kept": 10},
        "no differences": {"shift_1": 0.14},
        "simulated": {"source": "simulated"},
    }

    def __init__(self, preset: str = "tutorial", *, present: bool = False):
        self._key, self._fits = None, {}
        view = InterceptsView(present)
        super().__init__(view, _controls(), preset=preset, present=present)

    def shown(self, state):
        """Show the sliders of the data in use."""
        common = {"source", "model", "method"}
        if state["source"] == "simulated":
            return common | {"groups", "size", "sd_u", "sd_e", "seed"}
        lots = {"seed"} if state["kept"] < ALL_ROWS else set()
        return common | {"shift_1", "shift_2", "shift_3", "spread", "kept"} | lots

    def compute(self, state) -> Found:
        """Change the rows, then refit what was fitted to such rows before."""
        rows, number = rows_of(state), state["model"]
        fit = self._fit(rows, number, state["method"])
        smaller = self._fit(rows, max(number - 1, 1), state["method"])
        seen = read_shrinkage(fit, rows.codes, rows.names)
        lines = read_lines(fit, rows.x, rows.codes, rows.names) if number == 3 else None
        return Found(rows, number, seen, lines, smaller)

    def _fit(self, rows: Rows, number: int, method: str) -> Fit:
        """Fit once to rows of this key, then refit: only y has changed."""
        if rows.key != self._key:
            self._key, self._fits = rows.key, {}
        if (number, method) not in self._fits:
            self._fits[number, method] = fit_rows(rows, number, method)
        return self._fits[number, method].refit(rows.y)

    def draw(self, found):
        """Show the fit and the rows behind it."""
        self.view.update(found.rows.outcome, found.seen, found.lines, found.rows.predictor)

    def tidy(self, found):
        """Fit the limits to what is shown."""
        self.view.tidy()
        self.draw(found)

    def story(self, found):
        """Tell how the groups' lines come about."""
        self.view.clear()
        yield f"{len(found.rows.y):,} rows in {len(found.seen.names)} groups."
        yield from _lines_story(found, self.view) if found.lines else _lens_story(found, self.view)

    def report(self, found) -> Report:
        """Name the estimates as the tutorial's printouts do."""
        seen, fit = found.seen, found.seen.fit
        numbers = {
            "intercept": seen.overall,
            "sd_u": seen.sd,
            "sigma": fit.sigma,
            "aic": fit.aic,
            "loglik": fit.loglik,
            **({} if found.ratio is None else {"ratio": found.ratio}),
        }
        for j in range(len(seen.names)):
            numbers |= {f"u_{j + 1}": float(seen.u[j]), f"kept_{j + 1}": float(seen.kept[j])}
        lines = "one line for all" if found.number == 1 else f"sd of u {seen.sd:.3f}"
        status = f"Model {found.number}: {lines}, AIC {fit.aic:.1f}."
        caption = f"Model {found.number}, fitted by {'REML' if fit.reml else 'ML'}"
        return Report(numbers, _rows(found), status, _alt(found), caption)

    def code_for(self, state):
        """Write what gives the same fit."""
        last = state["model"]
        alone = last == 1 or (last == 3 and state["method"] == "REML")
        numbers = [last] if alone else [last - 1, last]
        both = "" if alone else f"anova(model{last - 1}, model{last})"
        python = ["import hlmteach as hlm\n", python_rows(state)]
        python += [python_fit(state, k) for k in numbers]
        python += [f"print(model{last})\n", both and f"print(hlm.{both})\n"]
        r = ["library(nlme)\n", r_rows(state), *(r_fit(state, k) for k in numbers)]
        r += [f"summary(model{last})\n", both and f"{both}\n"]
        return {"python": "".join(python), "r": "".join(r)}


def _controls() -> dict:
    shift = "Added to every row of this group"
    return {
        "source": make.choice("data", "tutorial", SOURCES),
        "model": make.choice("model", 2, [("Model 1", 1), ("Model 2", 2), ("Model 3", 3)]),
        "method": make.choice("fit by", "ML", ["ML", "REML"]),
        "shift_1": make.slider("before marriage, moved by", 0, -0.4, 0.4, 0.02, shift, signed=True),
        "shift_2": make.slider("1 year after, moved by", 0, -0.4, 0.4, 0.02, shift, signed=True),
        "shift_3": make.slider("5 years after, moved by", 0, -0.4, 0.4, 0.02, shift, signed=True),
        "spread": make.slider("spread within ×", 1, 0.1, 2, 0.05, "1 leaves the rows alone"),
        "kept": make.ladder(
            "rows kept per group",
            ALL_ROWS,
            [(str(k), k) for k in (5, 10, 20, 50, 100, 200, 400)] + [("all", ALL_ROWS)],
        ),
        "groups": make.whole("groups", 8, 3, 30),
        "size": make.whole("rows per group", 20, 2, 100),
        "sd_u": make.slider("true sd of u", 0.4, 0, 1, 0.05),
        "sd_e": make.slider("true sd of e", 0.8, 0.1, 2, 0.05),
        "seed": make.seed(),
    }


def _lens_story(found, view):
    seen, lens = found.seen, view.lens

    def level(height):
        lens.show_overall(height)
        view.strip.show_overall(height)

    level(float(found.smaller.fixef.iloc[0]))
    yield f"Model 1 has one line for everybody: {found.smaller.fixef.iloc[0]:.3f}."
    lens.show_own(seen)
    yield "Circles: each group's own mean. They differ, by chance or not."
    if found.number == 1:
        return
    level(seen.overall)
    yield f"Model 2: a line for each group, about an overall line at {seen.overall:.3f}."
    for j, name in enumerate(seen.names[:FEW]):
        lens.show_u(seen, j + 1)
        yield f"{name}: its line lies {signed(seen.u[j])} from the overall line."
    lens.show_u(seen, len(seen.names))
    yield "No line reaches its circle: each is pulled towards the overall line."
    lens.show_bell(seen)
    yield f"The model takes all u from one bell curve. Its sd is {seen.sd:.3f}."


def _lines_story(found, view):
    seen, lines = found.lines, view.lines
    lines.show_cells(seen)
    yield f"Each group's mean at each {found.rows.predictor}: the larger, the more rows."
    lines.show_overall(seen.overall)
    yield f"Overall, one point of {found.rows.predictor} goes with {signed(seen.overall[1])}."
    lines.show_lines(seen.lines * 0 + seen.overall)
    yield "Model 3 gives each group a line with this slope ..."
    lines.show_lines(seen.lines)
    yield "... and lets it move up or down. The lines stay parallel."
    lines.show_u(seen, len(seen.names))
    yield f"The arrows are the groups' u. Their sd is {found.seen.sd:.3f}."


def _rows(found) -> tuple:
    seen, fit = found.seen, found.seen.fit
    rows = [("intercept", f"{seen.overall:.5f}")]
    rows += [("sd of u", f"{seen.sd:.5f}")] if found.number > 1 else []
    rows += [
        ("sigma", f"{fit.sigma:.5f}"),
        ("AIC", f"{fit.aic:.3f}"),
        ("log-likelihood", f"{fit.loglik:.3f}".replace("-", "−")),
    ]
    if found.ratio is not None:
        rows.append((f"L.Ratio to Model {found.number - 1}", f"{found.ratio:.3f}"))
    if found.number > 1 and len(seen.names) <= FEW:
        rows.append(("u, and the share kept", ""))
        for name, u, kept in zip(seen.names, seen.u, seen.kept, strict=True):
            rows.append((name, f"{signed(u)}  ({kept:.0%})"))
    return tuple(rows)


def _alt(found) -> str:
    seen = found.seen
    what, by = ("lines", seen.u) if found.number > 1 else ("own means", seen.own)
    groups = [f"{name} {signed(value)}" for name, value in zip(seen.names, by, strict=True)]
    return (
        f"Rows of {len(seen.names)} groups. The overall line lies at {seen.overall:.3f}. "
        f"The groups' {what} lie from it by: {'; '.join(groups[:FEW])}."
    )
