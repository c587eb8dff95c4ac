"""An interaction taken apart: simple slopes, and where a slope differs from zero."""

import re
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.stats import norm

from hlmteach.engine.fit import Fit, fit_method
from hlmteach.engine.frame import check_columns
from hlmteach.engine.newrows import new_rows
from hlmteach.errors import ModelError
from hlmteach.inference.arguments import check_fit, check_share


@fit_method
def simple_slopes(fit: Fit, x: str, moderator: str, at=None, confidence: float = 0.95):
    """The slope of x at chosen values of a moderator, beta_x + beta_xm m (equation 36).

    Parameters
    ----------
    fit : Fit
        Whose fixed part holds x times moderator, as "y ~ x * moderator".
    x : str
        A numeric predictor.
    moderator : str
        The other one; numeric or categorical.
    at : sequence or None
        Values of the moderator; None for its mean and one standard deviation on each side, or for
        all its categories.
    confidence : float
        Of the Wald intervals.

    Returns
    -------
    DataFrame
        A row a value: the moderator, slope, se, z, p, lower, upper.

    Raises
    ------
    ModelError
        When the two do not interact, or x also enters in another way.

    References
    ----------
    Aiken and West (1991), Multiple Regression: Testing and Interpreting Interactions, chapter 2.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model5 = hlm.lmer("Satisfaction ~ NPD * BPD + (1|Time)", hlm.load("HLM"), REML=False)
    >>> hlm.simple_slopes(model5, "NPD", "BPD", at=[0, 44.8])["slope"].round(3).abs().to_list()
    [0.154, 0.0]
    """
    _check_interaction(check_fit(fit, "simple_slopes"), x, moderator)
    values = _default_values(fit, moderator) if at is None else list(np.atleast_1d(at))
    if not values:
        raise ModelError(f"at={at!r} holds no value of {moderator!r}. Give one, or leave it out.")
    L = _slope_weights(fit, x, moderator, values)
    slope = L @ fit.fixef.to_numpy()
    se = np.sqrt(np.einsum("np,pq,nq->n", L, _variance(fit), L))
    half = norm.ppf((1 + check_share(confidence, "confidence")) / 2) * se
    return pd.DataFrame(
        {
            moderator: values,
            "slope": slope,
            "se": se,
            "z": slope / se,
            "p": 2 * norm.sf(np.abs(slope / se)),
            "lower": slope - half,
            "upper": slope + half,
        }
    )


@dataclass(frozen=True, repr=False)
class JohnsonNeyman:
    """Where the slope of `x` over a numeric `moderator` is 0, and where it differs from 0.

    `zero` is the moderator's value at which the slope is 0; `limits` are the values (none, one or
    two) at which its interval touches 0; `significant` the runs of the moderator, some of them
    endless, over which it does not hold 0. `seen` is the moderator's range in the data, `level`
    the confidence at each value. The slope is `slope_at_0` + `change` m, and its variance
    `variance`[0] + 2 m `variance`[1] + m^2 `variance`[2] (equation 36).

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model5 = hlm.lmer("Satisfaction ~ NPD * BPD + (1|Time)", hlm.load("HLM"), REML=False)
    >>> hlm.johnson_neyman(model5, "NPD", "BPD")
    The slope of NPD is 0 at BPD = 44.8; it differs from 0 (95 % pointwise) over (-inf, 30.9) and
    (62.6, inf). In the data BPD runs from 0 to 128.
    """

    x: str
    moderator: str
    slope_at_0: float
    change: float
    variance: tuple[float, float, float]
    level: float
    zero: float
    limits: tuple[float, ...]
    significant: tuple[tuple[float, float], ...]
    seen: tuple[float, float]

    def band(self, values) -> pd.DataFrame:
        """The slope with its interval at values of the moderator.

        Parameters
        ----------
        values : array (k,)
            Of the moderator.

        Returns
        -------
        DataFrame
            The moderator, slope, lower, upper; a row a value.

        Examples
        --------
        >>> import hlmteach as hlm
        >>> model5 = hlm.lmer("Satisfaction ~ NPD * BPD + (1|Time)", hlm.load("HLM"), REML=False)
        >>> hlm.johnson_neyman(model5, "NPD", "BPD").band([0.0]).round(3)
           BPD  slope  lower  upper
        0  0.0  0.154  0.095  0.212
        """
        m = np.asarray(values, float)
        slope = self.slope_at_0 + self.change * m
        half = norm.ppf((1 + self.level) / 2) * np.sqrt(_quadratic(self.variance, m))
        columns = {"slope": slope, "lower": slope - half, "upper": slope + half}
        return pd.DataFrame({self.moderator: m, **columns})

    def __repr__(self) -> str:
        runs = " and ".join(f"({low:.3g}, {high:.3g})" for low, high in self.significant)
        return (
            f"The slope of {self.x} is 0 at {self.moderator} = {self.zero:.3g}; it differs from 0 "
            f"({100 * self.level:g} % pointwise) over {runs or 'no values'}. In the data "
            f"{self.moderator} runs from {self.seen[0]:.3g} to {self.seen[1]:.3g}."
        )


