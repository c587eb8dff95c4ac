"""What both packages' printouts share: what the data are called, names, residuals, correlations."""

import numpy as np

from hlmteach.engine.fit import Fit
from hlmteach.rstyle.callers import name_up_the_stack
from hlmteach.rstyle.rformat import (
    abbreviate,
    deparse,
    format_numbers,
    print_table,
    rounded,
    visible,
)


def data_name(fit: Fit) -> str:
    """What the caller calls the table, as R prints it; "data" where it has no name."""
    return name_up_the_stack(fit.frame.data) or "data"


def formula_text(fit: Fit) -> str:
    """The fixed part (lme, gls) or the whole formula (lmer), with R's spaces."""
    if fit.frame.coding is None:
        return fit.formula  # written by from_statsmodels, in patsy's words
    return deparse(fit.formula)


def random_text(fit: Fit) -> str:
    """The bars that the formula itself does not hold, because they were given apart (lme)."""
    return "" if "|" in fit.formula else "".join(f" + {_bar(t)}" for t in fit.frame.formula.random)


def _bar(term) -> str:
    bars = "|" if term.correlated else "||"
    return visible(f"({term.effects} {bars} {term.factor_name})")


def method_text(fit: Fit) -> str:
    """How the model was fitted, in words."""
    return "REML" if fit.reml else "maximum likelihood"


def residual_quantiles(fit: Fit) -> list[float]:
    """Least, quartiles and largest of the scaled residuals (R's type 7)."""
    return np.quantile(fit.resid_scaled, [0, 0.25, 0.5, 0.75, 1]).tolist()


def fixed_correlations(fit: Fit, row_length: int | None = None, nsmall: int = 0) -> str:
    """The correlations of the fixed coefficients below the diagonal, to 3 digits."""
    names = list(fit.fixef.index)
    sd = np.sqrt(np.diag(fit.vcov))
    corr = fit.vcov.to_numpy() / np.outer(sd, sd)
    rows = abbreviate(names, row_length) if row_length else names
    return lower_triangle(corr, rows[1:], abbreviate(names, 6)[:-1], nsmall)


def lower_triangle(corr: np.ndarray, rows, columns, nsmall: int) -> str:
    """What lies below the diagonal of a matrix, to 3 digits, laid out under abbreviated names."""
    below = np.tril_indices(len(corr), -1)
    texts = format_numbers(rounded(corr[below], 3), nsmall=nsmall)
    cells = [[""] * (len(corr) - 1) for _ in columns]
    for i, j, text in zip(*below, texts, strict=True):
        cells[j][i - 1] = text
    return print_table(rows, columns, cells, right=False)
