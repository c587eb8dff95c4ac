"""A formula and a table -> ModelFrame: y, X, and for each grouping factor its Z and codes."""

import warnings
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from hlmteach.engine.checks import as_number, check_left_to_groups, notice_doubts
from hlmteach.engine.reading.coding import Coding, code
from hlmteach.engine.reading.evaluate import evaluate
from hlmteach.engine.reading.formula import ParsedFormula, RandomTerm, parse
from hlmteach.engine.reading.stored import Levels, label_of
from hlmteach.engine.reading.syntax import quoted
from hlmteach.engine.reading.table import Table, check_table, read_columns
from hlmteach.engine.reading.values import Matrix
from hlmteach.errors import DataError, FormulaError, HLMWarning, ModelError

CLEARLY = 1e-4  # a share of size or of squares far above what rounding or RANK_TOLERANCE can be
FEW = 8  # columns whose products need no BLAS
VAST = 1e100  # numbers of this size, and products of a few of them, are computed without overflow
RANK_TOLERANCE = 1e-7  # lm()'s: a column this close to the others' span is collinear


@dataclass(frozen=True)
class Factor:
    """One grouping factor with all its random effects.

    Z is (n, q); `blocks` are the runs of columns whose effects are correlated with each other;
    `codings` rebuild Z for new rows. `parts` are the levels (J,) of each of its columns.
    """

    name: str
    columns: tuple[str, ...]
    codes: np.ndarray
    levels: pd.Index
    Z: np.ndarray
    names: tuple[str, ...]
    blocks: tuple[tuple[int, int], ...]
    codings: tuple[Coding, ...] = ()
    parts: tuple[np.ndarray, ...] = ()

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

    `rows` are the positions in `data` that were used, `n_omitted` counts the rest. `kept` are the
    columns that X has of those that `coding` makes; `table` holds the columns in model form.
    """

    formula: ParsedFormula
    y: np.ndarray
    X: np.ndarray
    names: tuple[str, ...]
    factors: tuple[Factor, ...]
    data: pd.DataFrame
    rows: np.ndarray
    coding: Coding | None
    kept: tuple[int, ...]
    table: Table | None = None

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
    check_table(data)
    parsed = parse(formula, random, map(str, data.columns))
    whole = read_columns(data, [*parsed.outcomes, *parsed.predictors], parsed.groups)
    rows = complete_rows(whole, na_action)
    table = (whole if len(rows) == whole.n else whole.take(rows)).used()
    notice_doubts(table, parsed, stacklevel=5)
    y, _ = outcome_of(parsed, table)
    coded: dict = {}
    X, coding, kept = _coded(parsed.side, parsed, table, coded)
    notice_dropped(coding.names, kept, stacklevel=5)
    factors = _factors(parsed, table, coded)
    if len(kept) < X.shape[1]:
        X = X[:, kept]
    check_sizes(*X.shape, factors)
    check_left_to_groups(X, factors)
    return ModelFrame(
        formula=parsed,
        y=y,
        X=X,
        names=tuple(coding.names[i] for i in kept),
        factors=factors,
        data=data,
        rows=rows,
        coding=coding,
        kept=kept,
        table=table,
    )


# -- rows and columns ------------------------------------------------------------------------


def complete_rows(table: Table, na_action: str) -> np.ndarray:
    """Positions of the rows without missing values."""
    action, missing = checked_action(na_action), table.missing()
    if not missing:
        return np.arange(table.n)
    bad = np.logical_or.reduce(list(missing.values()))
    if action == "fail":
        counts = ", ".join(f"{name}: {gaps.sum()}" for name, gaps in missing.items())
        raise DataError(
            f"{bad.sum()} of {table.n} rows have missing values ({counts}). "
            "Use na_action='omit' to leave them out, or fill them first."
        )
    if bad.all():
        raise DataError("Every row has a missing value in a column of the formula: none is left.")
    return np.flatnonzero(~bad)


def checked_action(na_action) -> str:
    """What to do with missing values: "omit" or "fail", by R's names too."""
    action = str(na_action).removeprefix("na.")
    if action not in ("omit", "fail"):
        raise ModelError(f"na_action={na_action!r} is not known. Use 'omit' or 'fail'.")
    return action


