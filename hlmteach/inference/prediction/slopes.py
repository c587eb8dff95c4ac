"""An interaction taken apart: simple slopes, and where a slope differs from zero."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from hlmteach.engine.fit import Fit, fit_method
from hlmteach.engine.laws import t as t_distribution
from hlmteach.engine.newrows import HOME, evaluate_terms
from hlmteach.engine.reading.algebra import names_in
from hlmteach.engine.reading.stored import Levels, read_column
from hlmteach.engine.reading.syntax import Name, deparse
from hlmteach.engine.reading.table import Table, conform, places_of
from hlmteach.errors import ModelError
from hlmteach.inference.arguments import check_fit, check_given, check_share
from hlmteach.inference.coefficients.ddf import reference_of, t_columns
from hlmteach.inference.coefficients.references import Known

SOUGHT = 4000  # values of the moderator between which a limit is sought


@fit_method
def simple_slopes(
    fit: Fit,
    x: str | None = None,
    moderator: str | None = None,
    at=None,
    confidence: float = 0.95,
    ddf: str | None = None,
):
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
        Of the intervals.
    ddf : {None, "satterthwaite", "kenward-roger", "inner-outer"}
        Degrees of freedom of each slope, as in `hlm.contrast`; None for z, which is right for many
        groups.

    Returns
    -------
    DataFrame
        A row per value: the moderator, slope, se, z, p, lower, upper; with ddf the columns df and t
        in the place of z. A moderator called like one of the others stands as "z (moderator)".

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
    check_fit(fit, "simple_slopes")
    example = 'hlm.simple_slopes(fit, "x", "moderator")'
    check_given("simple_slopes", example, x=x, moderator=moderator)
    column, x, moderator = moderator, _named(fit, x), _named(fit, moderator)
    _check_interaction(fit, x, moderator)
    values = _default_values(fit, moderator) if at is None else list(np.atleast_1d(at))
    if not values:
        raise ModelError(f"at={at!r} holds no value of {moderator!r}. Give one, or leave it out.")
    L = _slope_weights(fit, x, moderator, values)
    slope = L @ fit.fixef.to_numpy()
    level = check_share(confidence, "confidence")
    table = t_columns(reference_of(fit, ddf), L, level, slope)
    if ddf is None:
        table = table.rename(columns={"t": "z"}).drop(columns="df")
    table.insert(0, "slope", slope)
    table.insert(0, column if column not in table else f"{column} (moderator)", values)
    return table


@dataclass(frozen=True, repr=False)
class JohnsonNeyman:
    """Where the slope of `x` differs from 0: what `hlm.johnson_neyman` returns.

    `zero` is the moderator's value at which the slope is 0; `limits` are the values (none, one or
    two) at which its interval touches 0; `significant` the ranges of the moderator in which the
    interval does not contain 0, some of them without end. `moderator_range` is the moderator's
    lowest and highest value in the data, `level` the confidence at each value. The slope is
    `slope_at_0` + `change` m, and its variance `variance`[0] + 2 m `variance`[1] +
    m^2 `variance`[2] (equation 36); `quantile` gives, at values of the moderator, that of t or z
    by which its interval is wide.

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
    moderator_range: tuple[float, float]
    quantile: Callable[[np.ndarray], np.ndarray]

    def band(self, values) -> pd.DataFrame:
        """The slope with its interval at values of the moderator.

        Parameters
        ----------
        values : array (k,)
            Of the moderator.

        Returns
        -------
        DataFrame
            The moderator, slope, lower, upper; a row per value.

        Examples
        --------
        >>> import hlmteach as hlm
        >>> model5 = hlm.lmer("Satisfaction ~ NPD * BPD + (1|Time)", hlm.load("HLM"), REML=False)
        >>> hlm.johnson_neyman(model5, "NPD", "BPD").band([0.0]).round(3)
           BPD  slope  lower  upper
        0  0.0  0.154  0.095  0.212
        """
        m = np.asarray(values, float)
        slope, lower, upper = self.interval(m)
        return pd.DataFrame({self.moderator: m, "slope": slope, "lower": lower, "upper": upper})

    def interval(self, m) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What `band` returns without a table: slope, lower and upper limit (k,).

        Parameters
        ----------
        m : array (k,)
            Values of the moderator.

        Returns
        -------
        tuple of array

        Examples
        --------
        >>> import hlmteach as hlm
        >>> model5 = hlm.lmer("Satisfaction ~ NPD * BPD + (1|Time)", hlm.load("HLM"), REML=False)
        >>> region = hlm.johnson_neyman(model5, "NPD", "BPD")
        >>> [round(float(value), 3) for value in region.interval(0.0)]
        [0.154, 0.095, 0.212]
        """
        slope = self.slope_at_0 + self.change * m
        half = self.quantile(m) * np.sqrt(_quadratic(self.variance, m))
        return slope, slope - half, slope + half

    def __repr__(self) -> str:
        lowest, highest = self.moderator_range
        runs = " and ".join(f"({low:.3g}, {high:.3g})" for low, high in self.significant)
        return (
            f"The slope of {self.x} is 0 at {self.moderator} = {self.zero:.3g}; it differs from 0 "
            f"({100 * self.level:g} % pointwise) over {runs or 'no values'}. In the data "
            f"{self.moderator} runs from {lowest:.3g} to {highest:.3g}."
        )


@fit_method
def johnson_neyman(
    fit: Fit,
    x: str | None = None,
    moderator: str | None = None,
    level: float = 0.95,
    ddf: str | None = None,
) -> JohnsonNeyman:
    """Values of a moderator at which the slope of x differs from 0 (equation 36).

    They solve (beta_x + beta_xm m)^2 = z^2 (v_x + 2 m v_x,xm + m^2 v_xm), with t's quantile for z
    where `ddf` names a rule: its degrees of freedom may change with m.

    Parameters
    ----------
    fit : Fit
        Whose fixed part holds x times moderator, both numeric.
    x, moderator : str
        The two predictors.
    level : float
        The confidence of the interval at each single value.
    ddf : {None, "satterthwaite", "kenward-roger", "inner-outer"}
        Degrees of freedom of each slope, as in `hlm.contrast`; None for z, which is right for many
        groups.

    Returns
    -------
    JohnsonNeyman
        zero, limits, significant, moderator_range; `band(values)` for a plot.

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
    check_fit(fit, "johnson_neyman")
    example = 'hlm.johnson_neyman(fit, "x", "moderator")'
    check_given("johnson_neyman", example, x=x, moderator=moderator)
    x, moderator = _named(fit, x), _named(fit, moderator)
    _check_interaction(fit, x, moderator)
    column = fit.frame.table[moderator]
    if isinstance(column, Levels) or column.dtype == bool:
        raise ModelError(
            f"The moderator {moderator!r} is categorical, so there is no region to find. "
            "hlm.simple_slopes gives the slope in each category."
        )
    at_0, at_1, at_2 = _slope_weights(fit, x, moderator, [0.0, 1.0, 2.0])
    if not np.allclose(at_2 - at_1, at_1 - at_0):
        raise ModelError(
            f"The slope of {x!r} is not a straight line in {moderator!r}, so the region has no "
            "such limits. hlm.simple_slopes gives the slope at any values."
        )
    L, beta = np.stack([at_0, at_1 - at_0]), fit.fixef.to_numpy()
    slope, change = (float(value) for value in L @ beta)
    reference = reference_of(fit, ddf)
    V = L @ reference.vcov @ L.T
    variance = (float(V[0, 0]), float(V[0, 1]), float(V[1, 1]))
    quantile = _quantiles(reference, L, check_share(level, "level"))
    range_ = (float(column.min()), float(column.max()))
    limits = _limits(slope, change, variance, quantile, range_)
    return JohnsonNeyman(
        x=x,
        moderator=moderator,
        slope_at_0=slope,
        change=change,
        variance=variance,
        level=level,
        zero=-slope / change,
        limits=limits,
        significant=_significant(slope, change, variance, quantile, limits),
        moderator_range=range_,
        quantile=quantile,
    )


