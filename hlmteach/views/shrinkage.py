"""What a random-intercept model says of each group, read off a Fit for a picture."""

from dataclasses import dataclass

import numpy as np

from hlmteach.datasets.scenarios import group_means
from hlmteach.engine.fit import Fit
from hlmteach.inference.variance.shrinkage import shares


@dataclass(frozen=True)
class Shrinkage:
    """Groups' own deviations from the overall line, and what the model keeps of them.

    `own` (J,) are means of y - X beta, `u` (J,) the conditional modes (equation 24), and
    `kept` (J,) the shrinkage factors u / own (equation 33): 0 pools all groups, 1 none.
    `overall` is the overall line where all predictors are 0, `sd` the sd of u.
    """

    fit: Fit
    names: tuple[str, ...]
    codes: np.ndarray
    sizes: np.ndarray
    own: np.ndarray
    u: np.ndarray
    kept: np.ndarray
    overall: float
    sd: float


def read_shrinkage(fit: Fit, codes, names) -> Shrinkage:
    """Read a fit with one random intercept, or (by `gls`) with none.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> data = hlm.load("HLM")
    >>> fit = hlm.lme("Satisfaction ~ 1", data, random="~1|Time", method="ML")
    >>> time = data["Time"].cat
    >>> shrinkage = read_shrinkage(fit, time.codes.to_numpy(), time.categories)
    >>> [round(float(v), 3) for v in shrinkage.u], [round(float(v), 2) for v in shrinkage.kept]
    ([-0.086, 0.051, 0.035], [0.87, 0.84, 0.85])
    """
    J = len(names)
    beta = fit.beta
    sizes = np.bincount(codes, minlength=J)
    own = group_means(fit.y - fit.frame.X @ beta, codes, J)
    if fit.frame.factors:
        factor = fit.frame.factors[0].name
        sd = float(fit.covariances[factor].sd[0])
        u = fit.b[factor][:, 0]
        kept = shares(fit, factor)[:, 0]
    else:
        sd, u, kept = 0.0, np.zeros(J), np.zeros(J)
    return Shrinkage(
        fit=fit,
        names=tuple(map(str, names)),
        codes=codes,
        sizes=sizes,
        own=own,
        u=u,
        kept=kept,
        overall=float(beta[0]),
        sd=sd,
    )
