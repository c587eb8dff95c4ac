"""Which parameters a fit has, and for each the coordinates in which it can be held still.

In rotated coordinates b = Q b' a standard deviation is sigma times the first entry of Lambda', so
that to hold it is to hold one coordinate; a correlation is held by one linear relation:

    "sd"     v = sigma lambda_00
    "cor"    v = asin(corr);  c lambda_10 = sin(v) t - a lambda_00,  c lambda_11 = cos(v) t
    "sigma"  v = log(sigma)
    "beta"   v = a'beta

v is in the engine's standardised units; `Parameter.to_value` gives the user's.
"""

from dataclasses import dataclass

import numpy as np

from hlmteach.engine.covariance import lambda_of, split, theta_of
from hlmteach.engine.fit import Fit
from hlmteach.engine.smallmatrix import lower_factor


@dataclass(frozen=True)
class Parameter:
    """One parameter: names, units, and the optimum in the coordinates in which it is held.

    `name` is lme4's (".sig01"), `label` says more ("sd_(Intercept)|Subject"). `v` is the
    parameter and `x` (k + 1,) is (theta, log sigma) at the optimum, with theta of the factor
    number `factor` rotated by Q (q, q). `slots` are the places in theta of lambda_00, lambda_10
    and lambda_11, `effects` the two effects' own, `relation` is (a, c), and `a` (p,) is zero where
    no coefficient is held.
    """

    name: str
    label: str
    kind: str
    v: float
    x: np.ndarray
    a: np.ndarray
    unit: float = 1.0
    offset: float = 0.0
    factor: int = 0
    Q: np.ndarray | None = None
    slots: tuple[int, int, int] = (0, 0, 0)
    effects: tuple[int, int] = (0, 0)
    relation: tuple[float, float] = (0.0, 1.0)

    @property
    def domain(self) -> tuple[float, float]:
        """Where v may lie; the criterion is even about each finite end."""
        half = np.pi / 2
        return {"sd": (0.0, np.inf), "cor": (-half, half)}.get(self.kind, (-np.inf, np.inf))

    def to_value(self, v):
        """The parameter in the units of the data."""
        if self.kind == "cor":
            return np.sin(v)
        return self.offset + self.unit * (np.exp(v) if self.kind == "sigma" else v)

    def to_v(self, value):
        """`to_value` turned round; what lies beyond the domain gives its end."""
        if self.kind == "cor":
            return np.arcsin(np.clip(value, -1.0, 1.0))
        v = (value - self.offset) / self.unit
        return np.log(v) if self.kind == "sigma" else np.maximum(v, self.domain[0])


def parameters(fit: Fit) -> list[Parameter]:
    """Every parameter of a fit in lme4's order: .sig01 ..., .sigma, the fixed coefficients."""
    scale, log_sigma = fit.y_scale, float(np.log(fit.sigma / fit.y_scale))
    x, free = np.append(fit.white_theta, log_sigma), np.zeros(fit.design.p)
    every = [_random(fit, *which, x, i) for i, which in enumerate(_effects(fit), 1)]
    every.append(
        Parameter(name=".sigma", label="sigma", kind="sigma", v=log_sigma, x=x, a=free, unit=scale)
    )
    beta = fit.design.X_map @ fit.solution.beta[0]
    for name, a, v, value in zip(fit.frame.names, fit.design.X_map, beta, fit.fixef, strict=True):
        every.append(
            Parameter(
                name=name,
                label=name,
                kind="beta",
                v=v,
                x=x,
                a=a,
                unit=scale,
                offset=float(value - scale * v),
            )
        )
    return every


def _effects(fit: Fit):
    """(factor, block, i, j) of each sd (i = j) and correlation; factors with most levels first."""
    names = [g.name for g in fit.design.groupings]
    for f in sorted(fit.frame.factors, key=lambda f: -f.n_levels):
        for block in f.blocks:
            for j in range(*block):
                for i in range(j, block[1]):
                    yield names.index(f.name), block, i, j


