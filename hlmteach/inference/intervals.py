"""Confidence intervals for every parameter of a Fit: `confint`."""

import numpy as np
import pandas as pd
from scipy.stats import norm

from hlmteach.engine.fit import Fit, fit_method
from hlmteach.errors import ModelError
from hlmteach.inference.coordinates import Parameter, parameters
from hlmteach.inference.profiling import by_ml, check_optimum, limits

GROUPS = {"theta_": ("sd", "cor", "sigma"), "beta_": ("beta",)}


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
    method : {"profile", "wald"}
        "wald" is estimate -+ z se, for the fixed coefficients only (equation 30).
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
    """
    check_optimum(fit)
    tails = _tails(level, alpha_lower)
    chosen = choose(parameters(by_ml(fit)), parm)
    table = _table(fit, chosen, tails, method)
    return pd.DataFrame(table, [p.name for p in chosen], percents(tails))


def _tails(level, alpha_lower) -> tuple[float, float]:
    """The probabilities of the two limits."""
    if not 0 < level < 1:
        raise ModelError(
            f"level={level} must lie between 0 and 1: for a 95 % interval write level=0.95."
        )
    below = (1 - level) / 2 if alpha_lower is None else alpha_lower
    low, high = max(0.0, 0.5 - level), min(0.5, 1 - level)
    if not low < below < high:
        raise ModelError(
            f"alpha_lower={alpha_lower} must lie between {low:g} and {high:g} at level {level:g}: "
            "it is the part of what the interval leaves out that lies below the interval."
        )
    return below, below + level


def choose(every: list[Parameter], parm) -> list[Parameter]:
    """The parameters that `parm` names, by lme4's short or long names."""
    if parm is None:
        return every
    wanted = [parm] if isinstance(parm, str) else list(parm)
    for name in wanted:
        if name not in GROUPS and not any(name in (p.name, p.label) for p in every):
            known = ", ".join(p.name for p in every)
            raise ModelError(f"There is no parameter {name!r}. This model has: {known}.")
    kinds = [kind for name in wanted for kind in GROUPS.get(name, ())]
    return [p for p in every if p.name in wanted or p.label in wanted or p.kind in kinds]


def percents(tails) -> list[str]:
    """Column heads as R writes them: 2.5 % and 97.5 %, 1 % and 96 %."""
    hundred = [round(100 * tail, 10) for tail in tails]
    places = max(0, 2 - int(np.floor(np.log10(hundred[0]))))
    texts = [f"{value:.{places}f}" for value in hundred]
    while "." in texts[0] and all(text.endswith("0") for text in texts):
        texts = [text[:-1] for text in texts]
    return [text.rstrip(".") + " %" for text in texts]


def _table(fit: Fit, chosen, tails, method: str) -> np.ndarray:
    """The limits (P, 2) by one of the methods."""
    z = norm.ppf(tails)
    if method == "profile":
        return limits(by_ml(fit), chosen, (-z[0], z[1]))
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
