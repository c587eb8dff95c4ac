"""Predictions for groups and for the population, with intervals."""

import warnings

import numpy as np
import pandas as pd
from scipy import stats

from hlmteach.engine.blocks import system, unscale
from hlmteach.engine.covariance import lambda_of, split
from hlmteach.engine.fit import Fit, fit_method
from hlmteach.engine.newrows import NewRows, new_rows
from hlmteach.engine.smallmatrix import cholesky, solve_lower
from hlmteach.errors import HLMWarning
from hlmteach.inference.arguments import check_choice, check_fit, check_share


@fit_method
def predict(
    fit: Fit, newdata=None, level: str = "group", interval: str | None = None, confidence=0.95
):
    """Predict the outcome of new rows, x' beta + z' b for known groups, x' beta for others.

    With an interval, the error of estimation (equation 35) is, for a known group j,

        w' Var(beta) w + z' Var(b_j | y, beta) z,    w = x - (A_j X_j)' z,

    where b_j = A_j (y_j - X_j beta) are its conditional modes, and x' Var(beta) x + z' Var(b) z for
    a group that is not in the data. A prediction interval adds sigma^2, the variance of one
    observation.

    Parameters
    ----------
    fit : Fit
        A fitted model.
    newdata : DataFrame or None
        With the columns of the right-hand side; None for the rows that were fitted.
    level : {"group", "population"}
        With the effects of each row's group, or without. "population" needs no grouping column.
    interval : {None, "confidence", "prediction"}
        For the mean at these values, or for one new observation (of a new group, when the level is
        the population).
    confidence : float
        Of the interval. Quantiles are normal, or t with n - p df where there are no groups.

    Returns
    -------
    Series or DataFrame
        By the rows of `newdata`: the prediction; with an interval the columns fit, se, lower,
        upper. A row with a missing value has a missing prediction.

    Raises
    ------
    DataError
        For a missing column, an unknown category, text for numbers, inf.
    ModelError
        For an unknown level or interval.

    Warns
    -----
    HLMWarning
        When a group is not in the data; it is predicted by the population.

    References
    ----------
    Henderson (1975), Biometrics 31, 423-447; Skrondal and Rabe-Hesketh (2009), JRSS A 172, 659-687.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model3 = hlm.lmer("Satisfaction ~ NPD + (1|Time)", hlm.load("HLM"), REML=False)
    >>> rows = pd.DataFrame({"NPD": [1.0, 6.0]})
    >>> model3.predict(rows, level="population").round(2).to_list()
    [4.8, 5.41]
    """
    check_fit(fit, "predict")
    check_choice(level, "level", ("group", "population"))
    check_choice(interval, "interval", (None, "confidence", "prediction"))
    data = fit.frame.data.iloc[fit.frame.rows] if newdata is None else newdata
    rows = new_rows(fit.frame, data, groups=level == "group")
    _notice_strangers(rows)
    value = _expected(fit, rows)
    if interval is None:
        return _in_place(rows, {"fit": value})["fit"].rename("predicted")
    variance = _fixed_variance(fit, rows) + _group_variance(fit, rows, interval)
    if interval == "prediction":
        variance = variance + _residual_variance(fit)
    se = np.sqrt(variance)
    half = _quantile(fit, check_share(confidence, "confidence")) * se
    columns = {"fit": value, "se": se, "lower": value - half, "upper": value + half}
    return _in_place(rows, columns)


def _notice_strangers(rows: NewRows) -> None:
    for name, groups in rows.strangers.items():
        listed = ", ".join(groups[:5]) + (", ..." if len(groups) > 5 else "")
        warnings.warn(
            f"Not in the data the model was fitted to: {name} = {listed}. Predicted by the "
            "population (effects of 0); an interval counts the variance of a new group.",
            HLMWarning,
            stacklevel=3,
        )


def _in_place(rows: NewRows, columns) -> pd.DataFrame:
    table = pd.DataFrame(np.nan, rows.index, list(columns))
    for name, values in columns.items():
        table.loc[rows.used, name] = values
    return table


