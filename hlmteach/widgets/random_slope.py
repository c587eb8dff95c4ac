"""RandomSlopeAnimator: groups' lines may turn; whether they do is another question."""

from dataclasses import dataclass

import numpy as np

from hlmteach.engine.fit import Fit
from hlmteach.views.grouplines import GroupLines, Spread, read_lines, read_spread
from hlmteach.views.slopes import SlopesView
from hlmteach.views.style import signed
from hlmteach.widgets import controls as make
from hlmteach.widgets.base import Report, TeachingWidget
from hlmteach.widgets.rows import (
    SOURCES,
    Rows,
    fit_rows,
    python_fit,
    python_rows,
    r_fit,
    r_rows,
    rows_of,
)

# The tutorial's Model 4 as it is printed: where nlme's optimiser stopped.
PRINTED = {"sd": (0.072374062, 0.002428596), "corr": 0.131, "sigma": 0.806315723}
NAMES = {
    "parallel": "Model 3: parallel lines",
    "printed": "Model 4, as printed",
    "maximum": "Model 4, at the maximum",
    "own": "Model 4, at your values",
}
TILTS = ("tilt_1", "tilt_2", "tilt_3")
OWN = ("sd_0", "sd_1", "corr")


@dataclass(frozen=True)
class Found:
    """One settled state: the fit that is shown, and Models 3 and 4 at their maxima."""

    rows: Rows
    at: str
    fit: Fit
    model3: Fit
    model4: Fit
    lines: GroupLines
    spread: Spread


