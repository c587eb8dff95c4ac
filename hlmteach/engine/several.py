"""Several factors' theta: from one start or more, by the same steps of Newton as one factor's."""

import numpy as np

from hlmteach.engine.blocks import Many, criterion_blocks
from hlmteach.engine.optimise import SMOOTH_GROUPS, Optimum, entries, newton, snap

STARTS = (0.5, 0.1, 2.0)
LARGE_EFFECTS = 2_000  # random effects in all, beyond which one start is tried


def optimise_several(m: Many, start=None) -> Optimum:
    """Minimise the criterion over all factors' theta (k,); `start` (k,) is a warm start."""
    optima = [
        newton(m, s[None], criterion_blocks(m, s[None]), criterion_blocks)
        for s in _starts(m, start)
    ]
    best = min(optima, key=lambda one: (~one.converged[0], one.at.value[0]))
    return snap(m, best, criterion_blocks)


def _starts(m: Many, start) -> list[np.ndarray]:
    rows, columns = entries(m.design.groupings)
    diagonal = (rows == columns) * 1.0
    many = m.design.n_effects > LARGE_EFFECTS
    smooth = many or all(g.n_levels >= SMOOTH_GROUPS for g in m.design.groupings)
    cold = [size * diagonal for size in (STARTS[:1] if smooth else STARTS)]
    if start is None:
        return cold
    warm = np.where((start == 0) & (diagonal == 1), 0.05, start)
    return [warm] if smooth else [warm, cold[0]]
