"""A table too large for memory: cross-products added up over its pieces, in one pass.

The likelihood needs the rows only through their products (equations 12 to 14), and products of
pieces add up. The first piece settles the terms, their categories and a centre near the means.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hlmteach.datasets.streams import pieces
from hlmteach.engine.checks import check_reml
from hlmteach.engine.columns import Columns, NoRows, Slots, independent, whitened
from hlmteach.engine.crossprod import Design, Response, reduce, respond
from hlmteach.engine.fit import Fit
from hlmteach.engine.formula import ParsedFormula, parse, read_side
from hlmteach.engine.frame import (
    Factor,
    ModelFrame,
    blocks_of,
    check_columns,
    check_effects,
    check_numeric,
    check_sizes,
    check_table,
    check_values,
    columns_used,
    group_codes,
    matrix_of,
    notice_dropped,
    r_names,
)
from hlmteach.engine.grouping import Grouping, pair_sums
from hlmteach.engine.newrows import check_categories, evaluate_terms
from hlmteach.engine.solve import maximise
from hlmteach.errors import DataError, ModelError


@dataclass(frozen=True)
class Terms:
    """What the first piece settles: how a piece becomes slots. The last slot is y.

    `specs` are those of y, of X and of each bar; `slots` where their columns are; `blocks` Z's;
    `order` the groups' own order, where their column is categorical.
    """

    parsed: ParsedFormula
    specs: tuple
    slots: tuple[tuple[int, ...], ...]
    names: tuple[tuple[str, ...], ...]
    blocks: tuple[tuple[int, int], ...]
    centre: np.ndarray
    order: tuple

    @property
    def z_slots(self) -> np.ndarray:
        """The slots that Z is made of, and the ones."""
        return np.unique([0, *(s for slots in self.slots[2:] for s in slots)])


class Tally:
    """Products added up over pieces: T in all, P by group; groups are numbered as they come."""

    def __init__(self, slots: int, z_slots: int):
        self.T = np.zeros((slots, slots))
        self.P = np.zeros((z_slots, slots, 64))
        self.groups: dict = {}

    def add(self, T: np.ndarray, P: np.ndarray, levels) -> None:
        """Add one piece's products."""
        codes = [self.groups.setdefault(level, len(self.groups)) for level in levels]
        while len(self.groups) > self.P.shape[2]:
            self.P = np.concatenate([self.P, np.zeros_like(self.P)], axis=2)
        self.P[:, :, codes] += P
        self.T += T


def fit_chunks(
    formula: str,
    chunks,
    REML: bool = True,  # noqa: N803
    categories: dict | None = None,
    na_action: str = "omit",
) -> Fit:
    """Fit a mixed model to a table that comes in pieces, larger than memory if need be.

    The products of equations 12 to 14 are added up in one pass over the pieces; the fit is the one
    that `hlm.lmer` finds with all rows at once.

    Parameters
    ----------
    formula : str
        As for `hlm.lmer`, with one grouping factor, or none (least squares).
    chunks : iterable of DataFrames, path of a parquet file, Arrow, DuckDB or Dask table
        The pieces, in any order; a group may be spread over many.
    REML : bool
        True for restricted maximum likelihood, False for ML.
    categories : dict or None
        By column, all categories of a categorical predictor, the reference first. Without it the
        first piece must hold them all.
    na_action : {"omit", "fail"}
        What to do with rows that have missing values.

    Returns
    -------
    Fit
        Without its rows: what needs them (fitted, resid, refit, ...) says so; `predict(newdata)`
        works.

    Raises
    ------
    FormulaError, DataError, ModelError
        As for `hlm.lmer`; and for a category that is new in a later piece, several grouping
        factors, or a term such as scale(x) that needs all rows at once.

    References
    ----------
    Longford (1987), Biometrika 74, 817-827, on fitting from products by group.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> data = hlm.load("HLM")
    >>> pieces = [data.iloc[:1000], data.iloc[1000:]]
    >>> model2 = hlm.fit_chunks("Satisfaction ~ 1 + (1 | Time)", pieces, REML=False)
    >>> round(model2.loglik, 3)
    -3263.775
    """
    parsed, reml = parse(formula), check_reml(REML)
    _check_factors(parsed)
    used = columns_used(_sides(parsed), parsed)
    terms, tally = None, None
    for piece in pieces(chunks, used):
        table = _rows_of(piece, used, categories or {}, na_action)
        if not len(table):
            continue
        if terms is None:
            terms = _settle(parsed, table)
            tally = Tally(len(terms.centre), len(terms.z_slots))
        tally.add(*_products(terms, table))
    if terms is None:
        raise DataError("The chunks hold no complete row. Check how they are read or filtered.")
    return _finish(terms, tally, reml)


