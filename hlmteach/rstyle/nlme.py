"""The printout of nlme's `summary`, for gls and lme fits."""

import numpy as np

from hlmteach.engine.fit import Fit
from hlmteach.engine.reading.syntax import deparse
from hlmteach.errors import ModelError
from hlmteach.inference.coefficients.inner_outer import nested_factors
from hlmteach.inference.coefficients.tables import coef_table
from hlmteach.rstyle.parts import (
    data_name,
    fixed_correlations,
    formula_text,
    method_text,
    residual_quantiles,
)
from hlmteach.rstyle.rformat import (
    abbreviate,
    format_number,
    format_numbers,
    print_named,
    print_table,
    rounded,
    visible,
    zapsmall,
)

QUANTILES = ["Min", "Q1", "Med", "Q3", "Max"]
LOG_CHOLESKY = "General positive-definite, Log-Cholesky parametrization"


def gls_print(fit: Fit) -> str:
    """What R shows when a gls fit is printed."""
    kind = "restricted-likelihood" if fit.reml else "likelihood"
    return "\n".join(
        [
            *_gls_head(fit),
            f"  Log-{kind}: {format_number(fit.loglik)}",
            "",
            "Coefficients:",
            _estimates(fit),
            "",
            _degrees_of_freedom(fit),
            f"Residual standard error: {format_number(fit.sigma)}",
        ]
    )


def gls_summary(fit: Fit) -> str:
    """nlme's summary of a gls fit."""
    parts = [
        *_gls_head(fit),
        _criteria(fit),
        "",
        "Coefficients:",
        _coefficients(fit, with_df=False),
    ]
    if len(fit.fixef) > 1:
        parts += ["", " Correlation:", fixed_correlations(fit)]
    return "\n".join(
        [
            *parts,
            "",
            "Standardized residuals:",
            print_named(QUANTILES, format_numbers(residual_quantiles(fit))),
            "",
            f"Residual standard error: {format_number(fit.sigma)}",
            _degrees_of_freedom(fit),
        ]
    )


def _gls_head(fit: Fit) -> list[str]:
    return [
        f"Generalized least squares fit by {method_text(fit)}",
        f"  Model: {formula_text(fit)}",
        f"  Data: {data_name(fit)}",
    ]


def _degrees_of_freedom(fit: Fit) -> str:
    return f"Degrees of freedom: {fit.n_obs} total; {fit.n_obs - len(fit.fixef)} residual"


def lme_summary(fit: Fit) -> str:
    """nlme's summary of a mixed model."""
    _check_nested(fit)
    parts = [
        f"Linear mixed-effects model fit by {method_text(fit)}",
        f"  Data: {data_name(fit)}",
        _criteria(fit),
        "",
        "Random effects:",
        *_random_effects(fit),
        f"Fixed effects:  {_fixed_formula(fit)}",
        _coefficients(fit),
    ]
    if len(fit.fixef) > 1:
        parts += [" Correlation:", fixed_correlations(fit)]
    return "\n".join(
        [
            *parts,
            "",
            "Standardized Within-Group Residuals:",
            print_named(QUANTILES, format_numbers(residual_quantiles(fit))),
            "",
            f"Number of Observations: {fit.n_obs}",
            _groups(fit),
        ]
    )


def _check_nested(fit: Fit) -> None:
    try:
        nested_factors(fit)
    except ModelError as error:
        raise ModelError(
            "nlme's printout is laid out for nested grouping factors; "
            f"{' and '.join(fit.n_groups)} are crossed. Use style='lme4'."
        ) from error


def _criteria(fit: Fit) -> str:
    cells = [[format_number(value)] for value in (fit.aic, fit.bic, fit.loglik)]
    return print_table([" "], ["AIC", "BIC", "logLik"], cells)


def _estimates(fit: Fit) -> str:
    names = list(fit.fixef.index)
    return print_named(names, format_numbers(fit.fixef)) if names else "No fixed coefficients"


def _coefficients(fit: Fit, with_df: bool = True) -> str:
    table = coef_table(fit)
    if not len(table):
        return "No fixed coefficients"
    if not with_df:
        table = table.drop(columns="DF")
    cells = [format_numbers(zapsmall(table[name])) for name in table.columns[:-1]]
    cells.append(format_numbers(rounded(table["p-value"], 4)))
    return print_table(list(table.index), list(table.columns), cells)


