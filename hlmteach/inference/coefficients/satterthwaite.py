"""Degrees of freedom by Satterthwaite's method: of coefficients, and of any combination of them."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from hlmteach.engine.fit import Fit, fit_method
from hlmteach.engine.solve import evaluate
from hlmteach.inference.coefficients.references import FTest, Reference, directions_of
from hlmteach.inference.profiling.limits import check_optimum

THETA_STEP = 1e-4  # in theta
FLAT_EIGENVALUE = 1e-8  # of the Hessian (diagonal one): below it a direction does not count
ALIKE = 1e-8  # degrees of freedom nearer than this are one


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
    freedom = by_satterthwaite(fit).df(np.eye(fit.design.p))
    return pd.Series(freedom, list(fit.frame.names), name="df")


@dataclass(frozen=True)
class Satterthwaite(Reference):
    """`change` (k, p, p) of the covariance by theta, in its units, and what is known of theta.

    `around` is the inverse Hessian (k, k), `n` what sigma^2 is divided by.
    """

    white: np.ndarray
    change: np.ndarray
    around: np.ndarray
    n: int

    def df(self, L) -> np.ndarray:
        """2 v^2 / var(v) of each row (equation 31)."""
        w = L @ self.white
        v = np.einsum("kp,pq,kq->k", L, self.vcov, L)
        moved = np.einsum("kp,tpq,kq->tk", w, self.change, w) / v
        return freedom(moved, self.around, self.n)

    def test(self, L, value) -> FTest:
        """Equation 48: the eigenvectors of L V L' are independent tests of one row each."""
        T, q = directions_of(L, self.vcov)
        nu = self.df(T @ L)
        return FTest(float(((T @ value) ** 2).sum() / q), q, _pooled(nu))


def freedom(log_change, around, n: int) -> np.ndarray:
    """The df (m,) of variances whose logarithms change by theta as (k, m), sigma at its best."""
    return 1 / (np.einsum("tm,ts,sm->m", log_change, around, log_change) + 1 / n)


def variance_df(fit: Fit, variance_of) -> np.ndarray:
    """Satterthwaite's df (m,) of any variances (m,) that a function makes of the fit."""
    check_optimum(fit, "predict")
    n = fit.n_effective if fit.design.groupings else fit.n_obs - fit.design.p
    now, moved = variance_of(fit), np.zeros((0, 1))
    if fit.design.n_theta:
        values = np.stack([variance_of(_moved(fit, theta)) for theta in around(fit)])
        up, down = np.split(values, 2)
        moved = (up - down) / (2 * THETA_STEP * now)
    return freedom(moved, theta_covariance(fit), n) * np.ones(len(now))


def _moved(fit: Fit, theta: np.ndarray) -> Fit:
    """The same model at another theta, sigma and beta at their best there."""
    solution = evaluate(fit.design, fit.response, theta[None], fit.reml)
    return replace(fit, white_theta=theta, solution=solution, given_sigma=None)


def _pooled(nu) -> float:
    """The df of the mean of squared t of nu (q,) df, by its expectation."""
    if len(nu) == 1 or np.ptp(nu) < ALIKE:
        return float(nu.mean())
    if not np.all(nu > 2):
        return 2.0
    expected = (nu / (nu - 2)).sum()
    return float(2 * expected / (expected - len(nu)))


def by_satterthwaite(fit: Fit) -> Satterthwaite:
    """What a combination of coefficients is compared with, by Satterthwaite's method."""
    check_optimum(fit, "satterthwaite")
    p, scale = fit.design.p, (fit.se_factor * fit.y_scale) ** 2 / fit.n_effective
    change = np.zeros((0, p, p))
    if fit.design.n_theta:
        up, down = np.split(_white_covariances(fit), 2)
        change = scale * (up - down) / (2 * THETA_STEP)
    return Satterthwaite(
        vcov=fit.se_factor**2 * fit.vcov.to_numpy(),
        white=fit.design.X_map,
        change=change,
        around=theta_covariance(fit),
        n=fit.n_effective if fit.design.groupings else fit.n_obs - p,
    )


def around(fit: Fit) -> np.ndarray:
    """Theta moved up, then down, along each axis (2 k, k)."""
    steps = THETA_STEP * np.eye(fit.design.n_theta)
    return fit.white_theta + np.concatenate([steps, -steps])


def _evaluate(fit: Fit, theta: np.ndarray, order: int):
    """The criterion at several theta, all factors' shapes alike."""
    one = fit.response.take(np.zeros(1, int))
    if fit.design.others:
        return [evaluate(fit.design, one, row[None], fit.reml, order) for row in theta]
    every = fit.response.take(np.zeros(len(theta), int))
    return [evaluate(fit.design, every, theta, fit.reml, order)]


def _white_covariances(fit: Fit) -> np.ndarray:
    """(X' V^-1 X)^-1 pwrss of the standardised X (2 k, p, p) around theta, sigma at its best."""
    evaluations = _evaluate(fit, around(fit), 0)
    factor, pwrss = (
        np.concatenate([getattr(c, f) for c in evaluations]) for f in ("factor", "pwrss")
    )
    half = np.linalg.inv(factor)
    return half.swapaxes(1, 2) @ half * pwrss[:, None, None]


def theta_covariance(fit: Fit) -> np.ndarray:
    """The inverse (k, k) of the criterion's Hessian by theta, sigma profiled out.

    Directions in which the criterion is flat, as at a singular fit, are left out.
    """
    if not fit.design.n_theta:
        return np.zeros((0, 0))
    H = _hessian(fit)
    scale = np.sqrt(np.maximum(np.abs(np.diag(H)), 1e-300))
    values, vectors = np.linalg.eigh(H / np.outer(scale, scale))
    kept = vectors[:, values > FLAT_EIGENVALUE] / np.sqrt(values[values > FLAT_EIGENVALUE])
    return (kept @ kept.T) / np.outer(scale, scale)


def _hessian(fit: Fit) -> np.ndarray:
    if not fit.design.others:
        return _evaluate(fit, fit.white_theta[None], 2)[0].hessian[0]
    gradients = np.concatenate([c.gradient for c in _evaluate(fit, around(fit), 1)])
    up, down = np.split(gradients, 2)
    H = (up - down) / (2 * THETA_STEP)
    return 0.5 * (H + H.T)
