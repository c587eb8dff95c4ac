"""One model by other programs' conventions: where statsmodels stops, and the curve it stops on."""

import warnings
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from hlmteach.engine.fit import Fit
from hlmteach.engine.solve import evaluate
from hlmteach.errors import ModelError, check_installed


@dataclass(frozen=True)
class EngineFit:
    """What one program says of a model with a random intercept.

    `text` is its printout, `notes` are its warnings, `converged` is its own word.
    """

    engine: str
    loglik: float
    aic: float
    sd: float
    sigma: float
    fixef: pd.Series
    se: pd.Series
    text: str
    converged: bool = True
    notes: tuple[str, ...] = ()


def as_printed(fit: Fit, style: str) -> EngineFit:
    """The fit by the conventions of "nlme" or "lme4", standard errors too (equation 5)."""
    own = replace(fit, verb="lme" if style == "nlme" else "lmer")
    sd, text = float(_only_factor(fit).sd[0]), str(own.summary(style=style))
    return EngineFit(
        engine=style,
        loglik=fit.loglik,
        aic=own.aic,
        sd=sd,
        sigma=fit.sigma,
        fixef=own.fixef,
        se=own.se,
        text=text,
    )


def by_statsmodels(fit: Fit, optimiser: str | None = None) -> EngineFit:
    """The same model and rows, fitted afresh by statsmodels' MixedLM.

    Parameters
    ----------
    fit : Fit
        With one random intercept; by ML or REML, which statsmodels then uses too.
    optimiser : str or None
        statsmodels' name for it, as in "powell"; None for its default.

    Returns
    -------
    EngineFit
        With what it says, whether or not that is the maximum.

    Raises
    ------
    ModelError
        For a model that is not one with a single random intercept.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model2 = hlm.lmer("Satisfaction ~ 1 + (1|Time)", hlm.load("HLM"), REML=False)
    >>> theirs = by_statsmodels(model2, "powell")
    >>> round(theirs.loglik, 2), round(theirs.sd, 3)
    (-3263.77, 0.066)
    """
    check_installed("statsmodels", "by_statsmodels()")
    from statsmodels.regression.mixed_linear_model import MixedLM

    _only_factor(fit)
    frame = fit.frame
    names = [name.strip("()") for name in frame.names]
    X, y = pd.DataFrame(frame.X, columns=names), pd.Series(fit.y, name=_outcome(fit))
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="ignore"):
        warnings.simplefilter("always")
        result = MixedLM(y, X, groups=frame.factors[0].codes).fit(reml=fit.reml, method=optimiser)
        text, se = str(result.summary()), np.asarray(result.bse_fe, float)
    notes = tuple(dict.fromkeys(str(one.message) for one in caught))
    return EngineFit(
        engine="statsmodels",
        loglik=float(result.llf),
        aic=float(result.aic),
        sd=float(np.sqrt(result.cov_re.iloc[0, 0])),
        sigma=float(np.sqrt(result.scale)),
        fixef=pd.Series(np.asarray(result.fe_params), list(frame.names)),
        se=pd.Series(se, list(frame.names)),
        text=text,
        converged=bool(result.converged),
        notes=notes,
    )


def likelihood_by_sd(fit: Fit, most: float, points: int = 120) -> tuple[np.ndarray, np.ndarray]:
    """The sd of the random intercept, and the log-likelihood there, all else at its best.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model2 = hlm.lmer("Satisfaction ~ 1 + (1|Time)", hlm.load("HLM"), REML=False)
    >>> sd, loglik = likelihood_by_sd(model2, 0.2)
    >>> round(float(sd[loglik.argmax()]), 2), round(float(loglik.max()), 2)
    (0.07, -3263.77)
    """
    _only_factor(fit)
    steepness = fit.white_theta[0] / fit.theta[0] if fit.theta[0] else 1.0
    theta = np.linspace(0.0, 1.02 * most / fit.sigma, points)
    r = fit.response.take(np.zeros(points, int))
    at = evaluate(fit.design, r, steepness * theta[:, None], fit.reml)
    n = fit.n_obs - fit.design.p if fit.reml else fit.n_obs
    value = at.value + 2 * n * np.log(r.scale)
    value -= 2 * fit.design.log_det_map if fit.reml else 0.0
    return theta * r.scale * np.sqrt(at.pwrss / n), -0.5 * value


def _only_factor(fit: Fit):
    """The covariance of the one random intercept."""
    factors = list(fit.covariances.values())
    if len(factors) != 1 or factors[0].names != ("(Intercept)",):
        raise ModelError(
            f"Programs are compared on one random intercept, as in 'y ~ 1 + (1 | group)'; this "
            f"model is {fit.formula!r}."
        )
    return factors[0]


def _outcome(fit: Fit) -> str:
    return fit.formula.partition("~")[0].strip()