def _quantiles(reference, L, level: float):
    """The quantile of |t| of the slope at m, a function of m; constant where the df are known."""

    def at(m):
        rows = L[0] + np.reshape(m, (-1, 1)) * L[1]
        return t_distribution.ppf((1 + level) / 2, reference.df(rows)).reshape(np.shape(m))

    if isinstance(reference, Known):
        one = float(t_distribution.ppf((1 + level) / 2, reference.df(L).min()))
        return lambda m: np.full(np.shape(m), one)
    return at


def _quadratic(variance, m):
    return variance[0] + 2 * m * variance[1] + m**2 * variance[2]


def _limits(slope, change, variance, quantile, range_) -> tuple[float, ...]:
    """Where the interval touches 0, sought over the angle u of m = zero + range tan(u).

    What is compared is taken cos(u) times, so that it is finite for an endless m too.
    """
    from scipy.optimize import brentq

    zero, size = -slope / change, (range_[1] - range_[0]) or 1.0
    at_zero = _quadratic(variance, zero), variance[1] + zero * variance[2]

    def room(u):
        c, s = np.cos(u), size * np.sin(u)
        spread = at_zero[0] * c**2 + 2 * c * s * at_zero[1] + s**2 * variance[2]
        return np.abs(change * s) - quantile(zero + s / c) * np.sqrt(spread)

    u = np.linspace(-np.pi / 2, np.pi / 2, SOUGHT)
    signs = np.sign(room(u))
    turns = np.flatnonzero(signs[1:] != signs[:-1])
    roots = [brentq(room, u[i], u[i + 1], xtol=1e-15, rtol=1e-14) for i in turns]
    return tuple(float(zero + size * np.tan(root)) for root in roots)


