"""ProfileExplorer: where the six printed limits of confint(model2.1) come from."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from hlmteach.engine.fit import Fit
from hlmteach.inference.intervals import confint
from hlmteach.rstyle.verbs import lmer
from hlmteach.views.profiles import TOP, ProfilePicture, ProfileView
from hlmteach.widgets import controls as make
from hlmteach.widgets.base import Report, TeachingWidget
from hlmteach.widgets.rows import python_rows, r_rows, rows_of

NAN = float("nan")
HEIGHTS = np.array([0.02, *np.linspace(0.15, TOP + 0.15, 21)])  # of zeta, where curves are solved
WORDS = {".sig01": "sd of u", ".sigma": "sd of e, σ", "(Intercept)": "the mean, β₀", "slope": "β₁"}


@dataclass(frozen=True)
class Curves:
    """A fit, and for each parameter the values (2 m,) at which zeta is what `zeta` says."""

    fit: Fit
    values: dict[str, np.ndarray]
    zeta: np.ndarray


@dataclass(frozen=True)
class Found:
    """The curves, the limits of every parameter at the level, and the one on show."""

    curves: Curves
    limits: dict[str, tuple[float, float]]
    level: float
    picture: ProfilePicture


class ProfileExplorer(TeachingWidget):
    """A profile interval holds the values that the data do not speak against too loudly.

    An interval by profile likelihood holds every value that fits nearly as well as the best;
    where the valley is lopsided, so is the interval, and ± z SE is not.

    At the right, how much worse the fit gets when one parameter is held at a value and all others
    are fitted anew. The level sets the height of the cut, and the cut gives the limits. Dashed is
    Wald's parabola, symmetric by construction. At the left the same with its square root, zeta:
    where the curve is straight, Wald is right.

    Parameters
    ----------
    preset : {"model 2.1", "sd of u", "model 3.1", "many groups"}
        Where the controls start.
    present : bool
        Large type, for a projector.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> widget = hlm.widgets.ProfileExplorer()
    >>> [round(widget.results[f"{end} (Intercept)"], 4) for end in ("low", "high")]
    [4.9785, 5.2082]
    >>> widget.close()
    """

    title = "A profile, and where the level cuts it"
    sentence = (
        "An interval by profile likelihood holds every value that fits nearly as well as the best; "
        "where the valley is lopsided, so is the interval, and ± z SE is not."
    )
    presets = {  # noqa: RUF012
        "model 2.1": {},
        "sd of u": {"parameter": ".sig01"},
        "model 3.1": {"model": 3, "parameter": "slope"},
        "many groups": {"source": "simulated", "groups": 60, "parameter": ".sig01"},
    }

    def __init__(self, preset: str = "model 2.1", *, present: bool = False):
        self._key, self._curves = None, None
        super().__init__(ProfileView(present), _controls(), preset=preset, present=present)

    def shown(self, state):
        """Simulated data have a truth to choose."""
        own = {"groups", "size", "sd_u", "seed"}
        return set(self.controls) - (own if state["source"] == "tutorial" else set())

    def compute(self, state) -> Found:
        """Solve the curves once for each set of rows, and the limits for each level."""
        key = {name: state[name] for name in state if name not in ("parameter", "level")}
        if key != self._key:
            self._curves, self._key = _curves(_fit(state)), key
        fit, level = self._curves.fit, state["level"]
        table = confint(fit, level)
        limits = {
            name: tuple(map(float, row))
            for name, row in zip(table.index, table.to_numpy(), strict=True)
        }
        name = _chosen(fit, state["parameter"])
        return Found(self._curves, limits, level, _picture(self._curves, name, limits[name], level))

    def draw(self, found):
        """Show the chosen parameter."""
        self.view.update(found.picture)

    def report(self, found) -> Report:
        """Give the limits of every parameter, and Wald's of the one on show."""
        seen, numbers, rows = found.picture, {}, []
        for name, (low, high) in found.limits.items():
            numbers |= {f"low {name}": low, f"high {name}": high}
            rows += [(f"{name}, {_words(name)}", ""), (f"{low:.7f} to", f"{high:.7f}")]
        low, high = seen.wald
        numbers |= {"wald_low": low, "wald_high": high, "cut": seen.z**2}
        numbers["estimate"] = seen.estimate
        rows += [(f"Wald for {seen.name}", ""), (f"{low:.7f} to", f"{high:.7f}")]
        level = f"{found.level:.0%}"
        ends = f"{seen.limits[0]:.4f} to {seen.limits[1]:.4f}"
        status = f"{level} profile interval of {seen.name}: {ends}."
        alt = (
            f"Zeta and the deviance of {seen.name}, cut at {seen.z**2:.2f}. {status} "
            f"Wald's: {low:.4f} to {high:.4f}."
        )
        return Report(numbers, tuple(rows), status, alt, f"{level} limits by profile likelihood")

    def story(self, found):
        """Raise the cut to the level."""
        curves, name = found.curves, found.picture.name
        for level in [x for x in (0.5, 0.7, 0.8, 0.9, 0.95) if x < found.level] + [found.level]:
            low, high = map(float, confint(curves.fit, level, parm=name).iloc[0])
            picture = _picture(curves, name, (low, high), level)
            self.view.show_cut(picture)
            yield f"{level:.0%}: cut at {picture.z**2:.2f}, from {low:.4f} to {high:.4f}."

    def code_for(self, state):
        """Write fit and limits."""
        y, x, group = _columns(state)
        fixed = f"{y} ~ {x if state['model'] == 3 else 1} + (1|{group})"
        rows = {**state, "sd_e": 0.8}
        python = (
            f"import hlmteach as hlm\n\n{python_rows(rows)}"
            f'model = hlm.lmer("{fixed}", data, REML=False)\n'
            f"print(hlm.confint(model, level={state['level']:g}))\n"
            f'print(hlm.confint(model, level={state["level"]:g}, method="wald"))\n'
        )
        r = (
            f"library(lme4)\n{r_rows(rows)}"
            f"model <- lmer({fixed}, REML = FALSE, data = data)\n"
            f"confint(model, level = {state['level']:g})\n"
            f'confint(model, level = {state["level"]:g}, method = "Wald")\n'
            "library(lattice)\nxyplot(profile(model))\n"
        )
        return {"python": python, "r": r}


