"""EquationExplorer: every symbol of the equation lights up its part of the picture."""

from dataclasses import dataclass

import numpy as np

from hlmteach.engine.fit import Fit
from hlmteach.recipes.rows import Rows
from hlmteach.views.equation import EquationPicture, EquationView, step_of
from hlmteach.widgets.base import TeachingWidget
from hlmteach.widgets.controls import ask, choice, ladder, never, seed, slider
from hlmteach.widgets.equation_words import (
    COMPONENTS,
    MIXED,
    MODELS,
    NAMES,
    SHOWN,
    SINGLE,
    SLOPES,
    SYMBOLS,
    TITLES,
    hidden_of,
    note_of,
    rows_of,
    said_of,
    sum_of,
    tokens_of,
    truth_of,
)
from hlmteach.widgets.parts.equation_bar import EquationBar

SIMULATED, TUTORIAL = (-0.25, 5.6, -0.6, 7.6), (-0.25, 6.9, 3.6, 6.25)
EQUATIONS = [("(1)", SINGLE), ("(2)", COMPONENTS), ("(3)", MIXED), ("random slopes", SLOPES)]
SOURCES = [("simulated", "simulated"), ("the tutorial's", "tutorial")]
DRAWN = {"source": "simulated"}
GROUPED = {"source": "tutorial", "equation": (COMPONENTS, MIXED, SLOPES)}


def _drawn(*equations):
    """These equations of simulated rows."""
    return {**DRAWN, "equation": equations}


def _signed(*args, when, group=None):
    return ask(slider, *args, signed=True, when=when, group=group)


def _has(part: str):
    """Whether a part stands in the equation of simulated rows."""
    return lambda s: s["source"] == "simulated" and part in NAMES[s["equation"]]


@dataclass(frozen=True)
class Found:
    """Rows, the equation fitted to them, and the true or estimated parts of one row.

    `truth` is None for the tutorial's data: nobody knows it there.
    """

    state: dict
    rows: Rows
    fit: Fit
    truth: dict | None
    parts: dict[str, float]
    group: int
    lines: np.ndarray
    estimates: dict[str, float]


