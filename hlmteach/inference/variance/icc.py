"""Where the variance lies: intraclass correlation, with an interval, and design effect."""

import numpy as np
import pandas as pd

from hlmteach.engine.fit import Fit, fit_model
from hlmteach.engine.laws import chi2
from hlmteach.engine.laws import f as f_distribution
from hlmteach.engine.reading.syntax import quoted
from hlmteach.engine.solve import evaluate
from hlmteach.errors import ModelError
from hlmteach.inference.arguments import check_choice, check_fit, check_number, check_share

NEEDS = (
    "icc() needs a fitted model, or outcome=, group= and data=, as in "
    "hlm.icc(outcome='Satisfaction', group='Time', data=data)."
)
MOST_GROUPS = 2000  # groups beyond which the exact interval's J x J matrix is too large


def icc(
    fit: Fit | None = None,
    *by_place,
    outcome: str | None = None,
    group: str | None = None,
    data=None,
    method: str = "REML",
) -> float:
    """Intraclass correlation: the share of the variance that lies between groups (equation 25).

    tau^2 / (tau^2 + sigma^2), of a fit, or of the model `outcome ~ 1 + (1 | group)`.

    Parameters
    ----------
    fit : Fit, optional
        With random intercepts only. With predictors it is the ICC of what they leave.
    by_place
        Refused, with the call to write: after the fit, arguments are named.
    outcome, group : str, optional
        Columns of `data`, in place of a fit. With a fit, `group` chooses one of several factors.
    data : DataFrame, optional
    method : {"REML", "ML"}
        REML is what merTools::ICC uses.

    Returns
    -------
    float

    Raises
    ------
    ModelError
        For random slopes, with which the ICC depends on the predictor; without a grouping factor.

    References
    ----------
    Raudenbush and Bryk (2002), Hierarchical Linear Models, page 24.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> data = hlm.load("HLM")
    >>> round(hlm.icc(outcome="Satisfaction", group="Time", data=data), 6)
    0.010193
    >>> round(hlm.icc(outcome="Satisfaction", group="Time", data=data, method="ML"), 6)
    0.006484
    """
    if by_place:
        raise ModelError(NEEDS)
    if fit is None:
        fit, group = _empty_model(outcome, group, data, method), None
    between = intercept_variances(fit)
    chosen = _chosen(between, group)
    total = sum(between.values()) + fit.sigma**2
    return float(between[chosen] / total)


def _empty_model(outcome, group, data, method: str) -> Fit:
    if outcome is None or group is None or data is None:
        raise ModelError(NEEDS)
    check_choice(method, "method", ("ML", "REML"))
    formula = f"{quoted(outcome)} ~ 1 + (1 | {quoted(group)})"
    return fit_model(formula, data, reml=method == "REML")


def intercept_variances(fit: Fit) -> dict[str, float]:
    """Each factor's variance of the intercepts.

    Raises
    ------
    ModelError
        For a model without random effects, or with random slopes.
    """
    if not check_fit(fit, "icc").frame.factors:
        raise ModelError(
            "This model has no grouping factor, so no variance lies between groups. Fit one with "
            "a random intercept, as in hlm.lmer('Satisfaction ~ 1 + (1 | Time)', data)."
        )
    for factor in fit.frame.factors:
        if factor.names != ("(Intercept)",):
            raise ModelError(
                f"The effects of {factor.name!r} are {', '.join(factor.names)}. With random "
                "slopes the share of the variance between groups depends on the predictor; use "
                "a model with random intercepts only, or hlm.r2 for the conditional R2."
            )
    return {name: float(vc.cov[0, 0]) for name, vc in fit.covariances.items()}


def _chosen(between: dict[str, float], group: str | None) -> str:
    names = list(between)
    if group is None and len(names) == 1:
        return names[0]
    if group not in names:
        raise ModelError(
            f"group={group!r} does not choose one of this model's grouping factors. Write "
            f"group='{names[0]}'" + (f" or one of {', '.join(names[1:])}." if names[1:] else ".")
        )
    return group


# -- an interval for the ICC -----------------------------------------------------------------


def icc_interval(fit: Fit, level: float = 0.95, method: str = "exact") -> pd.Series:
    """Intraclass correlation with an interval.

    "exact" inverts Wald's F test of theta^2 = tau^2 / sigma^2 (equation 39), which holds its
    level for any number of groups, of equal or unequal size, with or without predictors.
    "profile" keeps every theta whose (restricted) likelihood is near enough to the highest; since
    the ICC is theta^2 / (1 + theta^2), its limits are those of theta, mapped.

    Parameters
    ----------
    fit : Fit
        With one grouping factor and random intercepts only.
    level : float
        Confidence level, between 0 and 1.
    method : {"exact", "profile"}

    Returns
    -------
    Series
        icc, and the lower and upper limit, named "2.5 %" and "97.5 %" for level 0.95.

    Raises
    ------
    ModelError
        For random slopes, several factors, or an impossible level.

    References
    ----------
    Wald (1940), Annals of Mathematical Statistics 11, 96-99; Seely and El-Bassiouni (1983),
    Annals of Statistics 11, 197-201.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model = hlm.lmer("Satisfaction ~ 1 + (1|Time)", data=hlm.load("HLM"))
    >>> hlm.icc_interval(model).round(4).tolist()
    [0.0102, 0.002, 0.3084]
    """
    check_share(level, "level")
    _check_one_factor(fit)
    check_choice(method, "method", _LIMITS)
    limits = [v / (1 + v) for v in _LIMITS[method](fit, level)]
    names = [f"{100 * p:.6g} %" for p in ((1 - level) / 2, (1 + level) / 2)]
    return pd.Series([icc(fit), *limits], ["icc", *names])


