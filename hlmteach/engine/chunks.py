"""A table too large for memory: cross-products added up over its pieces, in one pass.

The likelihood needs the rows only through their products (equations 12 to 14), and products of
pieces add up. The first piece settles the terms, their categories and a centre near the means.
"""

import numpy as np
import pandas as pd

from hlmteach.datasets.streams import pieces
from hlmteach.engine.checks import check_reml
from hlmteach.engine.columns import Columns, NoRows, Slots, independent, whitened
from hlmteach.engine.crossprod import Design, Response, reduce, respond
from hlmteach.engine.fit import Fit
from hlmteach.engine.frame import (
    Factor,
    ModelFrame,
    check_effect_names,
    check_sizes,
    check_told_apart,
    joined_labels,
    notice_dropped,
)
from hlmteach.engine.grouping import Grouping
from hlmteach.engine.pieces import Terms, products, rows_of, settle
from hlmteach.engine.progress import Progress
from hlmteach.engine.reading.formula import ParsedFormula, parse
from hlmteach.engine.reading.refused import refuse_arguments
from hlmteach.engine.solve import maximise
from hlmteach.errors import DataError, ModelError


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
    formula: str | None = None,
    chunks=None,
    REML: bool = True,  # noqa: N803
    categories: dict | None = None,
    na_action: str = "omit",
    verbose: bool = True,
    **not_offered,
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
    verbose : bool
        Whether work of more than two seconds shows how far it is.
    **not_offered
        R's other arguments (weights, offset, subset, ...) are refused, each with what to do.

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
    offered = ("formula", "chunks", "REML", "categories", "na_action", "verbose")
    refuse_arguments("fit_chunks", not_offered, offered)
    parsed, reml = parse(formula), check_reml(REML)
    _check_factors(parsed)
    terms, tally = None, None
    with Progress("Reading", "rows", verbose=verbose) as progress:
        for piece in pieces(chunks, list(parsed.columns)):
            table = rows_of(piece, parsed, categories or {}, na_action)
            if not table.n:
                continue
            if terms is None:
                terms = settle(parsed, table)
                tally = Tally(len(terms.centre), len(terms.z_slots))
            tally.add(*products(terms, table))
            progress.step(table.n)
    if terms is None:
        raise DataError("The chunks hold no complete row. Check how they are read or filtered.")
    return _finish(terms, tally, reml)


def _check_factors(parsed: ParsedFormula) -> None:
    if len({frozenset(term.factor) for term in parsed.random}) > 1:
        raise ModelError(
            f"{parsed.text!r} has several grouping factors; over chunks one can be fitted. Use "
            "hlm.lmer on data that fit in memory."
        )


# -- all of them -----------------------------------------------------------------------------


def _finish(terms: Terms, tally: Tally, reml: bool) -> Fit:
    d, r, frame = _reduced(terms, tally)
    optimum = maximise(d, r, reml)
    verb = "lmer" if terms.parsed.random else "gls"
    return Fit(
        frame=frame,
        design=d,
        y=NoRows(),
        response=r,
        reml=reml,
        verb=verb,
        white_theta=optimum.theta[0],
        solution=optimum.at,
        converged=bool(optimum.converged[0]),
    )


def _reduced(terms: Terms, tally: Tally) -> tuple[Design, Response, ModelFrame]:
    """Design, response and a frame without rows, from the products of all pieces."""
    T, centre = tally.T[:-1, :-1], terms.centre[:-1]
    x = Slots(terms.slots[0], 1.0, ((0, len(terms.slots[0])),))
    kept = independent(x, centre, T)
    coding = terms.codings[0]
    notice_dropped(coding.names, kept, stacklevel=5)
    x = Slots(tuple(x.slots[i] for i in kept), 1.0, ((0, len(kept)),))
    groups = _in_order(tally.groups, terms) if terms.parsed.random else []
    factors = (_factor(terms, groups, centre, T),) if terms.parsed.random else ()
    check_sizes(int(T[0, 0]), len(kept), factors)
    P = tally.P[:, :, [tally.groups[group] for group in groups]]
    columns = Columns(NoRows(), centre)
    groupings = [_grouping(f, terms, columns, T) for f in factors]
    rows = np.isin(terms.z_slots, groupings[0].slots) if factors else np.array([True])
    d = reduce(columns, x, groupings, T, P[rows, :-1])
    r = _response(d, terms.centre[-1], tally.T, P[rows])
    none = NoRows()
    frame = ModelFrame(
        formula=terms.parsed,
        y=none,
        X=none,
        names=tuple(coding.names[i] for i in kept),
        factors=factors,
        data=none,
        rows=none,
        coding=coding,
        kept=kept,
        table=terms.known,
    )
    return d, r, frame


def _factor(terms: Terms, groups, centre, T) -> Factor:
    term, names = terms.parsed.random[0], terms.names
    check_effect_names(names, term.factor_name)
    for start, stop in terms.blocks:
        part = Slots(_z_slots(terms)[start:stop], 1.0, ((0, stop - start),))
        check_told_apart(names[start:stop], term.factor_name, independent(part, centre, T))
    parts = tuple(_raw(part) for part in zip(*groups, strict=True))
    levels = [group[0] for group in groups] if len(parts) == 1 else joined_labels(parts)
    return Factor(
        name=term.factor_name,
        columns=term.factor,
        codes=NoRows(),
        levels=pd.Index(levels),
        Z=NoRows(),
        names=names,
        blocks=terms.blocks,
        codings=terms.codings[1:],
        parts=parts,
    )


def _z_slots(terms: Terms) -> tuple[int, ...]:
    return sum(terms.slots[1:], ())


def _raw(part) -> np.ndarray:
    values = np.empty(len(part), object)
    values[:] = part
    return values


def _in_order(groups, terms: Terms) -> list[tuple]:
    """The groups by their columns' own order, else sorted."""
    ranks = []
    for k, known in enumerate(terms.order):
        values = {group[k] for group in groups}
        if len({isinstance(value, str) for value in values}) > 1:
            raise DataError(
                f"The groups of {terms.parsed.random[0].factor_name!r} are text in one chunk and "
                "numbers in another. Read the column as text in all of them."
            )
        ordered = [*known, *sorted(values - set(known))]
        ranks.append({value: rank for rank, value in enumerate(ordered)})
    return sorted(groups, key=lambda group: [r[v] for r, v in zip(ranks, group, strict=True)])


def _grouping(factor: Factor, terms: Terms, columns: Columns, T) -> Grouping:
    part = Slots(_z_slots(terms), 1.0, factor.blocks)
    weights, to_raw = whitened(part, columns.centre, T)
    return Grouping(
        name=factor.name,
        codes=NoRows(),
        n_levels=factor.n_levels,
        columns=columns,
        weights=weights,
        map=to_raw,
        blocks=factor.blocks,
    )


def _response(d: Design, centre: float, T, P) -> Response:
    """The response, whose products were taken about `centre`, about its mean instead."""
    n, total = T[0, 0], T[0, -1]
    shift = centre + total / n if d.constant is not None else 0.0
    off = centre - shift
    with_slots = T[-1, :-1] + off * T[0, :-1]
    square = T[-1, -1] + 2 * off * total + n * off**2
    by_group = P[:, -1] + off * P[:, 0]
    products = with_slots[None], np.array([square]), by_group[None]
    return respond(d, np.array([shift]), *products, np.zeros((1, 0)))
