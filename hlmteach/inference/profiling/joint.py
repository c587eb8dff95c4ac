"""The ML criterion with sigma, and one fixed coefficient, as coordinates of their own.

`deviance` profiles sigma and beta out. A profile likelihood holds one parameter still, so here the
criterion is a function of psi = (theta, log sigma, v), where v is the value of one linear
combination a'beta (equation 29):

    F(psi) = log|K(theta)| + n log(2 pi sigma^2) + h(theta, v) / sigma^2

h is the penalised residual sum of squares, least over all beta with a'beta = v. Each row of a
batch is a search of its own, with its own rotation of Z and its own a (zero: beta is free).
"""

from dataclasses import dataclass, replace

import numpy as np

from hlmteach.engine.batch import Batch
from hlmteach.engine.covariance import lambda_of
from hlmteach.engine.crossprod import Design, Response
from hlmteach.engine.smallmatrix import cholesky, solve_lower


@dataclass(frozen=True)
class Joint(Batch):
    """F (B,), and where asked for gradient (B, k + 2) and hessian (B, k + 2, k + 2) by psi.

    `misfit` is h / sigma^2 (B,): it is n where sigma fits best. `beta` (B, p) is the best there.
    """

    value: np.ndarray
    misfit: np.ndarray
    beta: np.ndarray
    gradient: np.ndarray | None = None
    hessian: np.ndarray | None = None


@dataclass(frozen=True)
class OneFactor:
    """B searches on one design: R (B, q, q, J) as rotated for each, a (B, p) what is held."""

    design: Design
    response: Response
    R: np.ndarray
    a: np.ndarray

    def take(self, index) -> "OneFactor":
        """The searches at `index` alone."""
        return replace(self, R=self.R[index], a=self.a[index])

    def evaluate(self, theta, log_sigma, v, order: int = 2) -> Joint:
        """F at theta (B, k), log_sigma (B,) and v (B,); `order` 0 is the value alone."""
        d = self.design
        Lambda, L, N, Ex, Ey = self._whitened(theta)
        beta, C, pwrss = _least_squares(d, self.response, Ex, Ey)
        precision, t, gap = hold(C, beta, self.a, v)
        s = np.exp(-2 * log_sigma)
        misfit = s * (pwrss + precision * gap**2)
        value = 2 * np.log(np.einsum("baaj->baj", L)).sum(axis=(1, 2)) + misfit
        value += d.n * (np.log(2 * np.pi) + 2 * log_sigma)
        beta = beta + t * gap[:, None]
        if order == 0:
            return Joint(value=value, misfit=misfit, beta=beta)
        e = Ey - np.einsum("bp,bpqj->bqj", beta, Ex)
        C -= _outer(t, t) / np.where(precision > 0, precision, 1.0)[:, None, None]
        by_theta = _by_theta(d, Lambda, N, Ex, e, C, s)
        g, H = assemble(d.n, by_theta, misfit, s, precision, t, gap)
        return Joint(value=value, misfit=misfit, beta=beta, gradient=g, hessian=H)

    def _whitened(self, theta):
        """Lambda, L_j, and what L_j^-1 makes of R, D_x and D_y; vectors (q, J) come last."""
        d, RT = self.design, self.R.swapaxes(1, 2)
        shared = np.concatenate([d.D, self.response.D])
        shared = np.broadcast_to(shared, (len(theta), *shared.shape))
        if d.leading is None:
            return None, RT, RT, shared[:, :-1], shared[:, -1]
        Lambda = lambda_of(theta, d.leading)
        Y = np.einsum("bcd,bcaj->bdaj", Lambda, RT)
        K = np.einsum("bdaj,bdej->baej", Y, Y)
        for i in range(K.shape[1]):
            K[:, i, i] += 1.0
        L, q = cholesky(K), K.shape[1]
        solved = solve_lower(L[:, None], np.concatenate([RT, shared], axis=1))
        return Lambda, L, solved[:, :q], solved[:, q:-1], solved[:, -1]


