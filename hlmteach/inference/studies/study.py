"""Studies by simulation: coverage, false positives and power.

One draw of many samples serves them all: each asks for the share of samples whose p-value, by one
method or another, falls below a limit.
"""

from dataclasses import dataclass
from itertools import product
from numbers import Real

import numpy as np
import pandas as pd

from hlmteach.engine.checks import shown
from hlmteach.engine.fit import Fit
from hlmteach.engine.progress import Progress, tick
from hlmteach.errors import ModelError
from hlmteach.inference.arguments import (
    check_count,
    check_fit,
    check_number,
    check_numbers,
    check_share,
    generator,
)
from hlmteach.inference.simulation.plan import contained_df, plan, position
from hlmteach.inference.studies.sample import check_methods, draws


@dataclass(frozen=True, repr=False)
class Study:
    """Shares of `n` simulated samples: what `hlm.power`, `hlm.coverage` and `hlm.type1` return.

    `question` says in words what was counted; `table` has a row for each case: what it is, the
    count, the `rate` and its Monte Carlo `se`.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> study = hlm.type1(n_groups=10, n_per_group=20, icc=0.2, methods="ols", n=500, seed=1)
    >>> study.question, study.n
    ("False positives at 5 % for a group's x, 10 groups", 500)
    """

    question: str
    n: int
    table: pd.DataFrame

    def __repr__(self) -> str:
        return f"{self.question} ({self.n} samples each)\n{self.table.to_string(index=False)}"

    def rate(self, **case) -> float:
        """The rate of the one case named, as in `rate(method="t")`.

        Parameters
        ----------
        **case
            Columns of the table and the value wanted.

        Returns
        -------
        float

        Raises
        ------
        ModelError
            When no row, or more than one, is the case named.

        Examples
        --------
        >>> import hlmteach as hlm
        >>> model2 = hlm.lmer("Satisfaction ~ 1 + (1|Time)", hlm.load("HLM"), REML=False)
        >>> study = hlm.coverage(model2, methods=("wald_ml", "t"), n=4000, seed=1)
        >>> round(study.rate(method="wald_ml"), 2)
        0.78
        """
        rows = self.table
        for name, value in case.items():
            rows = rows[rows[name] == value]
        if len(rows) != 1:
            raise ModelError(f"{len(rows)} rows of the table are {case}; name exactly one.")
        return float(rows["rate"].iloc[0])


def coverage(
    fit: Fit,
    term: str | None = None,
    level: float = 0.95,
    methods=("ols", "wald_ml", "wald_reml", "t", "profile"),
    df: float | None = None,
    n: int = 2000,
    seed=None,
    verbose: bool = True,
) -> Study:
    """How often intervals for a fixed coefficient contain it, in samples drawn from a fitted model.

    An interval covers when the test of the true value does not reject (equations 27 and 30).

    Parameters
    ----------
    fit : Fit
        The truth and the design: a fitted model, `fit.at(...)`, or `hlm.plan(...)`.
    term : str or None
        The coefficient's name; None for the first one.
    level : float
        The nominal coverage.
    methods : sequence of str
        Of "ols" (clusters ignored), "wald_ml", "wald_reml" (normal quantiles), "t" (REML, with `df`
        degrees of freedom), "profile" (profile likelihood by ML).
    df : float or None
        For "t"; None for containment: J less the coefficients that only groups tell.
    n : int
        Samples drawn.
    seed : int, numpy Generator or None
        The same seed draws the same samples.
    verbose : bool
        Whether work of more than two seconds shows how far it is.

    Returns
    -------
    Study
        Whose table has columns method, covered, rate, se.

    Raises
    ------
    ModelError
        For an unknown term or method, or an impossible level or n.

    References
    ----------
    Morris, White and Crowther (2019), Statistics in Medicine 38, 2074-2102, on the Monte Carlo
    standard error.

    Examples
    --------
    Three groups are few (the mean's interval in the tutorial's Model 2):

    >>> import hlmteach as hlm
    >>> model2 = hlm.lmer("Satisfaction ~ 1 + (1|Time)", data=hlm.load("HLM"), REML=False)
    >>> study = hlm.coverage(model2, n=20_000, seed=2)
    >>> [round(study.rate(method=m), 2) for m in ("ols", "wald_ml", "wald_reml", "t")]
    [0.54, 0.78, 0.83, 0.98]
    """
    check_fit(fit, "coverage")
    k = position(fit, fit.frame.names[0] if term is None else term)
    alpha = 1 - check_share(level, "level")
    truth = float(fit.fixef.iloc[k])
    with Progress("Coverage", "samples", total=n, verbose=verbose):
        missed = rejections(fit, k, [truth], check_methods(methods), alpha, df, n, seed)
    rows = [{"method": m, "covered": n - c, **_share(n - c, n)} for (m, _), c in missed.items()]
    name = fit.frame.names[k]
    return Study(f"Coverage of {100 * level:g} % intervals for {name}", n, pd.DataFrame(rows))


