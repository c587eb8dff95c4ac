"""Criterion -> theta: a safeguarded Newton iteration for many responses at once.

theta has no bounds. The criterion is even in the sign of each column of Lambda, so a variance of
zero is an ordinary stationary point; what is zero is set to exactly 0 at the end. Starts come
from a coarse grid, so that a second, lower optimum is not mistaken for the first.
"""

from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np

from hlmteach.engine.covariance import lambda_of, theta_of
from hlmteach.engine.deviance import Criterion, criterion, on_grid
from hlmteach.engine.grouping import free_entries
from hlmteach.engine.problem import Problem
from hlmteach.engine.scoring import scored, steepest
from hlmteach.engine.smallmatrix import lower_factors
from hlmteach.engine.spectrum import FEW, near_optimum

GRIDS = {  # sd of u in units of sigma, Z whitened, by the number of effects
    1: (0.02, 0.1, 0.4, 1.5, 6.0, 40.0),
    2: (0.05, 0.4, 3.0, 25.0),
    3: (0.1, 1.0, 10.0),
}
APART = {2: (0.03, 0.3, 3.0, 30.0, 300.0, 2000.0), 3: (0.1, 3.0, 100.0)}  # uncorrelated effects,
# whose sds may be huge and cancel where x lies far from 0
LARGE_GRID = (0.1, 0.5, 3.0)
AS_ONE, APART_FROM_ONE = (0.5, 2.0), 0.1  # sizes along the one direction, and off it
STARTS = 3  # grid points from which Newton starts
MAX_STEPS = 60
DECREMENT = 1e-9  # criterion that the last step gains at most; what it leaves is far less
SETTLED = 1e-18  # the same, when no step is needed at all
ZERO = 1e-9  # criterion that may be given up to make a variance exactly zero
SMALL = 1e-3  # theta below which that is tried
SMOOTH = 100  # groups beyond which one start is tried: correlated effects then have one optimum
SCORINGS = 2  # steps of Fisher scoring before Newton's
SLOPE = 1e-6  # fall of the criterion by a variance (relative to sigma^2) that counts as one
LARGE = 20_000  # groups times responses beyond which one start is tried


@dataclass(frozen=True)
class Optimum:
    """theta (B, k) with its Criterion; converged (B,) bool; steps taken."""

    theta: np.ndarray
    at: Criterion
    converged: np.ndarray
    steps: int


def optimise(m: Problem, start: np.ndarray | None = None) -> Optimum:
    """Minimise the criterion for each response; `start` (k,) is a warm start for all.

    One scalar effect of few groups needs no start, and Newton only confirms what its sums found.
    """
    if m.design.leading.q == 1 and m.design.leading.n_levels <= FEW:
        theta = _of_contrasts(m)
        found = newton(m, theta, criterion(m, theta))
    else:
        keep, near = (STARTS, ()) if start is None else (1, start[None])
        found = _best_of(m, *_coarse(m, keep, near))
    return _snap(m, _recheck(m, found))


def _of_contrasts(m: Problem) -> np.ndarray:
    """Theta (B, 1) of one scalar effect, nearly at the optimum already."""
    r, spectrum = m.response, m.design.spectrum
    t, rest = spectrum.contrasts(r.D, r.S, r.SS)
    return near_optimum(spectrum, t**2, rest, m.n, m.reml)


def _approach(m: Problem, start, value):
    """Some steps of Fisher scoring from the starts (B, k), but where they end higher: thetas."""
    theta = scored(m, start, SCORINGS)
    here = criterion(m, theta)
    worse = np.flatnonzero(~(here.value <= value))
    if len(worse):
        theta[worse] = start[worse]
        here = _put(here, worse, criterion(m.only(worse), start[worse]))
    return theta, here


def newton(m: Problem, theta: np.ndarray, here: Criterion) -> Optimum:
    """Newton with the Hessian's eigenvalues made positive, halving steps that do not descend.

    Starts at theta (B, k), with the criterion `here`. Responses that are done drop out.
    """
    theta, converged = theta.copy(), np.zeros(len(m), bool)
    active, rest = np.arange(len(m)), m
    steps = 0
    while steps < MAX_STEPS:
        steps += 1
        step, decrement = _newton_step(here, theta[active])
        done = decrement < DECREMENT
        if steps == 1 and np.all(decrement < SETTLED):
            return Optimum(theta, here, done, steps)
        theta[active[done]] += step[done]
        converged[active[done]] = True
        if done.all():
            break
        if done.any():
            active, rest, here, step = (
                active[~done],
                rest.take(~done),
                _take(here, ~done),
                step[~done],
            )
        theta[active], here = _descend(rest, theta[active], here, step)
    return Optimum(theta, criterion(m, theta, order=0), converged, steps)


