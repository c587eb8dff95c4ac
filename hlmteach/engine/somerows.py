"""One design of which each response has some rows only, such as studies with other gaps each."""

import numpy as np

from hlmteach.engine.crossprod import Design, gram
from hlmteach.engine.problem import Problem
from hlmteach.engine.smallmatrix import cholesky, skip_zero_pivots, solve_lower


def some_rows(d: Design, Y: np.ndarray, kept: np.ndarray, reml: bool) -> Problem:
    """The problems of the outcomes Y (B, n), each with its rows `kept` (B, n) of a design.

    The design has one factor. Y is taken as it is: its size should be about 1.
    """
    g, n = d.leading, kept.sum(axis=1)
    rows = np.empty((len(Y), g.q + d.p + 1, d.n))
    rows[:, : g.q], rows[:, g.q : -1], rows[:, -1] = g.Z.T, d.X.T, Y
    rows *= kept[:, None]
    products = g.sums(rows[:, :, None] * g.Z.T)
    root = skip_zero_pivots(cholesky(products[:, : g.q]))
    sides = solve_lower(root[:, None], products)
    R, E, others = sides[:, : g.q].swapaxes(1, 2), sides[:, g.q :], rows[:, g.q :]
    within = others @ others.swapaxes(1, 2) - gram(E, E)
    return Problem(design=d, reml=reml, R=R, sides=sides, within=within, n=n - d.p if reml else n)