def power(
    fit: Fit,
    term: str | None = None,
    effects=None,
    alpha: float = 0.05,
    methods=("t",),
    df: float | None = None,
    n: int = 2000,
    seed=None,
    verbose: bool = True,
) -> Study:
    """How often the test of a fixed coefficient against 0 rejects, by the size of the effect.

    The same samples serve every effect: moving the truth by a multiple of X moves the estimate as
    much, and leaves its standard error.

    Parameters
    ----------
    fit : Fit
        The design and the variances: a fitted model, `fit.at(...)`, or `hlm.plan(...)`.
    term : str
        The coefficient's name.
    effects : float, sequence of float or None
        True values of the coefficient; None for the one of the fit.
    alpha : float
        The level of the test, two-sided.
    methods, df, n, seed, verbose
        As in `hlm.coverage`.

    Returns
    -------
    Study
        Whose table has columns method, effect, rejected, rate, se.

    Raises
    ------
    ModelError
        For an unknown term or method, or an impossible alpha or n.

    References
    ----------
    Gelman and Hill (2007), Data Analysis Using Regression and Multilevel/Hierarchical Models,
    chapter 20.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> planned = hlm.plan(n_groups=20, n_per_group=10, sd_u=0.5, sigma=1, x_sd=(1, 0), seed=2)
    >>> study = hlm.power(planned, "x", effects=(0.0, 0.3, 0.6), n=2000, seed=1)
    >>> [round(study.rate(effect=effect), 1) for effect in (0.0, 0.3, 0.6)]
    [0.1, 0.5, 1.0]
    """
    check_fit(fit, "power")
    k, alpha = position(fit, term), check_share(alpha, "alpha")
    truth = float(fit.fixef.iloc[k])
    effects = check_numbers(truth if effects is None else effects, "effects")
    values = [truth - float(effect) for effect in effects]
    with Progress("Power", "samples", total=n, verbose=verbose):
        counts = rejections(fit, k, values, check_methods(methods), alpha, df, n, seed)
    rows = [
        {"method": m, "effect": float(effects[i]), "rejected": c, **_share(c, n)}
        for (m, i), c in counts.items()
    ]
    return Study(f"Power of the test of {term} at {100 * alpha:g} %", n, pd.DataFrame(rows))


def type1(
    n_groups: int = 20,
    n_per_group=10,
    icc=(0.0, 0.05, 0.2),
    predictor: str = "group",
    alpha: float = 0.05,
    methods=("ols", "wald_reml", "t"),
    n: int = 2000,
    seed=None,
    verbose: bool = True,
) -> Study:
    """How often a predictor without effect is significant, clusters ignored or modelled.

    Parameters
    ----------
    n_groups : int
        J, the number of groups.
    n_per_group : int or sequence of ints
        Rows in each group; several are tried in turn.
    icc : float or sequence of floats
        Share of the variance that lies between groups (equation 25); several are tried in turn.
    predictor : {"group", "row"}
        Whether x is the same for all rows of a group (level 2) or drawn for each row (level 1).
    alpha, methods, n, seed, verbose
        As in `hlm.power`.

    Returns
    -------
    Study
        Whose table has columns n_per_group, icc, method, rejected, rate, se.

    Raises
    ------
    ModelError
        For an unknown method, or an impossible size, icc, alpha or n.

    References
    ----------
    Moulton (1990), Review of Economics and Statistics 72, 334-338.

    Examples
    --------
    With 20 rows in each of 20 groups, an ICC of .2 makes a level-2 predictor "significant" at 5 %
    in nearly half of the samples when the clusters are ignored:

    >>> import hlmteach as hlm
    >>> study = hlm.type1(n_groups=20, n_per_group=20, icc=0.2, n=2000, seed=1)
    >>> round(study.rate(method="ols"), 1), round(study.rate(method="t"), 2)
    (0.4, 0.05)
    """
    if predictor not in ("group", "row"):
        raise ModelError(f"predictor={predictor!r} is not known. Use 'group' or 'row'.")
    methods, alpha = check_methods(methods), check_share(alpha, "alpha")
    rng, rows = generator(seed), []
    cases = list(product(np.atleast_1d(n_per_group).tolist(), np.atleast_1d(icc).tolist()))
    total = check_count(n, "n") * len(cases)
    with Progress("False positives", "samples", total=total, verbose=verbose):
        for size, rho in cases:
            fit = _null_design(n_groups, size, rho, predictor, rng)
            for (m, _), c in rejections(fit, 1, [0.0], methods, alpha, None, n, rng).items():
                case = {"n_per_group": size, "icc": rho, "method": m, "rejected": c}
                rows.append({**case, **_share(c, n)})
    question = f"False positives at {100 * alpha:g} % for a {predictor}'s x, {n_groups} groups"
    return Study(question, n, pd.DataFrame(rows))


def _null_design(n_groups, size, icc, predictor, rng) -> Fit:
    if not isinstance(icc, Real) or not 0 <= icc < 1:
        raise ModelError(
            f"icc={shown(icc)} is a share of variance: it must be from 0 to less than 1."
        )
    x_sd = (1.0, 0.0) if predictor == "group" else (0.0, 1.0)
    sds = {"sd_u": np.sqrt(icc), "sigma": np.sqrt(1 - icc)}
    return plan(n_groups, size, (0.0, 0.0), **sds, x_sd=x_sd, seed=rng)


# -- counting --------------------------------------------------------------------------------


def rejections(fit, k, values, methods, alpha, df, n, seed) -> dict[tuple[str, int], int]:
    """Rejections at alpha in n samples, by method and by index of the values of coefficient k."""
    df = float(contained_df(fit)[k]) if df is None else _check_df(df)
    counts = {(method, i): 0 for method in methods for i in range(len(values))}
    for sample in draws(fit, n, seed):
        for method, i in counts:
            p = sample.p_value(k, values[i], method, df)
            counts[method, i] += int((p < alpha).sum())
        tick("samples", len(sample.drawn))
    return counts


def _check_df(df) -> float:
    if check_number(df, "df") <= 0:
        raise ModelError(f"df={df!r} are degrees of freedom: they must be more than 0.")
    return float(df)


def _share(count: int, n: int) -> dict[str, float]:
    """The rate and its standard error, which is not 0 where the count is 0 or n."""
    p = (count + 1) / (n + 2)
    return {"rate": count / n, "se": float(np.sqrt(p * (1 - p) / n))}
