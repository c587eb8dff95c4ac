"""A filled band whose edges move."""

import numpy as np


def outline(x, lower, upper) -> np.ndarray:
    """Return the corners (2n, 2) of the band from `lower` to `upper` over `x`, for `set_verts`.

    (`set_data`, which takes the three as they are, came with matplotlib 3.10.)
    """
    return np.column_stack([np.append(x, x[::-1]), np.append(lower, upper[::-1])])
