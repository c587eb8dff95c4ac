"""The whole profile of each parameter, for zeta plots: `profile`."""

from dataclasses import dataclass
from numbers import Real

import numpy as np
import pandas as pd
from scipy.special import ndtri

from hlmteach.engine.fit import Fit, fit_method
from hlmteach.engine.laws import chi2
from hlmteach.engine.progress import Progress
from hlmteach.errors import ModelError
from hlmteach.inference.intervals.levels import choose, percents, tails_of
from hlmteach.inference.profiling.coordinates import Parameter, parameters, values_of
from hlmteach.inference.profiling.limits import by_ml, check_optimum, limits, origin_of, search_for
from hlmteach.inference.profiling.walk import walk


@dataclass(frozen=True, repr=False)
class Profile:
    """The profile likelihood of each parameter of a fit.

    `table` has a row per point: parameter, value, zeta, deviance, and in further columns, by name,
    what every parameter is there (its profile trace). `fit` is the fit by ML, `chosen` are the
    parameters.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model = hlm.lmer("Yield ~ 1 + (1 | Batch)", data=hlm.load("Dyestuff2"), REML=False)
    >>> profile = hlm.profile(model, parm=".sig01")
    >>> profile.table[["value", "zeta"]].iloc[0].tolist()
    [0.0, 0.0]
    """

    fit: Fit
    chosen: tuple[Parameter, ...]
    table: pd.DataFrame

    def __repr__(self) -> str:
        names = ", ".join(p.name for p in self.chosen)
        return f"Profile of {names}: {len(self.table)} points in .table"

    def interval(self, level: float = 0.95, alpha_lower=None) -> pd.DataFrame:
        """Exact limits, as `confint` solves for them.

        Parameters
        ----------
        level : float
            Between 0 and 1.
        alpha_lower : float, optional
            The probability left out below, if not half of it.

        Returns
        -------
        DataFrame
            As by `hlm.confint`.

        Examples
        --------
        >>> import hlmteach as hlm
        >>> model = hlm.lmer("Yield ~ 1 + (1 | Batch)", data=hlm.load("Dyestuff2"), REML=False)
        >>> hlm.profile(model, parm=".sig01").interval().round(7).iloc[0].tolist()
        [0.0, 2.0840479]
        """
        tails = tails_of(level, alpha_lower)
        z = ndtri(tails)
        return self._frame(limits(self.fit, list(self.chosen), (-z[0], z[1])), tails)

    def interpolated(self, level: float = 0.95, alpha_lower=None) -> pd.DataFrame:
        """Limits read off the table by splines, as lme4 reads them off the same points.

        Parameters
        ----------
        level : float
            Between 0 and 1.
        alpha_lower : float, optional
            The probability left out below, if not half of it.

        Returns
        -------
        DataFrame
            As by `hlm.confint`.

        Examples
        --------
        >>> import hlmteach as hlm
        >>> model = hlm.lmer("Satisfaction ~ 1 + (1|Time)", data=hlm.load("HLM"), REML=False)
        >>> hlm.profile(model, parm=".sig01").interpolated().round(7).iloc[0].tolist()
        [0.0267156, 0.2084871]
        """
        tails = tails_of(level, alpha_lower)
        return self._frame(self.read(ndtri(tails)), tails)

    def read(self, z) -> np.ndarray:
        """The interpolated values of the parameters at given zetas.

        Parameters
        ----------
        z : array (k,)
            Zetas, rising; 0 is the estimate.

        Returns
        -------
        ndarray (P, k)
            A row per parameter; the end of its range where the profile never is that high.

        Examples
        --------
        >>> import hlmteach as hlm
        >>> model = hlm.lmer("Satisfaction ~ 1 + (1|Time)", data=hlm.load("HLM"), REML=False)
        >>> hlm.profile(model, parm="(Intercept)").read([-1.96, 0, 1.96]).round(3).tolist()
        [[4.979, 5.093, 5.208]]
        """
        return np.array([self._read(p, z) for p in self.chosen])

    def _frame(self, rows, tails) -> pd.DataFrame:
        return pd.DataFrame(rows, [p.name for p in self.chosen], percents(tails))

    def _read(self, p: Parameter, z) -> np.ndarray:
        """A natural spline of zeta by value, turned round with the slopes it has at the points."""
        from scipy.interpolate import CubicHermiteSpline, CubicSpline

        low, high = p.to_value(np.array(p.domain))
        ends = np.where(np.asarray(z) < 0, low, high)
        points = self.table[self.table["parameter"] == p.name]
        value, zeta = points["value"].to_numpy(), points["zeta"].to_numpy()
        if len(value) < 4:
            return ends
        slope = CubicSpline(value, zeta, bc_type="natural")(value, 1)
        if np.all(np.diff(zeta) > 0) and np.all(slope > 0):
            values = CubicHermiteSpline(zeta, value, 1 / slope, extrapolate=False)(z)
        else:
            values = np.interp(z, zeta, value, np.nan, np.nan)
        return np.where(np.isnan(values), ends, values)