def _check_factors(parsed: ParsedFormula) -> None:
    if len({term.factor for term in parsed.random}) > 1:
        raise ModelError(
            f"{parsed.text!r} has several grouping factors; over chunks one can be fitted. Use "
            "hlm.lmer on data that fit in memory."
        )


def _sides(parsed: ParsedFormula) -> list:
    """The formulas of y, of X and of each bar."""
    texts = [f"0 + {parsed.outcome}", parsed.fixed, *(term.effects for term in parsed.random)]
    return [read_side(text, parsed.text) for text in texts]


# -- pieces ----------------------------------------------------------------------------------


def _rows_of(piece, used, categories, na_action: str) -> pd.DataFrame:
    """The complete rows of a piece, its declared categories in place."""
    if isinstance(piece, pd.DataFrame) and not len(piece):
        return piece
    check_table(piece)
    check_columns(used, piece)
    if na_action not in ("omit", "fail"):
        raise ModelError(f"na_action={na_action!r} is not known. Use 'omit' or 'fail'.")
    missing = piece[used].isna().any(axis=1).to_numpy()
    if missing.any() and na_action == "fail":
        raise DataError(
            f"{missing.sum()} of {len(piece)} rows of a chunk have missing values. Use "
            "na_action='omit' to leave them out, or fill them first."
        )
    table = piece.loc[~missing, used].reset_index(drop=True)
    check_values(table)
    declared = {name: _declared(name, table[name], levels) for name, levels in categories.items()}
    return table.assign(**declared)


def _declared(name: str, column: pd.Series, levels) -> pd.Categorical:
    known = list(levels)
    unknown = [value for value in column.unique() if value not in known]
    if unknown:
        raise DataError(
            f"Column {name!r} holds the category {unknown[0]!r}, which categories= does not list. "
            f"It lists {', '.join(map(repr, known))}."
        )
    return pd.Categorical(column, known)


def _settle(parsed: ParsedFormula, table) -> Terms:
    """Read the formulas on the first piece; equal columns of X and Z share a slot."""
    check_numeric(table, parsed.outcome)
    place, specs, slots, names, blocks, values = {"Intercept": 0}, [], [], [], [], []
    for i, formula in enumerate(_sides(parsed)):
        M, columns, spec = matrix_of(formula, table, parsed.text)
        _check_stateless(spec)
        columns = ["y"] if i == 0 else [str(column) for column in columns]
        if i > 1:
            blocks += blocks_of(parsed.random[i - 2], spec, start=sum(map(len, slots[2:])))
        for column, of_rows in zip(columns, M.T, strict=True):
            if column not in place and i > 0:
                place[column] = len(place)
                values.append(of_rows.mean())
        slots.append(tuple(place.get(column, -1) for column in columns))
        names.append(r_names(columns))
        specs.append(spec)
    y = evaluate_terms(specs[0], table)[:, 0].mean()
    centre = np.array([0.0, *values, y])
    parts = (tuple(part) for part in (specs, slots, names, blocks))
    return Terms(parsed, *parts, centre, _own_order(parsed, table))


def _own_order(parsed: ParsedFormula, table) -> tuple:
    columns = parsed.random[0].factor if parsed.random else ()
    if len(columns) == 1 and isinstance(table[columns[0]].dtype, pd.CategoricalDtype):
        return tuple(table[columns[0]].cat.categories)
    return ()


def _check_stateless(spec) -> None:
    if spec.transform_state:
        raise ModelError(
            f"The term {next(iter(spec.transform_state))} needs all rows at once, which chunks do "
            "not give. Compute the column beforehand."
        )


