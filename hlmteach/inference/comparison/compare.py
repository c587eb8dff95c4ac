"""Comparing fits: likelihood ratios, on the boundary too, and information criteria."""

import warnings
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pandas as pd

from hlmteach.engine.fit import Fit
from hlmteach.engine.laws import chi2
from hlmteach.errors import HLMWarning, ModelError
from hlmteach.inference.arguments import check_fit
from hlmteach.inference.comparison.nesting import Step, check_comparable, step_between

LOWER_BY_ROUNDING = 1e-6  # a larger model's -2 logLik may be higher by this, by rounding
ZERO_RATIO = 1e-7  # a likelihood ratio below this is none

INSIDE_NOTE = "No variance is tested on its boundary: chi-square, as it stands."
BOUNDARY_NOTE = (
    "A variance is tested on its boundary, 0: half of chi-square on one df less, half on all."
)
UNKNOWN_NOTE = (
    "Several variances are tested on their boundary at once: the weights of the mixture depend on "
    "the design, and are not known. The naive p is too large; hlm.null_lrt simulates the right one."
)


@dataclass(frozen=True, repr=False)
class LikelihoodRatio:
    """The likelihood ratio test of a small model within a large one.

    `weights` are those of the chi-square mixture by their degrees of freedom; empty, and
    `p_mixture` nan, where they are not known. `note` says which case it is.
    """

    ratio: float
    df: int
    p_naive: float
    p_mixture: float
    weights: dict[int, float] = field(default_factory=dict)
    note: str = ""

    @property
    def on_boundary(self) -> bool:
        """Whether a variance is tested against 0."""
        return self.note != INSIDE_NOTE

    def __repr__(self) -> str:
        by = f"p = {self.p_naive:.4g} by chi-square"
        if self.weights and self.on_boundary:
            by += f", {self.p_mixture:.4g} by the mixture"
        return f"Likelihood ratio {self.ratio:.6g} on {self.df} df: {by}. {self.note}"


def lrt(small: Fit, large: Fit | None = None) -> LikelihoodRatio:
    """Likelihood ratio test of a small model within a large one (equation 27).

    Where one variance is tested against 0, the end of its range, the ratio follows half a
    chi-square with one degree of freedom less and half one with all (equation 28).

    Parameters
    ----------
    small, large : Fit
        Both by ML, or both by REML with the same fixed effects; `small` a special case.

    Returns
    -------
    LikelihoodRatio
        ratio, df, p_naive, p_mixture, weights, note. p_mixture is nan where several variances
        come in at once: the weights then depend on the design. It is right for many groups, and
        where the variances that `small` has itself are not 0.

    Raises
    ------
    ModelError
        When the two cannot be compared, or are not nested, with the reason.

    References
    ----------
    Self and Liang (1987), JASA 82, 605-610; Stram and Lee (1994), Biometrics 50, 1171-1177.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> data = hlm.load("HLM")
    >>> model1 = hlm.gls("Satisfaction ~ 1", data=data, method="ML")
    >>> model2 = hlm.lme("Satisfaction ~ 1", data=data, random="~1|Time", method="ML")
    >>> test = hlm.lrt(model1, model2)
    >>> round(test.ratio, 5), round(test.p_naive, 4), round(test.p_mixture, 4)
    (12.34079, 0.0004, 0.0002)
    >>> test
    Likelihood ratio 12.3408 on 1 df: p = 0.0004432 by chi-square, 0.0002216 by the mixture.
    A variance is tested on its boundary, 0: half of chi-square on one df less, half on all.
    """
    names = ("the small model", "the large model")
    check_fit(small, "lrt"), check_fit(large, "lrt")
    check_comparable((small, large), names)
    if large.n_params <= small.n_params:
        raise ModelError(
            f"The large model has {large.n_params} parameters and the small one "
            f"{small.n_params}. Give the model with fewer parameters first."
        )
    return _ratio_test(small, large, names)


def _ratio_test(small: Fit, large: Fit, names) -> LikelihoodRatio:
    step = step_between(small, large, names)
    ratio = _ratio(small, large, names)
    naive = float(chi2.sf(ratio, step.df))
    weights, note = mixture(step)
    p = mixture_p(ratio, weights) if weights else float("nan")
    return LikelihoodRatio(
        ratio=ratio, df=step.df, p_naive=naive, p_mixture=p, weights=weights, note=note
    )


def _ratio(small: Fit, large: Fit, names) -> float:
    ratio = 2 * (large.loglik - small.loglik)
    if ratio < -LOWER_BY_ROUNDING:
        warnings.warn(
            f"{names[1]} has more parameters than {names[0]} but a lower log-likelihood "
            f"({large.loglik:.6f} against {small.loglik:.6f}), so it is not at its maximum. "
            "Fit it again; the test means nothing.",
            HLMWarning,
            stacklevel=2,
        )
        return float(ratio)
    return 0.0 if ratio < ZERO_RATIO else float(ratio)


def mixture(step: Step) -> tuple[dict[int, float], str]:
    """The weights of the chi-square mixture by degrees of freedom, and what they are."""
    if step.joint or step.boundary > 1:
        return {}, UNKNOWN_NOTE
    if step.boundary == 1:
        return {step.df - 1: 0.5, step.df: 0.5}, BOUNDARY_NOTE
    return {step.df: 1.0}, INSIDE_NOTE


