"""Steps in the covariance S = Lambda Lambda' itself: Fisher scoring, and the way down from zero.

In S the criterion has no saddle at zero, as it has in theta, and with the expected Hessian (eq. 42)

    d_S = sum_j M_j . M_j,    M_j = N_j' N_j,    N_j = L_j^-1 R_j    (Longford 1987)

a step is nearly exact, even far from the optimum. Newton's steps in theta finish.
"""

import numpy as np

from hlmteach.engine.covariance import lambda_of, theta_of
from hlmteach.engine.crossprod import Design, Response
from hlmteach.engine.deviance import pull, solved
from hlmteach.engine.smallmatrix import lower_factors

RIDGE = 1e-10  # of the information's mean diagonal, where it is singular


def scored(d: Design, r: Response, theta: np.ndarray, reml: bool, steps: int) -> np.ndarray:
    """Theta (B, k) after some steps of Fisher scoring."""
    g = d.leading
    E = _directions(g)
    for _ in range(steps):
        P, N = _by_covariance(d, r, theta, reml)
        Lambda = lambda_of(theta, g)
        S = Lambda @ Lambda.swapaxes(1, 2) + _step(P, N, E)
        theta = theta_of(_factored(S, g.blocks), g)
    return theta


def _directions(g) -> np.ndarray:
    """The symmetric matrices (k, q, q) that S may move along, one for each free entry."""
    rows, columns = g.free
    E = np.zeros((len(rows), g.q, g.q))
    E[np.arange(len(rows)), rows, columns] = E[np.arange(len(rows)), columns, rows] = 1.0
    return E


def _by_covariance(d: Design, r: Response, theta, reml: bool):
    """The criterion's derivative by S (B, q, q), and N (B, q, q, J)."""
    s = solved(d, r, theta)
    n = d.n - d.p if reml else d.n
    N = s.N(d)
    return pull(N, s.residual(), n / s.pwrss, s.scaled() if reml else None), N


def _step(P, N, E):
    """Minus the inverse information times the derivative, as a change of S (B, q, q)."""
    B, q, k = len(P), P.shape[1], len(E)
    M = np.einsum("bacj,badj->bcdj", N, N).reshape(B, q * q, -1)
    pairs = (M @ M.swapaxes(1, 2)).reshape(B, q, q, q, q)
    E = E.reshape(k, q * q)
    information = E @ pairs.transpose(0, 1, 4, 2, 3).reshape(B, q * q, q * q) @ E.T
    diagonal = np.einsum("bkk->bk", information)
    diagonal += RIDGE * diagonal.mean(axis=1, keepdims=True)
    slope = P.reshape(B, q * q) @ E.T
    size = np.linalg.solve(information, slope[:, :, None])[:, :, 0]
    return -(size @ E).reshape(B, q, q)


def _factored(S, blocks):
    """Lower Lambda (B, q, q) of S, block by block, negative eigenvalues made exactly zero."""
    Lambda = np.zeros_like(S)
    for a, b in blocks:
        values, vectors = np.linalg.eigh(S[:, a:b, a:b])
        Lambda[:, a:b, a:b] = lower_factors(vectors * np.sqrt(np.maximum(values, 0))[:, None, :])
    return Lambda


def steepest(d: Design, r: Response, theta: np.ndarray, reml: bool) -> np.ndarray:
    """Smallest eigenvalue (B,) of the criterion's derivative by the covariance Lambda Lambda'.

    Negative means that the criterion still falls when a variance that is zero grows.
    """
    P, _ = _by_covariance(d, r, theta, reml)
    inside = [P[:, a:b, a:b] for a, b in d.leading.blocks]
    return np.min([np.linalg.eigvalsh(block)[:, 0] for block in inside], axis=0)
