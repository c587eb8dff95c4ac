"""The law of a likelihood ratio when the smaller model is true, found by simulation."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from hlmteach.engine import laws
from hlmteach.engine.fit import Fit
from hlmteach.engine.progress import Progress
from hlmteach.engine.rearrange import pooled
from hlmteach.errors import ModelError
from hlmteach.inference.arguments import check_count, check_fit, check_share, generator
from hlmteach.inference.comparison.compare import ZERO_RATIO, mixture
from hlmteach.inference.comparison.nesting import check_comparable, step_between
from hlmteach.inference.simulation.plan import single_level
from hlmteach.inference.simulation.replicates import batch_size, refit_many
from hlmteach.inference.simulation.simulate import draw, simulate


@dataclass(frozen=True, repr=False)
class NullLRT:
    """Likelihood ratios of samples in which the smaller model is true: from `hlm.null_lrt`.

    `ratio` (n,) holds one for each simulated sample.

    `df` is how many parameters the larger model has more, `weights` the chi-square mixture by
    degrees of freedom, empty where it is not known, `alpha` the level of the tests.

    Examples
    --------
    The tutorial's Models 1 and 2: three groups give a ratio of 0 in most samples.

    >>> import hlmteach as hlm
    >>> model2 = hlm.lmer("Satisfaction ~ 1 + (1|Time)", hlm.load("HLM"), REML=False)
    >>> law = hlm.null_lrt(model2, n=2000, seed=1)
    >>> law.df, law.weights, round(law.share_zero, 1)
    (1, {0: 0.5, 1: 0.5}, 0.8)
    """

    ratio: np.ndarray
    df: int
    weights: dict[int, float]
    alpha: float

    @property
    def share_zero(self) -> float:
        """How often the larger model gains nothing: the variance is estimated as 0."""
        return float((self.ratio == 0).mean())

    @property
    def critical_value(self) -> float:
        """The ratio that is exceeded in a share alpha of the samples."""
        return float(np.quantile(self.ratio, 1 - self.alpha))

    @property
    def naive_rate(self) -> float:
        """How often the chi-square test on all degrees of freedom rejects at alpha."""
        return float((laws.chi2.sf(self.ratio, self.df) < self.alpha).mean())

    @property
    def mixture_rate(self) -> float:
        """How often the test by the mixture (equation 28) rejects at alpha; nan if not known."""
        if not self.weights:
            return float("nan")
        tails = [w * (laws.chi2.sf(self.ratio, df) if df else 0) for df, w in self.weights.items()]
        # Where the ratio is 0 its p-value is 1, whatever the weight of the chi-square on 0 df.
        return float(((sum(tails) < self.alpha) & (self.ratio > 0)).mean())

    @cached_property
    def rates(self) -> np.ndarray:
        """The three rates and their Monte Carlo standard errors (2, 3), as in `table`."""
        rates, n = np.array([self.share_zero, self.naive_rate, self.mixture_rate]), len(self.ratio)
        p = (rates * n + 1) / (n + 2)
        return np.stack([rates, np.sqrt(p * (1 - p) / n)])

    @property
    def table(self) -> pd.DataFrame:
        """The rates with their Monte Carlo standard errors."""
        events = ["ratio is 0", "naive test rejects", "mixture test rejects"]
        return pd.DataFrame({"event": events, "rate": self.rates[0], "se": self.rates[1]})

    def p_value(self, ratio: float) -> float:
        """The simulated p-value of an observed ratio, which itself counts as one sample.

        Parameters
        ----------
        ratio : float
            A likelihood ratio, as `hlm.lrt(...).ratio`.

        Returns
        -------
        float

        Examples
        --------
        >>> import hlmteach as hlm
        >>> model2 = hlm.lmer("Satisfaction ~ 1 + (1|Time)", hlm.load("HLM"), REML=False)
        >>> hlm.null_lrt(model2, n=2000, seed=1).p_value(12.34079) < 0.001
        True
        """
        return float((1 + (self.ratio >= ratio).sum()) / (1 + len(self.ratio)))

    def __repr__(self) -> str:
        title = f"Likelihood ratio when the smaller model is true ({len(self.ratio)} samples)"
        return f"{title}\n{self.table.to_string(index=False)}"


def null_lrt(
    fit: Fit,
    small: Fit | None = None,
    n: int = 2000,
    alpha: float = 0.05,
    seed=None,
    verbose: bool = True,
) -> NullLRT:
    """Simulate the distribution of a likelihood ratio when the smaller model is true (equation 27).

    A variance of 0 lies at the end of its range, so the ratio is often exactly 0 and the chi-square
    of the textbook is too wide: the naive test rejects too rarely (equation 28).

    Parameters
    ----------
    fit : Fit
        The larger model.
    small : Fit or None
        The smaller model, fitted to the same rows by the same method; None for the larger one
        without any random effects.
    n : int
        Samples drawn from the smaller model.
    alpha : float
        The level of the tests.
    seed : int, numpy Generator or None
        The same seed draws the same samples.
    verbose : bool
        Whether work of more than two seconds shows how far it is.

    Returns
    -------
    NullLRT
        ratio (n,), share_zero, naive_rate, mixture_rate, critical_value, table.

    Raises
    ------
    ModelError
        When the two cannot be compared, or n or alpha is impossible.

    References
    ----------
    Self and Liang (1987), JASA 82, 605-610; Stram and Lee (1994), Biometrics 50, 1171-1177;
    Crainiceanu and Ruppert (2004), JRSS B 66, 165-185, for few groups.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> planned = hlm.plan(n_groups=10, n_per_group=100, beta=0, sd_u=0, reml=False)
    >>> law = hlm.null_lrt(planned, n=10_000, seed=1)
    >>> round(law.share_zero, 2), round(law.naive_rate, 2)
    (0.65, 0.01)
    """
    check_fit(fit, "null_lrt")
    n, alpha = check_count(n, "n"), check_share(alpha, "alpha")
    null = single_level(fit, fit.reml) if small is None else check_fit(small, "null_lrt")
    names = ("the small model", "the large model")
    check_comparable((null, fit), names)
    step = step_between(null, fit, names)
    if not step.df:
        raise ModelError(
            "The two models have equally many parameters, so there is nothing to test. Give the "
            "larger model first, one with random effects or more predictors."
        )
    rng = generator(seed)
    sizes = [min(batch_size(fit.design), n - i) for i in range(0, n, batch_size(fit.design))]
    make = _ratios_without_effects if small is None else _ratios_by_rows
    parts = []
    with Progress("Ratios", "samples", total=n, verbose=verbose) as progress:
        for size in sizes:
            parts.append(make(fit, null, size, rng))
            progress.step(size)
    ratio = np.concatenate(parts)
    return NullLRT(np.where(ratio < ZERO_RATIO, 0.0, ratio), step.df, mixture(step)[0], alpha)


def _ratios_without_effects(fit: Fit, null: Fit, n: int, rng) -> np.ndarray:
    """Ratios by drawn cross-products: the null model is the larger one with every variance 0."""
    truth = replace(
        fit,
        white_theta=np.zeros_like(fit.white_theta),
        solution=replace(fit.solution, beta=null.solution.beta),
        given_sigma=null.sigma,
    )
    r = draw(truth, n, rng)
    small = refit_many(null, pooled(fit.design, r))
    return 2 * (refit_many(fit, r).loglik - small.loglik)


def _ratios_by_rows(fit: Fit, null: Fit, n: int, rng) -> np.ndarray:
    Y = simulate(null, n, rng)
    return 2 * (refit_many(fit, Y).loglik - refit_many(null, Y).loglik)
