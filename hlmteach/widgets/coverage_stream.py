"""CoverageStream: what 95 % of a confidence interval is a percentage of."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from hlmteach.engine.fit import Fit
from hlmteach.inference.simulation.plan import plan
from hlmteach.inference.simulation.simulate import draw
from hlmteach.inference.studies.repeated import Intervals, intervals_of
from hlmteach.inference.studies.sample import Sample
from hlmteach.recipes.chosen import course_model
from hlmteach.recipes.rows import Tutorial
from hlmteach.views.coverage import CoveragePicture, CoverageView
from hlmteach.widgets.controls import ask, choice, ladder, menu, never, seed
from hlmteach.widgets.streaming import StreamingWidget

METHODS = {
    "ols": "ignoring the groups",
    "wald_ml": "Wald, ML: ± z SE",
    "wald_reml": "Wald, REML: ± z SE",
    "t": "t, REML: groups − 1 df",
    "profile": "profile likelihood",
}
CHOSEN = [(text, method) for method, text in METHODS.items()]
PLANNED = {"source": "planned"}
SOURCES = [("the tutorial's", "tutorial"), ("a study of your own", "planned")]
LEVELS = [("80 %", 0.8), ("90 %", 0.9), ("95 %", 0.95), ("99 %", 0.99)]
SHARE = "The share of what the interval leaves out that lies below it; 20 % is 1 % to 96 %"
SHARES = [(f"{x:.0%}", x) for x in (0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.98)]
COUNT = 'print(hlm.coverage(truth, level={level:g}, methods="{method}", n=10_000, seed={seed}))'
COUNT_LIMITS = """\
hits = 0
for y in hlm.simulate(truth, n=200, seed={seed}):
    limits = hlm.confint(truth.refit(y), {level:g}, "{by}", alpha_lower={below:.4g})
    low, high = limits.loc["(Intercept)"]
    hits += low < truth.fixef["(Intercept)"] < high
