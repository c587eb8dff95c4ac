"""A grouping factor as the engine sees it: codes, whitened Z, and sums within groups."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from hlmteach.engine.columns import Columns

MOST_DENSE_COLUMNS = 24  # of sums by group that are taken as a dense product
MOST_DENSE_ENTRIES = 400_000  # of the same


@dataclass(frozen=True)
class Grouping:
    """A factor's codes, its whitened Z as weights of the columns, and Lambda's free entries.

    `weights` (1 + k, q) makes the whitened Z of the slots, `map` (q, q) makes it of the raw Z.
    """

    name: str
    codes: np.ndarray
    n_levels: int
    columns: Columns
    weights: np.ndarray
    map: np.ndarray
    blocks: tuple[tuple[int, int], ...]

    @property
    def q(self) -> int:
        """Random effects of each group."""
        return len(self.map)

    @cached_property
    def free(self) -> tuple[np.ndarray, np.ndarray]:
        """(rows, columns) of Lambda's free entries, column-major as lme4 counts theta."""
        return free_entries(self.blocks)

    @cached_property
    def second(self) -> np.ndarray:
        """The second derivatives (k, k, q q) of S = Lambda Lambda' by theta, which are constant."""
        rows, columns = self.free
        E = np.zeros((len(rows), self.q, self.q))
        E[np.arange(len(rows)), rows, columns] = 1.0
        outer = np.einsum("kac,lbc->klab", E, E)
        return (outer + outer.swapaxes(2, 3)).reshape(len(rows), len(rows), self.q**2)

    @cached_property
    def directions(self) -> np.ndarray:
        """The symmetric matrices (k, q q) that S may move along, one for each free entry."""
        rows, columns = self.free
        E = np.zeros((len(rows), self.q, self.q))
        E[np.arange(len(rows)), rows, columns] = E[np.arange(len(rows)), columns, rows] = 1.0
        return E.reshape(len(rows), self.q**2)

    @cached_property
    def Z(self) -> np.ndarray:
        """The whitened Z (n, q)."""
        return self.columns.combine(self.weights)

    @cached_property
    def slots(self) -> np.ndarray:
        """The slots that Z is made of."""
        return np.flatnonzero(self.weights.any(axis=1))

    @cached_property
    def starts(self) -> np.ndarray | None:
        """Where each group starts, when the rows come group by group; None when they do not."""
        if not np.all(self.codes[1:] >= self.codes[:-1]):
            return None
        return np.searchsorted(self.codes, np.arange(self.n_levels))

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sum the values (..., n) within each group: (..., J)."""
        if self.starts is not None:
            return np.add.reduceat(values, self.starts, axis=-1)
        rows = values.reshape(-1, values.shape[-1])
        sums = [np.bincount(self.codes, row, self.n_levels) for row in rows]
        return np.array(sums).reshape(*values.shape[:-1], self.n_levels)

    @cached_property
    def sizes(self) -> np.ndarray:
        """Rows in each group (J,)."""
        if self.starts is not None:
            return np.diff(self.starts, append=len(self.codes)).astype(float)
        return np.bincount(self.codes, minlength=self.n_levels).astype(float)

    @cached_property
    def summing(self) -> np.ndarray | None:
        """A dense matrix (n, slots J) whose product sums by group: faster where J is small."""
        n, width = len(self.codes), len(self.slots) * self.n_levels
        if width > MOST_DENSE_COLUMNS or n * width > MOST_DENSE_ENTRIES:
            return None
        W = np.zeros((n, len(self.slots), self.n_levels))
        for i, s in enumerate(self.slots):
            W[np.arange(n), i, self.codes] = self.columns.values[s - 1] if s else 1.0
        return W.reshape(n, width)

    def indicator(self, effect: int) -> sparse.csr_matrix:
        """The (n, J) columns of Z of one effect, as a sparse matrix."""
        n = len(self.codes)
        return sparse.csr_matrix(
            (self.Z[:, effect], self.codes, np.arange(n + 1)), shape=(n, self.n_levels)
        )


def free_entries(blocks) -> tuple[np.ndarray, np.ndarray]:
    """(rows, columns) of the lower triangles of a matrix's diagonal blocks, column by column."""
    pairs = [(i, j) for a, b in blocks for j in range(a, b) for i in range(j, b)]
    rows, columns = np.array(pairs).T
    return rows, columns


def pair_sums(g: Grouping, slots) -> np.ndarray:
    """Products of some slots with every slot, summed by group: (slots, 1 + k, J)."""
    values = g.columns.values
    P = np.empty((len(slots), 1 + len(values), g.n_levels))
    product = np.empty(values.shape[1:])
    for i, a in enumerate(slots):
        for b in range(1 + len(values)):
            known = np.flatnonzero(slots[:i] == b)
            if len(known):
                P[i, b] = P[known[0], a]
            elif a == b == 0:
                P[i, b] = g.sizes
            elif a and b:
                P[i, b] = g.sums(np.multiply(values[a - 1], values[b - 1], out=product))
            else:
                P[i, b] = g.sums(values[max(a, b) - 1])
    return P


def response_sums(g: Grouping, Y) -> np.ndarray:
    """Products of the slots of Z with each of Y (B, n), summed by group: (B, slots of Z, J)."""
    shape = (len(Y), len(g.slots), g.n_levels)
    if g.summing is not None:
        return (Y @ g.summing).reshape(shape)
    values = g.columns.values
    sums = [g.sums(Y * values[s - 1] if s else Y) for s in g.slots]
    return np.stack(sums, axis=1)
