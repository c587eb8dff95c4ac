"""Diagnostics: what a model left over, and which groups its estimates rest on."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from hlmteach.datasets import load
from hlmteach.engine.fit import Fit
from hlmteach.inference.simulation.simulate import simulate_groups
from hlmteach.rstyle.verbs import lme
from hlmteach.views.diagnosis import (
    DiagnosisView,
    LeftOut,
    Leftovers,
    read_left_out,
    read_leftovers,
)
from hlmteach.views.style import signed
from hlmteach.widgets.base import Report, TeachingWidget
from hlmteach.widgets.controls import ask, choice, never, seed, slider
from hlmteach.widgets.parts import ALL

MODELS = [("Model 2", "1"), ("Model 3", "NPD"), ("with BPD", "NPD * BPD")]
PARTS = [
    ("e, of rows", "e"),
    ("u, of groups", "u"),
    ("influence", "influence"),
]
SOURCES = [("the tutorial's", "tutorial"), ("simulated", "simulated")]
GROUPS, SIZE = 30, 20
NO_END = 9.0  # the simulated scale ends beyond every row
SIMULATED = {"source": "simulated"}


@dataclass(frozen=True)
class Found:
    """A fit, what it left over, what it is without each group where that is asked, the outcome."""

    fit: Fit
    leftovers: Leftovers
    left_out: LeftOut | None
    outcome: np.ndarray
    part: str


class Diagnostics(TeachingWidget):
    """Residuals show what a model did not know: the end of a scale cuts them off along a diagonal.

    Left: residuals against fitted values, or each group's conditional mode with its interval.
    Right: a normal plot, which is a straight line for normal values. Simulated rows are normal
    until the scale is given an end.

    With "influence", left: Cook's distance of each group, from a fit without it. Right: the last
    coefficient of that fit, between lines one standard error around that of all groups. One of the
    simulated groups can be given another slope. The preset "tutorial" shows the residuals of the
    tutorial's Model 3.

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
        "Residuals show what the model missed. Where a scale ends, no residual can lie above "
        "a sharp edge."
    )
    presets = {
        "tutorial": {},
        "groups": {"part": "u"},
        "no ceiling": {"source": "simulated"},
        "ceiling": {"source": "simulated", "end": 5.5},
        "odd group": {"source": "simulated", "part": "influence", "odd": 1.5},
    }

    inputs = {
        "source": ask(choice, "data", "tutorial", SOURCES, when=never),
        "model": ask(choice, "model", "NPD", MODELS, when={"source": "tutorial"}),
        "part": ask(choice, "look at", "e", PARTS),
        "end": ask(slider, "the scale ends at", NO_END, 4, NO_END, 0.1, digits=1, when=SIMULATED),
        "odd": ask(slider, "group 1 has a slope larger by", 0, 0, 2, 0.1, digits=1, when=SIMULATED),
        "seed": ask(seed, 4, when=SIMULATED),
    }
    picture = DiagnosisView

    def compute(self, state) -> Found:
        """Fit, and read what is left."""
        simulated = state["source"] == "simulated"
        end = state["end"] if simulated else 6.0
        fit = (
            _simulated(state["seed"], state["odd"], end) if simulated else _tutorial(state["model"])
        )
        known = np.nan if simulated and end >= NO_END else end
        left_out = read_left_out(fit) if state["part"] == "influence" else None
        return Found(
            fit=fit,
            leftovers=read_leftovers(fit, known),
            left_out=left_out,
            outcome=fit.y,
            part=state["part"],
        )

    def draw(self, found) -> None:
        """Show rows' or groups' leftovers, or what each group did."""
        self.view.update(found.left_out or found.leftovers, found.part)

    def report(self, found) -> Report:
        """Give the quantiles that R prints, and how many rows sit at the end of the scale."""
        fit, leftovers = found.fit, found.leftovers
        quantiles = np.quantile(fit.resid_scaled, [0, 0.25, 0.5, 0.75, 1])
        names = ("lowest", "quarter", "middle", "three_quarters", "highest")
        at_end = float(np.mean(found.outcome >= leftovers.ceiling - 1e-9))
        numbers = {
            **dict(zip(names, map(float, quantiles), strict=True)),
            "skewness": _skewness(fit.resid),
            "at_end": at_end,
            "groups": float(len(leftovers.u)),
            "u_lowest": float(leftovers.u[0]),
            "u_highest": float(leftovers.u[-1]),
        }
        if found.left_out:
            return _report_left_out(numbers, found.left_out)
        status = (
            f"Residuals from {signed(quantiles[0], 2)} to {signed(quantiles[-1], 2)} sds; "
            f"{at_end:.0%} of the rows sit at the end of the scale."
        )
        if found.part == "u":
            words = (
                "too few to judge a shape" if len(leftovers.u) < 10 else "enough for a rough look"
            )
            status = f"{len(leftovers.u)} groups: {words}."
        alt = (
            f"Left: {'residuals against fitted' if found.part == 'e' else 'caterpillar of u'}; "
            f"right: a normal plot. {status} Skewness of e {numbers['skewness']:.2f}."
        )
        return Report(
            numbers=numbers,
            rows=_table(numbers, found.part),
            status=status,
            alt=alt,
            caption="Residuals, in sds" if found.part == "e" else "Groups' u",
        )

    def story(self, found):
        """What is left, where the scale cuts it off, and whether it is normal."""
        if found.left_out:
            return self.unveil(
                found,
                ("points", "Leave each group out in turn, and fit again: Cook's distance."),
                ("legs", "The longer a leg, the further the model moves."),
                ("normal, line, reach", "And where does the coefficient come to lie?"),
            )
        return self.unveil(
            found,
            ("zero", "What does the model leave over? Zero would be nothing."),
            ("points, legs", "A point for each row drawn, or for each group."),
            ("edge, edge_text", "The end of the scale, where it has one, cuts points off."),
            ("line", "Were they normal, they would follow this line."),
            ("normal, reach", "Do they?"),
        )

    def code_for(self, state):
        """Write the fit and its plots."""
        return {"python": _python(state), "r": _r(state)}


