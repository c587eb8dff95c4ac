"""Cross-products and theta -> the criterion, its gradient and Hessian, beta and sigma.

For one grouping factor and B responses at once. With K_j = I + R_j Lambda Lambda' R_j' (eq. 15)

    ML:    d(theta) = sum_j log|K_j| + n (1 + log(2 pi pwrss / n))                    (eq. 16)
    REML:  ... + log|X' V^-1 X|, with n - p in the place of n                         (eq. 17)

beta and sigma are profiled out. Derivatives are with respect to theta (eqs. 18 to 20).
"""

from dataclasses import dataclass

import numpy as np

from hlmteach.engine.batch import Batch
from hlmteach.engine.covariance import covariance_of
from hlmteach.engine.derivatives import by_theta
from hlmteach.engine.problem import Problem, factor_groups, log_determinant, solved
from hlmteach.engine.smallmatrix import solve_lower


@dataclass(frozen=True)
class Criterion(Batch):
    """The criterion at theta for B responses, in standardised units.

    value (B,), gradient (B, k), hessian (B, k, k) where asked for; beta (B, p), pwrss (B,),
    factor (B, p, p) lower with factor factor' = X' V^-1 X (V relative to sigma^2).
    """

    value: np.ndarray
    beta: np.ndarray
    pwrss: np.ndarray
    factor: np.ndarray
    gradient: np.ndarray | None = None
    hessian: np.ndarray | None = None


def criterion(m: Problem, theta: np.ndarray, order: int = 2) -> Criterion:
    """Evaluate the criterion at theta (B, k); `order` 0 is the value alone, 2 adds derivatives."""
    s = solved(m, covariance_of(theta, m.design.leading))
    value = log_determinant(s.L) + profiled(m.n, s.pwrss, s.factor, m.reml)
    gradient, hessian = by_theta(m, s, theta) if order else (None, None)
    return Criterion(
        value=value,
        beta=s.beta,
        pwrss=s.pwrss,
        factor=s.factor,
        gradient=gradient,
        hessian=hessian,
    )


def on_grid(m: Problem, theta: np.ndarray) -> np.ndarray:
    """The criterion (G, B) of every response at each of the thetas (G, k), to compare them.

    What depends on theta alone is computed once for all responses of one design.
    """
    if m.own_designs:
        every = [np.broadcast_to(one, (len(m), len(one))) for one in theta]
        return np.stack([criterion(m, one, order=0).value for one in every])
    d, y = m.design, m.sides[:, -1]
    L = factor_groups(d.R, covariance_of(theta, d.leading))
    sides = solve_lower(L[:, None], np.concatenate([d.D, y]))
    sides = sides.reshape(len(theta), d.p + len(y), d.leading.q * d.leading.n_levels)
    Ex, Ey = sides[:, : d.p], sides[:, d.p :]
    A = np.linalg.cholesky(d.S + Ex @ Ex.swapaxes(1, 2))
    z = np.linalg.solve(A, (m.within[:, -1, :-1] + Ey @ Ex.swapaxes(1, 2)).swapaxes(1, 2))
    explained = np.einsum("gpb,gpb->gb", z, z)
    pwrss = m.within[:, -1, -1] + np.einsum("gbi,gbi->gb", Ey, Ey) - explained
    pwrss = np.maximum(pwrss, 1e-14 * explained + 1e-300)
    return log_determinant(L)[:, None] + profiled(m.n, pwrss, A[:, None], m.reml)


def profiled(n, pwrss, A, reml: bool) -> np.ndarray:
    """The part of the criterion that is left when sigma takes its best value; A is the factor."""
    value = n * (1 + np.log(2 * np.pi * pwrss / n))
    if reml and A.shape[-1]:
        value = value + 2 * np.log(np.diagonal(A, axis1=-2, axis2=-1)).sum(axis=-1)
    return value


def back_solve(A, z) -> np.ndarray:
    """Solve A' x = z for lower A (B, p, p) and z (B, p)."""
    return np.linalg.solve(A.swapaxes(-1, -2), z[..., None])[..., 0] if z.shape[-1] else z
