"""One variance and few groups: the criterion as plain sums, so that Newton starts at the optimum.

With M the projection off X and Z'MZ = Q diag(lambda) Q', the contrasts t = lambda^-1/2 Q'Z'My are
independent with variances sigma^2 (1 + s lambda), s = theta^2 (equation 39). Hence (equation 44)

    pwrss = rest + sum_i t_i^2 / (1 + s lambda_i)
    log|V| = sum_j log(1 + s r_j^2),   log|V| + log|X'V^-1 X| = sum_i log(1 + s lambda_i) + constant
"""

from dataclasses import dataclass

import numpy as np

SPECTRUM_GROUPS = 60  # groups up to which the eigenvalues cost little
GRID = np.r_[0.0, np.geomspace(1e-6, 1e6, 64)]  # s, relative to sigma^2
GRID_STEP = float(np.log(GRID[2] / GRID[1]))
REFINEMENTS = 6  # Newton steps in log s after the grid, at most
LAST_GAIN = 1e-12  # of the criterion: a step that gains less is the last one
LEAST_EIGENVALUE = 1e-10  # eigenvalues are zero below this share of n


@dataclass(frozen=True)
class Spectrum:
    """Maps of one y's cross-products: t = D `of_groups`' - S `of_rest`', rest = SS - S `inner` S'.

    `sizes` (m,) are the lambda, `between` (J,) the r^2; of_groups (m, J), of_rest (m, p),
    inner (p, p).
    """

    sizes: np.ndarray
    between: np.ndarray
    of_groups: np.ndarray
    of_rest: np.ndarray
    inner: np.ndarray

    def contrasts(self, D, S, SS) -> tuple[np.ndarray, np.ndarray]:
        """t (B, m), and the sum of squares within groups that X leaves (B,); D (B, 1, J)."""
        t = D[:, 0] @ self.of_groups.T - S @ self.of_rest.T
        return t, SS - np.einsum("bp,bp->b", S @ self.inner, S)


def spectrum(r, X, S, n: int) -> Spectrum:
    """The spectrum of one scalar effect: r (J,), X rotated (p, J), and what that left, S (p, p)."""
    on_X = np.linalg.solve(S + X @ X.T, X * r).T  # Z'X (X'X)^-1, (J, p)
    left = np.diag(r**2) - on_X @ (X * r)  # Z'MZ
    sizes, vectors = np.linalg.eigh((left + left.T) / 2)
    real = sizes > LEAST_EIGENVALUE * n
    half = vectors[:, real] / np.sqrt(sizes[real])
    of_groups = half.T @ (np.diag(r) - on_X @ X)
    return Spectrum(
        sizes=sizes[real],
        between=r**2,
        of_groups=of_groups,
        of_rest=half.T @ on_X,
        inner=inverse_within(S, n),
    )


def inverse_within(S, n: int) -> np.ndarray:
    """The inverse of X's products within groups where they are not zero."""
    values, vectors = np.linalg.eigh(S)
    real = values > LEAST_EIGENVALUE * n
    return (vectors[:, real] / values[real]) @ vectors[:, real].T


def near_optimum(spectrum: Spectrum, squares, rest, n: int, reml: bool) -> tuple:
    """Theta (B, 1) of `squares` t^2 (B, m) and `rest` (B,): the best of a grid, refined.

    And whether it is exact (B,): the last step gained next to nothing, and left far less.
    """
    determinant = spectrum.sizes if reml else spectrum.between
    rest = np.maximum(rest, 1e-300)
    s = GRID[:, None]
    pwrss = rest + 1 / (1 + s * spectrum.sizes) @ squares.T
    value = np.log1p(s * determinant).sum(axis=1, keepdims=True) + n * np.log(pwrss)
    s = GRID[value.argmin(axis=0)][:, None]
    given = spectrum.sizes, determinant, squares, rest, n
    for _ in range(REFINEMENTS):
        step, gain = _step(s, *given)
        s = s * np.exp(step)[:, None]
        exact = gain < LAST_GAIN
        if exact.all():
            break
    return np.sqrt(s), exact


def _step(s, sizes, determinant, squares, rest, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Newton's step (B,) in log s, no longer than the grid is wide, and what it gains (B,)."""
    share, part = s * determinant / (1 + s * determinant), 1 / (1 + s * sizes)
    pwrss = rest + (squares * part).sum(axis=1)
    fall = squares * part * (1 - part)
    first = fall.sum(axis=1) / pwrss
    second = (fall * (2 * part - 1)).sum(axis=1) / pwrss
    slope = share.sum(axis=1) - n * first
    curvature = (share * (1 - share)).sum(axis=1) - n * (second + first**2)
    step = -slope / (np.abs(curvature) + 1e-300)
    return np.clip(step, -GRID_STEP, GRID_STEP), np.abs(slope * step) / 2
