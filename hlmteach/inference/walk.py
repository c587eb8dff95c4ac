"""From the optimum outwards along each parameter, in steps about even in zeta, as in lme4."""

from dataclasses import dataclass

import numpy as np

from hlmteach.inference.coordinates import Parameter
from hlmteach.inference.crossing import Origin, above
from hlmteach.inference.restarts import lower_start
from hlmteach.inference.search import Search, descend

PER_SIDE = 8  # steps to z_max, if the profile were straight
MAX_POINTS = 100
FIRST = 1.01  # times the estimate: where a variance parameter is first looked at
FIRST_AT_ZERO = 0.001
STEEPEST = 10.0  # times the step before, which the next is not beyond


@dataclass(frozen=True)
class Points:
    """N points of profiles: of which parameter, where (v, and value in the user's units), and zeta.

    x (N, m) are the coordinates of all the others, tangent (N, m) how they change with v.
    """

    which: np.ndarray
    v: np.ndarray
    value: np.ndarray
    zeta: np.ndarray
    x: np.ndarray
    tangent: np.ndarray

    def take(self, index) -> "Points":
        """The points at `index` alone."""
        return Points(*(getattr(self, name)[index] for name in self.__dataclass_fields__))


def join(*parts: Points) -> Points:
    """All points of several, one after another."""
    names = Points.__dataclass_fields__
    return Points(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def walk(search: Search, origin: Origin, chosen: list[Parameter], se, z_max: float) -> Points:
    """Points on both sides of each optimum until zeta is beyond z_max or the domain ends.

    se (P,) are Wald standard errors of coefficients, for the first step.
    """
    which = np.arange(len(chosen))
    value = np.array([p.to_value(p.v) for p in chosen])
    optimum = Points(which, origin.v, value, np.zeros(len(value)), origin.x, origin.tangent)
    first = _at(
        search, origin, chosen, optimum, _first_values(chosen, value, z_max / PER_SIDE * se)
    )
    before, now, seen = join(optimum, first), join(first, optimum), [optimum, first]
    for _ in range(MAX_POINTS):
        on = (np.abs(now.zeta) <= z_max) & ~_at_end(origin, now)
        if not on.any():
            break
        before, now = before.take(on), now.take(on)
        before, now = now, _at(search, origin, chosen, now, _next_values(before, now, z_max))
        seen.append(now)
    every = join(*seen)
    return _lowered(search, origin, every.take(np.lexsort([every.v, every.which])))


def _first_values(chosen, value, beyond):
    """1 % beyond an estimate, as lme4 does; for a coefficient so far beyond."""
    kind = np.array([p.kind for p in chosen])
    first = np.where(value == 0, FIRST_AT_ZERO, FIRST * value)
    first = np.where((kind == "cor") & (np.abs(value) == 1), (2 - FIRST) * value, first)
    return np.where(kind == "beta", value + beyond, first)


def _at(search: Search, origin: Origin, chosen, near: Points, value) -> Points:
    """The points at new values, from points nearby."""
    which = near.which
    v = np.array([chosen[k].to_v(one) for k, one in zip(which, value, strict=True)])
    value = np.array([chosen[k].to_value(one) for k, one in zip(which, v, strict=True)])
    x = near.x + near.tangent * (v - near.v)[:, None]
    held = descend(search.take(which), x, v)
    zeta = _zeta(origin, which, v, held.value)
    return Points(which, v, value, zeta, held.x, held.tangent)


def _zeta(origin: Origin, which, v, lowest_there):
    excess = above(origin.lowest[which], lowest_there)
    return np.sign(v - origin.v[which]) * np.sqrt(np.maximum(excess, 0.0))


def _at_end(origin: Origin, points: Points):
    return (points.v[:, None] == origin.domain[points.which]).any(axis=1)


def _next_values(before: Points, now: Points, z_max: float):
    """A step of z_max / 8 in zeta, if the profile went straight on; not ten times the last."""
    last = now.value - before.value
    with np.errstate(divide="ignore", invalid="ignore"):
        step = z_max / PER_SIDE * last / (now.zeta - before.zeta)
    step = np.where(np.isfinite(step) & (step > 0), step, np.abs(last))
    return now.value + np.sign(last) * np.minimum(step, STEEPEST * np.abs(last))


def _lowered(search: Search, origin: Origin, points: Points) -> Points:
    """The same points, with the profile lower where another start leads lower."""
    inner = np.flatnonzero((points.zeta != 0) & ~_at_end(origin, points))
    which, v = points.which[inner], points.v[inner]
    part = search.take(which)
    held = descend(part, points.x[inner], v)
    value, x = lower_start(part, held, v)
    zeta, all_x = points.zeta.copy(), points.x.copy()
    zeta[inner], all_x[inner] = _zeta(origin, which, v, value), x
    return Points(points.which, points.v, points.value, zeta, all_x, points.tangent)
