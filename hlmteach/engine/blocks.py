"""The criterion for several grouping factors, nested or crossed: sparse first, dense last.

The factor with most effects is rotated away group by group, as in `deviance`; the other factors
meet its groups in few places (`border`), and what is left of them is one dense system (the blocks
of Bates, Maechler, Bolker and Walker 2015; equations 21 to 23). Where that is small the second
derivatives are exact; where it is large the average information stands for them (equation 45).
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import blas, block_diag, lapack

from hlmteach.engine.border import mirrored
from hlmteach.engine.covariance import lambda_of, split
from hlmteach.engine.crossprod import Design, Response, gram
from hlmteach.engine.derivatives import scaling
from hlmteach.engine.deviance import Criterion, profiled
from hlmteach.engine.problem import factor_groups, log_determinant, within_of
from hlmteach.engine.progress import tick
from hlmteach.engine.smallmatrix import solve_lower

MOST_EXACT = 60  # random effects in all, up to which second derivatives are exact
LEAST_SIZE = 1e-6  # size of Lambda below which its inverse is not trusted


@dataclass(frozen=True)
class System:
    """The penalised normal equations at one Lambda (q, q) for each factor.

    N (q, q, J), EX (p + 1, q, J), EZ (q, N): R', [X y] and Z_other of each group, divided by L_j
    (columns first, then rows);
    M (z, z) and MX (z, p + 1): their products with Z_other in the metric of V_1. `root` is upper,
    root'root = Lambda' M Lambda + I; b (z, p + 1) are the effects that fit [X y]. factor (p, p)
    lower with factor factor' = X' V^-1 X, its inverse, beta (p,).
    """

    Lambdas: list
    log_det: float
    N: np.ndarray
    EX: np.ndarray
    EZ: np.ndarray
    M: np.ndarray
    MX: np.ndarray
    root: np.ndarray
    b: np.ndarray
    factor: np.ndarray
    inverse: np.ndarray
    beta: np.ndarray
    pwrss: float

    def F(self, d: Design) -> np.ndarray:
        """N_j' E_j (q, N): what of the leading factor's effects meets the border's."""
        return np.einsum("can,an->cn", self.N[:, :, d.border.group], self.EZ)


def lambdas_of(d: Design, theta: np.ndarray) -> list:
    """Lambda (q, q) of each factor, of theta (k,) for all."""
    pieces = split(theta, d.groupings)
    return [lambda_of(t, g) for t, g in zip(pieces, d.groupings, strict=True)]


def system(d: Design, r: Response, Lambdas) -> System:
    """Build and factor the normal equations (equation 21)."""
    q, border = d.leading.q, d.border
    L = factor_groups(d.R, (Lambdas[0] @ Lambdas[0].T)[None])[0]
    sides = solve_lower(L, np.concatenate([d.R.swapaxes(0, 1), d.D, r.D[:1]]))
    N, EX = sides[:q], sides[q:]
    EZ = solve_lower(L[:, :, border.group], border.D)
    M = border.plus_left(border.gram(EZ))
    MX = np.column_stack([border.ZX, r.Z[0]]) + border.onto(EZ, EX)
    root = _root(d, Lambdas, M)
    half = solve(root, scaled(d, Lambdas, MX.copy()))
    C = np.linalg.cholesky(within_of(d, r)[0] + gram(EX, EX) - half.T @ half)
    inverse = np.linalg.inv(C[:-1, :-1])
    b = scaled(d, Lambdas, solve(root, half, back=True), transposed=False)
    log_det = log_determinant(L[None])[0] + 2 * np.log(np.diag(root)).sum()
    return System(
        Lambdas=Lambdas,
        log_det=log_det,
        N=N,
        EX=EX,
        EZ=EZ,
        M=M,
        MX=MX,
        root=root,
        b=b,
        factor=C[:-1, :-1],
        inverse=inverse,
        beta=C[-1, :-1] @ inverse,
        pwrss=float(C[-1, -1] ** 2),
    )