@fit_method
def johnson_neyman(fit: Fit, x: str, moderator: str, level: float = 0.95) -> JohnsonNeyman:
    """Values of a moderator at which the slope of x differs from 0 (equation 36).

    They solve (beta_x + beta_xm m)^2 = z^2 (v_x + 2 m v_x,xm + m^2 v_xm).

    Parameters
    ----------
    fit : Fit
        Whose fixed part holds x times moderator, both numeric.
    x, moderator : str
        The two predictors.
    level : float
        The confidence of the interval at each single value.

    Returns
    -------
    JohnsonNeyman
        zero, limits, significant, seen; `band(values)` for a plot.

    Raises
    ------
    ModelError
        When the two do not interact, x also enters in another way, or the moderator is not numeric.

    References
    ----------
    Johnson and Neyman (1936), Statistical Research Memoirs 1, 57-93; Bauer and Curran (2005),
    Multivariate Behavioral Research 40, 373-400.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model5 = hlm.lmer("Satisfaction ~ NPD * BPD + (1|Time)", hlm.load("HLM"), REML=False)
    >>> round(hlm.johnson_neyman(model5, "NPD", "BPD").zero, 1)
    44.8
    """
    _check_interaction(check_fit(fit, "johnson_neyman"), x, moderator)
    column = _column(fit, moderator)
    if not pd.api.types.is_numeric_dtype(column):
        raise ModelError(
            f"The moderator {moderator!r} is categorical, so there is no region to find. "
            "hlm.simple_slopes gives the slope in each category."
        )
    here, there, beyond = _slope_weights(fit, x, moderator, [0.0, 1.0, 2.0])
    if not np.allclose(beyond - there, there - here):
        raise ModelError(
            f"The slope of {x!r} is not a straight line in {moderator!r}, so the region has no "
            "such limits. hlm.simple_slopes gives the slope at any values."
        )
    L, beta = np.stack([here, there - here]), fit.fixef.to_numpy()
    slope, change = (float(value) for value in L @ beta)
    V = L @ _variance(fit) @ L.T
    variance = (float(V[0, 0]), float(V[0, 1]), float(V[1, 1]))
    limits = _limits(slope, change, variance, check_share(level, "level"))
    return JohnsonNeyman(
        x,
        moderator,
        slope,
        change,
        variance,
        level,
        -slope / change,
        limits,
        _significant(slope, change, variance, level, limits),
        (float(column.min()), float(column.max())),
    )


def _quadratic(variance, m):
    return variance[0] + 2 * m * variance[1] + m**2 * variance[2]


def _limits(slope, change, variance, level) -> tuple[float, ...]:
    z2 = norm.ppf((1 + level) / 2) ** 2
    a = change**2 - z2 * variance[2]
    b = slope * change - z2 * variance[1]
    c = slope**2 - z2 * variance[0]
    roots = np.roots([a, 2 * b, c])
    return tuple(sorted(float(root.real) for root in roots if abs(root.imag) < 1e-12))


def _significant(slope, change, variance, level, limits) -> tuple[tuple[float, float], ...]:
    """The runs between the limits over which the interval does not hold 0."""
    edges = [-np.inf, *limits, np.inf]
    z = norm.ppf((1 + level) / 2)
    found = []
    for low, high in pairwise(edges):
        m = _inside(low, high)
        if abs(slope + change * m) > z * np.sqrt(_quadratic(variance, m)):
            found.append((float(low), float(high)))
    return tuple(found)


def _inside(low: float, high: float) -> float:
    """A value between two limits, either of which may be endless."""
    if np.isfinite(low) and np.isfinite(high):
        return (low + high) / 2
    if np.isfinite(low):
        return low + 1 + abs(low)
    return high - 1 - abs(high) if np.isfinite(high) else 0.0


def _variance(fit: Fit) -> np.ndarray:
    """Covariance of beta by the convention of the fit's standard errors."""
    return fit._se_factor**2 * fit.vcov.to_numpy()


def _column(fit: Fit, name: str) -> pd.Series:
    return fit.frame.data[name].iloc[fit.frame.rows]


def _slope_weights(fit: Fit, x: str, moderator: str, values) -> np.ndarray:
    """L (values, p) with L beta the slopes of x: what one unit of x changes in X."""
    rows = pd.concat([fit.frame.data.iloc[fit.frame.rows[:1]]] * len(values), ignore_index=True)
    rows[moderator] = pd.Series(values, index=rows.index)
    low, high = (new_rows(fit.frame, rows.assign(**{x: value}), groups=False).X for value in (0, 1))
    return high - low


def _default_values(fit: Fit, moderator: str) -> list:
    column = _column(fit, moderator)
    if not pd.api.types.is_numeric_dtype(column):
        return list(column.astype("category").cat.remove_unused_categories().cat.categories)
    mean, sd = float(column.mean()), float(column.std())
    return [mean - sd, mean, mean + sd]


def _check_interaction(fit: Fit, x: str, moderator: str) -> None:
    check_columns([x, moderator], fit.frame.data)
    terms = [{str(factor) for factor in term.factors} for term in fit.frame.fixed_spec.terms]
    with_x = [term for term in terms if any(_mentions(factor, x) for factor in term)]
    bare = {x, f"`{x}`"}
    others = [term - bare for term in with_x if term & bare]
    simple = len(others) == len(with_x) and all(
        len(rest) <= 1 and all(_mentions(factor, moderator) for factor in rest) for rest in others
    )
    if not simple:
        raise ModelError(
            f"{x!r} enters this model in other ways than as itself and times {moderator!r}, so its "
            "slope has no single value there. Fit 'y ~ x * moderator + ...'."
        )
    if not any(rest for rest in others):
        raise ModelError(
            f"There is no interaction of {x!r} with {moderator!r} in {fit.formula!r}. "
            f"Write {x} * {moderator} in the formula."
        )


def _mentions(factor: str, name: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", factor) is not None
