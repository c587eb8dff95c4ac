"""Explained variance: R2 of a mixed model, and what predictors take off each variance."""

import numpy as np
import pandas as pd

from hlmteach.engine.fit import Fit
from hlmteach.errors import ModelError
from hlmteach.inference.arguments import check_fit
from hlmteach.inference.comparison.nesting import check_rows


def r2(fit: Fit, null: Fit | None = None) -> pd.Series:
    """Explained variance: marginal and conditional R2 (equation 32).

    marginal = F / (F + R + sigma^2) and conditional = (F + R) / (F + R + sigma^2), with F the
    variance of X beta over the rows and R the mean over the rows of z' Psi z.

    Parameters
    ----------
    fit : Fit
    null : Fit, optional
        A fit without the predictors. Then the share by which each of its variances fell is given
        too, (null - fit) / null, by factor and for the residual: it may be negative.

    Returns
    -------
    Series
        marginal, conditional, and with `null` for example "(Intercept) | Time" and "Residual".

    References
    ----------
    Nakagawa and Schielzeth (2013), Methods in Ecology and Evolution 4, 133-142; Johnson (2014),
    same journal 5, 944-946; Raudenbush and Bryk (2002), page 79.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> data = hlm.load("HLM")
    >>> model2 = hlm.lme("Satisfaction ~ 1", data=data, random="~1|Time", method="ML")
    >>> model3 = hlm.lme("Satisfaction ~ NPD", data=data, random="~1|Time", method="ML")
    >>> round(float(hlm.r2(model3, null=model2)["Residual"]), 3)
    0.025
    """
    check_fit(fit, "r2")
    X = fit.frame.X - fit.frame.X.mean(axis=0)
    fixed = float(np.var(X @ fit.fixef.to_numpy(), ddof=1))
    random = sum(_mean_variance(f.Z, fit.covariances[f.name].cov) for f in fit.frame.factors)
    total = fixed + random + fit.sigma**2
    shares = {"marginal": fixed / total, "conditional": (fixed + random) / total}
    if null is not None:
        shares |= _reductions(fit, null)
    return pd.Series(shares, name="R2", dtype=float)


def _mean_variance(Z: np.ndarray, cov: np.ndarray) -> float:
    """Mean over the rows of z' Psi z."""
    return float(np.einsum("na,ab,nb->", Z, cov, Z) / len(Z))


def _reductions(fit: Fit, null: Fit) -> dict[str, float]:
    check_rows(check_fit(null, "r2"), fit, "null and fit")
    if null.reml != fit.reml:
        raise ModelError("null and fit must both be fitted by ML, or both by REML.")
    before, after = _variances(null), _variances(fit)
    return {
        name: (value - after[name]) / value if value > 0 else float("nan")
        for name, value in before.items()
        if name in after
    }


def _variances(fit: Fit) -> dict[str, float]:
    variances = {
        f"{effect} | {name}": float(value)
        for name, vc in fit.covariances.items()
        for effect, value in zip(vc.names, np.diag(vc.cov), strict=True)
    }
    return {**variances, "Residual": fit.sigma**2}