class EquationExplorer(TeachingWidget):
    """The equation of a mixed model, and the picture that it describes.

    Point at a symbol, or reach it by the Tab key: its part of the picture lights up, with its
    number for one person. Go from equation (1) to (2), (3) and random slopes; move the true values,
    and read beside them what the model makes of such data. The preset "tutorial" shows the
    tutorial's Model 3.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> widget = hlm.widgets.EquationExplorer("tutorial")
    >>> round(widget.results["beta_1"], 5), round(widget.results["sd_u"], 5)
    (0.12298, 0.07412)
    >>> widget.set(symbol="u")
    >>> widget.state["symbol"]
    'u'
    >>> widget.close()
    """

    title = "The equation and its picture"
    sentence = (
        "Each symbol of the equation is a part of the picture. Point at one, and its part "
        "lights up."
    )
    presets = {
        "equation 3": {},
        "equation 1": {"equation": SINGLE},
        "equation 2": {"equation": COMPONENTS},
        "random slopes": {"equation": SLOPES},
        "tutorial": {"source": "tutorial"},
    }

    inputs = {
        "equation": ask(choice, "equation", MIXED, EQUATIONS),
        "source": ask(choice, "data", "simulated", SOURCES, when=never),
        "beta_0": ask(
            slider,
            "β₀, the intercept",
            2,
            0,
            5,
            0.1,
            when=_drawn(SINGLE, COMPONENTS, MIXED),
            group=0,
        ),
        "beta_1": _signed("β₁, the slope", 0.6, -1, 1, 0.05, when=_drawn(SINGLE, MIXED), group=2),
        "u_j": _signed("u of the group shown", 0.8, -2, 2, 0.1, when=_has("u"), group=1),
        "sd_u": ask(slider, "sd of the other groups' u", 1, 0, 2, 0.05, when=never),
        "sd_slope": ask(slider, "sd of the slopes", 0.3, 0, 0.6, 0.05, when=_has("u_slope")),
        "rho": _signed("ρ, their correlation", 0, -1, 1, 0.1, when=_has("u_slope")),
        "sigma": ask(
            slider, "sd of e", 0.8, 0.1, 2, 0.05, when=_drawn(SINGLE, COMPONENTS), group=3
        ),
        "groups": ask(ladder, "groups, J", 8, (2, 3, 5, 8, 12, 20, 40), when=never),
        "size": ask(ladder, "rows per group, n", 15, (5, 10, 15, 20, 30, 50), when=never),
        "group": ask(ladder, "group shown, j", 2, (1, 2, 3), when=GROUPED),
        "seed": ask(seed, when=DRAWN),
        "symbol": ask(EquationBar),
    }
    picture = EquationView
    table = """
        β₀, the intercept | {beta_0_said}
        β₁, the slope | {beta_1_said}
        sd of u | {sd_u_said}
        sd of the slopes | {sd_slope_said}
        ρ | {rho_said}
        sd of e | {sigma_said}
        all numbers |
        se of β₁ | {se_beta_1:.3f}
    """
    status = "{title}. {sum}"
    alt = "{n} rows, an overall line{groups_said}. {sum}{lit}"
    caption = "{caption}"
    templates = {
        "python": """
            import hlmteach as hlm

            {rows}
            {model}
            print(model.fixef, model.varcorr, sep='\\n\\n')
        """,
        "r": """
            library({library})
            {rows}
            {model}
            summary(model)
        """,
    }

    @property
    def bar(self) -> EquationBar:
        """The equation above the picture."""
        return self.controls["symbol"]

    def recipe(self, state):
        """The tutorial's rows, or rows of the true values; the equation as a model of them."""
        return rows_of(state), [MODELS[state["equation"]]]

    def compute(self, state) -> Found:
        """Take one row apart: into true values, or into estimates where no truth is known."""
        rows, (model,) = self.recipe(state)
        fit = model.fit(rows)
        simulated = state["source"] == "simulated"
        estimates = _estimates(fit)
        values = truth_of(state) if simulated else estimates
        u = rows.effects if simulated else _effects(fit, len(rows.levels))
        j = (SHOWN if simulated else state["group"]) - 1
        of_group = rows.codes == j
        if not simulated and state["equation"] == SINGLE:
            of_group = np.ones(len(rows.codes), bool)
        return Found(
            state=state,
            rows=rows,
            fit=fit,
            truth=values if simulated else None,
            parts=_parts(rows.predictor, rows.outcome, of_group, values, u[j]),
            group=j,
            lines=u + np.array([values["beta_0"], values["beta_1"]]),
            estimates=estimates,
        )

    def draw(self, found):
        """Show the picture, and write the equation with the numbers of the row shown."""
        self._picture(found, found.state["symbol"])
        self.bar.show(tokens_of(found), note_of(found, _hidden(found)))

    def story(self, found):
        """Go through the equation, symbol by symbol."""
        for name in NAMES[found.state["equation"]]:
            self._picture(found, name)
            yield f"{SYMBOLS[name][3]}: {found.parts[name]:.2f}.".replace("-", "−")
        self._picture(found, found.state["symbol"])
        yield f"{TITLES[found.state['equation']]}: all of them together."

    def _picture(self, found, lit):
        self.view.update(_picture(found), lit)

    def numbers(self, found):
        """Set the truth beside the estimates."""
        numbers = {**found.estimates, "loglik": float(found.fit.loglik)}
        if len(found.fit.beta) > 1:
            numbers["se_beta_1"] = float(found.fit.beta_se[1])
        return numbers | {f"part_{name}": value for name, value in found.parts.items()}

    def words(self, found):
        """What stands in the equation, true beside estimated, and what is lit up."""
        state, names = found.state, NAMES[found.state["equation"]]
        lit, grouped = state["symbol"], state["equation"] != SINGLE
        return {
            **said_of(found),
            "title": TITLES[state["equation"]],
            "sum": sum_of(found),
            "n": len(found.rows.codes),
            "groups_said": f", {len(found.lines)} groups' lines" if grouped else "",
            "lit": f" Lit up: {SYMBOLS[lit][3]}." if lit in names else "",
            "caption": "true value → estimate" if found.truth else "estimates",
        }

    def code_words(self, state):
        """The package that fits the equation."""
        return {"library": "nlme" if state["equation"] == SINGLE else "lme4"}

    def close(self):
        """Let go of the equation too."""
        self.bar.unobserve_all()
        super().close()

    def _pictured(self) -> list:
        """The equation stands above its picture."""
        return [self.bar, self.stage]


