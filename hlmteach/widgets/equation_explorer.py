"""EquationExplorer: every symbol of the equation lights up its part of the picture."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from hlmteach.datasets import load
from hlmteach.engine.fit import Fit
from hlmteach.inference.simulate import simulate_groups
from hlmteach.rstyle.verbs import gls, lmer
from hlmteach.views.equation import EquationPicture, EquationView
from hlmteach.widgets import controls as make
from hlmteach.widgets.base import Report, TeachingWidget
from hlmteach.widgets.equation_words import (
    COMPONENTS,
    MIXED,
    NAMES,
    RIGHT_SIDES,
    SINGLE,
    SLOPES,
    TITLES,
    X_MEAN,
    X_SD,
    alt_of,
    note_of,
    python_code,
    r_code,
    rows_of,
    se_of_slope,
    sum_of,
    tokens_of,
    truth_of,
)
from hlmteach.widgets.parts.equation_bar import EquationBar

SHOWN = 1  # the group whose line and person are taken apart
SIMULATED, TUTORIAL = (-0.25, 5.6, -0.6, 7.6), (-0.25, 6.9, 3.6, 6.25)


@dataclass(frozen=True)
class Found:
    """Rows, the equation fitted to them, and the true or estimated parts of one row.

    `truth` is None for the tutorial's data: nobody knows it there.
    """

    state: dict
    data: pd.DataFrame
    fit: Fit
    truth: dict | None
    parts: dict[str, float]
    group: int
    lines: np.ndarray
    estimates: dict[str, float]


class EquationExplorer(TeachingWidget):
    """The equation of a mixed model, and the picture that it describes.

    Each symbol of the equation is a part of the picture: point at one, or tab to it, and its
    part lights up.

    Point at a symbol, or reach it by the Tab key: its part of the picture lights up, with its
    number for one person. Go from equation (1) to (2), (3) and random slopes; move the true
    values, and read beside them what the model makes of such data.

    Parameters
    ----------
    preset : {"equation 3", "equation 1", "equation 2", "random slopes", "tutorial"}
        Where the controls start. "tutorial" shows the tutorial's Model 3.
    present : bool
        Large type, for a projector.

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
        "Each symbol of the equation is a part of the picture: point at one, or tab to it, and "
        "its part lights up."
    )
    presets = {  # noqa: RUF012
        "equation 3": {},
        "equation 1": {"equation": SINGLE},
        "equation 2": {"equation": COMPONENTS},
        "random slopes": {"equation": SLOPES},
        "tutorial": {"source": "tutorial"},
    }

    def __init__(self, preset: str = "equation 3", *, present: bool = False):
        self._key, self._fits = None, {}
        self.bar = EquationBar()
        controls = {**_controls(), "symbol": self.bar}
        super().__init__(EquationView(present), controls, preset=preset, present=present)

    def shown(self, state):
        """Show the sliders of what stands in the equation."""
        names = {"source", "equation", "symbol"}
        if state["source"] == "tutorial":
            return names | ({"group"} if state["equation"] != SINGLE else set())
        names |= {"beta_0", "sigma", "groups", "size", "seed"}
        for name, needs in (("beta_1", "beta_1"), ("u_j", "u"), ("sd_u", "u")):
            if needs in NAMES[state["equation"]]:
                names.add(name)
        return names | ({"sd_slope", "rho"} if state["equation"] == SLOPES else set())

    def compute(self, state) -> Found:
        """Draw rows with the true values, and fit the equation to them."""
        if state["source"] == "tutorial":
            return self._tutorial(state)
        truth = truth_of(state)
        data = _simulated(state, truth)
        fit = self._fit(state, data, "y", "x", "group")
        u = data[["u_intercept", "u_slope"]].to_numpy()[:: state["size"]]
        parts = _parts(data["x"], data["y"], data["group"] == SHOWN, truth, u[SHOWN - 1])
        lines = u + np.array([truth["beta_0"], truth["beta_1"]])
        return Found(state, data, fit, truth, parts, SHOWN - 1, lines, _estimates(fit))

    def _tutorial(self, state) -> Found:
        """Take the estimates for the parts: the truth is not known."""
        data = _load()
        fit = self._fit(state, data, "Satisfaction", "NPD", "Time")
        estimates = _estimates(fit)
        codes = data["Time"].cat.codes.to_numpy()
        u = _effects(fit, 3)
        j = state["group"] - 1
        of_group = codes == j if state["equation"] != SINGLE else np.ones(len(codes), bool)
        parts = _parts(data["NPD"], data["Satisfaction"], of_group, estimates, u[j])
        lines = u + np.array([estimates["beta_0"], estimates["beta_1"]])
        return Found(state, data, fit, None, parts, j, lines, estimates)

    def _fit(self, state, data, y, x, group) -> Fit:
        """Read the formula once a design, then only y changes."""
        equation = state["equation"]
        key = tuple(state[k] for k in ("source", "groups", "size", "seed"))
        if key != self._key:
            self._key, self._fits = key, {}
        if equation not in self._fits:
            self._fits[equation] = _fit_rows(equation, data, y, x, group)
        fit = self._fits[equation]
        return fit if state["source"] == "tutorial" else fit.refit(data[y])

    def draw(self, found):
        """Show the picture, and write the equation with the numbers of the row shown."""
        self._picture(found, found.state["symbol"])
        self.bar.show(tokens_of(found), note_of(found))

    def story(self, found):
        """Go from equation (1) to the one shown."""
        for number in range(SINGLE, found.state["equation"]):
            self._picture(self.compute({**found.state, "equation": number}), "")
            yield TITLES[number]
        self._picture(found, found.state["symbol"])
        yield TITLES[found.state["equation"]]

    def _picture(self, found, lit):
        self.view.update(_picture(found), lit)

    def report(self, found) -> Report:
        """Set the truth beside the estimates."""
        numbers = {**found.estimates, "loglik": float(found.fit.loglik)}
        if "beta_1" in NAMES[found.state["equation"]]:
            numbers["se_beta_1"] = se_of_slope(found.fit)
        numbers |= {f"part_{name}": float(value) for name, value in found.parts.items()}
        words = f"{TITLES[found.state['equation']]}. {sum_of(found)}"
        known = "true value → estimate" if found.truth else "estimates"
        return Report(numbers, rows_of(found), words, alt_of(found), known)

    def code_for(self, state):
        """Write what draws such rows and fits the equation."""
        return {"python": python_code(state), "r": r_code(state)}

    def close(self):
        """Let go of the equation too."""
        self.bar.unobserve_all()
        super().close()

    def _layout(self):
        """Put the equation above the picture, not among the sliders."""
        head, body, *boxes = super()._layout()
        for box in boxes:
            if self.bar in getattr(box, "children", ()):
                box.children = [child for child in box.children if child is not self.bar]
        return [head, self.bar, body, *boxes]