def _products(terms: Terms, table: pd.DataFrame):
    """T, P and the levels of one piece."""
    values = np.empty((len(terms.centre) - 1, len(table)))
    for spec, slots in zip(terms.specs, terms.slots, strict=True):
        check_categories(spec, table, "the first chunk (name them all by categories=...)")
        for s, column in zip(slots, evaluate_terms(spec, table).T, strict=True):
            if s:
                values[s - 1 if s > 0 else -1] = column
    values -= terms.centre[1:, None]
    columns = Columns(values, terms.centre)
    if not terms.parsed.random:
        return columns.totals(), np.zeros((1, len(terms.centre), 0)), ()
    codes, levels = group_codes(table, terms.parsed.random[0].factor)
    unused = np.zeros((len(terms.centre), 0))
    g = Grouping("", codes, len(levels), columns, unused, unused, ())
    return columns.totals(), pair_sums(g, terms.z_slots), levels


# -- all of them -----------------------------------------------------------------------------


def _finish(terms: Terms, tally: Tally, reml: bool) -> Fit:
    d, r, frame = _reduced(terms, tally)
    found = maximise(d, r, reml)
    verb = "lmer" if terms.parsed.random else "gls"
    at = found.theta[0], found.at, bool(found.converged[0])
    return Fit(frame, d, NoRows(), r, reml, verb, *at)


def _reduced(terms: Terms, tally: Tally) -> tuple[Design, Response, ModelFrame]:
    """Design, response and a frame without rows, from the products of all pieces."""
    T, centre = tally.T[:-1, :-1], terms.centre[:-1]
    x = Slots(terms.slots[1], 1.0, ((0, len(terms.slots[1])),))
    kept = independent(x, centre, T)
    notice_dropped(terms.names[1], kept, stacklevel=5)
    x = Slots(tuple(x.slots[i] for i in kept), 1.0, ((0, len(kept)),))
    factors = (_factor(terms, tally, centre, T),) if terms.parsed.random else ()
    check_sizes(int(T[0, 0]), len(kept), factors)
    order = _order(tally, factors)
    P = tally.P[:, :, order]
    columns = Columns(NoRows(), centre)
    groupings = [_grouping(f, terms, columns, T) for f in factors]
    rows = np.isin(terms.z_slots, groupings[0].slots) if factors else np.array([True])
    d = reduce(columns, x, groupings, T, P[rows, :-1])
    r = _response(d, terms.centre[-1], tally.T, P[rows])
    names = tuple(terms.names[1][i] for i in kept)
    none = NoRows()
    return (
        d,
        r,
        ModelFrame(terms.parsed, none, none, names, factors, none, none, terms.specs[1], kept),
    )


def _order(tally: Tally, factors) -> list[int]:
    return [tally.groups[level] for level in factors[0].levels] if factors else []


def _factor(terms: Terms, tally: Tally, centre, T) -> Factor:
    term = terms.parsed.random[0]
    names = sum(terms.names[2:], ())
    part = Slots(sum(terms.slots[2:], ()), 1.0, terms.blocks)
    check_effects(names, term.factor_name, independent(part, centre, T))
    levels = _levels(tally.groups, terms)
    none = NoRows()
    specs = terms.specs[2:]
    return Factor(term.factor_name, term.factor, none, levels, none, names, terms.blocks, specs)


def _levels(groups, terms: Terms) -> pd.Index:
    """The groups in their column's own order, else sorted."""
    if len({isinstance(group, str) for group in groups}) > 1:
        raise DataError(
            f"The groups of {terms.parsed.random[0].factor_name!r} are text in one chunk and "
            "numbers in another. Read the column as text in all of them."
        )
    known = [group for group in terms.order if group in groups]
    return pd.Index(known + sorted(set(groups) - set(known)))


def _grouping(factor: Factor, terms: Terms, columns: Columns, T) -> Grouping:
    part = Slots(sum(terms.slots[2:], ()), 1.0, factor.blocks)
    maps = whitened(part, columns.centre, T)
    return Grouping(factor.name, NoRows(), factor.n_levels, columns, *maps, factor.blocks)


def _response(d: Design, centre: float, T, P) -> Response:
    """The response, whose products were taken about `centre`, about its mean instead."""
    n, total = T[0, 0], T[0, -1]
    shift = centre + total / n if d.constant is not None else 0.0
    off = centre - shift
    with_slots = T[-1, :-1] + off * T[0, :-1]
    square = T[-1, -1] + 2 * off * total + n * off**2
    by_group = P[:, -1] + off * P[:, 0]
    return respond(d, np.array([shift]), with_slots[None], np.array([square]), by_group[None])
