"""Where a profile first rises by a given height above its lowest point, on either side.

zeta(v) = sqrt(profile(v) - lowest) is nearly linear in v, so Halley's step on it lands close; a
bracket keeps it safe. What is found is checked against other starts of the nuisance parameters.
"""

import warnings
from dataclasses import dataclass, replace

import numpy as np

from hlmteach.engine.batch import Batch
from hlmteach.errors import HLMWarning
from hlmteach.inference.profiling.restarts import lower_start
from hlmteach.inference.profiling.search import Minimum, Search, descend

MOST_STEPS = 80  # towards a limit
LAST_STEP = 1e-3  # a step, in standard errors, after which one more is exact
MOST_ROUNDS = 10  # of looking for the limit again from a lower start
ROUGH_DECREMENT = 1e-2  # of the criterion, that a search may leave on its way
LEAST_GAIN = 1e-7  # by which the profile is lower, and not by rounding
LOWER_BY_ZEROS = 1e-6  # by which it may be lower than the optimum, where a variance was set to zero
MOST_GROWTH = 3.0  # how many times further out a step may go while nothing lies outside


@dataclass(frozen=True)
class Origin(Batch):
    """Where B searches start: the optimum v, x, the criterion there, and dx/dv.

    `domain` (B, 2) are the ends of what v may be; `side` (-1 or +1) is where to look; `scale` is
    about a standard error of v.
    """

    v: np.ndarray
    x: np.ndarray
    lowest: np.ndarray
    domain: np.ndarray
    scale: np.ndarray
    tangent: np.ndarray
    side: np.ndarray

    def both_sides(self) -> "Origin":
        """Twice as many searches: all downwards, then all upwards."""
        two = self.take(np.tile(np.arange(len(self.v)), 2))
        return replace(two, side=np.repeat([-1.0, 1.0], len(self.v)))

    @property
    def end(self) -> np.ndarray:
        """The end of the domain on the side that is searched."""
        return np.where(self.side < 0, self.domain[:, 0], self.domain[:, 1])


@dataclass(frozen=True)
class Bracket(Batch):
    """The point of each search, the last one below the height, and the nearest above (or nan).

    `jumped` says that the two met without the profile having the height in between.
    """

    v: np.ndarray
    x: np.ndarray
    inside: np.ndarray
    x_inside: np.ndarray
    outside: np.ndarray
    jumped: np.ndarray
    done: np.ndarray


def cross(search: Search, origin: Origin, height: np.ndarray) -> Bracket:
    """v where the profile has risen by height (B,); the end of the domain if it never has."""
    now = _begin(origin, np.sqrt(height))
    for k in range(MOST_ROUNDS):
        now = _solve(search, origin, height, now, careful=k > 0)
        now = _doubt(search, origin, height, now)
        if now.done.all():
            break
    return now


def _solve(search: Search, origin: Origin, height, now: Bracket, careful: bool) -> Bracket:
    """Step until every search is done; with care each step looks from other starts too.

    Without, a bracket may close on where one local optimum gives way to another.
    """
    for _ in range(MOST_STEPS):
        if now.done.all():
            break
        at = np.flatnonzero(~now.done)
        part = now.take(at)
        minimum = descend(search.take(at), part.x, part.v, tolerance=ROUGH_DECREMENT)
        if careful:
            _, x = lower_start(search.take(at), minimum, part.v)
            minimum = descend(search.take(at), x, part.v, tolerance=ROUGH_DECREMENT)
        now = now.put(at, _advance(part, minimum, origin.take(at), height[at]))
    return now


