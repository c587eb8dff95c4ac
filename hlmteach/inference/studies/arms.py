"""Planned studies of two arms: whole groups in an arm, or half of each group."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from hlmteach.engine import laws
from hlmteach.engine.fit import Fit
from hlmteach.inference.simulation.plan import contained_df, position, to_be_drawn
from hlmteach.inference.studies.sample import draws


def two_arms(n_groups: int, n_per_group: int, level: int, icc: float) -> Fit:
    """A study of two arms that is still to be done, its outcome with a variance of 1.

    Parameters
    ----------
    n_groups, n_per_group : int
    level : {1, 2}
        Whether half of each group is in an arm (1), or half of the groups (2).
    icc : float
        The share of the variance that lies between groups (equation 25).

    Returns
    -------
    Fit
        Of "y ~ arm + (1 | group)", with the variances asked for: for `hlm.power`.
    """
    share = np.sqrt([icc, 1 - icc])
    return _design(n_groups, n_per_group, level).at(sd=share[0], sigma=share[1])


@lru_cache(maxsize=64)
def _design(n_groups: int, n_per_group: int, level: int) -> Fit:
    row = np.arange(n_groups * n_per_group)
    own = row // n_per_group
    arm = own >= n_groups / 2 if level == 2 else row % 2 == 1
    columns = {"arm": arm.astype(float), "group": own + 1}
    return to_be_drawn("y ~ arm + (1 | group)", columns, reml=True)


@dataclass(frozen=True)
class Studies:
    """Studies of one plan as they came out, whatever the effect: it only moves the estimates.

    `errors` (n,) are the estimates less the true value, `se` (n,) their standard errors by REML.
    """

    errors: np.ndarray
    se: np.ndarray
    df: float

    def found(self, effect: float) -> int:
        """In how many studies the t test at 5 % finds an effect of this size (equation 30)."""
        return int((np.abs(self.errors + effect) / self.se > self._limit).sum())

    @cached_property
    def _limit(self) -> float:
        """The |t| that is significant at 5 %: the same for every effect."""
        return float(laws.t.isf(0.025, self.df))


def draw_studies(planned: Fit, n: int, seed) -> Studies:
    """Draw a planned study n times; `hlm.power` counts the same studies."""
    arm = position(planned, "arm")
    parts = [sample.reml for sample in draws(planned, n, seed)]
    return Studies(
        errors=np.concatenate([part.fixef[:, arm] for part in parts]) - planned.fixef.iloc[arm],
        se=np.concatenate([part.se[:, arm] for part in parts]),
        df=float(contained_df(planned)[arm]),
    )
