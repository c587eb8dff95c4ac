"""A formula and a table -> ModelFrame: y, X, and for each grouping factor its Z and codes."""

import difflib
import re
import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from formulaic import ModelSpec
from formulaic.errors import FormulaicError

from hlmteach.engine.checks import check_kinds, check_left_to_groups, notice_text_numbers
from hlmteach.engine.formula import ParsedFormula, RandomTerm, parse, read_side, variables
from hlmteach.errors import DataError, FormulaError, HLMWarning, ModelError

RANK_TOLERANCE = 1e-7  # lm()'s: a column this close to the others' span is collinear


@dataclass(frozen=True)
class Factor:
    """One grouping factor with all its random effects.

    Z is (n, q); `blocks` are the runs of columns whose effects are correlated with each other;
    `specs` rebuild Z for new rows.
    """

    name: str
    columns: tuple[str, ...]
    codes: np.ndarray
    levels: pd.Index
    Z: np.ndarray
    names: tuple[str, ...]
    blocks: tuple[tuple[int, int], ...]
    specs: tuple[ModelSpec, ...]

    @property
    def n_levels(self) -> int:
        """J, the number of groups."""
        return len(self.levels)

    @property
    def q(self) -> int:
        """The number of random effects of each group."""
        return len(self.names)


@dataclass(frozen=True)
class ModelFrame:
    """What a fit needs of the data, parsed once: y (n,), X (n, p), and the factors.

    `rows` are the positions in `data` that were used, `n_omitted` counts the rest.
    """

    formula: ParsedFormula
    y: np.ndarray
    X: np.ndarray
    names: tuple[str, ...]
    factors: tuple[Factor, ...]
    data: pd.DataFrame
    rows: np.ndarray
    fixed_spec: ModelSpec | None
    kept: tuple[int, ...]

    @property
    def n_omitted(self) -> int:
        """Rows left out for missing values."""
        return len(self.data) - len(self.rows)


def model_frame(formula, data, random=None, na_action="omit") -> ModelFrame:
    """Build the ModelFrame of a formula; every fault of the data is named here.

    Raises
    ------
    FormulaError, DataError, ModelError
        With the column or term, the value seen, and what to do.
    """
    parsed = parse(formula, random)
    check_table(data)
    sides = (read_side(f"0 + {parsed.outcome}", parsed.text), read_side(parsed.fixed, parsed.text))
    effects = [read_side(term.effects, parsed.text) for term in parsed.random]
    used = columns_used([*sides, *effects], parsed)
    check_columns(used, data)
    rows = complete_rows(data[used], na_action)
    table = data.iloc[rows].reset_index(drop=True)[used]
    check_values(table)
    predictors = {name for formula in (sides[1], *effects) for name in variables(formula)}
    notice_text_numbers(table, sorted(predictors), parsed.text, stacklevel=5)
    y = outcome_of(sides[0], table, parsed.outcome)
    X, names, fixed_spec, kept = _fixed(sides[1], table, parsed.text)
    factors = _factors(parsed.random, effects, table, parsed.text)
    check_sizes(*X.shape, factors)
    check_left_to_groups(X, factors)
    return ModelFrame(parsed, y, X, names, factors, data, rows, fixed_spec, kept)


def r_names(columns) -> tuple[str, ...]:
    """Coefficient names as R writes them: `(Intercept)`, `SexFemale`, `NPD:BPD`."""
    return tuple(_r_name(str(column)) for column in columns)


def _r_name(name: str) -> str:
    if name == "Intercept":
        return "(Intercept)"
    name = re.sub(r"\bC\((\w+)[^)]*\)\[", r"factor(\1)[", name)
    name = re.sub(r"\[(?:T\.)?([^\]]*?)(?:\.0)?\]", r"\1", name)
    return name.replace("**", "^").replace(" ^ ", "^")


# -- rows and columns ------------------------------------------------------------------------


def check_table(data) -> None:
    """A DataFrame with rows, its columns named once each."""
    if not isinstance(data, pd.DataFrame):
        raise DataError(
            f"data is of type {type(data).__name__}; a pandas DataFrame is needed. "
            "Read a file with hlm.read_table('file.csv')."
        )
    if not len(data):
        raise DataError("The table has no rows. Check how it was read or filtered.")
    repeated = data.columns[data.columns.duplicated()]
    if len(repeated):
        raise DataError(f"Two columns are called {repeated[0]!r}. Rename one of them.")


def columns_used(formulas, parsed: ParsedFormula) -> list[str]:
    """The columns that the formulas and the grouping factors name, each once."""
    names = [name for formula in formulas for name in variables(formula)]
    names += [column for term in parsed.random for column in term.factor]
    return list(dict.fromkeys(names))


