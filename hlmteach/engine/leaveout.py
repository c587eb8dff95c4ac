"""One design without one group, or without one row, for each of them at once.

The other groups stay as they are. Without group j its part of R, X and y is zero; without a row the
rest of its group is rotated anew. With B = [X y] of what is left out, E_j = Q_j' [X y] of its group
and E the same of the rest of the group, what the rotation left (equation 14) becomes

    S + E_j' E_j - E' E - B' B
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hlmteach.engine.crossprod import Design, Response
from hlmteach.engine.problem import Problem, problem, within_of
from hlmteach.engine.smallmatrix import cholesky, skip_zero_pivots, solve_lower

LEAST_SHARE = 1e-9  # eigenvalue of X'X, beside the largest, below which X has lost a column
LEAST_LEFT = 1e-6  # of a pivot of Z'Z, below which it is computed anew from the rows that stay


@dataclass(frozen=True)
class LeaveOut:
    """A design with one factor or none, its response, and the rows [X y] (n, p + 1)."""

    design: Design
    response: Response
    reml: bool
    rows: np.ndarray

    def groups(self, which) -> Problem:
        """The problems (k of them) without each of the groups `which` (k,)."""
        each, g = np.arange(len(which)), self.design.leading
        R, sides = self._copies(len(which))
        R[each, :, :, which] = 0.0
        sides[each, :, :, which] = 0.0
        gone = self._group_products[which] - self._rotated_products(which)
        return self._problem(R, sides, gone, g.sizes[which])

    def single_rows(self, which) -> Problem:
        """The problems (k of them) without each of the rows `which` (k,)."""
        B = self.rows[which]
        gone = B[:, :, None] * B[:, None, :]
        if self.design.leading is None:
            return self._problem(None, None, gone, 1)
        each, group = np.arange(len(which)), self.design.leading.codes[which]
        R, sides = self._copies(len(which))
        root, E = self._rest(which, group)
        R[each, :, :, group] = root.transpose(2, 1, 0)
        sides[each, :, :, group] = np.concatenate([root, E]).transpose(2, 0, 1)
        gone += np.einsum("maj,naj->jmn", E, E) - self._rotated_products(group)
        return self._problem(R, sides, gone, 1)

    def tell_apart(self, which, by_row: bool) -> np.ndarray:
        """Whether what is left tells all coefficients apart (k,)."""
        p, X = self.design.p, self.rows[which, :-1]
        gone = X[:, :, None] * X[:, None] if by_row else self._group_products[which, :p, :p]
        values = np.linalg.eigvalsh(self.rows[:, :-1].T @ self.rows[:, :-1] - gone)
        return values[:, 0] >= LEAST_SHARE * values[:, -1] if p else np.ones(len(which), bool)

    @cached_property
    def _whole(self) -> Problem:
        return problem(self.design, self.response, self.reml)

    @cached_property
    def _group_products(self) -> np.ndarray:
        """[X y]'[X y] (J, p + 1, p + 1) of each group's rows."""
        B = self.rows.T
        return np.stack([self.design.leading.sums(one * B) for one in B]).transpose(2, 0, 1)

    def _rotated_products(self, groups) -> np.ndarray:
        """E_j' E_j (k, p + 1, p + 1) of some groups."""
        E = self._whole.sides[0, self.design.leading.q :, :, groups]
        return np.einsum("jma,jna->jmn", E, E)

    def _copies(self, k: int) -> tuple[np.ndarray, np.ndarray]:
        return np.tile(self._whole.R, (k, 1, 1, 1)), np.tile(self._whole.sides, (k, 1, 1, 1))

    def _rest(self, which, group):
        """R' (q, q, k) and E (p + 1, q, k) of the groups (k,) without one row each (k,)."""
        g, sides = self.design.leading, self._whole.sides[0][:, :, group]
        both = np.column_stack([g.Z, self.rows])
        products = np.einsum("caj,maj->cmj", sides[: g.q], sides)
        left = products - np.einsum("jc,jm->cmj", g.Z[which], both[which])
        pivots = np.einsum("aaj->aj", cholesky(left[:, : g.q])) ** 2
        small = pivots <= LEAST_LEFT * np.einsum("aaj->aj", products[:, : g.q])
        for i in np.flatnonzero(small.any(axis=0)):
            stay = g.codes == group[i]
            stay[which[i]] = False
            left[..., i] = g.Z[stay].T @ both[stay]
        root = cholesky(left[:, : g.q])
        return root, solve_lower(skip_zero_pivots(root), left[:, g.q :].swapaxes(0, 1))

    def _problem(self, R, sides, gone, rows) -> Problem:
        n = self.design.n_effective(self.reml) - rows * np.ones(len(gone))
        within = within_of(self.design, self.response) - gone
        return Problem(design=self.design, reml=self.reml, R=R, sides=sides, within=within, n=n)