# -- fits ------------------------------------------------------------------------------


def _estimates(fit: Fit) -> dict[str, float]:
    beta = fit.beta
    found = {"beta_0": float(beta[0]), "beta_1": float(beta[1]) if len(beta) > 1 else 0.0}
    sds, corr = [0.0, 0.0], 0.0
    for vc in fit.covariances.values():
        sds[: len(vc.sd)] = map(float, vc.sd)
        corr = float(np.nan_to_num(vc.corr[0, -1])) if len(vc.sd) > 1 else 0.0
    sds = {"sd_u": sds[0], "sd_slope": sds[1], "rho": corr}
    return {**found, **sds, "sigma": float(fit.sigma)}


def _effects(fit: Fit, J: int) -> np.ndarray:
    """Conditional modes (J, 2) of intercept and slope; 0 for what the model has not."""
    b = np.zeros((J, 2))
    for u in fit.b.values():
        b[:, : u.shape[1]] = u
    return b


def _parts(x, y, of_group, values, u) -> dict[str, float]:
    """Take one row apart: one well off its line, with an x in the middle, whose parts show well."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    e = y - (values["beta_0"] + u[0] + (values["beta_1"] + u[1]) * x)
    aim = np.abs(np.abs(e) / values["sigma"] - 1.2) + 0.7 * np.abs(x - x.mean() - 0.3)
    if abs(u[0]) > 0.3 * values["sigma"]:  # u and e add up better where they point the same way
        aim += 0.8 * (e * u[0] < 0)
    i = int(np.argmin(np.where(of_group, aim, np.inf)))
    parts = {"beta_0": values["beta_0"], "beta_1": values["beta_1"], "x": x[i], "u": u[0]}
    parts |= {"u_slope": u[1], "e": e[i], "y": y[i]}
    return {name: float(value) for name, value in parts.items()}


# -- picture -----------------------------------------------------------------------------------


def _hidden(found) -> str:
    *_, low, high = _limits(found)
    return hidden_of(found.rows.outcome, low, high, step_of(found.rows.outcome))


def _limits(found) -> tuple[float, float, float, float]:
    return TUTORIAL if found.truth is None else SIMULATED


def _picture(found) -> EquationPicture:
    state, rows = found.state, found.rows
    simulated, nothing = found.truth is not None, np.full(2, np.nan)
    grouped = state["equation"] != SINGLE
    estimates = np.array([found.estimates["beta_0"], found.estimates["beta_1"]])
    u = _effects(found.fit, len(found.lines))[found.group]
    return EquationPicture(
        x=rows.predictor,
        y=rows.outcome,
        mine=(rows.codes == found.group) & grouped,
        parts=found.parts,
        names=NAMES[state["equation"]],
        lines=found.lines if grouped else np.zeros((0, 2)),
        refit=estimates if simulated else nothing,
        refit_group=estimates + u if simulated and grouped else nothing,
        limits=_limits(found),
        labels=(rows.x, rows.y),
        run=(0.0, 5.2 if simulated else 6.2),
    )
