"""Other starts for the nuisance parameters, so that a local optimum is not taken for the profile.

Candidates are the solution itself with correlations turned round, and diagonal Lambdas on a grid.
Only those whose criterion is not far above the solution's are followed down.
"""

from itertools import product

import numpy as np

from hlmteach.inference.profiling.search import MOST_STEPS, Minimum, Search, descend

GRIDS = {
    1: (0.01, 0.04, 0.15, 0.5, 1.5, 5.0, 20.0, 100.0),  # by the number of sds: relative to sigma
    2: (0.05, 0.3, 1.0, 5.0),
    3: (0.1, 2.0),
}
SIGNED_SIZES = (0.5, 2.0)
MARGIN = 12.0  # of the criterion, above which a start is left
MARGIN_MANY = 50.0  # the same where several correlations may be turned
MARGIN_BLOCKS = 1.0  # the same for several factors, where each step is dear
FIRST_STEPS, MORE_STEPS = (
    4,
    8,
)  # steps after which a start is back, and after which what is new is lower
BACK_WITHIN = 1e-2  # what counts as back
LEAST_DIAGONAL = 0.1  # entry of Lambda's diagonal that a turned solution has at least
MOST_TURNED = 3  # correlations beyond which they are not turned in every combination
LARGEST_DESIGN = 20_000  # entries of D; beyond, an optimum is sharp: no other start is tried
MOST_EFFECTS = 300  # of several factors, for the same


def lower_start(search: Search, minimum: Minimum, v) -> tuple[np.ndarray, np.ndarray]:
    """The least value (B,) found from other starts at v, and where (B, m); else what is held."""
    best, x = minimum.value.copy(), minimum.x.copy()
    design = search.surface.design
    many = design.others and design.n_effects > MOST_EFFECTS
    if not design.n_theta or many or design.D.size > LARGEST_DESIGN:
        return best, x
    starts, row = _promising(search, minimum, v)
    if len(row):
        lower = _follow(search.take(row), starts, v[row], minimum.x[row], minimum.value[row])
        for i in np.argsort(-lower.value):
            if lower.value[i] < best[row[i]]:
                best[row[i]], x[row[i]] = lower.value[i], lower.x[i]
    return best, x


def _promising(search: Search, minimum: Minimum, v):
    """Starts (N, m) that are other than what is held and not far above it, and their rows."""
    makers = (_turned, _diagonal, _signed)
    starts = np.stack([start for make in makers for start in make(search, minimum.x, v)])
    same = (starts == minimum.x).all(axis=2)
    values, starts = _with_best_sigma(search, starts, v)
    low = (values < minimum.value + _margin(search)) & ~same
    if len(_diagonal_slots(search)) == search.surface.design.n_theta == 1:
        low &= _valleys(search, minimum, v, values)
    which, row = np.nonzero(low)
    return starts[which, row], row


def _follow(search: Search, x, v, known, value) -> Minimum:
    """Some steps down from each start, more if that is not back at the known x and value.

    To the bottom where it leads below.
    """
    minimum = descend(search, x, v, max_steps=FIRST_STEPS)
    near = (np.abs(np.abs(minimum.x) - np.abs(known)) < BACK_WITHIN * (1 + np.abs(known))).all(
        axis=1
    )
    minimum = _further(
        search, minimum, v, ~(near & (np.abs(minimum.value - value) < BACK_WITHIN)), MORE_STEPS
    )
    return _further(search, minimum, v, minimum.value < value, MOST_STEPS)


def _further(search: Search, minimum: Minimum, v, mask, max_steps: int) -> Minimum:
    """The same, with more steps for the searches in the mask (B,)."""
    on = np.flatnonzero(mask)
    if len(on):
        more = descend(search.take(on), minimum.x[on], v[on], max_steps=max_steps)
        minimum.value[on], minimum.x[on] = more.value, more.x
    return minimum


def _margin(search: Search) -> float:
    if search.surface.design.others:
        return MARGIN_BLOCKS
    return MARGIN if np.sum(~_slots(search)) < 2 else MARGIN_MANY


