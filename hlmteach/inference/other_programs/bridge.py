"""To statsmodels and back: the same model there, and whether its optimiser reached the maximum."""

import re
import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hlmteach.engine.fit import Fit, fit_frame, fit_method
from hlmteach.engine.frame import Factor, ModelFrame
from hlmteach.engine.reading.formula import ParsedFormula, RandomTerm
from hlmteach.errors import ModelError, check_installed
from hlmteach.inference.arguments import check_fit

SAME_LOGLIK = 1e-6  # log-likelihood by which statsmodels may differ from our optimum
SHORT_BY = 1e-4  # log-likelihood short of the maximum that counts as stopped short


@fit_method
def to_statsmodels(fit: Fit):
    """The same model as a statsmodels result, at this fit's estimates.

    MixedLM is given our optimum as its start, and it is checked that it stayed there.

    Parameters
    ----------
    fit : Fit
        With one grouping factor and no variance of 0, or with none.

    Returns
    -------
    MixedLMResults or RegressionResults
        By `MixedLM`, or by `OLS` for a fit without groups. Their standard errors and AIC follow
        statsmodels' conventions: its `params` holds variances divided by `scale`, and under REML
        its `aic` and `bic` are nan.

    Raises
    ------
    ModelError
        When statsmodels cannot hold the model (several factors, a singular fit, values that were
        not estimated), or its optimiser left our maximum.

    References
    ----------
    Seabold and Perktold (2010), Proceedings of the 9th Python in Science Conference.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model2 = hlm.lmer("Satisfaction ~ 1 + (1|Time)", hlm.load("HLM"), REML=False)
    >>> round(float(model2.to_statsmodels().llf), 3)
    -3263.775
    """
    _check_bridge(check_fit(fit, "to_statsmodels"))
    check_installed("statsmodels", "to_statsmodels()")
    X = pd.DataFrame(fit.frame.X, columns=list(fit.frame.names))
    y = pd.Series(fit.y, name=fit.frame.formula.outcome)
    if not fit.frame.factors:
        return _ols(y, X)
    result = _mixed(fit, y, X)
    gap = abs(float(result.llf) - fit.loglik)
    if not gap < SAME_LOGLIK:
        raise ModelError(
            f"statsmodels did not stay at this fit's maximum: its log-likelihood is "
            f"{result.llf:.6f} and ours {fit.loglik:.6f}. The fit here stands; use its own methods."
        )
    return result


def _check_bridge(fit: Fit) -> None:
    if len(fit.frame.factors) > 1:
        names = " and ".join(factor.name for factor in fit.frame.factors)
        raise ModelError(
            f"This model has the grouping factors {names}; statsmodels' MixedLM takes one. "
            "Fit it with one factor to take it over."
        )
    if not fit.frame.names:
        raise ModelError(
            "This model has no fixed coefficients, and statsmodels needs at least one. Add the "
            "intercept to take it over."
        )
    if fit.given_sigma is not None:
        raise ModelError(
            "This model was evaluated by .at(), not fitted, and statsmodels would fit it. Take "
            "over the fit itself."
        )
    if fit.is_singular:
        raise ModelError(
            "This fit is singular (a variance is 0, or a correlation is 1 or -1), and statsmodels "
            "inverts the covariance of the random effects. Leave out the effect that does not vary."
        )


def _ols(y, X):
    from statsmodels.api import OLS

    return OLS(y, X).fit()


def _mixed(fit: Fit, y, X):
    from statsmodels.regression.mixed_linear_model import MixedLM, MixedLMParams

    factor = fit.frame.factors[0]
    Z = pd.DataFrame(factor.Z, columns=list(factor.names))
    model = MixedLM(y, X, groups=factor.levels.to_numpy()[factor.codes], exog_re=Z)
    relative = fit.covariances[factor.name].cov / fit.sigma**2
    start = MixedLMParams.from_components(fit.fixef.to_numpy(), cov_re=relative)
    free = MixedLMParams.from_components(np.ones(X.shape[1]), cov_re=_free_covariances(factor))
    with warnings.catch_warnings():
        # It warns of a boundary, or of convergence, wherever it is; whether it stayed is checked.
        warnings.simplefilter("ignore")
        try:
            return model.fit(
                start_params=start,
                reml=fit.reml,
                method="bfgs",
                free=free if len(factor.blocks) > 1 else None,
            )
        except np.linalg.LinAlgError as error:
            raise ModelError(
                f"statsmodels cannot evaluate this model at its maximum ({error}). The fit here "
                "stands; use its own methods."
            ) from None


def _free_covariances(factor: Factor) -> np.ndarray:
    free = np.zeros((factor.q, factor.q))
    for a, b in factor.blocks:
        free[a:b, a:b] = 1.0
    return free