def _controls() -> dict:
    sources = [("the tutorial's", "tutorial"), ("simulated", "simulated")]
    parameters = [("the mean, β₀", "(Intercept)"), ("sd of u, .sig01", ".sig01")]
    parameters += [("σ, .sigma", ".sigma"), ("slope, β₁", "slope")]
    levels = [(f"{x:.0%}", x) for x in (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99)]
    return {
        "parameter": make.choice("parameter", "(Intercept)", parameters),
        "level": make.ladder("level", 0.95, levels),
        "model": make.choice("model", 2, [("Model 2.1", 2), ("Model 3.1", 3)]),
        "source": make.choice("data", "tutorial", sources),
        "groups": make.whole("groups", 12, 3, 100),
        "size": make.whole("rows per group", 20, 2, 60),
        "sd_u": make.slider("true sd of u", 0.4, 0, 1, 0.05),
        "seed": make.seed(),
    }


def _columns(state) -> tuple[str, str, str]:
    return ("Satisfaction", "NPD", "Time") if state["source"] == "tutorial" else ("y", "x", "group")


def _fit(state) -> Fit:
    rows = rows_of({**state, "sd_e": 0.8})
    fixed = rows.predictor if state["model"] == 3 else "1"
    return lmer(f"{rows.outcome} ~ {fixed} + (1 | {rows.group})", rows.data, REML=False)


def _chosen(fit: Fit, parameter: str) -> str:
    """The parameter's name in this fit; Model 2.1 has no slope, so its mean stands in."""
    return fit.frame.names[-1] if parameter == "slope" else parameter


def _curves(fit: Fit) -> Curves:
    """Limits at many levels are the profile, read sideways."""
    tables = [confint(fit, 1 - 2 * norm.sf(z)) for z in HEIGHTS]
    names = tables[0].index
    low, high = (np.array([t.to_numpy()[:, side] for t in tables]) for side in (0, 1))
    values = {}
    for k, name in enumerate(names):
        below = low[::-1, k].copy()
        if name.startswith(".sig"):
            below[below == 0] = NAN  # the range ends before zeta gets so low
        values[name] = np.concatenate([below, high[:, k]])
    return Curves(fit, values, np.concatenate([-HEIGHTS[::-1], HEIGHTS]))


def _picture(curves: Curves, name: str, limits, level: float) -> ProfilePicture:
    value, fit = curves.values[name], curves.fit
    estimate = _estimate(fit, name)
    se = float(fit.se[name]) if name in fit.frame.names else _curvature(value, estimate)
    z = float(norm.isf((1 - level) / 2))
    floor = 0.0 if name.startswith(".sig") else NAN
    return ProfilePicture(name, value, curves.zeta, estimate, se, z, limits, floor)


def _estimate(fit: Fit, name: str) -> float:
    if name in fit.frame.names:
        return float(fit.fixef[name])
    return fit.sigma if name == ".sigma" else float(fit.varcorr["sd"].iloc[0])


def _curvature(value, estimate: float) -> float:
    """The standard error that the curvature at the top stands for."""
    middle = len(HEIGHTS)
    return float((value[middle] - estimate) / HEIGHTS[0])


def _words(name: str) -> str:
    return WORDS.get(name, WORDS["slope"])
