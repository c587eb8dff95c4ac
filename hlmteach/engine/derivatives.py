"""Derivatives of the criterion: by the covariance S = Lambda Lambda', and so by theta (18 to 20).

All of them are sums over groups of products of A_j = R_j' K_j^-1 R_j and of G_j, the same with X
and the residual in the place of the second R_j, each scaled so that its square is a share of the
criterion:

    d_S = sum_j A_j - G_j w G_j',   w = 1 for the residual, and for each x under REML, else 0
"""

from dataclasses import dataclass

import numpy as np

from hlmteach.engine.crossprod import gram
from hlmteach.engine.grouping import Grouping
from hlmteach.engine.problem import Problem, Solved


@dataclass(frozen=True)
class Shares:
    """What each group has in the derivatives.

    A (B, q, q, J) and G (B, q, p + 1, J) by group; `products` (B, q, q, p + 1, p + 1) are sums over
    groups of G G'; slope (B, q, q) is the criterion's derivative by S.
    """

    A: np.ndarray
    G: np.ndarray
    products: np.ndarray
    slope: np.ndarray


def shares(m: Problem, s: Solved) -> Shares:
    """What the derivatives at one theta are made of."""
    B, q, p = len(s.beta), m.design.leading.q, m.design.p
    F = np.einsum("bcaj,bmaj->bcmj", s.sides[:, :q], s.sides)
    A, G = F[:, :, :q], scaling(s.inverse, s.beta, s.pwrss, m.n)[:, None] @ F[:, :, q:]
    flat = G.reshape(B, q * (p + 1), G.shape[-1])
    products = (flat @ flat.swapaxes(1, 2)).reshape(B, q, p + 1, q, p + 1).swapaxes(2, 3)
    counted = products if m.reml else products[..., p:, p:]
    return Shares(A, G, products, A.sum(axis=-1) - np.einsum("bcdmm->bcd", counted))


def scaling(inverse, beta, pwrss, n) -> np.ndarray:
    """Maps X to X factor^-1', and y to the residual times sqrt(n / pwrss): (B, p + 1, p + 1)."""
    p = beta.shape[1]
    T = np.zeros((len(beta), p + 1, p + 1))
    T[:, :p, :p] = inverse
    root = np.sqrt(n / pwrss)
    T[:, p, :p] = -root[:, None] * beta
    T[:, p, p] = root
    return T


def information(h: Shares) -> np.ndarray:
    """The expected second derivative by S, sum_j A_j (x) A_j (equation 42): (B, q q, q q)."""
    return _pairs(h.A, h.A)


def curvature(m: Problem, h: Shares) -> np.ndarray:
    """The second derivative by S (B, q q, q q), as a quadratic form of symmetric directions."""
    B, q, p = len(h.slope), m.design.leading.q, m.design.p
    G = h.G if m.reml else h.G[:, :, p:]
    inner = 2 * np.einsum("bcmj,bdmj->bcdj", G, G) - h.A
    weights = counted_pairs(m.n, p, m.reml)
    U = h.products.reshape(B, q * q, (p + 1) ** 2)
    return _pairs(h.A, inner) - (U * weights.reshape(-1, 1, (p + 1) ** 2)) @ U.swapaxes(1, 2)


def counted_pairs(n, p: int, reml: bool) -> np.ndarray:
    """What products of two of [X residual] count in the second derivative: ([B,] p + 1, p + 1)."""
    weights = np.ones((*np.shape(n), p + 1, p + 1))
    weights[..., :p, :p] = reml
    weights[..., p, p] = 1 / n
    return weights


def _pairs(A, C) -> np.ndarray:
    """The form tr(A E C F) of two directions E and F, summed over groups: (B, q q, q q)."""
    B, q = A.shape[:2]
    flat = gram(A.reshape(B, q * q, 1, A.shape[-1]), C.reshape(B, q * q, 1, A.shape[-1]))
    return flat.reshape(B, q, q, q, q).transpose(0, 2, 3, 1, 4).reshape(B, q * q, q * q)


def by_theta(m: Problem, s: Solved, theta) -> tuple[np.ndarray, np.ndarray]:
    """Gradient (B, k) and Hessian (B, k, k) with respect to theta (B, k)."""
    h = shares(m, s)
    return chained(m.design.leading, theta, h.slope.reshape(len(theta), -1), curvature(m, h))


def chained(g: Grouping, theta, slope, second) -> tuple[np.ndarray, np.ndarray]:
    """Gradient (B, k) and Hessian (B, k, k) by theta, of those by S, (B, q q) and (B, q q, q q)."""
    B, k = theta.shape
    E = (theta @ g.second.reshape(k, -1)).reshape(B, k, -1)  # dS / dtheta
    slope = slope[:, None, :, None]
    hessian = E @ second @ E.swapaxes(1, 2)
    return (E @ slope[:, 0])[:, :, 0], hessian + (g.second @ slope)[..., 0]
