"""One design with B responses, and what their groups come to at one covariance S = Lambda Lambda'.

With K_j = I + R_j S R_j' = L_j L_j' (equation 15), [R X y] of each group is divided by L_j; all
else, the generalised least squares and every derivative, is made of those quotients.
"""

from dataclasses import dataclass, replace

import numpy as np

from hlmteach.engine.crossprod import Design, Response, gram
from hlmteach.engine.smallmatrix import cholesky_definite, solve_lower


@dataclass(frozen=True)
class Problem:
    """One design with one factor and B responses, to be fitted by ML or REML.

    `sides` (B, q + p + 1, q, J) are the rotated groups' R', X and y, one after another; `within`
    (B, p + 1, p + 1) is [X y]'[X y] of what the rotation left. R (q, q, J) and `n`, what sigma^2
    is divided by (n - p for REML), are the design's; or each response has its own (`leaveout`).
    """

    design: Design
    reml: bool
    R: np.ndarray
    sides: np.ndarray
    within: np.ndarray
    n: int | np.ndarray

    def __len__(self) -> int:
        return len(self.within)

    @property
    def own_designs(self) -> bool:
        """Whether each response has a design of its own."""
        return np.ndim(self.n) > 0

    def only(self, index) -> "Problem":
        """The responses at `index`, in order and each once; itself where they are all."""
        return self if len(index) == len(self) else self.take(index)

    def take(self, index) -> "Problem":
        """The responses at `index`."""
        own = {"R": self.R[index], "n": self.n[index]} if self.own_designs else {}
        return replace(self, sides=self.sides[index], within=self.within[index], **own)


def problem(d: Design, r: Response, reml: bool) -> Problem:
    """The groups' R', X and y in one array, so that `solved` divides all by L_j in one step."""
    q = d.leading.q
    sides = np.empty((len(r), q + d.p + 1, q, d.leading.n_levels))
    sides[:, :q] = d.R.swapaxes(0, 1)
    sides[:, q:-1] = d.D
    sides[:, -1] = r.D
    within = within_of(d, r)
    return Problem(design=d, reml=reml, R=d.R, sides=sides, within=within, n=d.n_effective(reml))


def within_of(d: Design, r: Response) -> np.ndarray:
    """[X y]'[X y] (B, p + 1, p + 1) of what the rotation left."""
    p = d.p
    within = np.empty((len(r), p + 1, p + 1))
    within[:, :p, :p] = d.S
    within[:, p, :p] = within[:, :p, p] = r.S
    within[:, p, p] = r.SS
    return within


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
    L = factor_groups(m.R, S)
    sides = solve_lower(L[:, None], m.sides)
    border = sides[:, m.design.leading.q :]
    C = np.linalg.cholesky(m.within + gram(border, border))
    A, z, pwrss = C[:, :-1, :-1], C[:, -1:, :-1], C[:, -1, -1] ** 2
    inverse = np.linalg.inv(A)  # well conditioned: X is standardised
    return Solved(
        L=L, sides=sides, factor=A, inverse=inverse, beta=(z @ inverse)[:, 0], pwrss=pwrss
    )


def factor_groups(R: np.ndarray, S: np.ndarray) -> np.ndarray:
    """The Cholesky factor L_j (B, q, q, J) of each K_j, of R ([B,] q, q, J) and S (B, q, q)."""
    RS = np.einsum("...acj,...cd->...adj", R, S)
    K = np.einsum("...adj,...edj->...aej", RS, R)
    for a in range(K.shape[1]):
        K[:, a, a] += 1.0
    return cholesky_definite(K)


def log_determinant(L: np.ndarray) -> np.ndarray:
    """sum_j log|K_j| (B,) of the Cholesky factors L (B, q, q, J)."""
    return 2 * np.log(np.einsum("baaj->baj", L)).sum(axis=(1, 2))
