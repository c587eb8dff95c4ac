"""What a table or a call may hold without being what it seems, and what no data can tell apart."""

import warnings

import numpy as np

from hlmteach.engine.reading.formula import ParsedFormula
from hlmteach.engine.reading.stored import Levels
from hlmteach.engine.reading.syntax import Name, deparse
from hlmteach.engine.reading.table import Table
from hlmteach.errors import DataError, HLMWarning, ModelError

MANY_NUMBERS = 8  # different numbers among a column's texts, which then are hardly categories
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


def notice_text_numbers(table: Table, parsed: ParsedFormula, stacklevel: int) -> None:
    """Say which predictors are text that reads as numbers, and so are taken as categories."""
    sides = [parsed.side, *(side for term in parsed.random for side in term.sides)]
    for variable in dict.fromkeys(v for side in sides for v in side.variables):
        column = table[variable.name] if isinstance(variable, Name) else None
        if not isinstance(column, Levels) or column.kind != "text":
            continue
        odd = [text for text in column.labels if not reads_as_number(text)]
        count, plain = len(column.labels) - len(odd), deparse(variable)
        if odd and count < max(MANY_NUMBERS, len(odd)):
            continue
        words = f"numbers stored as text (and {', '.join(map(repr, odd[:3]))})" if odd else ""
        warnings.warn(
            f"Column {variable.name!r} holds {words or 'numbers stored as text'}, and is taken as "
            f"{len(column.labels)} categories. If it is a number, make it one: "
            f"data[{variable.name!r}] = pd.to_numeric(data[{variable.name!r}]"
            f"{', errors=' + repr('coerce') if odd else ''}). If not, write factor({plain}).",
            HLMWarning,
            stacklevel=stacklevel,
        )


def reads_as_number(text: str) -> bool:
    """Whether a text is a number, with a point or a comma."""
    try:
        return np.isfinite(float(text.replace(",", ".", 1)))
    except ValueError:
        return False


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