def _slots(search: Search) -> np.ndarray:
    """Whether each entry of theta is on Lambda's diagonal."""
    return np.concatenate([g.free[0] == g.free[1] for g in search.surface.design.groupings])


def _diagonal_slots(search: Search) -> np.ndarray:
    return np.flatnonzero(_slots(search))


def _turned(search: Search, x, v):
    """x with the signs of entries below the diagonal turned; what is zero is set free."""
    on, below = _diagonal_slots(search), np.flatnonzero(~_slots(search))
    pushed = x.copy()
    pushed[:, on] = np.where(np.abs(x[:, on]) < LEAST_DIAGONAL, LEAST_DIAGONAL, x[:, on])
    signs = list(product((1.0, -1.0), repeat=len(below))) if len(below) <= MOST_TURNED else []
    for sign in signs:
        turned = pushed.copy()
        turned[:, below] *= sign
        yield turned


def _diagonal(search: Search, x, v):
    """Diagonal Lambdas, in every combination where these are few."""
    on = _diagonal_slots(search)
    many = len(on) not in GRIDS
    grid = (
        [[size] * len(on) for size in GRIDS[2]] if many else product(GRIDS[len(on)], repeat=len(on))
    )
    for sizes in grid:
        yield _placed(search, x, v, on, sizes)


def _signed(search: Search, x, v):
    """Lambdas with correlations of every sign, where three effects are correlated."""
    on, below = _diagonal_slots(search), np.flatnonzero(~_slots(search))
    if len(below) == MOST_TURNED:
        for size, *signs in product(SIGNED_SIZES, *[(1.0, -1.0)] * MOST_TURNED):
            entries = [*[0.5 * size] * len(on), *(size * sign for sign in signs)]
            yield _placed(search, x, v, [*on, *below], entries)


def _placed(search: Search, x, v, slots, entries):
    """x (B, m) with these entries of Lambda, the rest of it zero, in each row's coordinates."""
    start = x.copy()
    start[:, :-1] = 0.0
    start[:, slots] = entries
    at, first, _, last = search.rows["cor"]
    start[at, first] = np.sqrt(start[at, first])
    start[at, last] = np.sqrt(start[at, last] * search.relation[at, 1])
    at, first, _, _ = search.rows["sd"]
    start[at, -1] = np.log(v[at] / start[at, first])
    return start


def _valleys(search: Search, minimum: Minimum, v, values):
    """Which points of a one-dimensional grid lie lower than both neighbours, held.x being one.

    The first of `values` belongs to held.x itself, turned, and is none.
    """
    size = np.abs(search.psi(minimum.x, v)[0][:, 0])
    edges = np.array([0.0, *GRIDS[1], np.inf])[:, None]
    between = (edges[:-1] < size) & (size <= edges[1:])
    padded = np.pad(values[1:], ((1, 1), (0, 0)), constant_values=np.inf)
    below = np.where(between[:-1], minimum.value, padded[:-2])
    above = np.where(between[1:], minimum.value, padded[2:])
    low = (values[1:] < below) & (values[1:] < above)
    return np.concatenate([np.zeros((1, len(v)), bool), low])


def _with_best_sigma(search: Search, starts, v):
    """Values (C, B) of the starts (C, B, m), with sigma at its best wherever it is free."""
    C, B, m = starts.shape
    many = search.take(np.tile(np.arange(B), C))
    x = starts.reshape(C * B, m)
    joint, n = many.value(x, np.tile(v, C)), search.surface.design.n
    free = (many.kind == "beta") | (many.kind == "cor")
    misfit = np.where(free, joint.misfit, n)
    x[:, -1] += 0.5 * np.log(misfit / n)
    value = joint.value + np.where(free, n * np.log(misfit / n) - misfit + n, 0.0)
    return np.where(np.isfinite(value), value, np.inf).reshape(C, B), x.reshape(C, B, m)
