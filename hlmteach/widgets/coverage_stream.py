"""CoverageStream: what 95 % of a confidence interval is a percentage of."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from hlmteach.datasets import load
from hlmteach.engine.fit import Fit
from hlmteach.inference.plan import plan
from hlmteach.inference.repeated import Intervals, intervals
from hlmteach.rstyle.verbs import lmer
from hlmteach.views.coverage import CoveragePicture, CoverageView
from hlmteach.widgets import controls as make
from hlmteach.widgets.base import Report
from hlmteach.widgets.streaming import StreamingWidget

METHODS = {
    "ols": "ignoring the groups",
    "wald_ml": "Wald, ML: ± z SE",
    "wald_reml": "Wald, REML: ± z SE",
    "t": "t, REML: groups − 1 df",
    "profile": "profile likelihood",
}


@dataclass(frozen=True)
class Run:
    """The truth, how intervals are made, and those so far; `parts` counts the batches."""

    truth: Fit
    method: str
    below: float
    above: float
    seed: int
    intervals: Intervals | None = None
    parts: int = 0

    def __len__(self) -> int:
        return 0 if self.intervals is None else len(self.intervals)


class CoverageStream(StreamingWidget):
    """The 95 % belong to the method: of many studies' intervals, so many hold the truth.

    The truth stands still and the interval moves: 95 % is how often the method catches it, and
    with few groups many methods catch it less often than they promise.

    The truth stands still, and the studies come and go. An interval that misses it is bold and has
    a triangle, which points to the side on which it lies. At the right, the hits are counted
    against the level that was promised, with the counter's own Monte Carlo error.

    Parameters
    ----------
    preset : {"three groups", "three groups, t", "thirty groups", "1 % to 96 %", "groups ignored"}
        Where the controls start. "three groups" repeats the tutorial's study.
    present : bool
        Large type, for a projector.

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
        "The truth stands still and the interval moves: 95 % is how often the method catches it, "
        "and with few groups many methods catch it less often than they promise."
    )
    presets = {  # noqa: RUF012
        "three groups": {},
        "three groups, t": {"method": "t"},
        "thirty groups": {"source": "planned", "groups": 30},
        "1 % to 96 %": {"source": "planned", "groups": 100, "below": 0.2},
        "groups ignored": {"method": "ols"},
    }
    most, first, one = 10_000, 100, "One study"
    loose = frozenset({"pace"})

    def __init__(self, preset: str = "three groups", *, present: bool = False):
        super().__init__(CoverageView(present), _controls(), preset=preset, present=present)

    @property
    def batch(self) -> int:
        """Studies in a beat."""
        return self.controls["pace"].value

    def shown(self, state):
        """A planned study has a size of its own."""
        own = {"groups", "size", "icc"}
        return set(self.controls) - (own if state["source"] == "tutorial" else set())

    def begin(self, state) -> Run:
        """Take the truth, and what the limits leave out on either side."""
        truth = _truth(state["source"], state["groups"], state["size"], state["icc"])
        left_out = 1 - state["level"]
        below = left_out * state["below"]
        return Run(truth, state["method"], below, left_out - below, state["seed"])

    def extend(self, run, count) -> Run:
        """Repeat the study so many times more."""
        seed = np.random.default_rng([run.seed, run.parts])
        new = intervals(run.truth, count, seed, run.method, run.below, run.above)
        found = new if run.intervals is None else run.intervals + new
        return replace(run, intervals=found, parts=run.parts + 1)

    def draw(self, found):
        """Show the last intervals and the count."""
        level = 1 - found.below - found.above
        groups = len(found.truth.frame.factors[0].levels)
        reach = (6.5 if groups < 6 else 4.5) * float(found.truth.se.iloc[0])
        self.view.update(CoveragePicture(found.intervals, level, reach, self.most))

    def report(self, found) -> Report:
        """Count hits and misses, with twice the Monte Carlo standard error."""
        seen, n = found.intervals, len(found)
        level = 1 - found.below - found.above
        numbers = {
            "studies": float(n),
            "coverage": seen.coverage,
            "margin": seen.margin,
            "level": level,
            "too_high": float(seen.truth_below.mean()),
            "too_low": float(seen.truth_above.mean()),
            "width": float(np.median(seen.high - seen.low)),
        }
        rows = (
            ("studies so far", f"{n:,}"),
            ("promised", f"{level:.0%}"),
            ("hits", f"{seen.coverage:.1%} ± {seen.margin:.1%}"),
            ("misses", f"{n - int(seen.covers.sum()):,}"),
            ("▶ wholly above", f"{numbers['too_high']:.1%}, meant {found.below:.1%}"),
            ("◀ wholly below", f"{numbers['too_low']:.1%}, meant {found.above:.1%}"),
            ("width, median", f"{numbers['width']:.3f}"),
            ("the limits", f"{found.below:.3g} and {1 - found.above:.3g}"),
        )
        status = f"{n:,} studies: {seen.coverage:.1%} hold the truth, promised {level:.0%}."
        words = METHODS[found.method]
        return Report(numbers, rows, status, _alt(found, words), f"{words}; ± 2 Monte Carlo SE")

    def code_for(self, state):
        """Write what draws such studies and counts."""
        return {"python": _python(state), "r": _r(state)}


