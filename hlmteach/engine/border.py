"""The other factors' columns beside the leading factor's groups: which meet, and products of those.

A column of Z_other and a group meet where they share a row; elsewhere D_j (equation 13) is zero. So
it is kept by meetings, group by group, and a product over groups is a sum over the pairs of
meetings that one group has: a student who rated 25 lecturers has 325 of them, not a million.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import sparse

from hlmteach.engine.grouping import Grouping
from hlmteach.engine.smallmatrix import solve_lower
from hlmteach.errors import ModelError

MOST_PAIRS = 20_000_000  # beyond, groups are multiplied as dense rows, some at a time
DENSE_ENTRIES = 4_000_000  # entries of those
STRIP_ROWS = 256  # rows that are mirrored at once
MOST_BYTES = 4e9  # bytes that the dense system may take
SQUARES_HELD = 3  # dense (z, z) matrices that an evaluation holds at once
PACE, EVALUATIONS = 3e10, 6  # multiplications a second, evaluations of a fit: to say how long


@dataclass(frozen=True)
class Border:
    """The N meetings of z columns with J groups, sorted by group, then by column.

    `column` and `group` (N,) say which meet, D (q, N) is their part of equation 13. What the
    rotation left is ZZ, given by its lower triangle's `place` (K,) in z z entries and `left` (K,),
    and ZX (z, p).
    """

    column: np.ndarray
    group: np.ndarray
    D: np.ndarray
    place: np.ndarray
    left: np.ndarray
    ZX: np.ndarray

    @property
    def z(self) -> int:
        """The number of columns."""
        return len(self.ZX)

    @cached_property
    def starts(self) -> np.ndarray:
        """Where each group's meetings start; every group has some."""
        return np.flatnonzero(np.diff(self.group, prepend=-1))

    @cached_property
    def sizes(self) -> np.ndarray:
        """Meetings of each group (J,)."""
        return np.diff(self.starts, append=len(self.group))

    @cached_property
    def pairs(self):
        """Meetings i >= k of one group, pair by pair, and the place of their columns in (z, z)."""
        before = np.arange(len(self.group)) - self.starts[self.group] + 1
        i = np.repeat(np.arange(len(before), dtype=np.int32), before)
        ends = np.cumsum(before)
        k = np.arange(ends[-1]) - (ends - before)[i] + self.starts[self.group][i]
        k = k.astype(np.int32)
        return i, k, self.column[i].astype(np.intp) * self.z + self.column[k]

    @cached_property
    def few(self) -> bool:
        """Whether the pairs are few enough to be listed."""
        return int((self.sizes * (self.sizes + 1) // 2).sum()) <= MOST_PAIRS

    def matrix(self, values) -> sparse.csr_matrix:
        """Values (N,) of the meetings as a sparse (J, z) matrix."""
        ends = np.append(self.starts, len(self.group))
        return sparse.csr_matrix((values, self.column, ends), shape=(len(self.starts), self.z))

    def times(self, E, b) -> np.ndarray:
        """E_j b for E (q, N) and b (z, t): (t, q, J)."""
        return np.add.reduceat(E * b.T[:, None, self.column], self.starts, axis=-1)

    def onto(self, E, V) -> np.ndarray:
        """sum_j E_j' V_j for E (q, N) and V (t, q, J): (z, t)."""
        out = np.empty((self.z, len(V)))
        for t, v in enumerate(V):
            out[:, t] = np.bincount(self.column, (E * v[:, self.group]).sum(axis=0), self.z)
        return out

    def gram(self, E) -> np.ndarray:
        """sum_j E_j' E_j for E (q, N): (z, z)."""
        if not self.few:
            return sum(e.T @ e for _, chunk in self._dense(E) for e in chunk)
        i, k, place = self.pairs
        products = E[0][i] * E[0][k]
        for e in E[1:]:
            products += e[i] * e[k]
        return mirrored(np.bincount(place, products, self.z**2).reshape(self.z, self.z))

    def plus_left(self, A) -> np.ndarray:
        """A (z, z) with ZZ added in place."""
        A.reshape(-1)[self.place] += self.left
        row, column = np.divmod(self.place, self.z)
        off = row != column
        A[column[off], row[off]] += self.left[off]
        return A

    def spread(self, F, W) -> np.ndarray:
        """F_j W F_j' for F (q, N) and symmetric W (z, z): (q, q, J)."""
        q, J = len(F), len(self.starts)
        out = np.empty((q, q, J))
        if not self.few:
            for j, chunk in self._dense(F):
                out[:, :, j] = np.einsum("ajz,cjz->acj", chunk @ W, chunk)
            return out
        i, k, place = self.pairs
        weight = W.reshape(-1)[place]
        weight[i != k] *= 2
        starts = np.append(0, np.cumsum(self.sizes * (self.sizes + 1) // 2))[:-1]
        for a in range(q):
            for c in range(a + 1):
                product = F[a][i] * F[c][k]
                if a != c:
                    product = (product + F[c][i] * F[a][k]) / 2
                out[a, c] = out[c, a] = np.add.reduceat(product * weight, starts)
        return out

    def _dense(self, E):
        """Some groups at a time: which, and their rows E_j as dense arrays (q, groups, z)."""
        step = max(1, DENSE_ENTRIES // self.z)
        for j in range(0, len(self.starts), step):
            groups = slice(j, min(j + step, len(self.starts)))
            rows = slice(self.starts[j], self.starts[j] + self.sizes[groups].sum())
            dense = np.zeros((len(E), groups.stop - j, self.z))
            dense[:, self.group[rows] - j, self.column[rows]] = E[:, rows]
            yield groups, dense


def border(leading: Grouping, others, RT, X, DX) -> Border:
    """The border of the other factors: rotate what meets by R' (q, q, J), and keep what is left.

    X (n, p) is standardised, DX (p, q, J) its rotated part.
    """
    check_size(leading, others)
    Z = columns_of(others)
    by_effect = [_meetings(leading, effect, Z) for effect in range(leading.q)]
    first = by_effect[0]
    group = np.repeat(np.arange(leading.n_levels), np.diff(first.indptr))
    D = solve_lower(RT[:, :, group], np.stack([m.data for m in by_effect]))
    half = Border(
        column=first.indices,
        group=group,
        D=D,
        place=np.zeros(0, int),
        left=np.zeros(0),
        ZX=np.zeros((Z.shape[1], X.shape[1])),
    )
    left = -half.gram(D)
    ZZ = (Z.T @ Z).tocoo()
    left[ZZ.row, ZZ.col] += ZZ.data
    place = np.flatnonzero(np.tril(left))
    ZX = Z.T @ X - half.onto(D, DX)
    return replace(half, place=place, left=left.reshape(-1)[place], ZX=ZX)


def check_size(leading: Grouping, others) -> None:
    """Refuse a border whose dense system is too large, before anything of it is made.

    Raises
    ------
    ModelError
    """
    z = sum(g.q * g.n_levels for g in others)
    if SQUARES_HELD * 8 * z**2 <= MOST_BYTES:
        return
    named = " and ".join(f"{g.name!r} ({g.n_levels:,} groups)" for g in (leading, *others))
    memory, minutes = SQUARES_HELD * 8e-9 * z**2, EVALUATIONS * z**3 / PACE / 60
    raise ModelError(
        f"The grouping factors {named} are too large to be fitted together: beside "
        f"{leading.name!r} the others have {z:,} random effects, whose equations would take about "
        f"{memory:.0f} GB of memory and {minutes:,.0f} minutes; hlmteach stops at "
        f"{MOST_BYTES / 1e9:.0f} GB. Fit a sample of the groups, or leave out the factor with the "
        "smaller variance."
    )


def columns_of(groupings) -> sparse.csr_matrix:
    """[Z] (n, z) of some factors: effect by effect, level by level."""
    parts = [g.indicator(a) for g in groupings for a in range(g.q)]
    return sparse.hstack(parts, format="csr")


def _meetings(leading: Grouping, effect: int, Z) -> sparse.csr_matrix:
    """Z_effect' Z_other (J, z), with every entry where a row is shared, be it zero."""
    Z = Z.tocoo()
    values = leading.Z[Z.row, effect] * Z.data
    shape = (leading.n_levels, Z.shape[1])
    return sparse.coo_matrix((values, (leading.codes[Z.row], Z.col)), shape).tocsr()


def mirrored(A: np.ndarray) -> np.ndarray:
    """A (z, z) with its lower triangle copied onto the upper, in place."""
    for k in range(0, len(A), STRIP_ROWS):
        strip = A[k : k + STRIP_ROWS]
        A[:k, k : k + STRIP_ROWS] = strip[:, :k].T
        square = strip[:, k : k + STRIP_ROWS]
        square[:] = np.tril(square) + np.tril(square, -1).T
    return A
