"""One response with two effects of few groups: the criterion in plain numbers (equation 47).

Matrices of four rows are too small for arrays: plain numbers take a fifth of the time.
"""

from dataclasses import dataclass
from math import log, sqrt

import numpy as np

from hlmteach.engine.between import Contrasts
from hlmteach.engine.plain import back, dot, forward


@dataclass(frozen=True)
class FewGroups:
    """The contrasts t (r,) of one response, and `rest`: what X leaves of it within groups."""

    contrasts: Contrasts
    t: list
    rest: float
    n: int
    reml: bool

    def starts(self, _near=()) -> tuple[list, bool]:
        """Thetas, s lists of 3, to start from, and whether two effects are out of the question."""
        return self.contrasts.starts(np.array(self.t), self.rest, self.n, self.reml)

    def criterion(self, theta: list) -> tuple:
        """The criterion but for a constant; by S its gradient, expected Hessian, and Hessian."""
        c, (a, b, d) = self.contrasts, theta
        S = (a * a, a * b, b * b + d * d)
        L = _root(c.lists, S)
        value, g, expected = _restricted(L, c.lists) if self.reml else _determinants(c.groups, *S)
        half = forward(L, self.t)
        pwrss = self.rest + dot(half, half)
        w, scale = back(L, half), self.n / pwrss
        pulled = [[dot(row, w) for row in B] for B in c.lists]
        fall = [scale * dot(u, w) for u in pulled]

        def hessian() -> list:
            halves = [forward(L, u) for u in pulled]
            return [
                [
                    2 * scale * dot(u, v) - f * h / self.n - e
                    for v, h, e in zip(halves, fall, row, strict=False)
                ]
                for u, f, row in zip(halves, fall, expected, strict=True)
            ]

        g = [x - f for x, f in zip(g, fall, strict=True)]
        return value + self.n * log(pwrss), g, expected, hessian


def _determinants(groups: list, s, u, v):
    """sum_j log|I + S M_j| for M_j = (m11, m21, m22), and by S its slope and its curvature's fall.

    The last is the expected Hessian.
    """
    value, g = 0.0, [0.0, 0.0, 0.0]
    H = [[0.0], [0.0, 0.0], [0.0, 0.0, 0.0]]
    for m, p, q, e in groups:
        det = 1 + s * m + 2 * u * p + v * q + (s * v - u * u) * e
        value += log(det)
        x, y, z, f = (m + v * e) / det, 2 * (p - u * e) / det, (q + s * e) / det, e / det
        g[0] += x
        g[1] += y
        g[2] += z
        H[0][0] += x * x
        H[1][0] += x * y
        H[1][1] += y * y + 2 * f
        H[2][0] += x * z - f
        H[2][1] += y * z
        H[2][2] += z * z
    return value, g, H


def _restricted(L: list, lists):
    """The same of log|V_t|."""
    G = []
    for B in lists:
        rows = [forward(L, row) for row in B]
        G.append([forward(L, column) for column in zip(*rows, strict=True)])
    flat = [[x for row in one for x in row] for one in G]
    g = [sum(one[i][i] for i in range(len(L))) for one in G]
    H = [[dot(flat[i], flat[k]) for k in range(i + 1)] for i in range(3)]
    return 2 * sum(log(row[-1]) for row in L), g, H


def _root(lists, S) -> list:
    """The Cholesky factor, row by row, of I + sum_k S_k B_k."""
    B, C, D = lists
    s, u, v = S
    L: list = []
    for i, (b, c, d) in enumerate(zip(B, C, D, strict=True)):
        row: list = []
        for k in range(i):
            x = s * b[k] + u * c[k] + v * d[k] - dot(row, L[k])
            row.append(x / L[k][k])
        row.append(sqrt(1 + s * b[i] + u * c[i] + v * d[i] - dot(row, row)))
        L.append(row)
    return L


def few_groups(c: Contrasts, D, S, SS, n: int, reml: bool) -> FewGroups:
    """The contrasts of one response, D (2, J), S (p,) and SS."""
    t, rest = c.of(D, S, SS)
    return FewGroups(contrasts=c, t=t.tolist(), rest=rest, n=n, reml=reml)
