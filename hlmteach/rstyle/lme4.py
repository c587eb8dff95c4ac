"""The printouts of lme4: `print` and `summary` of a mixed model."""

import math

import numpy as np

from hlmteach.engine.fit import Fit
from hlmteach.rstyle.parts import (
    data_name,
    fixed_correlations,
    formula_text,
    method_text,
    random_text,
    residual_quantiles,
)
from hlmteach.rstyle.rformat import (
    WIDTH,
    format_number,
    format_numbers,
    print_named,
    print_table,
    rounded,
    visible,
    zapsmall,
)

DIGITS = 4
MOST_CORRELATIONS = 20  # coefficients beyond which lme4 leaves their correlations out
CRITERIA = ["AIC", "BIC", "logLik", "deviance", "df.resid"]


def lmer_print(fit: Fit) -> str:
    """What R shows when a fit of lme4 is printed."""
    parts = [
        *_head(fit),
        _criteria(fit, 4),
        *_random_effects(fit, ["Std.Dev."]),
        _groups(fit),
        *_estimates(fit),
    ]
    return "\n".join([*parts, *_warnings(fit)])


def lmer_summary(fit: Fit) -> str:
    """lme4's summary of a mixed model."""
    parts = [
        *_head(fit),
        "",
        _criteria(fit, 1),
        "",
        *(_residuals(fit) if fit.has_rows else []),
        *_random_effects(fit, ["Variance", "Std.Dev."]),
        _groups(fit),
    ]
    if len(fit.fixef):
        parts += ["", "Fixed effects:", _coefficients(fit)]
    if 1 < len(fit.fixef) <= MOST_CORRELATIONS:
        parts += ["", "Correlation of Fixed Effects:", fixed_correlations(fit, 11, nsmall=3)]
    return "\n".join([*parts, *_warnings(fit)])


def _residuals(fit: Fit) -> list[str]:
    quantiles = zapsmall(residual_quantiles(fit), DIGITS + 1)
    names = ["Min", "1Q", "Median", "3Q", "Max"]
    return ["Scaled residuals:", print_named(names, format_numbers(quantiles, DIGITS)), ""]


def _head(fit: Fit) -> list[str]:
    gap = "" if fit.reml else " "
    return [
        f"Linear mixed model fit by {method_text(fit)} {gap}['lmerMod']",
        f"Formula: {formula_text(fit)}{random_text(fit)}",
        f"   Data: {data_name(fit)}",
    ]


def _criteria(fit: Fit, decimals: int) -> str:
    if fit.reml:
        value = rounded([fit.reml_criterion], decimals)[0]
        return f"REML criterion at convergence: {format_number(value)}"
    values = [fit.aic, fit.bic, fit.loglik, fit.deviance, fit.df_resid]
    texts = format_numbers(rounded(values, decimals))
    texts[-1] = format_number(values[-1])
    return print_named(CRITERIA, texts)


def _groups(fit: Fit) -> str:
    obs = f"Number of obs: {fit.n_obs}, groups: "
    counts = "; ".join(f"{visible(name)}, {count}" for name, count in _by_levels(fit).items())
    return f"{obs} {counts}" if len(obs) + 1 + len(counts) <= WIDTH else f"{obs}\n{counts}"


def _estimates(fit: Fit) -> list[str]:
    if not len(fit.fixef):
        return ["No fixed effect coefficients"]
    texts = format_numbers(fit.fixef, DIGITS)
    return ["Fixed Effects:", print_named(list(fit.fixef.index), texts, gap=2)]


def _coefficients(fit: Fit) -> str:
    """Estimates and standard errors to 4 digits together, t values by themselves."""
    estimates = [*fit.fixef, *fit.se]
    sizes = [abs(value) for value in estimates if value != 0 and math.isfinite(value)]
    places = max(1, DIGITS - 1 - math.floor(math.log10(min(sizes)))) if sizes else DIGITS
    texts = format_numbers(rounded(estimates, places), DIGITS)
    t = format_numbers(rounded(fit.fixef / fit.se, 3), DIGITS)
    p = len(fit.fixef)
    columns = ["Estimate", "Std. Error", "t value"]
    return print_table(list(fit.fixef.index), columns, [texts[:p], texts[p:], t])


# -- the random effects ----------------------------------------------------------------------


def _by_levels(fit: Fit) -> dict[str, int]:
    """The factors as lme4 orders them: most levels first."""
    return dict(sorted(fit.n_groups.items(), key=lambda item: -item[1]))


def _blocks(fit: Fit):
    """Each block of correlated effects with the name that lme4 gives it: Subject, Subject.1."""
    for name in _by_levels(fit):
        vc = fit.covariances[name]
        for k, (a, b) in enumerate(vc.blocks):
            label = f"{name}.{k}" if k else name
            yield label, vc.names[a:b], vc.sd[a:b], vc.corr[a:b, a:b]


def _random_effects(fit: Fit, shown: list[str]) -> list[str]:
    blocks = list(_blocks(fit))
    sds = [*np.concatenate([sd for _, _, sd, _ in blocks]), fit.sigma]
    groups = [text for label, names, _, _ in blocks for text in _first_only(label, names)]
    effects = [name for _, names, _, _ in blocks for name in names]
    columns = {"Groups": [*groups, "Residual"], "Name": [*effects, ""]}
    for name, power in (("Variance", 2), ("Std.Dev.", 1)):
        if name in shown:
            columns[name] = format_numbers([sd**power for sd in sds], DIGITS)
    names, cells = list(columns), list(columns.values())
    for k, texts in enumerate(_correlations(blocks)):
        names.append("" if k else "Corr")
        cells.append(texts)
    return ["Random effects:", print_table([""] * len(sds), names, cells, right=False)]


def _first_only(label: str, names) -> list[str]:
    return [label, *[""] * (len(names) - 1)]


def _correlations(blocks) -> list[list[str]]:
    """A column of texts for each effect that a later one is correlated with."""
    widest = max(len(names) for _, names, _, _ in blocks)
    columns = [[] for _ in range(widest - 1)]
    for _, names, _, corr in blocks:
        texts = _corr_texts(corr)
        for j, column in enumerate(columns):
            column += [texts[i][j] if j < i else "" for i in range(len(names))]
    return [[*column, ""] for column in columns]


def _corr_texts(corr: np.ndarray) -> list[list[str]]:
    q = len(corr)
    flat = format_numbers(rounded(corr.ravel(), 2), nsmall=2)
    return [flat[i * q : (i + 1) * q] for i in range(q)]


def _warnings(fit: Fit) -> list[str]:
    if fit.is_singular:
        return ["boundary (singular) fit: a variance is 0, or a correlation is 1 or -1"]
    return [] if fit.converged else ["the fit did not converge: compare it with simpler ones"]
