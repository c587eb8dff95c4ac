"""A piece of a table that is read piece by piece: its rows, its slots, its products.

The first piece settles the terms, their categories and a centre near the means.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hlmteach.engine.columns import Columns
from hlmteach.engine.frame import (
    blocks_of,
    checked_action,
    finite_columns,
    group_codes,
    outcome_of,
)
from hlmteach.engine.grouping import Grouping, pair_sums
from hlmteach.engine.newrows import evaluate_terms
from hlmteach.engine.reading.coding import code
from hlmteach.engine.reading.formula import ParsedFormula
from hlmteach.engine.reading.stored import Levels
from hlmteach.engine.reading.syntax import deparse
from hlmteach.engine.reading.table import Table, check_table, conform, places_among, read_columns
from hlmteach.errors import DataError, ModelError

LEVELS_ONLY = {"factor", "as.factor", "ordered", "as.ordered", "relevel"}  # learn no more
HOME = "the first chunk (name them all by categories=...)"


@dataclass(frozen=True)
class Terms:
    """What the first piece settles: how a piece becomes slots. The last slot is y.

    `codings` are those of X and of each bar's sides, `slots` where their columns are; `blocks` are
    Z's, `known` the columns of the first piece, and `order` the groups' own order by column, where
    a column is categorical.
    """

    parsed: ParsedFormula
    codings: tuple
    slots: tuple[tuple[int, ...], ...]
    blocks: tuple[tuple[int, int], ...]
    centre: np.ndarray
    known: Table
    order: tuple

    @property
    def names(self) -> tuple[str, ...]:
        """The names of Z's columns."""
        return tuple(name for coding in self.codings[1:] for name in coding.names)

    @property
    def z_slots(self) -> np.ndarray:
        """The slots that Z is made of, and the ones."""
        return np.unique([0, *(s for slots in self.slots[1:] for s in slots)])


def rows_of(piece, parsed: ParsedFormula, categories, na_action: str) -> Table:
    """The complete rows of a piece, its declared categories in place."""
    if isinstance(piece, pd.DataFrame) and not len(piece):
        return Table({}, {}, 0)
    check_table(piece)
    whole = read_columns(piece, [*parsed.outcomes, *parsed.predictors], parsed.groups)
    action = checked_action(na_action)
    bad = np.zeros(whole.n, bool)
    for gaps in whole.missing().values():
        bad |= gaps
    if bad.any() and action == "fail":
        raise DataError(
            f"{bad.sum()} of {whole.n} rows of a chunk have missing values. Use "
            "na_action='omit' to leave them out, or fill them first."
        )
    table = whole.take(np.flatnonzero(~bad))
    for name, levels in categories.items():
        for part in (table.columns, table.groups):
            if name in part:
                part[name] = _declared(name, part[name], levels)
    return table


def _declared(name: str, column, levels) -> Levels:
    values = np.empty(len(levels), object)
    values[:] = list(levels)
    known = Levels(np.zeros(0, np.intp), values, "factor")
    return known.with_codes(
        places_among(name, column, known, "categories= does not list", "It lists")
    )


def settle(parsed: ParsedFormula, table: Table) -> Terms:
    """Read the formulas on the first piece; equal columns of X and Z share a slot."""
    sides = [parsed.side, *(side for term in parsed.random for side in term.sides)]
    coded = [code(side, table, parsed.text, drop=False) for side in sides]
    y, learnt = outcome_of(parsed, table, varies=False)
    for memory in (learnt, *(coding.memory for _, coding in coded)):
        _check_stateless(memory)
    place, values, slots = {(): 0}, [], []
    for M, coding in coded:
        finite_columns(M, coding)
        for key, column in zip(coding.keys, M.T, strict=True):
            if key not in place:
                place[key] = len(place)
                values.append(column.mean())
        slots.append(tuple(place[key] for key in coding.keys))
    return Terms(
        parsed=parsed,
        codings=tuple(coding for _, coding in coded),
        slots=tuple(slots),
        blocks=blocks_of([Z for Z, _ in coded[1:]]),
        centre=np.array([0.0, *values, y.mean()]),
        known=table.take(np.arange(0)),
        order=tuple(_own_order(table.groups[name]) for name in _group_columns(parsed)),
    )


def _group_columns(parsed: ParsedFormula) -> tuple[str, ...]:
    return parsed.random[0].factor if parsed.random else ()


def _own_order(column: Levels) -> list:
    categories = column.kind in ("factor", "ordered") and column.values.dtype == object
    return column.values.tolist() if categories else []


def _check_stateless(memory: dict) -> None:
    for call in memory:
        if call.function not in LEVELS_ONLY:
            raise ModelError(
                f"The term {deparse(call)} needs all rows at once, which chunks do not give. "
                "Compute the column beforehand."
            )


def products(terms: Terms, table: Table):
    """T, P and the levels of one piece."""
    known = conform(table, terms.known, HOME)
    values = np.empty((len(terms.centre) - 1, table.n))
    for coding, slots in zip(terms.codings, terms.slots, strict=True):
        for s, column in zip(slots, evaluate_terms(coding, known, HOME).T, strict=True):
            if s:
                values[s - 1] = column
    values[-1] = outcome_of(terms.parsed, known, varies=False)[0]
    values -= terms.centre[1:, None]
    columns = Columns(values, terms.centre)
    if not terms.parsed.random:
        return columns.totals(), np.zeros((1, len(terms.centre), 0)), ()
    groups = [table.groups[name].used() for name in _group_columns(terms.parsed)]
    codes, levels, parts = group_codes(groups)
    unused = np.zeros((len(terms.centre), 0))
    g = Grouping(
        name="",
        codes=codes,
        n_levels=len(levels),
        columns=columns,
        weights=unused,
        map=unused,
        blocks=(),
    )
    return columns.totals(), pair_sums(g, terms.z_slots), list(zip(*parts, strict=True))
