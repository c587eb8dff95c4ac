"""Terms and a table -> the columns of X or Z with R's names, and how to make them of new rows."""

import operator
from collections import Counter
from dataclasses import dataclass, field
from functools import reduce

import numpy as np

from hlmteach.engine.reading.algebra import Side
from hlmteach.engine.reading.contrasts import contrasts, dummies
from hlmteach.engine.reading.evaluate import evaluate
from hlmteach.engine.reading.stored import Levels, check_labels
from hlmteach.engine.reading.syntax import Name, deparse, quoted
from hlmteach.engine.reading.table import Table, places_among
from hlmteach.engine.reading.values import Matrix
from hlmteach.errors import DataError, ModelError


@dataclass(frozen=True)
class Columns:
    """How one variable enters one term: `table` (K, w) turns codes into columns, None for numbers.

    `names` end the variable's name; `keys` tell columns of equal content, whatever their name is.
    """

    table: np.ndarray | None
    names: tuple[str, ...]
    keys: tuple


@dataclass(frozen=True)
class Coding:
    """A side of a formula, fitted to a table: all that is needed to make its columns of new rows.

    `parts` holds by term how its variables enter, `levels` by variable its categories, if it has
    any; `memory` what functions learnt; `names` are the columns', `keys` tell two columns of equal
    content.
    """

    side: Side
    parts: tuple[tuple[Columns, ...], ...]
    levels: tuple[Levels | None, ...]
    names: tuple[str, ...]
    keys: tuple
    memory: dict = field(repr=False)

    def matrix(self, table: Table, home: str) -> np.ndarray:
        """The columns (n, p) of a table whose columns are as those of the fit, in its `home`."""
        values = [evaluate(tree, table, self.memory) for tree in self.side.variables]
        where = f"is not in {home}"
        placed = [
            v if known is None else known.with_codes(places_among(deparse(tree), v, known, where))
            for tree, v, known in zip(self.side.variables, values, self.levels, strict=True)
        ]
        return self.columns_of(placed, table.n)

    def columns_of(self, values, n: int) -> np.ndarray:
        """The columns (n, p) of the variables' values."""
        X = np.empty((len(self.names), n))
        at = 0
        if self.side.intercept:
            X[0], at = 1.0, 1
        for term, parts in zip(self.side.terms, self.parts, strict=True):
            factors = [
                _columns(part, values[i], n)
                for part, i in zip(parts, self.side.members(term), strict=True)
            ]
            block = reduce(_products, factors)
            X[at : at + len(block)] = block
            at += len(block)
        return X.T

    @property
    def terms(self) -> list[tuple[str, tuple[int, ...]]]:
        """Each term with the numbers of its columns."""
        terms, at = ([("(Intercept)", (0,))], 1) if self.side.intercept else ([], 0)
        for term, parts in zip(self.side.terms, self.parts, strict=True):
            width = int(np.prod([len(part.names) for part in parts]))
            terms.append((self.side.label(term), tuple(range(at, at + width))))
            at += width
        return terms


def code(side: Side, table: Table, whole: str, drop: bool = True) -> tuple[np.ndarray, Coding]:
    """The columns (n, p) of a side, and the coding that makes them of other rows.

    Levels that no row has are dropped, unless `drop` is False. A factor stands with all its levels
    where what is left of the term without it is not in the model, else by its contrasts: the rule
    of R's `terms.formula` and `model.matrix`.

    Examples
    --------
    >>> import pandas as pd
    >>> from hlmteach.engine.reading.algebra import side_of
    >>> from hlmteach.engine.reading.syntax import tree_of
    >>> from hlmteach.engine.reading.table import read_columns
    >>> data = pd.DataFrame({"x": [1, 2, 3], "f": ["a", "b", "b"]})
    >>> side = side_of([("+", tree_of("x * f"))], "")
    >>> X, coding = code(side, read_columns(data, ["x", "f"]), "")
    >>> coding.names, X[1].tolist()
    (('(Intercept)', 'x', 'fb', 'x:fb'), [1.0, 2.0, 1.0, 2.0])
    """
    memory: dict = {}
    values = [_value(tree, table, memory, whole, drop) for tree in side.variables]
    in_full = _in_full(side, [isinstance(_categories(v), Levels) for v in values])
    parts = tuple(
        tuple(_part(side, values, i, (k, i) in in_full, whole) for i in side.members(term))
        for k, term in enumerate(side.terms)
    )
    names, keys = _names(side, parts)
    levels = tuple(v.with_codes(v.codes[:0]) if isinstance(v, Levels) else None for v in values)
    coding = Coding(side=side, parts=parts, levels=levels, names=names, keys=keys, memory=memory)
    return coding.columns_of(values, table.n), coding


