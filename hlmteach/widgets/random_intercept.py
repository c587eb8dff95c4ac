"""RandomInterceptAnimator: every group gets a line of its own, shrunk towards the rest."""

from dataclasses import dataclass

import numpy as np

from hlmteach.engine.fit import Fit
from hlmteach.views.intercepts import InterceptsView
from hlmteach.views.shrinkage import Shrinkage, read_shrinkage
from hlmteach.views.style import signed
from hlmteach.widgets import controls as make
from hlmteach.widgets.base import Report, TeachingWidget
from hlmteach.widgets.rows import (
    ALL_ROWS,
    Rows,
    dots_of,
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
    ratio: float


class RandomInterceptAnimator(TeachingWidget):
    """A random intercept gives every group its own line, and shrinks it towards the overall line.

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
        view = InterceptsView("outcome", present)
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
        return Found(rows, number, seen, 2 * (fit.loglik - smaller.loglik))

    def _fit(self, rows: Rows, number: int, method: str) -> Fit:
        """Fit once to rows of this key, then refit: only y has changed."""
        if rows.key != self._key:
            self._key, self._fits = rows.key, {}
        if (number, method) not in self._fits:
            self._fits[number, method] = fit_rows(rows, number, method)
        return self._fits[number, method].refit(rows.y)

    def draw(self, found):
        """Show the fit and the rows behind it."""
        y = found.rows.y
        span = (float(np.floor(y.min() - 0.2)), float(np.ceil(y.max() + 0.2)))
        self.view.update(found.seen, dots_of(found.rows), span)

    def story(self, found):
        """Tell Model 2 from the beginning: rows, one mean, own means, each u, the curve."""
        seen, view = found.seen, self.view
        view.clear()
        yield f"{len(found.rows.y):,} rows in {len(seen.names)} groups."
        view.show_overall(seen.overall)
        yield f"One line for everybody lies at {seen.overall:.3f}."
        view.show_own(seen)
        yield "Circles: each group's own mean."
        for j, name in enumerate(seen.names[:FEW]):
            view.show_u(seen, range(j + 1))
            yield f"{name}: the model's line lies {signed(seen.u[j])} from the overall line."
        view.show_u(seen, range(len(seen.names)))
        view.show_bell(seen)
        yield f"The model takes all of them from one bell curve, with sd {seen.sd:.3f}."

    def report(self, found) -> Report:
        """Name the estimates as the tutorial's printouts do."""
        seen, fit = found.seen, found.seen.fit
        numbers = {
            "intercept": seen.overall,
            "sd_u": seen.sd,
            "sigma": fit.sigma,
            "aic": fit.aic,
            "loglik": fit.loglik,
            "ratio": found.ratio,
        }
        for j in range(len(seen.names)):
            numbers |= {f"u_{j + 1}": float(seen.u[j]), f"kept_{j + 1}": float(seen.kept[j])}
        status = f"Model {found.number}: sd of u {seen.sd:.3f}, AIC {fit.aic:.1f}."
        method = "REML" if fit.reml else "ML"
        return Report(
            numbers, _rows(found), status, _alt(seen), f"Model {found.number}, fitted by {method}"
        )

    def code_for(self, state):
        """Write what gives the same fit."""
        numbers = range(max(state["model"] - 1, 1), state["model"] + 1)
        names = [f"model{k}" for k in numbers]
        end = f"anova({', '.join(names)})\n" if len(names) > 1 else ""
        python = ["import hlmteach as hlm\n", python_rows(state)]
        python += [python_fit(state, k) for k in numbers] + [f"print({names[-1]})\n"]
        r = ["library(nlme)\n", r_rows(state), *(r_fit(state, k) for k in numbers)]
        r += [f"summary({names[-1]})\n", end]
        return {"python": "".join(python), "r": "".join(r)}


SOURCES = [("the tutorial's", "tutorial"), ("simulated", "simulated")]


def _controls() -> dict:
    shift = "Added to every row of this group"
    return {
        "source": make.choice("data", "tutorial", SOURCES),
        "model": make.choice("model", 2, [("Model 1", 1), ("Model 2", 2)]),
        "method": make.choice("fit by", "ML", ["ML", "REML"]),
        "shift_1": make.slider("before marriage", 0, -0.4, 0.4, 0.02, shift, signed=True),
        "shift_2": make.slider("1 year after", 0, -0.4, 0.4, 0.02, shift, signed=True),
        "shift_3": make.slider("5 years after", 0, -0.4, 0.4, 0.02, shift, signed=True),
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


def _rows(found) -> tuple:
    seen, fit = found.seen, found.seen.fit
    rows = [
        ("intercept", f"{seen.overall:.5f}"),
        ("sd of u", f"{seen.sd:.5f}"),
        ("sigma", f"{fit.sigma:.5f}"),
        ("AIC", f"{fit.aic:.3f}"),
        ("log-likelihood", f"{fit.loglik:.3f}".replace("-", "−")),
    ]
    if found.number > 1:
        rows.append((f"L.Ratio to Model {found.number - 1}", f"{found.ratio:.3f}"))
    if found.number > 1 and len(seen.names) <= FEW:
        rows.append(("each u, and what it kept of its mean", ""))
        for name, u, kept in zip(seen.names, seen.u, seen.kept, strict=True):
            rows.append((name, f"{signed(u)}  ({kept:.0%})"))
    return tuple(rows)


def _alt(seen) -> str:
    groups = [f"{name} {signed(u)}" for name, u in zip(seen.names, seen.u, strict=True)]
    words = "; ".join(groups[:FEW])
    return (
        f"{len(seen.names)} groups of rows. The overall line lies at {seen.overall:.3f}. "
        f"Groups' lines lie from it by: {words}."
    )
