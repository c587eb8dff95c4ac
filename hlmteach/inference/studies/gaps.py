"""Studies in which some answers are missing, analysed with all rows and with complete cases."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hlmteach.engine.fit import fit_model
from hlmteach.engine.laws import norm

PEOPLE = 200
CHANGE = 0.5  # from before to after, in sds
Z = norm.isf(0.025)
STEEP = 2.0  # how steeply the chance of a gap depends on an answer
REASONS = ("chance", "seen", "unseen")


@dataclass(frozen=True)
class Gappy:
    """One study: `before` and `after` (n,) of all people, and whether `after` is `missing` (n,)."""

    before: np.ndarray
    after: np.ndarray
    missing: np.ndarray

    @property
    def table(self) -> pd.DataFrame:
        """The rows that are there: y, time (0 or 1), person."""
        n = len(self.before)
        who, time = np.tile(np.arange(1, n + 1), 2), np.repeat([0, 1], n)
        data = pd.DataFrame({"y": np.append(self.before, self.after), "time": time, "person": who})
        return data[np.append(np.full(n, True), ~self.missing)]


def gappy(reason: str, share: float, corr: float, rng: np.random.Generator) -> Gappy:
    """Draw one study of 200 people, asked before and after.

    Parameters
    ----------
    reason : {"chance", "seen", "unseen"}
        What a gap after depends on: nothing, the answer before, or the answer after. Low answers
        are missing more often.
    share : float
        How many are missing after, on average.
    corr : float
        Correlation of a person's answers.
    rng : numpy Generator
    """
    level = np.sqrt(corr) * rng.standard_normal(PEOPLE)
    before, after = level + np.sqrt(1 - corr) * rng.standard_normal((2, PEOPLE))
    deciding = {"chance": 0.0, "seen": before, "unseen": after}[reason]
    steep = 0.0 if reason == "chance" else STEEP
    # P(z < a - 2 y) is `share` over y ~ N(0, 1) where a = norm.ppf(share) sqrt(1 + 4)
    edge = norm.ppf(share) * np.sqrt(1 + steep**2)
    missing = rng.standard_normal(PEOPLE) < edge - steep * deciding
    return Gappy(before, CHANGE + after, missing)


def all_rows(study: Gappy) -> tuple[float, float]:
    """The change and its standard error by a random intercept per person, with all rows (ML)."""
    fit = fit_model("y ~ time + (1 | person)", study.table, reml=False, verb="lmer")
    return float(fit.fixef["time"]), float(fit.se["time"])


def complete_cases(study: Gappy) -> tuple[float, float]:
    """The same by those who answered twice; of them it is the mean difference."""
    own = (study.after - study.before)[~study.missing]
    return float(own.mean()), float(own.std() / np.sqrt(len(own)))


@dataclass(frozen=True)
class OverStudies:
    """Over studies: the mean estimate, and how often 95 % intervals hold the true change."""

    mean: float
    mean_se: float
    coverage: float
    coverage_se: float


def over_studies(estimates_and_se: np.ndarray) -> OverStudies:
    """Sum up the estimates and standard errors (n, 2) of n studies."""
    n, (estimates, se) = len(estimates_and_se), estimates_and_se.T
    covered = np.abs(estimates - CHANGE) <= Z * se
    p = (covered.sum() + 1) / (n + 2)  # so that the error is not 0 where all hold, or none
    return OverStudies(
        mean=float(estimates.mean()),
        mean_se=float(estimates.std(ddof=1) / np.sqrt(n)),
        coverage=float(covered.mean()),
        coverage_se=float(np.sqrt(p * (1 - p) / n)),
    )
