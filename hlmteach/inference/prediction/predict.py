"""Predictions for groups and for the population, with intervals."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import sparse

from hlmteach.engine import laws
from hlmteach.engine.blocks import border_variance, lambdas_of, system
from hlmteach.engine.covariance import lambda_of, split
from hlmteach.engine.fit import Fit, fit_method
from hlmteach.engine.newrows import NewRows, new_rows
from hlmteach.engine.smallmatrix import cholesky, solve_lower
from hlmteach.errors import HLMWarning, ModelError
from hlmteach.inference.arguments import check_choice, check_fit, check_share
from hlmteach.inference.coefficients.kenward_roger import by_kenward_roger
from hlmteach.inference.coefficients.satterthwaite import variance_df
from hlmteach.inference.prediction.re_form import effects_used

STRIP_ROWS = 2_000  # rows whose weights of the border are dense at once


@fit_method
def predict(
    fit: Fit,
    newdata=None,
    level: str = "group",
    interval: str | None = None,
    confidence=0.95,
    re_form=None,
    ddf: str | None = None,
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
    re_form : str, NA or None
        The random terms to use, as a formula: "~ (1 | batch)", or "~ (1 | Subject)" of a model with
        (Days | Subject). None for all; "~0" or NA for none, which is level="population". Columns
        of factors that are not used need not be in `newdata`. A prediction interval is then that of
        a new group of those factors.
    ddf : {None, "satterthwaite", "kenward-roger"}
        Degrees of freedom of an interval, for few groups: "satterthwaite" gives those of the whole
        error variance (equation 35); "kenward-roger" is for level="population" and
        interval="confidence". None is as said at `confidence`.

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
        For an unknown level or interval, or a random term that the model does not have.

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
    used = _effects_at(fit, level, re_form)
    _check_ddf(ddf, interval, used)
    if interval == "prediction":
        _check_whole(used)
    every = new_rows(fit.frame, data, used)
    rows = _only(every, used)
    _notice_strangers(rows)
    value = _expected(fit, rows)
    if interval is None:
        return _in_place(rows, {"fit": value})["fit"].rename("predicted")
    p = (1 + check_share(confidence, "confidence")) / 2
    se, df = _error(fit, rows, _variance_of(rows, every, interval), ddf)
    half = laws.t.ppf(p, df) * se
    columns = {"fit": value, "se": se, "lower": value - half, "upper": value + half}
    return _in_place(rows, columns if ddf is None else {**columns, "df": df})


def _check_ddf(ddf, interval, used) -> None:
    check_choice(ddf, "ddf", (None, "satterthwaite", "kenward-roger"))
    if ddf is not None and interval is None:
        raise ModelError(
            f"ddf={ddf!r} is about an interval. Add interval='confidence' or 'prediction'."
        )
    if ddf == "kenward-roger" and (used or interval != "confidence"):
        raise ModelError(
            "ddf='kenward-roger' is a method for the coefficients: it gives "
            "interval='confidence' at level='population' only. Use ddf='satterthwaite'."
        )


def _variance_of(rows: NewRows, every: NewRows, interval: str):
    """The error variance (N,) as a function of the fit."""

    def at(fit: Fit) -> np.ndarray:
        variance = _fixed_variance(fit, rows) + _group_variance(fit, rows)
        if interval == "confidence":
            return variance
        return variance + _residual_variance(fit) + _dropped_variance(fit, every)

    return at


def _error(fit: Fit, rows: NewRows, variance_of, ddf: str | None):
    """Standard errors (N,) and their degrees of freedom; no end of them is z."""
    if ddf == "kenward-roger":
        reference = by_kenward_roger(fit)
        return reference.se(rows.X), reference.df(rows.X)
    variance = variance_of(fit)
    if ddf == "satterthwaite":
        return np.sqrt(variance), variance_df(fit, variance_of)
    return np.sqrt(variance), np.inf if fit.design.groupings else fit.n_obs - fit.design.p


def _effects_at(fit: Fit, level: str, re_form) -> dict[str, np.ndarray]:
    used = effects_used(fit, re_form)
    if level == "group":
        return used
    if re_form is not None and used:
        raise ModelError(
            f"level='population' uses no random effects, and re_form={re_form!r} names some. Give "
            "one of the two."
        )
    return {}


def _check_whole(used) -> None:
    for name, effects in used.items():
        if not effects.all():
            raise ModelError(
                f"A new observation of a known group of {name!r} has all effects of that group, "
                "and re_form= leaves some out. Name them all, or use interval='confidence'."
            )


def _only(rows: NewRows, used: dict[str, np.ndarray]) -> NewRows:
    """The rows with Z at 0 where an effect is not used; of what group they are is then all one."""
    if not used:
        return rows
    none = np.zeros(len(rows.X), int)
    Z = {name: z * used.get(name, False) for name, z in rows.Z.items()}
    return replace(rows, Z=Z, codes={name: rows.codes.get(name, none) for name in Z})


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


def _residual_variance(fit: Fit) -> float:
    return fit.sigma**2 * (1.0 if fit.design.groupings else fit.se_factor**2)


# -- error variances, in units of the whitened Z and the standardised X ---------------------


def _fixed_variance(fit: Fit, rows: NewRows) -> np.ndarray:
    """w' Var(b_other, beta) w of each row; without groups w is x."""
    x, variance = rows.X @ fit.design.X_map, 0.0
    if rows.codes:
        known, codes, z = _of_leading(fit, rows)
        x[known] -= np.einsum("nq,mqn->nm", z, _leading(fit)[0][:, :, codes])
        if fit.design.others:
            variance = _border_variance(fit, rows, x)
    x = np.linalg.solve(fit.solution.factor[0], x.T)
    return (fit.se_factor * fit.sigma) ** 2 * (variance + (x**2).sum(axis=0))


