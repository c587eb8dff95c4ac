"""Rows -> cross-products: all that the Gaussian likelihood needs of the data, computed once.

The rows of group j of the leading factor are rotated by Z_j = Q_j R_j into q rows between groups,
R_j b + D_j, and what is left, which is pooled over groups in S (equations 12 to 14):

    D_j = Q_j' [B y],    S = sum_j [B y]' (I - Q_j Q_j') [B y],    B = [Z_other | X]

The part of Z_other, which is mostly zero, is kept by `border`; what is here is that of X and y.

Nothing is subtracted later, so a large variance between groups costs no digits. X, y and Z are
centred and scaled first, and Z is whitened, so that offsets cost none either.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
from scipy import sparse

from hlmteach.engine.batch import Batch
from hlmteach.engine.between import Contrasts, contrasts
from hlmteach.engine.border import Border, border, columns_of
from hlmteach.engine.columns import Columns, Slots, distinct, standard, whitened
from hlmteach.engine.grouping import Grouping, pair_sums, response_sums
from hlmteach.engine.smallmatrix import cholesky, skip_zero_pivots, solve_lower
from hlmteach.engine.spectrum import Spectrum, spectrum
from hlmteach.errors import ModelError

MOST_CACHED = 60_000  # values of y that are worked on at once


@dataclass(frozen=True)
class Design:
    """The part of the cross-products that does not depend on y: one design, many responses.

    R (q, q, J) upper triangular; D (p, q, J) and S (p, p) of X; `border` holds those of the other
    factors' columns, where there are any. `weights` (1 + k, p) makes the standardised X of the
    slots, `X_map` (p, p) makes it of the raw X; `constant` is the column that does not vary.
    `leading` is None for a model without random effects.
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
    border: Border | None = None

    @property
    def groupings(self) -> tuple[Grouping, ...]:
        """The leading factor, then the others."""
        return (() if self.leading is None else (self.leading,)) + self.others

    @property
    def n_theta(self) -> int:
        """The number of free covariance parameters."""
        return sum(len(g.free[0]) for g in self.groupings)

    @property
    def n_effects(self) -> int:
        """The number of random effects of all groups."""
        return sum(g.q * g.n_levels for g in self.groupings)

    @property
    def border_parts(self) -> tuple[slice, ...]:
        """Where the effects of each of the other factors stand in the border."""
        ends = np.cumsum([0, *(g.q * g.n_levels for g in self.others)]).tolist()
        return tuple(slice(*pair) for pair in pairwise(ends))

    @property
    def n_rows_left(self) -> int:
        """Rows less those that the leading factor's groups were rotated into."""
        return self.n - int(np.count_nonzero(np.einsum("aaj->aj", self.R)))

    def n_effective(self, reml: bool) -> int:
        """What sigma^2 is divided by: n, and n - p for REML."""
        return self.n - self.p if reml else self.n

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
    def contrasts(self) -> Contrasts:
        """The contrasts between few groups of a model with two correlated effects."""
        return contrasts(self.R, self.D, self.S, self.n)

    @cached_property
    def spectrum(self) -> Spectrum:
        """The contrasts between groups of a model with one scalar random effect."""
        return spectrum(self.R[0, 0], self.D[:, 0], self.S, self.n)

    @cached_property
    def others_Z(self) -> sparse.csr_matrix:
        """Z_other (n, z), for new responses."""
        return columns_of(self.others)


@dataclass(frozen=True, repr=False)
class Response(Batch):
    """The part of the cross-products that belongs to y, for B responses at once.

    D (B, q, J), S (B, p) with X, Z (B, z) with the other factors' columns, SS (B,), of the
    standardised (y - shift) / scale.
    """

    D: np.ndarray
    S: np.ndarray
    Z: np.ndarray
    SS: np.ndarray
    shift: np.ndarray
    scale: np.ndarray

    def __len__(self) -> int:
        return len(self.SS)

    def __repr__(self) -> str:
        return f"Cross-products of {len(self)} outcomes, for hlm.refit_many"


