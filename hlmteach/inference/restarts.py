"""Other starts for the nuisance parameters, so that a local optimum is not taken for the profile.

Candidates are the solution itself with correlations turned round, and diagonal Lambdas on a grid.
Only those whose criterion is not far above the solution's are followed down.
"""

from itertools import product

import numpy as np

from hlmteach.inference.search import Held, Search, descend

GRIDS = {
    1: (0.01, 0.04, 0.15, 0.5, 1.5, 5.0, 20.0, 100.0),  # by the number of sds: relative to sigma
    2: (0.05, 0.3, 1.0, 5.0),
    3: (0.1, 2.0),
}
SIGNED = (0.5, 2.0)
MARGINS = (12.0, 50.0)  # of the criterion, above which a start is left: few or many correlations
SOME = 12  # steps after which a start that leads anywhere new is lower
LEAST = 0.1  # entry of Lambda's diagonal that a turned solution has at least
TURNED = 3  # correlations beyond which they are not turned in every combination
LARGE = 20_000  # size of a design beyond which no other start is tried: its optimum is sharp


def lower_start(search: Search, held: Held, v) -> tuple[np.ndarray, np.ndarray]:
    """The least value (B,) found from other starts at v, and where (B, m); else what is held."""
    best, x = held.value.copy(), held.x.copy()
    design = search.surface.design
    if not design.n_theta or design.D.size > LARGE:
        return best, x
    makers = (_diagonal, _signed)
    starts = [*_turned(search, held.x), *(s for make in makers for s in make(search, held.x, v))]
    values, starts = _with_best_sigma(search, np.stack(starts), v)
    low = values < held.value + MARGINS[int(np.sum(~_slots(search)) > 1)]
    if len(_diagonal_slots(search)) == design.n_theta == 1:
        low &= _valleys(search, held, v, values)
    which, row = np.nonzero(low)
    if not len(row):
        return best, x
    found = _follow(search.take(row), starts[which, row], v[row], held.value[row])
    for i in np.argsort(-found.value):
        if found.value[i] < best[row[i]]:
            best[row[i]], x[row[i]] = found.value[i], found.x[i]
    return best, x


def _follow(search: Search, x, v, value) -> Held:
    """Some steps down from each start; to the bottom where that leads below the value (B,)."""
    found = descend(search, x, v, max_steps=SOME)
    low = np.flatnonzero(found.value < value)
    if len(low):
        bottom = descend(search.take(low), found.x[low], v[low])
        found.value[low], found.x[low] = bottom.value, bottom.x
    return found


def _slots(search: Search) -> np.ndarray:
    """Whether each entry of theta is on Lambda's diagonal."""
    return np.concatenate([g.free[0] == g.free[1] for g in search.surface.design.groupings])


def _diagonal_slots(search: Search) -> np.ndarray:
    return np.flatnonzero(_slots(search))


def _turned(search: Search, x):
    """x with the signs of entries below the diagonal turned; what is zero is set free."""
    on, below = _diagonal_slots(search), np.flatnonzero(~_slots(search))
    pushed = x.copy()
    pushed[:, on] = np.where(np.abs(x[:, on]) < LEAST, LEAST, x[:, on])
    signs = list(product((1.0, -1.0), repeat=len(below))) if len(below) <= TURNED else []
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
    if len(below) == TURNED:
        for size, *signs in product(SIGNED, *[(1.0, -1.0)] * TURNED):
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


def _valleys(search: Search, held: Held, v, values):
    """Which points of a one-dimensional grid lie lower than both neighbours, held.x being one.

    The first of `values` belongs to held.x itself, turned, and is none.
    """
    size = np.abs(search.psi(held.x, v)[0][:, 0])
    edges = np.array([0.0, *GRIDS[1], np.inf])[:, None]
    between = (edges[:-1] < size) & (size <= edges[1:])
    padded = np.pad(values[1:], ((1, 1), (0, 0)), constant_values=np.inf)
    below = np.where(between[:-1], held.value, padded[:-2])
    above = np.where(between[1:], held.value, padded[2:])
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