class RandomSlopeAnimator(TeachingWidget):
    """A random slope lets each group's line turn; the data say whether it does.

    A random slope lets each group's line turn; an sd of slopes near 0, or a correlation at its
    limit, says that the data do not turn them.

    Lines at the left, each group's intercept and slope as a point at the right, in the ellipse of
    the model's covariance. Choose Model 3, the tutorial's printed Model 4, its true maximum, or
    values of your own; move the zero of the predictor; turn a group and watch the model refit.

    Parameters
    ----------
    preset : {"tutorial", "printed", "turned", "simulated"}
        Where the controls start. "tutorial" shows Model 4 at its maximum.
    present : bool
        Large type, for a projector.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> widget = hlm.widgets.RandomSlopeAnimator("printed")
    >>> round(widget.results["loglik"], 2), round(widget.results["aic"], 2)
    (-3230.23, 6472.46)
    >>> widget.set(at="maximum")
    >>> round(widget.results["ratio"], 4)
    0.0691
    >>> widget.close()
    """

    title = "Random slopes, and whether there are any"
    sentence = (
        "A random slope lets each group's line turn; an sd of slopes near 0, or a correlation at "
        "its limit, says that the data do not turn them."
    )
    presets = {  # noqa: RUF012
        "tutorial": {},
        "printed": {"at": "printed"},
        "turned": {"tilt_1": 0.12, "tilt_3": -0.1},
        "simulated": {"source": "simulated"},
    }

    def __init__(self, preset: str = "tutorial", *, present: bool = False):
        self._key, self._fits = None, {}
        super().__init__(SlopesView(present), _controls(), preset=preset, present=present)

    def shown(self, state):
        """Show what matters for these data and this fit."""
        if state["source"] == "simulated":
            truth = {"groups", "size", "sd_u", "sd_slope", "rho", "sd_e", "seed"}
            return {"source", "zero"} | truth
        more = {"parallel": (), "printed": (), "maximum": TILTS, "own": OWN}[state["at"]]
        return {"source", "at", "zero", *more}

    def compute(self, state) -> Found:
        """Refit both models to the rows, or evaluate Model 4 where the controls say."""
        at = "maximum" if state["source"] == "simulated" else state["at"]
        rows = rows_of(_effective(state))
        model3, model4 = self._fit(rows, 3), self._fit(rows, 4)
        fit = {
            "parallel": lambda: model3,
            "maximum": lambda: model4,
            "printed": lambda: model4.at(**PRINTED),
            "own": lambda: model4.at(sd=(state["sd_0"], state["sd_1"]), corr=state["corr"]),
        }[at]()
        lines = read_lines(fit, rows.x, rows.codes, rows.names)
        return Found(rows, at, fit, model3, model4, lines, read_spread(fit, state["zero"]))

    def _fit(self, rows: Rows, number: int) -> Fit:
        """Fit once to rows of this key, then refit: only y has changed."""
        if rows.key != self._key:
            self._key, self._fits = rows.key, {}
        if number not in self._fits:
            self._fits[number] = fit_rows(rows, number, "ML")
        return self._fits[number].refit(rows.y)

    def draw(self, found):
        """Show lines and ellipse."""
        self.view.update(found.lines, found.spread, found.rows.predictor, found.rows.outcome)

    def tidy(self, found):
        """Fit the limits to what is shown."""
        self.view.tidy()
        self.draw(found)

    def story(self, found):
        """Tell how parallel lines come to turn."""
        return _story(found, self.view)

    def report(self, found) -> Report:
        """Name the estimates, and how far below its top the log-likelihood is."""
        fit, spread = found.fit, found.spread
        numbers = {
            "intercept": float(fit.fixef.iloc[0] + spread.zero * fit.fixef.iloc[1]),
            "slope": float(fit.fixef.iloc[1]),
            "sd_intercept": float(spread.sd[0]),
            "sd_slope": float(spread.sd[1]),
            **({} if spread.rho is None else {"rho": spread.rho}),
            "sigma": fit.sigma,
            "loglik": fit.loglik,
            "aic": fit.aic,
            "loglik_3": found.model3.loglik,
            "loglik_4": found.model4.loglik,
            "aic_3": found.model3.aic,
            "ratio": 2 * (fit.loglik - found.model3.loglik),
        }
        below = found.model4.loglik - fit.loglik
        where = "Model 4's maximum" if below < 1e-9 else f"{below:.4f} below Model 4's maximum"
        status = f"Log-likelihood {signed(fit.loglik, 3)}: {where}."
        if found.at == "maximum" and fit.is_singular:
            status += " This fit is singular."
        return Report(numbers, _rows(found, numbers), status, _alt(found), NAMES[found.at])

    def code_for(self, state):
        """Write what gives the same fit."""
        at = "maximum" if state["source"] == "simulated" else state["at"]
        known = _effective(state) | {"method": "ML"}
        python = ["import hlmteach as hlm\n", python_rows(known), python_fit(known, 3)]
        r = ["library(nlme)\n", r_rows(known), r_fit(known, 3)]
        if at != "parallel":
            python += [python_fit(known, 4), "print(hlm.anova(model3, model4))\n"]
            r += [r_fit(known, 4), "anova(model3, model4)\n"]
        last = "model3" if at == "parallel" else "model4"
        given = {"printed": PRINTED, "own": _own(state)}.get(at)
        if given:
            words = ", ".join(f"{name}={value}" for name, value in given.items())
            python.append(f"{last} = model4.at({words})\n")
            r.append(
                "# nlme's optimiser stops here by itself: this is not the maximum\n"
                if at == "printed"
                else "# nlme cannot evaluate a model at given variances\n"
            )
        return {
            "python": "".join(python) + f"print({last})\n",
            "r": "".join(r) + f"summary({last})\n",
        }


def _controls() -> dict:
    turn = "Turns the group's rows about their mean"
    where = "Where the predictor is counted as 0: there intercepts are measured"
    fits = [("Model 3", "parallel"), ("as printed", "printed"), ("maximum", "maximum")]
    return {
        "source": make.choice("data", "tutorial", SOURCES),
        "at": make.choice("fit shown", "maximum", [*fits, ("your values", "own")]),
        "zero": make.slider("zero of the predictor", 0, 0, 6, 0.01, where),
        "sd_0": make.slider("sd of intercepts", 0.07, 0, 0.3, 0.005, digits=3),
        "sd_1": make.slider("sd of slopes", 0.03, 0, 0.1, 0.001, digits=3),
        "corr": make.slider("ρ, their correlation", 0, -1, 1, 0.05, signed=True),
        "tilt_1": make.slider("before marriage, turned by", 0, -0.2, 0.2, 0.01, turn, signed=True),
        "tilt_2": make.slider("1 year after, turned by", 0, -0.2, 0.2, 0.01, turn, signed=True),
        "tilt_3": make.slider("5 years after, turned by", 0, -0.2, 0.2, 0.01, turn, signed=True),
        "groups": make.whole("groups", 20, 3, 30),
        "size": make.whole("rows per group", 80, 5, 100),
        "sd_u": make.slider("true sd of intercepts", 0.6, 0, 1, 0.05),
        "sd_slope": make.slider("true sd of slopes", 0.2, 0, 0.5, 0.01),
        "rho": make.slider("true ρ", 0.3, -1, 1, 0.05, signed=True),
        "sd_e": make.slider("true sd of e", 0.8, 0.1, 2, 0.05),
        "seed": make.seed(3),
    }