def _of_leading(fit: Fit, rows: NewRows):
    """The rows whose leading group is in the data, those groups, and their whitened Z."""
    g = fit.design.leading
    known = np.flatnonzero(rows.codes[g.name] >= 0)
    return known, rows.codes[g.name][known], rows.Z[g.name][known] @ g.map


def _border_variance(fit: Fit, rows: NewRows, x) -> np.ndarray:
    """w' Var(b_other | y, beta) w / sigma^2; what these effects take back of x is taken off it."""
    d = fit.design
    s = system(d, fit.response, lambdas_of(d, fit.white_theta))
    w = _border_weights(fit, rows, s)
    x -= w @ s.b[:, :-1]
    W = border_variance(d, s)
    strips = (w[i : i + STRIP_ROWS] for i in range(0, w.shape[0], STRIP_ROWS))
    return np.concatenate([np.asarray(one.multiply(one @ W).sum(axis=1)).ravel() for one in strips])


def _border_weights(fit: Fit, rows: NewRows, s) -> sparse.csr_matrix:
    """The border's part w (N, z) of each row, less what the leading factor's modes take back."""
    d, n, parts = fit.design, len(rows.X), []
    for g in d.others:
        z, codes = rows.Z[g.name] @ g.map, rows.codes[g.name]
        known = np.flatnonzero(codes >= 0)
        shape = (n, g.n_levels)
        parts += [
            sparse.csr_matrix((z[known, a], (known, codes[known])), shape) for a in range(g.q)
        ]
    known, codes, z = _of_leading(fit, rows)
    from_border = np.zeros((n, d.leading.q))
    from_border[known] = z @ s.Lambdas[0] @ s.Lambdas[0].T
    places = np.zeros(n, int)
    places[known] = codes
    w = sparse.hstack(parts, format="csr")
    for weight, F in zip(from_border.T, s.F(d), strict=True):
        w = w - sparse.diags(weight) @ d.border.matrix(F)[places]
    return w.tocsr()


def _group_variance(fit: Fit, rows: NewRows) -> np.ndarray:
    """z' Var(b_j | y) z for known groups, z' Var(b) z for new ones; nothing of the border's."""
    variance = np.zeros(len(rows.X))
    for name, codes in rows.codes.items():
        variance += np.where(codes < 0, _of_new(fit, rows, name), 0.0)
    if rows.codes:
        known, codes, z = _of_leading(fit, rows)
        C = _leading(fit)[1][:, :, codes]
        variance[known] += fit.sigma**2 * np.einsum("na,abn,nb->n", z, C, z)
    return variance


def _dropped_variance(fit: Fit, rows: NewRows) -> np.ndarray:
    """z' Var(b) z of the factors whose groups are not used: an observation has some group."""
    dropped = [name for name in rows.Z if name not in rows.codes]
    return sum((_of_new(fit, rows, name) for name in dropped), np.zeros(len(rows.X)))


def _of_new(fit: Fit, rows: NewRows, name: str) -> np.ndarray:
    return np.einsum("na,ab,nb->n", rows.Z[name], fit.covariances[name].cov, rows.Z[name])


def _leading(fit: Fit):
    """A_j D_j (p, q, J), and Var(b_j | y, c) / sigma^2 (q, q, J), of the leading factor."""
    d = fit.design
    Lambda = lambda_of(split(fit.white_theta, d.groupings)[0], d.leading)
    Y = np.einsum("acj,cd->adj", d.R, Lambda)
    L = cholesky(np.einsum("adj,edj->aej", Y, Y) + np.eye(d.leading.q)[:, :, None])
    half = solve_lower(L, Y.swapaxes(0, 1))
    weights = np.einsum("cd,daj,maj->mcj", Lambda, half, solve_lower(L, d.D))
    middle = np.eye(d.leading.q)[:, :, None] - np.einsum("daj,eaj->dej", half, half)
    return weights, np.einsum("ad,dej,ce->acj", Lambda, middle, Lambda)
