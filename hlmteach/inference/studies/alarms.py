"""False alarms: how often a test of an effect that is not there calls it significant."""

from dataclasses import dataclass

import numpy as np

from hlmteach.engine.fit import Fit
from hlmteach.engine.laws import norm
from hlmteach.inference.simulation.plan import position
from hlmteach.inference.studies.study import rejections
from hlmteach.inference.variance.icc import design_effect


@dataclass(frozen=True)
class Alarms:
    """Of `n` studies without an effect, how many each model calls significant at 5 %.

    `single` is least squares, `mixed` the mixed model. Two of them add up, so that a count can
    go on.
    """

    n: int = 0
    single: int = 0
    mixed: int = 0

    def __add__(self, other: "Alarms") -> "Alarms":
        """Count both."""
        return Alarms(self.n + other.n, self.single + other.single, self.mixed + other.mixed)

    def rate(self, model: str) -> float:
        """The share of false alarms of the "single"-level or the "mixed" model."""
        return getattr(self, model) / self.n

    def margin(self, model: str) -> float:
        """Two Monte Carlo standard errors of that share; not 0 where the count is 0 or n."""
        share = (getattr(self, model) + 1) / (self.n + 2)
        return float(2 * np.sqrt(share * (1 - share) / self.n))


def count_alarms(truth: Fit, term: str, n: int = 1000, seed=None) -> Alarms:
    """Count false alarms of least squares and of the mixed model on the same n new studies.

    Studies are drawn from `truth` (equation 34), and the coefficient is tested against its true
    value, so that every rejection at 5 % is a false alarm. The mixed model is fitted by REML and
    tests with containment degrees of freedom, as `hlm.type1` does for a predictor of its own.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> planned = hlm.plan(20, 20, sd_u=0.3**0.5, sigma=0.7**0.5, x_sd=(1, 0))
    >>> alarms = count_alarms(planned, "x", n=2000, seed=1)
    >>> alarms.rate("single") > 0.4, abs(alarms.rate("mixed") - 0.05) < 0.02
    (True, True)
    """
    k = position(truth, term)
    counts = rejections(truth, k, [truth.beta[k]], ("ols", "t"), 0.05, None, n, seed)
    return Alarms(n, counts["ols", 0], counts["t", 0])


def alarm_rate(variance_ratio, level: float = 0.05) -> np.ndarray:
    """Expected share of false alarms of a test that takes a variance for 1 / ratio of its size.

    2 Phi(-z / sqrt(ratio)) in large samples (equation 40); `variance_ratio` gives the ratio.

    Examples
    --------
    >>> [round(float(rate), 3) for rate in alarm_rate([1.0, 2.9, 0.9])]
    [0.05, 0.25, 0.039]
    """
    return 2 * norm.sf(norm.isf(level / 2) / np.sqrt(np.asarray(variance_ratio, float)))


def variance_ratio(icc: float, size: float, level: int) -> float:
    """The true variance of a balanced effect over what least squares takes it for.

    Level 2, the same for all rows of a group: the design effect 1 + (n - 1) ICC (equation 26).
    Level 1, balanced within every group: 1 - ICC.

    References
    ----------
    Kish (1965), Survey Sampling, chapter 5.

    Examples
    --------
    >>> variance_ratio(0.1, 21, level=2), variance_ratio(0.1, 21, level=1)
    (3.0, 0.9)
    """
    return design_effect(icc, size) if level == 2 else 1 - icc
