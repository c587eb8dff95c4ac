"""The distinct columns of X and of every Z, kept once, centred; and the maps that standardise them.

A column that stands in X and in Z is stored and multiplied once. Slot 0 stands for the ones, which
are not stored; slot s for `values[s - 1]`. Standardised columns are linear maps of the slots, so
that they are never made unless someone asks for them.
"""

from dataclasses import dataclass

import numpy as np

from hlmteach.errors import ModelError

COLLINEAR = 1e-10  # share of a column's mean square that must be its own, judged by products
PROBES = 7  # rows compared before two columns are compared whole


class NoRows:
    """Stands where rows would, after a fit by chunks: whoever asks for them is told."""

    def _refuse(self, *_args, **_kwargs):
        raise ModelError(
            "This model was fitted by chunks, and its rows were not kept, so it has no fitted "
            "values, residuals or new outcomes. Its coefficients, variances and group effects are "
            "there, and predict(newdata) works for any rows."
        )

    __array__ = __getitem__ = __iter__ = __len__ = __matmul__ = __rmatmul__ = _refuse
    __sub__ = __rsub__ = __add__ = __radd__ = __mul__ = __rmul__ = _refuse

    def __getattr__(self, name):
        if name.startswith("__"):  # copying and pickling look for these
            raise AttributeError(name)
        self._refuse()


@dataclass(frozen=True)
class Slots:
    """Where the columns of one matrix (n, w) are: `slots` (w,), and the constant's value `unit`.

    `blocks` are the runs of columns that may be mixed with each other.
    """

    slots: tuple[int, ...]
    unit: float
    blocks: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Columns:
    """Centred columns `values` (k, n), and the `centre` (1 + k,) that was taken off each slot."""

    values: np.ndarray | NoRows
    centre: np.ndarray

    def combine(self, weights: np.ndarray) -> np.ndarray:
        """Combinations (n, w) of the slots by `weights` (1 + k, w)."""
        return self.values.T @ weights[1:] + weights[0]

    def totals(self) -> np.ndarray:
        """Products of all pairs of slots, summed over rows: (1 + k, 1 + k)."""
        k, n = self.values.shape
        T = np.empty((1 + k, 1 + k))
        T[0, 0] = n
        T[0, 1:] = T[1:, 0] = self.values.sum(axis=1)
        T[1:, 1:] = self.values @ self.values.T
        return T


def distinct(matrices, blocks) -> tuple[Columns, list[Slots]]:
    """The columns of several matrices (n, w), each different one once, and where each one is."""
    kept: list[np.ndarray] = []
    places = []
    for M, runs in zip(matrices, blocks, strict=True):
        slots, unit = [], 1.0
        for column in M.T:
            if is_constant(column):
                slots.append(0)
                unit = float(column[0])
            else:
                slots.append(_slot(column, kept))
        places.append(Slots(tuple(slots), unit, tuple(runs)))
    values = np.array(kept).reshape(len(kept), len(matrices[0]))
    centre = np.append(0.0, values.mean(axis=1))
    values -= centre[1:, None]
    return Columns(values, centre), places


def is_constant(column: np.ndarray) -> bool:
    """Whether a column holds one value, other than 0, throughout."""
    if not len(column) or column[0] == 0 or column[-1] != column[0]:
        return False
    return bool(np.all(column == column[0]))


def _slot(column, kept: list) -> int:
    """The slot of a column among those kept; a new one where it is new."""
    probes = np.arange(PROBES) * (len(column) - 1) // (PROBES - 1)
    for s, known in enumerate(kept):
        if np.array_equal(column[probes], known[probes]) and np.array_equal(column, known):
            return s + 1
    kept.append(column)
    return len(kept)


def standard(part: Slots, centre, T) -> tuple[np.ndarray, np.ndarray]:
    """The maps (1 + k, w) and (w, w) that make standardised columns, of the slots and of the raw.

    Columns in a block with the constant are centred; all are scaled to mean square 1. T holds the
    totals of the slots.
    """
    of_slots, of_raw = np.zeros((len(T), len(part.slots))), np.eye(len(part.slots))
    for a, b in part.blocks:
        constant = next((j for j in range(a, b) if part.slots[j] == 0), None)
        for j in range(a, b):
            s = part.slots[j]
            if s == 0:
                of_slots[0, j], of_raw[j, j] = 1.0, 1 / part.unit
                continue
            mean = T[0, s] / T[0, 0]
            shift = -mean if constant is not None else centre[s]
            size = np.sqrt(T[s, s] / T[0, 0] + 2 * shift * mean + shift**2) or 1.0
            of_slots[s, j], of_slots[0, j], of_raw[j, j] = 1 / size, shift / size, 1 / size
            if constant is not None:
                of_raw[constant, j] = -(centre[s] + mean) / part.unit / size
    return of_slots, of_raw


def whitened(part: Slots, centre, T) -> tuple[np.ndarray, np.ndarray]:
    """`standard`, with the columns of each block made uncorrelated with mean square 1."""
    of_slots, of_raw = standard(part, centre, T)
    for a, b in part.blocks:
        S = of_slots[:, a:b]
        white = np.linalg.inv(np.linalg.cholesky(S.T @ T @ S / T[0, 0])).T
        of_slots[:, a:b] = S @ white
        of_raw[:, a:b] = of_raw[:, a:b] @ white
    return of_slots, of_raw


def independent(part: Slots, centre, T) -> tuple[int, ...]:
    """The columns of one matrix not in the span of those before them, from products alone.

    The constant goes first. Products see only half the digits that rows do, so that less is told
    apart here than by `frame.independent_columns`.
    """
    w, _ = standard(part, centre, T)
    S = w.T @ T @ w / T[0, 0]
    kept: list[int] = []
    for j in sorted(range(len(S)), key=lambda j: part.slots[j] != 0):
        left = S[j, j]
        if kept:
            left = left - S[j, kept] @ np.linalg.solve(S[np.ix_(kept, kept)], S[kept, j])
        if left > COLLINEAR:
            kept.append(j)
    return tuple(sorted(kept))
