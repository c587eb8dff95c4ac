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

from hlmteach.engine.columns import Columns, Slots, distinct, standard, whitened
from hlmteach.engine.grouping import Grouping, pair_sums, response_sums
from hlmteach.engine.smallmatrix import cholesky, skip_zero_pivots, solve_lower
from hlmteach.engine.spectrum import Spectrum, spectrum
from hlmteach.errors import ModelError

CACHE = 60_000  # values of y that are worked on at once


@dataclass(frozen=True)
class Design:
    """The part of the cross-products that does not depend on y: one design, many responses.

    R (q, q, J) upper triangular, D (m, q, J) and S (m, m) for the border [Z_other | X], whose
    last p columns are X. `weights` (1 + k, p) makes the standardised X of the slots, `X_map` (p, p)
    makes it of the raw X; `constant` is the column that does not vary. `leading` is None for a
    model without random effects.
    """

    n: int
    p: int
    columns: Columns
    weights: np.ndarray
    X_map: np.ndarray
    constant: int | None
    leading: Grouping | None
    others: tuple[Grouping, ...]
    R: np.ndarray
    D: np.ndarray
    S: np.ndarray

    @property
    def groupings(self) -> tuple[Grouping, ...]:
        """The leading factor, then the others."""
        return (() if self.leading is None else (self.leading,)) + self.others

    @property
    def n_theta(self) -> int:
        """The number of free covariance parameters."""
        return sum(len(g.free[0]) for g in self.groupings)

    @cached_property
    def X(self) -> np.ndarray:
        """The standardised X (n, p)."""
        return self.columns.combine(self.weights)

    @cached_property
    def log_det_map(self) -> float:
        """log|X_map|, by which REML's criterion depends on the units of X."""
        return float(np.linalg.slogdet(self.X_map)[1]) if len(self.X_map) else 0.0

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
    def spectrum(self) -> Spectrum:
        """The contrasts between groups of a model with one scalar random effect."""
        return spectrum(self.R[0, 0], self.D[:, 0], self.S, self.n)

    @cached_property
    def border(self) -> sparse.csr_matrix | None:
        """[Z_other] as one sparse (n, m - p) matrix, for new responses."""
        parts = [g.indicator(a) for g in self.others for a in range(g.q)]
        return sparse.hstack(parts, format="csr") if parts else None


@dataclass(frozen=True, repr=False)
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

    def __repr__(self) -> str:
        return f"Cross-products of {len(self)} outcomes, for hlm.refit_many"

    def take(self, index) -> "Response":
        """The responses at `index`."""
        return Response(*(getattr(self, f)[index] for f in ("D", "S", "SS", "shift", "scale")))


def design(X: np.ndarray, factors) -> Design:
    """Cross-products of X (n, p) and the factors (Factor of a ModelFrame, or alike)."""
    factors = sorted(factors, key=lambda f: -len(f.levels) * f.Z.shape[1])
    blocks = [((0, X.shape[1]),), *(f.blocks for f in factors)]
    columns, parts = distinct([X, *(f.Z for f in factors)], blocks)
    T = columns.totals()
    groupings = [
        Grouping(f.name, f.codes, len(f.levels), columns, *whitened(part, columns.centre, T), b)
        for f, part, b in zip(factors, parts[1:], blocks[1:], strict=True)
    ]
    P = pair_sums(groupings[0], groupings[0].slots) if groupings else None
    return reduce(columns, parts[0], groupings, T, P)


