"""Confidence intervals for every parameter of a Fit: `confint`."""

import numpy as np
import pandas as pd
from scipy.special import ndtri

from hlmteach.engine.fit import Fit
from hlmteach.engine.laws import t as t_distribution
from hlmteach.engine.progress import Progress
from hlmteach.errors import ModelError
from hlmteach.inference.arguments import check_choice, check_count
from hlmteach.inference.coefficients.ddf import reference_of
from hlmteach.inference.intervals.levels import choose, percents, tails_of
from hlmteach.inference.intervals.profiles import profile
from hlmteach.inference.profiling.coordinates import Parameter, parameters
from hlmteach.inference.profiling.limits import by_ml, check_optimum, limits
from hlmteach.inference.simulation.replicates import Refits, refit_many
from hlmteach.inference.simulation.simulate import draw

METHODS = ("profile", "profile-lme4", "wald", "t", "boot")
LONG_DRAW = 5_000_000  # random effects of a bootstrap, beyond which drawing them alone takes long
RULES = ("satterthwaite", "kenward-roger", "inner-outer")


def confint(
    fit: Fit,
    level: float = 0.95,
    method: str = "profile",
    alpha_lower: float | None = None,
    parm=None,
    ddf: str = "satterthwaite",
    nsim: int = 1000,
    seed=None,
    verbose: bool = True,
) -> pd.DataFrame:
    """Confidence intervals, by profile likelihood unless another method is named.

    A profile interval holds the values v of a parameter whose zeta lies between two quantiles of
    the normal distribution:

        zeta(v) = sign(v - estimate) sqrt(d(v) - d_min)                                (29)

    d(v) is -2 log-likelihood, least over all other parameters. Limits are solved for, not
    interpolated. As in lme4 the likelihood is ML's, also for a fit by REML. A limit at the end of
    a parameter's range (an sd of 0, a correlation of +-1) is exactly that.

    Parameters
    ----------
    fit : Fit
    level : float
        Between 0 and 1.
    method : {"profile", "profile-lme4", "wald", "t", "boot"}
        "profile-lme4" reads limits off lme4's grid by lme4's splines: the digits that lme4 prints,
        right to about 2e-3 standard errors. "wald" is estimate + z se (equation 30) and "t" has a
        quantile of t for z; both are for coefficients only. "boot" is the parametric bootstrap:
        quantiles of the estimates from outcomes drawn under the fit.
    alpha_lower : float, optional
        The probability left out below, if not half of it: .01 with level .95 gives 1 % to 96 %.
    parm : str or list of str, optional
        Which parameters; "theta_" for all variance parameters, "beta_" for all coefficients.
    ddf : {"satterthwaite", "kenward-roger", "inner-outer"}
        Degrees of freedom for method "t": equation 31; equation 49 with its standard errors, for
        REML; or nlme's rule as in its `intervals`.
    nsim : int
        Outcomes drawn for "boot".
    seed : int, optional
        For "boot"; the same seed gives the same interval.
    verbose : bool
        Whether work of more than two seconds shows how far it is.

    Returns
    -------
    DataFrame
        A row per parameter in lme4's order: .sig01 ... (sds and correlations, column by column),
        .sigma, and the coefficients. Columns such as "2.5 %" and "97.5 %".

    Raises
    ------
    ModelError
        For a level, alpha_lower, method, parm or ddf that cannot be, and for a fit made by `.at`.

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
    >>> hlm.confint(model21, method="profile-lme4")
                    2.5 %    97.5 %
    .sig01      0.0267156 0.2084871
    .sigma      0.7951820 0.8389382
    (Intercept) 4.9785129 5.2081911
    """
    check_optimum(fit, "confint")
    check_choice(method, "method", METHODS)
    tails = tails_of(level, alpha_lower)
    chosen = choose(parameters(by_ml(fit)), parm)
    counted = ("outcomes", nsim) if method == "boot" else ("evaluations", None)
    soon = method == "boot" and check_count(nsim, "nsim") * fit.design.n_effects > LONG_DRAW
    with Progress("Intervals", *counted, verbose=verbose, soon=soon):
        table = _limits(fit, chosen, np.array(tails), method, ddf, nsim, seed)
    return pd.DataFrame(table, [p.name for p in chosen], percents(tails))


def _limits(fit: Fit, parameters, tails, method: str, ddf: str, nsim: int, seed) -> np.ndarray:
    """The limits (P, 2) by one of the methods."""
    z = ndtri(tails)
    if method == "profile":
        return limits(by_ml(fit), parameters, (-z[0], z[1]))
    if method == "profile-lme4":
        return profile(fit, [p.name for p in parameters]).read(z)
    if method == "wald":
        return _symmetric(fit, parameters, np.tile(z, (fit.design.p, 1)))
    if method == "t":
        reference, each = reference_of(fit, ddf, RULES), np.eye(fit.design.p)
        t = t_distribution.ppf(tails, reference.df(each)[:, None])
        se = reference.se(each) if ddf == "kenward-roger" else None
        return _symmetric(fit, parameters, t, se)
    refits = refit_many(fit, draw(fit, _enough(nsim, tails), seed))
    return np.array([_percentile(refits, p, tails) for p in parameters])


def _enough(nsim: int, tails) -> int:
    """As many draws as put at least one beyond each limit."""
    least = int(np.ceil(1 / min(tails[0], 1 - tails[1]) - 1e-9)) - 1
    if check_count(nsim, "nsim") < least:
        raise ModelError(
            f"nsim={nsim} outcomes are too few for these limits: at least {least} are needed, and "
            "1000 or more to trust."
        )
    return nsim


def _symmetric(fit: Fit, parameters, quantiles, se=None) -> np.ndarray:
    """Estimate + quantile se of the coefficients, quantiles (p, 2); nan for variances.

    As in nlme's intervals, only gls's standard errors carry sqrt(n / (n - p)).
    """
    if se is None:
        se = fit.se if fit.verb == "gls" else np.sqrt(np.diag(fit.vcov))
    values = fit.fixef.to_numpy()[:, None] + quantiles * np.asarray(se)[:, None]
    rows = dict(zip(fit.frame.names, values, strict=True))
    return np.array([rows.get(p.name, np.full(2, np.nan)) for p in parameters])


def _percentile(refits: Refits, p: Parameter, tails) -> np.ndarray:
    """Quantiles of one parameter's estimates; correlations where they exist."""
    values = _estimates(refits, p)
    values = values[~np.isnan(values)]
    return np.quantile(values, tails, method="weibull") if len(values) else np.full(2, np.nan)


def _estimates(refits: Refits, p: Parameter) -> np.ndarray:
    """One parameter's estimates (B,)."""
    if p.kind == "sigma":
        return refits.sigma
    if p.kind == "beta":
        return refits.fixef[:, refits.names.index(p.name)]
    i, j = p.effects
    Lambda = refits.relative_factors[refits.like.design.groupings[p.factor].name]
    size = np.linalg.norm(Lambda, axis=2)
    if p.kind == "sd":
        return refits.sigma * size[:, i]
    with np.errstate(invalid="ignore"):
        return np.einsum("bk,bk->b", Lambda[:, i], Lambda[:, j]) / (size[:, i] * size[:, j])
