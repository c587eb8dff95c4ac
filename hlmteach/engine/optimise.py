"""Criterion -> theta: a safeguarded Newton iteration for many responses at once.

theta has no bounds. The criterion is even in the sign of each column of Lambda, so a variance of
zero is an ordinary stationary point; what is zero is set to exactly 0 at the end. Starts come
from a coarse grid, so that a second, lower optimum is not mistaken for the first.
"""

from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np

from hlmteach.engine.between import PLAIN_GROUPS
from hlmteach.engine.covariance import lambda_of, split, theta_of
from hlmteach.engine.deviance import Criterion, criterion, on_grid
from hlmteach.engine.fewgroups import FewGroups, few_groups
from hlmteach.engine.grouping import free_entries
from hlmteach.engine.plain import newton_plain
from hlmteach.engine.problem import Problem
from hlmteach.engine.scoring import scored, steepest
from hlmteach.engine.smallmatrix import lower_factors
from hlmteach.engine.spectrum import SPECTRUM_GROUPS, near_optimum
from hlmteach.engine.twoeffects import MOST_PRODUCTS, TwoEffects, two_effects

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
MANY_STARTS, HANDFUL = 12, 12  # the same for three effects or more of so few groups
MAX_STEPS = 60
DECREMENT = 1e-9  # criterion that the last step gains at most; what it leaves is far less
SETTLED = 1e-18  # the same, when no step is needed at all
ZERO = 1e-9  # criterion that may be given up to make a variance exactly zero
SMALL_THETA = 1e-3  # below which that is tried
SMOOTH_GROUPS = (
    100  # groups beyond which one start is tried: correlated effects then have one optimum
)
SCORINGS = 2  # steps of Fisher scoring before Newton's
SLOPE = 1e-6  # fall of the criterion by a variance (relative to sigma^2) that counts as one
LARGE_WORK = 20_000  # groups times responses beyond which one start is tried


@dataclass(frozen=True)
class Optimum:
    """theta (B, k) with its Criterion; converged (B,) bool; steps taken."""

    theta: np.ndarray
    at: Criterion
    converged: np.ndarray
    steps: int


def optimise(m: Problem, start: np.ndarray | None = None) -> Optimum:
    """Minimise the criterion for each response; `start` (k,) is a warm start for all.

    One scalar effect of few groups needs no start, and Newton only where its sums do not settle;
    two effects of one response have closed forms, and are sought by arrays too where those end on
    a flat place or on two effects that are one, though others are not out of the question.
    """
    g, alike, quick = m.design.leading, not m.own_designs, None
    near = np.zeros((0, m.design.n_theta)) if start is None else start[None]
    if alike and len(m) == 1 and g.blocks == ((0, 2),) and _small(m):
        quick, certain = _of_two_effects(m, near)
        if certain:
            return quick
    if alike and g.q == 1 and g.n_levels <= SPECTRUM_GROUPS:
        optimum = _of_contrasts(m)
        if optimum.converged.all() and optimum.theta.min() > SMALL_THETA:
            return optimum
    else:
        optimum = _best_of(m, *_coarse(m, _starts(m, start), near))
        optimum = _lower(optimum, quick, np.zeros(1, int)) if quick else optimum
    return snap(m, _recheck(m, optimum))


def _starts(m: Problem, start) -> int:
    """From how many places to start, a warm start among them."""
    g = m.design.leading
    if g.q > 2 and g.n_levels <= HANDFUL and len(m) == 1:
        return MANY_STARTS
    return 1 if start is not None and not m.own_designs else STARTS + m.own_designs


def _of_contrasts(m: Problem) -> Optimum:
    """The optimum of one scalar effect, sought by sums; by Newton where those have not settled."""
    spectrum, S = m.design.spectrum, m.within[:, -1]
    t, rest = spectrum.contrasts(m.sides[:, -1], S[:, :-1], S[:, -1])
    theta, exact = near_optimum(spectrum, t**2, rest, m.n, m.reml)
    if exact.all():
        return Optimum(theta, criterion(m, theta, order=0), exact, 1)
    return newton(m, theta, criterion(m, theta))


def _small(m: Problem) -> bool:
    """Whether the products by group of a problem with two effects are few."""
    return m.design.leading.n_levels * len(m.within[0]) ** 2 <= MOST_PRODUCTS


