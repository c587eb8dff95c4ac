"""The log-likelihood of the simplest model, one mean and one sd, and the way up to its top."""

import numpy as np

from hlmteach.engine.checks import floats
from hlmteach.errors import DataError


def normal_loglik(y, mean, sd) -> np.ndarray:
    r"""Log-likelihood of independent normal observations (equation 8 without groups).

    .. math:: -\tfrac n2 \log(2\pi\sigma^2) - \tfrac1{2\sigma^2}\sum_i (y_i - \mu)^2

    Parameters
    ----------
    y : array (n,)
        The outcome.
    mean, sd : float or arrays of one shape
        Where to evaluate; `sd` in the units of y.

    Returns
    -------
    float or ndarray
        One value for each mean and sd.

    Raises
    ------
    DataError
        When y is empty or not finite, or an sd is not positive.

    References
    ----------
    Pinheiro and Bates (2000), Mixed-Effects Models in S and S-PLUS, section 2.2.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> y = hlm.load("HLM")["Satisfaction"]
    >>> round(float(normal_loglik(y, y.mean(), y.std(ddof=0))), 3)
    -3269.945
    """
    y, mean, sd = floats(y, "y"), floats(mean, "mean"), floats(sd, "sd")
    if not y.size or not np.all(np.isfinite(y)):
        raise DataError("The outcome is empty, or holds missing or infinite values.")
    if not np.all(sd > 0):
        raise DataError(f"A standard deviation must be positive; it is {np.min(sd):g}.")
    if 1 < mean.size != sd.size > 1:
        raise DataError(f"There are {mean.size} means for {sd.size} sds. Give as many of each.")
    squares = ((y - y.mean()) ** 2).sum() + len(y) * (y.mean() - mean) ** 2
    return -len(y) / 2 * np.log(2 * np.pi * sd**2) - squares / (2 * sd**2)


def climb(y, mean: float, sd: float, steps: int = 12) -> np.ndarray:
    """Return the points (mean, sd) of a climb to the maximum of `normal_loglik`: (m, 2).

    Each step goes uphill by Fisher scoring, halved while it would lead down; the last point is the
    maximum: the mean, and the sd with n below the root.
    """
    y = np.asarray(y, float)
    path = [(mean, sd)]
    for _ in range(steps):
        mean, sd = _one_step(y, *path[-1])
        path.append((mean, sd))
    return np.array([*path, (y.mean(), y.std())])


def _one_step(y, mean, sd):
    """Half of the scoring step in the mean and in log sd, so that the eye can follow."""
    up_mean = y.mean() - mean
    up_log = 0.5 * (((y - mean) ** 2).mean() / sd**2 - 1)
    size, loglik = 0.5, normal_loglik(y, mean, sd)
    while size > 1e-6:
        stepped = mean + size * up_mean, sd * np.exp(size * np.clip(up_log, -1, 1))
        if normal_loglik(y, *stepped) >= loglik:
            return stepped
        size /= 2
    return mean, sd
