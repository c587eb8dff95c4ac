"""What a table or a call may hold without being what it seems, and what no data can tell apart."""

import re
import warnings

import numpy as np
import pandas as pd

from hlmteach.errors import DataError, HLMWarning, ModelError

SPANNED = 1e-7  # of its size, that a column is left with when it lies in the span of X


def floats(values, name: str) -> np.ndarray:
    """An array of numbers, of any shape."""
    try:
        return np.asarray(values, float)
    except (TypeError, ValueError):
        raise DataError(f"{name} must be made of numbers; it is {shown(values)}.") from None


def shown(value) -> str:
    """A value as a message names it: itself where it is short, else its kind."""
    text = repr(value.item() if isinstance(value, np.generic) else value)
    return text if len(text) <= 40 and "\n" not in text else f"a {type(value).__name__}"


def check_reml(REML) -> bool:  # noqa: N803
    """True or False; "False" in quotes would be true."""
    if not isinstance(REML, bool | np.bool_):
        raise ModelError(f"REML={shown(REML)} is not known. Write REML=True, or REML=False for ML.")
    return bool(REML)


def check_outcome(y, n: int) -> np.ndarray:
    """A new outcome (n,), of finite numbers."""
    y = floats(y, "The new outcome")
    if y.shape != (n,):
        raise DataError(
            f"The new outcome has shape {y.shape}; this model was fitted to {n} rows, so it needs "
            "that many values in the same order."
        )
    if not np.all(np.isfinite(y)):
        raise DataError("The new outcome holds missing or infinite values. Remove them first.")
    return y


def check_factors_given(factors, **given) -> None:
    """What is given by factor names factors of the model; with several of them, by a dictionary."""
    for name, value in given.items():
        listed = ", ".join(map(repr, factors))
        if value is None:
            continue
        if not factors:
            raise ModelError(f"{name}={shown(value)}: this model has no random effects.")
        if isinstance(value, dict) and not set(value) <= set(factors):
            raise ModelError(
                f"{name}={shown(value)} must name grouping factors, which are {listed}."
            )
        if len(factors) > 1 and not isinstance(value, dict):
            raise ModelError(
                f"{name}={shown(value)}: this model has the grouping factors {listed}. Say which, "
                f"as in {name}={{{factors[0]!r}: ...}}."
            )


def check_kinds(table: pd.DataFrame) -> None:
    """No column is complex, and none holds dates or lengths of time."""
    for name, kind in table.dtypes.items():
        if kind.kind == "c":
            raise DataError(
                f"Column {name!r} holds complex numbers. A linear model takes real ones: use its "
                "real part or its size."
            )
        if kind.kind in "mM" or isinstance(kind, pd.DatetimeTZDtype | pd.PeriodDtype):
            raise DataError(
                f"Column {name!r} holds dates or times. Make it a number first, such as the days "
                f"since the first: (data[{name!r}] - data[{name!r}].min()).dt.days"
            )


def notice_text_numbers(table: pd.DataFrame, predictors, formula: str, stacklevel: int) -> None:
    """Say which predictors are text that reads as numbers, and so are taken as categories."""
    for name in predictors:
        column = table[name]
        if not _is_text(column) or re.search(rf"\bC\(\s*{re.escape(name)}\b", formula):
            continue
        if pd.to_numeric(column, errors="coerce").notna().all():
            warnings.warn(
                f"Column {name!r} holds numbers stored as text, and is taken as "
                f"{column.nunique()} categories. If it is a number, make it one: "
                f"data[{name!r}] = pd.to_numeric(data[{name!r}]). If not, write C({name}).",
                HLMWarning,
                stacklevel=stacklevel,
            )


def _is_text(column: pd.Series) -> bool:
    return pd.api.types.is_object_dtype(column) or isinstance(column.dtype, pd.StringDtype)


def check_left_to_groups(X: np.ndarray, factors) -> None:
    """The predictors do not settle by themselves what each group's effects are."""
    for factor in factors:
        if factor.n_levels * factor.q <= X.shape[1] and _in_span(_by_group(factor), X):
            raise ModelError(
                f"The predictors already give each group of {factor.name!r} effects of its own "
                f"(is {factor.name!r} among them?), so no variance between its groups is left to "
                "estimate. Leave it out of the predictors, or out of the bars."
            )


def _by_group(factor) -> np.ndarray:
    """Z spread over the groups (n, J q)."""
    n = len(factor.codes)
    spread = np.zeros((n, factor.n_levels, factor.q))
    spread[np.arange(n), factor.codes] = factor.Z
    return spread.reshape(n, -1)


def _in_span(A: np.ndarray, X: np.ndarray) -> bool:
    basis = np.linalg.qr(X / np.linalg.norm(X, axis=0))[0]
    left = np.linalg.norm(A - basis @ (basis.T @ A), axis=0)
    return bool(np.all(left < SPANNED * np.linalg.norm(A, axis=0)))
