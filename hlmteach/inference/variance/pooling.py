"""How much of its own mean a group keeps: from complete pooling, by the model's choice, to none."""

from dataclasses import dataclass, replace

import numpy as np

from hlmteach.engine.fit import Fit
from hlmteach.engine.solve import evaluate
from hlmteach.errors import ModelError
from hlmteach.inference.simulation.replicates import refit_many
from hlmteach.inference.simulation.simulate import draw

MOST_KEPT = 0.9999  # of its own mean that a group keeps: no pooling, in all digits that are shown


@dataclass(frozen=True)
class PoolingCurve:
    """How well each amount of pooling fits: `sd` (m,) of u, and likelihood over its maximum."""

    sd: np.ndarray
    likelihood: np.ndarray


def typical_size(fit: Fit) -> float:
    """The harmonic mean of the groups' sizes."""
    sizes = np.bincount(fit.frame.factors[0].codes)
    return float(len(sizes) / (1 / sizes).sum())


def kept_share(fit: Fit) -> float:
    """What a group of typical size keeps of its own deviation (equation 33).

    0 pools completely, 1 not at all: theta^2 / (theta^2 + 1/n).

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model2 = hlm.lmer("Satisfaction ~ 1 + (1|Time)", data=hlm.load("HLM"), REML=False)
    >>> round(kept_share(model2), 3)
    0.853
    """
    theta = float(fit.theta[0])
    return theta**2 / (theta**2 + 1 / typical_size(fit))


def at_pooling(fit: Fit, kept: float) -> Fit:
    """The same model where a group of typical size keeps the share `kept`, the rest estimated.

    Parameters
    ----------
    fit : Fit
        With one random intercept.
    kept : float
        From 0, complete pooling, to 1, none.

    Returns
    -------
    Fit
        Evaluated at that theta; beta and sigma are the best ones there.

    Raises
    ------
    ModelError
        When kept is no share.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model2 = hlm.lmer("Satisfaction ~ 1 + (1|Time)", data=hlm.load("HLM"), REML=False)
    >>> [round(float(at_pooling(model2, kept).fixef.iloc[0]), 4) for kept in (0, 0.853, 1)]
    [5.088, 5.0928, 5.0936]
    """
    if not 0 <= kept <= 1:
        raise ModelError(f"kept={kept!r} is a share: it must be between 0 and 1.")
    kept = min(kept, MOST_KEPT)
    theta = np.sqrt(kept / (1 - kept) / typical_size(fit)) * _unit(fit)
    solution = evaluate(fit.design, fit.response, theta[None], fit.reml)
    return replace(fit, white_theta=theta, solution=solution, given_sigma=None)


def _unit(fit: Fit) -> np.ndarray:
    """The engine's theta (1,) where the sd of u equals sigma."""
    return fit.at(sd=fit.sigma, sigma=fit.sigma).white_theta


def pooling_curve(fit: Fit, most: float, points: int = 90) -> PoolingCurve:
    """The profile likelihood of the sd of u (equation 29) up to `most`, relative to its maximum."""
    theta = np.linspace(0, 1.3 * most / fit.sigma, points)
    same = fit.response.take(np.zeros(points, int))
    at = evaluate(fit.design, same, theta[:, None] * _unit(fit), fit.reml)
    best = float(fit.solution.value[0])
    sigma = fit.sigma * np.sqrt(at.pwrss / fit.solution.pwrss[0])
    return PoolingCurve(theta * sigma, np.exp((best - at.value) / 2))


def repeated_sds(fit: Fit, sd: float, sigma: float, n: int = 1000, seed=None) -> np.ndarray:
    """Estimates (n,) of the sd of u from n new studies of this design, where sd and sigma are true.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> planned = hlm.plan(n_groups=2, n_per_group=30, beta=5, sd_u=0.4)
    >>> sds = repeated_sds(planned, 0.4, 1.0, seed=1)
    >>> bool(sds.min() == 0.0), bool(sds.max() > 1)
    (True, True)
    """
    return refit_many(fit, draw(fit.at(sd=sd, sigma=sigma), n, seed)).sd[:, 0]
