"""Kenward and Roger's covariance of the coefficients, F and degrees of freedom, for REML fits.

All is in coordinates in which beta's plain covariance is sigma^2 I, and by variances relative to
sigma^2: along the whole covariance V itself, and along G_a = Z E_a Z' for each free entry of the
effects' covariance, symmetric E_a (q, q) (equation 49).
"""

from dataclasses import dataclass

import numpy as np

from hlmteach.engine.blocks import (
    effects_covariance,
    lambdas_of,
    onto_effects,
    pair_traces,
    places_of,
    system,
)
from hlmteach.engine.covariance import covariance_of
from hlmteach.engine.derivatives import information, shares
from hlmteach.engine.fit import Fit
from hlmteach.engine.problem import problem, solved
from hlmteach.errors import ModelError
from hlmteach.inference.coefficients.references import FTest, Reference, directions_of
from hlmteach.inference.profiling.limits import check_optimum

MOST_EFFECTS = 6_000  # random effects of several factors, whose products are dense
SINGULAR = 1e-10  # eigenvalue of the information, below which a direction of it is left out
NEAR_TWO = 1e-2  # degrees of freedom this near 2 leave F as it is


@dataclass(frozen=True)
class KenwardRoger(Reference):
    """`vcov` is the adjusted one; `half` (p, p) maps a row L to where the plain one is I.

    `U` (1 + k, p, p) is what each variance does to it, the whole covariance first, and
    `W` (1 + k, 1 + k) the variances' own covariance.
    """

    half: np.ndarray
    U: np.ndarray
    W: np.ndarray

    def df(self, L) -> np.ndarray:
        """2 / A of each row (equation 49)."""
        rows = L @ self.half
        u = np.einsum("kp,apq,kq->ak", rows, self.U, rows) / (rows**2).sum(axis=1)
        return 2 / np.einsum("ak,ab,bk->k", u, self.W, u)

    def test(self, L, value) -> FTest:
        """F of the adjusted covariance, scaled so that it has the mean and variance of an F."""
        T, q = directions_of(L, self.vcov)
        K = np.linalg.qr((T @ L @ self.half).T)[0]
        u = K.T @ self.U @ K
        traces = np.einsum("aii->a", u)
        A1 = float(traces @ self.W @ traces)
        A2 = float(np.einsum("ab,aij,bji->", self.W, u, u))
        df, scale = _moments(A1, A2, q)
        return FTest(scale * float(((T @ value) ** 2).sum() / q), q, df)


def _moments(A1: float, A2: float, q: int) -> tuple[float, float]:
    """The denominator df and the scale of F by which its two moments are right."""
    B = (A1 + 6 * A2) / (2 * q)
    g = ((q + 1) * A1 - (q + 4) * A2) / ((q + 2) * A2)
    c = np.array([g, q - g, q + 2 - g]) / (3 * q + 2 * (1 - g))
    part = 1 + np.array([1, -1, -1]) * c * B
    part[np.abs(part) < 1e-10] = 0.0
    bias = 1 - A2 / q
    ratio = 1.0 if abs(bias) < 1e-14 and abs(part[1]) < 1e-14 else bias / part[1]
    rho = ratio**2 * part[0] / part[2] / q
    df = 4 + (q + 2) / (q * rho - 1)
    return float(df), 1.0 if abs(df - 2) < NEAR_TWO else float(df * bias / (df - 2))


def by_kenward_roger(fit: Fit) -> KenwardRoger:
    """What a combination of coefficients is compared with, by Kenward and Roger's method.

    Raises
    ------
    ModelError
        For a fit by ML or by `.at`, and where several factors have too many levels.
    """
    check_optimum(fit, "kenward-roger")
    _check_reml(fit)
    products = _products(fit)
    k, p = len(products.U), fit.design.p
    U = np.concatenate([np.eye(p)[None], products.U])
    second = np.zeros((k + 1, k + 1))  # n - p and tr(P G_a), twice the expected information
    second[0, 0] = fit.n_obs - p
    second[0, 1:] = second[1:, 0] = products.traces - np.einsum("aii->a", U[1:])
    second[1:, 1:] = products.pairs - 2 * np.einsum("abii->ab", products.Q)
    UU = np.einsum("aij,bjk->abik", U[1:], U[1:])
    second[1:, 1:] += np.einsum("abii->ab", UU)
    W = 2 * _inverse(second)
    more = np.einsum("ab,abij->ij", W[1:, 1:], products.Q - UU)
    half = fit.design.X_map @ np.linalg.inv(fit.solution.factor[0]).T
    adjusted = half @ (np.eye(p) + more + more.T) @ half.T
    return KenwardRoger(vcov=(fit.se_factor * fit.sigma) ** 2 * adjusted, half=half, U=U, W=W)


