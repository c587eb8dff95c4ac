"""LikelihoodClimber: move a mean and an sd, and climb to where the data are most likely."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hlmteach.inference.likelihood import climb, normal_loglik
from hlmteach.recipes.models import Model
from hlmteach.recipes.rows import Rows, Tutorial
from hlmteach.views.climb import ClimbView
from hlmteach.views.style import signed
from hlmteach.widgets.base import TeachingWidget
from hlmteach.widgets.controls import ask, choice, ladder, never, seed, slider

MEANS = np.linspace(3.2, 6.8, 145)
SDS = np.linspace(0.3, 2.2, 153)
ALL = 2681
SOURCES = [("the tutorial's", "tutorial"), ("simulated, normal", "normal")]


@dataclass(frozen=True)
class Outcomes(Rows):
    """Some of the tutorial's outcomes, or as many normal ones."""

    source: str
    size: int
    seed: int

    y = Tutorial.y

    @cached_property
    def outcome(self) -> np.ndarray:
        """The outcome (n,)."""
        rng = np.random.default_rng(self.seed)
        if self.source == "normal":
            return rng.normal(5.088, 0.8193, self.size)
        y = Tutorial().outcome
        return y if self.size == ALL else rng.choice(y, self.size, replace=False)

    @property
    def python(self) -> str:
        """Python that draws or reads them."""
        rng = f"rng = np.random.default_rng({self.seed})\n"
        if self.source == "normal":
            y = f"rng.normal(5.088, 0.8193, {self.size})"
            return f'{rng}data = pd.DataFrame({{"Satisfaction": {y}}})\n'
        draw = f'{rng}y = rng.choice(data["Satisfaction"], {self.size}, replace=False)\n'
        draw += "data = pd.DataFrame({'Satisfaction': y})\n"
        return Tutorial().python + (draw if self.size < ALL else "")

    @property
    def r(self) -> str:
        """R that draws or reads them; its random numbers are others."""
        if self.source == "normal":
            draw = f"data <- data.frame(Satisfaction = rnorm({self.size}, 5.088, 0.8193))\n"
            return f"set.seed({self.seed})  # R draws other numbers than Python\n{draw}"
        draw = f"data <- data[sample(nrow(data), {self.size}), ]\n"
        draw = f"set.seed({self.seed})  # R draws other rows than Python\n{draw}"
        return Tutorial().r + (draw if self.size < ALL else "")


@dataclass(frozen=True)
class Found:
    """Where the sliders stand, and the way (k, 2) from there to the top."""

    state: dict
    rows: Outcomes
    path: np.ndarray


class LikelihoodClimber(TeachingWidget):
    """Maximum likelihood picks the curve under which the data are least surprising.

    Model 1 has two parameters, a mean and an sd. Set them, and the log-likelihood tells how well
    that curve suits the data: it is a hill, and its top is what `gls` prints. Play climbs it.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> widget = hlm.widgets.LikelihoodClimber("tutorial")
    >>> round(widget.results["best"], 3)
    -3269.945
    >>> widget.close()
    """

    title = "Climb the likelihood"
    sentence = (
        "Maximum likelihood picks the mean and the sd under which the data we have are least "
        "surprising."
    )
    presets = {
        "far off": {},
        "tutorial": {"mean": 5.09, "sd": 0.82},
        "too narrow": {"mean": 5.09, "sd": 0.4},
        "twenty people": {"rows": 20},
        "simulated": {"source": "normal"},
    }

    inputs = {
        "mean": ask(slider, "mean", 4.2, 3.4, 6.6, 0.01),
        "sd": ask(slider, "sd", 1.5, 0.35, 2.1, 0.01),
        "source": ask(choice, "data", "tutorial", SOURCES, when=never),
        "rows": ask(ladder, "rows", ALL, [20, 100, 500, ALL]),
        "seed": ask(seed, 1, when=lambda s: s["source"] != "tutorial" or s["rows"] != ALL),
    }
    picture = ClimbView
    table = """
        log-likelihood here | {loglik:+.3f}
        at the top | {best:+.3f}
        still to climb | {gap:.3f}
        all numbers |
        the top: Model 1 by ML |
        mean | {top_mean:.6f}
        sd (divided by n) | {top_sd:.7f}
    """
    status = "Log-likelihood {loglik:+.1f}, {gap:.1f} below the top."
    alt = (
        "A normal curve with mean {mean:.2f} and sd {sd:.2f} over the histogram, "
        "and its place on the hill of log-likelihood. {status}"
    )
    caption = "One mean, one sd"
    templates = {
        "python": """
            import hlmteach as hlm
            import numpy as np
            {pandas}

            {rows}
            print(hlm.normal_loglik(data["{y}"], mean={mean:g}, sd={sd:g}))
            model1 = hlm.gls("{y} ~ 1", data=data, method="ML")
            print(model1.loglik)
        """,
        "r": """
            library(nlme)
            {rows}
            sum(dnorm(data${y}, mean = {mean:g}, sd = {sd:g}, log = TRUE))
            {model1}
            logLik(model1)
        """,
    }
    rests_at = 0  # the climb starts where the sliders stand
    _drawn = None  # the rows whose hill is drawn

    def recipe(self, state):
        """Model 1 of the outcomes."""
        return Outcomes(*(state[name] for name in ("source", "rows", "seed"))), [
            Model(name="model1", effects="")
        ]

    def code_words(self, state):
        """Only what was drawn needs a table of its own."""
        if state["source"] == "normal":
            return {"pandas": "\nimport pandas as pd"}
        return {"pandas": "import pandas as pd" if state["rows"] < ALL else ""}

    def compute(self, state) -> Found:
        """Climb from where the sliders stand."""
        rows, _ = self.recipe(state)
        return Found(state, rows, climb(rows.outcome, state["mean"], state["sd"]))

    def draw(self, found):
        """Show the curve and where it stands on the hill."""
        if found.rows != self._drawn:
            self._drawn, y = found.rows, found.rows.outcome
            self.view.show_data(y, MEANS, SDS, normal_loglik(y, *np.meshgrid(MEANS, SDS)))
        self.view.update(found.state["mean"], found.state["sd"])

    def story(self, found):
        """Climb, step by step."""
        for k, (mean, sd) in enumerate(found.path):
            self.view.update(mean, sd, found.path[: k + 1])
            value = float(normal_loglik(found.rows.outcome, mean, sd))
            last = k == len(found.path) - 1
            step = "The top" if last else f"Step {k}"
            yield f"{step}: mean {mean:.2f}, sd {sd:.2f}, log-likelihood {signed(value, 1)}"

    def numbers(self, found):
        """Give the log-likelihood here, at the top, and the gap; mean and sd are the top's."""
        here, best = (float(normal_loglik(found.rows.outcome, *found.path[end])) for end in (0, -1))
        mean, sd = map(float, found.path[-1])
        return {"loglik": here, "best": best, "gap": best - here, "mean": mean, "sd": sd}

    def words(self, found):
        """Where we are is the state's, the top the numbers'."""
        here = {name: found.state[name] for name in ("mean", "sd")}
        top_mean, top_sd = map(float, found.path[-1])
        return {**here, "top_mean": top_mean, "top_sd": top_sd}