def check_columns(names, data) -> None:
    """Every name is a column of the data."""
    for name in names:
        if name not in data.columns:
            known = {str(c).lower(): str(c) for c in data.columns}
            near = [known[m] for m in difflib.get_close_matches(name.lower(), known, 1, 0.6)]
            hint = f"Did you mean {near[0]!r}?" if near else "Check the spelling."
            raise DataError(
                f"There is no column {name!r} in the data. {hint} "
                f"The columns are: {', '.join(map(str, data.columns[:12]))}."
            )


def complete_rows(table: pd.DataFrame, na_action: str) -> np.ndarray:
    """Positions of the rows without missing values."""
    action = str(na_action).removeprefix("na.")
    if action not in ("omit", "fail"):
        raise ModelError(f"na_action={na_action!r} is not known. Use 'omit' or 'fail'.")
    missing = table.isna()
    bad = missing.any(axis=1).to_numpy()
    if bad.any() and action == "fail":
        counts = ", ".join(f"{name}: {k}" for name, k in missing.sum().items() if k)
        raise DataError(
            f"{bad.sum()} of {len(table)} rows have missing values ({counts}). "
            "Use na_action='omit' to leave them out, or fill them first."
        )
    if bad.all():
        raise DataError("Every row has a missing value in a column of the formula: none is left.")
    return np.flatnonzero(~bad)


def check_values(table: pd.DataFrame) -> None:
    """Numbers are real and finite."""
    check_kinds(table)
    for name in table.select_dtypes("number"):
        count = int(np.isinf(table[name].to_numpy(float)).sum())
        if count:
            raise DataError(
                f"Column {name!r} holds {count} infinite value{'s' * (count > 1)}. "
                "Correct them, or make them missing (NaN)."
            )


# -- matrices --------------------------------------------------------------------------------


def matrix_of(formula, table, whole: str):
    """Values (n, k), column names and the formulaic spec of one right-hand side."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            matrix = formula.get_model_matrix(table, na_action="ignore")
    except (FormulaicError, TypeError, ValueError) as error:
        reason = str(error).split("\n")[0]
        if unknown := re.search(r"name '(\w+)' is not defined", reason):
            reason = f"there is no function {unknown[1]}(). Known are log, exp, sqrt, scale, poly."
        raise FormulaError(f"The formula {whole!r} cannot be evaluated: {reason}") from None
    values = np.ascontiguousarray(matrix.to_numpy(float))
    bad = ~np.isfinite(values).all(axis=0)
    if bad.any():
        column = matrix.columns[bad.argmax()]
        row = int((~np.isfinite(values[:, bad.argmax()])).argmax())
        raise DataError(
            f"The term {_r_name(column)!r} is not a finite number in row {row} "
            "(a logarithm of 0, or a division by 0?). Correct the data or the term."
        )
    return values, matrix.columns, matrix.model_spec


def check_numeric(table, name: str) -> None:
    """The outcome is not text."""
    if name in table and not pd.api.types.is_numeric_dtype(table[name]):
        example = table[name].iloc[0]
        raise DataError(
            f"The outcome {name!r} is not numeric (first value: {example!r}). "
            "A linear model needs numbers: recode it, or read an SPSS file's labelled items as "
            "numbers by hlm.read_sav(file, value_labels=False)."
        )


def outcome_of(formula, table, name: str) -> np.ndarray:
    """The outcome y (n,), numeric and varying."""
    check_numeric(table, name)
    values, columns, _ = matrix_of(formula, table, name)
    if len(columns) != 1:
        raise FormulaError(f"The left-hand side {name!r} must be one numeric outcome.")
    y = values[:, 0]
    if len(y) > 1 and np.ptp(y) == 0:
        raise DataError(
            f"The outcome {name!r} is {y[0]:g} in every row: nothing varies, so there is "
            "nothing to explain. Check the column, or the rows you selected."
        )
    return y


def _fixed(formula, table, whole: str):
    values, columns, spec = matrix_of(formula, table, whole)
    names = r_names(columns)
    kept = independent_columns(values)
    notice_dropped(names, kept, stacklevel=6)
    return values[:, kept], tuple(names[i] for i in kept), spec, kept


def notice_dropped(names, kept, stacklevel: int) -> None:
    """Say which columns of X were dropped, if any."""
    if len(kept) < len(names):
        dropped = [names[i] for i in range(len(names)) if i not in kept]
        warnings.warn(
            f"Dropped {', '.join(dropped)}: constant, or an exact combination of the other "
            "predictors, so the data cannot tell its effect apart (lmer drops it too).",
            HLMWarning,
            stacklevel=stacklevel,
        )


def independent_columns(X: np.ndarray) -> tuple[int, ...]:
    """The columns not in the span of those before them (modified Gram-Schmidt).

    The constant goes first, so that an offset in x is not mistaken for collinearity.
    """
    order = sorted(range(X.shape[1]), key=lambda i: np.ptp(X[:, i]) > 0)
    basis, kept = np.empty((0, len(X))), []
    for i in order:
        column = X[:, i] - (X[:, i].mean() if _spans_constant(basis) else 0)
        size = np.linalg.norm(column)
        for _ in range(2):
            column = column - (basis @ column) @ basis
        left = np.linalg.norm(column)
        floor = max(RANK_TOLERANCE * size, 1e-14 * np.linalg.norm(X[:, i]))
        if left > floor:
            basis = np.vstack([basis, column / left])
            kept.append(i)
    return tuple(sorted(kept))


def _spans_constant(basis) -> bool:
    return len(basis) > 0 and np.ptp(basis[0]) == 0


def _factors(terms, formulas, table, whole: str) -> tuple[Factor, ...]:
    """All terms on the same factor become one Factor with several blocks."""
    by_name: dict[str, list] = {}
    for term, formula in zip(terms, formulas, strict=True):
        by_name.setdefault(term.factor_name, []).append((term, formula))
    return tuple(_factor(group, table, whole) for group in by_name.values())


def _factor(group, table, whole: str) -> Factor:
    term: RandomTerm = group[0][0]
    codes, levels = group_codes(table, term.factor)
    matrices, names, blocks, specs = [], [], [], []
    for one, formula in group:
        values, columns, spec = matrix_of(formula, table, whole)
        blocks += blocks_of(one, spec, start=len(names))
        names += r_names(columns)
        matrices.append(values)
        specs.append(spec)
    Z = np.concatenate(matrices, axis=1)
    check_effects(names, term.factor_name, independent_columns(Z))
    return Factor(
        term.factor_name, term.factor, codes, levels, Z, tuple(names), tuple(blocks), tuple(specs)
    )


def blocks_of(term: RandomTerm, spec, start: int):
    """Column runs (from, to) whose effects are correlated: one, or with `||` one a term."""
    widths = [len(columns) for columns in spec.term_indices.values() if len(columns)]
    if term.correlated:
        widths = [sum(widths)]
    ends = start + np.cumsum(widths)
    return [(int(end - width), int(end)) for width, end in zip(widths, ends, strict=True)]


def group_codes(table: pd.DataFrame, columns: tuple[str, ...]):
    """Codes 0..J-1 and the levels that occur, in the column's own order."""
    if len(columns) == 1:
        column = table[columns[0]].astype("category").cat.remove_unused_categories()
        return column.cat.codes.to_numpy(np.intp), pd.Index(column.cat.categories)
    parts = [table[c].astype("category").cat.remove_unused_categories() for c in columns]
    codes, sizes = (
        [p.cat.codes.to_numpy(np.intp) for p in parts],
        [len(p.cat.categories) for p in parts],
    )
    flat = np.ravel_multi_index(codes, sizes)
    seen, inverse = np.unique(flat, return_inverse=True)
    pieces = np.unravel_index(seen, sizes)
    labels = [
        ":".join(str(p.cat.categories[i]) for p, i in zip(parts, at, strict=True))
        for at in zip(*pieces, strict=True)
    ]
    return inverse.astype(np.intp), pd.Index(labels)


