"""Diagnostics: what a model left over, and which groups its estimates rest on."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from hlmteach.engine.fit import Fit
from hlmteach.recipes.chosen import SOURCES
from hlmteach.recipes.models import Model
from hlmteach.recipes.rows import Tutorial
from hlmteach.recipes.simulated import Simulated
from hlmteach.views.diagnosis import (
    DiagnosisView,
    LeftOut,
    Leftovers,
    read_left_out,
    read_leftovers,
)
from hlmteach.widgets.base import TeachingWidget
from hlmteach.widgets.controls import ask, choice, never, seed, slider

MODELS = [("Model 2", "1"), ("Model 3", "NPD"), ("with BPD", "NPD * BPD")]
PARTS = [("e, of rows", "e"), ("u, of groups", "u"), ("influence", "influence")]
GROUPS, SIZE = 30, 20
NO_END = 9.0  # the simulated scale ends beyond every row
SIMULATED = {"source": "simulated"}
CALL = """
    {groups}, {size}, beta={beta}, sd_u={sd_u}, sigma={sigma}, x_sd=(0, 1), seed={seed}
"""
QUANTILES = ("lowest", "quarter", "middle", "three_quarters", "highest")  # as R prints them
OF_ROWS = """
Min | {lowest:+.4f}
Max | {highest:+.4f}
skewness | {skewness:+.2f}
at the scale's end | {at_end:.0%}"""
OF_GROUPS = """
groups | {groups:.0f}
lowest u | {u_lowest:+.3f}
highest u | {u_highest:+.3f}"""
FOLDED = """
all numbers |
Q1 | {quarter:+.4f}
Med | {middle:+.4f}
Q3 | {three_quarters:+.4f}"""
LEFT_OUT = """\
left_out = hlm.influence(model)  # each group left out
print(model.fixef, left_out.fixef, left_out.cooks)"""
LEFT_OVER_IN_R = """
library(nlme)
{rows}
{model}
plot(model)                  # residuals against fitted
qqnorm(model)                # normal plot of e
qqnorm(model, ~ranef(.))     # normal plot of u
plot(ranef(model))           # the groups; lattice::dotplot() with lme4
"""
LEFT_OUT_IN_R = """
library(lme4)
{rows}
{by_lme4}
without <- influence(model, "{group}")[["fixed.effects[-{group}]"]]
without                      # the coefficients without each group
change <- sweep(without, 2, fixef(model))
own <- solve(as.matrix(vcov(model)))
rowSums((change %*% own) * change) / length(fixef(model))  # Cook's distance
"""


@dataclass(frozen=True, kw_only=True)
class Ended(Simulated):
    """Simulated rows on a scale with an end; the slope of group 1 is larger by `odd`."""

    odd: float
    end: float

    @cached_property
    def outcome(self) -> np.ndarray:
        """The outcome (n,), no larger than the end of the scale."""
        return np.minimum(self.drawn.y + self.odd * self.predictor * (self.codes == 0), self.end)

    @property
    def python(self) -> str:
        """Python that draws the rows."""
        odd = f'data["y"] += {self.odd} * data["x"] * (data["group"] == 1)\n' if self.odd else ""
        end = f'data["y"] = data["y"].clip(upper={self.end})  # where the scale ends\n'
        return f"{super().python}{odd}{end}"

    @property
    def r(self) -> str:
        """R that draws such rows."""
        odd = f"data$y <- data$y + {self.odd} * data$x * (data$group == 1)\n" if self.odd else ""
        return f"{super().r}{odd}data$y <- pmin(data$y, {self.end})  # where the scale ends\n"


