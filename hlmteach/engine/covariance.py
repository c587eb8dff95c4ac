"""theta <-> Lambda <-> standard deviations and correlations.

The random effects of one group have covariance sigma^2 Lambda Lambda' (equation 7); theta holds
the free entries of the lower triangle of Lambda, column by column.
"""

from dataclasses import dataclass

import numpy as np

from hlmteach.engine.checks import floats
from hlmteach.engine.grouping import Grouping
from hlmteach.engine.smallmatrix import lower_factor, lower_factors
from hlmteach.errors import ModelError


def lambda_of(theta: np.ndarray, g: Grouping) -> np.ndarray:
    """Lambda (..., q, q) of a theta (..., k)."""
    Lambda = np.zeros((*theta.shape[:-1], g.q, g.q))
    Lambda[..., g.free[0], g.free[1]] = theta
    return Lambda


def covariance_of(theta: np.ndarray, g: Grouping) -> np.ndarray:
    """S = Lambda Lambda' (..., q, q) of a theta (..., k)."""
    Lambda = lambda_of(theta, g)
    return Lambda @ Lambda.swapaxes(-1, -2)


def theta_of(Lambda: np.ndarray, g: Grouping) -> np.ndarray:
    """theta (..., k) of a Lambda (..., q, q)."""
    return Lambda[..., g.free[0], g.free[1]]


def split(theta: np.ndarray, groupings) -> list[np.ndarray]:
    """Theta (..., k) of all factors, cut into one piece per factor."""
    ends = np.cumsum([len(g.free[0]) for g in groupings])
    return np.split(theta, ends[:-1], axis=-1) if len(ends) else []


def to_raw(theta: np.ndarray, g: Grouping) -> np.ndarray:
    """Lambda (q, q) for the data's own Z, of a theta for the whitened Z."""
    return lower_factor(g.map @ lambda_of(theta, g))


def to_raw_many(theta: np.ndarray, g: Grouping) -> np.ndarray:
    """`to_raw` for theta (B, k) at once: (B, q, q)."""
    return lower_factors(g.map @ lambda_of(theta, g))


def from_raw(Lambda: np.ndarray, g: Grouping) -> np.ndarray:
    """Theta for the whitened Z, of a Lambda (q, q) for the data's own Z."""
    return theta_of(lower_factor(np.linalg.solve(g.map, Lambda)), g)


@dataclass(frozen=True)
class VarCorr:
    """Covariance (q, q) of one factor's effects in the units of the data."""

    names: tuple[str, ...]
    cov: np.ndarray
    blocks: tuple[tuple[int, int], ...]

    @property
    def sd(self) -> np.ndarray:
        """Standard deviations (q,)."""
        return np.sqrt(np.diag(self.cov))

    @property
    def corr(self) -> np.ndarray:
        """Correlations (q, q); nan with an effect that does not vary, or across blocks."""
        sd = self.sd
        with np.errstate(invalid="ignore", divide="ignore"):
            corr = self.cov / np.outer(sd, sd)
        corr = np.where(np.abs(corr) > 1 - 1e-14, np.sign(corr), corr)  # a singular fit's are exact
        same = np.zeros(corr.shape, bool)
        for a, b in self.blocks:
            same[a:b, a:b] = True
        return np.where(same, corr, np.nan)


def relative_factor(sd, corr, sigma: float, g: Grouping) -> np.ndarray:
    """Lambda (q, q) for given standard deviations (q,), correlations and residual sigma.

    `corr` is one number for two effects, or a (q, q) matrix.
    """
    sd = np.atleast_1d(floats(sd, "sd"))
    if sd.shape != (g.q,) or np.any(sd < 0) or not np.all(np.isfinite(sd)):
        raise ModelError(
            f"sd={sd.tolist()} does not fit the factor {g.name!r}: it needs {g.q} "
            "non-negative numbers, one for each random effect."
        )
    matrix = _correlations(corr, g)
    values, vectors = np.linalg.eigh(matrix)
    if values[0] < -1e-9:
        raise ModelError("These correlations are impossible together: no data could show them.")
    return lower_factor(sd[:, None] * vectors * np.sqrt(np.clip(values, 0, None)) / sigma)


def _correlations(corr, g: Grouping) -> np.ndarray:
    if corr is None:
        return np.eye(g.q)
    corr = floats(corr, "corr")
    if corr.ndim == 0:
        corr = np.where(np.eye(g.q, dtype=bool), 1.0, corr)
    if corr.shape != (g.q, g.q) or not np.all(np.abs(corr) < 1 + 1e-9):
        raise ModelError(
            f"corr must be between -1 and 1 ({g.q} x {g.q} where there are more than two "
            f"effects); it is {corr.tolist()}."
        )
    return np.clip(corr, -1.0, 1.0)