def closed_form(m: Problem) -> FewGroups | TwoEffects:
    """The criterion of one response with two effects: in plain numbers where groups are few."""
    if m.design.leading.n_levels > PLAIN_GROUPS:
        return two_effects(m)
    S = m.within[0, -1]
    return few_groups(m.design.contrasts, m.sides[0, -1], S[:-1], S[-1], m.n, m.reml)


def _of_two_effects(m: Problem, near) -> tuple[Optimum, bool]:
    """The optimum of one response with two effects, and whether it is certain.

    A zero stands where it costs nothing.
    """
    closed = closed_form(m)
    thetas, done = [], []
    starts, one_effect = closed.starts(near)
    for start in starts:
        (a, b, d), settled = newton_plain(closed.criterion, start)
        a, b = (a, b) if a > 0 else (-a, -b)
        thetas += [[a, b, abs(d)], [a, b, 0.0]]
        done.append(settled)
    thetas = np.array(thetas)
    at = criterion(m.take(np.zeros(len(thetas), int)), thetas, order=0)
    best = 2 * int(np.where(done, at.value[::2], np.inf).argmin())
    zero = thetas[best, 2] < SMALL_THETA and at.value[best + 1] <= at.value[best] + ZERO
    one, converged = [best + int(zero)], done[best // 2]
    optimum = Optimum(thetas[one], at.take(one), np.array([converged]), 1)
    return optimum, converged and optimum.theta[0, 0] > SMALL_THETA and (one_effect or not zero)


def _approach(m: Problem, start, value):
    """Some steps of Fisher scoring from the starts (B, k), but where they end higher: thetas."""
    theta = scored(m, start, SCORINGS)
    here = criterion(m, theta)
    worse = np.flatnonzero(~(here.value <= value))
    if len(worse):
        theta[worse] = start[worse]
        here = here.put(worse, criterion(m.only(worse), start[worse]))
    return theta, here


def newton(m, theta: np.ndarray, here: Criterion, evaluate=criterion) -> Optimum:
    """Newton with the Hessian's eigenvalues made positive, halving steps that do not descend.

    Starts at theta (B, k), with the criterion `here`. Responses that are done drop out. `m` is a
    Problem, or whatever `evaluate` takes in its place.
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
                here.take(~done),
                step[~done],
            )
        theta[active], here = _descend(rest, theta[active], here, step, evaluate)
    return Optimum(theta, evaluate(m, theta, order=0), converged, steps)


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


def _descend(m, theta, here: Criterion, step, evaluate):
    """theta + step, the step shortened for the responses whose criterion would rise."""
    limit = here.value + 1e-13 * np.abs(here.value) + 1e-12
    new = theta + step
    there = evaluate(m, new)
    fraction, worse = 1.0, np.flatnonzero(~(there.value <= limit))
    while len(worse):
        fraction = 0.4 * fraction if fraction > 1e-12 else 0.0
        new[worse] = theta[worse] + fraction * step[worse]
        again = evaluate(m.only(worse), new[worse])
        there = there.put(worse, again)
        worse = worse[~(again.value <= limit[worse])] if fraction else worse[:0]
    return new, there


def _coarse(m: Problem, keep: int, near=()):
    """The best thetas (keep, B, k) of the grid and of the points `near` (G, k); their values.

    Those that are lower than all beside them come first: the lowest few may lie in one valley.
    """
    g = m.design.leading
    smooth = g.n_levels > SMOOTH_GROUPS and len(g.blocks) == 1
    large = smooth or g.n_levels * len(m) > LARGE_WORK
    grid = _grid(g.blocks, large)
    known = len(grid)
    grid = np.concatenate([grid, near]) if len(near) else grid
    value = on_grid(m, grid)
    inside = np.zeros(value.shape, bool)
    if not large and 1 < g.q <= 3:
        inside[:known] = _beside_a_lower(value[:known], len(_levels(g.blocks)), g.q)
    best = np.lexsort((value, inside), axis=0)[: 1 if large else keep]
    return grid[best], np.take_along_axis(value, best, axis=0)


def _beside_a_lower(value, size: int, q: int) -> np.ndarray:
    """Whether places have a lower one beside them; of value (G, B) the first size^q are a grid."""
    lower = np.zeros(value.shape, bool)
    value, beside = (some[: size**q].reshape(*[size] * q, -1) for some in (value, lower))
    for axis in range(q):
        here, found = np.moveaxis(value, axis, 0), np.moveaxis(beside, axis, 0)
        found[1:] |= here[:-1] < here[1:]
        found[:-1] |= here[1:] < here[:-1]
    return lower


def _levels(blocks) -> tuple:
    """Sds of the grid, of up to three effects."""
    q = blocks[-1][-1]
    return (APART if len(blocks) > 1 else GRIDS)[min(q, 3)]


@cache
def _grid(blocks, large: bool) -> np.ndarray:
    """Thetas (G, k) with a diagonal Lambda: every combination, or all alike where it has many.

    For three correlated effects also those that vary as one, in every combination of signs.
    """
    rows, columns = free_entries(blocks)
    diagonal = np.flatnonzero(rows == columns)
    q, levels = len(diagonal), _levels(blocks)
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
    optimum = newton(many, *_approach(many, cold.reshape(-1, k), value.ravel()))
    if S == 1:
        return optimum
    value = np.where(optimum.converged, optimum.at.value, np.inf).reshape(S, B)
    best = value.argmin(axis=0) * B + np.arange(B)
    return Optimum(
        optimum.theta[best], optimum.at.take(best), optimum.converged[best], optimum.steps
    )


def _lower(first: Optimum, second: Optimum, index) -> Optimum:
    """`first` with the responses at `index` replaced where `second` is lower."""
    better = second.at.value < first.at.value[index] - 1e-10
    better |= second.converged & ~first.converged[index]
    if not better.any():
        return first
    into, theta, converged = index[better], first.theta.copy(), first.converged.copy()
    theta[into], converged[into] = second.theta[better], second.converged[better]
    at = first.at.put(into, second.at.take(better))
    return Optimum(theta, at, converged, first.steps + second.steps)


def _recheck(m: Problem, optimum: Optimum) -> Optimum:
    """Fit again, from variances above zero, what failed.

    It did not converge, or stayed on a variance of zero where the criterion has a way down.
    """
    poor = ~optimum.converged
    rows, columns = m.design.leading.free
    zero = np.flatnonzero((optimum.theta[:, rows == columns] == 0).any(axis=1))
    if len(zero):
        poor[zero] |= steepest(m.only(zero), optimum.theta[zero]) < -SLOPE
    again = np.flatnonzero(poor)
    if not len(again):
        return optimum
    part = m.only(again)
    start = _coarse(part, 1)[0][0]
    second = newton(part, start, criterion(part, start))
    return _lower(optimum, second, again)


def snap(m, optimum: Optimum, evaluate=criterion) -> Optimum:
    """Set to exactly zero what costs nothing: a whole column of Lambda, or its diagonal."""
    groupings = m.design.groupings
    rows, columns = entries(groupings)
    some = np.flatnonzero((np.abs(optimum.theta[:, rows == columns]) < SMALL_THETA).any(axis=1))
    theta, at = optimum.theta.copy(), optimum.at
    if len(some):
        limit = at.value[some] + ZERO
        theta[some] = _zeroed(m.only(some), theta[some], limit, (rows, columns), evaluate)
    moved = np.flatnonzero((theta != optimum.theta).any(axis=1))
    if len(moved):
        at = at.put(moved, evaluate(m.only(moved), theta[moved], order=0))
    pieces = zip(split(theta, groupings), groupings, strict=True)
    theta = np.concatenate([_canonical_all(t, g) for t, g in pieces], axis=1)
    return Optimum(theta, at, optimum.converged, optimum.steps)


def entries(groupings) -> tuple[np.ndarray, np.ndarray]:
    """(rows, columns) of all factors' free entries, as if their Lambdas were one matrix."""
    if len(groupings) == 1:
        return groupings[0].free
    starts = np.cumsum([0, *(g.q for g in groupings)])
    parts = [np.array(g.free) + start for g, start in zip(groupings, starts, strict=False)]
    rows, columns = np.concatenate(parts, axis=1)
    return rows, columns


def _zeroed(m, theta, limit, free, evaluate):
    """Theta (B, k) with zeros where the criterion stays below the limit (B,)."""
    rows, columns = free
    for k in np.flatnonzero(rows == columns):
        small = np.abs(theta[:, k]) < SMALL_THETA
        for some in _alike(columns == columns[k], np.arange(len(rows)) == k):
            trial = np.where(small[:, None] & some, 0.0, theta)
            if np.any(trial != theta):
                less = evaluate(m, trial, order=0).value <= limit
                theta = np.where(less[:, None], trial, theta)
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
