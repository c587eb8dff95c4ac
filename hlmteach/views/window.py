"""Limits that hold what is shown, are round, and stay while a slider is dragged."""

from contextlib import contextmanager
from contextvars import ContextVar

STEPS = tuple(m * 10.0**k for k in range(-3, 4) for m in (1, 2, 5))
LEAST = 0.5  # limits that hold more than twice what is shown are too wide, as a rule
LOOSE = 0.02  # what is shown fills at least this share of a window that stays while one drags
ROOM = 2.2  # a window that grows on the way leaves this much room, so that it seldom grows
WIDE = 4.0  # the same for half widths, which a drag may take through decades

_growing = ContextVar("growing", default=False)


@contextmanager
def only_growing():
    """Inside, limits grow as little as they must and never shrink: one picture for many settings.

    Examples
    --------
    >>> with only_growing():
    ...     half_width(0.001, now=1.0), window(4.0, 9.0, now=(1.0, 5.0), steps=(9.0, 20.0))
    (1.0, (0.5, 9.5))
    """
    token = _growing.set(True)
    try:
        yield
    finally:
        _growing.reset(token)


def _fills(part: float, whole: float, share: float) -> bool:
    return _growing.get() or part >= share * whole


def half_width(reach: float, now: float | None = None, steps=STEPS) -> float:
    """Return a step that is at least `reach`; `now` stays while it will do.

    Examples
    --------
    >>> half_width(0.3), half_width(0.3, now=1.0), half_width(1.1, now=1.0)
    (0.5, 1.0, 5.0)
    """
    if now is not None and reach <= now and _fills(reach, now, LOOSE):
        return now
    wanted = reach if now is None or _growing.get() else WIDE * reach
    return next((step for step in steps if step >= wanted), steps[-1])


def hold(low: float, high: float, now=None, least: float = LEAST) -> tuple[float, float]:
    """Return (low, high); `now` stays while it will do, and what must grow takes room to spare.

    Examples
    --------
    >>> hold(0.0, 10.0), hold(1.0, 9.0, now=(0.0, 10.0)), hold(0.0, 20.0, now=(0.0, 10.0))
    ((0.0, 10.0), (0.0, 10.0), (-4.0, 24.0))
    """
    if now is None:
        return low, high
    if now[0] <= low and high <= now[1] and _fills(high - low, now[1] - now[0], least):
        return now
    if _growing.get():
        return min(low, now[0]), max(high, now[1])
    room = 0.2 * (high - low)
    return low - room, high + room


def window(low: float, high: float, now=None, steps=STEPS, grid: float = 0.1):
    """Return (low, high) around what is shown, its middle on a grid; `now` stays while it will do.

    Examples
    --------
    >>> [round(v, 3) for v in window(4.63, 5.52, steps=(1.0, 1.2))]
    [4.6, 5.6]
    >>> window(4.6, 5.5, now=(4.0, 6.0))
    (4.0, 6.0)
    """
    holds = now is not None and now[0] <= low and high <= now[1]
    if holds and _fills(high - low, now[1] - now[0], LOOSE):
        return now
    if now is not None and _growing.get():
        low, high, now = min(low, now[0]), max(high, now[1]), None
    middle = grid * round((low + high) / 2 / grid)
    reach = 2.08 * max(high - middle, middle - low)
    wanted = reach if now is None else ROOM * reach
    height = next((step for step in steps if step >= wanted), steps[-1])
    return middle - height / 2, middle + height / 2