def _doubt(search: Search, origin: Origin, height, now: Bracket) -> Bracket:
    """Look from other starts at each limit, and where the profile is lower still, go on from there.

    Where it jumped over the height, look just beyond. A limit that stands gets its last step.
    """
    at = np.flatnonzero(now.v != origin.end)
    b, search, height = now.take(at), search.take(at), height[at]
    v = np.where(b.jumped, b.outside, b.v)
    minimum = descend(search, np.where(b.jumped[:, None], b.x_inside, b.x), v)
    value, x = lower_start(search, minimum, v)
    excess = above(origin.lowest[at], value)
    step = _halley(excess, minimum, np.sqrt(height))
    stands = (
        (np.abs(step) < LAST_STEP * origin.scale[at])
        & (value > minimum.value - LEAST_GAIN)
        & ~b.jumped
    )
    gap = b.jumped & (excess > height)
    below = (excess < height) & ~stands
    inside, outside = np.where(below, v, b.inside), np.where(below, np.nan, v)
    x_inside = np.where(below[:, None], x, b.x_inside)
    v = np.where(stands, v + step, np.where(gap, b.v, v))
    return now.put(
        at,
        Bracket(
            v=v,
            x=x,
            inside=inside,
            x_inside=x_inside,
            outside=outside,
            jumped=b.jumped & gap,
            done=stands | gap,
        ),
    )


def above(lowest, value):
    """How far a profile lies above the criterion at the optimum; a warning where it lies below."""
    excess = value - lowest
    if np.any(excess < -LOWER_BY_ZEROS):
        warnings.warn(
            f"Profiling found a deviance lower than the fit's own by {-excess.min():.3g}, so the "
            "fit is not at its maximum and its intervals cannot be trusted. Fit the model again.",
            HLMWarning,
            stacklevel=2,
        )
    return excess


def _begin(o: Origin, z) -> Bracket:
    """First guesses by the curvature there; for what is positive, by that on a log scale."""
    reach = o.side * z * o.scale
    positive = (o.v > 0) & (o.domain[:, 0] == 0)
    rate = np.where(positive, reach / np.where(positive, o.v, 1.0), 1e-9)
    rate = np.minimum(rate, 1.0)
    v = _within(o.v + reach * np.expm1(rate) / rate, o)
    x = o.x + o.tangent * (v - o.v)[:, None]
    none, never = np.full(len(v), np.nan), np.zeros(len(v), bool)
    return Bracket(v=v, x=x, inside=o.v, x_inside=o.x, outside=none, jumped=never, done=v == o.v)


def _within(v, o: Origin):
    """v, or the end of the domain where it lies beyond."""
    return np.where(o.side * (v - o.end) > 0, o.end, v)


def _advance(b: Bracket, minimum: Minimum, o: Origin, height) -> Bracket:
    """Note on which side of the height the point is, and step towards it."""
    excess = above(o.lowest, minimum.value)
    below = excess < height
    inside, outside = np.where(below, b.v, b.inside), np.where(below, b.outside, b.v)
    x_inside = np.where(below[:, None], minimum.x, b.x_inside)
    at_end = below & (b.v == o.end)
    new, sound = _safe(b.v + _halley(excess, minimum, np.sqrt(height)), b.v, inside, outside, o)
    close = (np.abs(new - b.v) < LAST_STEP * o.scale) & (new != o.end)
    new = np.where(at_end, b.v, new)
    x = minimum.x + minimum.tangent * (new - b.v)[:, None]
    return Bracket(
        v=new,
        x=x,
        inside=inside,
        x_inside=x_inside,
        outside=outside,
        jumped=close & ~sound,
        done=at_end | close,
    )


def _halley(excess, minimum: Minimum, z):
    """The step in v that brings zeta = sqrt(excess) to z, by its first two derivatives."""
    with np.errstate(invalid="ignore", divide="ignore"):
        zeta = np.sqrt(np.maximum(excess, 0.0))
        first = minimum.slope / (2 * zeta)
        second = (minimum.bend / 2 - first**2) / zeta
        newton = (z - zeta) / first
        correction = np.clip(1 + 0.5 * newton * second / first, 0.5, 2.0)
        return newton / np.where(np.isfinite(correction), correction, 1.0)


def _safe(new, v, inside, outside, o: Origin):
    """The step's end if it lies in the bracket and is not too far out, else a half; and which."""
    known = np.isfinite(outside)
    reach = o.v + MOST_GROWTH * (inside - o.v) + o.side * o.scale
    far = np.where(known, outside, _within(reach, o))
    sound = (o.side * (new - inside) > 0) & (o.side * (far - new) > 0)
    sound |= np.abs(new - v) < LAST_STEP * o.scale
    fallback = np.where(known, 0.5 * (inside + outside), far)
    return np.where(sound, new, fallback), sound