def _least_squares(d: Design, r: Response, Ex, Ey):
    """beta (B, p), C = (X'V^-1 X)^-1 (B, p, p) and pwrss (B,), with beta free."""
    p, flat = d.p, np.concatenate([Ex, Ey[:, None]], axis=1).reshape(len(Ex), d.p + 1, -1)
    products = flat @ flat.swapaxes(-1, -2)
    products[:, :p, :p] += d.S
    products[:, p, :p] += r.S[0]
    products[:, :p, p] += r.S[0]
    products[:, p, p] += r.SS[0]
    root = np.linalg.cholesky(products)
    inverse = np.linalg.inv(root[:, :p, :p])
    C = inverse.swapaxes(-1, -2) @ inverse
    return np.einsum("bij,bi->bj", inverse, root[:, p, :p]), C, root[:, p, p] ** 2


def hold(C, beta, a, v):
    """1 / a'Ca, the direction t in which a'beta is moved at least cost, and how far it is to v."""
    Ca = np.einsum("bij,bj->bi", C, a)
    variance = np.einsum("bi,bi->b", a, Ca)
    precision = np.divide(1.0, variance, out=np.zeros_like(v), where=variance > 0)
    return precision, Ca * precision[:, None], v - np.einsum("bi,bi->b", a, beta)


def _by_theta(d: Design, Lambda, N, Ex, e, C, s):
    """Derivatives by theta: of F, of -h, second ones of F, and the pull on each coefficient.

    G_k = N_i M_j' + M_j N_i' with M = N Lambda is K's derivative by theta_k, seen from K.
    """
    B = len(e)
    if d.leading is None:
        return np.zeros((B, 0)), np.zeros((B, 0)), np.zeros((B, 0, 0)), None
    i, j = d.leading.free
    M = np.einsum("bcaj,bcd->bdaj", N, Lambda)
    Ni, Mj = N[:, i], M[:, j]
    Ne = np.einsum("bcaj,baj->bcj", N, e)
    Me = np.einsum("bcj,bcd->bdj", Ne, Lambda)
    ne, me = Ne[:, i], Me[:, j]
    G = Ni[:, :, :, None] * Mj[:, :, None]
    G = (G + G.swapaxes(2, 3)).reshape(B, len(i), -1)
    Ge = (Ni * me[:, :, None] + Mj * ne[:, :, None]).reshape(B, len(i), -1)
    trace, w = 2 * np.einsum("bkaj,bkaj->bk", Ni, Mj), 2 * np.einsum("bkj,bkj->bk", ne, me)
    pull = Ge @ Ex.reshape(B, Ex.shape[1], Ge.shape[2]).swapaxes(-1, -2)
    weight = s[:, None, None]
    P = _square(N.reshape(B, N.shape[1], -1)) - weight * _square(Ne)
    H = 2 * weight * (_square(Ge) - pull @ C @ pull.swapaxes(-1, -2)) - _square(G)
    H += 2.0 * (j[:, None] == j) * P[:, i[:, None], i]
    return trace - s[:, None] * w, w, H, pull


def assemble(n: int, by_theta, misfit, s, precision, t, gap):
    """Gradient and Hessian by psi = (theta, log sigma, v)."""
    gradient, w, H, pull = by_theta
    k = gradient.shape[1]
    g, full = np.empty((len(s), k + 2)), np.empty((len(s), k + 2, k + 2))
    g[:, :k], g[:, k], g[:, k + 1] = gradient, 2 * n - 2 * misfit, 2 * s * precision * gap
    full[:, :k, :k] = H
    full[:, k, k], full[:, k + 1, k + 1] = 4 * misfit, 2 * s * precision
    full[:, k, k + 1] = full[:, k + 1, k] = -2 * g[:, k + 1]
    if k:
        full[:, :k, k] = full[:, k, :k] = 2 * s[:, None] * w
        across = 2 * s[:, None] * np.einsum("bkp,bp->bk", pull, t)
        full[:, :k, k + 1] = full[:, k + 1, :k] = across
    return g, full


def _square(A):
    """A A' of each of (B, m, k)."""
    return A @ A.swapaxes(-1, -2)


def _outer(x, y):
    return x[:, :, None] * y[:, None, :]
