"""R's functions of columns, with R's arguments.

Those that learn from the data return, beside the value, what they learnt, and are given it as
`known` for new rows.
"""

import numpy as np

from hlmteach.engine.reading import categories
from hlmteach.engine.reading.stored import Levels
from hlmteach.engine.reading.values import Matrix, UnfitError, learns, numeric


def _of_numbers(function):
    def applied(x):
        return function(numeric(x))

    return applied


def _log(x, base=np.e):
    return np.log(numeric(x)) / (1.0 if base == np.e else np.log(numeric(base)))


def _round(x, digits=0):
    """To the nearer of the two numbers with so many digits, as they are stored; else the even."""
    x, power = numeric(x), 10.0 ** int(digits)
    low, high = np.floor(x * power), np.ceil(x * power)
    down, up = x - low / power, high / power - x
    return np.where((up < down) | ((up == down) & (low % 2 == 1)), high, low) / power


def _smallest(*x):
    return np.minimum.reduce(np.broadcast_arrays(*map(numeric, x)))


def _largest(*x):
    return np.maximum.reduce(np.broadcast_arrays(*map(numeric, x)))


def _as_numeric(x):
    """R's: the place of each level of a factor, the number that a text says."""
    if not isinstance(x, Levels):
        return numeric(x)
    if x.kind != "text":
        return x.codes.astype(float) if x.kind == "logical" else x.codes + 1.0
    return np.array([*map(_number_said, x.labels), np.nan])[x.codes]


def _number_said(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UnfitError(f"{text!r} is no number.") from None


def _as_integer(x):
    return np.trunc(_as_numeric(x))


def _combine(*x):
    return tuple(value for part in x for value in (part if isinstance(part, tuple) else (part,)))


def _seq(start, end, by=1.0):
    return tuple(np.arange(start, end + 1e-10 * by, by).tolist())


def _as_is(x):
    return x


def _learner(function):
    """A number that is taken from the data of the fit, such as their mean."""

    @learns
    def learnt(x, known=None):
        value = float(function(numeric(x))) if known is None else known
        return value, value

    return learnt


@learns
def _quantile(x, probs=(0.0, 0.25, 0.5, 0.75, 1.0), known=None):
    if known is None:
        known = tuple(np.quantile(numeric(x), np.atleast_1d(numeric(probs))).tolist())
    value = known if len(known) > 1 else known[0]
    return value, known


@learns
def _scale(x, center=True, scale=True, known=None):
    """Less the mean, by the sd (without centring: by the root of the mean square)."""
    x = numeric(x)
    if known is None:
        middle = (x.mean() if center else 0.0) if isinstance(center, bool) else float(center)
        spread = np.sqrt(((x - middle) ** 2).sum() / max(len(x) - 1, 1))
        known = middle, (spread if scale else 1.0) if isinstance(scale, bool) else float(scale)
    middle, spread = known
    if not spread:
        raise UnfitError("all values are the same, so they have no spread to divide by.")
    return (x - middle) / spread, known


def _center(x, known=None):
    return _scale(x, scale=False, known=known)


_center.learns = True


@learns
def _poly(x, degree=1.0, raw=False, known=None):
    """Powers of x, made orthogonal by the recurrence of Forsythe (1957) unless `raw`."""
    x, degree = numeric(x), int(degree)
    names = tuple(str(k + 1) for k in range(degree))
    if raw:
        return Matrix(np.stack([x ** (k + 1) for k in range(degree)], axis=1), names), None
    if known is None and (degree < 1 or degree >= len(np.unique(x))):
        raise UnfitError(f"degree {degree} must be 1 or more, and less than the different values.")
    centres, sizes = known or ([], [])
    columns = [np.zeros(len(x)), np.ones(len(x))]
    for k in range(degree + 1):
        now = columns[-1]
        if known is None:
            sizes.append(float(now @ now))
            centres.append(float(x @ now**2) / sizes[k])
        back = sizes[k] / sizes[k - 1] if k else 0.0
        columns.append((x - centres[k]) * now - back * columns[-2])
    values = np.stack(columns[2:-1], axis=1) / np.sqrt(sizes[1:])
    return Matrix(values, names), (centres, sizes)


OF_NUMPY = [
    "log2",
    "log10",
    "log1p",
    "exp",
    "expm1",
    "sqrt",
    "abs",
    "sign",
    "floor",
    "trunc",
    "sin",
    "cos",
    "tan",
    "sinh",
    "cosh",
    "tanh",
]
FUNCTIONS = {
    **{name: _of_numbers(getattr(np, name)) for name in OF_NUMPY},
    "ceiling": _of_numbers(np.ceil),
    "asin": _of_numbers(np.arcsin),
    "acos": _of_numbers(np.arccos),
    "atan": _of_numbers(np.arctan),
    "plogis": _of_numbers(lambda x: 1 / (1 + np.exp(-x))),
    "qlogis": _of_numbers(lambda x: np.log(x) - np.log1p(-x)),
    "log": _log,
    "round": _round,
    "pmin": _smallest,
    "pmax": _largest,
    **dict.fromkeys(["as.numeric", "as.double"], _as_numeric),
    "as.integer": _as_integer,
    "as.logical": categories.as_logical,
    "c": _combine,
    "seq": _seq,
    **dict.fromkeys(["I", "identity", "droplevels"], _as_is),
    "mean": _learner(np.mean),
    "sd": _learner(lambda x: np.std(x, ddof=1)),
    "var": _learner(lambda x: np.var(x, ddof=1)),
    "median": _learner(np.median),
    "min": _learner(np.min),
    "max": _learner(np.max),
    "sum": _learner(np.sum),
    "quantile": _quantile,
    "scale": _scale,
    "center": _center,
    "poly": _poly,
    **dict.fromkeys(["factor", "as.factor"], categories.factor),
    **dict.fromkeys(["ordered", "as.ordered"], categories.ordered),
    "relevel": categories.relevel,
    "C": categories.coded,
    "as.character": categories.as_character,
    "interaction": categories.interaction,
    "cut": categories.cut,
    "ifelse": categories.ifelse,
    "%in%": categories.is_in,
}