def _value(tree, table: Table, memory: dict, whole: str, drop: bool):
    """A variable's value; its levels are those that occur."""
    value = evaluate(tree, table, memory)
    if isinstance(value, tuple | str) or value is None:
        raise DataError(f"In {whole!r} {deparse(tree)} is not one value for each row.")
    if isinstance(value, Levels):
        value = value.used() if drop else value
        if len(value.labels) < 2 and drop:
            raise ModelError(
                f"The predictor {deparse(tree)} has one category ({value.labels[0]!r}), so there "
                "is nothing to compare. Leave it out."
            )
        check_labels(value.labels, deparse(tree))
    return value


def _categories(value):
    """True/False are categories where they are no part of a sum."""
    if isinstance(value, np.ndarray) and value.dtype == bool:
        return Levels(value.astype(np.intp), np.array([False, True], object), "logical")
    return value


def _in_full(side: Side, categorical) -> set[tuple[int, int]]:
    """(term, variable) of the factors that stand with all their levels."""
    full = set()
    for k, term in enumerate(side.terms):
        for i in side.members(term):
            rest = term & ~(1 << i)
            covered = not rest or any(rest & ~earlier == 0 for earlier in side.terms[:k])
            if categorical[i] and not covered:
                full.add((k, i))
    if not side.intercept:  # then the first factor of all stands for the constant
        factors = (
            (k, i) for k, t in enumerate(side.terms) for i in side.members(t) if categorical[i]
        )
        full |= {next(factors, (-1, -1))}
    return full


def _part(side: Side, values, i: int, in_full: bool, whole: str) -> Columns:
    value, tree = _categories(values[i]), side.variables[i]
    if isinstance(value, Matrix):
        names = value.names if len(value.names) > 1 else ("",)
        return Columns(None, names, tuple((tree, name) for name in names))
    if not isinstance(value, Levels):
        return Columns(None, ("",), ((tree, ""),))
    table, names = dummies(value) if in_full else contrasts(value, whole)
    kind = "dummy" if in_full or np.isin(table, (0.0, 1.0)).all() else str(value.contrast)
    return Columns(table, names, tuple((tree, kind, name) for name in names))


def _columns(part: Columns, value, n: int) -> np.ndarray:
    """The columns (w, n) of one variable in one term."""
    if isinstance(value, Matrix):
        return value.values.T
    if part.table is None:
        return np.broadcast_to(np.asarray(value, float), (n,))[None]
    codes = value.codes if isinstance(value, Levels) else value.astype(np.intp)
    return part.table.T[:, codes]


def _products(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """All products of two sets of columns, the first varying fastest."""
    products = second[:, None] * first[None]
    return products.reshape(len(second) * len(first), first.shape[1])


def _names(side: Side, parts) -> tuple[tuple[str, ...], tuple]:
    """R's names of the columns; two columns that would be called alike are told apart."""
    names, keys = ["(Intercept)"] * side.intercept, [()] * side.intercept
    spelt = list(names)
    for term, columns in zip(side.terms, parts, strict=True):
        variables = [side.variables[i] for i in side.members(term)]
        names += _joined([_plain(v) for v in variables], columns, operator.add)
        spelt += _joined([deparse(v) for v in variables], columns, _bracketed)
        keys += _combined([part.keys for part in columns])
    if len(set(names)) < len(names):
        count = Counter(names)
        alike = [at for at, name in enumerate(names) if count[name] > 1 and keys[at]]
        names = [spelt[at] if at in alike else name for at, name in enumerate(names)]
    return tuple(names), tuple(keys)


def _plain(variable) -> str:
    """A column's own name, and R's text of an expression."""
    if isinstance(variable, Name):
        return quoted(variable.name) if variable.name == "(Intercept)" else variable.name
    return deparse(variable)


def _joined(variables, columns, form) -> list[str]:
    ends = [
        [form(v, name) if name else v for name in part.names]
        for v, part in zip(variables, columns, strict=True)
    ]
    return [":".join(names) for names in _combined(ends)]


def _bracketed(variable: str, label: str) -> str:
    return f"{variable}[{label if label.isalnum() else quoted(label)}]"


def _combined(lists) -> list[tuple]:
    """One of each list, in all ways, the first varying fastest."""
    combinations = [()]
    for items in lists:
        combinations = [(*before, item) for item in items for before in combinations]
    return combinations
