"""Where the variance lies: intraclass correlation, design effect, R2, shrinkage."""

from hlmteach.engine.fit import Fit, fit_model
from hlmteach.errors import ModelError


def icc(
    fit: Fit | None = None,
    *,
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
    if fit is None:
        fit, group = _empty_model(outcome, group, data, method), None
    between = intercept_variances(fit)
    chosen = _chosen(between, group)
    total = sum(between.values()) + fit.sigma**2
    return float(between[chosen] / total)


def _empty_model(outcome, group, data, method: str) -> Fit:
    if outcome is None or group is None or data is None:
        raise ModelError(
            "icc() needs a fitted model, or outcome=, group= and data=, as in "
            "hlm.icc(outcome='Satisfaction', group='Time', data=data)."
        )
    if method not in ("ML", "REML"):
        raise ModelError(f"method={method!r} is not known. Write method='ML' or method='REML'.")
    formula = f"{_quoted(outcome)} ~ 1 + (1 | {_quoted(group)})"
    return fit_model(formula, data, reml=method == "REML")


def _quoted(column: str) -> str:
    """A column's name as a formula takes it."""
    return column if column.isidentifier() else f"`{column}`"


def intercept_variances(fit: Fit) -> dict[str, float]:
    """Each factor's variance of the intercepts.

    Raises
    ------
    ModelError
        For a model without random effects, or with random slopes.
    """
    if not fit.frame.factors:
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
