"""Diagnostics: what a model left over, and what that says about it."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy.stats import skew

from hlmteach.datasets import load
from hlmteach.engine.fit import Fit
from hlmteach.inference.simulate import simulate_groups
from hlmteach.rstyle.verbs import lme
from hlmteach.views.diagnosis import DiagnosisView, Leftovers, read_leftovers
from hlmteach.views.style import signed
from hlmteach.widgets import controls as make
from hlmteach.widgets.base import Report, TeachingWidget

MODELS = [("Model 2", "1"), ("Model 3", "NPD"), ("with BPD", "NPD * BPD")]
PARTS = [("e: what is left of rows", "e"), ("u: what is left of groups", "u")]
SOURCES = [("the tutorial's", "tutorial"), ("simulated", "simulated")]
GROUPS, SIZE = 30, 20
NO_END = 9.0  # the simulated scale ends beyond every row


@dataclass(frozen=True)
class Found:
    """A fit, what it left over, and the end of the scale."""

    fit: Fit
    seen: Leftovers
    outcome: np.ndarray
    part: str


class Diagnostics(TeachingWidget):
    """Residuals show what a model did not know: the end of a scale cuts them off along a diagonal.

    Residuals show what the model did not know: where a scale ends, no point can lie above a
    hard diagonal edge, and the normal plot bends.

    Left: residuals against fitted values, or each group's conditional mode with its interval.
    Right: a normal plot, which is a straight line for normal values. Simulated rows are normal
    until the scale is given an end.

    Parameters
    ----------
    preset : {"tutorial", "groups", "no ceiling", "ceiling"}
        Where the controls start. "tutorial" shows the residuals of the tutorial's Model 3.
    present : bool
        Large type, for a projector.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> widget = hlm.widgets.Diagnostics()
    >>> round(widget.results["lowest"], 2), round(widget.results["highest"], 2)
    (-5.07, 1.62)
    >>> widget.close()
    """

    title = "What the model left over"
    sentence = (
        "Residuals show what the model did not know: where a scale ends, no point can lie above "
        "a hard diagonal edge, and the normal plot bends."
    )
    presets = {  # noqa: RUF012
        "tutorial": {},
        "groups": {"part": "u"},
        "no ceiling": {"source": "simulated"},
        "ceiling": {"source": "simulated", "end": 5.5},
    }

    def __init__(self, preset: str = "tutorial", *, present: bool = False):
        super().__init__(DiagnosisView(present), _controls(), preset=preset, present=present)

    def shown(self, state):
        """Show the model of the tutorial's rows, or what simulated rows are made by."""
        more = {"end", "seed"} if state["source"] == "simulated" else {"model"}
        return {"source", "part"} | more

    def compute(self, state) -> Found:
        """Fit, and read what is left."""
        simulated = state["source"] == "simulated"
        end = state["end"] if simulated else 6.0
        fit = _simulated(state["seed"], end) if simulated else _tutorial(state["model"])
        known = np.nan if simulated and end >= NO_END else end
        return Found(fit, read_leftovers(fit, known), fit.y, state["part"])

    def draw(self, found) -> None:
        """Show rows' or groups' leftovers."""
        self.view.update(found.seen, found.part)

    def report(self, found) -> Report:
        """Give the quantiles that R prints, and how many rows sit at the end of the scale."""
        fit, seen = found.fit, found.seen
        quantiles = np.quantile(fit.resid_scaled, [0, 0.25, 0.5, 0.75, 1])
        names = ("lowest", "quarter", "middle", "three_quarters", "highest")
        at_end = float(np.mean(found.outcome >= seen.ceiling - 1e-9))
        numbers = {
            **dict(zip(names, map(float, quantiles), strict=True)),
            "skewness": float(skew(fit.resid)),
            "at_end": at_end,
            "groups": float(len(seen.u)),
            "u_lowest": float(seen.u[0]),
            "u_highest": float(seen.u[-1]),
        }
        status = (
            f"Residuals from {signed(quantiles[0], 2)} to {signed(quantiles[-1], 2)} sds; "
            f"{at_end:.0%} of the rows sit at the end of the scale."
        )
        if found.part == "u":
            words = "too few to judge a shape" if len(seen.u) < 10 else "enough for a rough look"
            status = f"{len(seen.u)} groups: {words}."
        alt = (
            f"Left: {'residuals against fitted' if found.part == 'e' else 'caterpillar of u'}; "
            f"right: a normal plot. {status} Skewness of e {numbers['skewness']:.2f}."
        )
        return Report(numbers, _table(numbers), status, alt, "Residuals, in sds")

    def code_for(self, state):
        """Write the fit and its plots."""
        return {"python": _python(state), "r": _r(state)}


