"""Two effects of one response, in closed forms for all groups at once (equation 53).

For two effects K_j = I + R_j S R_j' is a 2 x 2 matrix, linear in S and |S|, and so is its adjugate:

    K_j^-1 = adj(K_j) / |K_j|,    |K_j| = 1 + tr(R_j S R_j') + |S| |R_j|^2

With the products of [X y] by group beside them, one matrix product gives the criterion at one
theta, or on a whole grid. Derivatives are by S_11, S_21 and S_22.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hlmteach.engine.derivatives import counted_pairs
from hlmteach.engine.problem import Problem
from hlmteach.engine.startgrid import StartGrid

FINE = StartGrid(tuple(np.geomspace(0.03, 30, 6)), (-0.8, 0.0, 0.8))
COARSE = StartGrid((0.1, 0.5, 3.0), (0.0,))
FINE_GROUPS = 100  # groups up to which the finer grid is taken; with more there is one optimum
MOST_PRODUCTS = 400_000  # numbers in the products by group, beyond which they cost more than save
FIRST, SECOND = np.array([0, 0, 1]), np.array([0, 1, 1])  # of the pairs of effects: 11, 21, 22


@dataclass(frozen=True)
class TwoEffects:
    """The groups of one response, ready for any theta (3,).

    `maps` (5, 4 J) make adj(K_j) and |K_j| of S_11, S_21, S_22, |S| and 1; `turns` (7, 3, J) make
    R_j'K_j^-1 and R_j'K_j^-1 R_j of H_j = K_j^-1. `sides` (p + 1, 2 J) are the rotated X and y,
    `products` (3 J, (p + 1)^2) theirs; `within` (p + 1, p + 1) is what the rotation left.
    """

    maps: np.ndarray
    turns: np.ndarray
    sides: np.ndarray
    products: np.ndarray
    within: np.ndarray
    n: int
    reml: bool

    def starts(self, near) -> tuple[list, bool]:
        """Thetas, s lists of 3, to start from, and whether two effects are out of the question.

        A place `near` (0 or 1, 3) that is lower than all of the grid is the only one.
        """
        grid = FINE if self.turns.shape[-1] <= FINE_GROUPS else COARSE
        value, _, _ = self._at(np.concatenate([grid.thetas, near]))
        on_grid = value[: len(grid.thetas)]
        if len(near) and value[-1] <= on_grid.min():
            return near.tolist(), False
        return grid.starts(on_grid)

    def criterion(self, theta: list) -> tuple:
        """The criterion but for a constant; by S its gradient, expected Hessian, and Hessian."""
        value, H, C = self._at(np.array([theta]))
        p = len(self.within) - 1
        turned = np.einsum("kij,ij->kj", self.turns, H[0])
        A, T = turned[4:], np.linalg.inv(C[0])
        T[p] *= self.n**0.5
        shares = (T @ self.sides).reshape(p + 1, 2, -1)
        G = np.einsum("cdj,mdj->cmj", turned[:4].reshape(2, 2, -1), shares)
        counted = G if self.reml else G[:, p:]
        squares = (counted[FIRST] * counted[SECOND]).sum(axis=1)

        def hessian() -> list:
            flat = G.reshape(2 * p + 2, -1)
            U = (flat @ flat.T).reshape(2, p + 1, 2, p + 1).swapaxes(1, 2).reshape(4, -1)
            whole = _pairs(A @ (2 * squares - A).T)
            _subtract(whole, ((U * self._weights) @ U.T).tolist())
            return whole

        s, u, v = (A - squares).sum(axis=1).tolist()
        return value.item(), [s, 2 * u, v], _pairs(A @ A.T), hessian

    @cached_property
    def _weights(self) -> np.ndarray:
        return counted_pairs(self.n, len(self.within) - 1, self.reml).ravel()

    def _at(self, theta):
        """The criterion (G,), adj(K_j) / |K_j| (G, 3, J) and the factors of [X y]'V^-1 [X y]."""
        a, b, d = theta.T
        S = np.array([a * a, a * b, b * b + d * d, (a * d) ** 2, np.ones(len(a))]).T
        K = (S @ self.maps).reshape(len(S), 4, -1)
        H, det = K[:, :3] / K[:, 3:], K[:, 3]
        Q = (H.reshape(len(S), -1) @ self.products).reshape(len(S), *self.within.shape)
        C = np.linalg.cholesky(self.within + Q)
        logs = np.log(C.diagonal(axis1=1, axis2=2))
        value = np.log(det).sum(axis=1) + 2 * self.n * logs[:, -1]
        return (value + 2 * logs[:, :-1].sum(axis=1) if self.reml else value), H, C


def _subtract(H: list, B: list) -> None:
    """Take off the form of sums over groups U, B = U w U' (4, 4), from the lower triangle H."""
    (ss, sx, sy, sv), (_, xx, xy, xv), (_, _, yy, yv), (*_, vv) = B
    H[0][0] -= ss
    H[1][0] -= sx + sy
    H[1][1] -= xx + 2 * xy + yy
    H[2][0] -= sv
    H[2][1] -= xv + yv
    H[2][2] -= vv


def _pairs(M) -> list:
    """The forms tr(A E C F), summed over groups, of M = sum A C' (3, 3): the lower triangle."""
    (ss, su, sv), (us, uu, uv), (vs, vu, vv) = M.tolist()
    return [[ss], [su + us, sv + vs + 2 * uu], [uu, uv + vu, vv]]


def two_effects(m: Problem) -> TwoEffects:
    """The closed forms of a problem with one response."""
    (a, _), (b, c) = m.R.swapaxes(0, 1)
    sides, zero = m.sides[0, 2:], np.zeros_like(a)
    first, second = sides[:, 0], sides[:, 1]
    across = first[:, None] * second
    products = [first[:, None] * first, across + across.swapaxes(0, 1), second[:, None] * second]
    one = np.ones_like(a)
    maps = [
        [zero, zero, a * a, a * a],
        [zero, -a * c, 2 * a * b, 2 * a * b],
        [c * c, -b * c, b * b, b * b + c * c],
        [zero, zero, zero, (a * c) ** 2],
        [one, zero, one, one],
    ]
    turns = [
        [a, zero, zero],
        [zero, a, zero],
        [b, c, zero],
        [zero, b, c],
        [a * a, zero, zero],
        [a * b, a * c, zero],
        [b * b, 2 * b * c, c * c],
    ]
    return TwoEffects(
        maps=np.array(maps).reshape(5, -1),
        turns=np.array(turns),
        sides=sides.reshape(len(sides), -1),
        products=np.array(products).transpose(0, 3, 1, 2).reshape(-1, len(sides) ** 2),
        within=m.within[0],
        n=m.n,
        reml=m.reml,
    )
