"""Cross-products and theta -> the criterion, its gradient and Hessian, beta and sigma.

For one grouping factor and B responses at once. With K_j = I + R_j Lambda Lambda' R_j' (eq. 15)

    ML:    d(theta) = sum_j log|K_j| + n (1 + log(2 pi pwrss / n))                    (eq. 16)
    REML:  ... + log|X' V^-1 X|, with n - p in the place of n                         (eq. 17)

beta and sigma are profiled out. Derivatives are with respect to theta (eqs. 18 to 20).
"""

from dataclasses import dataclass

import numpy as np

from hlmteach.engine.covariance import lambda_of
from hlmteach.engine.crossprod import Design, Response, gram
from hlmteach.engine.smallmatrix import cholesky_definite, solve_lower


@dataclass(frozen=True)
class Criterion:
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


@dataclass(frozen=True)
class Solved:
    """Each group's K_j = L_j L_j' at one theta, and the generalised least squares it leads to.

    Lambda (B, q, q), L (B, q, q, J), Ex = L^-1 D (B, p, q, J), Ey (B, q, J); A (B, p, p) lower with
    A A' = X' V^-1 X, and its inverse; beta (B, p), pwrss (B,).
    """

    Lambda: np.ndarray
    L: np.ndarray
    Ex: np.ndarray
    Ey: np.ndarray
    A: np.ndarray
    inverse: np.ndarray
    beta: np.ndarray
    pwrss: np.ndarray

    def residual(self) -> np.ndarray:
        """Ey - Ex beta (B, q, J)."""
        return self.Ey - np.einsum("bp,bpqj->bqj", self.beta, self.Ex)

    def scaled(self) -> np.ndarray:
        """The predictors Ex whitened by A^-1 (B, p, q, J), for REML's extra term."""
        flat = self.Ex.reshape(*self.Ex.shape[:2], np.prod(self.Ex.shape[2:]))
        return (self.inverse @ flat).reshape(self.Ex.shape)

    def N(self, d: Design) -> np.ndarray:
        """L^-1 R (B, q, q, J)."""
        return solve_lower(self.L[:, None], d.R.swapaxes(0, 1)).swapaxes(1, 2)


def solved(d: Design, r: Response, theta: np.ndarray) -> Solved:
    """Factor the groups and solve for beta at theta (B, k)."""
    Lambda = lambda_of(theta, d.leading)
    L = _factor_groups(d, Lambda)
    Ex = solve_lower(L[:, None], d.D)
    Ey = solve_lower(L, r.D)
    C = _normal_equations(d, r, Ex, Ey)
    A, z, pwrss = C[:, :-1, :-1], C[:, -1, :-1], C[:, -1, -1] ** 2
    inverse = np.linalg.inv(A)  # well conditioned: X is standardised
    return Solved(Lambda, L, Ex, Ey, A, inverse, (z[:, None] @ inverse)[:, 0], pwrss)


def criterion(d: Design, r: Response, theta: np.ndarray, reml: bool, order: int = 2) -> Criterion:
    """Evaluate the criterion at theta (B, k); `order` 0 is the value alone, 2 adds derivatives."""
    s = solved(d, r, theta)
    value = log_determinant(s.L) + profiled(d, s.pwrss, s.A, reml)
    if order == 0:
        return Criterion(value, s.beta, s.pwrss, s.A)
    return Criterion(value, s.beta, s.pwrss, s.A, *_derivatives(d, s, reml))


def on_grid(d: Design, r: Response, theta: np.ndarray, reml: bool) -> np.ndarray:
    """The criterion (G, B) of every response at each of the thetas (G, k), to compare them.

    What depends on theta alone is computed once for all responses.
    """
    L = _factor_groups(d, lambda_of(theta, d.leading))
    flat = (len(theta), -1, d.leading.q * d.leading.n_levels)
    Ex = solve_lower(L[:, None], d.D).reshape(flat)
    Ey = solve_lower(L[:, None], r.D).reshape(flat)
    A = np.linalg.cholesky(d.S + Ex @ Ex.swapaxes(1, 2))
    z = np.linalg.solve(A, (r.S + Ey @ Ex.swapaxes(1, 2)).swapaxes(1, 2))
    explained = np.einsum("gpb,gpb->gb", z, z)
    pwrss = r.SS + np.einsum("gbi,gbi->gb", Ey, Ey) - explained
    pwrss = np.maximum(pwrss, 1e-14 * explained + 1e-300)
    return log_determinant(L)[:, None] + profiled(d, pwrss, A[:, None], reml)


