"""BoundaryTest: what a likelihood ratio does when there is nothing to find."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from hlmteach.engine.fit import Fit
from hlmteach.inference.nulllaw import NullLRT, null_lrt
from hlmteach.inference.plan import plan
from hlmteach.views.null_law import NullCounts, NullLawView
from hlmteach.widgets import controls as make
from hlmteach.widgets.base import Report
from hlmteach.widgets.streaming import StreamingWidget


@dataclass(frozen=True)
class Run:
    """Ratios so far, and what the next batch needs; `parts` counts the batches."""

    planned: Fit
    law: NullLRT
    seed: int
    parts: int = 0

    def __len__(self) -> int:
        return len(self.law.ratio)


class BoundaryTest(StreamingWidget):
    """A variance cannot be less than 0, so its likelihood ratio is often exactly 0.

    A variance cannot be less than 0, so more than half of the time the ratio is exactly 0, and
    the usual table makes the test too cautious.

    Studies without any group differences stream in. Bars are the ratios that come up, triangles
    what the usual chi-square table expects, circles what the mixture expects: half of the studies
    at exactly 0. At the right, how often each test rejects, against what it promises.

    Parameters
    ----------
    preset : {"ten groups", "three groups", "many groups"}
        Where the controls start.
    present : bool
        Large type, for a projector.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> widget = hlm.widgets.BoundaryTest()
    >>> widget.add(4000)
    >>> round(widget.results["zero"], 1), round(widget.results["naive"], 2)
    (0.6, 0.01)
    >>> widget.close()
    """

    title = "The likelihood ratio of a variance, when there is nothing to find"
    sentence = (
        "A variance cannot be less than 0, so more than half of the time the ratio is exactly 0, "
        "and the usual table makes the test too cautious."
    )
    presets = {  # noqa: RUF012
        "ten groups": {},
        "three groups": {"groups": 3, "size": 894},
        "many groups": {"groups": 200},
    }
    most, batch, first, one = 20_000, 250, 250, "One study"

    def __init__(self, preset: str = "ten groups", *, present: bool = False):
        super().__init__(NullLawView(present), _controls(), preset=preset, present=present)

    def begin(self, state) -> Run:
        """Plan the studies; nothing is drawn yet."""
        planned = _planned(state["groups"], state["size"])
        law = NullLRT(np.zeros(0), 1, {0: 0.5, 1: 0.5}, state["level"])
        return Run(planned, law, state["seed"])

    def extend(self, run, count):
        """Draw cross-products of studies, fit both models to each."""
        seed = np.random.default_rng([run.seed, run.parts])
        new = null_lrt(run.planned, n=count, alpha=run.law.alpha, seed=seed)
        law = replace(new, ratio=np.concatenate([run.law.ratio, new.ratio]))
        return replace(run, law=law, parts=run.parts + 1)

    def draw(self, found):
        """Show the ratios and the rates."""
        self.view.update(_counts(found.law))

    def report(self, found) -> Report:
        """Count zeros and rejections, with twice their Monte Carlo standard errors."""
        law, n = found.law, len(found)
        table = law.table.set_index("event")
        zero, naive, mixture = map(tuple, table[["rate", "se"]].to_numpy().tolist())
        numbers = {"studies": float(n), "zero": zero[0], "naive": naive[0], "mixture": mixture[0]}
        numbers |= {"naive_margin": 2 * naive[1], "mixture_margin": 2 * mixture[1]}
        numbers["critical"] = law.critical_value
        level = f"{law.alpha:.0%}"
        rows = (
            ("studies so far", f"{n:,}"),
            ("ratio exactly 0", _percent(*zero)),
            (f"rejected at {level}", ""),
            ("usual table, χ² on 1 df", _percent(*naive)),
            ("mixture, half at 0", _percent(*mixture)),
            (f"ratio passed by {level}", f"{law.critical_value:.2f}"),
        )
        status = (
            f"{n:,} studies: {zero[0]:.0%} exactly 0; the usual table rejects {naive[0]:.1%}, "
            f"the mixture {mixture[0]:.1%}, promised {level}."
        )
        return Report(numbers, rows, status, _alt(found, zero[0]), "Counted, ± 2 Monte Carlo SE")

    def code_for(self, state):
        """Write what draws such studies."""
        J, size, level = state["groups"], state["size"], state["level"]
        python = (
            "import hlmteach as hlm\n"
            f"planned = hlm.plan(n_groups={J}, n_per_group={size}, beta=0, sd_u=0, reml=False)\n"
            f"law = hlm.null_lrt(planned, n=10_000, alpha={level:g}, seed={state['seed']})\n"
            "print(law)\n"
        )
        r = (
            "library(nlme)\n"
            f"set.seed({state['seed']})  # R draws other numbers than Python, and takes longer\n"
            f"group <- factor(rep(1:{J}, each = {size}))\n"
            "ratio <- replicate(500, {\n"
            "  y <- rnorm(length(group))\n"
            '  small <- gls(y ~ 1, method = "ML")\n'
            '  large <- lme(y ~ 1, random = ~1|group, method = "ML")\n'
            "  max(0, 2 * as.numeric(logLik(large) - logLik(small)))\n"
            "})\n"
            "mean(ratio < 1e-6)\n"
            f"mean(pchisq(ratio, 1, lower.tail = FALSE) < {level:g})\n"
            f"mean(ratio > 1e-6 & pchisq(ratio, 1, lower.tail = FALSE) / 2 < {level:g})\n"
        )
        return {"python": python, "r": r}


def _controls() -> dict:
    return {
        "groups": make.ladder("groups", 10, [3, 5, 10, 20, 50, 100, 200]),
        "size": make.ladder("rows per group", 20, [2, 5, 10, 20, 50, 100, 894]),
        "level": make.choice("level", 0.05, [("1 %", 0.01), ("5 %", 0.05), ("10 %", 0.10)]),
        "seed": make.seed(),
    }


@lru_cache(maxsize=8)
def _planned(groups: int, size: int) -> Fit:
    return plan(groups, size, beta=0.0, sd_u=0.0, reml=False)


def _counts(law: NullLRT) -> NullCounts:
    se = law.table["se"].to_numpy()
    rates = {"naive": law.naive_rate, "mixture": law.mixture_rate}
    return NullCounts(law.ratio, law.alpha, rates, {"naive": 2 * se[1], "mixture": 2 * se[2]})


def _percent(rate: float, se: float) -> str:
    return f"{rate:.1%} ± {2 * se:.1%}"


def _alt(found: Run, zero: float) -> str:
    return (
        f"Bars of {len(found):,} likelihood ratios from studies without group differences. "
        f"{zero:.0%} of them are exactly 0, where the usual table expects none and the mixture "
        "half. The bars beyond 0 lie below the lines of both."
    )