def _significant(slope, change, variance, quantile, limits) -> tuple[tuple[float, float], ...]:
    """The runs between the limits over which the interval does not hold 0."""
    edges = [-np.inf, *limits, np.inf]
    runs = []
    for low, high in pairwise(edges):
        m = _inside(low, high)
        if abs(slope + change * m) > quantile(m) * np.sqrt(_quadratic(variance, m)):
            runs.append((float(low), float(high)))
    return tuple(runs)


def _inside(low: float, high: float) -> float:
    """A value between two limits, either of which may be endless."""
    if np.isfinite(low) and np.isfinite(high):
        return (low + high) / 2
    if np.isfinite(low):
        return low + 1 + abs(low)
    return high - 1 - abs(high) if np.isfinite(high) else 0.0


def _named(fit: Fit, name) -> str:
    """A predictor by the name that the formula gives it: 2024 is '2024', é is e with an accent."""
    form = unicodedata.normalize("NFC", str(name))
    names = fit.frame.formula.predictors if fit.frame.coding else ()
    spelt_so = [known for known in names if unicodedata.normalize("NFC", known) == form]
    if not spelt_so and isinstance(fit.frame.data, pd.DataFrame):
        places_of([str(name)], fit.frame.data)  # names what is there, if it is no column
    return str(name) if str(name) in spelt_so or not spelt_so else spelt_so[0]


def _slope_weights(fit: Fit, x: str, moderator: str, values) -> np.ndarray:
    """L (values, p) with L beta the slopes of x: what one unit of x changes in X."""
    k, frame = len(values), fit.frame
    columns = frame.table.take(np.zeros(k, np.intp)).columns
    columns[moderator] = read_column(pd.Series(list(values)), moderator)
    rows = (Table({**columns, x: np.full(k, value)}, {}, k) for value in (0.0, 1.0))
    low, high = (
        evaluate_terms(frame.coding, conform(table, frame.table, HOME), HOME) for table in rows
    )
    return (high - low)[:, list(frame.kept)]


def _default_values(fit: Fit, moderator: str) -> list:
    column = fit.frame.table[moderator]
    if isinstance(column, Levels):
        return column.values.tolist()
    if column.dtype == bool:
        return [False, True]
    mean, sd = float(column.mean()), float(column.std(ddof=1))
    return [mean - sd, mean, mean + sd]


def _check_interaction(fit: Fit, x: str, moderator: str) -> None:
    if fit.frame.coding is None:
        raise ModelError("This model was made from arrays. Fit it by a formula to take it apart.")
    side = fit.frame.coding.side
    terms = [[side.variables[i] for i in side.members(term)] for term in side.terms]
    with_x = [term for term in terms if any(x in names_in(variable) for variable in term)]
    others = [[v for v in term if v != Name(x)] for term in with_x if Name(x) in term]
    simple = len(others) == len(with_x) and all(
        len(rest) <= 1 and all({moderator} == set(names_in(v)) for v in rest) for rest in others
    )
    if not simple:
        raise ModelError(
            f"{x!r} enters this model in other ways than as itself and times {moderator!r}, so its "
            "slope has no single value there. Fit 'y ~ x * moderator + ...'."
        )
    if not any(rest for rest in others):
        raise ModelError(
            f"There is no interaction of {x!r} with {moderator!r} in {fit.formula!r}. "
            f"Write {deparse(Name(x))} * {deparse(Name(moderator))} in the formula."
        )
    if isinstance(fit.frame.table[x], Levels):
        raise ModelError(
            f"{x!r} is categorical, so it has no slope. Name the numeric one of the two first."
        )