def _root(d: Design, Lambdas, M) -> np.ndarray:
    N = scaled(d, Lambdas, scaled(d, Lambdas, M.copy()).T)
    N[np.diag_indices(len(N))] += 1.0
    root, failed = lapack.dpotrf(N, lower=0, overwrite_a=1, clean=0)
    if failed:
        raise np.linalg.LinAlgError("The border's products are not positive definite.")
    return root


def solve(root, B, back: bool = False) -> np.ndarray:
    """root'^-1 B, or root^-1 B, for B (z, t).

    By BLAS: LAPACK's own starts threads for a system of ten rows, and waits for them.
    """
    return blas.dtrsm(1.0, root, B, trans_a=0 if back else 1)


def scaled(d: Design, Lambdas, A: np.ndarray, transposed: bool = True) -> np.ndarray:
    """Lambda_other' A (or Lambda_other A) for A (z, t), in place."""
    for g, Lambda, rows in zip(d.others, Lambdas[1:], d.border_parts, strict=True):
        if g.q == 1:
            A[rows] *= Lambda[0, 0]
        else:
            block = A[rows].reshape(g.q, -1)
            A[rows] = ((Lambda.T if transposed else Lambda) @ block).reshape(A[rows].shape)
    return A


def inverse_of(root) -> np.ndarray:
    """(root'root)^-1 (z, z); the root is lost."""
    return mirrored(lapack.dpotri(root, lower=0, overwrite_c=1)[0].T)


def border_variance(d: Design, s: System) -> np.ndarray:
    """Lambda (root'root)^-1 Lambda' (z, z): variance of the border's effects given beta."""
    W = scaled(d, s.Lambdas, inverse_of(s.root.copy(order="F")), transposed=False)
    return scaled(d, s.Lambdas, W.T, transposed=False)


# -- the criterion ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Many:
    """A design with several factors and one response, to be fitted by ML or REML."""

    design: Design
    response: Response
    reml: bool

    def __len__(self) -> int:
        return 1

    def take(self, _) -> "Many":
        """The one response there is."""
        return self

    only = take

    @property
    def n(self) -> int:
        """What sigma^2 is divided by: n, and n - p for REML."""
        return self.design.n_effective(self.reml)


def criterion_blocks(m: Many, theta: np.ndarray, order: int = 2) -> Criterion:
    """The criterion at theta (1, k); `order` 0 is the value alone, 2 adds derivatives."""
    d = m.design
    s = system(d, m.response, lambdas_of(d, theta[0]))
    tick("evaluations")
    factor, pwrss = s.factor[None], np.array([s.pwrss])
    value = s.log_det + profiled(m.n, pwrss, factor, m.reml)
    if order == 0:
        return Criterion(value=value, beta=s.beta[None], pwrss=pwrss, factor=factor)
    T = scaling(s.inverse[None], s.beta[None], pwrss, m.n)[0]
    by = by_theta_blocks(d, s, theta[0], T.T, m.reml)
    hessian = by.hessian - np.outer(by.w, by.w) / m.n
    return Criterion(
        value=value,
        beta=s.beta[None],
        pwrss=pwrss,
        factor=factor,
        gradient=by.gradient[None],
        hessian=hessian[None],
    )


@dataclass(frozen=True)
class ByTheta:
    """Derivatives by theta of log|V| and of the residuals' squares, their weight held still.

    gradient (k,) and hessian (k, k); w (k,) is minus the residuals' part in the gradient, and
    pull (k, p) what each theta does to X' V^-1 of the residual.
    """

    gradient: np.ndarray
    hessian: np.ndarray
    w: np.ndarray
    pull: np.ndarray


