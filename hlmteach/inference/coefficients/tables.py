"""Tables of the fixed part: t of each coefficient, F of each term."""

import numpy as np
import pandas as pd

from hlmteach.engine.fit import Fit
from hlmteach.engine.laws import f as f_distribution
from hlmteach.engine.laws import t as t_distribution
from hlmteach.errors import ModelError
from hlmteach.inference.arguments import check_fit
from hlmteach.inference.coefficients.ddf import reference_of
from hlmteach.inference.coefficients.hypotheses import fixed_terms, hypotheses
from hlmteach.inference.coefficients.inner_outer import denominators_of

F_RULES = ("satterthwaite", "kenward-roger", "inner-outer")


def coef_table(fit: Fit, ddf: str | None = "inner-outer") -> pd.DataFrame:
    """Fixed coefficients with standard errors, t values and p-values.

    Parameters
    ----------
    fit : Fit
    ddf : {"inner-outer", "satterthwaite", "kenward-roger", None}
        Degrees of freedom by nlme's rule (equation 37; n - p without groups), by Satterthwaite's
        (equation 31), by Kenward and Roger's with their standard errors (equation 49; REML), or
        none, as lme4 prints them: then there is no p-value.

    Returns
    -------
    DataFrame
        Value, Std.Error, DF, t-value, p-value; a row per coefficient. `Std.Error` follows the
        convention of the function that made the fit.

    Raises
    ------
    ModelError
        For crossed factors under the inner-outer rule, and a fit by ML under Kenward-Roger's.

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
    reference, L = reference_of(check_fit(fit, "coef_table"), ddf), np.eye(fit.design.p)
    table = pd.DataFrame({"Value": fit.fixef, "Std.Error": reference.se(L)})
    t = table["Value"] / table["Std.Error"]
    if ddf is None:
        return table.assign(**{"t-value": t})
    df = reference.df(L)
    table["DF"] = df.astype(int) if ddf == "inner-outer" else df
    table["t-value"] = t
    table["p-value"] = 2 * t_distribution.sf(np.abs(t), table["DF"])
    return table


def f_table(fit: Fit, ddf: str, kind: int = 1) -> pd.DataFrame:
    """F test of each term but the intercept, of type 1, 2 or 3 (equations 48 to 50).

    Parameters
    ----------
    fit : Fit
    ddf : {"satterthwaite", "kenward-roger", "inner-outer"}
    kind : {1, 2, 3}
        What each term is tested after; see `hypotheses`.

    Returns
    -------
    DataFrame
        numDF, denDF, F-value, p-value; a row per term.
    """
    reference, beta = reference_of(fit, ddf, F_RULES), fit.fixef.to_numpy()
    terms = hypotheses(fit, kind)
    if not terms:
        raise ModelError(
            "This model has no term to test but the intercept. hlm.coef_table(fit, ddf=...) tests "
            "that; give anova() a second model to compare this one with."
        )
    tests = [reference.test(L, L @ beta) for L in terms.values()]
    numbers = [(test.num_df, test.den_df, test.F) for test in tests]
    table = pd.DataFrame(numbers, list(terms), columns=["numDF", "denDF", "F-value"])
    p = f_distribution.sf(table["F-value"], table["numDF"], table["denDF"])
    return table.assign(**{"p-value": p})


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
        numDF, denDF, F-value, p-value; a row per term.

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
    denominators = denominators_of(fit, terms)
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


def _sequential(fit: Fit) -> np.ndarray:
    """A' beta / sigma (p,): each entry the coefficient's part given those before it."""
    root = np.linalg.solve(fit.design.X_map.T, fit.solution.factor[0])
    upper = np.linalg.qr(root.T, mode="r")
    scale = float((fit.se / np.sqrt(np.diag(fit.vcov))).iloc[0])
    return upper @ fit.fixef.to_numpy() / (fit.sigma * scale)
