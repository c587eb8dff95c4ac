"""`joint`'s criterion for several grouping factors: one search after another, with exact Hessians.

The factors' sums over groups (equations 21 to 23, 45 and 46) take the residual of any beta and any
sigma, so that held coefficients ask for no other design, and turned effects for no other Z.
"""

from dataclasses import dataclass, replace

import numpy as np

from hlmteach.engine.blocks import System, by_theta_blocks, lambdas_of, system
from hlmteach.engine.crossprod import Design, Response
from hlmteach.inference.profiling.joint import Joint, assemble, hold


@dataclass(frozen=True)
class ManyFactors:
    """B searches: the effects of one factor of each are turned, b = Q b', and a (p,) is held.

    `turns` holds one Q (q, q) a factor for every search.
    """

    design: Design
    response: Response
    turns: tuple
    a: np.ndarray

    def take(self, index) -> "ManyFactors":
        """The searches at `index` alone."""
        rows = np.arange(len(self.a))[index]
        return replace(self, turns=tuple(self.turns[i] for i in rows), a=self.a[rows])

    def evaluate(self, theta, log_sigma, v, order: int = 2) -> Joint:
        """F at theta (B, k), log_sigma (B,) and v (B,); `order` 0 is the value alone."""
        d, s = self.design, np.exp(-2 * log_sigma)
        systems = [self._system(t, Q) for t, Q in zip(theta, self.turns, strict=True)]
        root = np.stack([one.inverse.T for one in systems])  # root root' = (X'V^-1 X)^-1
        beta, pwrss = (
            np.stack([one.beta for one in systems]),
            np.array([one.pwrss for one in systems]),
        )
        precision, t, gap = hold(root @ root.swapaxes(1, 2), beta, self.a, v)
        misfit = s * (pwrss + precision * gap**2)
        value = np.array([one.log_det for one in systems]) + misfit
        value += d.n * (np.log(2 * np.pi) + 2 * log_sigma)
        beta = beta + t * gap[:, None]
        if order == 0:
            return Joint(value=value, misfit=misfit, beta=beta)
        free = root @ _off(root.swapaxes(1, 2) @ self.a[:, :, None])
        every = (theta, self.turns, free, beta, np.sqrt(s))
        parts = [self._by_theta(*one) for one in zip(systems, *every, strict=True)]
        by_theta = tuple(np.stack(part) for part in zip(*parts, strict=True))
        g, H = assemble(d.n, by_theta, misfit, s, precision, t, gap)
        return Joint(value=value, misfit=misfit, beta=beta, gradient=g, hessian=H)

    def _system(self, theta, turns) -> System:
        pairs = zip(turns, lambdas_of(self.design, theta), strict=True)
        return system(self.design, self.response, [Q @ Lambda for Q, Lambda in pairs])

    def _by_theta(self, s: System, theta, turns, free, beta, scale):
        """Gradient, the residuals' part in it, Hessian by theta, and the pull on each coefficient.

        `free` (p, p) free' is the covariance of a beta that is held in one direction.
        """
        p = len(beta)
        weights = np.zeros((p + 1, p + 1))
        weights[:p, :p], weights[:p, p], weights[p, p] = free, -scale * beta, scale
        derivatives = by_theta_blocks(self.design, s, theta, weights, False, turns)
        return (
            derivatives.gradient,
            derivatives.w / scale**2,
            derivatives.hessian,
            derivatives.pull / scale,
        )


def _off(u) -> np.ndarray:
    """I - uu'/u'u for u (B, p, 1); I where u is zero."""
    size = np.einsum("bpo,bpo->b", u, u)[:, None, None]
    uu = u @ u.swapaxes(1, 2)
    return np.eye(u.shape[1]) - np.divide(uu, size, out=np.zeros_like(uu), where=size > 0)
