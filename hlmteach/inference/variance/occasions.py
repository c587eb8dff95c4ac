"""How the answers of one person at several occasions spread and go together."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hlmteach.engine.fit import Fit


@dataclass(frozen=True)
class Occasions:
    """Standard deviations (K,) and correlations (K, K) of the outcome at K occasions."""

    times: np.ndarray
    sd: np.ndarray
    corr: np.ndarray


def implied(fit: Fit, times) -> Occasions:
    """What a fitted model says of the outcome at each time, and of each pair of times.

    With rows z' = (1, time), or (1), the answers of one person have the covariance
    V = Z Sigma Z' + sigma^2 I (equation 6).

    Parameters
    ----------
    fit : Fit
        With a random intercept per person, and perhaps a random slope of time.
    times : array (K,)

    Returns
    -------
    Occasions

    Examples
    --------
    >>> import hlmteach as hlm
    >>> fit = hlm.lmer("Reaction ~ Days + (Days | Subject)", hlm.load("sleepstudy"))
    >>> moments = implied(fit, [0, 9])
    >>> moments.sd.round(1).tolist(), round(float(moments.corr[0, 1]), 2)
    ([35.6, 65.4], 0.3)
    """
    times = np.asarray(times, float)
    cov = fit.covariances[fit.frame.factors[0].name].cov
    Z = np.column_stack([np.ones_like(times), times])[:, : len(cov)]
    V = Z @ cov @ Z.T + fit.sigma**2 * np.eye(len(times))
    sd = np.sqrt(np.diag(V))
    return Occasions(times, sd, V / np.outer(sd, sd))


def observed(y, times, codes) -> Occasions:
    """The same of the data: one column per occasion, one row per person.

    Examples
    --------
    >>> moments = observed([1.0, 2.0, 2.0, 4.0, 3.0, 3.0], [0, 1] * 3, [0, 0, 1, 1, 2, 2])
    >>> moments.sd.tolist(), round(float(moments.corr[0, 1]), 2)
    ([1.0, 1.0], 0.5)
    """
    wide = pd.DataFrame({"y": y, "t": times, "who": codes}).pivot(
        index="who", columns="t", values="y"
    )
    return Occasions(wide.columns.to_numpy(float), wide.std().to_numpy(), wide.corr().to_numpy())