def design(X: np.ndarray, factors) -> Design:
    """Cross-products of X (n, p) and the factors (Factor of a ModelFrame, or alike)."""
    factors = sorted(factors, key=lambda f: -len(f.levels) * f.Z.shape[1])
    blocks = [((0, X.shape[1]),), *(f.blocks for f in factors)]
    columns, parts = distinct([X, *(f.Z for f in factors)], blocks)
    T = columns.totals()
    groupings = [
        _grouping(f, columns, whitened(part, columns.centre, T))
        for f, part in zip(factors, parts[1:], strict=True)
    ]
    P = pair_sums(groupings[0], groupings[0].slots) if groupings else None
    return reduce(columns, parts[0], groupings, T, P)


def _grouping(f, columns: Columns, maps) -> Grouping:
    weights, to_raw = maps
    return Grouping(
        name=f.name,
        codes=f.codes,
        n_levels=len(f.levels),
        columns=columns,
        weights=weights,
        map=to_raw,
        blocks=f.blocks,
    )


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
    half = (g.weights[g.slots].T @ P.reshape(len(P), -1)).reshape(g.q, *P.shape[1:])
    ZZ, ZX = (w.T @ half for w in (g.weights, weights))
    RT = cholesky(ZZ)
    R, RT = np.ascontiguousarray(RT.swapaxes(0, 1)), skip_zero_pivots(RT)
    D = solve_lower(RT, ZX.swapaxes(0, 1))
    beside = border(g, d.others, RT, d.X, D) if d.others else None
    return replace(d, R=R, D=D, S=XX - gram(D, D), border=beside)


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
    step = max(1, MOST_CACHED // max(1, Y.shape[1]))
    parts = [_response(d, Y[i : i + step]) for i in range(0, len(Y), step)]
    return parts[0] if len(parts) == 1 else parts[0].join(*parts[1:])


def _response(d: Design, Y: np.ndarray) -> Response:
    values = d.columns.values
    shift = Y.mean(axis=1) if d.constant is not None else np.zeros(len(Y))
    Yc = Y - shift[:, None]
    # The mean of a large y is rounded, so that what is left does not sum to 0 exactly.
    T = np.column_stack([Yc.sum(axis=1), Yc @ values.T])
    SS = np.einsum("bn,bn->b", Yc, Yc)
    P = response_sums(d.leading, Yc) if d.leading else None
    ZY = Yc @ d.others_Z if d.others else np.zeros((len(Y), 0))
    return respond(d, shift, T, SS, P, ZY)


def respond(d: Design, shift, T, SS, P, ZY) -> Response:
    """The response of centred y's products: T (B, 1 + k) and P (B, slots of Z, J) with the slots.

    ZY (B, z) are those with the other factors' columns.
    """
    scale = np.sqrt(SS / d.n)
    if np.any(scale <= 1e-14 * np.abs(shift)) or not np.all(np.isfinite(scale)):
        raise ModelError(
            "The outcome does not vary, or is not finite, so there is nothing to fit. "
            "Check the outcome column."
        )
    XY, ZY, SS = T @ d.weights / scale[:, None], ZY / scale[:, None], SS / scale**2
    if d.leading is None:
        D, S = np.zeros((len(SS), 0, 0)), XY
        return Response(D=D, S=S, Z=ZY, SS=SS, shift=shift, scale=scale)
    g = d.leading
    D = solve_lower(d.RT, (g.weights[g.slots].T @ P) / scale[:, None, None])
    flat = D.reshape(len(SS), g.q * g.n_levels)
    S = XY - flat @ d.D.reshape(d.p, g.q * g.n_levels).T
    if d.others:
        ZY = ZY - d.border.onto(d.border.D, D).T
    return Response(D=D, S=S, Z=ZY, SS=SS - (flat**2).sum(axis=1), shift=shift, scale=scale)