print(hits / 200)"""
ML, REML = (f"lmer(y ~ 1 + (1|g), REML = {reml})" for reml in ("FALSE", "TRUE"))
IN_R = {  # what R fits, and the quantiles that its standard error is multiplied by
    "ols": ("lm(y ~ 1)", "qt({}, length(y) - 1)"),
    "wald_ml": (ML, "qnorm({})"),
    "wald_reml": (REML, "qnorm({})"),
    "t": (REML, "qt({}, length(n) - 1)"),
    "profile": (ML, "{}"),
}
BY_SE = "limits <- coef(summary(fit))[1, 1] + {law} * coef(summary(fit))[1, 2]"
BY_PROFILE = """\
level <- 1 - 2 * {law}  # a level for each limit: one above, one below the median
  limits <- c(confint(fit, "(Intercept)", level[1])[1],
              confint(fit, "(Intercept)", -level[2])[2])"""
TUTORIAL_IN_R = """
library(lme4)
set.seed({seed})  # R draws other numbers than Python
library(foreign)
data <- read.spss("HLM.sav", to.data.frame = TRUE)
n <- table(data$Time); tau <- .06596515; sigma <- .8165719; mu <- 5.092783"""
PLANNED_IN_R = """
library(lme4)
set.seed({seed})  # R draws other numbers than Python
n <- rep({size}, {groups})
tau <- sqrt({icc:g}); sigma <- sqrt({rest:g}); mu <- 5"""
STUDIES_IN_R = """
g <- factor(rep(seq_along(n), n))
hits <- replicate(500, {{
  y <- mu + rnorm(length(n), sd = tau)[g] + rnorm(length(g), sd = sigma)
  fit <- {fit}
  {limits}
  limits[1] < mu && mu < limits[2]
}})
mean(hits)"""


@dataclass(frozen=True)
class Run:
    """The truth, what intervals leave out, and those so far; `parts` counts the batches."""

    state: dict
    truth: Fit
    below: float
    above: float
    intervals: Intervals | None = None
    parts: int = 0

    def __len__(self) -> int:
        return 0 if self.intervals is None else len(self.intervals)


class CoverageStream(StreamingWidget):
    """The 95 % belong to the method: of many studies' intervals, so many hold the truth.

    The truth stands still, and the studies come and go. An interval that misses it is bold and has
    a triangle, which points to the side on which it lies. At the right, the hits are counted
    against the level that was promised, with the counter's own Monte Carlo error. The preset "three
    groups" repeats the tutorial's study.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> widget = hlm.widgets.CoverageStream()
    >>> widget.add(4000)
    >>> round(widget.results["coverage"], 1)
    0.8
    >>> widget.set(method="t")
    >>> widget.results["coverage"] > 0.9
    True
    >>> widget.close()
    """

    title = "A hundred studies, a hundred intervals"
    sentence = (
        "The truth stands still and intervals come and go. 95 % says how often they catch it."
    )
    presets = {
        "three groups": {},
        "three groups, t": {"method": "t"},
        "thirty groups": {"source": "planned", "groups": 30},
        "1 % to 96 %": {"source": "planned", "groups": 100, "below": 0.2},
        "groups ignored": {"method": "ols"},
    }
    most, batch, first, one = 10_000, 25, 100, "One study"

    inputs = {
        "source": ask(choice, "repeat", "tutorial", SOURCES),
        "method": ask(menu, "interval by", "wald_ml", CHOSEN),
        "level": ask(ladder, "level", 0.95, LEVELS, when={"source": "tutorial"}),
        "below": ask(ladder, "left out below", 0.5, SHARES, SHARE, when=PLANNED),
        "groups": ask(ladder, "groups", 10, [3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 100], when=PLANNED),
        "size": ask(ladder, "rows per group", 20, [2, 5, 10, 20, 50, 100, 894], when=never),
        "icc": ask(ladder, "ICC", 0.1, [0.0065, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8], when=PLANNED),
        "seed": ask(seed),
    }
    picture = CoverageView
    table = """
        studies so far | {studies:,.0f}
        promised | {level:.0%}
        hits | {coverage:.1%} ± {margin:.1%}
        ▶ too high, meant {below:.1%} | {too_high:.1%}
        ◀ too low, meant {above:.1%} | {too_low:.1%}
        width, median | {width:.3f}
        all numbers |
        misses | {misses:,}
        the limits | {limits}
    """
    status = "{studies:,.0f} studies: {coverage:.1%} hold the truth, promised {level:.0%}."
    alt = (
        "Intervals of the last studies around the true mean {truth:.2f}, by {method_said}. "
        "Missing ones are bold, with a triangle. {coverage:.0%} of {studies:,.0f} hold the truth."
    )
    caption = "{method_said}; ± 2 Monte Carlo SE"
    chosen_by = "source"
    templates = {
        "python": {
            "tutorial": """
                import hlmteach as hlm

                truth = hlm.lmer("Satisfaction ~ 1 + (1|Time)", hlm.load("HLM"), REML=False)
                {count}
            """,
            "planned": """
                import hlmteach as hlm

                truth = hlm.plan(
                    {groups}, {size}, beta=5.0, sd_u={icc:g}**0.5,
                    sigma=(1 - {icc:g})**0.5, reml=False,
                )
                {count}
            """,
        },
        "r": {
            "tutorial": TUTORIAL_IN_R + STUDIES_IN_R,
            "planned": PLANNED_IN_R + STUDIES_IN_R,
        },
    }

    def begin(self, state) -> Run:
        """Take the truth, and what the limits leave out on either side."""
        truth = _truth(*_studied(state))
        left_out = 1 - state["level"]
        below = left_out * state["below"]
        return Run(state=state, truth=truth, below=below, above=left_out - below)

    def extend(self, run, count) -> Run:
        """Repeat the study so many times more."""
        sample = _sample(_studied(run.state), count, (run.state["seed"], run.parts))
        new = intervals_of(sample, run.state["method"], run.below, run.above)
        found = new if run.intervals is None else run.intervals + new
        return replace(run, intervals=found, parts=run.parts + 1)

    def draw(self, found):
        """Show the last intervals and the count."""
        level = 1 - found.below - found.above
        groups = len(found.truth.frame.factors[0].levels)
        reach = (6.5 if groups < 6 else 4.5) * float(found.truth.beta_se[0])
        self.view.update(CoveragePicture(found.intervals, level, reach, self.most))

    def numbers(self, found):
        """Count hits and misses, with twice the Monte Carlo standard error."""
        seen = found.intervals
        return {
            "studies": float(len(found)),
            "coverage": seen.coverage,
            "margin": seen.margin,
            "level": 1 - found.below - found.above,
            "too_high": float(seen.truth_below.mean()),
            "too_low": float(seen.truth_above.mean()),
            "width": float(np.median(seen.high - seen.low)),
        }

    def words(self, found):
        """How the intervals are made, what they should leave out, and how many miss."""
        seen = found.intervals
        return {
            "method_said": METHODS[found.state["method"]],
            "truth": seen.truth,
            "misses": len(found) - int(seen.covers.sum()),
            "below": found.below,
            "above": found.above,
            "limits": f"{found.below:.3g} and {1 - found.above:.3g}",
        }

    def story(self, found):
        """The truth, studies that aim at it, and the count."""
        return self.unveil(
            found,
            ("truth, truth_label", "The truth. It stands still, and no study knows it."),
            ("lines, dots, sides", "Each study draws an interval. Bold ones miss the truth."),
            ("promise, promise_label", "So many should hit: that is what the level promises."),
            ("running, margin, now", "So many did, counted from the first study on."),
        )

    def code_words(self, state):
        """How an interval comes from a fit, and how they are counted."""
        below = (1 - state["level"]) * state["below"]
        fit, law = IN_R[state["method"]]
        words = {
            **state,
            "below": below,
            "by": "profile" if state["method"] == "profile" else "wald",
            "law": law.format(f"c({below:.4g}, {below + state['level']:.4g})"),
        }
        return {
            "rest": 1 - state["icc"],
            "count": (COUNT if state["below"] == 0.5 else COUNT_LIMITS).format_map(words),
            "fit": fit,
            "limits": (BY_PROFILE if state["method"] == "profile" else BY_SE).format_map(words),
        }


@lru_cache(maxsize=8)
def _sample(studied: tuple, count: int, seed: tuple) -> Sample:
    """Studies and their fits: another level takes other limits of the same ones."""
    truth = _truth(*studied)
    return Sample(truth, draw(truth, count, np.random.default_rng(seed)))


def _studied(state) -> tuple:
    return tuple(state[name] for name in ("source", "groups", "size", "icc"))


@lru_cache(maxsize=8)
def _truth(source: str, groups: int, size: int, icc: float) -> Fit:
    if source == "tutorial":
        return course_model("model2", verb="lmer").fit(Tutorial())
    sds = {"sd_u": icc**0.5, "sigma": (1 - icc) ** 0.5}
    return plan(groups, size, beta=5.0, **sds, reml=False)