# -- matrices --------------------------------------------------------------------------------


def finite_columns(X: np.ndarray, coding: Coding) -> tuple[np.ndarray, Coding]:
    """The columns as they are, all of them finite."""
    rows = X.T
    sizes = np.maximum(rows.max(axis=1), -rows.min(axis=1))  # nan stays nan
    for at in np.flatnonzero(~_computable(sizes)):
        check_computable(X[:, at], f"The term {coding.names[at]!r}")
    return X, coding


def _computable(sizes):
    """Whether numbers up to these sizes have squares: finite, and not too small to be told."""
    return (sizes == 0) | ((sizes > 1 / VAST) & (sizes < VAST))


def check_computable(values: np.ndarray, what: str) -> None:
    """Numbers (n,) that can be computed with: finite, and of a size that has a square."""
    size = np.abs(values).max()
    if not np.isfinite(size):
        raise DataError(
            f"{what} is not a finite number in row {int((~np.isfinite(values)).argmax())} "
            "(a logarithm of 0, or a division by 0?). Correct the data or the term."
        )
    if not _computable(size):
        raise DataError(
            f"{what} goes up to {size:.3g} in size, beyond what can be computed with. Give it "
            "another unit, or correct the data."
        )


def outcome_of(parsed: ParsedFormula, table: Table, varies: bool = True) -> tuple:
    """The outcome y (n,): numeric, finite, and varying; and what its functions learnt."""
    learnt: dict = {}
    y, name = evaluate(parsed.response, table, learnt), parsed.outcome
    if isinstance(y, Levels):
        raise DataError(
            f"The outcome {name!r} is not numeric (first value: {y.labels[y.codes[0]]!r}). "
            f"A linear model needs numbers: {as_number(name, y.labels)}"
        )
    if isinstance(y, Matrix) or np.shape(y) != (table.n,):
        raise FormulaError(f"The left-hand side {name!r} must be one numeric outcome.")
    y = np.asarray(y, float)
    check_computable(y, f"The outcome {name!r}")
    if varies and len(y) > 1 and np.ptp(y) == 0:
        raise DataError(
            f"The outcome {name!r} is {y[0]:g} in every row: nothing varies, so there is "
            "nothing to explain. Check the column, or the rows you selected."
        )
    return y, learnt


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
    if _clearly_independent(X.T):
        return tuple(range(X.shape[1]))
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


def _clearly_independent(rows: np.ndarray) -> bool:
    """Whether products alone tell all columns (p, n) apart, which they do in the usual case.

    What is independent when centred is so before; one constant may stand beside it.
    """
    raw = np.einsum("pn,qn->pq", rows, rows) if len(rows) <= FEW else rows @ rows.T
    means, squares = rows.mean(axis=1), np.diag(raw)
    centred = raw - rows.shape[1] * np.outer(means, means)
    sizes = np.sqrt(np.maximum(np.diag(centred), 0.0))
    varies = sizes > CLEARLY * np.sqrt(squares)
    others = rows[~varies]
    if len(others) > 1 or not all(row[0] != 0 and np.all(row == row[0]) for row in others):
        return False
    unit = centred[np.ix_(varies, varies)] / np.outer(sizes[varies], sizes[varies])
    return not len(unit) or bool(np.linalg.eigvalsh(unit)[0] > CLEARLY)


def _spans_constant(basis) -> bool:
    return len(basis) > 0 and np.ptp(basis[0]) == 0


def _factors(parsed: ParsedFormula, table: Table, coded: dict) -> tuple[Factor, ...]:
    """All terms on the same factor become one Factor with several blocks.

    `coded` keeps what is made of each side: that of a bar is often that of the fixed part.
    """
    return tuple(_factor(terms, parsed, table, coded) for terms in by_factor(parsed.random))


def by_factor(terms) -> list[list[RandomTerm]]:
    """Terms on one factor together; `a:g` and `g:a` are one."""
    together: dict[frozenset, list[RandomTerm]] = {}
    for term in terms:
        together.setdefault(frozenset(term.factor), []).append(term)
    return list(together.values())