@lru_cache(maxsize=3)
def _tutorial(right: str) -> Fit:
    return lme(f"Satisfaction ~ {right}", load("HLM"), "~1|Time", "ML")


@lru_cache(maxsize=16)
def _simulated(seed: int, odd: float, end: float) -> Fit:
    data = _rows(seed)
    y = data["y"] + odd * data["x"] * (data["group"] == 1)
    return lme("y ~ x", data.assign(y=y.clip(upper=end)), "~1|group", "ML")


@lru_cache(maxsize=4)
def _rows(seed: int) -> pd.DataFrame:
    return simulate_groups(GROUPS, SIZE, beta=(5, 0.3), sd_u=0.4, sigma=0.8, x_sd=(0, 1), seed=seed)


def _skewness(x) -> float:
    apart = x - np.mean(x)
    return float(np.mean(apart**3) / np.mean(apart**2) ** 1.5)


def _report_left_out(numbers, left_out: LeftOut) -> Report:
    """Say which group the last coefficient rests on most."""
    name, term, without = (
        left_out.names[left_out.top],
        left_out.term,
        float(left_out.without[left_out.top]),
    )
    found = {"cooks": float(left_out.cooks.max()), "whole": left_out.whole, "without": without}
    status = (
        f"Cook's distance is largest for {name}: {found['cooks']:.2f}. Without it the coefficient "
        f"of {term} is {signed(without, 3)}, with it {signed(left_out.whole, 3)}."
    )
    alt = (
        "Left: Cook's distance of each group; right: the coefficient without it, from "
        f"{signed(left_out.without.min(), 3)} to {signed(left_out.without.max(), 3)}. {status}"
    )
    rows = (
        ("largest distance", f"{found['cooks']:.4f}"),
        ("of group", name),
        (term, signed(left_out.whole, 4)),
        ("without it", signed(without, 4)),
        ("change, in SE", signed((without - left_out.whole) / left_out.se, 2)),
    )
    return Report(
        numbers={**numbers, **found}, rows=rows, status=status, alt=alt, caption="Influence"
    )


