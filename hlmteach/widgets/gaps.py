"""Gaps: what missing answers do to an analysis, by why they are missing."""

from dataclasses import dataclass, replace

import numpy as np

from hlmteach.inference.studies import gaps
from hlmteach.inference.studies.gaps import CHANGE, Gappy
from hlmteach.views.gaps import GapsPicture, GapsView
from hlmteach.widgets.controls import ask, choice, seed, slider
from hlmteach.widgets.streaming import StreamingWidget

WHY = [("chance", "chance"), ("the answer before", "seen"), ("the answer after", "unseen")]
PYTHON = {"chance": "0", "seen": "-2 * before", "unseen": "-2 * (after - 0.5)"}


@dataclass(frozen=True)
class Run:
    """The last study, and what both analyses found in all: (n, 2) estimates and errors.

    `parts` counts the batches.
    """

    state: dict
    last: Gappy | None
    all_rows: np.ndarray
    complete: np.ndarray
    parts: int = 0

    def __len__(self) -> int:
        return len(self.all_rows)


class Gaps(StreamingWidget):
    """Answers are missing by chance, by what was seen, or by what was not.

    Two hundred people are asked before and after; some are missing after. Study by study the
    change is estimated twice: by a random intercept per person with all rows that there are, and
    by those alone who answered twice.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> widget = hlm.widgets.Gaps()
    >>> widget.add(180)
    >>> round(widget.results["all_rows"], 1), widget.results["complete"] < 0.4
    (0.5, True)
    >>> widget.close()
    """

    title = "Why are answers missing?"
    sentence = (
        "If gaps depend on answers that were seen, all rows give the true change, and complete "
        "cases do not."
    )
    presets = {"seen": {}, "chance": {"why": "chance"}, "unseen": {"why": "unseen"}}
    inputs = {
        "why": ask(choice, "gaps depend on", "seen", WHY),
        "share": ask(slider, "share missing after", 0.4, 0.05, 0.7, 0.05),
        "corr": ask(slider, "how alike a person's answers are", 0.6, 0.1, 0.9, 0.05),
        "seed": ask(seed),
    }
    picture = GapsView
    table = """
        true change | {true:.2f}
        all rows, mean | {all_rows:.2f} ± {all_rows_margin:.2f}
        complete cases, mean | {complete:.2f} ± {complete_margin:.2f}
        intervals that hold it: all rows | {covers_all:.0%} ± {covers_all_margin:.0%}
        complete cases | {covers_complete:.0%} ± {covers_complete_margin:.0%}
        studies | {n:,}
    """
    status = "True {true:.2f}; all rows find {all_rows:.2f}, complete cases {complete:.2f}."
    alt = (
        "Left, one study: people's answers before and after, {gone} of 200 missing after. Right, "
        "the changes found in {n:,} studies, about {all_rows:.2f} by all rows and about "
        "{complete:.2f} by complete cases, beside the true {true:.2f}."
    )
    caption = "Over all studies, ± 2 Monte Carlo SE"
    templates = {
        "python": """
            import numpy as np
            import pandas as pd
            from scipy.stats import norm
            import hlmteach as hlm

            level, rest = np.sqrt({corr:g}), np.sqrt(1 - {corr:g})
            found = []
            for seed in range(1, 1 + 200):
                rng = np.random.default_rng([{seed}, seed])
                before, after = level * rng.normal(size=200) + rest * rng.normal(size=(2, 200))
                after += 0.5  # the true change
                edge = norm.ppf({share:g}) * np.sqrt(1 + {steep}**2)
                missing = rng.normal(size=200) < edge + {python_why}
                data = pd.DataFrame({{"y": np.append(before, after)}})
                data["time"] = np.repeat([0, 1], 200)
                data["person"] = np.tile(np.arange(200), 2)
                data = data[np.append(np.full(200, True), ~missing)]
                twice = data[data.groupby("person")["y"].transform("size") == 2]
                fits = [hlm.lmer("y ~ time + (1 | person)", d, REML=False) for d in (data, twice)]
                found.append([(fit.fixef["time"], fit.se["time"]) for fit in fits])
            change, se = np.moveaxis(found, 2, 0)  # studies x (all rows, complete cases)
            means = change.mean(axis=0)
            hold = (np.abs(change - 0.5) < 1.96 * se).mean(axis=0)
            print(means, hold)
        """,
        "r": """
            library(nlme)
            set.seed({seed})  # R draws other numbers than Python
            hold <- replicate(200, {{
              level <- sqrt({corr:g}) * rnorm(200)
              before <- level + sqrt(1 - {corr:g}) * rnorm(200)
              after <- 0.5 + level + sqrt(1 - {corr:g}) * rnorm(200)
              edge <- qnorm({share:g}) * sqrt(1 + {steep}^2)
              missing <- rnorm(200) < edge + {python_why}
              data <- data.frame(y = c(before, after), time = rep(0:1, each = 200), person = 1:200)
              data <- data[c(rep(TRUE, 200), !missing), ]
              twice <- data[ave(data$y, data$person, FUN = length) == 2, ]
              sapply(list(data, twice), function(d) {{
                fit <- lme(y ~ time, data = d, random = ~1|person, method = "ML")
                c(change = fixef(fit)[["time"]], se = sqrt(vcov(fit)["time", "time"]))
              }})
            }})
            apply(hold["change", , ], 1, mean)  # all rows, complete cases
            apply(abs(hold["change", , ] - 0.5) < 1.96 * hold["se", , ], 1, mean)
        """,
    }
    most, batch, first, one = 2_000, 10, 20, "One study"

    def begin(self, state) -> Run:
        """Nothing is drawn yet."""
        nothing = np.zeros((0, 2))
        return Run(state=state, last=None, all_rows=nothing, complete=nothing)

    def extend(self, run, count) -> Run:
        """Draw so many studies more, and analyse each twice."""
        state, rng = run.state, np.random.default_rng([run.state["seed"], run.parts])
        some = gaps.gappy(state["why"], state["share"], state["corr"], rng, count)
        return replace(
            run,
            last=some.take(-1),
            all_rows=np.vstack([run.all_rows, gaps.all_rows(some)]),
            complete=np.vstack([run.complete, gaps.complete_cases(some)]),
            parts=run.parts + 1,
        )

    def draw(self, found):
        """Show the last study and the estimates."""
        study = found.last
        self.view.update(
            GapsPicture(
                before=study.before,
                after=study.after,
                missing=study.missing,
                true=CHANGE,
                all_rows=found.all_rows[:, 0],
                complete=found.complete[:, 0],
            )
        )

    def story(self, found):
        """One study, its gaps, and what each analysis makes of many such studies."""
        return self.unveil(
            found,
            ("pairs, stayed", "Some of two hundred people, before and after: a line for each."),
            ("lost, alone", "These did not answer after. Nobody sees the pink circles."),
            ("all_rows", "Study after study: the change that a mixed model finds with all rows."),
            ("complete, count", "And the change among those alone who answered twice."),
        )

    def numbers(self, found):
        """Mean estimates and coverage of both, with twice their Monte Carlo standard errors."""
        numbers = {"studies": float(len(found)), "true": CHANGE}
        for name, held in (("all_rows", "covers_all"), ("complete", "covers_complete")):
            estimates = getattr(found, name)
            told = gaps.over_studies(estimates)
            numbers |= {name: told.mean, f"{name}_margin": 2 * told.mean_se}
            numbers |= {held: told.coverage, f"{held}_margin": 2 * told.coverage_se}
        return numbers

    def words(self, found):
        """How many studies, and how many gaps in the last."""
        return {"n": len(found), "gone": int(found.last.missing.sum())}

    def code_words(self, state):
        """What a gap depends on."""
        return {
            "python_why": PYTHON[state["why"]],
            "steep": 0 if state["why"] == "chance" else 2,
        }
