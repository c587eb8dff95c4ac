"""One door to the three shapes of model: no factor, one, several."""

from dataclasses import dataclass

import numpy as np

from hlmteach.engine.blocks import (
    Many,
    border_variance,
    criterion_blocks,
    lambdas_of,
    onto_effects,
    system,
)
from hlmteach.engine.covariance import lambda_of
from hlmteach.engine.crossprod import Design, Response
from hlmteach.engine.deviance import Criterion, back_solve, criterion, profiled
from hlmteach.engine.optimise import Optimum, optimise
from hlmteach.engine.problem import Problem, problem, within_of
from hlmteach.engine.progress import Progress
from hlmteach.engine.several import optimise_several
from hlmteach.engine.smallmatrix import cholesky, solve_lower
from hlmteach.errors import ModelError

NOTHING_LEFT = 5e-14  # of the outcome's sum of squares: below it is but the rounding of the rest
SLOW_EFFECTS = 6_000  # of several factors: beyond, one evaluation takes long


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
        return _closed(within_of(d, r), d.n_effective(reml), reml).at
    if d.others:
        return criterion_blocks(Many(d, r, reml), theta, order)
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
            optimum = _closed(within_of(d, r), d.n_effective(reml), reml)
        elif d.others:
            optimum = optimise_several(Many(d, r, reml), start)
        else:
            optimum = optimise(problem(d, r, reml), start)
    except np.linalg.LinAlgError:
        raise _no_residual() from None
    if not np.all(optimum.at.pwrss > NOTHING_LEFT * d.n):
        raise _no_residual()
    return optimum


def maximise_each(m: Problem, start) -> Optimum:
    """The maxima of problems that have a design each, with one factor or none.

    Raises
    ------
    LinAlgError
        Where one of them has nothing to estimate a coefficient from.
    """
    return _closed(m.within, m.n, m.reml) if m.design.leading is None else optimise(m, start)


def maximise_with_bar(d: Design, r: Response, reml: bool, verbose: bool, start=None):
    """`maximise`, and a bar where that takes long."""
    soon = d.n_effects > SLOW_EFFECTS and bool(d.others)
    with Progress("Fitting", "evaluations", verbose=verbose, soon=soon):
        return maximise(d, r, reml, start)


def _no_residual() -> ModelError:
    return ModelError(
        "The model explains the outcome without any residual, so there is no variance to "
        "estimate. Is the outcome computed from a predictor, or constant in every group?"
    )


def _closed(within, n, reml: bool) -> Optimum:
    """The optimum of a model without groups, which has no theta."""
    B, C = len(within), np.linalg.cholesky(within)
    A, beta, pwrss = C[:, :-1, :-1], back_solve(C[:, :-1, :-1], C[:, -1, :-1]), C[:, -1, -1] ** 2
    at = Criterion(value=profiled(n, pwrss, A, reml), beta=beta, pwrss=pwrss, factor=A)
    return Optimum(np.zeros((B, 0)), at, np.ones(B, bool), 0)


def modes(d: Design, r: Response, theta: np.ndarray, beta: np.ndarray) -> dict[str, Modes]:
    """Conditional modes of every factor for one response, theta (k,), beta (p,) (eq. 24)."""
    if d.leading is None:
        return {}
    if d.others:
        return _modes_blocks(d, r, theta, beta)
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


def _modes_blocks(d: Design, r: Response, theta, beta) -> dict[str, Modes]:
    s = system(d, r, lambdas_of(d, theta))
    residual, W = np.append(-beta, 1.0), border_variance(d, s)
    b = s.b @ residual
    by_factor = {d.leading.name: _beside_border(d, s, onto_effects(d, s)[0] @ residual, W)}
    for g, rows in zip(d.others, d.border_parts, strict=True):
        blocks = W[rows, rows].reshape(2 * (g.q, g.n_levels))
        by_factor[g.name] = Modes(b[rows].reshape(g.q, -1), np.einsum("ajcj->acj", blocks))
    return by_factor


def _beside_border(d: Design, s, c, W) -> Modes:
    """The leading factor's modes; not knowing the border's effects adds to their variance."""
    Lambda = s.Lambdas[0]
    S, half = Lambda @ Lambda.T, np.einsum("caj,cd->adj", s.N, Lambda)
    variance = np.eye(d.leading.q)[:, :, None] - np.einsum("adj,aej->dej", half, half)
    variance = np.einsum("ad,dej,ce->acj", Lambda, variance, Lambda)
    added = d.border.spread(s.F(d), W)
    return Modes(S @ c, variance + np.einsum("ad,dej,ce->acj", S, added, S))
