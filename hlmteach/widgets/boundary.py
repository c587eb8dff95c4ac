"""BoundaryTest: what a likelihood ratio does when there is nothing to find."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from hlmteach.engine.fit import Fit
from hlmteach.inference.comparison.nulllaw import NullLRT, null_lrt
from hlmteach.inference.simulation.plan import plan
from hlmteach.views.null_law import NullCounts, NullLawView
from hlmteach.widgets.controls import ask, choice, ladder, seed
from hlmteach.widgets.streaming import StreamingWidget

LEVELS = [("1 %", 0.01), ("5 %", 0.05), ("10 %", 0.10)]


@dataclass(frozen=True)
class Run:
    """Ratios so far, and what the next batch needs; `parts` counts the batches."""

    state: dict
    planned: Fit
    law: NullLRT
    parts: int = 0

    def __len__(self) -> int:
        return len(self.law.ratio)


class BoundaryTest(StreamingWidget):
    """A variance cannot be less than 0, so its likelihood ratio is often exactly 0.

    Studies without any group differences stream in. Bars are the ratios that come up, triangles
    what the usual chi-square table expects, circles what the mixture expects: half of the studies
    at exactly 0. At the right, how often each test rejects, against what it promises.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> widget = hlm.widgets.BoundaryTest()
    >>> widget.add(4000)
    >>> round(widget.results["zero"], 1), round(widget.results["naive"], 2)
    (0.6, 0.01)
    >>> widget.close()
    """

    title = "A ratio, when there is nothing to find"
    sentence = (
        "A variance cannot be below 0. So without group differences its likelihood ratio is "
        "often exactly 0."
    )
    presets = {
        "ten groups": {},
        "three groups": {"groups": 3, "size": 894},
        "many groups": {"groups": 200},
    }
    inputs = {
        "groups": ask(ladder, "groups", 10, [3, 5, 10, 20, 50, 100, 200]),
        "size": ask(ladder, "rows per group", 20, [2, 5, 10, 20, 50, 100, 894]),
        "level": ask(choice, "level", 0.05, LEVELS),
        "seed": ask(seed),
    }
    picture = NullLawView
    table = """
        studies so far | {n:,}
        ratio exactly 0 | {zero:.1%} ± {zero_margin:.1%}
        rejected at {level:.0%} |
        usual table, χ² on 1 df | {naive:.1%} ± {naive_margin:.1%}
        mixture, half at 0 | {mixture:.1%} ± {mixture_margin:.1%}
        all numbers |
        ratio passed by {level:.0%} | {critical:.2f}
    """
    status = (
        "{n:,} studies: {zero:.0%} exactly 0; the usual table rejects {naive:.1%}, "
        "the mixture {mixture:.1%}, promised {level:.0%}."
    )
    alt = (
        "Bars of {n:,} likelihood ratios from studies without group differences. "
        "{zero:.0%} of them are exactly 0, where the usual table expects none and the mixture "
        "half. The bars beyond 0 lie below the lines of both."
    )
    caption = "Counted, ± 2 Monte Carlo SE"
    templates = {
        "python": """
            import hlmteach as hlm
            planned = hlm.plan(n_groups={groups}, n_per_group={size}, beta=0, sd_u=0, reml=False)
            law = hlm.null_lrt(planned, n=10_000, alpha={level:g}, seed={seed})
            print(law)
        """,
        "r": """
            library(nlme)
            set.seed({seed})  # R draws other numbers than Python, and takes longer
            group <- factor(rep(1:{groups}, each = {size}))
            ratio <- replicate(500, {{
              y <- rnorm(length(group))
              small <- gls(y ~ 1, method = "ML")
              large <- lme(y ~ 1, random = ~1|group, method = "ML")
              max(0, 2 * as.numeric(logLik(large) - logLik(small)))
            }})
            mean(ratio < 1e-6)
            mean(pchisq(ratio, 1, lower.tail = FALSE) < {level:g})
            mean(ratio > 1e-6 & pchisq(ratio, 1, lower.tail = FALSE) / 2 < {level:g})
        """,
    }
    most, batch, first, one = 20_000, 250, 250, "One study"

    def begin(self, state) -> Run:
        """Plan the studies; nothing is drawn yet."""
        planned = _planned(state["groups"], state["size"])
        law = NullLRT(np.zeros(0), 1, {0: 0.5, 1: 0.5}, state["level"])
        return Run(state, planned, law)

    def extend(self, run, count):
        """Draw cross-products of studies, fit both models to each."""
        seed = np.random.default_rng([run.state["seed"], run.parts])
        new = null_lrt(run.planned, n=count, alpha=run.law.alpha, seed=seed)
        law = replace(new, ratio=np.concatenate([run.law.ratio, new.ratio]))
        return replace(run, law=law, parts=run.parts + 1)

    def draw(self, found):
        """Show the ratios and the rates."""
        self.view.update(_counts(found.law))

    def story(self, found):
        """Say what was counted, then how often each test rejects."""
        n = len(found)
        return self.unveil(
            found,
            ("count, wanted", f"{n:,} studies, each of groups that do not differ at all."),
            ("bars, zero_label", "Bars: the likelihood ratios that came up. Look at the bar at 0."),
            ("promise", "How often should a test reject when there is nothing to find?"),
            ("spans, dots, rates", "How often each test did."),
        )

    def numbers(self, found):
        """Count zeros and rejections, with twice their Monte Carlo standard errors."""
        (zero, naive, mixture), (_, naive_se, mixture_se) = found.law.rates.tolist()
        return {
            "studies": float(len(found)),
            "zero": zero,
            "naive": naive,
            "mixture": mixture,
            "naive_margin": 2 * naive_se,
            "mixture_margin": 2 * mixture_se,
            "critical": found.law.critical_value,
        }

    def words(self, found):
        """How many studies, and how sure the share of zeros is."""
        return {"n": len(found), "zero_margin": 2 * float(found.law.rates[1, 0])}


@lru_cache(maxsize=8)
def _planned(groups: int, size: int) -> Fit:
    return plan(groups, size, beta=0.0, sd_u=0.0, reml=False)


def _counts(law: NullLRT) -> NullCounts:
    (_, naive, mixture), (_, naive_se, mixture_se) = law.rates.tolist()
    rates = {"naive": naive, "mixture": mixture}
    margins = {"naive": 2 * naive_se, "mixture": 2 * mixture_se}
    return NullCounts(law.ratio, law.alpha, rates, margins)