def _newton_step(here: Criterion, theta):
    """The step (B, k) and what the quadratic model promises by it (B,)."""
    values, vectors = _eigen(here.hessian)
    size = np.abs(values)
    size = np.maximum(size, 1e-9 * size.max(axis=1, keepdims=True) + 1e-12)
    along = (here.gradient[:, None] @ vectors)[:, 0]
    step = (vectors @ (along / -size)[:, :, None])[:, :, 0]
    decrement = 0.5 * (along**2 / size).sum(axis=1)
    reach = 1.0 + 2.0 * np.abs(theta).max(axis=1, keepdims=True)
    length = np.abs(step).max(axis=1, keepdims=True)
    return step * np.minimum(1.0, reach / np.maximum(length, 1e-300)), decrement


def _eigen(H):
    """Eigenvalues (B, k) and vectors (B, k, k); one parameter needs no LAPACK."""
    return (H[:, 0], np.ones(H.shape)) if H.shape[-1] == 1 else np.linalg.eigh(H)


def _descend(m: Problem, theta, here: Criterion, step):
    """theta + step, the step shortened for the responses whose criterion would rise."""
    limit = here.value + 1e-13 * np.abs(here.value) + 1e-12
    new = theta + step
    there = criterion(m, new)
    fraction, worse = 1.0, np.flatnonzero(~(there.value <= limit))
    while len(worse):
        fraction = 0.4 * fraction if fraction > 1e-12 else 0.0
        new[worse] = theta[worse] + fraction * step[worse]
        again = criterion(m.only(worse), new[worse])
        there = _put(there, worse, again)
        worse = worse[~(again.value <= limit[worse])] if fraction else worse[:0]
    return new, there


def _put(c: Criterion, index, part: Criterion) -> Criterion:
    """C with the responses at `index` replaced by those of `part`."""
    merged = {name: getattr(c, name) for name in Criterion.__dataclass_fields__}
    merged = {name: None if v is None else v.copy() for name, v in merged.items()}
    for name, values in merged.items():
        if values is not None:
            values[index] = getattr(part, name)
    return Criterion(**merged)


def _take(c: Criterion, index) -> Criterion:
    parts = (getattr(c, name) for name in Criterion.__dataclass_fields__)
    return Criterion(*(None if part is None else part[index] for part in parts))


def _coarse(m: Problem, keep: int, near=()):
    """The best thetas (keep, B, k) of the grid and of the points `near` (G, k); their values."""
    g = m.design.leading
    smooth = g.n_levels > SMOOTH and len(g.blocks) == 1
    large = smooth or g.n_levels * len(m) > LARGE
    grid = _grid(g.blocks, large)
    grid = np.concatenate([grid, near]) if len(near) else grid
    value = on_grid(m, grid)
    best = value.argsort(axis=0)[: 1 if large else keep]
    return grid[best], np.take_along_axis(value, best, axis=0)


@cache
def _grid(blocks, large: bool) -> np.ndarray:
    """Thetas (G, k) with a diagonal Lambda: every combination, or all alike where it has many.

    For three correlated effects also those that vary as one, in every combination of signs.
    """
    rows, columns = free_entries(blocks)
    diagonal = np.flatnonzero(rows == columns)
    q = len(diagonal)
    levels = (APART if len(blocks) > 1 else GRIDS)[min(q, 3)]
    if large or q > 3:
        points = np.repeat(np.array(LARGE_GRID)[:, None], q, axis=1)
    else:
        points = np.array(list(product(levels, repeat=q)))
    grid = np.zeros((len(points), len(rows)))
    grid[:, diagonal] = points
    return grid if large or q != 3 or len(blocks) > 1 else np.concatenate([grid, _as_one()])


