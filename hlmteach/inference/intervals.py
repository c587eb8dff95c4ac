"""Confidence intervals for every parameter of a Fit: `confint`."""

import numpy as np
import pandas as pd
from scipy.stats import norm

from hlmteach.engine.fit import Fit, fit_method
from hlmteach.errors import ModelError
from hlmteach.inference.coordinates import parameters
from hlmteach.inference.levels import choose, percents, tails_of
from hlmteach.inference.profiles import profile
from hlmteach.inference.profiling import by_ml, check_optimum, limits


@fit_method
def confint(
    fit: Fit, level: float = 0.95, method: str = "profile", alpha_lower=None, parm=None
) -> pd.DataFrame:
    """Confidence intervals, by profile likelihood unless another method is named.

    A profile interval holds the values v of a parameter whose zeta is not beyond z:

        zeta(v) = sign(v - estimate) sqrt(d(v) - d_min)                                (29)

    d(v) is -2 log-likelihood, least over all other parameters. Limits are solved for, not
    interpolated. As in lme4 the likelihood is ML's, also for a fit by REML. A limit at the end of
    a parameter's range (an sd of 0, a correlation of +-1) is exactly that.

    Parameters
    ----------
    fit : Fit
    level : float
        Between 0 and 1.
    method : {"profile", "profile-lme4", "wald"}
        "profile-lme4" reads limits off lme4's grid by lme4's splines: its printed digits, right
        to about 2e-3 se. "wald" is estimate -+ z se, for coefficients only (equation 30).
    alpha_lower : float, optional
        The probability left out below, if not half of it: .01 with level .95 gives 1 % to 96 %.
    parm : str or list of str, optional
        Which parameters; "theta_" for all variance parameters, "beta_" for all coefficients.

    Returns
    -------
    DataFrame
        A row a parameter in lme4's order: .sig01 ... (sds and correlations, column by column),
        .sigma, and the coefficients. Columns such as "2.5 %" and "97.5 %".

    Raises
    ------
    ModelError
        For a level, alpha_lower, method or parm that cannot be, and for a fit made by `.at`.

    References
    ----------
    Bates, Maechler, Bolker and Walker (2015), Journal of Statistical Software 67(1), section 5.1.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model = hlm.lmer("Yield ~ 1 + (1 | Batch)", data=hlm.load("Dyestuff2"), REML=False)
    >>> hlm.confint(model).loc[".sig01"].round(7).tolist()
    [0.0, 2.0840479]
    >>> model21 = hlm.lmer("Satisfaction ~ 1 + (1|Time)", data=hlm.load("HLM"), REML=False)
    >>> [f"{x:.7f}" for x in hlm.confint(model21, method="profile-lme4").loc[".sig01"]]
    ['0.0267156', '0.2084871']
    """
    check_optimum(fit)
    tails = tails_of(level, alpha_lower)
    chosen = choose(parameters(by_ml(fit)), parm)
    table = _table(fit, chosen, tails, method)
    return pd.DataFrame(table, [p.name for p in chosen], percents(tails))


def _table(fit: Fit, chosen, tails, method: str) -> np.ndarray:
    """The limits (P, 2) by one of the methods."""
    z = norm.ppf(tails)
    if method == "profile":
        return limits(by_ml(fit), chosen, (-z[0], z[1]))
    if method == "profile-lme4":
        return profile(fit, [p.name for p in chosen]).read(z)
    if method == "wald":
        return _wald(fit, chosen, z)
    raise ModelError(f"method={method!r} is not known. Use 'profile' or 'wald'.")


def _wald(fit: Fit, chosen, quantiles) -> np.ndarray:
    """Estimate + quantile se of the coefficients (equation 30); nan for variances."""
    table = np.full((len(chosen), 2), np.nan)
    for row, p in zip(table, chosen, strict=True):
        if p.kind == "beta":
            row[:] = fit.fixef[p.name] + np.atleast_1d(quantiles) * fit.se[p.name]
    return table
