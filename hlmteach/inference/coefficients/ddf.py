"""Which rule of denominator degrees of freedom: one word, `ddf`, wherever there is a t or an F."""

import numpy as np
import pandas as pd

from hlmteach.engine.fit import Fit
from hlmteach.engine.laws import t as t_distribution
from hlmteach.inference.arguments import check_choice
from hlmteach.inference.coefficients.inner_outer import inner_outer_df
from hlmteach.inference.coefficients.kenward_roger import by_kenward_roger
from hlmteach.inference.coefficients.references import Known, Reference
from hlmteach.inference.coefficients.satterthwaite import by_satterthwaite


def by_inner_outer(fit: Fit) -> Known:
    """nlme's rule; a combination has the least df of its coefficients."""
    return Known(_plain(fit), inner_outer_df(fit).to_numpy(float))


def by_normal(fit: Fit) -> Known:
    """No degrees of freedom: z in place of t, but n - p where there are no groups."""
    residual = np.inf if fit.design.groupings else fit.n_obs - fit.design.p
    return Known(_plain(fit), np.full(fit.design.p, float(residual)))


def _plain(fit: Fit) -> np.ndarray:
    """Covariance of beta by the convention of the fit's standard errors."""
    return fit.se_factor**2 * fit.vcov.to_numpy()


RULES = {
    "satterthwaite": by_satterthwaite,
    "kenward-roger": by_kenward_roger,
    "inner-outer": by_inner_outer,
    None: by_normal,
}


def reference_of(fit: Fit, ddf: str | None, known=tuple(RULES)) -> Reference:
    """What combinations of the coefficients are compared with, by the rule `ddf`."""
    check_choice(ddf, "ddf", known)
    return RULES[ddf](fit)


def t_columns(reference: Reference, L, level: float, value, null=0.0) -> pd.DataFrame:
    """se, df, t, p, lower and upper of the values (k,) of L beta for the rows of L (k, p)."""
    se, df = reference.se(L), reference.df(L)
    with np.errstate(invalid="ignore", divide="ignore"):
        t = (value - null) / se
    half = t_distribution.ppf((1 + level) / 2, df) * se
    return pd.DataFrame(
        {
            "se": se,
            "df": df,
            "t": t,
            "p": 2 * t_distribution.sf(np.abs(t), df),
            "lower": value - half,
            "upper": value + half,
        }
    )
