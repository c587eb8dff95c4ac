"""The criterion for several grouping factors, nested or crossed: block-diagonal first, dense last.

The factor with most effects is rotated away group by group, as in `deviance`; what it leaves is
one dense system in the border [Z_other | X | y] (the blocks of Bates, Maechler, Bolker and
Walker 2015; equations 21 to 23). One response at a time; theta runs over all factors.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve, solve_triangular
from scipy.linalg import cholesky as dense_cholesky
from scipy.optimize import minimize

from hlmteach.engine.covariance import canonical, lambda_of, split
from hlmteach.engine.crossprod import Design, Response, gram
from hlmteach.engine.deviance import Criterion, profiled
from hlmteach.engine.optimise import SMALL, ZERO, Optimum
from hlmteach.engine.smallmatrix import cholesky, solve_lower

STARTS = (0.5, 0.1, 2.0)
CHEAP = 2e6  # entries of D below which every start is tried and the Hessian is differenced


@dataclass(frozen=True)
class System:
    """The penalised normal equations at one theta.

    M (m, m), My (m,) are the border's products in V_1's metric; N = scale' M scale + I on the
    random part, with Cholesky factor `root`; solution = (u_other, beta).
    """

    Lambda: np.ndarray
    L: np.ndarray
    E: np.ndarray
    Ey: np.ndarray
    M: np.ndarray
    My: np.ndarray
    root: np.ndarray
    solution: np.ndarray
    unscaled: np.ndarray
    pwrss: float


def system(d: Design, r: Response, theta: np.ndarray) -> System:
    """Build and factor the normal equations at theta (k,)."""
    first, *rest = split(theta, d.groupings)
    Lambda = lambda_of(first, d.leading)
    Y = np.einsum("acj,cd->adj", d.R, Lambda)
    K = np.einsum("adj,edj->aej", Y, Y) + np.eye(d.leading.q)[:, :, None]
    L = cholesky(K)
    E, Ey = solve_lower(L, d.D), solve_lower(L, r.D[0])
    M, My = d.S + gram(E, E), r.S[0] + gram(E, Ey[None])[:, 0]
    N = scale_rows(d, rest, scale_rows(d, rest, M).T)
    z = d.S.shape[0] - d.p
    N[np.arange(z), np.arange(z)] += 1.0
    root = dense_cholesky(N, lower=True, overwrite_a=True, check_finite=False)
    half = solve_triangular(root, scale_rows(d, rest, My), lower=True, check_finite=False)
    solution = solve_triangular(root, half, lower=True, trans="T", check_finite=False)
    pwrss = float(r.SS[0] + (Ey**2).sum() - half @ half)
    return System(Lambda, L, E, Ey, M, My, root, solution, unscale(d, rest, solution), pwrss)


def scale_rows(d: Design, rest, M: np.ndarray, transposed: bool = True) -> np.ndarray:
    """Lambda_other' (or Lambda_other) on the random rows of M (m, ...), X's rows as they are."""
    out, at = M.copy(), 0
    for g, theta in zip(d.others, rest, strict=True):
        Lambda = lambda_of(theta, g)
        rows = slice(at, at + g.q * g.n_levels)
        block = M[rows].reshape(g.q, -1)
        out[rows] = ((Lambda.T if transposed else Lambda) @ block).reshape(M[rows].shape)
        at = rows.stop
    return out


def unscale(d: Design, rest, u: np.ndarray) -> np.ndarray:
    """(b_other, beta) = (Lambda_other u, beta) of a solution (m, ...)."""
    return scale_rows(d, rest, u, transposed=False)


def criterion_blocks(d, r, theta: np.ndarray, reml: bool, order: int = 1) -> Criterion:
    """The criterion at theta (1, k); order 1 adds the gradient."""
    s = system(d, r, theta[0])
    z = len(s.M) - d.p
    A = s.root[None, z:, z:]
    pwrss = np.array([s.pwrss])
    log_det = 2 * np.log(np.einsum("aaj->aj", s.L)).sum()
    log_det += 2 * np.log(np.diag(s.root)[:z]).sum()
    value = log_det + profiled(d, pwrss, A, reml)
    beta = s.solution[None, z:]
    if order == 0:
        return Criterion(value, beta, pwrss, A)
    return Criterion(value, beta, pwrss, A, _gradient(d, s, theta[0], reml)[None])


def _gradient(d: Design, s: System, theta, reml: bool) -> np.ndarray:
    rest = split(theta, d.groupings)[1:]
    z = len(s.M) - d.p
    inverse = _inverse(s.root if reml else s.root[:z, :z], len(s.M))
    weight = (d.n - d.p if reml else d.n) / s.pwrss
    first = _leading_gradient(d, s, rest, inverse, weight)
    others = _other_gradients(d, s, rest, inverse, weight)
    return np.concatenate([first, *others])


def _inverse(root, m: int) -> np.ndarray:
    """N^-1 (m, m); for ML of its random part alone, bordered by zeros."""
    inverse = np.zeros((m, m))
    k = len(root)
    inverse[:k, :k] = cho_solve((root, True), np.eye(k), check_finite=False)
    return inverse


def _leading_gradient(d, s: System, rest, inverse, weight):
    """2 P Lambda with P = sum_j N'N - weight G G' - F W F' (equation 22)."""
    g = d.leading
    N = solve_lower(s.L, d.R.swapaxes(0, 1)).swapaxes(0, 1)
    residual = s.Ey - np.tensordot(s.unscaled, s.E, axes=1)
    G = np.einsum("acj,aj->cj", N, residual)
    F = np.einsum("acj,maj->cjm", N, s.E).reshape(-1, len(s.M))
    W = _outer_scale(d, rest, inverse)
    FW = (F @ W).reshape(g.q, -1)
    P = np.einsum("acj,adj->cd", N, N) - weight * G @ G.T - FW @ F.reshape(g.q, -1).T
    return (2 * P @ s.Lambda)[g.free]


