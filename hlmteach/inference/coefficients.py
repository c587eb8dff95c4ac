"""Tests of fixed coefficients: nlme's denominator degrees of freedom, t and F tables."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.stats import f as f_distribution
from scipy.stats import t as t_distribution

from hlmteach.engine.fit import Fit
from hlmteach.engine.frame import Factor
from hlmteach.errors import ModelError
from hlmteach.inference.arguments import check_fit
from hlmteach.inference.satterthwaite import satterthwaite

CONSTANT = 1e-8  # a column whose range within groups is this small beside its size is constant


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
    return pd.Series(_denominators_of(fit, each), fit.fixef.index, dtype=int, name="DF")


def _denominators_of(fit: Fit, terms) -> list[int]:
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
                "defined for nested factors only. hlm.coef_table(fit, df=None) gives t values."
            )
    return factors


def _varies_within(X: np.ndarray, factor: Factor) -> np.ndarray:
    """Which columns of X vary inside at least one group."""
    order = np.argsort(factor.codes, kind="stable")
    starts = np.searchsorted(factor.codes[order], np.arange(factor.n_levels))
    spread = np.maximum.reduceat(X[order], starts) - np.minimum.reduceat(X[order], starts)
    return spread.max(axis=0) > CONSTANT * np.abs(X).max(axis=0)


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


# -- tables ----------------------------------------------------------------------------------


def coef_table(fit: Fit, df: str | None = "inner-outer") -> pd.DataFrame:
    """Fixed coefficients with standard errors, t values and p-values.

    Parameters
    ----------
    fit : Fit
    df : {"inner-outer", "satterthwaite", None}
        Degrees of freedom by nlme's rule (equation 37; n - p without groups), by Satterthwaite's
        (equation 31), or none, as lme4 prints them: then there is no p-value.

    Returns
    -------
    DataFrame
        Value, Std.Error, DF, t-value, p-value; a row a coefficient. `Std.Error` follows the
        convention of the function that made the fit.

    Raises
    ------
    ModelError
        For crossed factors under the inner-outer rule.

    References
    ----------
    Pinheiro and Bates (2000), Mixed-Effects Models in S and S-PLUS, section 2.4.2.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> data = hlm.load("HLM")
    >>> model3 = hlm.lme("Satisfaction ~ NPD", data=data, random="~1|Time", method="ML")
    >>> hlm.coef_table(model3).loc["NPD"].round(5).tolist()
    [0.12298, 0.01492, 2677.0, 8.24362, 0.0]
    """
    check_fit(fit, "coef_table")
    table = pd.DataFrame({"Value": fit.fixef, "Std.Error": fit.se})
    t = table["Value"] / table["Std.Error"]
    if df is None:
        return table.assign(**{"t-value": t})
    table["DF"] = _degrees_of_freedom(fit, df)
    table["t-value"] = t
    table["p-value"] = 2 * t_distribution.sf(np.abs(t), table["DF"])
    return table


def _degrees_of_freedom(fit: Fit, rule: str) -> pd.Series:
    if rule == "satterthwaite":
        return satterthwaite(fit)
    if rule == "inner-outer":
        return inner_outer_df(fit)
    raise ModelError(
        f"df={rule!r} is not known. Use 'inner-outer' or 'satterthwaite', or None for no p-values."
    )


def wald_table(fit: Fit) -> pd.DataFrame:
    """Sequential (type I) Wald F test of each term, in the order of the formula (equation 38).

    F = b' b / (number of columns), with b the term's part of A' beta / sigma and A A' the
    Cholesky factorisation of X' V^-1 X.

    Parameters
    ----------
    fit : Fit

    Returns
    -------
    DataFrame
        numDF, denDF, F-value, p-value; a row a term.

    Raises
    ------
    ModelError
        For a model without fixed coefficients.

    References
    ----------
    Pinheiro and Bates (2000), Mixed-Effects Models in S and S-PLUS, section 2.4.2.
    """
    if not fit.frame.names:
        raise ModelError(
            "This model has no fixed coefficients, so there is no term to test. Give anova() a "
            "second model to compare it with."
        )
    names, terms = zip(*fixed_terms(fit), strict=True)
    b = _sequential(fit)
    denominators = _denominators_of(fit, terms)
    counts = [len(columns) for columns in terms]
    F = [float((b[list(columns)] ** 2).mean()) for columns in terms]
    return pd.DataFrame(
        {
            "numDF": counts,
            "denDF": denominators,
            "F-value": F,
            "p-value": f_distribution.sf(F, counts, denominators),
        },
        index=list(names),
    )


def fixed_terms(fit: Fit) -> list[tuple[str, tuple[int, ...]]]:
    """Each term of the fixed part with the columns of X that it made and that were kept."""
    place = {column: i for i, column in enumerate(fit.frame.kept)}
    terms = []
    for term, columns in fit.frame.fixed_spec.term_indices.items():
        kept = tuple(place[c] for c in columns if c in place)
        if kept:
            terms.append((_term_name(str(term)), kept))
    return terms


def _term_name(term: str) -> str:
    return "(Intercept)" if term == "1" else term.replace("C(", "factor(").replace("**", "^")


def _sequential(fit: Fit) -> np.ndarray:
    """A' beta / sigma (p,): each entry the coefficient's part given those before it."""
    root = np.linalg.solve(fit.design.X_map.T, fit.solution.factor[0])
    upper = np.linalg.qr(root.T, mode="r")
    scale = float((fit.se / np.sqrt(np.diag(fit.vcov))).iloc[0])
    return upper @ fit.fixef.to_numpy() / (fit.sigma * scale)
