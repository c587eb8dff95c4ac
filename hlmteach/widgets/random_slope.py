"""RandomSlopeAnimator: groups' lines may turn; whether they do is another question."""

from dataclasses import dataclass

import numpy as np

from hlmteach.engine.fit import Fit
from hlmteach.recipes.chosen import PRINTED, SOURCES, course_model, rows_of
from hlmteach.recipes.rows import Rows
from hlmteach.views.grouplines import GroupLines, Spread, read_lines, read_spread
from hlmteach.views.slopes import SlopesView
from hlmteach.views.style import signed
from hlmteach.widgets.base import TeachingWidget
from hlmteach.widgets.controls import ask, choice, never, seed, slider, whole

NAMES = {
    "parallel": "Model 3: parallel lines",
    "printed": "Model 4, as printed",
    "maximum": "Model 4, at the maximum",
    "own": "Model 4, at your values",
}
FITS = [("Model 3", "parallel"), ("as printed", "printed"), ("maximum", "maximum")]
FITS += [("your values", "own")]
MODEL3, MODEL4 = (course_model(name, wrapped=True) for name in ("model3", "model4"))
TUTORIAL, SIMULATED = {"source": "tutorial"}, {"source": "simulated"}
TURNED, OWN = ({**TUTORIAL, "at": at} for at in ("maximum", "own"))
ZERO = "Where the predictor is counted as 0: there intercepts are measured"
R_NOTES = {
    "printed": "# nlme's optimiser stops here by itself: this is not the maximum",
    "own": "# nlme cannot evaluate a model at given variances",
}


def _tilt(label, group):
    help = "Turns the group's rows about their mean"
    looks = {"signed": True, "group": group, "when": TURNED}
    return ask(slider, f"{label}, turned by", 0, -0.2, 0.2, 0.01, help, **looks)


@dataclass(frozen=True)
class Found:
    """One settled state: the fit that is shown, and Models 3 and 4 at their maxima."""

    state: dict
    rows: Rows
    fit: Fit
    model3: Fit
    model4: Fit
    lines: GroupLines
    spread: Spread

    @property
    def at(self) -> str:
        """Which fit is shown."""
        return _at(self.state)


