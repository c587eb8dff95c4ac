"""The regression lines of groups, read off a Fit for a picture, and the rows in few numbers."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from hlmteach.engine.fit import Fit

MOST_CLASSES = 6  # of a predictor with many values


@dataclass(frozen=True)
class GroupLines:
    """The overall line and the line of each group, by intercept and slope.

    `overall` (2,), `lines` (J, 2); `cells` (J, K, 3) holds x, mean outcome and number of rows of
    each group at each value of x (or class of values).
    """

    names: tuple[str, ...]
    overall: np.ndarray
    lines: np.ndarray
    cells: np.ndarray


def read_lines(fit: Fit, x, codes, names) -> GroupLines:
    """Read a fit of one predictor with random intercepts, and perhaps random slopes.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> data = hlm.load("HLM")
    >>> fit = hlm.lme("Satisfaction ~ NPD", data, random="~1|Time", method="ML")
    >>> time = data["Time"].cat
    >>> groups = read_lines(fit, data["NPD"].to_numpy(), time.codes.to_numpy(), time.categories)
    >>> [round(float(v), 3) for v in groups.overall], groups.lines.shape, groups.cells.shape
    ([4.672, 0.123], (3, 2), (3, 6, 3))
    """
    overall = fit.beta
    u = fit.b[fit.frame.factors[0].name]
    lines = overall + np.pad(u, ((0, 0), (0, 2 - u.shape[1])))
    return GroupLines(tuple(map(str, names)), overall, lines, cell_means(x, fit.y, codes, len(u)))


@dataclass(frozen=True)
class Spread:
    """How groups' lines differ where x = `zero`: sds and correlation, and each group's (u0, u1).

    `cov` (2, 2) is the model's, `u` (J, 2) are conditional modes; `rho` is None without slopes.
    """

    zero: float
    cov: np.ndarray
    u: np.ndarray

    @cached_property
    def sd(self) -> np.ndarray:
        """Sds (2,) of intercepts at `zero` and of slopes."""
        return np.sqrt(np.diag(self.cov))

    @cached_property
    def rho(self) -> float | None:
        """Correlation of the two."""
        s0, s1 = self.sd
        return float(np.clip(self.cov[0, 1] / (s0 * s1), -1, 1)) if s0 * s1 > 0 else None


def read_spread(fit: Fit, zero: float = 0.0) -> Spread:
    """Read the covariance of intercepts and slopes, the intercepts taken where x = `zero`.

    With T = [[1, zero], [0, 1]] it is T Sigma T' (equation 41), and u becomes u T'. The lines, the
    fitted values and the likelihood stay what they are: only the place of measuring moves.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> fit = hlm.lmer("Reaction ~ Days + (Days | Subject)", hlm.load("sleepstudy"))
    >>> at = {zero: read_spread(fit, zero) for zero in (0.0, 4.5)}
    >>> [(round(float(s.sd[0]), 1), round(s.rho, 2)) for s in at.values()]
    [(24.7, 0.07), (37.5, 0.75)]
    """
    name = fit.frame.factors[0].name
    u, cov = fit.b[name], fit.covariances[name].cov
    more = 2 - u.shape[1]
    T = np.array([[1.0, zero], [0.0, 1.0]])
    return Spread(zero, T @ np.pad(cov, (0, more)) @ T.T, np.pad(u, ((0, 0), (0, more))) @ T.T)


def cell_means(x, y, codes, groups: int) -> np.ndarray:
    """x, mean of y and number of rows (J, K, 3) of each group at each value or class of x.

    Examples
    --------
    >>> cell_means([1, 1, 2], [3.0, 5.0, 6.0], [0, 0, 0], 1).tolist()
    [[[1.0, 4.0, 2.0], [2.0, 6.0, 1.0]]]
    """
    x = np.asarray(x, float)
    place, K = _classes(x.tobytes())
    cell = np.asarray(codes) * K + place
    n = np.bincount(cell, minlength=groups * K)
    with np.errstate(invalid="ignore"):  # a cell without rows has no mean
        means = [np.bincount(cell, v, groups * K) / n for v in (x, y)]
    return np.stack([*means, n], axis=1).reshape(groups, K, 3)


@lru_cache(maxsize=8)
def _classes(x: bytes) -> tuple[np.ndarray, int]:
    """The class of each x, and how many there are; rows keep theirs while a slider moves y."""
    x = np.frombuffer(x)
    values, place = np.unique(x, return_inverse=True)
    if len(values) > 2 * MOST_CLASSES:
        edges = np.quantile(x, np.linspace(0, 1, MOST_CLASSES + 1)[1:-1])
        place = np.searchsorted(edges, x)
    return place, int(place.max()) + 1
