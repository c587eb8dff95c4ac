"""From the optimum outwards along each parameter, in steps about even in zeta, as in lme4."""

from dataclasses import dataclass

import numpy as np

from hlmteach.engine.batch import Batch
from hlmteach.inference.profiling.coordinates import Parameter
from hlmteach.inference.profiling.crossing import Origin, above
from hlmteach.inference.profiling.restarts import lower_start
from hlmteach.inference.profiling.search import Search, descend

PER_SIDE = 8  # steps to z_max, if the profile were straight
MOST_POINTS = 100  # of a profile, to one side
FIRST_RATIO = 1.01  # times the estimate: where a variance parameter is first looked at
FIRST_AT_ZERO = 0.001
MOST_STRETCH = 10.0  # times the step before, which the next is not beyond


@dataclass(frozen=True)
class Points(Batch):
    """N points of profiles: of which parameter, where (v, and value in the user's units), and zeta.

    x (N, m) are the coordinates of all the others, tangent (N, m) how they change with v.
    """

    which: np.ndarray
    v: np.ndarray
    value: np.ndarray
    zeta: np.ndarray
    x: np.ndarray
    tangent: np.ndarray


def walk(search: Search, origin: Origin, parameters: list[Parameter], se, z_max: float) -> Points:
    """Points on both sides of each optimum until zeta is beyond z_max or the domain ends.

    se (P,) are Wald standard errors of coefficients, for the first step.
    """
    which = np.arange(len(parameters))
    value = np.array([p.to_value(p.v) for p in parameters])
    optimum = Points(
        which=which,
        v=origin.v,
        value=value,
        zeta=np.zeros(len(value)),
        x=origin.x,
        tangent=origin.tangent,
    )
    first = _at(
        search, origin, parameters, optimum, _first_values(parameters, value, z_max / PER_SIDE * se)
    )
    before, now, steps = optimum.join(first), first.join(optimum), [optimum, first]
    for _ in range(MOST_POINTS):
        on = (np.abs(now.zeta) <= z_max) & ~_at_end(origin, now)
        if not on.any():
            break
        before, now = before.take(on), now.take(on)
        before, now = now, _at(search, origin, parameters, now, _next_values(before, now, z_max))
        steps.append(now)
    every = optimum.join(*steps[1:])
    return _lowered(search, origin, every.take(np.lexsort([every.v, every.which])))


def _first_values(parameters, value, beyond):
    """1 % beyond an estimate, as lme4 does; for a coefficient so far beyond."""
    kind = np.array([p.kind for p in parameters])
    first = np.where(value == 0, FIRST_AT_ZERO, FIRST_RATIO * value)
    first = np.where((kind == "cor") & (np.abs(value) == 1), (2 - FIRST_RATIO) * value, first)
    return np.where(kind == "beta", value + beyond, first)


def _at(search: Search, origin: Origin, parameters, near: Points, value) -> Points:
    """The points at new values, from points nearby."""
    which = near.which
    v = np.array([parameters[k].to_v(one) for k, one in zip(which, value, strict=True)])
    value = np.array([parameters[k].to_value(one) for k, one in zip(which, v, strict=True)])
    x = near.x + near.tangent * (v - near.v)[:, None]
    minimum = descend(search.take(which), x, v)
    zeta = _zeta(origin, which, v, minimum.value)
    return Points(which=which, v=v, value=value, zeta=zeta, x=minimum.x, tangent=minimum.tangent)


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
    return now.value + np.sign(last) * np.minimum(step, MOST_STRETCH * np.abs(last))


def _lowered(search: Search, origin: Origin, points: Points) -> Points:
    """The same points, with the profile lower where another start leads lower."""
    inner = np.flatnonzero((points.zeta != 0) & ~_at_end(origin, points))
    which, v = points.which[inner], points.v[inner]
    part = search.take(which)
    minimum = descend(part, points.x[inner], v)
    value, x = lower_start(part, minimum, v)
    zeta, all_x = points.zeta.copy(), points.x.copy()
    zeta[inner], all_x[inner] = _zeta(origin, which, v, value), x
    return Points(
        which=points.which,
        v=points.v,
        value=points.value,
        zeta=zeta,
        x=all_x,
        tangent=points.tangent,
    )