def mixture_p(ratio: float, weights: dict[int, float]) -> float:
    """P(mixture >= ratio); chi-square on 0 df is exactly 0."""
    tails = {df: chi2.sf(ratio, df) if df else float(ratio <= 0) for df in weights}
    return float(sum(weight * tails[df] for df, weight in weights.items()))


def compare(fits, names, test: bool = True) -> pd.DataFrame:
    """One row per fit: Model, df, AIC, BIC, logLik, and the test of each against the one before.

    The column p-mixture is there when a step tests a variance on its boundary; where it is nan at
    such a step, `attrs["note"]` says why.
    """
    check_comparable(fits, names)
    table = pd.DataFrame(
        {
            "Model": np.arange(1, len(fits) + 1),
            "df": [fit.n_params for fit in fits],
            "AIC": [fit.aic for fit in fits],
            "BIC": [fit.bic for fit in fits],
            "logLik": [fit.loglik for fit in fits],
        },
        index=list(names),
    )
    return _with_tests(table, fits, names) if test else table


def _with_tests(table, fits, names) -> pd.DataFrame:
    pairs = [
        _either_way(a, b, pair)
        for (a, b), pair in zip(pairwise(fits), pairwise(names), strict=True)
    ]
    nan = float("nan")
    tests = pd.DataFrame({"Test": "", "L.Ratio": nan, "p-value": nan}, index=list(names))
    if any(pair and pair.on_boundary for pair in pairs):
        tests["p-mixture"] = nan
    for i, pair in enumerate(pairs, start=1):
        if pair:
            shown = [f"{i} vs {i + 1}", pair.ratio, pair.p_naive]
            boundary = [pair.p_mixture if pair.on_boundary else nan]
            tests.iloc[i] = (shown + boundary)[: tests.shape[1]]
    table = pd.concat([table, tests], axis=1)
    if any(pair and pair.note == UNKNOWN_NOTE for pair in pairs):
        table.attrs["note"] = UNKNOWN_NOTE
    return table


def _either_way(a: Fit, b: Fit, names) -> LikelihoodRatio | None:
    """The test of the smaller within the larger; none for two writings of one model."""
    if a.n_params > b.n_params:
        a, b, names = b, a, names[::-1]
    test = _ratio_test(a, b, names)
    return test if test.df else None


# -- information criteria --------------------------------------------------------------------


def aicc(fit: Fit) -> float:
    """AIC with the correction for small samples, AIC + 2 k (k + 1) / (n - k - 1) (equation 10).

    Parameters
    ----------
    fit : Fit
        k counts every estimated parameter, variances included; n counts rows.

    Returns
    -------
    float

    References
    ----------
    Hurvich and Tsai (1989), Biometrika 76, 297-307.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model1 = hlm.gls("Satisfaction ~ 1", data=hlm.load("HLM"), method="ML")
    >>> round(model1.aic, 3), round(hlm.aicc(model1), 3)
    (6543.89, 6543.895)
    """
    check_fit(fit, "aicc")
    k, n = fit.n_params, fit.n_obs
    if n - k - 1 <= 0:
        raise ModelError(
            f"AICc needs more rows than parameters plus one; there are {n} rows and {k} "
            "parameters. Use a smaller model."
        )
    return float(fit.aic + 2 * k * (k + 1) / (n - k - 1))


def aic_ledger(fit: Fit) -> pd.DataFrame:
    """Every parameter that the AIC counts, and what it would be if variances were not counted.

    AIC = 2 k - 2 logLik (equation 9). Column `counted` has a 1 for each of the k parameters;
    column `fixed_only` follows the rule "number of variables including the intercept".

    Parameters
    ----------
    fit : Fit

    Returns
    -------
    DataFrame
        kind ("fixed", "variance", "covariance", "residual", "total"), estimate, counted,
        fixed_only; a row per parameter, then the rows k, logLik and AIC.

    References
    ----------
    Burnham and Anderson (2002), Model Selection and Multimodel Inference, section 2.2.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model1 = hlm.gls("Satisfaction ~ 1", data=hlm.load("HLM"), method="ML")
    >>> hlm.aic_ledger(model1).loc["AIC", ["counted", "fixed_only"]].round(2).tolist()
    [6543.89, 6541.89]
    """
    check_fit(fit, "aic_ledger")
    rows = [("fixed", name, value) for name, value in fit.fixef.items()]
    rows += [row for name, vc in fit.covariances.items() for row in _free_entries(name, vc)]
    rows.append(("residual", "sigma^2", fit.sigma**2))
    kinds, names, estimates = zip(*rows, strict=True)
    table = pd.DataFrame({"kind": kinds, "estimate": estimates}, index=list(names))
    table["counted"] = 1.0
    table["fixed_only"] = (table["kind"] == "fixed") * 1.0
    return pd.concat([table, _totals(fit, table)])


def _free_entries(factor: str, vc):
    """The variances and covariances of one factor that are estimated."""
    for a, b in vc.blocks:
        for j in range(a, b):
            yield "variance", f"var({vc.names[j]} | {factor})", vc.cov[j, j]
            for i in range(j + 1, b):
                yield "covariance", f"cov({vc.names[j]}, {vc.names[i]} | {factor})", vc.cov[i, j]


def _totals(fit: Fit, table: pd.DataFrame) -> pd.DataFrame:
    k = table[["counted", "fixed_only"]].sum()
    totals = pd.DataFrame([k, k * 0 + fit.loglik, 2 * k - 2 * fit.loglik], ["k", "logLik", "AIC"])
    totals.insert(0, "estimate", float("nan"))
    totals.insert(0, "kind", "total")
    return totals
