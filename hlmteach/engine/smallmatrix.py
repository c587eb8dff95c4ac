"""Algebra of many small matrices at once, unrolled over their few rows.

A batch of q x q matrices is an array (..., q, q, J): the batch of groups comes last, so that
every step is one long vector operation whatever q is. LAPACK's batched calls lose on such sizes.
"""

import numpy as np

PIVOT_TOLERANCE = 1e-12  # a pivot this small beside its diagonal is a rank deficiency


def cholesky(A: np.ndarray) -> np.ndarray:
    """Lower L with L L' = A for each of (..., q, q, J); a semidefinite A gets zero columns."""
    q = A.shape[-2]
    L = np.zeros(A.shape)
    for k in range(q):
        pivot = A[..., k, k, :] - (L[..., k, :k, :] ** 2).sum(axis=-2)
        ok = pivot > PIVOT_TOLERANCE * A[..., k, k, :]
        root = np.sqrt(np.where(ok, pivot, 1.0))
        L[..., k, k, :] = np.where(ok, root, 0.0)
        for i in range(k + 1, q):
            inner = (L[..., i, :k, :] * L[..., k, :k, :]).sum(axis=-2)
            L[..., i, k, :] = np.where(ok, (A[..., i, k, :] - inner) / root, 0.0)
    return L


def cholesky_definite(A: np.ndarray) -> np.ndarray:
    """`cholesky` where no pivot can be zero, as in I + something."""
    q = A.shape[-2]
    L = np.zeros(A.shape) if q > 1 else np.empty(A.shape)
    for k in range(q):
        pivot = A[..., k, k, :]
        for m in range(k):
            pivot = pivot - L[..., k, m, :] ** 2
        root = L[..., k, k, :] = np.sqrt(pivot)
        for i in range(k + 1, q):
            inner = A[..., i, k, :]
            for m in range(k):
                inner = inner - L[..., i, m, :] * L[..., k, m, :]
            L[..., i, k, :] = inner / root
    return L


def solve_lower(L: np.ndarray, B: np.ndarray) -> np.ndarray:
    """X with L X = B for L (..., q, q, J), B (..., q, J); an infinite pivot gives a zero row."""
    rows = []
    for i in range(L.shape[-2]):
        top = B[..., i, :]
        for k in range(i):
            top = top - L[..., i, k, :] * rows[k]
        rows.append(top / L[..., i, i, :])
    return np.stack(rows, axis=-2) if len(rows) > 1 else rows[0][..., None, :]


def skip_zero_pivots(L: np.ndarray) -> np.ndarray:
    """A semidefinite factor for `solve_lower`: its zero pivots made infinite."""
    if np.einsum("...aaj->...aj", L).all():
        return L
    L = L.copy()
    for i in range(L.shape[-2]):
        L[..., i, i, :] = np.where(L[..., i, i, :] == 0, np.inf, L[..., i, i, :])
    return L


def lower_factor(M: np.ndarray) -> np.ndarray:
    """Lower L (q, q) with L L' = M M' for M (q, r >= q), by QR: exact where it is singular.

    The diagonal is not negative, and a zero on it has a zero column, so L is unique.
    """
    return lower_factors(M[None])[0]


def lower_factors(M: np.ndarray) -> np.ndarray:
    """`lower_factor` of each of M (B, q, r >= q) at once."""
    size = np.linalg.norm(M, axis=-1, keepdims=True)
    if M.shape[1] == 1:
        return size
    L = np.linalg.qr(M.swapaxes(-1, -2), mode="r").swapaxes(-1, -2)
    L = L * np.where(np.diagonal(L, axis1=-2, axis2=-1) < 0, -1.0, 1.0)[:, None, :]
    L[np.abs(L) < 1e-13 * size] = 0.0
    for k in range(L.shape[1] - 1):
        loose = np.flatnonzero((L[:, k, k] == 0) & L[:, k + 1 :, k].any(axis=1))
        if len(loose):
            L[loose, k + 1 :, k + 1 :] = lower_factors(L[loose, k + 1 :, k:])
            L[loose, k + 1 :, k] = 0.0
    return L