def _as_one() -> np.ndarray:
    """Thetas (8, 6) of three effects that nearly vary as one."""
    along = [
        size * np.array([1, *signs]) for size in AS_ONE for signs in product((1, -1), repeat=2)
    ]
    return np.pad(along, ((0, 0), (0, 3))) + APART_FROM_ONE * np.array([0, 0, 0, 1, 0, 1])


def _best_of(m: Problem, cold, value) -> Optimum:
    """From each start of (S, B, k) at once, with values (S, B); the lowest for each response."""
    S, B, k = cold.shape
    many = m if S == 1 else m.take(np.tile(np.arange(B), S))
    found = newton(many, *_approach(many, cold.reshape(-1, k), value.ravel()))
    if S == 1:
        return found
    value = np.where(found.converged, found.at.value, np.inf).reshape(S, B)
    best = value.argmin(axis=0) * B + np.arange(B)
    return Optimum(found.theta[best], _take(found.at, best), found.converged[best], found.steps)


def _lower(first: Optimum, second: Optimum, index) -> Optimum:
    """`first` with the responses at `index` replaced where `second` is lower."""
    better = second.at.value < first.at.value[index] - 1e-10
    better |= second.converged & ~first.converged[index]
    if not better.any():
        return first
    into, theta, converged = index[better], first.theta.copy(), first.converged.copy()
    theta[into], converged[into] = second.theta[better], second.converged[better]
    at = _put(first.at, into, _take(second.at, better))
    return Optimum(theta, at, converged, first.steps + second.steps)


def _recheck(m: Problem, found: Optimum) -> Optimum:
    """Fit again, from variances above zero, what failed.

    It did not converge, or stayed on a variance of zero where the criterion has a way down.
    """
    poor = ~found.converged
    rows, columns = m.design.leading.free
    zero = np.flatnonzero((found.theta[:, rows == columns] == 0).any(axis=1))
    if len(zero):
        poor[zero] |= steepest(m.only(zero), found.theta[zero]) < -SLOPE
    again = np.flatnonzero(poor)
    if not len(again):
        return found
    part = m.only(again)
    start = _coarse(part, 1)[0][0]
    second = newton(part, start, criterion(part, start))
    return _lower(found, second, again)


def _snap(m: Problem, found: Optimum) -> Optimum:
    """Set to exactly zero what costs nothing: a whole column of Lambda, or its diagonal."""
    rows, columns = m.design.leading.free
    diagonal = np.flatnonzero(rows == columns)
    some = np.flatnonzero((np.abs(found.theta[:, diagonal]) < SMALL).any(axis=1))
    theta, at = found.theta.copy(), found.at
    if len(some):
        part = m.only(some)
        theta[some] = _zeroed(part, theta[some], at.value[some] + ZERO)
    moved = np.flatnonzero((theta != found.theta).any(axis=1))
    if len(moved):
        at = _put(at, moved, criterion(m.only(moved), theta[moved], order=0))
    return Optimum(_canonical_all(theta, m.design.leading), at, found.converged, found.steps)


def _zeroed(m: Problem, theta, limit):
    """Theta (B, k) with zeros where the criterion stays below the limit (B,)."""
    rows, columns = m.design.leading.free
    for k in np.flatnonzero(rows == columns):
        small = np.abs(theta[:, k]) < SMALL
        for entries in _alike(columns == columns[k], np.arange(len(rows)) == k):
            trial = np.where(small[:, None] & entries, 0.0, theta)
            if np.any(trial != theta):
                free = criterion(m, trial, order=0).value <= limit
                theta = np.where(free[:, None], trial, theta)
    return theta


def _alike(column, diagonal):
    """A column of Lambda, and its diagonal entry where that is less."""
    return (column,) if np.array_equal(column, diagonal) else (column, diagonal)


def _canonical_all(theta, g):
    """Positive diagonals everywhere; where a diagonal is zero, the one form that is unique."""
    Lambda = lambda_of(theta, g)
    diagonal = np.einsum("bcc->bc", Lambda)
    Lambda = Lambda * np.where(diagonal < 0, -1.0, 1.0)[:, None, :]
    loose = ((diagonal == 0) & (Lambda != 0).any(axis=1)).any(axis=1)
    if loose.any():
        Lambda[loose] = lower_factors(Lambda[loose])
    return theta_of(Lambda, g)
