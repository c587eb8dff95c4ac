"""Studies in which some answers are missing, analysed with all rows and with complete cases."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from hlmteach.engine.fit import Fit
from hlmteach.engine.laws import norm
from hlmteach.inference.simulation.plan import to_be_drawn

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
    def outcome(self) -> np.ndarray:
        """The answers that are there: before of those who stayed and of the others, then after."""
        stayed = ~self.missing
        return np.concatenate([self.before[stayed], self.before[self.missing], self.after[stayed]])


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
    fit = _design(int(study.missing.sum())).refit(study.outcome)
    return float(fit.fixef["time"]), float(fit.se["time"])


@lru_cache(maxsize=PEOPLE)
def _design(gone: int) -> Fit:
    """The model of a study that so many people left: which ones makes no difference to it."""
    who = np.append(np.arange(PEOPLE), np.arange(PEOPLE - gone))
    time = np.arange(len(who)) >= PEOPLE
    columns = {"time": time.astype(int), "person": who + 1}
    return to_be_drawn("y ~ time + (1 | person)", columns, reml=False)


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
