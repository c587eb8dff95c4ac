"""Studies in which some answers are missing, analysed with all rows and with complete cases."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from hlmteach.engine.batch import Batch
from hlmteach.engine.crossprod import Design
from hlmteach.engine.laws import norm
from hlmteach.engine.solve import maximise_each
from hlmteach.engine.somerows import some_rows
from hlmteach.inference.simulation.plan import to_be_drawn

PEOPLE = 200
CHANGE = 0.5  # from before to after, in sds
Z = norm.isf(0.025)
STEEP = 2.0  # how steeply the chance of a gap depends on an answer
REASONS = ("chance", "seen", "unseen")


@dataclass(frozen=True)
class Gappy(Batch):
    """Studies: `before` and `after` (n, 200) of all people, and whether `after` is `missing`."""

    before: np.ndarray
    after: np.ndarray
    missing: np.ndarray


def gappy(reason: str, share: float, corr: float, rng: np.random.Generator, n: int = 1) -> Gappy:
    """Draw n studies of 200 people each, asked before and after.

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
    n : int
    """
    level, *own, chance = rng.standard_normal((n, 4, PEOPLE)).swapaxes(0, 1)
    before, after = (np.sqrt(corr) * level + np.sqrt(1 - corr) * one for one in own)
    deciding = {"chance": 0.0, "seen": before, "unseen": after}[reason]
    steep = 0.0 if reason == "chance" else STEEP
    # P(z < a - 2 y) is `share` over y ~ N(0, 1) where a = norm.ppf(share) sqrt(1 + 4)
    edge = norm.ppf(share) * np.sqrt(1 + steep**2)
    return Gappy(before, CHANGE + after, chance < edge - steep * deciding)


def all_rows(studies: Gappy) -> np.ndarray:
    """The changes and their standard errors (n, 2) by a random intercept per person (ML)."""
    d, there = _design(), ~studies.missing
    answers = np.stack([studies.before, studies.after], axis=2).reshape(-1, 2 * PEOPLE)
    kept = np.stack([np.ones_like(there), there], axis=2).reshape(answers.shape)
    m = some_rows(d, answers, kept, reml=False)
    at = maximise_each(m, None).at
    se = np.sqrt(at.pwrss / m.n * (np.linalg.solve(at.factor, d.X_map[1]) ** 2).sum(axis=1))
    return np.column_stack([at.beta @ d.X_map[1], se])


@cache
def _design() -> Design:
    """The design of a study without gaps: a person's two rows one after the other."""
    columns = {"time": np.tile([0, 1], PEOPLE), "person": np.repeat(np.arange(PEOPLE), 2)}
    return to_be_drawn("y ~ time + (1 | person)", columns, reml=False).design


def complete_cases(studies: Gappy) -> np.ndarray:
    """The same by those who answered twice; of them it is the mean difference."""
    own, twice = studies.after - studies.before, ~studies.missing
    mean, sd = own.mean(axis=1, where=twice), own.std(axis=1, where=twice)
    return np.column_stack([mean, sd / np.sqrt(twice.sum(axis=1))])


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
