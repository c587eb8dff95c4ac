"""Rows -> cross-products: all that the Gaussian likelihood needs of the data, computed once.

The rows of group j of the leading factor are rotated by Z_j = Q_j R_j into q rows between groups,
R_j b + D_j, and what is left, which is pooled over groups in S (equations 12 to 14):

    D_j = Q_j' [B y],    S = sum_j [B y]' (I - Q_j Q_j') [B y],    B = [Z_other | X]

Nothing is subtracted later, so a large variance between groups costs no digits. X, y and Z are
centred and scaled first, and Z is whitened, so that offsets cost none either.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import sparse

from hlmteach.engine.smallmatrix import cholesky, skip_zero_pivots, solve_lower
from hlmteach.errors import ModelError


@dataclass(frozen=True)
class Columns:
    """Standardised columns (n, k) and the map back: standardised = raw @ map (k, k)."""

    values: np.ndarray
    map: np.ndarray


@dataclass(frozen=True)
class Grouping:
    """A factor's standardised Z (n, q), codes, and which entries of Lambda are free."""

    name: str
    codes: np.ndarray
    n_levels: int
    Z: np.ndarray
    map: np.ndarray
    blocks: tuple[tuple[int, int], ...]

    @property
    def q(self) -> int:
        """Random effects of each group."""
        return len(self.map)

    @cached_property
    def free(self) -> tuple[np.ndarray, np.ndarray]:
        """(rows, columns) of Lambda's free entries, column-major as lme4 counts theta."""
        pairs = [(i, j) for a, b in self.blocks for j in range(a, b) for i in range(j, b)]
        rows, columns = np.array(pairs).T
        return rows, columns

    @cached_property
    def is_sorted(self) -> bool:
        """Whether the rows come group by group, which sums faster."""
        return bool(np.all(self.codes[1:] >= self.codes[:-1]))

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sum the values (n,) within each group: (J,)."""
        if self.is_sorted and self.n_levels > 50:
            return np.add.reduceat(values, self._starts)
        return np.bincount(self.codes, values, self.n_levels)

    @cached_property
    def _starts(self) -> np.ndarray:
        return np.searchsorted(self.codes, np.arange(self.n_levels))

    def indicator(self, effect: int) -> sparse.csr_matrix:
        """The (n, J) columns of Z of one effect, as a sparse matrix."""
        n = len(self.codes)
        return sparse.csr_matrix(
            (self.Z[:, effect], self.codes, np.arange(n + 1)), shape=(n, self.n_levels)
        )


@dataclass(frozen=True)
class Design:
    """The part of the cross-products that does not depend on y: one design, many responses.

    R (q, q, J) upper triangular, D (m, q, J) and S (m, m) for the border [Z_other | X], whose
    last p columns are X; `constant` is the one that does not vary. `leading` is None for a model
    without random effects.
    """

    n: int
    p: int
    X: np.ndarray
    X_map: np.ndarray
    constant: int | None
    leading: Grouping | None
    others: tuple[Grouping, ...]
    R: np.ndarray
    D: np.ndarray
    S: np.ndarray
    log_det_map: float

    @property
    def groupings(self) -> tuple[Grouping, ...]:
        """The leading factor, then the others."""
        return (() if self.leading is None else (self.leading,)) + self.others

    @property
    def n_theta(self) -> int:
        """The number of free covariance parameters."""
        return sum(len(g.free[0]) for g in self.groupings)

    def raw_coefficients(self, beta, shift, scale) -> np.ndarray:
        """Beta (B, p) in the units of the data, of beta in those of standardised X and y."""
        raw = scale[:, None] * (beta @ self.X_map.T)
        if self.constant is not None:
            raw[:, self.constant] += shift * self.X_map[self.constant, self.constant]
        return raw

    @cached_property
    def RT(self) -> np.ndarray:
        """R' (q, q, J), lower triangular, for `solve_lower` on new responses."""
        return skip_zero_pivots(self.R.swapaxes(0, 1))

    @cached_property
    def border(self) -> sparse.csr_matrix | None:
        """[Z_other] as one sparse (n, m - p) matrix, for new responses."""
        parts = [g.indicator(a) for g in self.others for a in range(g.q)]
        return sparse.hstack(parts, format="csr") if parts else None


@dataclass(frozen=True)
class Response:
    """The part of the cross-products that belongs to y, for B responses at once.

    D (B, q, J), S (B, m), SS (B,), of the standardised (y - shift) / scale.
    """

    D: np.ndarray
    S: np.ndarray
    SS: np.ndarray
    shift: np.ndarray
    scale: np.ndarray

    def __len__(self) -> int:
        return len(self.SS)

    def take(self, index) -> "Response":
        """The responses at `index`."""
        return Response(*(getattr(self, f)[index] for f in ("D", "S", "SS", "shift", "scale")))


def design(X: np.ndarray, factors) -> Design:
    """Cross-products of X (n, p) and the factors (Factor of a ModelFrame, or alike)."""
    columns = standardise(X, ((0, X.shape[1]),))
    groupings = sorted((grouping(f) for f in factors), key=lambda g: -g.n_levels * g.q)
    leading, others = (groupings[0], tuple(groupings[1:])) if groupings else (None, ())
    blank = Design(
        n=len(X),
        p=X.shape[1],
        X=columns.values,
        X_map=columns.map,
        constant=_constant_column(X),
        leading=leading,
        others=others,
        R=np.zeros((0, 0, 0)),
        D=np.zeros((0, 0, 0)),
        S=np.zeros((0, 0)),
        log_det_map=float(np.linalg.slogdet(columns.map)[1]) if X.shape[1] else 0.0,
    )
    return _reduce(blank)


