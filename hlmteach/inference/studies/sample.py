"""Many drawn samples of one model, the fits that are asked of them, and their p-values."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from hlmteach.engine import laws
from hlmteach.engine.crossprod import Response
from hlmteach.engine.fit import Fit
from hlmteach.engine.rearrange import pooled
from hlmteach.errors import ModelError
from hlmteach.inference.arguments import check_count, generator
from hlmteach.inference.simulation.plan import fix_coefficient, single_level
from hlmteach.inference.simulation.replicates import Refits, batch_size, refit_many
from hlmteach.inference.simulation.simulate import draw

METHODS = {
    "ols": "t with n - p df, clusters ignored",
    "wald_ml": "normal quantiles, ML",
    "wald_reml": "normal quantiles, REML",
    "t": "t with containment df, REML",
    "profile": "profile likelihood, ML",
}


@dataclass(frozen=True)
class Sample:
    """Many drawn samples of one model, with the fits that are asked of them."""

    fit: Fit
    drawn: Response

    @cached_property
    def ml(self) -> Refits:
        """The mixed model by ML."""
        return refit_many(replace(self.fit, reml=False, verb="lmer"), self.drawn)

    @cached_property
    def reml(self) -> Refits:
        """The mixed model by REML."""
        return refit_many(replace(self.fit, reml=True, verb="lmer"), self.drawn)

    @cached_property
    def ols(self) -> Refits:
        """Least squares, clusters ignored."""
        return refit_many(single_level(self.fit), pooled(self.fit.design, self.drawn))

    def refits(self, method: str) -> Refits:
        """The fits that one of `METHODS` takes its estimate and its standard error from."""
        return getattr(self, {"ols": "ols", "wald_ml": "ml", "profile": "ml"}.get(method, "reml"))

    def p_value(self, k: int, value: float, method: str, df: float) -> np.ndarray:
        """P-values (B,) of the hypothesis that coefficient k is `value`."""
        if method == "profile":
            return laws.chi2.sf(self.likelihood_ratio(k, value), 1)
        refits = self.refits(method)
        t = np.abs(refits.fixef[:, k] - value) / refits.se[:, k]
        if method == "ols":
            df = self.fit.n_obs - self.fit.design.p
        return 2 * (laws.t.sf(t, df) if method in ("ols", "t") else laws.norm.sf(t))

    def likelihood_ratio(self, k: int, value: float) -> np.ndarray:
        """Likelihood ratio (equation 27) of the model with coefficient k held at `value`."""
        design, responses = fix_coefficient(self.fit.design, self.drawn, k, value)
        small = refit_many(replace(self.fit, design=design, reml=False, verb="lmer"), responses)
        return np.maximum(2 * (self.ml.loglik - small.loglik), 0.0)


def draws(fit: Fit, n: int, seed) -> Iterator[Sample]:
    """N samples of the model, in parts small enough to work on."""
    rng, step = generator(seed), batch_size(fit.design)
    for start in range(0, check_count(n, "n"), step):
        yield Sample(fit, draw(fit, min(step, n - start), rng))


def check_methods(methods) -> tuple[str, ...]:
    """The methods as a tuple, each of them known."""
    methods = (methods,) if isinstance(methods, str) else tuple(methods)
    for method in methods:
        if method not in METHODS:
            raise ModelError(f"The method {method!r} is not known. Use {', '.join(METHODS)}.")
    return methods
