"""The words that a bank of exercises may use in its expressions, and no others.

A bank is the package's own or a teacher's; a student's text never comes here. The list is short so
that a bank found somewhere can be read without fear: no word in it reads or writes a file, starts a
program, or reaches one that does. Formulas have a reader of their own, which runs no Python.
"""

import math

from hlmteach.engine.laws import chi2, norm, t
from hlmteach.inference.variance.icc import icc

FUNCTIONS = {
    "abs": abs,
    "chi2": chi2,
    "exp": math.exp,
    "float": float,
    "icc": icc,
    "int": int,
    "len": len,
    "log": math.log,
    "max": max,
    "min": min,
    "norm": norm,
    "round": round,
    "sqrt": math.sqrt,
    "sum": sum,
    "t": t,
}

# What may stand behind a point, of whatever object.
ATTRIBUTES = {
    "the student's data, `s`": "fit interaction limits model1 model2 model3 model4",
    "a fitted model": (
        "aic bic coef covariances deviance df_resid fitted fixef is_singular loglik n_groups n_obs "
        "n_params ranef reml_criterion resid se sigma theta varcorr vcov"
    ),
    "a random effect's covariance": "cov sd",
    "a table or a column, as in pandas": (
        "abs columns corr count dropna fillna groupby idxmax idxmin iloc index isna loc max mean "
        "median min notna nunique quantile size stack std sum var"
    ),
    "`chi2`, `t` and `norm`, as in scipy.stats": "cdf ppf sf",
}
KNOWN_ATTRIBUTES = frozenset(" ".join(ATTRIBUTES.values()).split())
KEYWORDS = frozenset(("ddof", "method", "q", "random", "verb"))


def name_list() -> str:
    """The words as the lists in docs/exercises.md have them."""
    lines = [f"- functions: {_quoted(FUNCTIONS)}"]
    lines += [f"- of {whose}: {_quoted(words.split())}" for whose, words in ATTRIBUTES.items()]
    lines += [f"- names of arguments: {_quoted(sorted(KEYWORDS))}"]
    return "\n".join(lines)


def _quoted(names) -> str:
    return ", ".join(f"`{name}`" for name in names)