def reduce(columns: Columns, part: Slots, groupings, T, P) -> Design:
    """Rotate the groups of the leading factor: Z'Z -> R, Z'B -> D, B'B - D'D -> S.

    T (1 + k, 1 + k) are the slots' products in all, P (slots of Z, 1 + k, J) by group.
    """
    weights, X_map = standard(part, columns.centre, T)
    XX = weights.T @ T @ weights
    d = Design(
        n=int(T[0, 0]),
        p=len(X_map),
        columns=columns,
        weights=weights,
        X_map=X_map,
        constant=part.slots.index(0) if 0 in part.slots else None,
        leading=groupings[0] if groupings else None,
        others=tuple(groupings[1:]),
        R=np.zeros((0, 0, 0)),
        D=np.zeros((len(X_map), 0, 0)),
        S=XX,
    )
    if d.leading is None:
        return d
    g = d.leading
    half = np.tensordot(g.weights[g.slots].T, P, axes=1)
    ZZ, ZX = (np.tensordot(w.T, half, axes=(1, 1)) for w in (g.weights, weights))
    RT = cholesky(ZZ)
    D = solve_lower(skip_zero_pivots(RT), np.concatenate([_cross_border(g, d.border), ZX]))
    BB = _border_products(d, XX)
    return replace(d, R=np.ascontiguousarray(RT.swapaxes(0, 1)), D=D, S=BB - gram(D, D))


def _cross_border(g: Grouping, border) -> np.ndarray:
    if border is None:
        return np.zeros((0, g.q, g.n_levels))
    parts = [(border.T @ g.indicator(a)).toarray() for a in range(g.q)]
    return np.ascontiguousarray(np.stack(parts, axis=1))


def _border_products(d: Design, XX) -> np.ndarray:
    if d.border is None:
        return XX
    ZX = d.border.T @ d.X
    return np.block([[(d.border.T @ d.border).toarray(), ZX], [ZX.T, XX]])


def gram(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """sum over groups of A_j' B_j for (..., m, q, J) and (..., k, q, J): (..., m, k)."""
    flat = A.shape[-2] * A.shape[-1]
    left = A.reshape(*A.shape[:-2], flat)
    right = B.reshape(*B.shape[:-2], flat)
    return left @ right.swapaxes(-1, -2)


def response(d: Design, Y: np.ndarray) -> Response:
    """Cross-products of the responses Y (B, n), or one y (n,), with the design.

    Many responses are taken a few at a time, so that they stay in the processor's cache.
    """
    Y = np.atleast_2d(np.asarray(Y, float))
    step = max(1, CACHE // max(1, Y.shape[1]))
    parts = [_response(d, Y[i : i + step]) for i in range(0, len(Y), step)]
    names = Response.__dataclass_fields__
    if len(parts) == 1:
        return parts[0]
    return Response(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _response(d: Design, Y: np.ndarray) -> Response:
    values = d.columns.values
    shift = Y.mean(axis=1) if d.constant is not None else np.zeros(len(Y))
    Yc = Y - shift[:, None]
    # The mean of a large y is rounded, so that what is left does not sum to 0 exactly.
    T = np.column_stack([Yc.sum(axis=1), Yc @ values.T])
    SS = np.einsum("bn,bn->b", Yc, Yc)
    P = response_sums(d.leading, Yc) if d.leading else None
    ZY = None if d.border is None else (d.border.T @ Yc.T).T
    return respond(d, shift, T, SS, P, ZY)


def respond(d: Design, shift, T, SS, P, ZY=None) -> Response:
    """The response of centred y's products with the slots: T (B, 1 + k), P (B, slots of Z, J)."""
    scale = np.sqrt(SS / d.n)
    if np.any(scale <= 1e-14 * np.abs(shift)) or not np.all(np.isfinite(scale)):
        raise ModelError(
            "The outcome does not vary, or is not finite, so there is nothing to fit. "
            "Check the outcome column."
        )
    XY, SS = T @ d.weights / scale[:, None], SS / scale**2
    if d.leading is None:
        return Response(np.zeros((len(SS), 0, 0)), XY, SS, shift, scale)
    g = d.leading
    D = solve_lower(d.RT, (g.weights[g.slots].T @ P) / scale[:, None, None])
    BY = XY if ZY is None else np.hstack([ZY / scale[:, None], XY])
    flat = D.reshape(len(SS), g.q * g.n_levels)
    S = BY - flat @ d.D.reshape(len(d.D), g.q * g.n_levels).T
    return Response(D, S, SS - (flat**2).sum(axis=1), shift, scale)