# -- the random effects ----------------------------------------------------------------------


def _fixed_formula(fit: Fit) -> str:
    parsed = fit.frame.formula
    outcome = parsed.outcome if parsed.response is None else deparse(parsed.response)
    return visible(f"{outcome} ~ {parsed.fixed}")


def level_names(fit: Fit) -> dict[str, str]:
    """nlme's names of the levels, outermost first: "batch", "cask %in% batch"."""
    names, known = {}, []
    for factor in nested_factors(fit):
        own = [column for column in factor.columns if column not in known]
        known = [*own, *known]
        names[factor.name] = visible(" %in% ".join(known))
    return names


def _random_effects(fit: Fit):
    levels = level_names(fit)
    for name, level in levels.items():
        innermost = name == list(levels)[-1]
        yield _level(fit, name, level, fit.sigma if innermost else None)
        yield ""


def _level(fit: Fit, factor: str, level: str, sigma: float | None) -> str:
    vc = fit.covariances[factor]
    if len(vc.blocks) > 1 and any(b - a > 1 for a, b in vc.blocks):
        return _blocked(vc, level, sigma)
    formula = f" Formula: {_effects(fit, factor)} | {level}"
    return f"{formula}\n{_structure(vc, 0, len(vc.names), sigma)}"


def _structure(vc, a: int, b: int, sigma: float | None) -> str:
    """The effects a to b of a factor, with how their covariance is structured."""
    names, sd = vc.names[a:b], vc.sd[a:b]
    if b - a == 1:
        return _sds_in_a_row(names, sd, sigma)
    if len(vc.blocks) == len(vc.names):
        return f" Structure: Diagonal\n{_sds_in_a_row(names, sd, sigma)}"
    return f" Structure: {LOG_CHOLESKY}\n{_general(names, sd, vc.corr[a:b, a:b], sigma)}"


def _blocked(vc, level: str, sigma: float | None) -> str:
    """Several blocks of effects, uncorrelated with each other (nlme's pdBlocked)."""
    lines = [" Composite Structure: Blocked"]
    for i, (a, b) in enumerate(vc.blocks, start=1):
        last = sigma if b == len(vc.names) else None
        names = list(vc.names[a:b])
        lines += ["", f" Block {i}: {', '.join(names)}"]
        lines += [f" Formula: {_right_side(names)} | {level}"]
        lines += [_structure(vc, a, b, last)]
    return "\n".join(lines)


def _right_side(names: list[str]) -> str:
    """The formula of a block's effects: ~Days, ~d2 - 1."""
    if names[0] == "(Intercept)":
        return "~" + (visible(" + ".join(names[1:])) or "1")
    return f"~{visible(' + '.join(names))} - 1"


def _effects(fit: Fit, factor: str) -> str:
    terms = [t for t in fit.frame.formula.random if t.factor_name == factor]
    sides = [term.effects for term in terms]
    whole = [side.removeprefix("0 + ") for side in sides]
    whole = [side for side in whole if side != "1"] or ["1"]
    return "~" + visible(" + ".join(whole if len(sides) > 1 else sides))


def _sds_in_a_row(names, sd, sigma) -> str:
    names, values = list(names), list(sd)
    if sigma is not None:
        names, values = [*names, "Residual"], [*values, sigma]
    return print_table(["StdDev:"], names, [[format_number(value)] for value in values])


def _general(names, sd, corr, sigma) -> str:
    q = len(names)
    sds = format_numbers([*sd, sigma] if sigma is not None else sd)
    below = np.tril_indices(q, -1)
    texts = iter(format_numbers(rounded(corr[below], 3)))
    cells = [[""] * len(sds) for _ in range(q - 1)]
    for i, j in zip(*below, strict=True):
        cells[j][i] = next(texts)
    for j, short in enumerate(abbreviate(names, 6)[:-1]):
        cells[j][0] = cells[j][0] or short
    rows = [*names, "Residual"][: len(sds)]
    columns = ["StdDev", "Corr", *[""] * (q - 2)]
    return print_table(rows, columns, [sds, *cells], right=False)


def _groups(fit: Fit) -> str:
    levels = level_names(fit)
    if len(levels) == 1:
        return f"Number of Groups: {next(iter(fit.n_groups.values()))}"
    counts = [str(fit.n_groups[name]) for name in levels]
    return f"Number of Groups:\n{print_named(list(levels.values()), counts)}"