EQUATIONS = [("(1)", SINGLE), ("(2)", COMPONENTS), ("(3)", MIXED), ("random slopes", SLOPES)]
SOURCES = [("simulated", "simulated"), ("the tutorial's", "tutorial")]


def _controls() -> dict:
    return {
        "equation": make.choice("equation", MIXED, EQUATIONS),
        "source": make.choice("data", "simulated", SOURCES),
        "beta_0": make.slider("β₀, the intercept", 2, 0, 5, 0.1),
        "beta_1": make.slider("β₁, the slope", 0.6, -1, 1, 0.05, signed=True),
        "u_j": make.slider("u of the group shown", 0.8, -2, 2, 0.1, signed=True),
        "sd_u": make.slider("sd of the other groups' u", 1, 0, 2, 0.05),
        "sd_slope": make.slider("sd of the slopes", 0.3, 0, 0.6, 0.05),
        "rho": make.slider("ρ, their correlation", 0, -1, 1, 0.1, signed=True),
        "sigma": make.slider("sd of e", 0.8, 0.1, 2, 0.05),
        "groups": make.ladder("groups, J", 8, (2, 3, 5, 8, 12, 20, 40)),
        "size": make.ladder("rows per group, n", 15, (5, 10, 15, 20, 30, 50)),
        "group": make.ladder("group shown, j", 2, (1, 2, 3)),
        "seed": make.seed(),
    }


# -- rows and fits ------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _load() -> pd.DataFrame:
    return load("HLM")


def _simulated(state, truth) -> pd.DataFrame:
    """Rows of groups of which one, the group shown, has the u that was set by hand."""
    data = simulate_groups(
        state["groups"],
        state["size"],
        beta=(truth["beta_0"], truth["beta_1"]),
        sd_u=(truth["sd_u"], truth["sd_slope"]),
        rho=truth["rho"],
        sigma=truth["sigma"],
        x_mean=X_MEAN,
        x_sd=(0, X_SD),
        seed=state["seed"],
        effects=True,
    )
    if state["equation"] == SINGLE:
        return data
    shown = data["group"] == SHOWN
    y = data["y"] + shown * (state["u_j"] - data["u_intercept"])
    return data.assign(y=y, u_intercept=data["u_intercept"].mask(shown, state["u_j"]))


def _fit_rows(equation, data, y, x, group) -> Fit:
    right = RIGHT_SIDES[equation].replace("x", x).replace("group", group)
    if equation == SINGLE:
        return gls(f"{y} ~ {right}", data, method="ML")
    return lmer(f"{y} ~ {right}", data, REML=False)


def _estimates(fit: Fit) -> dict[str, float]:
    beta = fit.fixef.to_numpy()
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
    for table in fit.ranef.values():
        b[:, : table.shape[1]] = table.to_numpy()
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


def _picture(found) -> EquationPicture:
    state, data = found.state, found.data
    simulated, nothing = found.truth is not None, np.full(2, np.nan)
    x, y, group = ("x", "y", "group") if simulated else ("NPD", "Satisfaction", "Time")
    grouped = state["equation"] != SINGLE
    codes = data[group].cat.codes.to_numpy() if not simulated else data[group].to_numpy() - 1
    estimates = np.array([found.estimates["beta_0"], found.estimates["beta_1"]])
    u = _effects(found.fit, len(found.lines))[found.group]
    return EquationPicture(
        data[x].to_numpy(float),
        data[y].to_numpy(float),
        (codes == found.group) & grouped,
        found.parts,
        NAMES[state["equation"]],
        found.lines if grouped else np.zeros((0, 2)),
        estimates if simulated else nothing,
        estimates + u if simulated and grouped else nothing,
        SIMULATED if simulated else TUTORIAL,
        (x, y),
        (0.0, 5.2 if simulated else 6.2),
    )
