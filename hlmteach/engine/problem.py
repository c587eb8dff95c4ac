"""One design with B responses, and what their groups come to at one covariance S = Lambda Lambda'.

With K_j = I + R_j S R_j' = L_j L_j' (equation 15), [R X y] of each group is divided by L_j; all
else, the generalised least squares and every derivative, is made of those quotients.
"""

from dataclasses import dataclass

import numpy as np

from hlmteach.engine.crossprod import Design, Response, gram
from hlmteach.engine.smallmatrix import cholesky_definite, solve_lower


@dataclass(frozen=True)
class Problem:
    """One design with one factor and B responses, to be fitted by ML or REML.

    `sides` (B, q + p + 1, q, J) are the rotated groups' R', X and y, one after another; `within`
    (B, p + 1, p + 1) is [X y]'[X y] of what the rotation left.
    """

    design: Design
    response: Response
    reml: bool
    sides: np.ndarray
    within: np.ndarray

    def __len__(self) -> int:
        return len(self.within)

    @property
    def n(self) -> int:
        """What sigma^2 is divided by: n, and n - p for REML."""
        return self.design.n - self.design.p if self.reml else self.design.n

    def only(self, index) -> "Problem":
        """The responses at `index`, in order and each once; itself where they are all."""
        return self if len(index) == len(self) else self.take(index)

    def take(self, index) -> "Problem":
        """The responses at `index`."""
        rest = (self.response.take(index), self.reml, self.sides[index], self.within[index])
        return Problem(self.design, *rest)


def problem(d: Design, r: Response, reml: bool) -> Problem:
    """Put the design and its responses side by side."""
    q, p = d.leading.q, d.p
    sides = np.empty((len(r), q + p + 1, q, d.leading.n_levels))
    sides[:, :q] = d.R.swapaxes(0, 1)
    sides[:, q:-1] = d.D
    sides[:, -1] = r.D
    within = np.empty((len(r), p + 1, p + 1))
    within[:, :p, :p] = d.S
    within[:, p, :p] = within[:, :p, p] = r.S
    within[:, p, p] = r.SS
    return Problem(d, r, reml, sides, within)


@dataclass(frozen=True)
class Solved:
    """The groups at one covariance S, and the generalised least squares they lead to.

    L (B, q, q, J); sides (B, q + p + 1, q, J) = L^-1 [R X y]; factor (B, p, p)
    lower with factor factor' = X' V^-1 X, and its inverse; beta (B, p), pwrss (B,).
    """

    L: np.ndarray
    sides: np.ndarray
    factor: np.ndarray
    inverse: np.ndarray
    beta: np.ndarray
    pwrss: np.ndarray


def solved(m: Problem, S: np.ndarray) -> Solved:
    """Factor the groups and solve for beta at S (B, q, q)."""
    L = factor_groups(m.design, S)
    sides = solve_lower(L[:, None], m.sides)
    border = sides[:, m.design.leading.q :]
    C = np.linalg.cholesky(m.within + gram(border, border))
    A, z, pwrss = C[:, :-1, :-1], C[:, -1:, :-1], C[:, -1, -1] ** 2
    inverse = np.linalg.inv(A)  # well conditioned: X is standardised
    return Solved(L, sides, A, inverse, (z @ inverse)[:, 0], pwrss)


def factor_groups(d: Design, S: np.ndarray) -> np.ndarray:
    """The Cholesky factor L_j (B, q, q, J) of each K_j at S (B, q, q)."""
    RS = np.einsum("acj,bcd->badj", d.R, S)
    K = np.einsum("badj,edj->baej", RS, d.R)
    for a in range(K.shape[1]):
        K[:, a, a] += 1.0
    return cholesky_definite(K)


def log_determinant(L: np.ndarray) -> np.ndarray:
    """sum_j log|K_j| (B,) of the Cholesky factors L (B, q, q, J)."""
    return 2 * np.log(np.einsum("baaj->baj", L)).sum(axis=(1, 2))
