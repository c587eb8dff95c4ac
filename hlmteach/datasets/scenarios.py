"""Rows changed on purpose: what a widget's sliders do to an outcome."""

import numpy as np


def group_means(y, codes, groups: int) -> np.ndarray:
    """Each group's own mean (J,).

    Examples
    --------
    >>> group_means([1.0, 3.0, 5.0], [0, 0, 1], 2).tolist()
    [2.0, 5.0]
    """
    return np.bincount(codes, y, groups) / np.bincount(codes, minlength=groups)


def move_groups(y, codes, shifts, spread: float = 1.0) -> np.ndarray:
    """Move each group by its shift, and multiply its rows' distances from its mean by `spread`.

    Parameters
    ----------
    y, codes : array (n,)
        Outcome, and group codes 0 .. J-1.
    shifts : array (J,)
        Added to every row of the group.
    spread : float
        1 leaves the rows where they are in their group.

    Returns
    -------
    array (n,)

    Examples
    --------
    >>> move_groups([1.0, 3.0, 5.0], [0, 0, 1], [0.5, 0.0], spread=0.5).tolist()
    [2.0, 3.0, 5.0]
    """
    moved = np.asarray(y, float) + np.asarray(shifts, float)[codes]
    if spread == 1.0:
        return moved
    center = group_means(moved, codes, len(shifts))[codes]
    return center + spread * (moved - center)


def tilt_groups(y, x, codes, tilts) -> np.ndarray:
    """Turn each group about its own mean of x: add tilt (x - mean) to its rows.

    Examples
    --------
    >>> tilt_groups([1.0, 1.0], [0.0, 2.0], [0, 0], [0.5]).tolist()
    [0.5, 1.5]
    """
    center = group_means(np.asarray(x, float), codes, len(tilts))[codes]
    return np.asarray(y, float) + np.asarray(tilts, float)[codes] * (x - center)