def by_theta_blocks(d: Design, s: System, theta, weights, reml: bool, turns=None) -> ByTheta:
    """Derivatives by theta (k,), with Lambda = Q Lambda(theta) for the Q of each factor in `turns`.

    weights (p + 1, w) make of [X y] the standardised X that beta is free in, and last the scaled
    residual; under REML all of them count in log|V|.
    """
    turns = [np.eye(g.q) for g in d.groupings] if turns is None else turns
    raw, pieces = onto_effects(d, s), split(theta, d.groupings)
    c = [part @ weights for part in raw]
    E = [Q @ _change(g, t) @ Q.T for g, t, Q in zip(d.groupings, pieces, turns, strict=True)]
    moved = [np.einsum("kcd,dj->kcj", e, part[..., -1]) for e, part in zip(E, c, strict=True)]
    A, AL, hessian = _sums(d, s, weights, c, E, moved, reml)
    gradient, w, pull, at = [], [], [], 0
    for f, (g, Q) in enumerate(zip(d.groupings, turns, strict=True)):
        counted = c[f] if reml else c[f][..., -1:]
        GG = np.tensordot(counted, counted, axes=((1, 2), (1, 2)))
        gradient.append(2 * (Q.T @ (AL[f] - GG @ s.Lambdas[f]))[g.free])
        w.append(np.einsum("cj,kcj->k", c[f][..., -1], moved[f]))
        pull.append(np.tensordot(moved[f], raw[f][..., :-1], axes=2))
        k = slice(at, at + len(w[-1]))
        hessian[k, k] += g.second @ (Q.T @ (A[f] - GG) @ Q).ravel()
        at = k.stop
    return ByTheta(np.concatenate(gradient), hessian, np.concatenate(w), np.concatenate(pull))


def _sums(d: Design, s: System, weights, c, E, moved, reml: bool):
    """A and A Lambda of each factor, and the curvature along the changes E, exact or average."""
    if d.n_effects <= MOST_EXACT:
        return _exactly(d, s, c, E, moved, reml)
    average = _average(d, s, weights, moved)  # before _traces, which needs the root's place
    return *_traces(d, s), average


def _change(g, theta) -> np.ndarray:
    """The derivatives (k, q, q) of Lambda Lambda' by theta (k,)."""
    return np.tensordot(theta, g.second, axes=1).reshape(-1, g.q, g.q)


def _exactly(d: Design, s: System, c, E, moved, reml: bool):
    """A and A Lambda of each factor, and the curvature (k, k) along the changes E (equation 46)."""
    C = effects_covariance(d, s)
    A = [np.einsum("alcl->ac", C[at, at].reshape(2 * (g.q, g.n_levels))) for g, at in places_of(d)]
    side = np.concatenate([part.reshape(-1, part.shape[-1])[:, :-1] for part in c])
    P = C - side @ side.T
    every = _stacked(moved)
    second = 2 * every @ P @ every.T - pair_traces(d, P if reml else C, E)
    return A, [a @ Lambda for a, Lambda in zip(A, s.Lambdas, strict=True)], second


def _stacked(moved) -> np.ndarray:
    """Changes of the effects (k, Q), each of one factor's alone."""
    rows = [part.reshape(len(part), -1) for part in moved]
    return block_diag(*rows)


def pair_traces(d: Design, C, E) -> np.ndarray:
    """tr(C_fg E_b C_gf E_a) (k, k) of every two changes, one of factor f and one of g."""
    rows = []
    for (f, at), e in zip(places_of(d), E, strict=True):
        row = []
        for (g, to), other in zip(places_of(d), E, strict=True):
            flat = C[at, to].reshape(f.q, f.n_levels, g.q, g.n_levels).swapaxes(1, 2)
            flat = flat.reshape(f.q * g.q, -1)
            sums = (flat @ flat.T).reshape(f.q, g.q, f.q, g.q)
            row.append(np.einsum("kac,adcb,ldb->kl", e, sums, other))
        rows.append(row)
    return np.block(rows)