def _check_reml(fit: Fit) -> None:
    if fit.design.groupings and not fit.reml:
        raise ModelError(
            "Kenward and Roger's method is for fits by REML, and this one is by ML. Fit it with "
            "REML=True (method='REML'), or use ddf='satterthwaite'."
        )
    if fit.design.others and fit.design.n_effects > MOST_EFFECTS:
        raise ModelError(
            f"Kenward and Roger's method needs the products of all {fit.design.n_effects:,} random "
            f"effects with each other, which is done up to {MOST_EFFECTS:,} here. With that many "
            "groups it would change nothing; use ddf='satterthwaite'."
        )


def _inverse(A) -> np.ndarray:
    """A^-1, leaving out directions of which the data say nothing."""
    scale = np.sqrt(np.diag(A))
    scale[scale == 0] = 1.0
    values, vectors = np.linalg.eigh(A / np.outer(scale, scale))
    kept = vectors[:, values > SINGULAR] / np.sqrt(values[values > SINGULAR])
    return (kept @ kept.T) / np.outer(scale, scale)


@dataclass(frozen=True)
class Products:
    """With G_a = Z E_a Z': U (k, p, p) = X' V^-1 G_a V^-1 X, Q (k, k, p, p) the same of two.

    traces (k,) and pairs (k, k) are tr(V^-1 G_a) and tr(V^-1 G_a V^-1 G_b).
    """

    U: np.ndarray
    Q: np.ndarray
    traces: np.ndarray
    pairs: np.ndarray


def _products(fit: Fit) -> Products:
    d = fit.design
    if not d.groupings:
        none = np.zeros((0, d.p, d.p))
        return Products(none, none[None][:0], np.zeros(0), np.zeros((0, 0)))
    return _of_several(fit) if d.others else _of_one(fit)


def _of_one(fit: Fit) -> Products:
    """Sums over groups of products of A_j = Z_j' V_j^-1 Z_j and G_j = Z_j' V_j^-1 X_j."""
    d = fit.design
    m = problem(d, fit.response.take(slice(0, 1)), fit.reml)
    h = shares(m, solved(m, covariance_of(fit.white_theta, d.leading)[None]))
    A, G, E = h.A[0], h.G[0, :, : d.p], d.leading.directions
    EG = np.einsum("acd,dpj->acpj", E.reshape(-1, *A.shape[:2]), G)
    moved = np.einsum("cdj,bdpj->bcpj", A, EG)
    return Products(
        U=np.tensordot(EG, G, axes=((1, 3), (0, 2))),
        Q=np.tensordot(EG, moved, axes=((1, 3), (1, 3))).swapaxes(1, 2),
        traces=E @ A.sum(axis=-1).ravel(),
        pairs=E @ information(h)[0] @ E.T,
    )


def _of_several(fit: Fit) -> Products:
    """The same of all factors' effects, by Z' V^-1 Z in full."""
    d = fit.design
    s = system(d, fit.response, lambdas_of(d, fit.white_theta))
    C = effects_covariance(d, s)
    E = [g.directions.reshape(-1, g.q, g.q) for g in d.groupings]
    G = [part[..., :-1] @ s.inverse.T for part in onto_effects(d, s)]
    EG = [
        np.einsum("acd,djp->acjp", e, x).reshape(len(e), -1, d.p) for e, x in zip(E, G, strict=True)
    ]
    U = [np.einsum("xp,axq->apq", x.reshape(-1, d.p), eg) for x, eg in zip(G, EG, strict=True)]
    traces = [
        np.einsum("acd,cldl->a", e, C[at, at].reshape(2 * (g.q, g.n_levels)))
        for e, (g, at) in zip(E, places_of(d), strict=True)
    ]
    every = np.concatenate(
        [_placed(eg, at, len(C)) for eg, (_, at) in zip(EG, places_of(d), strict=True)]
    )
    moved = C @ every
    return Products(
        U=np.concatenate(U),
        Q=np.tensordot(every, moved, axes=(1, 1)).swapaxes(1, 2),
        traces=np.concatenate(traces),
        pairs=pair_traces(d, C, E),
    )


def _placed(part, at: slice, size: int) -> np.ndarray:
    """Rows (k, size, p) that are `part` (k, some, p) at its place and 0 elsewhere."""
    whole = np.zeros((len(part), size, part.shape[-1]))
    whole[:, at] = part
    return whole
