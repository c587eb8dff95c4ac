"""Degrees of freedom of each coefficient's t value, by Satterthwaite's method."""

import numpy as np
import pandas as pd

from hlmteach.engine.fit import Fit, fit_method
from hlmteach.engine.solve import evaluate
from hlmteach.inference.profiling import check_optimum

STEP = 1e-4  # in theta
FLAT = 1e-8  # eigenvalue of the Hessian (diagonal one) below which a direction does not count


@fit_method
def satterthwaite(fit: Fit) -> pd.Series:
    """Satterthwaite's degrees of freedom for each fixed coefficient.

    With v the squared standard error as a function of the variance parameters, and var(v) by the
    delta method from the inverse Hessian of the criterion that was minimised (ML or REML):

        df = 2 v^2 / var(v)                                                            (31)

    Parameters
    ----------
    fit : Fit

    Returns
    -------
    Series
        By coefficient name; n - p for a model without random effects.

    Raises
    ------
    ModelError
        For a fit made by `.at`.

    References
    ----------
    Satterthwaite (1946), Biometrics Bulletin 2, 110-114; Kuznetsova, Brockhoff and Christensen
    (2017), Journal of Statistical Software 82(13).

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model = hlm.lmer("Reaction ~ Days + (Days | Subject)", data=hlm.load("sleepstudy"))
    >>> hlm.satterthwaite(model).round(3).tolist()
    [17.0, 17.0]
    """
    check_optimum(fit, "satterthwaite")
    df = np.full(fit.design.p, float(fit.n_obs - fit.design.p))
    if fit.design.n_theta:
        gradient, H = _gradient_of_log_variances(fit), _hessian(fit)
        df = 1 / (np.einsum("kp,kl,lp->p", gradient, _inverse(H), gradient) + 1 / _n(fit))
    return pd.Series(df, list(fit.frame.names), name="df")


def _n(fit: Fit) -> int:
    """What sigma^2 divides the residual sum of squares by."""
    return fit.n_obs - fit.design.p if fit.reml else fit.n_obs


def _around(fit: Fit) -> np.ndarray:
    """Theta moved up, then down, along each axis (2 k, k)."""
    steps = STEP * np.eye(fit.design.n_theta)
    return fit.white_theta + np.concatenate([steps, -steps])


def _evaluate(fit: Fit, theta: np.ndarray, order: int):
    """The criterion at several theta, all factors' shapes alike."""
    one = fit.response.take(np.zeros(1, int))
    if fit.design.others:
        return [evaluate(fit.design, one, row[None], fit.reml, order) for row in theta]
    every = fit.response.take(np.zeros(len(theta), int))
    return [evaluate(fit.design, every, theta, fit.reml, order)]


def _gradient_of_log_variances(fit: Fit) -> np.ndarray:
    """The derivatives (k, p) by theta of log v, sigma being at its best for each theta."""
    found = _evaluate(fit, _around(fit), 0)
    factor, pwrss = (np.concatenate([getattr(c, f) for c in found]) for f in ("factor", "pwrss"))
    half = np.linalg.solve(factor, fit.design.X_map.T)
    log_v = np.log((half**2).sum(axis=1) * pwrss[:, None])
    up, down = np.split(log_v, 2)
    return (up - down) / (2 * STEP)


def _hessian(fit: Fit) -> np.ndarray:
    """The criterion's second derivatives (k, k) by theta, sigma profiled out."""
    if not fit.design.others:
        return _evaluate(fit, fit.white_theta[None], 2)[0].hessian[0]
    gradients = np.concatenate([c.gradient for c in _evaluate(fit, _around(fit), 1)])
    up, down = np.split(gradients, 2)
    H = (up - down) / (2 * STEP)
    return 0.5 * (H + H.T)


def _inverse(H: np.ndarray) -> np.ndarray:
    """H^-1, leaving out directions in which the criterion is flat, as at a singular fit."""
    scale = np.sqrt(np.maximum(np.abs(np.diag(H)), 1e-300))
    values, vectors = np.linalg.eigh(H / np.outer(scale, scale))
    kept = vectors[:, values > FLAT] / np.sqrt(values[values > FLAT])
    return (kept @ kept.T) / np.outer(scale, scale)
