"""Frozen records of arrays that have one row for each response, or for each search."""

import numpy as np


class Batch:
    """What such a dataclass inherits: rows taken, replaced, chosen and joined, in all its fields.

    A field that is None (a Criterion's derivatives, where nobody asked for them) stays None.
    """

    def take(self, index):
        """The rows at `index` alone."""
        return self._each(lambda rows: rows[index])

    def put(self, index, part):
        """The same with the rows at `index` replaced by those of `part`."""
        return self._each(lambda rows, new: _replaced(rows, index, new), part)

    def where(self, mask, other):
        """The rows of self where mask (B,) is true, those of the other elsewhere."""
        return self._each(lambda a, b: np.where(mask.reshape(-1, *[1] * (a.ndim - 1)), a, b), other)

    def join(self, *others):
        """The rows of self, then those of all the others."""
        return self._each(lambda *parts: np.concatenate(parts), *others)

    def _each(self, function, *others):
        values = {}
        for name in self.__dataclass_fields__:
            rows = getattr(self, name)
            more = (getattr(other, name) for other in others)
            values[name] = None if rows is None else function(rows, *more)
        return type(self)(**values)


def _replaced(rows, index, new):
    rows = rows.copy()
    rows[index] = new
    return rows