def _expected(fit: Fit, rows: NewRows) -> np.ndarray:
    value = rows.X @ fit.fixef.to_numpy()
    for name, codes in rows.codes.items():
        b = np.vstack([fit.ranef[name].to_numpy(), np.zeros(rows.Z[name].shape[1])])
        value = value + np.einsum("nq,nq->n", rows.Z[name], b[codes])
    return value


def _quantile(fit: Fit, confidence: float) -> float:
    p = (1 + confidence) / 2
    if fit.design.groupings:
        return float(stats.norm.ppf(p))
    return float(stats.t.ppf(p, fit.n_obs - fit.design.p))


def _residual_variance(fit: Fit) -> float:
    return fit.sigma**2 * (1.0 if fit.design.groupings else fit._se_factor**2)


# -- error variances, in units of the whitened Z and the standardised X ---------------------


def _fixed_variance(fit: Fit, rows: NewRows) -> np.ndarray:
    """w' Var(b_other, beta) w of each row; without groups w is x."""
    d = fit.design
    w = np.zeros((len(rows.X), len(d.S)))
    w[:, len(d.S) - d.p :] = rows.X @ d.X_map
    if rows.codes:
        w = _border_weights(fit, rows, w)
    half = w @ _border_error(fit)
    return (fit._se_factor * fit.sigma) ** 2 * np.einsum("nm,nm->n", half, w)


def _border_weights(fit: Fit, rows: NewRows, w) -> np.ndarray:
    """The border's part of each row, less what the leading factor's modes take back."""
    d, at = fit.design, 0
    for g in d.others:
        z, codes = rows.Z[g.name] @ g.map, rows.codes[g.name]
        known = np.flatnonzero(codes >= 0)
        for a in range(g.q):
            w[known, at + a * g.n_levels + codes[known]] = z[known, a]
        at += g.q * g.n_levels
    g = d.leading
    z, codes = rows.Z[g.name] @ g.map, rows.codes[g.name]
    taken, _ = _leading(fit)
    known = codes >= 0
    w[known] -= np.einsum("nq,mqn->nm", z[known], taken[:, :, codes[known]])
    return w


def _leading(fit: Fit):
    """A_j D_j (m, q, J), and Var(b_j | y, c) / sigma^2 (q, q, J), of the leading factor."""
    d = fit.design
    Lambda = lambda_of(split(fit.white_theta, d.groupings)[0], d.leading)
    Y = np.einsum("acj,cd->adj", d.R, Lambda)
    L = cholesky(np.einsum("adj,edj->aej", Y, Y) + np.eye(d.leading.q)[:, :, None])
    half = solve_lower(L, Y.swapaxes(0, 1))
    taken = np.einsum("cd,daj,maj->mcj", Lambda, half, solve_lower(L, d.D))
    middle = np.eye(d.leading.q)[:, :, None] - np.einsum("daj,eaj->dej", half, half)
    return taken, np.einsum("ad,dej,ce->acj", Lambda, middle, Lambda)


def _border_error(fit: Fit) -> np.ndarray:
    """Covariance / sigma^2 (m, m) of the errors of (b_other, beta)."""
    d = fit.design
    if not d.others:
        factor = fit.solution.factor[0]
        return np.linalg.inv(factor @ factor.T)
    s = system(d, fit.response, fit.white_theta)
    rest = split(fit.white_theta, d.groupings)[1:]
    root = unscale(d, rest, np.linalg.inv(s.root).T)
    return root @ root.T


def _group_variance(fit: Fit, rows: NewRows, interval: str) -> np.ndarray:
    """z' Var(b_j | y) z for known groups, z' Var(b) z for new ones; nothing of the border's."""
    variance = np.zeros(len(rows.X))
    for name, Z in rows.Z.items():
        new = rows.codes[name] < 0 if rows.codes else np.full(len(Z), interval == "prediction")
        G = fit.covariances[name].cov
        variance += np.where(new, np.einsum("na,ab,nb->n", Z, G, Z), 0.0)
    if rows.codes:
        g = fit.design.leading
        z, codes = rows.Z[g.name] @ g.map, rows.codes[g.name]
        known = codes >= 0
        C = _leading(fit)[1][:, :, codes[known]]
        variance[known] += fit.sigma**2 * np.einsum("na,abn,nb->n", z[known], C, z[known])
    return variance
