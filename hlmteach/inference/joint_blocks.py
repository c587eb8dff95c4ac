"""`joint`'s criterion for several grouping factors: one search after another, Hessians differenced.

The factors' own criterion (equations 21 to 23) has sigma profiled out. Its gradient weighs h by
n / h; a constant added to y'y changes that weight to any 1 / sigma^2 and changes nothing else.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import cho_solve

from hlmteach.engine.blocks import criterion_blocks
from hlmteach.engine.crossprod import Design, Response
from hlmteach.inference.joint import Joint

DIFFERENCE = 1e-5  # step in psi


@dataclass(frozen=True)
class ManyFactors:
    """B searches: for each a design and response with its rotation of Z, and a (p,)."""

    designs: tuple[Design, ...]
    responses: tuple[Response, ...]
    a: np.ndarray

    @property
    def design(self) -> Design:
        """Sizes and factors, which all searches share."""
        return self.designs[0]

    def take(self, index) -> "ManyFactors":
        """The searches at `index` alone."""
        rows = np.arange(len(self.a))[index]
        parts = tuple(tuple(part[i] for i in rows) for part in (self.designs, self.responses))
        return ManyFactors(*parts, self.a[rows])

    def evaluate(self, theta, log_sigma, v, order: int = 2) -> Joint:
        """F at theta (B, k), log_sigma (B,) and v (B,); `order` 0 is the value alone."""
        psi = np.column_stack([theta, log_sigma, v])
        found = [self._one(i, row, order) for i, row in enumerate(psi)]
        columns = [np.array(column) for column in zip(*found, strict=True)]
        return Joint(*columns)

    def _one(self, i: int, psi, order: int):
        one = OneSearch(self.designs[i], self.responses[i], self.a[i])
        if order == 0:
            return one.value(psi)[:3]
        value, misfit, beta, gradient = one.gradient(psi)
        steps = DIFFERENCE * np.maximum(1.0, np.abs(psi)) * np.eye(len(psi))
        rows = [(one.gradient(psi + h)[-1] - gradient) / h.sum() for h in steps]
        return value, misfit, beta, gradient, 0.5 * (np.array(rows) + np.array(rows).T)


@dataclass(frozen=True)
class OneSearch:
    """The criterion of one search, by psi = (theta, log sigma, v)."""

    design: Design
    response: Response
    a: np.ndarray

    def value(self, psi):
        """Value, misfit, beta, and half the slope by v."""
        d, s = self.design, np.exp(-2 * psi[-2])
        c = criterion_blocks(d, self.response, psi[None, :-2], False, order=0)
        log_det = c.value[0] - d.n * (1 + np.log(2 * np.pi * c.pwrss[0] / d.n))
        held, gap, t = self._hold(c, psi[-1])
        misfit = s * (c.pwrss[0] + held * gap**2)
        value = log_det + d.n * (np.log(2 * np.pi) + 2 * psi[-2]) + misfit
        return value, misfit, c.beta[0] + t * gap, s * held * gap

    def gradient(self, psi):
        """Value, misfit, beta and gradient."""
        value, misfit, beta, slope = self.value(psi)
        d, r = self._constrained(psi[-1]) if self.a.any() else (self.design, self.response)
        added = (d.n - misfit) * np.exp(2 * psi[-2])
        weighted = replace(r, SS=r.SS + added)
        by_theta = criterion_blocks(d, weighted, psi[None, :-2], False, order=1).gradient[0]
        return value, misfit, beta, np.append(by_theta, [2 * d.n - 2 * misfit, 2 * slope])

    def _hold(self, c, v):
        """1 / a'Ca (zero where nothing is held), how far v is from a'beta, and Ca / a'Ca."""
        if not self.a.any():
            return 0.0, 0.0, 0.0 * self.a
        Ca = cho_solve((c.factor[0], True), self.a)
        return 1 / (self.a @ Ca), v - self.a @ c.beta[0], Ca / (self.a @ Ca)

    def _constrained(self, v):
        """The design on the coefficients with a'beta = 0, and y less what v settles."""
        d, r, p, a = self.design, self.response, self.design.p, self.a
        fixed = a * v / (a @ a)
        T = np.eye(len(d.S))[:, : len(d.S) - p]
        free = np.linalg.qr(a[:, None], mode="complete")[0][:, 1:]
        T = np.hstack([T, np.vstack([np.zeros((len(d.S) - p, p - 1)), free])])
        D = r.D - np.einsum("p,pqj->qj", fixed, d.D[-p:])
        S = r.S - fixed @ d.S[-p:]
        SS = r.SS - 2 * fixed @ r.S[0, -p:] + fixed @ d.S[-p:, -p:] @ fixed
        reduced = replace(d, p=p - 1, D=np.einsum("mk,mqj->kqj", T, d.D), S=T.T @ d.S @ T)
        return reduced, replace(r, D=D, S=S @ T, SS=SS)


def rotate(d: Design, r: Response, factor: int, Q) -> tuple[Design, Response]:
    """The design and response with the effects of one factor turned, b = Q b'."""
    if factor == 0:
        return replace(d, R=np.einsum("acj,cd->adj", d.R, Q)), r
    g = d.groupings[factor]
    start = sum(o.q * o.n_levels for o in d.others[: factor - 1])
    rows = slice(start, start + g.q * g.n_levels)
    turn = np.kron(Q.T, np.eye(g.n_levels))
    D, S, y = d.D.copy(), d.S.copy(), r.S.copy()
    D[rows] = np.einsum("km,mqj->kqj", turn, d.D[rows])
    S[rows] = turn @ S[rows]
    S[:, rows] = S[:, rows] @ turn.T
    y[:, rows] = y[:, rows] @ turn.T
    return replace(d, D=D, S=S), replace(r, S=y)
