"""One door to the three shapes of model: no factor, one, several."""

from dataclasses import dataclass

import numpy as np

from hlmteach.engine.blocks import criterion_blocks, optimise_blocks, system, unscale
from hlmteach.engine.covariance import lambda_of, split
from hlmteach.engine.crossprod import Design, Response
from hlmteach.engine.deviance import Criterion, back_solve, criterion, profiled
from hlmteach.engine.optimise import Optimum, optimise
from hlmteach.engine.problem import problem
from hlmteach.engine.smallmatrix import cholesky, solve_lower
from hlmteach.errors import ModelError

NOTHING_LEFT = 5e-14  # of the outcome's sum of squares: below it is but the rounding of the rest


@dataclass(frozen=True)
class Modes:
    """One factor's conditional modes b (q, J) and conditional variances / sigma^2 (q, q, J).

    In the units of the whitened Z and the standardised y.
    """

    b: np.ndarray
    variance: np.ndarray


def evaluate(d: Design, r: Response, theta: np.ndarray, reml: bool, order: int = 0) -> Criterion:
    """The criterion at theta (B, k), whatever the shape of the model."""
    if d.leading is None:
        return _least_squares(d, r, reml)
    if d.others:
        return criterion_blocks(d, r, theta, reml, min(order, 1))
    return criterion(problem(d, r, reml), theta, order)


def maximise(d: Design, r: Response, reml: bool, start=None) -> Optimum:
    """The maximum-likelihood or REML theta, whatever the shape of the model.

    Raises
    ------
    ModelError
        When nothing is left unexplained, so that there is no residual variance.
    """
    try:
        if d.leading is None:
            at = _least_squares(d, r, reml)
            found = Optimum(np.zeros((len(r), 0)), at, np.ones(len(r), bool), 0)
        elif d.others:
            found = optimise_blocks(d, r, reml, start)
        else:
            found = optimise(problem(d, r, reml), start)
    except np.linalg.LinAlgError:
        raise _no_residual() from None
    if not np.all(found.at.pwrss > NOTHING_LEFT * d.n):
        raise _no_residual()
    return found


def _no_residual() -> ModelError:
    return ModelError(
        "The model explains the outcome without any residual, so there is no variance to "
        "estimate. Is the outcome computed from a predictor, or constant in every group?"
    )


def _least_squares(d: Design, r: Response, reml: bool) -> Criterion:
    A = np.linalg.cholesky(d.S)
    z = np.linalg.solve(A, r.S.T).T
    pwrss = r.SS - (z**2).sum(axis=1)
    A = np.broadcast_to(A, (len(r), *A.shape))
    return Criterion(profiled(d, pwrss, A, reml), back_solve(A, z), pwrss, A)


def modes(d: Design, r: Response, theta: np.ndarray, beta: np.ndarray) -> dict[str, Modes]:
    """Conditional modes of every factor for one response, theta (k,), beta (p,) (eq. 24)."""
    if d.leading is None:
        return {}
    if d.others:
        return _modes_blocks(d, r, theta)
    return {d.leading.name: _leading_modes(d, lambda_of(theta, d.leading), r.D[0], d.D, beta)}


def _leading_modes(d, Lambda, Dy, D, coefficients) -> Modes:
    """b_j = Lambda Y'K^-1 (D_y - D coefficients) and its variance Lambda (I - Y'K^-1 Y) Lambda'."""
    Y = np.einsum("acj,cd->adj", d.R, Lambda)
    K = np.einsum("adj,edj->aej", Y, Y) + np.eye(d.leading.q)[:, :, None]
    L = cholesky(K)
    half = solve_lower(L, Y.swapaxes(0, 1))  # [d, a, j] = (L^-1 Y)'
    residual = solve_lower(L, Dy - np.tensordot(coefficients, D, axes=1))
    b = Lambda @ np.einsum("daj,aj->dj", half, residual)
    middle = np.eye(d.leading.q)[:, :, None] - np.einsum("daj,eaj->dej", half, half)
    return Modes(b, np.einsum("ad,dej,ce->acj", Lambda, middle, Lambda))


def _modes_blocks(d: Design, r: Response, theta) -> dict[str, Modes]:
    s = system(d, r, theta)
    rest = split(theta, d.groupings)[1:]
    found = {d.leading.name: _leading_modes(d, s.Lambda, r.D[0], d.D, s.unscaled)}
    z, at = len(s.M) - d.p, 0
    inverse = np.linalg.inv(s.root[:z, :z])
    for g, piece in zip(d.others, rest, strict=True):
        rows = slice(at, at + g.q * g.n_levels)
        half = inverse[:, rows].reshape(z, g.q, g.n_levels)
        middle = np.einsum("mdj,mej->dej", half, half)
        Lambda = lambda_of(piece, g)
        variance = np.einsum("ad,dej,ce->acj", Lambda, middle, Lambda)
        found[g.name] = Modes(s.unscaled[rows].reshape(g.q, -1), variance)
        at += g.q * g.n_levels
    found[d.leading.name] = _with_border(d, s, rest, inverse, found[d.leading.name])
    return found


def _with_border(d, s, rest, inverse, leading: Modes) -> Modes:
    """Add to the leading factor's variance what not knowing the other effects adds."""
    z = len(inverse)
    half = np.einsum("acj,cd->daj", d.R, s.Lambda)
    half = solve_lower(s.L, half)
    back = np.einsum("ad,dcj,mcj->maj", s.Lambda, half, s.E[:z])  # Lambda Y'K^-1 D_other
    scaled = unscale(d, rest, np.vstack([inverse.T, np.zeros((d.p, z))]))[:z]
    spread = np.tensordot(scaled.T, back, axes=1)
    return Modes(leading.b, leading.variance + np.einsum("maj,mcj->acj", spread, spread))
