"""The criterion with one parameter held at v, least over all the others (equation 29).

A batch holds one search per row. Its coordinates are x (B, m), as `coordinates` describes them; the
slot of a coordinate that is held stays empty.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hlmteach.engine.batch import Batch
from hlmteach.engine.progress import tick
from hlmteach.inference.profiling.joint import Joint, OneFactor

MOST_STEPS = 100  # of a search
DECREMENT = 1e-7  # of the criterion, by the quadratic model, then off by about 1e-10
SADDLE = -1e-4  # smallest eigenvalue, of a Hessian with a diagonal of ones, that is no minimum
SIDESTEP = 0.1  # off such a stationary point, in the same units


@dataclass(frozen=True)
class Local(Batch):
    """The criterion by (x, v): value (B,), by x (B, m), (B, m, m), by v (B,), by both (B, m)."""

    value: np.ndarray
    gradient: np.ndarray
    hessian: np.ndarray
    slope: np.ndarray
    bend: np.ndarray
    across: np.ndarray


@dataclass(frozen=True)
class Minimum:
    """The least value (B,) at v, where (x), its slope and bend by v, and dx/dv."""

    value: np.ndarray
    x: np.ndarray
    slope: np.ndarray
    bend: np.ndarray
    tangent: np.ndarray


@dataclass(frozen=True)
class Search:
    """A batch of searches: what each row holds (kind, slots, relation), and the criterion."""

    surface: OneFactor
    kind: np.ndarray
    slots: np.ndarray
    relation: np.ndarray

    def take(self, index) -> "Search":
        """The searches at `index` alone."""
        if len(index) == len(self.kind) and np.array_equal(index, np.arange(len(index))):
            return self
        rows = self.kind[index], self.slots[index], self.relation[index]
        return Search(self.surface.take(index), *rows)

    @cached_property
    def rows(self) -> dict:
        """For each kind, its rows, and their slots one by one."""
        by_kind = {}
        for kind in ("sd", "cor", "sigma", "beta"):
            at = np.flatnonzero(self.kind == kind)
            by_kind[kind] = (at, *self.slots[at].T)
        return by_kind

    def value(self, x, v) -> Joint:
        """The criterion alone, with the misfit."""
        return self.surface.evaluate(*self.psi(x, v), order=0)

    def local(self, x, v) -> Local:
        """The criterion with its first and second derivatives by x and v."""
        psi = self.psi(x, v)
        joint = self.surface.evaluate(*psi)
        tick("evaluations")
        J, curve = self._chain(x, v, psi, joint.gradient)
        g = np.einsum("bi,bij->bj", joint.gradient, J)
        H = J.swapaxes(1, 2) @ joint.hessian @ J + curve
        empty = np.arange(H.shape[1] - 1) == self._empty_slot[:, None]
        H[:, :-1, :-1] += empty[:, :, None] * np.eye(empty.shape[1])
        return Local(
            value=joint.value,
            gradient=g[:, :-1],
            hessian=H[:, :-1, :-1],
            slope=g[:, -1],
            bend=H[:, -1, -1],
            across=H[:, :-1, -1],
        )

    @cached_property
    def _empty_slot(self):
        """The empty slot of each row, or -1."""
        slot = np.full(len(self.kind), -1)
        slot[self.rows["sd"][0]] = self.rows["sd"][1]
        slot[self.rows["cor"][0]] = self.rows["cor"][2]
        slot[self.rows["sigma"][0]] = self.surface.design.n_theta
        return slot

    def psi(self, x, v):
        """(theta, log sigma, a'beta) of the coordinates, theta rotated as each row has it."""
        theta, log_sigma = x[:, :-1].copy(), x[:, -1].copy()
        at = self.rows["sigma"][0]
        log_sigma[at] = v[at]
        at, first, _, _ = self.rows["sd"]
        theta[at, first] = v[at] * np.exp(-log_sigma[at])
        at, first, across, last = self.rows["cor"]
        a, c = self.relation[at].T
        s, t = x[at, first] ** 2, x[at, last] ** 2
        theta[at, first] = s
        theta[at, across] = (np.sin(v[at]) * t - a * s) / c
        theta[at, last] = np.cos(v[at]) * t / c
        return theta, log_sigma, v

    def _chain(self, x, v, psi, g):
        """The derivatives of psi by (x, v), and what its second ones add to the Hessian."""
        B, m = x.shape
        J = np.tile(np.eye(m + 1), (B, 1, 1))
        curve = np.zeros_like(J)
        J[self.kind != "beta", m, m] = 0.0
        at = self.rows["sigma"][0]
        J[at, m - 1, m - 1], J[at, m - 1, m] = 0.0, 1.0
        self._chain_sd(J, curve, psi, g)
        self._chain_cor(J, curve, x, v, g)
        return J, curve

    def _chain_sd(self, J, curve, psi, g):
        at, first, _, _ = self.rows["sd"]
        sigma, v = J.shape[1] - 2, J.shape[1] - 1
        theta, inverse = psi[0][at, first], np.exp(-psi[1][at])
        J[at, first, first], J[at, first, sigma], J[at, first, v] = 0.0, -theta, inverse
        curve[at, sigma, sigma] = g[at, first] * theta
        curve[at, sigma, v] = curve[at, v, sigma] = -g[at, first] * inverse

    def _chain_cor(self, J, curve, x, v, g):
        at, first, across, last = self.rows["cor"]
        if not len(at):
            return
        a, c = self.relation[at].T
        end = J.shape[1] - 1
        s, t, sin, cos = x[at, first], x[at, last], np.sin(v[at]) / c, np.cos(v[at]) / c
        g1, g2, g3 = g[at, first], g[at, across], g[at, last]
        J[at, across, across] = 0.0
        J[at, first, first], J[at, across, first] = 2 * s, -2 * a * s / c
        J[at, across, last], J[at, across, end] = 2 * sin * t, cos * t**2
        J[at, last, last], J[at, last, end] = 2 * cos * t, -sin * t**2
        curve[at, first, first] = 2 * (g1 - g2 * a / c)
        curve[at, last, last] = 2 * (g2 * sin + g3 * cos)
        curve[at, last, end] = curve[at, end, last] = 2 * t * (g2 * cos - g3 * sin)
        curve[at, end, end] = -(t**2) * (g2 * sin + g3 * cos)


def descend(
    search: Search, x, v, tolerance: float = DECREMENT, max_steps: int = MOST_STEPS
) -> Minimum:
    """Newton from x at fixed v, with the Hessian's eigenvalues made positive, steps halved."""
    local = search.local(x, v)
    for _ in range(max_steps):
        spectrum = _spectrum(local)
        step, decrement = _newton(local, x, *spectrum)
        flat = decrement < tolerance
        saddle = flat & (spectrum[1][:, 0] < SADDLE)
        if np.all(flat & ~saddle):
            break
        step[flat] = 0.0
        step[saddle] = _sidestep(local, *spectrum)[saddle]
        x, local = _line_search(search, x, v, local, step)
    step[~flat], decrement[~flat] = 0.0, 0.0
    tangent = -_solve(*spectrum, local.across, drop=1e-8)
    slope = local.slope + np.einsum("bi,bi->b", local.across, step)
    bend = local.bend + np.einsum("bi,bi->b", local.across, tangent)
    return Minimum(
        value=local.value - decrement, x=x + step, slope=slope, bend=bend, tangent=tangent
    )


def _spectrum(local: Local):
    """Scale (B, m), eigenvalues (B, m) and -vectors of the Hessian with a diagonal of ones."""
    diagonal = np.abs(np.einsum("bii->bi", local.hessian))
    scale = np.sqrt(np.maximum(diagonal, 1e-12))
    return scale, *np.linalg.eigh(local.hessian / scale[:, :, None] / scale[:, None, :])


def _solve(scale, values, vectors, b, drop: float = 0.0):
    """|H|^-1 b for b (B, m); directions without curvature count as almost none, or not at all."""
    size = np.maximum(np.abs(values), 1e-10)
    along = np.einsum("bji,bj->bi", vectors, b / scale) / size
    along[size < drop] = 0.0
    return np.einsum("bij,bj->bi", vectors, along) / scale


def _newton(local: Local, x, scale, values, vectors):
    """The step (B, m), not longer than is safe, and what the quadratic model gains by it (B,)."""
    step = -_solve(scale, values, vectors, local.gradient)
    decrement = -0.5 * np.einsum("bi,bi->b", step, local.gradient)
    reach = 1.0 + 2.0 * np.abs(x[:, :-1]).max(axis=1, initial=0.0)
    length = np.abs(step[:, :-1]).max(axis=1, initial=0.0) / reach
    length = np.maximum(length, np.abs(step[:, -1]))
    return step / np.maximum(length, 1.0)[:, None], decrement


def _sidestep(local: Local, scale, values, vectors):
    """Off a stationary point that is no minimum, along its most concave direction."""
    direction = vectors[:, :, 0] / scale
    uphill = np.einsum("bi,bi->b", direction, local.gradient) > 0
    return SIDESTEP * np.where(uphill[:, None], -direction, direction)


def _line_search(search: Search, x, v, local: Local, step):
    """x + step, the step shortened where the criterion would rise."""
    slack = 1e-13 * np.abs(local.value) + 1e-12
    fraction = np.ones(len(x))
    for _ in range(30):
        trial = x + fraction[:, None] * step
        stepped = search.local(trial, v)
        worse = ~(stepped.value <= local.value + slack)
        if not worse.any():
            return trial, stepped
        fraction[worse] *= 0.4
    return np.where(worse[:, None], x, trial), local.where(worse, stepped)
