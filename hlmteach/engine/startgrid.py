"""Where a search for two effects' theta starts: places of a grid lower than those beside them."""

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

MOST_STARTS = 3  # of the lowest places of the grid
APART = 0.2  # second pivot of Lambda above which two effects are not nearly one
TOO_HIGH = 4.0  # of the criterion: above the lowest place by this, no lower optimum is near them


@dataclass(frozen=True)
class StartGrid:
    """Every combination of two effects' sds (`sizes`, relative to sigma) and `correlations`."""

    sizes: tuple
    correlations: tuple

    @cached_property
    def thetas(self) -> np.ndarray:
        """The places (G, 3)."""
        places = product(self.sizes, self.sizes, self.correlations)
        return np.array([(a, rho * b, np.sqrt(1 - rho**2) * b) for a, b, rho in places])

    @cached_property
    def _shape(self) -> tuple[int, int, int]:
        return len(self.sizes), len(self.sizes), len(self.correlations)

    @cached_property
    def _inner(self) -> np.ndarray:
        """Places away from a correlation of 1 and sds of 0."""
        return np.flatnonzero(self.thetas[:, 2] > APART)

    @cached_property
    def _beside(self) -> np.ndarray:
        """The neighbours (G, 6) of each place; G, where there is none."""
        places = np.full([size + 2 for size in self._shape], len(self.thetas))
        inside = (slice(1, -1),) * 3
        places[inside] = np.arange(len(self.thetas)).reshape(self._shape)
        shifted = [np.roll(places, by, axis)[inside] for axis in range(3) for by in (1, -1)]
        return np.stack(shifted, axis=-1).reshape(-1, 6)

    def starts(self, value) -> tuple[np.ndarray, bool]:
        """Thetas (s, 3) where the criterion (G,) is lower than at all places beside, lowest first.

        And whether two effects that are not nearly one are out of the question.
        """
        walled = np.append(value, np.inf)
        low = np.flatnonzero((value[:, None] <= walled[self._beside]).all(axis=1))
        places = low[value[low].argsort()[:MOST_STARTS]]
        one_effect = value[self._inner].min() > value[places[0]] + TOO_HIGH
        return self.thetas[places], bool(one_effect)
