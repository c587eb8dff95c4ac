"""PowerPlanner: how many groups, and how many rows in each, a study needs."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from hlmteach.inference.studies.arms import Studies, draw_studies, two_arms
from hlmteach.views.power import PowerPicture, PowerView
from hlmteach.widgets.controls import ask, choice, ladder, seed, slider
from hlmteach.widgets.streaming import StreamingWidget

GROUPS = (6, 10, 14, 20, 30, 40, 60, 80)
SIZES = (5, 20, 80)
LEVELS = [("whole groups", 2), ("half of each group", 1)]
ICCS = [0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5]
TOLD = ((20, 5), (20, 20), (20, 80), (40, 5), (40, 20))  # groups and rows that the table tells


@dataclass(frozen=True)
class Run:
    """How often each planned study found the effect, `n` times each; `parts` counts batches."""

    state: dict
    found: np.ndarray
    n: int = 0
    parts: int = 0

    def __len__(self) -> int:
        return self.n

    @property
    def rates(self) -> np.ndarray:
        """Shares (S, K) of studies that found it."""
        return self.found / self.n

    @property
    def margins(self) -> np.ndarray:
        """Twice the Monte Carlo standard errors, which are not 0 where a share is."""
        p = (self.found + 1) / (self.n + 2)
        return 2 * np.sqrt(p * (1 - p) / self.n)


class PowerPlanner(StreamingWidget):
    """Power by the number of groups and of rows, counted over studies that are drawn.

    Each point is a planned study of two arms. It is drawn again and again, and each time a t test
    at 5 % looks for an effect that is there. Bars say how far the count itself may be off.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> widget = hlm.widgets.PowerPlanner()
    >>> widget.add(500)
    >>> widget.results["power_20_80"] > widget.results["power_40_5"] > 0.5
    True
    >>> widget.close()
    """

    title = "How many groups, how many rows?"
    sentence = (
        "Where whole groups are compared, more groups bring power, and more rows per group soon "
        "do not."
    )
    presets = {
        "whole groups": {},
        "half of each group": {"level": 1},
        "no effect": {"effect": 0.0},
    }
    inputs = {
        "level": ask(choice, "an arm is", 2, LEVELS),
        "effect": ask(slider, "effect, in sds of y", 0.4, 0, 1, 0.05),
        "icc": ask(ladder, "ICC", 0.1, ICCS, "Share of the variance between groups"),
        "seed": ask(seed),
    }
    picture = PowerView
    table = """
        20 groups of 5 | {power_20_5:.0%} ± {margin_20_5:.0%}
        20 groups of 20 | {power_20_20:.0%} ± {margin_20_20:.0%}
        20 groups of 80 | {power_20_80:.0%} ± {margin_20_80:.0%}
        40 groups of 5 | {power_40_5:.0%} ± {margin_40_5:.0%}
        40 groups of 20 | {power_40_20:.0%} ± {margin_40_20:.0%}
        studies of each | {n:,}
    """
    status = (
        "20 groups: {power_20_5:.0%} with 5 rows each, {power_20_80:.0%} with 80. "
        "40 groups of 5: {power_40_5:.0%}."
    )
    alt = (
        "Power over 6 to 80 groups, a curve each for 5, 20 and 80 rows per group, from {n:,} "
        "studies per point. {status}"
    )
    caption = "Power, ± 2 Monte Carlo SE"
    templates = {
        "python": """
            import numpy as np
            import pandas as pd
            import hlmteach as hlm

            for groups, rows in [(20, 5), (20, 20), (20, 80), (40, 5), (40, 20)]:
                row = np.arange(groups * rows)
                arm = {python_arm}
                y = np.random.default_rng(0).normal(size=len(row))  # any: only the design counts
                data = pd.DataFrame({{"y": y, "arm": arm.astype(float), "group": row // rows}})
                fit = hlm.lmer("y ~ arm + (1 | group)", data)
                planned = fit.at(sd={icc:g}**0.5, sigma={rest:g}**0.5)
                study = hlm.power(planned, "arm", effects={effect:g}, n=2_000, seed={seed})
                print(groups, rows, study.table["rate"][0])
        """,
        "r": """
            library(nlme)
            set.seed({seed})  # R draws other numbers than Python, and takes longer
            power <- function(groups, rows) {{
              row <- 0:(groups * rows - 1)
              group <- row %/% rows + 1
              arm <- as.numeric({r_arm})
              p <- replicate(100, {{
                y <- {effect:g} * arm + rnorm(groups, sd = sqrt({icc:g}))[group]
                y <- y + rnorm(length(row), sd = sqrt({rest:g}))
                summary(lme(y ~ arm, random = ~1|group))$tTable["arm", "p-value"]
              }})
              mean(p < .05)
            }}
            c(power(20, 5), power(20, 20), power(20, 80), power(40, 5), power(40, 20))
        """,
    }
    most, batch, first, one = 2_000, 50, 100, "One study each"

    def begin(self, state) -> Run:
        """Nothing is drawn yet."""
        return Run(state, np.zeros((len(SIZES), len(GROUPS))))

    def extend(self, run, count) -> Run:
        """Draw so many studies more at each point."""
        state = run.state
        plans = _drawn(state["level"], state["icc"], state["seed"], run.parts, count)
        more = [[studies.found(state["effect"]) for studies in row] for row in plans]
        return replace(run, found=run.found + more, n=run.n + count, parts=run.parts + 1)

    def draw(self, found):
        """Show the counts."""
        self.view.update(_picture(found))

    def story(self, found):
        """What is wanted of a study, then a curve for each number of rows per group."""
        view, picture = self.view, _picture(found)
        view.show_curves(picture, 0)
        yield "A study should find an effect that is there: in four of five studies, dashed."
        for many, size in enumerate(SIZES, start=1):
            view.show_curves(picture, many)
            yield f"{size} rows per group. Each point is one plan, drawn {len(found):,} times."
        yield "Bars: how far a count may be off. More studies shorten them."

    def numbers(self, found):
        """The power of some of the studies, with twice its Monte Carlo standard error."""
        numbers = {"studies": float(len(found))}
        for J, n in TOLD:
            place = SIZES.index(n), GROUPS.index(J)
            numbers[f"power_{J}_{n}"] = float(found.rates[place])
            numbers[f"margin_{J}_{n}"] = float(found.margins[place])
        return numbers

    def words(self, found):
        """How many studies."""
        return {"n": len(found)}

    def code_words(self, state):
        """Who is in which arm, and what is left of the variance."""
        whole = state["level"] == 2
        return {
            "python_arm": "row // rows >= groups / 2" if whole else "row % 2 == 1",
            "r_arm": "group > groups / 2" if whole else "row %% 2 == 1",
            "rest": 1 - state["icc"],
        }


@lru_cache(maxsize=64)
def _drawn(level: int, icc: float, seed: int, part: int, count: int) -> list[list[Studies]]:
    """One part of the studies at each point; they serve every effect."""
    rng = np.random.default_rng([seed, part])
    return [[draw_studies(two_arms(J, n, level, icc), count, rng) for J in GROUPS] for n in SIZES]


def _picture(run: Run) -> PowerPicture:
    return PowerPicture(
        groups=GROUPS, sizes=SIZES, rates=run.rates, margins=run.margins, n=len(run)
    )