# -- and back --------------------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class StatsmodelsCheck:
    """Whether statsmodels found the maximum: its log-likelihood beside ours.

    `their_loglik` is what statsmodels reports, `at_theirs` what our engine computes at its
    variances, `our_loglik` the maximum, `gap` how far `at_theirs` lies below it, `said_converged`
    its own word. `fit` is our own.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model2 = hlm.lmer("Satisfaction ~ 1 + (1|Time)", hlm.load("HLM"), REML=False)
    >>> check = hlm.from_statsmodels(model2.to_statsmodels())
    >>> round(check.our_loglik, 3), check.stopped_short
    (-3263.775, False)
    """

    fit: Fit
    their_loglik: float
    at_theirs: float
    our_loglik: float
    said_converged: bool

    @property
    def gap(self) -> float:
        """Log-likelihood between its estimates and the maximum."""
        return self.our_loglik - self.at_theirs

    @property
    def stopped_short(self) -> bool:
        """Whether it stopped before the maximum, or reports what is no likelihood at all."""
        return not (self.gap < SHORT_BY and abs(self.their_loglik - self.at_theirs) < SHORT_BY)

    def __repr__(self) -> str:
        message = (
            "said that it converged" if self.said_converged else "said that it did not converge"
        )
        if not self.stopped_short:
            return f"statsmodels reached the maximum, {self.our_loglik:.4f}; it {message}."
        if abs(self.their_loglik - self.at_theirs) >= SHORT_BY or not np.isfinite(
            self.their_loglik
        ):
            return (
                f"statsmodels reports a log-likelihood of {self.their_loglik:.4f}, but at its "
                f"estimates it is {self.at_theirs:.4f}; the maximum is {self.our_loglik:.4f}. It "
                f"{message}."
            )
        return (
            f"statsmodels stopped short: {self.at_theirs:.4f}, which is {self.gap:.2g} below the "
            f"maximum, {self.our_loglik:.4f}. It {message}."
        )


def from_statsmodels(result) -> StatsmodelsCheck:
    """Evaluate a statsmodels MixedLM result by our engine, and say whether it stopped short.

    Parameters
    ----------
    result : MixedLMResults
        With one grouping factor and no variance components (`vc_formula`).

    Returns
    -------
    StatsmodelsCheck
        their_loglik, at_theirs, our_loglik, gap, stopped_short, fit; its repr is a sentence.

    Raises
    ------
    ModelError
        When the result is of another kind.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model = hlm.lmer("Reaction ~ Days + (Days | Subject)", hlm.load("sleepstudy"))
    >>> hlm.from_statsmodels(model.to_statsmodels())
    statsmodels reached the maximum, -871.8141; it said that it converged.
    """
    fit = fit_frame(_frame_of(result), bool(_mixed_model(result).reml))
    return StatsmodelsCheck(
        fit=fit,
        their_loglik=float(result.llf),
        at_theirs=_loglik_at(fit, np.atleast_2d(result.cov_re), float(result.scale)),
        our_loglik=fit.loglik,
        said_converged=bool(result.converged),
    )


def _loglik_at(fit: Fit, cov: np.ndarray, scale: float) -> float:
    """Our log-likelihood at given variances; nan where they are none."""
    sd = np.sqrt(np.clip(np.diag(cov), 0, None))
    if not (np.all(np.isfinite(cov)) and scale > 0):
        return float("nan")
    with np.errstate(invalid="ignore", divide="ignore"):
        corr = np.nan_to_num(cov / np.outer(sd, sd))
    np.fill_diagonal(corr, 1.0)
    return fit.at(sd=sd, corr=np.clip(corr, -1, 1), sigma=float(np.sqrt(scale))).loglik


def _mixed_model(result):
    model = getattr(result, "model", None)
    if not hasattr(model, "exog_re") or not hasattr(result, "cov_re"):
        raise ModelError(
            f"This is a {type(result).__name__}; from_statsmodels takes what MixedLM.fit() returns."
        )
    if model.k_vc or model.k_re == 0:
        raise ModelError(
            "This MixedLM has variance components (vc_formula), which from_statsmodels does not "
            "read. Fit it here: '(1 | a) + (1 | b)' in hlm.lmer."
        )
    return model


def _frame_of(result) -> ModelFrame:
    """A ModelFrame of the arrays that a MixedLM holds."""
    model = _mixed_model(result)
    y, X, Z = (np.asarray(M, float) for M in (model.endog, model.exog, model.exog_re))
    names = tuple(_r_name(str(name)) for name in model.exog_names)
    labels = pd.DataFrame(result.cov_re).index
    effects = tuple(
        "(Intercept)" if np.ptp(column) == 0 else str(label)
        for column, label in zip(Z.T, labels, strict=True)
    )
    groups = pd.Series(model.groups).astype("category")
    codes, levels = groups.cat.codes.to_numpy(np.intp), pd.Index(groups.cat.categories)
    outcome = str(model.endog_names)
    data = pd.DataFrame(X, columns=list(names)).assign(**{outcome: y, "group": groups})
    text = f"{outcome} ~ {' + '.join(model.exog_names)} + ({' + '.join(effects)} | group)"
    parsed = ParsedFormula(
        text=text, outcome=outcome, fixed="X", random=(RandomTerm("Z", ("group",)),)
    )
    factor = Factor(
        name="group",
        columns=("group",),
        codes=codes,
        levels=levels,
        Z=Z,
        names=effects,
        blocks=((0, Z.shape[1]),),
    )
    return ModelFrame(
        formula=parsed,
        y=y,
        X=X,
        names=names,
        factors=(factor,),
        data=data,
        rows=np.arange(len(y)),
        coding=None,
        kept=tuple(range(X.shape[1])),
    )


def _r_name(name: str) -> str:
    """Patsy's name of a coefficient as R writes it: `(Intercept)`, `SexFemale`, `NPD:BPD`."""
    if name == "Intercept":
        return "(Intercept)"
    name = re.sub(r"\bC\((\w+)[^)]*\)\[", r"factor(\1)[", name)
    name = re.sub(r"\[(?:T\.)?([^\]]*?)(?:\.0)?\]", r"\1", name)
    return name.replace(" ** ", "^").replace("**", "^")
