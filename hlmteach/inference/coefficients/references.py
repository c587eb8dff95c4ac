"""What a combination of coefficients is compared with: a covariance, and degrees of freedom."""

from dataclasses import dataclass

import numpy as np

NEGLIGIBLE = 1e-9  # size of a direction, beside the largest, that is none


@dataclass(frozen=True)
class FTest:
    """F with its numerator and denominator degrees of freedom."""

    F: float
    num_df: int
    den_df: float


@dataclass(frozen=True)
class Reference:
    """The covariance (p, p) of beta, as the method at hand takes it."""

    vcov: np.ndarray

    def se(self, L) -> np.ndarray:
        """Standard errors (k,) of L beta for the rows of L (k, p)."""
        return np.sqrt(np.einsum("kp,pq,kq->k", L, self.vcov, L))

    def df(self, L) -> np.ndarray:
        """Degrees of freedom (k,) of each row's t."""
        raise NotImplementedError

    def test(self, L, value) -> FTest:
        """The F test of all rows at once, whose values are `value` (k,)."""
        raise NotImplementedError


@dataclass(frozen=True)
class Known(Reference):
    """Each coefficient has its degrees of freedom `each` (p,); a combination has their least."""

    each: np.ndarray

    def df(self, L) -> np.ndarray:
        """The least of those of the coefficients that a row weighs."""
        return np.where(L != 0, self.each, np.inf).min(axis=1, initial=np.inf)

    def test(self, L, value) -> FTest:
        """Wald's F."""
        T, q = directions_of(L, self.vcov)
        return FTest(float(((T @ value) ** 2).sum() / q), q, float(self.df(L).min()))


def directions_of(L, vcov) -> tuple[np.ndarray, int]:
    """T (q, k), with T L of covariance I: the eigenvectors of L V L' that add something."""
    values, vectors = np.linalg.eigh(L @ vcov @ L.T)
    kept = values > NEGLIGIBLE * values[-1]
    return (vectors[:, kept] / np.sqrt(values[kept])).T, int(kept.sum())