def _effective(state) -> dict:
    """Leave the rows as they are where turning them would make no sense."""
    return state if state["at"] == "maximum" else {**state, **dict.fromkeys(TILTS, 0.0)}


def _own(state) -> dict:
    return {"sd": (state["sd_0"], state["sd_1"]), "corr": state["corr"]}


def _rows(found, numbers) -> tuple:
    spread = found.spread
    ratio = "2 × difference to Model 3" if found.at == "own" else "L.Ratio to Model 3"
    return (
        ("sd of intercepts", f"{spread.sd[0]:.5f}"),
        ("sd of slopes", f"{spread.sd[1]:.5f}"),
        ("ρ", "–" if spread.rho is None else signed(spread.rho).removeprefix("+")),
        ("sigma", f"{found.fit.sigma:.5f}"),
        ("slope", f"{numbers['slope']:.5f}"),
        ("AIC", f"{numbers['aic']:.3f}"),
        ("log-likelihood", signed(numbers["loglik"], 4)),
        ("beside it", ""),
        ("Model 4's maximum", signed(numbers["loglik_4"], 4)),
        ("Model 3", signed(numbers["loglik_3"], 4)),
        ("AIC of Model 3", f"{numbers['aic_3']:.3f}"),
        (ratio, f"{numbers['ratio']:.6f}".replace("-", "−")),
    )


def _alt(found) -> str:
    s0, s1 = found.spread.sd
    rho = "" if found.spread.rho is None else f", correlation {found.spread.rho:.3f}"
    slopes = found.lines.lines[:, 1]
    return (
        f"{NAMES[found.at]}. Lines of {len(found.lines.names)} groups with slopes from "
        f"{slopes.min():.3f} to {slopes.max():.3f}. Sd of intercepts {s0:.4f}, of slopes "
        f"{s1:.4f}{rho}."
    )


def _story(found, view):
    seen, lines = found.lines, view.lines
    parallel = read_lines(found.model3, found.rows.x, found.rows.codes, found.rows.names)
    view.clear()
    lines.show_overall(parallel.overall)
    yield f"One line for everybody: one more {found.rows.predictor}, {signed(parallel.overall[1])}."
    lines.show_lines(parallel.lines)
    yield "Model 3: groups move up and down, and all lines stay parallel."
    lines.show_overall(seen.overall)
    lines.show_lines(seen.lines)
    yield f"{NAMES[found.at]}: sd of slopes {found.spread.sd[1]:.4f}."
    times = _enlargement(found)
    if times > 1:
        lines.show_lines(seen.overall + times * _turned(found))
        yield f"You saw nothing? The same turns, {times} times as large."
        lines.show_lines(seen.lines)
        yield "And as they are."
    lines.show_u(seen, len(seen.names), found.spread.zero)
    view.ellipse.show_points(found.spread.u)
    yield "Each group is a point: how far its intercept, and how far its slope, lies from overall."
    view.ellipse.show_ellipses(found.spread)
    yield "The ellipses: one and two standard deviations of such points, as the model has them."


def _turned(found) -> np.ndarray:
    """Groups' lines about the middle of x, without their differences in height there."""
    middle = float(found.rows.x.mean())
    slopes = found.spread.u[:, 1:]
    return np.hstack([-middle * slopes, slopes])


def _enlargement(found) -> int:
    """How many times turns must be enlarged to be seen; 1 where they are seen."""
    largest = float(np.abs(found.spread.u[:, 1]).max())
    return 1 if largest > 0.02 or largest == 0 else int(round(0.08 / largest, -1))
