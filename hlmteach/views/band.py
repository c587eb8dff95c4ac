"""Filled areas whose edges move: a band, and bars that a stage reads as one."""

import numpy as np


def outline(x, lower, upper) -> np.ndarray:
    """Return the corners (2n, 2) of the band from `lower` to `upper` over `x`, for `set_verts`.

    (`set_data`, which takes the three as they are, came with matplotlib 3.10.)
    """
    return np.column_stack([np.append(x, x[::-1]), np.append(lower, upper[::-1])])


def bars(edges, tops, base: float = 0.0) -> np.ndarray:
    """Return the corners (k, 4, 2) of bars from `base` to `tops` (k,), for `set_verts`.

    `edges` (k + 1,) are those of a histogram, or (k, 2) the left and right of each bar.

    >>> bars([0, 1, 2], [3, 4])[1].tolist()
    [[1.0, 0.0], [1.0, 4.0], [2.0, 4.0], [2.0, 0.0]]
    """
    edges = np.asarray(edges, float)
    left, right = edges.T if edges.ndim == 2 else (edges[:-1], edges[1:])
    low = np.full(len(left), base)
    return np.array([[left, low], [left, tops], [right, tops], [right, low]]).transpose(2, 0, 1)