def profiled(d: Design, pwrss, A, reml: bool) -> np.ndarray:
    """The part of the criterion that is left when sigma takes its best value."""
    n = d.n - d.p if reml else d.n
    value = n * (1 + np.log(2 * np.pi * pwrss / n))
    if reml and d.p:
        value = value + 2 * np.log(np.diagonal(A, axis1=-2, axis2=-1)).sum(axis=-1)
    return value


def _factor_groups(d: Design, Lambda):
    """The Cholesky factor L_j (B, q, q, J) of each K_j."""
    Y = np.einsum("acj,bcd->badj", d.R, Lambda)
    K = np.einsum("badj,bedj->baej", Y, Y)
    for a in range(K.shape[1]):
        K[:, a, a] += 1.0
    return cholesky_definite(K)


def log_determinant(L) -> np.ndarray:
    """sum_j log|K_j| (B,) of the Cholesky factors L (B, q, q, J)."""
    return 2 * np.log(np.einsum("baaj->baj", L)).sum(axis=(1, 2))


def _normal_equations(d: Design, r: Response, Ex, Ey):
    """Cholesky factor (B, p+1, p+1) of [X y]' V^-1 [X y]; its last entry squared is pwrss."""
    p = d.p
    C = np.empty((len(r), p + 1, p + 1))
    C[:, :p, :p] = d.S + gram(Ex, Ex)
    C[:, p, :p] = C[:, :p, p] = r.S + gram(Ey[:, None], Ex)[:, 0]
    C[:, p, p] = r.SS + np.einsum("bqj,bqj->b", Ey, Ey)
    return np.linalg.cholesky(C)


def back_solve(A, z) -> np.ndarray:
    """Solve A' x = z for lower A (B, p, p) and z (B, p)."""
    return np.linalg.solve(A.swapaxes(-1, -2), z[..., None])[..., 0] if z.shape[-1] else z


def _derivatives(d: Design, s: Solved, reml: bool):
    """Gradient (B, k) and Hessian (B, k, k).

    G_a = L^-1 R (E_a Lambda' + Lambda E_a') R' L^-T is K's derivative by theta_a, seen from K.
    """
    N, e = s.N(d), s.residual()
    scaled = s.scaled() if reml else None
    M = np.einsum("bacj,bcd->badj", N, s.Lambda)
    rows, columns = d.leading.free
    G = np.stack(
        [_symmetric(N[:, :, i], M[:, :, j]) for i, j in zip(rows, columns, strict=True)], 1
    )
    n = d.n - d.p if reml else d.n
    t = n / s.pwrss
    Ge = np.einsum("bkacj,bcj->bkaj", G, e)
    w = np.einsum("bkaj,baj->bk", Ge, e)
    va = gram(Ge, s.Ex) @ s.inverse.swapaxes(-1, -2)
    P = pull(N, e, t, scaled)
    gradient = np.einsum("bkaaj->bk", G) - t[:, None] * w
    flat = G.reshape(*G.shape[:2], -1)
    H = -flat @ flat.swapaxes(-1, -2)
    H += 2 * t[:, None, None] * (gram(Ge, Ge) - va @ va.swapaxes(-1, -2))
    H -= (t**2 / n)[:, None, None] * w[:, :, None] * w[:, None, :]
    if reml and d.p:
        gradient, H = _add_reml(gradient, H, G, scaled)
    same = columns[:, None] == columns[None, :]
    H += 2 * same * P[:, rows[:, None], rows[None, :]]
    return gradient, H


def _symmetric(a, b):
    """a b' + b a' for (B, q, J) each: (B, q, q, J)."""
    outer = a[:, :, None] * b[:, None, :]
    return outer + outer.swapaxes(1, 2)


def pull(N, residual, t, scaled):
    """The derivative of the criterion by Lambda Lambda' (B, q, q)."""
    P = np.einsum("bacj,badj->bcd", N, N)
    G = np.einsum("bacj,baj->bcj", N, residual)
    P = P - t[:, None, None] * np.einsum("bcj,bdj->bcd", G, G)
    if scaled is not None:
        F = np.einsum("bacj,bpaj->bpcj", N, scaled)
        P = P - np.einsum("bpcj,bpdj->bcd", F, F)
    return P


def _add_reml(gradient, H, G, scaled):
    GX = np.einsum("bkacj,bpcj->bkpaj", G, scaled)
    U = np.einsum("bkpaj,bmaj->bkpm", GX, scaled)
    gradient = gradient - np.einsum("bkpp->bk", U)
    H = H + 2 * np.einsum("bkpaj,blpaj->bkl", GX, GX) - np.einsum("bkpm,blpm->bkl", U, U)
    return gradient, H