def _average(d: Design, s: System, weights, moved) -> np.ndarray:
    """The average information (k, k), of V_a V^-1 r as if they were outcomes (equation 45)."""
    first, border = moved[0], d.border
    e = _stacked(moved)[:, first[0].size :].T
    k = e.shape[1]
    V = np.zeros((k, *first.shape[1:]))
    V[: len(first)] = first
    V = np.einsum("caj,kcj->kaj", s.N, V)
    on, Me = border.onto(s.EZ, V), s.M @ e
    half = solve(s.root, scaled(d, s.Lambdas, np.column_stack([Me + on, s.MX[:, :-1]])))
    half, half_X = half[:, :k], half[:, k:]
    inner = e.T @ on
    products = e.T @ Me + inner + inner.T + gram(V, V) - half.T @ half
    with_X = s.MX[:, :-1].T @ e + gram(s.EX[:-1], V) - half_X.T @ half
    with_X = weights[:-1, :-1].T @ with_X
    return products - with_X.T @ with_X


def places_of(d: Design):
    """Each factor, and where its effects are among those of all."""
    ends = np.cumsum([g.q * g.n_levels for g in d.groupings])
    return [(g, slice(e - g.q * g.n_levels, e)) for g, e in zip(d.groupings, ends, strict=True)]


def onto_effects(d: Design, s: System) -> list:
    """Z'V^-1 [X y]: (q, J, p + 1) for each factor."""
    E, rest = s.EX - d.border.times(s.EZ, s.b), s.MX - s.M @ s.b
    parts = [
        rest[rows].reshape(g.q, g.n_levels, -1)
        for g, rows in zip(d.others, d.border_parts, strict=True)
    ]
    return [np.einsum("caj,waj->cjw", s.N, E), *parts]


def effects_covariance(d: Design, s: System) -> np.ndarray:
    """Z'V^-1 Z (Q, Q) of all factors' effects, in full."""
    g, border = d.leading, d.border
    F = np.zeros((border.z, g.q, g.n_levels))
    F[border.column, :, border.group] = s.F(d).T
    F = F.reshape(border.z, -1)
    half = solve(s.root, scaled(d, s.Lambdas, np.hstack([F, s.M])))
    C = -half.T @ half
    k, each = F.shape[1], np.arange(g.n_levels)
    C[k:, :k] += F
    C[:k, k:] += F.T
    C[k:, k:] += s.M
    NN = np.einsum("caj,daj->jcd", s.N, s.N)
    C[:k, :k].reshape(g.q, g.n_levels, g.q, g.n_levels)[:, each, :, each] += NN
    return C


def _traces(d: Design, s: System) -> tuple[list, list]:
    """For each factor A, Z'V^-1 Z summed over its levels, and A Lambda (equations 22 and 23)."""
    W = scaled(d, s.Lambdas, inverse_of(s.root).T, transposed=False).T  # (root'root)^-1 Lambda'
    A, AL = [None], [None]
    for g, Lambda, rows in zip(d.others, s.Lambdas[1:], d.border_parts, strict=True):
        left, right = (a[rows].reshape(g.q, -1) for a in (s.M, W))
        AL.append(left @ right.T)
        A.append(_symmetric(AL[-1] @ _inverse(Lambda)))
    W = scaled(d, s.Lambdas, W, transposed=False)
    A[0] = np.einsum("caj,daj->cd", s.N, s.N) - d.border.spread(s.F(d), W).sum(axis=-1)
    AL[0] = A[0] @ s.Lambdas[0]
    return A, AL


def _symmetric(A) -> np.ndarray:
    return 0.5 * (A + A.T)


def _inverse(Lambda) -> np.ndarray:
    """Lambda^-1, as far as it is to be trusted."""
    U, size, Vt = np.linalg.svd(Lambda)
    return Vt.T @ (U / np.maximum(size, LEAST_SIZE)).T
