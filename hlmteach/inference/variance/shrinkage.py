"""Partial pooling: how far each group's effects are drawn to the mean, and how well known."""

import numpy as np
import pandas as pd

from hlmteach.engine.fit import Fit
from hlmteach.engine.laws import norm
from hlmteach.errors import ModelError
from hlmteach.inference.arguments import check_fit, check_share


def shrinkage(fit: Fit) -> dict[str, pd.DataFrame]:
    """How much of each effect the group's own data decide (equation 33).

    lambda_j = 1 - Var(b_j | y) / Var(b): 1 leaves the group its own estimate, 0 gives it the
    mean of all. For a random intercept it is tau^2 / (tau^2 + sigma^2 / n_j).

    Parameters
    ----------
    fit : Fit

    Returns
    -------
    dict of DataFrame
        By grouping factor: (J, q), a row per group, a column per effect. 0 where the effect does
        not vary.

    Raises
    ------
    ModelError
        For a model without random effects.

    References
    ----------
    Raudenbush and Bryk (2002), Hierarchical Linear Models, pages 46-49.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> data = hlm.load("HLM")
    >>> model2 = hlm.lme("Satisfaction ~ 1", data=data, random="~1|Time", method="ML")
    >>> hlm.shrinkage(model2)["Time"]["(Intercept)"].round(3).tolist()
    [0.866, 0.844, 0.849]
    """
    return {
        factor.name: pd.DataFrame(shares(fit, factor.name), factor.levels, list(factor.names))
        for factor in _factors(fit, "shrinkage")
    }


def _factors(fit: Fit, verb: str):
    if not check_fit(fit, verb).frame.factors:
        raise ModelError(
            "This model has no random effects, so no group is drawn to a mean. Fit one with "
            "hlm.lmer or hlm.lme."
        )
    return fit.frame.factors


def shares(fit: Fit, factor: str) -> np.ndarray:
    """One factor's `shrinkage` (J, q), without names."""
    whole = np.diag(fit.covariances[factor].cov)
    left = np.diagonal(fit.ranef_variance[factor], axis1=1, axis2=2)
    varies = whole > 0
    return np.where(varies, 1 - left / np.where(varies, whole, 1.0), 0.0)


def shrinkage_matrix(fit: Fit) -> np.ndarray:
    """What each group's own estimates are multiplied by to give its modes (equation 33).

    b_j = Lambda_j (b_j by least squares), with one matrix Lambda_j (q, q) for each group.

    Lambda_j = Psi (Psi + sigma^2 (Z_j'Z_j)^-1)^-1, written so that neither inverse is needed:
    I - (I + Psi Z_j'Z_j / sigma^2)^-1.

    Parameters
    ----------
    fit : Fit
        With one grouping factor.

    Returns
    -------
    ndarray (J, q, q)
        In the order of the groups in `fit.ranef`.

    Raises
    ------
    ModelError
        For several grouping factors, or none.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model = hlm.lmer("Reaction ~ Days + (Days | Subject)", hlm.load("sleepstudy"))
    >>> hlm.shrinkage_matrix(model).shape
    (18, 2, 2)
    """
    factor, *others = _factors(fit, "shrinkage_matrix")
    if others:
        raise ModelError(
            f"The groups of {factor.name!r} share their rows with those of {others[0].name!r}: "
            "no group has a matrix of its own. hlm.shrinkage gives shares for any model."
        )
    known = fit.covariances[factor.name].cov @ _own_products(factor) / fit.sigma**2
    identity = np.eye(factor.q)
    return identity - np.linalg.inv(identity + known)


def _own_products(factor) -> np.ndarray:
    """Z_j'Z_j of each group (J, q, q)."""
    sums = np.zeros((factor.n_levels, factor.q, factor.q))
    np.add.at(sums, factor.codes, factor.Z[:, :, None] * factor.Z[:, None, :])
    return sums


def modes(fit: Fit, level: float = 0.95) -> pd.DataFrame:
    """Conditional modes of all groups with intervals: what a caterpillar plot shows (equation 24).

    The intervals are mode +- z sd, with sd the conditional standard deviation given the
    parameters: they leave out the uncertainty of beta and of the variances.

    Parameters
    ----------
    fit : Fit
    level : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    DataFrame
        factor, group, name, mode, sd, lower, upper; a row for each group and effect.

    Raises
    ------
    ModelError
        For a model without random effects, or an impossible level.

    References
    ----------
    Bates, Maechler, Bolker and Walker (2015), Journal of Statistical Software 67(1), section 5.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> data = hlm.load("HLM")
    >>> model2 = hlm.lme("Satisfaction ~ 1", data=data, random="~1|Time", method="ML")
    >>> hlm.modes(model2)["mode"].round(3).tolist()
    [-0.086, 0.051, 0.035]
    """
    check_share(level, "level")
    parts = [_modes(fit, factor) for factor in _factors(fit, "modes")]
    table = pd.concat(parts, ignore_index=True)
    reach = norm.ppf(0.5 + level / 2) * table["sd"]
    return table.assign(lower=table["mode"] - reach, upper=table["mode"] + reach)


def _modes(fit: Fit, factor) -> pd.DataFrame:
    sd = np.sqrt(np.diagonal(fit.ranef_variance[factor.name], axis1=1, axis2=2))
    return pd.DataFrame(
        {
            "factor": factor.name,
            "group": np.repeat(factor.levels, factor.q),
            "name": np.tile(factor.names, factor.n_levels),
            "mode": fit.ranef[factor.name].to_numpy().ravel(),
            "sd": sd.ravel(),
        }
    )