def _random(fit: Fit, factor: int, block, i: int, j: int, x, number: int) -> Parameter:
    """An sd (i = j) or a correlation of one factor's effects."""
    g = fit.design.groupings[factor]
    effects = next(f.names for f in fit.frame.factors if f.name == g.name)
    Q, lower = _rotation(g.map, block, [j] if i == j else [j, i])
    pieces = split(x[:-1], fit.design.groupings)
    rotated = theta_of(lower_factor(Q.T @ lambda_of(pieces[factor], g)), g)
    start = sum(len(piece) for piece in pieces[:factor])
    x = x.copy()
    x[start : start + len(rotated)] = rotated
    slots = tuple(start + _place(g, block[0] + m, block[0] + n) for m, n in _corner(i - j))
    common = {
        "name": f".sig{number:02d}",
        "a": np.zeros(fit.design.p),
        "factor": factor,
        "Q": Q,
        "slots": slots,
        "effects": (i, j),
    }
    if i == j:
        v, unit = float(np.exp(x[-1]) * x[slots[0]]), float(fit.y_scale * lower[0, 0])
        return Parameter(
            label=f"sd_{effects[i]}|{g.name}", kind="sd", v=v, x=x, unit=unit, **common
        )
    relation = (float(lower[1, 0]), float(lower[1, 1]))
    v, x = _correlation(x, slots, relation)
    label = f"cor_{effects[i]}.{effects[j]}|{g.name}"
    return Parameter(label=label, kind="cor", v=v, x=x, relation=relation, **common)


def _corner(off_diagonal: int):
    return ((0, 0), (1, 0), (1, 1)) if off_diagonal else ((0, 0),) * 3


def _place(g, row: int, column: int) -> int:
    return int(np.flatnonzero((g.free[0] == row) & (g.free[1] == column))[0])


def _rotation(to_raw, block, effects):
    """Q (q, q), turning within the block, with (rows of to_raw) Q lower triangular."""
    inside = slice(*block)
    turn, upper = np.linalg.qr(to_raw[effects, inside].T, mode="complete")
    sign = np.ones(len(turn))
    sign[: len(effects)] = np.where(np.diag(upper) < 0, -1.0, 1.0)
    Q = np.eye(len(to_raw))
    Q[inside, inside] = turn * sign
    return Q, (upper.T * sign)[:, : len(effects)]


def _correlation(x, slots, relation) -> tuple[float, np.ndarray]:
    """v and x with the square roots of lambda_00 and t, so that neither of them turns negative.

    v is nan where an effect does not vary, so that there is no correlation.
    """
    a, c = relation
    first, across, last = x[list(slots)]
    pair = a * first + c * across, c * last
    t, x = np.hypot(*pair), x.copy()
    x[list(slots)] = np.sqrt(first), 0.0, np.sqrt(t)
    return float(np.arctan2(*pair)) if first * t > 0 else np.nan, x


def values_of(fit: Fit, every, fixed: Parameter, theta, log_sigma, beta) -> np.ndarray:
    """All parameters (N, P) in the user's units, at N points of the search that fixed one."""
    g, scale = fit.design.groupings, fit.y_scale
    covariances = [
        _covariance(piece, one, fixed.Q if i == fixed.factor else None)
        for i, (piece, one) in enumerate(zip(split(theta, g), g, strict=True))
    ]
    sigma = scale * np.exp(log_sigma)
    columns = [_value_of(p, covariances, sigma, beta @ p.a) for p in every]
    return np.stack(columns, axis=1)


def _covariance(theta, g, Q):
    """Covariance / sigma^2 (N, q, q) of the effects of the data's own Z."""
    to_raw = g.map if Q is None else g.map @ Q
    root = to_raw @ lambda_of(theta, g)
    return root @ root.swapaxes(-1, -2)


def _value_of(p: Parameter, covariances, sigma, combination):
    if p.kind == "beta":
        return p.to_value(combination)
    if p.kind == "sigma":
        return sigma
    i, j = p.effects
    cov = covariances[p.factor]
    if p.kind == "sd":
        return sigma * np.sqrt(cov[:, i, i])
    with np.errstate(invalid="ignore", divide="ignore"):
        return cov[:, i, j] / np.sqrt(cov[:, i, i] * cov[:, j, j])
