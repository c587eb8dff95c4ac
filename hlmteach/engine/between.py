"""Two effects of few groups: contrasts between groups, in which beta is gone (equation 47).

With M the projection off X and Z'MZ = Q diag(lambda) Q', the contrasts t = lambda^-1/2 Q'Z'My have
covariance sigma^2 V_t, linear in S = Lambda Lambda':

    V_t = I + sum_ab S_ab B_ab,    pwrss = rest + t' V_t^-1 t

For three groups V_t has four rows, whatever n and p are.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hlmteach.engine.spectrum import LEAST_EIGENVALUE, inverse_within
from hlmteach.engine.startgrid import StartGrid

PLAIN_GROUPS = 8  # groups up to which plain numbers are faster than arrays
GRID = StartGrid(tuple(np.geomspace(0.02, 40, 9)), (-0.95, -0.5, 0.0, 0.5, 0.95))


@dataclass(frozen=True)
class Contrasts:
    """A design's B (3, r, r) for S_11, S_21 and S_22, R'R (J, 3) alike, and maps of y.

    of_groups (r, 2 J), of_rest (r, p), inner (p, p).
    """

    B: np.ndarray
    RR: np.ndarray
    of_groups: np.ndarray
    of_rest: np.ndarray
    inner: np.ndarray

    @cached_property
    def lists(self) -> list:
        """B as lists."""
        return self.B.tolist()

    @cached_property
    def groups(self) -> list:
        """R'R of each group as lists, with its determinant."""
        m, p, q = self.RR.T
        return np.column_stack([self.RR, m * q - p**2]).tolist()

    @cached_property
    def on_grid(self) -> dict:
        """On the grid: log determinants (G,) by REML and by ML, and V_t^-1/2 (G r, r)."""
        S = _covariances(GRID.thetas)
        root = np.linalg.cholesky(np.eye(self.B.shape[1]) + np.tensordot(S, self.B, axes=1))
        m, p, q, e = np.array(self.groups).T[:, :, None]
        s, u, v = S.T
        plain = np.log(1 + s * m + 2 * u * p + v * q + (s * v - u**2) * e).sum(axis=0)
        restricted = 2 * np.log(np.einsum("grr->gr", root)).sum(axis=1)
        roots = np.linalg.inv(root).reshape(-1, self.B.shape[1])
        return {True: restricted, False: plain, "roots": roots}

    def of(self, D, S, SS) -> tuple[np.ndarray, float]:
        """t (r,) and rest of one response: D (2, J), S (p,) and SS."""
        t = self.of_groups @ D.ravel() - self.of_rest @ S
        return t, max(float(SS - S @ self.inner @ S), 1e-300)

    def starts(self, t, rest: float, n: int, reml: bool) -> tuple[list, bool]:
        """Thetas, s lists of 3, to start from, and whether two effects are out of the question."""
        half = (self.on_grid["roots"] @ t).reshape(len(GRID.thetas), -1)
        return GRID.starts(self.on_grid[reml] + n * np.log(rest + (half**2).sum(axis=1)))


def contrasts(R, X, S, n: int) -> Contrasts:
    """The contrasts of R (2, 2, J), X rotated (p, 2, J), and what that left, S (p, p)."""
    q, _, J = R.shape
    Z = np.zeros((q, J, q, J))  # rows (effect, group), columns (rotated row, group)
    Z[:, np.arange(J), :, np.arange(J)] = R.transpose(2, 1, 0)
    Z, X = Z.reshape(q * J, q * J), X.reshape(len(X), q * J)
    on_X = np.linalg.solve(S + X @ X.T, X @ Z.T).T  # Z'X (X'X)^-1
    left = Z @ Z.T - on_X @ (X @ Z.T)  # Z'MZ
    sizes, vectors = np.linalg.eigh((left + left.T) / 2)
    real = sizes > LEAST_EIGENVALUE * n
    half = vectors[:, real] / np.sqrt(sizes[real])
    first, second = (half * sizes[real]).T.reshape(real.sum(), q, J).swapaxes(0, 1)
    across = first @ second.T
    return Contrasts(
        B=np.stack([first @ first.T, across + across.T, second @ second.T]),
        RR=np.einsum("acj,adj->jcd", R, R)[:, [0, 1, 1], [0, 0, 1]],
        of_groups=half.T @ (Z - on_X @ X),
        of_rest=half.T @ on_X,
        inner=inverse_within(S, n),
    )


def _covariances(theta) -> np.ndarray:
    """S_11, S_21 and S_22 (G, 3) of thetas (G, 3)."""
    a, b, d = theta.T
    return np.column_stack([a * a, a * b, b * b + d * d])