def _check_one_factor(fit: Fit) -> None:
    names = list(intercept_variances(fit))
    if len(names) > 1:
        raise ModelError(
            f"{' and '.join(names)} both group the rows; this is defined for one grouping factor. "
            "Fit a model with one."
        )


def _exact_limits(fit: Fit, level: float) -> tuple[float, float]:
    """Where Wald's F, falling in theta^2, passes its two critical values; 0 if it never does."""
    squares, sizes, rest, df = _wald_pieces(fit)
    r, alpha = len(sizes), (1 - level) / 2

    def ratio(theta2):
        return float((squares / (1 + theta2 * sizes)).sum() / r / (rest / df))

    critical = f_distribution.ppf([1 - alpha, alpha], r, df)
    return tuple(_falling_root(lambda v, c=c: ratio(v) - c) for c in critical)


def _wald_pieces(fit: Fit):
    """Squares t_i^2 (r,) with variance sigma^2 (1 + theta^2 size_i), and the residual, n - p - r.

    t are coordinates of y in the span of [X Z] that is orthogonal to X.
    """
    g, r = fit.design.leading, fit.response
    if g.n_levels > MOST_GROUPS:
        raise ModelError(f"{g.n_levels} groups are too many for method='exact'. Use 'profile'.")
    spectrum = fit.design.spectrum
    t, rest = spectrum.contrasts(r.D, r.S, r.SS)
    df = fit.n_obs - fit.design.p - len(spectrum.sizes)
    return t[0] ** 2, spectrum.sizes / g.map[0, 0] ** 2, float(rest[0]), df


def _profile_limits(fit: Fit, level: float) -> tuple[float, float]:
    """Where the criterion is chi-square's quantile above its lowest; 0 if it starts below that."""
    from scipy.optimize import brentq

    fit = fit.refit()
    ceiling = fit.solution.value[0] + chi2.ppf(level, 1)
    best = float(fit.theta[0]) ** 2

    def room(theta2):
        theta = np.array([[np.sqrt(theta2)]])
        return ceiling - float(evaluate(fit.design, fit.response, theta, fit.reml).value[0])

    lower = 0.0 if room(0.0) >= 0 else brentq(room, 0.0, best, xtol=1e-14, rtol=1e-12)
    return lower, _falling_root(lambda v: room(best + v)) + best


def _falling_root(function) -> float:
    """Where a falling function of a variance ratio is 0; 0 where it starts below."""
    from scipy.optimize import brentq

    if function(0.0) <= 0:
        return 0.0
    high = 1.0
    while function(high) > 0:
        high *= 4.0
    return float(brentq(function, 0.0, high, xtol=1e-14, rtol=1e-12))


_LIMITS = {"exact": _exact_limits, "profile": _profile_limits}


# -- design effect ---------------------------------------------------------------------------


def design_effect(icc_or_fit, n_per_group: float | None = None) -> float:
    """How much clustering inflates the variance of a mean: 1 + (m - 1) ICC (equation 26).

    Parameters
    ----------
    icc_or_fit : float or Fit
        An intraclass correlation, or a fit with one random intercept.
    n_per_group : float, optional
        m, the size of a group. With a fit, m is taken from its groups as sum n_j^2 / n, which is
        Kish's for groups of unequal size.

    Returns
    -------
    float

    References
    ----------
    Kish (1965), Survey Sampling, section 5.4; Kish (1987), Statistical Design for Research.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> round(hlm.design_effect(0.00648, 894), 1)
    6.8
    """
    if not isinstance(icc_or_fit, Fit):
        return _design_effect(check_number(icc_or_fit, "icc"), n_per_group)
    _check_one_factor(icc_or_fit)
    rho = icc(icc_or_fit)
    sizes = np.bincount(icc_or_fit.frame.factors[0].codes)
    typical = (sizes**2).sum() / sizes.sum() if n_per_group is None else n_per_group
    return _design_effect(rho, float(typical))


def _design_effect(rho: float, size: float | None) -> float:
    if size is None or check_number(size, "n_per_group") < 1:
        raise ModelError(f"n_per_group={size} must be 1 or more: the rows of one group.")
    if not 0 <= rho <= 1:
        raise ModelError(f"The intraclass correlation is {rho}; it must lie between 0 and 1.")
    return 1 + (size - 1) * rho
