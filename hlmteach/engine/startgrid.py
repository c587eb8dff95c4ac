"""Where a search for two effects' theta starts: places of a grid lower than those beside them."""

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import hypot, inf, sqrt

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

    @cached_property
    def _steps(self) -> tuple[float, float]:
        """From one size to the next, as a ratio, and from one correlation to the next."""
        (least, *_, most), (low, *_, high) = self.sizes, (*self.correlations, self.correlations[-1])
        ratio = (most / least) ** (1 / (len(self.sizes) - 1))
        return ratio, (high - low) / max(1, len(self.correlations) - 1)

    def starts(self, value) -> tuple[list, bool]:
        """Thetas, s lists of 3, near the places where the criterion (G,) is lower than all beside.

        The lowest first; and whether two effects that are not nearly one are out of the question.
        """
        beside = np.append(value, np.inf)[self._beside]
        low = np.flatnonzero((value[:, None] <= beside).all(axis=1))
        places = low[value[low].argsort()[:MOST_STARTS]]
        one_effect = value[self._inner].min() > value[places[0]] + TOO_HIGH
        return [self._near(k, value[k], beside[k].tolist()) for k in places], bool(one_effect)

    def _near(self, place: int, here, beside: list) -> list:
        """Theta at the lowest points of the parabolas through a place and those beside it."""
        first, second, turn = (_lowest(*beside[i : i + 2], here) for i in (0, 2, 4))
        (a, b, d), (ratio, spacing) = self.thetas[place].tolist(), self._steps
        size = hypot(b, d)
        rho, size = b / size + turn * spacing, size * ratio**second
        return [a * ratio**first, rho * size, sqrt(1 - rho * rho) * size]


def _lowest(before, after, here) -> float:
    """Where a parabola is lowest, in steps from its middle value, which none is below."""
    bend = before - 2 * here + after
    return 0.5 * (before - after) / bend if 0 < bend < inf else 0.0
