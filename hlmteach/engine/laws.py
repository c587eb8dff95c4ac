"""The laws that tests and intervals are read from, by scipy.special's own functions.

scipy.stats says the same (tests/engine/test_laws.py) and is a third of the import's time, in a
browser's Python seconds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

import numpy as np
from scipy.special import (
    chdtr,
    chdtrc,
    chdtri,
    fdtr,
    fdtrc,
    fdtri,
    gammaincinv,
    ndtr,
    ndtri,
    stdtr,
    stdtrit,
)


@dataclass(frozen=True)
class Law:
    """A law by its tails: `cdf` below, `sf` above; `ppf` and `isf` are their inverses.

    Examples
    --------
    >>> round(float(norm.ppf(0.975)), 2)
    1.96
    """

    cdf: Callable
    sf: Callable
    ppf: Callable
    isf: Callable


class Late:
    """A law of scipy.stats that is rarely asked for, and loaded then."""

    def __init__(self, name: str):
        self._name = name

    def __getattr__(self, method: str):
        return getattr(getattr(import_module("scipy.stats"), self._name), method)


def _above_zero(x):
    return np.maximum(np.asarray(x, float), 0)  # a ratio may be rounded to just below 0


norm = Law(
    cdf=lambda x, loc=0, scale=1: ndtr((np.asarray(x) - loc) / scale),
    sf=lambda x, loc=0, scale=1: ndtr((loc - np.asarray(x)) / scale),
    ppf=lambda p, loc=0, scale=1: loc + scale * ndtri(np.asarray(p)),
    isf=lambda p, loc=0, scale=1: loc - scale * ndtri(np.asarray(p)),
)
t = Law(
    cdf=lambda x, df: stdtr(np.asarray(df), np.asarray(x)),
    sf=lambda x, df: stdtr(np.asarray(df), -np.asarray(x)),
    ppf=lambda p, df: stdtrit(np.asarray(df), np.asarray(p)),
    isf=lambda p, df: -stdtrit(np.asarray(df), np.asarray(p)),
)
chi2 = Law(
    cdf=lambda x, df: chdtr(np.asarray(df), _above_zero(x)),
    sf=lambda x, df: chdtrc(np.asarray(df), _above_zero(x)),
    ppf=lambda p, df: 2 * gammaincinv(np.asarray(df) / 2, np.asarray(p)),
    isf=lambda p, df: chdtri(np.asarray(df), np.asarray(p)),
)
f = Law(
    cdf=lambda x, num_df, den_df: fdtr(np.asarray(num_df), np.asarray(den_df), _above_zero(x)),
    sf=lambda x, num_df, den_df: fdtrc(np.asarray(num_df), np.asarray(den_df), _above_zero(x)),
    ppf=lambda p, num_df, den_df: fdtri(np.asarray(num_df), np.asarray(den_df), np.asarray(p)),
    isf=lambda p, num_df, den_df: fdtri(np.asarray(num_df), np.asarray(den_df), 1 - np.asarray(p)),
)
studentized_range = Late("studentized_range")
