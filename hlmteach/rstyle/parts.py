"""What both packages' printouts share: what the data are called, names, residuals, correlations."""

import sys

import numpy as np

from hlmteach.engine.fit import Fit
from hlmteach.rstyle.rformat import abbreviate, deparse, format_numbers, print_table, rounded


def data_name(fit: Fit) -> str:
    """What the caller calls the table, as R prints it; "data" where it has no name."""
    frame = sys._getframe(1)
    while frame is not None:
        if not frame.f_globals.get("__name__", "").startswith("hlmteach."):
            for name, value in {**frame.f_globals, **frame.f_locals}.items():
                if value is fit.frame.data and name[0] != "_":
                    return name
        frame = frame.f_back
    return "data"


def formula_text(fit: Fit) -> str:
    """The fixed part (lme, gls) or the whole formula (lmer), with R's spaces."""
    return deparse(fit.formula)


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