def _controls() -> dict:
    return {
        "source": make.choice("data", "tutorial", SOURCES),
        "model": make.choice("model", "NPD", MODELS),
        "part": make.choice("look at", "e", PARTS),
        "end": make.slider("the scale ends at", NO_END, 4, NO_END, 0.1, digits=1),
        "seed": make.seed(),
    }


@lru_cache(maxsize=3)
def _tutorial(right: str) -> Fit:
    return lme(f"Satisfaction ~ {right}", load("HLM"), "~1|Time", "ML")


@lru_cache(maxsize=16)
def _simulated(seed: int, end: float) -> Fit:
    data = _rows(seed)
    return lme("y ~ x", data.assign(y=data["y"].clip(upper=end)), "~1|group", "ML")


@lru_cache(maxsize=4)
def _rows(seed: int) -> pd.DataFrame:
    return simulate_groups(GROUPS, SIZE, beta=(5, 0.3), sd_u=0.4, sigma=0.8, x_sd=(0, 1), seed=seed)


def _table(numbers) -> tuple:
    names = ("lowest", "quarter", "middle", "three_quarters", "highest")
    labels = ("Min", "Q1", "Med", "Q3", "Max")
    return (
        *((label, signed(numbers[n], 4)) for label, n in zip(labels, names, strict=True)),
        ("skewness", signed(numbers["skewness"], 2)),
        ("at the scale's end", f"{numbers['at_end']:.0%}"),
        ("groups", ""),
        ("how many", f"{numbers['groups']:.0f}"),
        ("lowest u", signed(numbers["u_lowest"])),
        ("highest u", signed(numbers["u_highest"])),
    )


def _python(state) -> str:
    if state["source"] == "tutorial":
        rows = 'data = hlm.load("HLM")\n'
        fit = f'model = hlm.lme("Satisfaction ~ {state["model"]}", data, random="~1|Time", '
        factor = "Time"
    else:
        rows = (
            f"data = hlm.simulate_groups(\n    {GROUPS}, {SIZE}, beta=(5, 0.3), sd_u=0.4, "
            f"sigma=0.8, x_sd=(0, 1), seed={state['seed']}\n)\n"
            f'data["y"] = data["y"].clip(upper={state["end"]})  # where the scale ends\n'
        )
        fit, factor = 'model = hlm.lme("y ~ x", data, random="~1|group", ', "group"
    return (
        f'import hlmteach as hlm\nimport numpy as np\n\n{rows}{fit}method="ML")\n'
        "print(np.quantile(model.resid_scaled, [0, 0.25, 0.5, 0.75, 1]))\n"
        f'print(model.ranef["{factor}"].sort_values("(Intercept)"))\n'
    )


def _r(state) -> str:
    if state["source"] == "tutorial":
        rows = 'library(foreign)\ndata <- read.spss("HLM.sav", to.data.frame = TRUE)\n'
        fit = f"model <- lme(Satisfaction ~ {state['model']}, data = data, random = ~1|Time"
    else:
        rows = (
            f"set.seed({state['seed']})  # R draws other numbers than Python\n"
            f"group <- factor(rep(1:{GROUPS}, each = {SIZE}))\nx <- rnorm({GROUPS * SIZE})\n"
            f"y <- 5 + 0.3 * x + rnorm({GROUPS}, sd = 0.4)[group]\n"
            f"y <- pmin(y + rnorm({GROUPS * SIZE}, sd = 0.8), {state['end']})\n"
            "data <- data.frame(y, x, group)\n"
        )
        fit = "model <- lme(y ~ x, data = data, random = ~1|group"
    return (
        f'library(nlme)\n{rows}{fit}, method = "ML")\n'
        "plot(model)                  # residuals against fitted\n"
        "qqnorm(model)                # normal plot of e\n"
        "qqnorm(model, ~ranef(.))     # normal plot of u\n"
        "plot(ranef(model))           # the groups; lattice::dotplot() with lme4\n"
    )