# -- what cannot be fitted -------------------------------------------------------------------


def check_effects(names, factor: str, kept) -> None:
    """The random effects of one factor are some, different, and none a combination of others."""
    if not names:
        raise FormulaError(f"No effect stands before the bar for {factor!r}. Write '1' for one.")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise FormulaError(
            f"The random effect {twice!r} stands twice for {factor!r}. Write it once; "
            f"for uncorrelated effects '(1 | {factor}) + (0 + x | {factor})'."
        )
    if len(kept) < len(names):
        name = next(n for i, n in enumerate(names) if i not in kept)
        raise ModelError(
            f"The random effect {name!r} for {factor!r} is constant, or an exact combination "
            "of the other random effects. Leave it out of the bar."
        )


def check_sizes(n: int, p: int, factors) -> None:
    """More rows than coefficients, than groups, and than random effects; two groups or more."""
    if n <= p:
        raise ModelError(
            f"There are {n} rows for {p} fixed coefficients; at least {p + 1} rows are needed. "
            "Use fewer predictors or more data."
        )
    for factor in factors:
        J = factor.n_levels
        if J < 2:
            raise ModelError(
                f"The grouping factor {factor.name!r} has one level "
                f"({factor.levels.tolist()[0]!r}). A variance between groups needs at least two "
                "groups."
            )
        if n <= J:
            raise ModelError(
                f"The grouping factor {factor.name!r} has one row per group ({n} rows, {J} "
                "groups), so its effect cannot be told from the residual. Use a factor whose "
                "groups have several rows."
            )
        if J * factor.q >= n:
            raise ModelError(
                f"{factor.q} random effects for each of {J} groups of {factor.name!r} make "
                f"{factor.q * J} in all, and there are only {n} rows. Use fewer random effects."
            )
