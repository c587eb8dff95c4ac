"""One study repeated many times: an interval from each, and which of them miss."""

from dataclasses import dataclass

import numpy as np

from hlmteach.engine import laws
from hlmteach.engine.fit import Fit
from hlmteach.errors import ModelError
from hlmteach.inference.simulation.plan import contained_df
from hlmteach.inference.simulation.simulate import draw
from hlmteach.inference.studies.sample import Sample, check_methods

HALVINGS = 22  # of the bracket around a profile limit: to a millionth of its first width
MOST_DOUBLINGS = 40  # doublings of that bracket, after which no limit is in sight


@dataclass(frozen=True)
class Intervals:
    """Estimates and limits (B,) of repeated studies, and the truth that they are after.

    Two of them add up, so that a stream can go on.
    """

    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray
    truth: float

    def __len__(self) -> int:
        return len(self.estimate)

    def __add__(self, other: "Intervals") -> "Intervals":
        pairs = ((getattr(self, f), getattr(other, f)) for f in ("estimate", "low", "high"))
        return Intervals(*(np.concatenate(pair) for pair in pairs), self.truth)

    @property
    def truth_below(self) -> np.ndarray:
        """Where the truth lies below the lower limit (B,)."""
        return self.truth < self.low

    @property
    def truth_above(self) -> np.ndarray:
        """Where the truth lies above the upper limit (B,)."""
        return self.truth > self.high

    @property
    def covers(self) -> np.ndarray:
        """Where the interval holds the truth (B,)."""
        return ~(self.truth_below | self.truth_above)

    @property
    def coverage(self) -> float:
        """The share of intervals that hold the truth."""
        return float(self.covers.mean())

    @property
    def margin(self) -> float:
        """Two Monte Carlo standard errors of the coverage, never those of a share of 0 or 1."""
        p = (self.covers.sum() + 1) / (len(self) + 2)
        return float(2 * np.sqrt(p * (1 - p) / len(self)))


def intervals(
    truth: Fit, n: int, seed=None, method: str = "t", below: float = 0.025, above: float = 0.025
) -> Intervals:
    """Intervals for the first fixed coefficient from n new studies (equations 29 and 30).

    Parameters
    ----------
    truth : Fit
        The model that is true, at its estimates: a fit, `fit.at(...)`, or `hlm.plan(...)`.
    n : int
        Number of studies.
    seed : int, numpy Generator or None
        The same seed draws the same studies.
    method : str
        "ols", "wald_ml", "wald_reml", "t" or "profile", as in `hlm.coverage`.
    below, above : float
        How often the truth may lie below the lower, and above the upper limit: .01 and .04 for
        limits at 1 % and 96 %.

    Returns
    -------
    Intervals

    Raises
    ------
    ModelError
        For an unknown method, or shares that leave no interval.

    References
    ----------
    Morey, Hoekstra, Rouder, Lee and Wagenmakers (2016), Psychonomic Bulletin and Review 23,
    103-123.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model2 = hlm.lmer("Satisfaction ~ 1 + (1|Time)", hlm.load("HLM"), REML=False)
    >>> round(intervals(model2, 4000, seed=1, method="wald_ml").coverage, 2)
    0.78
    """
    check_methods(method)
    if not (0 < below < 0.5 and 0 < above < 0.5):
        raise ModelError(
            f"below={below!r} and above={above!r} are shares of studies: each must be more than 0 "
            "and less than .5."
        )
    return intervals_of(Sample(truth, draw(truth, n, seed)), method, below, above)


def intervals_of(sample: Sample, method: str, below: float, above: float) -> Intervals:
    """The intervals of studies that were drawn; as `intervals`."""
    if method == "profile":
        return _profile(sample, below, above)
    truth, refits = sample.fit, sample.refits(method)
    df = {"ols": truth.n_obs - truth.design.p, "t": contained_df(truth)[0]}.get(method, np.inf)
    estimate, se = refits.fixef[:, 0], refits.se[:, 0]
    low = estimate - laws.t.isf(below, df) * se
    return Intervals(estimate, low, estimate + laws.t.isf(above, df) * se, _value(truth))


def _value(truth: Fit) -> float:
    return float(truth.beta[0])


def _profile(sample: Sample, below: float, above: float) -> Intervals:
    """Where the likelihood ratio of a held coefficient reaches z squared, on either side."""
    estimate, se = sample.ml.fixef[:, 0], sample.ml.se[:, 0]
    limits = [
        estimate + side * _rise(sample, estimate, side * se, laws.norm.isf(share))
        for side, share in ((-1, below), (1, above))
    ]
    return Intervals(estimate, *limits, _value(sample.fit))


def _rise(sample: Sample, estimate, step, z: float) -> np.ndarray:
    """How far (B,) in the direction of step the ratio has risen to z squared, by halving."""

    def short(distance):
        return sample.likelihood_ratio(0, estimate + np.sign(step) * distance) < z**2

    far = z * np.abs(step)
    for _ in range(MOST_DOUBLINGS):
        if not (near := short(far)).any():
            break
        far = np.where(near, 2 * far, far)
    inside = np.zeros_like(far)
    for _ in range(HALVINGS):
        middle = 0.5 * (inside + far)
        near = short(middle)
        inside, far = np.where(near, middle, inside), np.where(near, far, middle)
    return 0.5 * (inside + far)
