"""nlme's denominator degrees of freedom of the coefficients: the inner-outer rule."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from hlmteach.engine.fit import Fit
from hlmteach.engine.frame import Factor
from hlmteach.errors import ModelError

CONSTANT_WITHIN = 1e-8  # range within groups, beside its size, of a column that is constant


@dataclass(frozen=True)
class Strata:
    """Where each coefficient is estimated: 0 between the outermost groups, ..., Q within all.

    `level` is -1 for a constant; `left` holds each stratum's degrees of freedom before
    coefficients are taken off.
    """

    level: np.ndarray
    left: np.ndarray


def inner_outer_df(fit: Fit) -> pd.Series:
    """Denominator degrees of freedom of each coefficient by nlme's inner-outer rule.

    A coefficient whose column varies within the groups of level i, and not within those of level
    i + 1, has m_(i+1) - m_i - p_(i+1) degrees of freedom (equation 37): the groups of the level
    below, less the groups, less the coefficients estimated there. The intercept has most.

    Parameters
    ----------
    fit : Fit
        With no grouping factor (n - p), one, or nested ones.

    Returns
    -------
    Series
        By coefficient name.

    Raises
    ------
    ModelError
        For crossed factors, where the rule is not defined.

    References
    ----------
    Pinheiro and Bates (2000), Mixed-Effects Models in S and S-PLUS, page 91.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> data = hlm.load("HLM")
    >>> model3 = hlm.lme("Satisfaction ~ NPD", data=data, random="~1|Time", method="ML")
    >>> inner_outer_df(model3).tolist()
    [2677, 2677]
    """
    each = [(i,) for i in range(len(fit.frame.names))]
    return pd.Series(denominators_of(fit, each), fit.fixef.index, dtype=int, name="DF")


def denominators_of(fit: Fit, terms) -> list[int]:
    """nlme's degrees of freedom of each term, a tuple of columns of X."""
    if not fit.frame.factors:
        return [fit.n_obs - fit.design.p] * len(terms)
    return _denominators(_strata(fit), terms)


def _strata(fit: Fit) -> Strata:
    factors = nested_factors(fit)
    X = fit.frame.X
    level = np.where(np.ptp(X, axis=0) > 0, 0, -1)
    for i, factor in enumerate(factors, start=1):
        level[_varies_within(X, factor)] = i
    sizes = np.array([0, *(factor.n_levels for factor in factors), fit.n_obs])
    return Strata(level, np.diff(sizes))


def nested_factors(fit: Fit) -> list[Factor]:
    """The grouping factors from the outermost to the innermost.

    Raises
    ------
    ModelError
        When they are crossed.
    """
    factors = sorted(fit.frame.factors, key=lambda factor: factor.n_levels)
    for outer, inner in pairwise(factors):
        pairs = np.unique(np.stack([outer.codes, inner.codes]), axis=1).shape[1]
        if pairs > inner.n_levels:
            raise ModelError(
                f"{inner.name!r} and {outer.name!r} are crossed; nlme's degrees of freedom are "
                "defined for nested factors only. ddf='satterthwaite' is for "
                "any, and hlm.coef_table(fit, ddf=None) gives t values."
            )
    return factors


def _varies_within(X: np.ndarray, factor: Factor) -> np.ndarray:
    """Which columns of X vary inside at least one group."""
    order = np.argsort(factor.codes, kind="stable")
    starts = np.searchsorted(factor.codes[order], np.arange(factor.n_levels))
    spread = np.maximum.reduceat(X[order], starts) - np.minimum.reduceat(X[order], starts)
    return spread.max(axis=0) > CONSTANT_WITHIN * np.abs(X).max(axis=0)


def _denominators(strata: Strata, terms) -> list[int]:
    """nlme's degrees of freedom of each term, a tuple of columns of X."""
    if not terms:
        return []
    levels = [int(max(strata.level[list(columns)])) for columns in terms]
    left = strata.left.copy()
    for level, columns in zip(levels, terms, strict=True):
        if level >= 0:
            left[level] -= len(columns)
    if max(levels) >= 0:
        if min(levels) < 0:
            left[0] -= 1
        else:
            left[1:] += 1
    return [int(left[level]) if level >= 0 else int(left.max()) for level in levels]
