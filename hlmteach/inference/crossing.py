"""Where a profile first rises by a given height above its lowest point, on either side.

zeta(v) = sqrt(profile(v) - lowest) is nearly linear in v, so Halley's step on it lands close; a
bracket keeps it safe. What is found is checked against other starts of the nuisance parameters.
"""

from dataclasses import dataclass, replace

import numpy as np

from hlmteach.inference.search import Held, Search, descend

MAX_STEPS = 80
CLOSE = 1e-5  # a last step, in standard errors, whose own error is negligible
GROWTH = 3.0  # how many times further out a step may go while nothing lies outside


@dataclass(frozen=True)
class Origin:
    """Where B searches start: the optimum v, x, the criterion there, and dx/dv.

    `end` is the end of v's domain on the side that is searched (-1 or +1), or (B, 2) both ends;
    `scale` is about a standard error of v.
    """

    v: np.ndarray
    x: np.ndarray
    lowest: np.ndarray
    end: np.ndarray
    scale: np.ndarray
    tangent: np.ndarray
    side: np.ndarray

    def take(self, index) -> "Origin":
        """The searches at `index` alone."""
        return Origin(*(getattr(self, name)[index] for name in self.__dataclass_fields__))

    def both_sides(self) -> "Origin":
        """Twice as many searches: all downwards, then all upwards."""
        two = self.take(np.tile(np.arange(len(self.v)), 2))
        return replace(two, end=self.end.T.ravel(), side=np.repeat([-1.0, 1.0], len(self.v)))


@dataclass(frozen=True)
class Bracket:
    """The point of each search, the last one below the height, and the nearest above (or nan)."""

    v: np.ndarray
    x: np.ndarray
    inside: np.ndarray
    x_inside: np.ndarray
    outside: np.ndarray
    done: np.ndarray


def cross(search: Search, origin: Origin, height: np.ndarray) -> Bracket:
    """v where the profile has risen by height (B,); the end of the domain if it never has."""
    now = _begin(origin, np.sqrt(height))
    for _ in range(MAX_STEPS):
        if now.done.all():
            break
        at = np.flatnonzero(~now.done)
        part = Bracket(*(getattr(now, name)[at] for name in now.__dataclass_fields__))
        held = descend(search.take(at), part.x, part.v)
        part = _advance(part, held, origin.take(at), height[at])
        now = _put(now, at, part)
    return now


def _begin(o: Origin, z) -> Bracket:
    v = _within(o.v + o.side * z * o.scale, o)
    x = o.x + o.tangent * (v - o.v)[:, None]
    return Bracket(v, x, o.v, o.x, np.full(len(v), np.nan), v == o.v)


def _within(v, o: Origin):
    """v, or the end of the domain where it lies beyond."""
    return np.where(o.side * (v - o.end) > 0, o.end, v)


def _advance(b: Bracket, held: Held, o: Origin, height) -> Bracket:
    """Note on which side of the height the point is, and step towards it."""
    excess = held.value - o.lowest
    below = excess < height
    inside, outside = np.where(below, b.v, b.inside), np.where(below, b.outside, b.v)
    x_inside = np.where(below[:, None], held.x, b.x_inside)
    at_end = below & (b.v == o.end)
    step = _halley(excess, held, np.sqrt(height))
    new = _safe(b.v + step, b.v, inside, outside, o)
    new = np.where(at_end, b.v, new)
    x = held.x + held.tangent * (new - b.v)[:, None]
    close = np.abs(new - b.v) < CLOSE * o.scale
    return Bracket(new, x, inside, x_inside, outside, at_end | close)


def _halley(excess, held: Held, z):
    """The step in v that brings zeta = sqrt(excess) to z, by its first two derivatives."""
    with np.errstate(invalid="ignore", divide="ignore"):
        zeta = np.sqrt(np.maximum(excess, 0.0))
        first = held.slope / (2 * zeta)
        second = (held.bend / 2 - first**2) / zeta
        newton = (z - zeta) / first
        correction = np.clip(1 + 0.5 * newton * second / first, 0.5, 2.0)
        return newton / np.where(np.isfinite(correction), correction, 1.0)


def _safe(new, v, inside, outside, o: Origin):
    """The step's end if it lies in the bracket and moves outwards at a sound rate; else a half."""
    known = np.isfinite(outside)
    reach = o.v + GROWTH * (inside - o.v) + o.side * o.scale
    far = np.where(known, outside, _within(reach, o))
    good = np.isfinite(new) & (o.side * (new - inside) > 0) & (o.side * (far - new) > 0)
    good |= np.isfinite(new) & (np.abs(new - v) < CLOSE * o.scale)
    fallback = np.where(known, 0.5 * (inside + outside), far)
    return np.where(good, new, fallback)


def _put(b: Bracket, at, part: Bracket) -> Bracket:
    values = {}
    for name in b.__dataclass_fields__:
        values[name] = getattr(b, name).copy()
        values[name][at] = getattr(part, name)
    return Bracket(**values)