class RandomSlopeAnimator(TeachingWidget):
    """A random slope lets each group's line turn; the data say whether it does.

    Lines at the left, each group's intercept and slope as a point at the right, in the ellipse of
    the model's covariance. Choose Model 3, the tutorial's printed Model 4, its true maximum, or
    values of your own; move the zero of the predictor; turn a group and watch the model refit. The
    preset "tutorial" shows Model 4 at its maximum.

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
        "A random slope lets each group's line have its own tilt. Sometimes the data show no "
        "such tilts."
    )
    presets = {
        "tutorial": {},
        "printed": {"at": "printed"},
        "turned": {"tilt_1": 0.12, "tilt_3": -0.1},
        "simulated": {"source": "simulated"},
    }

    inputs = {
        "source": ask(choice, "data", "tutorial", SOURCES, when=never),
        "at": ask(choice, "fit shown", "maximum", FITS, when=TUTORIAL),
        "zero": ask(slider, "zero of the predictor", 0, 0, 6, 0.01, ZERO),
        "sd_0": ask(slider, "sd of intercepts", 0.07, 0, 0.3, 0.005, digits=3, when=OWN),
        "sd_1": ask(slider, "sd of slopes", 0.03, 0, 0.1, 0.001, digits=3, when=OWN),
        "corr": ask(slider, "ρ, their correlation", 0, -1, 1, 0.05, signed=True, when=OWN),
        "tilt_1": _tilt("before marriage", 0),
        "tilt_2": _tilt("1 year after", 1),
        "tilt_3": _tilt("5 years after", 2),
        "groups": ask(whole, "groups", 20, 3, 30, when=never),
        "size": ask(whole, "rows per group", 80, 5, 100, when=never),
        "sd_u": ask(slider, "true sd of intercepts", 0.6, 0, 1, 0.05, when=SIMULATED),
        "sd_slope": ask(slider, "true sd of slopes", 0.2, 0, 0.5, 0.01, when=SIMULATED),
        "rho": ask(slider, "true ρ", 0.3, -1, 1, 0.05, signed=True, when=SIMULATED),
        "sd_e": ask(slider, "true sd of e", 0.8, 0.1, 2, 0.05, when=never),
        "seed": ask(seed, 3, when=SIMULATED),
    }
    picture = SlopesView
    table = """
        sd of intercepts | {sd_intercept:.5f}
        sd of slopes | {sd_slope:.5f}
        ρ | {rho_said}
        slope | {slope:.5f}
        log-likelihood | {loglik:+.4f}
        {ratio_said} to Model 3 | {ratio:.6f}
        all numbers |
        sigma | {sigma:.5f}
        AIC | {aic:.3f}
        Model 4's maximum | {loglik_4:+.4f}
        Model 3 | {loglik_3:+.4f}
        AIC of Model 3 | {aic_3:.3f}
    """
    status = "Log-likelihood {loglik:+.3f}: {where}.{singular}"
    alt = (
        "{caption}. Lines of {J} groups with slopes from {lowest} to {highest}. "
        "Sd of intercepts {sd_intercept:.4f}, of slopes {sd_slope:.4f}{rho_in_alt}."
    )
    caption = "{caption}"
    templates = {
        "python": """
            import hlmteach as hlm
            {rows}
            {fits}
            {python_test}
            {python_at}
            print({last})
        """,
        "r": """
            library(nlme)
            {rows}
            {fits}
            {test}
            {r_note}
            summary({last})
        """,
    }

    def recipe(self, state):
        """Model 3, and Model 4 where it is shown; rows are turned only where it is refitted."""
        turned = state["at"] == "maximum"
        rows = state if turned else {**state, **dict.fromkeys(("tilt_1", "tilt_2", "tilt_3"), 0.0)}
        return rows_of(rows), [MODEL3] if _at(state) == "parallel" else [MODEL3, MODEL4]

    def compute(self, state) -> Found:
        """Refit both models to the rows, or evaluate Model 4 where the controls say."""
        rows, at = self.recipe(state)[0], _at(state)
        model3, model4 = MODEL3.fit(rows), MODEL4.fit(rows)
        fit = model3 if at == "parallel" else model4
        if at in ("printed", "own"):
            fit = model4.at(**_given(state))
        lines = read_lines(fit, rows.predictor, rows.codes, rows.levels)
        return Found(
            state=state,
            rows=rows,
            fit=fit,
            model3=model3,
            model4=model4,
            lines=lines,
            spread=read_spread(fit, state["zero"]),
        )

    def draw(self, found):
        """Show lines and ellipse."""
        self.view.update(found.lines, found.spread, found.rows.x, found.rows.y)

    def story(self, found):
        """Tell how parallel lines come to turn."""
        return _story(found, self.view)

    def numbers(self, found):
        """Name the estimates, beside both maxima."""
        fit, spread = found.fit, found.spread
        return {
            "intercept": float(fit.beta[0] + spread.zero * fit.beta[1]),
            "slope": float(fit.beta[1]),
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

    def words(self, found):
        """How far below its top the log-likelihood is; a correlation where there is one."""
        below, rho = found.model4.loglik - found.fit.loglik, found.spread.rho
        slopes = found.lines.lines[:, 1]
        singular = found.at == "maximum" and found.fit.is_singular
        top = "Model 4's maximum"
        return {
            "caption": NAMES[found.at],
            "where": top if below < 1e-9 else f"{below:.4f} below {top}",
            "singular": " This fit is singular." if singular else "",
            "J": len(found.lines.names),
            "lowest": f"{slopes.min():.3f}",
            "highest": f"{slopes.max():.3f}",
            "rho_said": "–" if rho is None else signed(rho).removeprefix("+"),
            "rho_in_alt": "" if rho is None else f", correlation {rho:.3f}",
            "ratio_said": "2 × difference" if found.at == "own" else "L.Ratio",
        }

    def code_words(self, state):
        """The test, and the values at which Model 4 is evaluated."""
        at = _at(state)
        test = "" if at == "parallel" else "anova(model3, model4)"
        given = ", ".join(f"{name}={value}" for name, value in _given(state).items())
        return {
            "test": test,
            "python_test": test and f"print(hlm.{test})",
            "python_at": given and f"model4 = model4.at({given})",
            "r_note": R_NOTES.get(at, ""),
            "last": "model3" if at == "parallel" else "model4",
        }


def _at(state) -> str:
    return "maximum" if state["source"] == "simulated" else state["at"]


def _given(state) -> dict:
    """Where Model 4 is evaluated; nothing where it is fitted."""
    own = {"sd": (state["sd_0"], state["sd_1"]), "corr": state["corr"]}
    return {"printed": PRINTED, "own": own}.get(_at(state), {})


def _story(found, view):
    seen, lines = found.lines, view.lines
    parallel = read_lines(found.model3, found.rows.predictor, found.rows.codes, found.rows.levels)
    view.clear()
    lines.show_overall(parallel.overall)
    yield f"One line for everybody: one more {found.rows.x}, {signed(parallel.overall[1])}."
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
    yield "Ellipses: one and two sds of such points, says the model."


def _turned(found) -> np.ndarray:
    """Groups' lines about the middle of x, without their differences in height there."""
    middle = float(found.rows.predictor.mean())
    slopes = found.spread.u[:, 1:]
    return np.hstack([-middle * slopes, slopes])


def _enlargement(found) -> int:
    """How many times turns must be enlarged to be seen; 1 where they are seen."""
    largest = float(np.abs(found.spread.u[:, 1]).max())
    return 1 if largest > 0.02 or largest == 0 else int(round(0.08 / largest, -1))