def _factor(terms, parsed: ParsedFormula, table: Table, coded: dict) -> Factor:
    first: RandomTerm = terms[0]
    codes, levels, parts = group_codes([table.groups[name] for name in first.factor])
    made = [_coded(side, parsed, table, coded) for term in terms for side in term.sides]
    matrices, codings, kept = zip(*made, strict=True)
    blocks = blocks_of(matrices)
    names = tuple(name for coding in codings for name in coding.names)
    Z = matrices[0] if len(matrices) == 1 else np.concatenate(matrices, axis=1)
    check_effects(names, first.factor_name, blocks, kept)
    return Factor(
        name=first.factor_name,
        columns=first.factor,
        codes=codes,
        levels=levels,
        Z=Z,
        names=names,
        blocks=blocks,
        codings=codings,
        parts=parts,
    )


def _coded(side, parsed: ParsedFormula, table: Table, coded: dict) -> tuple:
    """The columns of one side, their coding, and which of them are independent; each side once."""
    if side not in coded:
        X, coding = finite_columns(*code(side, table, parsed.text))
        coded[side] = X, coding, independent_columns(X)
    return coded[side]


def blocks_of(matrices) -> tuple[tuple[int, int], ...]:
    """Column runs (from, to) whose effects are correlated: the columns of one side."""
    ends = np.cumsum([0, *(Z.shape[1] for Z in matrices)]).tolist()
    return tuple(pairwise(ends))


def group_codes(columns: list[Levels]):
    """Codes 0..J-1, the levels that occur in the columns' own order, and the levels by column."""
    if len(columns) == 1:
        return columns[0].codes, pd.Index(_plain(columns[0].values)), (columns[0].values,)
    flat = np.ravel_multi_index([c.codes for c in columns], [len(c.values) for c in columns])
    occurring, codes = np.unique(flat, return_inverse=True)
    places = np.unravel_index(occurring, [len(c.values) for c in columns])
    parts = tuple(c.values[at] for c, at in zip(columns, places, strict=True))
    return codes.astype(np.intp), pd.Index(joined_labels(parts)), parts


def _plain(values: np.ndarray):
    """Values that pandas may store as what they are: whole numbers, text."""
    return values if values.dtype != object else values.tolist()


def joined_labels(parts) -> list[str]:
    """The labels of combinations, by ':'; in backticks where two would read alike."""
    labels = [[label_of(value) for value in part] for part in parts]
    joined = list(map(":".join, zip(*labels, strict=True)))
    if len(set(joined)) == len(joined):
        return joined
    clear = [[quoted(text) if set(":`") & set(text) else text for text in part] for part in labels]
    return list(map(":".join, zip(*clear, strict=True)))


# -- what cannot be fitted -------------------------------------------------------------------


def check_effects(names, factor: str, blocks, kept) -> None:
    """The random effects of one factor are some, different, and none a combination of others.

    `kept` are each block's independent columns; in a block of its own an effect may be a
    combination of others: (1 | g) + (0 + f | g).
    """
    check_effect_names(names, factor)
    for (start, stop), some in zip(blocks, kept, strict=True):
        check_told_apart(names[start:stop], factor, some)


def check_effect_names(names, factor: str) -> None:
    """There is an effect, and none stands twice."""
    if not names:
        raise FormulaError(f"No effect stands before the bar for {factor!r}. Write '1' for one.")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise FormulaError(
            f"The random effect {twice!r} stands twice for {factor!r}. Write it once; "
            f"for uncorrelated effects '(1 | {factor}) + (0 + x | {factor})'."
        )


def check_told_apart(names, factor: str, kept) -> None:
    """Raise for the first effect that is not among those kept."""
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
        widest = max(stop - start for start, stop in factor.blocks)
        if J * widest >= n:
            raise ModelError(
                f"{widest} random effects for each of {J} groups of {factor.name!r} make "
                f"{widest * J} in all, and there are only {n} rows. Use fewer random effects."
            )
