"""Fisher's and Newton's steps for two effects' theta in plain numbers: three are no array.

Derivatives are by S = (S_11, S_21, S_22), and by theta = (l_11, l_21, l_22), S = Lambda Lambda'.
"""

from math import inf, sqrt
from operator import mul

MOST_STEPS = 40  # of Newton's
SETTLED = 1e-9  # criterion that the last step gains at most; what it leaves is far less
HALVINGS = 12  # of a step that goes up
MOST_SCORINGS = 2  # steps of Fisher scoring before Newton's
INSIDE = 1e-4  # of S_11 S_22 that |S| must keep, for a scoring step to be taken


def newton_plain(criterion, theta: list) -> tuple[list, bool]:
    """Theta (3,) at a minimum near `theta`, and whether it was reached.

    `criterion` gives of a theta the value, and by S the gradient, the expected Hessian, and a
    function that gives the Hessian (the lower triangles).
    """
    theta, (value, g, _, hessian) = _scored(criterion, theta)
    for _ in range(MOST_STEPS):
        step, gain = _step(*by_theta(*theta, g, hessian()))
        if gain < SETTLED:
            return _added(theta, step), True
        limit = value + 1e-13 * abs(value)
        for _ in range(HALVINGS):
            new = _added(theta, step)
            value, g, _, hessian = criterion(new)
            if value <= limit:
                break
            step = [0.4 * s for s in step]
        else:
            return theta, False
        theta = new
    return theta, False


def _scored(criterion, theta: list):
    """Theta after steps of Fisher scoring in S as far as they go down inside, and what is there."""
    here = criterion(theta)
    for _ in range(MOST_SCORINGS):
        a, b, d = theta
        _, g, expected, _ = here
        step = _solve(expected, g, 0.0, 0.0)
        if step is None:
            break
        s, u, v = a * a - step[0], a * b - step[1], b * b + d * d - step[2]
        if s <= 0 or v * s <= u * u * (1 + INSIDE):
            break
        new = [sqrt(s), u / sqrt(s), sqrt(v - u * u / s)]
        there = criterion(new)
        if not there[0] < here[0]:
            break
        theta, here = new, there
    return theta, here


def _added(x, y) -> list:
    return [a + b for a, b in zip(x, y, strict=True)]


def by_theta(a, b, d, g, H):
    """Gradient and Hessian by theta, of those by S (the Hessian's lower triangle)."""
    (h11,), (h21, h22), (h31, h32, h33) = H
    s, u, v = 2 * a * h11 + b * h21, 2 * a * h21 + b * h22, 2 * a * h31 + b * h32
    x, y = a * h22 + 2 * b * h32, a * h32 + 2 * b * h33
    aa, ab, bb = 2 * a * s + b * u + 2 * g[0], a * u + 2 * b * v + g[1], a * x + 2 * b * y
    bb += 2 * g[2]
    gradient = [2 * a * g[0] + b * g[1], a * g[1] + 2 * b * g[2], 2 * d * g[2]]
    ad, bd, dd = 2 * d * v, 2 * d * y, 4 * d * d * h33 + 2 * g[2]
    return gradient, [[aa], [ab, bb], [ad, bd, dd]]


def _step(g, H):
    """Newton's step, damped until it goes down, and the gain that its quadratic model promises.

    A model that is no bowl promises nothing: it may be a saddle that such a step would leave.
    """
    size = max(abs(row[-1]) for row in H) + 1e-12
    damp = 0.0
    while damp < inf:
        step = _solve(H, g, damp, 1e-9 * size)
        if step is not None:
            break
        damp = max(4 * damp, 1e-3 * size)
    return [-x for x in step], inf if damp else 0.5 * dot(step, g)


def _solve(H, g, damp: float, least: float):
    """(H + damp I)^-1 g of H's lower triangle, or None where a pivot is less than `least`."""
    ((first,), (b, second), (d, e, third)), (x, y, z) = H, g
    first += damp
    if first <= least:
        return None
    m, n = b / first, d / first
    second, e = second + damp - m * b, e - n * b
    if second <= least:
        return None
    k = e / second
    third += damp - n * d - k * e
    if third <= least:
        return None
    y -= m * x
    z = (z - n * x - k * y) / third
    y = y / second - k * z
    return [x / first - m * y - n * z, y, z]


def dot(x, y) -> float:
    """The inner product, as far as the shorter one goes."""
    return sum(map(mul, x, y))


def forward(L, t) -> list:
    """L^-1 t for lower L, row by row."""
    out: list = []
    for row, x in zip(L, t, strict=True):
        out.append((x - dot(row, out)) / row[-1])
    return out


def back(L, t) -> list:
    """L'^-1 t for lower L, row by row."""
    out = list(t)
    for i in range(len(out) - 1, -1, -1):
        x = out[i] = out[i] / L[i][i]
        for k in range(i):
            out[k] -= L[i][k] * x
    return out
