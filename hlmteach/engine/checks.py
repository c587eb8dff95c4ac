"""What a table or a call may hold without being what it seems, and what no data can tell apart."""

import re
import warnings

import numpy as np

from hlmteach.datasets.digits import spelt_alike
from hlmteach.engine.reading.formula import ParsedFormula
from hlmteach.engine.reading.stored import EXACT, Levels
from hlmteach.engine.reading.syntax import Name, deparse
from hlmteach.engine.reading.table import Table
from hlmteach.errors import DataError, HLMWarning, ModelError

FEW_WORDS = 3  # spelt in another way, that are named one by one
MANY_NUMBERS = 8  # different numbers among a column's texts, which then are hardly categories
_MEASURE = re.compile(r"([^\w\s]*)\s*[+-]?\d[\d.,]*\s*(\D{0,9})")  # 45 %, $5, 12 cm
_GROUPED = re.compile(r"\s*[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?\s*")  # 12,500 and 1,234.5
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


def notice_doubts(table: Table, parsed: ParsedFormula, stacklevel: int) -> None:
    """Say what of the table may not be what it seems: numbers as text, one category spelt twice."""
    _notice_text_numbers(table, parsed, stacklevel + 1)
    for name, column in (table.columns | table.groups).items():
        # Levels that are numbers hold no text, and may be a hundred thousand.
        if isinstance(column, Levels) and column.values.dtype == object:
            _notice_spelt_twice(name, column.values, stacklevel + 1)
    for name, column in table.groups.items():
        _notice_long_floats(name, column.values, stacklevel + 1)


def _notice_spelt_twice(name: str, values, stacklevel: int) -> None:
    """Say which texts are apart only by blanks, capitals or how a letter is stored."""
    several = spelt_alike(value for value in values if type(value) is str)
    if not several:
        return
    other = {word: first for first, *rest in several for word in rest}
    same = f"data[{name!r}].str.normalize('NFKC').str.casefold().str.split().str.join(' ')"
    if len(other) <= FEW_WORDS:
        same = f"data[{name!r}].replace({other})"
    warnings.warn(
        f"Column {name!r} holds {' and '.join(map(repr, several[0][:3]))}, which differ in blanks, "
        "capitals, signs or how a letter is stored alone, and are taken as different. If they are "
        f"one, spell them alike: {same}.",
        HLMWarning,
        stacklevel=stacklevel,
    )


def _notice_long_floats(name: str, values, stacklevel: int) -> None:
    """Say which groups' numbers are so long that neighbours may have become one as floats."""
    if len(values) and isinstance(values[-1], float) and abs(values[-1]) >= EXACT:
        warnings.warn(
            f"Column {name!r} holds codes of 16 digits or more as decimal numbers, in which "
            "neighbours become one group. Read them as text, as in "
            f"pd.read_csv(file, dtype={{{name!r}: str}}).",
            HLMWarning,
            stacklevel=stacklevel,
        )


def _notice_text_numbers(table: Table, parsed: ParsedFormula, stacklevel: int) -> None:
    """Say which predictors are text that reads as numbers, and so are taken as categories."""
    sides = [parsed.side, *(side for term in parsed.random for side in term.sides)]
    for variable in dict.fromkeys(v for side in sides for v in side.variables):
        column = table[variable.name] if isinstance(variable, Name) else None
        if not isinstance(column, Levels) or column.kind != "text":
            continue
        _notice_measures(variable.name, column.labels, stacklevel + 1)
        odd = [text for text in column.labels if not reads_as_number(text)]
        count, plain = len(column.labels) - len(odd), deparse(variable)
        if odd and count < max(MANY_NUMBERS, len(odd)):
            continue
        words = f"numbers stored as text (and {', '.join(map(repr, odd[:3]))})" if odd else ""
        warnings.warn(
            f"Column {variable.name!r} holds {words or 'numbers stored as text'}, and is taken as "
            f"{len(column.labels)} categories. If it is a number, make it one: "
            f"{made_numeric(variable.name, column.labels, bool(odd))}. "
            f"If not, write factor({plain}).",
            HLMWarning,
            stacklevel=stacklevel,
        )


def _notice_measures(name: str, labels, stacklevel: int) -> None:
    """Say that numbers with a sign or a unit, as in 45 % or $5, are text."""
    matches = [_MEASURE.fullmatch(label) for label in labels]
    signs = {match and match.groups() for match in matches}
    if len(labels) < MANY_NUMBERS or len(signs) > 1 or None in signs or signs == {("", "")}:
        return
    warnings.warn(
        f"Column {name!r} holds numbers with a sign or a unit (as in {labels[0]!r}), which is "
        f"text, and is taken as {len(labels)} categories. Keep the number alone: "
        f"{made_numeric(name, labels, measured=True)}.",
        HLMWarning,
        stacklevel=stacklevel,
    )


def as_number(name: str, labels) -> str:
    """What to do with an outcome that is text."""
    if all(map(reads_as_number, labels)):
        return f"{made_numeric(name, labels)} makes numbers of these."
    return (
        "recode it, or read an SPSS file's labelled items as numbers by "
        "hlm.read_sav(file, value_labels=False)."
    )


def made_numeric(name: str, labels, with_words: bool = False, measured: bool = False) -> str:
    """The line of Python that makes a column of such texts numeric; both where a comma has two."""
    column = f"data[{name!r}]"
    text = f"{column}.str.extract(r'([-+\\d.,]+)')[0]" if measured else f"{column}.astype(str)"
    marked = [match[0] for label in labels for match in re.finditer(r"[\d.]*,[\d.,]*", label)]
    grouped = bool(marked) and all(map(_GROUPED.fullmatch, marked))
    open_ = grouped and not any("." in number or number.count(",") > 1 for number in marked)
    if marked:
        text += f".str.replace(',', {'' if grouped and not open_ else '.'!r})"
    line = f"{column} = pd.to_numeric({text}{', errors=' + repr('coerce') if with_words else ''})"
    return line + (" (with '' for '.' if the commas part thousands)" if open_ else "")


def reads_as_number(text: str) -> bool:
    """Whether a text is a number, with a point or a comma, or commas between thousands."""
    plain = text.replace(",", "") if _GROUPED.fullmatch(text) else text.replace(",", ".", 1)
    try:
        return np.isfinite(float(plain))
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
