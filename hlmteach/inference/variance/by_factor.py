"""Intraclass correlations of several factors, by both meanings of the word."""

import pandas as pd

from hlmteach.engine.fit import Fit
from hlmteach.engine.frame import Factor
from hlmteach.inference.variance.icc import intercept_variances


def icc_table(fit: Fit) -> pd.DataFrame:
    """Each factor's share of the variance, and the correlation of two rows of one of its groups.

    The share is tau_f^2 / total. Two rows of one group of f also share the groups that f lies in:
    the correlation sums the variances of f and of those factors (equation 25). With one factor, or
    for crossed factors, the two are one number; for a cask within a batch they are not. A
    correlation is that of rows that have no other group in common.

    Parameters
    ----------
    fit : Fit
        With random intercepts only. With predictors it is about what they leave.

    Returns
    -------
    DataFrame
        By factor, and a last row "Residual": variance, share, correlation (missing for the
        residual). The shares add up to 1.

    Raises
    ------
    ModelError
        For random slopes; without a grouping factor.

    References
    ----------
    Goldstein (2011), Multilevel Statistical Models, section 2.3; Hox, Moerbeek and van de Schoot
    (2018), Multilevel Analysis, section 2.4.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> fit = hlm.lmer("strength ~ 1 + (1 | batch/cask)", hlm.load("Pastes"))
    >>> hlm.icc_table(fit)[["share", "correlation"]].round(3)
                share  correlation
    cask:batch  0.783        0.937
    batch       0.154        0.154
    Residual    0.063          NaN
    """
    between = intercept_variances(fit)
    variance = pd.Series({**between, "Residual": fit.sigma**2}, name="variance")
    factors = fit.frame.factors
    shared = {f.name: sum(between[h.name] for h in factors if _lies_in(f, h)) for f in factors}
    share = variance / variance.sum()
    correlation = pd.Series(shared) / variance.sum()
    return pd.DataFrame({"variance": variance, "share": share, "correlation": correlation}).loc[
        variance.index
    ]


def _lies_in(factor: Factor, other: Factor) -> bool:
    """Whether the rows of each group of a factor are in one group of the other."""
    pairs = pd.Series(factor.codes.astype("int64") * other.n_levels + other.codes)
    return pairs.nunique() == factor.n_levels
