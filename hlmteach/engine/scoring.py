"""Steps in the covariance S = Lambda Lambda' itself: Fisher scoring, and the way down from zero.

In S the criterion has no saddle at zero, as it has in theta, and with the expected Hessian (eq. 42)

    d_S = sum_j A_j (x) A_j,    A_j = R_j' K_j^-1 R_j    (Longford 1987)

a step is nearly exact, even far from the optimum. Newton's steps in theta finish.
"""

import numpy as np

from hlmteach.engine.covariance import covariance_of, theta_of
from hlmteach.engine.derivatives import Shares, information, shares
from hlmteach.engine.problem import Problem, solved
from hlmteach.engine.smallmatrix import lower_factors

RIDGE = 1e-10  # share added to the information's diagonal, lest it be singular


def scored(m: Problem, theta: np.ndarray, steps: int) -> np.ndarray:
    """Theta (B, k) after some steps of Fisher scoring."""
    g = m.design.leading
    S = covariance_of(theta, g)
    for _ in range(steps):
        root = _root(S + _step(shares(m, solved(m, S)), g.directions), g.blocks)
        S = root @ root.swapaxes(1, 2)
    return theta_of(lower_factors(root), g)


def _step(h: Shares, E) -> np.ndarray:
    """Minus the inverse information times the derivative, as a change of S (B, q, q)."""
    B, q = h.slope.shape[:2]
    expected = E @ information(h) @ E.T
    np.einsum("bkk->bk", expected)[:] *= 1 + RIDGE
    slope = E @ h.slope.reshape(B, q * q, 1)
    return -(E.T @ np.linalg.solve(expected, slope)).reshape(B, q, q)


def _root(S, blocks) -> np.ndarray:
    """M (B, q, q) with M M' = S, block by block, negative eigenvalues made exactly zero."""
    if S.shape[1] == 1:
        return np.sqrt(np.maximum(S, 0))
    root = np.zeros_like(S)
    for a, b in blocks:
        values, vectors = np.linalg.eigh(S[:, a:b, a:b])
        root[:, a:b, a:b] = vectors * np.sqrt(np.maximum(values, 0))[:, None, :]
    return root


def steepest(m: Problem, theta: np.ndarray) -> np.ndarray:
    """Smallest eigenvalue (B,) of the criterion's derivative by the covariance Lambda Lambda'.

    Negative means that the criterion still falls when a variance that is zero grows.
    """
    slope = shares(m, solved(m, covariance_of(theta, m.design.leading))).slope
    inside = [slope[:, a:b, a:b] for a, b in m.design.leading.blocks]
    return np.min([np.linalg.eigvalsh(block)[:, 0] for block in inside], axis=0)