@dataclass(frozen=True)
class Found:
    """A fit, what it left over, and what it is without each group where that is asked."""

    state: dict
    fit: Fit
    leftovers: Leftovers
    left_out: LeftOut | None


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
    chosen_by = "part"
    table = {
        "e": OF_ROWS + FOLDED + OF_GROUPS,
        "u": OF_GROUPS + FOLDED + OF_ROWS,
        "influence": """
            largest distance | {cooks:.4f}
            of group | {top}
            {term} | {whole:+.4f}
            without it | {without:+.4f}
            change, in SE | {change:+.2f}
        """,
    }
    status = {
        "e": "Residuals from {lowest:+.2f} to {highest:+.2f} sds; {at_end:.0%} of the rows sit at "
        "the end of the scale.",
        "u": "{groups:.0f} groups: {enough}.",
        "influence": "Cook's distance is largest for {top}: {cooks:.2f}. Without it the "
        "coefficient of {term} is {without:+.3f}, with it {whole:+.3f}.",
    }
    alt = {
        "e": "Left: residuals against fitted; right: a normal plot. {status} "
        "Skewness of e {skewness:.2f}.",
        "u": "Left: caterpillar of u; right: a normal plot. {status} Skewness of e {skewness:.2f}.",
        "influence": "Left: Cook's distance of each group; right: the coefficient without it, from "
        "{least:+.3f} to {most:+.3f}. {status}",
    }
    caption = {"e": "Residuals, in sds", "u": "Groups' u", "influence": "Influence"}
    templates = {
        "python": """
            import hlmteach as hlm
            import numpy as np

            {rows}
            {model}
            print(np.quantile(model.resid_scaled, [0, 0.25, 0.5, 0.75, 1]))
            print(model.ranef["{group}"].sort_values("(Intercept)"))
            {left_out}
        """,
        "r": {"e": LEFT_OVER_IN_R, "u": LEFT_OVER_IN_R, "influence": LEFT_OUT_IN_R},
    }

    def recipe(self, state):
        """The tutorial's rows or simulated ones, and a random intercept."""
        if state["source"] == "tutorial":
            return Tutorial(), [Model(name="model", fixed=state["model"])]
        rows = Ended(
            groups=GROUPS,
            size=SIZE,
            beta=(5, 0.3),
            sd_u=0.4,
            sigma=0.8,
            seed=state["seed"],
            call=CALL,
            odd=state["odd"],
            end=state["end"],
        )
        return rows, [Model(name="model", fixed="{x}")]

    def compute(self, state) -> Found:
        """Fit, and read what is left."""
        fit, end = super().compute(state).fits["model"], 6.0
        if state["source"] == "simulated":
            end = state["end"] if state["end"] < NO_END else np.nan
        left_out = read_left_out(fit) if state["part"] == "influence" else None
        return Found(state=state, fit=fit, leftovers=read_leftovers(fit, end), left_out=left_out)

    def draw(self, found) -> None:
        """Show rows' or groups' leftovers, or what each group did."""
        self.view.update(found.left_out or found.leftovers, found.state["part"])

    def numbers(self, found):
        """Give the quantiles that R prints, and how many rows sit at the end of the scale."""
        fit, u, left_out = found.fit, found.leftovers.u, found.left_out
        quantiles = np.quantile(fit.resid_scaled, [0, 0.25, 0.5, 0.75, 1])
        numbers = {
            **dict(zip(QUANTILES, map(float, quantiles), strict=True)),
            "skewness": _skewness(fit.resid),
            "at_end": float(np.mean(fit.y >= found.leftovers.ceiling - 1e-9)),
            "groups": float(len(u)),
            "u_lowest": float(u[0]),
            "u_highest": float(u[-1]),
        }
        if left_out:
            without = float(left_out.without[left_out.top])
            cooks = float(left_out.cooks.max())
            numbers |= {"cooks": cooks, "whole": left_out.whole, "without": without}
        return numbers

    def words(self, found):
        """Whether groups are enough to judge, or which of them the last coefficient rests on."""
        if left_out := found.left_out:
            without = left_out.without
            return {
                "top": left_out.names[left_out.top],
                "term": left_out.term,
                "change": float((without[left_out.top] - left_out.whole) / left_out.se),
                "least": float(without.min()),
                "most": float(without.max()),
            }
        few = len(found.leftovers.u) < 10
        return {"enough": "too few to judge a shape" if few else "enough for a rough look"}

    def code_words(self, state):
        """What leaves each group out; in R that is lme4."""
        rows, (model,) = self.recipe(state)
        return {
            "left_out": LEFT_OUT if state["part"] == "influence" else "",
            "by_lme4": replace(model, verb="lmer").r(rows).rstrip(),
        }

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


def _skewness(x) -> float:
    apart = x - np.mean(x)
    return float(np.mean(apart**3) / np.mean(apart**2) ** 1.5)