@fit_method
def profile(fit: Fit, parm=None, z_max: float | None = None, verbose: bool = True) -> Profile:
    """The profile likelihood of each parameter, point by point.

    zeta(v) = sign(v - estimate) sqrt(d(v) - d_min), equation 29; a straight line would be a
    quadratic likelihood. As in lme4 the likelihood is ML's, also for a fit by REML, and points are
    about z_max / 8 apart in zeta.

    Parameters
    ----------
    fit : Fit
    parm : str or list of str, optional
        Which parameters, as in `confint`.
    z_max : float, optional
        How far to go, in zeta; lme4's choice is the square root of chi-square's 99 % point on as
        many degrees of freedom as there are parameters.
    verbose : bool
        Whether work of more than two seconds shows how far it is.

    Returns
    -------
    Profile
        `.table`: parameter, value, zeta, deviance, and what each parameter is there;
        `.interval(level, alpha_lower)` and, as lme4 reads them off, `.interpolated(...)`.

    Raises
    ------
    ModelError
        For a parm that the model does not have, a z_max that is no positive number, and a fit
        made by `.at`.

    References
    ----------
    Bates, Maechler, Bolker and Walker (2015), Journal of Statistical Software 67(1), section 5.1.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model = hlm.lmer("Satisfaction ~ 1 + (1|Time)", data=hlm.load("HLM"), REML=False)
    >>> [f"{x:.7f}" for x in hlm.profile(model).interpolated().loc["(Intercept)"]]
    ['4.9785129', '5.2081911']
    """
    check_optimum(fit, "profile")
    if z_max is None:
        z_max = float(np.sqrt(chi2.ppf(0.99, fit.n_params)))
    if not isinstance(z_max, Real) or not 0 < z_max < np.inf:
        raise ModelError(f"z_max={z_max!r} must be a positive number, such as 3.")
    with Progress("Profile", "evaluations", verbose=verbose):
        fit = by_ml(fit)
        chosen = choose(parameters(fit), parm)
        return Profile(fit, tuple(chosen), _table(fit, chosen, z_max))


def limits_at(fit: Fit, zeta) -> dict[str, np.ndarray]:
    """Exact limits of every parameter at many heights of zeta (K,), found together.

    Returns
    -------
    dict of str to array (K, 2)
        By parameter, where its zeta is -zeta and zeta (equation 29).
    """
    fit = by_ml(fit)
    every, zeta = parameters(fit), np.asarray(zeta, float)
    heights = np.repeat(zeta, len(every))
    values = limits(fit, every * len(zeta), (heights, heights)).reshape(len(zeta), len(every), 2)
    return {p.name: values[:, k] for k, p in enumerate(every)}


def _table(fit: Fit, chosen, z_max: float) -> pd.DataFrame:
    """A row per point; none of a correlation with an effect that does not vary."""
    every = parameters(fit)
    chosen = [p for p in chosen if np.isfinite(p.v)]
    if not chosen:
        return pd.DataFrame(columns=["parameter", "value", "zeta", "deviance"])
    search = search_for(fit, chosen)
    se = pd.Series(np.sqrt(np.diag(fit.vcov)), fit.frame.names)
    se = se.reindex([p.name for p in chosen]).to_numpy()
    points = walk(search, origin_of(fit, search, chosen), chosen, se, z_max)
    parts = [_of_one(fit, every, search, points, k, p) for k, p in enumerate(chosen)]
    return pd.concat(parts, ignore_index=True)


def _of_one(fit: Fit, every, search, points, k: int, p: Parameter) -> pd.DataFrame:
    at = points.take(points.which == k)
    search = search.take(at.which)
    theta, log_sigma, _ = search.psi(at.x, at.v)
    beta = search.value(at.x, at.v).beta
    head = pd.DataFrame({"parameter": p.name, "value": at.value, "zeta": at.zeta})
    head["deviance"] = fit.deviance + at.zeta**2
    others = values_of(fit, every, p, theta, log_sigma, beta)
    return head.join(pd.DataFrame(others, columns=[q.name for q in every]))