def grouping(factor) -> Grouping:
    """Centre, scale and whiten a factor's Z; within its blocks, so that theta keeps its form."""
    columns = standardise(factor.Z, factor.blocks)
    white = np.zeros_like(columns.map)
    for a, b in factor.blocks:
        Zb = columns.values[:, a:b]
        white[a:b, a:b] = np.linalg.inv(np.linalg.cholesky(Zb.T @ Zb / len(Zb))).T
    identity = np.allclose(white, np.eye(len(white)), atol=1e-14)
    Z = columns.values if identity else columns.values @ white
    return Grouping(
        factor.name, factor.codes, len(factor.levels), Z, columns.map @ white, tuple(factor.blocks)
    )


def standardise(M: np.ndarray, blocks) -> Columns:
    """Centre (where the block holds a constant) and scale each column of M (n, k)."""
    values, back = np.array(M, float, order="F"), np.eye(M.shape[1])
    for a, b in blocks:
        constant = _constant_column(M[:, a:b])
        for j in range(a, b):
            column = values[:, j]
            if constant is not None and j != a + constant:
                mean = column.mean()
                column -= mean
                back[a + constant, j] = -mean / M[0, a + constant]
            is_constant = j - a == constant
            size = column[0] if is_constant else np.sqrt(column @ column / len(column)) or 1.0
            column /= size
            back[:, j] /= size
    return Columns(values, back)


def _constant_column(M: np.ndarray) -> int | None:
    for j in range(M.shape[1]):
        if len(M) and M[0, j] != 0 and np.all(M[:, j] == M[0, j]):
            return j
    return None


def _reduce(blank: Design) -> Design:
    """Rotate the groups of the leading factor: Z'Z -> R, Z'B -> D, B'B - D'D -> S."""
    g, X = blank.leading, blank.X
    if g is None:
        return replace(blank, D=np.zeros((blank.p, 0, 0)), S=X.T @ X)
    RT = cholesky(_within(g))
    border = blank.border
    ZB = np.concatenate([_cross_border(g, border), _cross_columns(g, X.T)])
    D = solve_lower(skip_zero_pivots(RT), ZB)
    BB = _border_products(border, X)
    return replace(blank, R=np.ascontiguousarray(RT.swapaxes(0, 1)), D=D, S=BB - gram(D, D))


def _within(g: Grouping) -> np.ndarray:
    ZZ = np.empty((g.q, g.q, g.n_levels))
    for a in range(g.q):
        for b in range(a + 1):
            ZZ[a, b] = ZZ[b, a] = g.sums(g.Z[:, a] * g.Z[:, b])
    return ZZ


def _cross_columns(g: Grouping, columns) -> np.ndarray:
    """Z_j' c for each column c: (k, q, J)."""
    ones = [a for a in range(g.q) if np.all(g.Z[:, a] == 1.0)]
    sums = [[g.sums(c if a in ones else g.Z[:, a] * c) for a in range(g.q)] for c in columns]
    return np.array(sums).reshape(len(sums), g.q, g.n_levels)


def _cross_border(g: Grouping, border) -> np.ndarray:
    if border is None:
        return np.zeros((0, g.q, g.n_levels))
    parts = [(border.T @ g.indicator(a)).toarray() for a in range(g.q)]
    return np.ascontiguousarray(np.stack(parts, axis=1))


def _border_products(border, X) -> np.ndarray:
    if border is None:
        return X.T @ X
    ZX = border.T @ X
    return np.block([[(border.T @ border).toarray(), ZX], [ZX.T, X.T @ X]])


def gram(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """sum over groups of A_j' B_j for (..., m, q, J) and (..., k, q, J): (..., m, k)."""
    flat = A.shape[-2] * A.shape[-1]
    left = A.reshape(*A.shape[:-2], flat)
    right = B.reshape(*B.shape[:-2], flat)
    return left @ right.swapaxes(-1, -2)


def response(d: Design, Y: np.ndarray) -> Response:
    """Cross-products of the responses Y (B, n), or one y (n,), with the design."""
    Y = np.atleast_2d(np.asarray(Y, float))
    shift = Y.mean(axis=1) if d.constant is not None else np.zeros(len(Y))
    centred = Y - shift[:, None]
    scale = np.sqrt((centred**2).mean(axis=1))
    if np.any(scale <= 1e-14 * np.abs(shift)) or not np.all(np.isfinite(scale)):
        raise ModelError(
            "The outcome does not vary, or is not finite, so there is nothing to fit. "
            "Check the outcome column."
        )
    Yc = centred / scale[:, None]
    XY, SS = Yc @ d.X, (Yc**2).sum(axis=1)
    if d.leading is None:
        return Response(np.zeros((len(Y), 0, 0)), XY, SS, shift, scale)
    D = solve_lower(d.RT, _cross_columns(d.leading, Yc))
    BY = XY if d.border is None else np.hstack([(d.border.T @ Yc.T).T, XY])
    flat = D.reshape(len(Y), -1)
    S = BY - flat @ d.D.reshape(len(d.D), -1).T
    return Response(D, S, SS - (flat**2).sum(axis=1), shift, scale)