def _controls() -> dict:
    sources = [("the tutorial's three occasions", "tutorial"), ("a study of your own", "planned")]
    share = "The share of what the interval leaves out that lies below it; 20 % is 1 % to 96 %"
    shares = [(f"{x:.0%}", x) for x in (0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.98)]
    paces = [(f"{k} a beat", k) for k in (1, 5, 25, 100)]
    return {
        "source": make.choice("repeat", "tutorial", sources),
        "method": make.menu("interval by", "wald_ml", [(t, m) for m, t in METHODS.items()]),
        "level": make.ladder(
            "level", 0.95, [("80 %", 0.8), ("90 %", 0.9), ("95 %", 0.95), ("99 %", 0.99)]
        ),
        "below": make.ladder("left out below", 0.5, shares, share),
        "groups": make.ladder("groups", 10, [3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 100]),
        "size": make.ladder("rows per group", 20, [2, 5, 10, 20, 50, 100, 894]),
        "icc": make.ladder("ICC", 0.1, [0.0065, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8]),
        "pace": make.ladder("pace", 25, paces),
        "seed": make.seed(),
    }


@lru_cache(maxsize=8)
def _truth(source: str, groups: int, size: int, icc: float) -> Fit:
    if source == "tutorial":
        return lmer("Satisfaction ~ 1 + (1 | Time)", load("HLM"), REML=False)
    sds = {"sd_u": icc**0.5, "sigma": (1 - icc) ** 0.5}
    return plan(groups, size, beta=5.0, **sds, reml=False)


def _alt(found: Run, words: str) -> str:
    seen = found.intervals
    return (
        f"Intervals of the last studies around the true mean {seen.truth:.2f}, by {words}. Missing "
        f"ones are bold, with a triangle. {seen.coverage:.0%} of {len(seen):,} hold the truth."
    )


# -- the same as code --------------------------------------------------------------------------


def _python(state) -> str:
    lines = ["import hlmteach as hlm\n"]
    if state["source"] == "tutorial":
        lines.append('truth = hlm.lmer("Satisfaction ~ 1 + (1|Time)", hlm.load("HLM"), REML=False)')
    else:
        between, within = f"{state['icc']:g}**0.5", f"(1 - {state['icc']:g})**0.5"
        lines += [
            "truth = hlm.plan(",
            f"    {state['groups']}, {state['size']}, beta=5.0, sd_u={between},",
            f"    sigma={within}, reml=False,",
            ")",
        ]
    if state["below"] == 0.5:
        lines.append(
            f'print(hlm.coverage(truth, level={state["level"]:g}, methods="{state["method"]}", '
            f"n=10_000, seed={state['seed']}))"
        )
    else:
        lines += _python_limits(state)
    return "\n".join(lines) + "\n"


def _python_limits(state) -> list[str]:
    """Limits that are not symmetric: by confint for one study, in a loop for many."""
    level, method = state["level"], "profile" if state["method"] == "profile" else "wald"
    below = (1 - level) * state["below"]
    return [
        "hits = 0",
        f"for y in hlm.simulate(truth, n=200, seed={state['seed']}):",
        f'    limits = hlm.confint(truth.refit(y), {level:g}, "{method}", alpha_lower={below:.4g})',
        '    low, high = limits.loc["(Intercept)"]',
        '    hits += low < truth.fixef["(Intercept)"] < high',
        "print(hits / 200)",
    ]


def _r(state) -> str:
    below = (1 - state["level"]) * state["below"]
    quantiles = f"c({below:.4g}, {below + state['level']:.4g})"
    lines = ["library(lme4)", f"set.seed({state['seed']})  # R draws other numbers than Python"]
    if state["source"] == "tutorial":
        lines += ["library(foreign)", 'data <- read.spss("HLM.sav", to.data.frame = TRUE)']
        lines += ["n <- table(data$Time); tau <- .06596515; sigma <- .8165719; mu <- 5.092783"]
    else:
        tau, sigma = f"sqrt({state['icc']:g})", f"sqrt({1 - state['icc']:g})"
        lines += [f"n <- rep({state['size']}, {state['groups']})"]
        lines += [f"tau <- {tau}; sigma <- {sigma}; mu <- 5"]
    lines += [
        "g <- factor(rep(seq_along(n), n))",
        "hits <- replicate(500, {",
        "  y <- mu + rnorm(length(n), sd = tau)[g] + rnorm(length(g), sd = sigma)",
        *_r_interval(state, quantiles),
        "  limits[1] < mu && mu < limits[2]",
        "})",
        "mean(hits)",
    ]
    return "\n".join(lines) + "\n"


def _r_interval(state, quantiles: str) -> list[str]:
    method = state["method"]
    if method == "ols":
        fit = "lm(y ~ 1)"
    else:
        fit = f"lmer(y ~ 1 + (1|g), REML = {str(method in ('wald_reml', 't')).upper()})"
    if method == "profile":
        level = f"1 - 2 * {quantiles}"
        return [
            f"  fit <- {fit}",
            f"  level <- {level}  # a level for each limit: one above, one below the median",
            '  limits <- c(confint(fit, "(Intercept)", level[1])[1],',
            '              confint(fit, "(Intercept)", -level[2])[2])',
        ]
    q = {
        "ols": f"qt({quantiles}, length(y) - 1)",
        "t": f"qt({quantiles}, length(n) - 1)",
    }.get(method, f"qnorm({quantiles})")
    return [
        f"  fit <- {fit}",
        f"  limits <- coef(summary(fit))[1, 1] + {q} * coef(summary(fit))[1, 2]",
    ]