def _table(numbers, part: str) -> tuple:
    names = ("lowest", "quarter", "middle", "three_quarters", "highest")
    labels = ("Min", "Q1", "Med", "Q3", "Max")
    low, *middle, high = (
        (label, signed(numbers[n], 4)) for label, n in zip(labels, names, strict=True)
    )
    of_rows = (
        low,
        high,
        ("skewness", signed(numbers["skewness"], 2)),
        ("at the scale's end", f"{numbers['at_end']:.0%}"),
    )
    of_groups = (
        ("groups", f"{numbers['groups']:.0f}"),
        ("lowest u", signed(numbers["u_lowest"])),
        ("highest u", signed(numbers["u_highest"])),
    )
    first, last = (of_rows, of_groups) if part == "e" else (of_groups, of_rows)
    return (*first, (ALL, ""), *middle, *last)


def _python(state) -> str:
    if state["source"] == "tutorial":
        rows = 'data = hlm.load("HLM")\n'
        fit = f'model = hlm.lme("Satisfaction ~ {state["model"]}", data, random="~1|Time", '
        factor = "Time"
    else:
        odd = f'data["y"] += {state["odd"]} * data["x"] * (data["group"] == 1)\n' * (
            state["odd"] > 0
        )
        rows = (
            f"data = hlm.simulate_groups(\n    {GROUPS}, {SIZE}, beta=(5, 0.3), sd_u=0.4, "
            f"sigma=0.8, x_sd=(0, 1), seed={state['seed']}\n)\n"
            f"{odd}"
            f'data["y"] = data["y"].clip(upper={state["end"]})  # where the scale ends\n'
        )
        fit, factor = 'model = hlm.lme("y ~ x", data, random="~1|group", ', "group"
    see = (
        "left_out = hlm.influence(model)  # each group left out\n"
        "print(model.fixef, left_out.fixef, left_out.cooks)\n"
    )
    return (
        f'import hlmteach as hlm\nimport numpy as np\n\n{rows}{fit}method="ML")\n'
        "print(np.quantile(model.resid_scaled, [0, 0.25, 0.5, 0.75, 1]))\n"
        f'print(model.ranef["{factor}"].sort_values("(Intercept)"))\n'
        f"{see * (state['part'] == 'influence')}"
    )


def _r(state) -> str:
    if state["source"] == "tutorial":
        rows = 'library(foreign)\ndata <- read.spss("HLM.sav", to.data.frame = TRUE)\n'
        model, group = f"Satisfaction ~ {state['model']}", "Time"
    else:
        odd = f"y <- y + {state['odd']} * x * (group == 1)\n" * (state["odd"] > 0)
        rows = (
            f"set.seed({state['seed']})  # R draws other numbers than Python\n"
            f"group <- factor(rep(1:{GROUPS}, each = {SIZE}))\nx <- rnorm({GROUPS * SIZE})\n"
            f"y <- 5 + 0.3 * x + rnorm({GROUPS}, sd = 0.4)[group]\n{odd}"
            f"y <- pmin(y + rnorm({GROUPS * SIZE}, sd = 0.8), {state['end']})\n"
            "data <- data.frame(y, x, group)\n"
        )
        model, group = "y ~ x", "group"
    if state["part"] == "influence":
        return (
            f"library(lme4)\n{rows}model <- lmer({model} + (1 | {group}), data, REML = FALSE)\n"
            f'without <- influence(model, "{group}")[["fixed.effects[-{group}]"]]\n'
            "without                      # the coefficients without each group\n"
            "change <- sweep(without, 2, fixef(model))\n"
            "own <- solve(as.matrix(vcov(model)))\n"
            "rowSums((change %*% own) * change) / length(fixef(model))  # Cook's distance\n"
        )
    return (
        f"library(nlme)\n{rows}model <- lme({model}, data = data, random = ~1|{group}, "
        'method = "ML")\n'
        "plot(model)                  # residuals against fitted\n"
        "qqnorm(model)                # normal plot of e\n"
        "qqnorm(model, ~ranef(.))     # normal plot of u\n"
        "plot(ranef(model))           # the groups; lattice::dotplot() with lme4\n"
    )