def _outer_scale(d, rest, inverse):
    """Lambda N^-1 Lambda', the border's covariance in its own units."""
    return unscale(d, rest, unscale(d, rest, inverse).T)


def _other_gradients(d, s: System, rest, inverse, weight):
    """2 diag-block(M Lambda N^-1) - 2 weight c u', factor by factor (equation 23)."""
    scaled = scale_rows(d, rest, s.M.T).T
    c = s.My - s.M @ s.unscaled
    gradients, at = [], 0
    for g in d.others:
        rows = slice(at, at + g.q * g.n_levels)
        shape = (g.q, g.n_levels, len(s.M))
        left, right = scaled[rows].reshape(shape), inverse[rows].reshape(shape)
        trace = np.einsum("alm,clm->ac", left, right)
        pull = c[rows].reshape(g.q, -1) @ s.solution[rows].reshape(g.q, -1).T
        gradients.append((2 * trace - 2 * weight * pull)[g.free])
        at += g.q * g.n_levels
    return gradients


# -- the optimum -----------------------------------------------------------------------------


def optimise_blocks(d: Design, r: Response, reml: bool, start=None) -> Optimum:
    """Minimise over all factors' theta: BFGS from one or more starts, then Newton steps."""
    diagonal = np.concatenate([(g.free[0] == g.free[1]) * 1.0 for g in d.groupings])
    cheap = d.D.size < CHEAP
    starts = [value * diagonal for value in (STARTS if cheap else STARTS[:1])]
    if start is not None:
        starts = [
            np.where((start == 0) & (diagonal == 1), 0.05, start),
            *starts[: 1 if cheap else 0],
        ]
    function = _objective(d, r, reml)
    found = [minimize(function, s, jac=True, method="BFGS", options={"gtol": 1e-5}) for s in starts]
    best = min(found, key=lambda result: result.fun)
    theta, small = _polish(function, best.x, steps=6 if cheap else 2)
    theta = _snap_blocks(d, r, reml, theta)
    at = criterion_blocks(d, r, theta[None], reml, order=0)
    return Optimum(theta[None], at, np.array([small]), sum(f.nit for f in found))


def _objective(d, r, reml):
    def function(theta):
        c = criterion_blocks(d, r, theta[None], reml)
        return c.value[0], c.gradient[0]

    return function


def _polish(function, theta, steps: int):
    """Newton with a differenced Hessian; returns theta and whether the gain left is negligible."""
    value, g = function(theta)
    gain = np.inf
    for _ in range(steps):
        H = _differenced(function, theta, g)
        values, vectors = np.linalg.eigh(H)
        size = np.maximum(np.abs(values), 1e-8 * np.abs(values).max() + 1e-12)
        along = vectors.T @ g
        gain = 0.5 * (along**2 / size).sum()
        trial = theta - vectors @ (along / size)
        new_value, new_g = function(trial)
        if new_value > value:
            break
        theta, value, g = trial, new_value, new_g
        if gain < 1e-11:
            break
    return theta, bool(gain < 1e-7)


def _differenced(function, theta, g):
    h = 1e-5 * np.maximum(1.0, np.abs(theta))
    rows = [(function(theta + h[k] * e)[1] - g) / h[k] for k, e in enumerate(np.eye(len(theta)))]
    H = np.array(rows)
    return 0.5 * (H + H.T)


def _snap_blocks(d, r, reml, theta):
    """Exact zeros, factor by factor, then positive diagonals."""
    value = criterion_blocks(d, r, theta[None], reml, order=0).value[0]
    pieces = split(theta, d.groupings)
    for i, g in enumerate(d.groupings):
        rows, columns = g.free
        for k in np.flatnonzero((rows == columns) & (np.abs(pieces[i]) < SMALL)):
            for entries in (columns == columns[k], np.arange(len(rows)) == k):
                trial = [np.where(entries, 0.0, p) if j == i else p for j, p in enumerate(pieces)]
                joined = np.concatenate(trial)[None]
                if criterion_blocks(d, r, joined, reml, order=0).value[0] <= value + ZERO:
                    pieces = trial
        pieces[i] = canonical(pieces[i], g)
    return np.concatenate(pieces)
