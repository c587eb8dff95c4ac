"""The slow textbook form: -2 log-density with V = Z Psi Z' + sigma^2 I, minimised by scipy.

Nothing here comes from the engine but the data of a fit's frame. Parameters are lme4's, in its
order: for each factor (most levels first) and block its sds and correlations, then sigma, beta.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import minimize

IMPOSSIBLE = 1e10
FAR = 25.0  # log of an sd


@dataclass(frozen=True)
class Textbook:
    """One model: the data of its frame."""

    frame: object

    @cached_property
    def random(self):
        """(factor, i, j) of each sd (i = j) and correlation."""
        return [
            (f, i, j)
            for f in sorted(self.frame.factors, key=lambda f: -f.n_levels)
            for a, b in f.blocks
            for j in range(a, b)
            for i in range(j, b)
        ]

    @property
    def n_variances(self):
        """Sds, correlations and sigma."""
        return len(self.random) + 1

    @cached_property
    def is_sd(self):
        """Which variance parameters are positive; the others are correlations."""
        return np.array([i == j for _, i, j in self.random] + [True])

    @cached_property
    def chunks(self):
        """Rows that are independent of each other: groups of the only factor, or all."""
        if len(self.frame.factors) != 1:
            return [np.arange(len(self.frame.y))]
        codes = self.frame.factors[0].codes
        return [np.flatnonzero(codes == k) for k in range(codes.max() + 1)]

    def psi(self, factor, variances):
        """The covariance matrix of one factor's effects."""
        q = factor.Z.shape[1]
        sd, corr = np.zeros(q), np.eye(q)
        for (f, i, j), value in zip(self.random, variances[:-1], strict=True):
            if f is factor and i == j:
                sd[i] = value
            elif f is factor:
                corr[i, j] = corr[j, i] = value
        return sd[:, None] * corr * sd

    def deviance(self, variances, held=None):
        """-2 log-density at sds, correlations and sigma, least over beta; `held` is (k, beta_k)."""
        X, y = self.frame.X, self.frame.y
        if held is not None:
            y, X = y - X[:, held[0]] * held[1], np.delete(X, held[0], axis=1)
        psis = [(f, self.psi(f, variances)) for f in self.frame.factors]
        if any(np.linalg.eigvalsh(psi)[0] < -1e-9 * np.trace(psi) for _, psi in psis):
            return IMPOSSIBLE
        products, log_det = 0.0, 0.0
        for rows in self.chunks:
            V = variances[-1] ** 2 * np.eye(len(rows))
            for f, psi in psis:
                Z, codes = f.Z[rows], f.codes[rows]
                V += (codes[:, None] == codes) * (Z @ psi @ Z.T)
            Xy = np.column_stack([X[rows], y[rows]])
            products = products + Xy.T @ np.linalg.solve(V, Xy)
            log_det += np.linalg.slogdet(V)[1]
        p = X.shape[1]
        half = np.linalg.solve(products[:p, :p], products[:p, p]) if p else np.zeros(0)
        return log_det + products[p, p] - products[p, :p] @ half + len(y) * np.log(2 * np.pi)

    def profile(self, index, value, starts):
        """The deviance with one parameter held, least over all others, from several starts."""
        held = None if index < self.n_variances else (index - self.n_variances, value)
        free = np.arange(self.n_variances) != index

        def function(z):
            variances = np.empty(self.n_variances)
            z = np.clip(z, -FAR, FAR)
            variances[free] = np.where(self.is_sd[free], np.exp(z), np.tanh(z))
            if held is None:
                variances[index] = value
            try:
                return self.deviance(variances, held)
            except np.linalg.LinAlgError:  # a line search went out to where V overflows
                return IMPOSSIBLE

        ends = []
        for start in starts:
            positive = np.log(np.maximum(np.abs(start), 1e-4 * start[-1]))
            z = np.where(self.is_sd, positive, np.arctanh(np.clip(start, -0.95, 0.95)))
            ends.append(minimize(function, z[free], method="BFGS", options={"gtol": 1e-8}).fun)
        return min(ends)
