"""Limits that hold what is shown, are round, and stay while a slider is dragged."""

STEPS = tuple(m * 10.0**k for k in range(-3, 4) for m in (1, 2, 5))
LEAST_FILLED = 0.5  # share of a window that what is shown fills, else the window is too wide
LEAST_FILLED_IN_DRAG = 0.02  # the same of a window that stays while one drags
GROWTH = 2.2  # a window that grows on the way leaves this much room, so that it seldom grows
HALF_WIDTH_GROWTH = 4.0  # the same for half widths, which a drag may take through decades


def half_width(reach: float, now: float | None = None, steps=STEPS) -> float:
    """Return a step that is at least `reach`; `now` stays while it will do.

    Examples
    --------
    >>> half_width(0.3), half_width(0.3, now=1.0), half_width(1.1, now=1.0)
    (0.5, 1.0, 5.0)
    """
    if now is not None and reach <= now and reach >= LEAST_FILLED_IN_DRAG * now:
        return now
    wanted = reach if now is None else HALF_WIDTH_GROWTH * reach
    return next((step for step in steps if step >= wanted), steps[-1])


def hold(low: float, high: float, now=None, least: float = LEAST_FILLED) -> tuple[float, float]:
    """Return (low, high); `now` stays while it will do, and what must grow takes room to spare.

    Examples
    --------
    >>> hold(0.0, 10.0), hold(1.0, 9.0, now=(0.0, 10.0)), hold(0.0, 20.0, now=(0.0, 10.0))
    ((0.0, 10.0), (0.0, 10.0), (-4.0, 24.0))
    """
    if now is None:
        return low, high
    if now[0] <= low and high <= now[1] and high - low >= least * (now[1] - now[0]):
        return now
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
    if holds and high - low >= LEAST_FILLED_IN_DRAG * (now[1] - now[0]):
        return now
    middle = grid * round((low + high) / 2 / grid)
    reach = 2.08 * max(high - middle, middle - low)
    wanted = reach if now is None else GROWTH * reach
    height = next((step for step in steps if step >= wanted), steps[-1])
    return middle - height / 2, middle + height / 2
