"""New rows for a model that was fitted to others: the same columns, read in the same way."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hlmteach.engine.frame import Factor, ModelFrame, group_codes
from hlmteach.engine.reading.coding import Coding
from hlmteach.engine.reading.stored import label_of
from hlmteach.engine.reading.table import Table, check_table, conform, read_columns
from hlmteach.errors import DataError, ModelError

HOME = "the data the model was fitted to"


@dataclass(frozen=True)
class NewRows:
    """X (N, p), and by factor Z (N, q) and codes (N,), -1 for a group that is not in the data.

    `used` marks the rows without missing values; the matrices hold those only. `strangers` are the
    new groups by factor.
    """

    X: np.ndarray
    Z: dict[str, np.ndarray]
    codes: dict[str, np.ndarray]
    strangers: dict[str, list]
    used: np.ndarray
    index: pd.Index


def new_rows(frame: ModelFrame, data: pd.DataFrame, groups=None) -> NewRows:
    """Evaluate the model's terms on new rows; only the factors named in `groups` need columns.

    None is all of them. The rows have codes for those factors only.

    Raises
    ------
    DataError
        For a missing column, a category that the model does not know, text for numbers, inf.
    ModelError
        For a model that was not made by a formula.
    """
    if frame.coding is None:
        raise ModelError(
            "This model was made from arrays, so new rows cannot be put into its terms. Fit it by "
            "a formula to predict."
        )
    check_table(data)
    wanted = [f for f in frame.factors if groups is None or f.name in groups]
    columns = tuple(dict.fromkeys(name for f in wanted for name in f.columns))
    whole = read_columns(data, frame.formula.predictors, columns)
    used = np.ones(whole.n, bool)
    for gaps in whole.missing().values():
        used &= ~gaps
    if not used.any():
        raise DataError("Every new row has a missing value in a column of the model.")
    table = conform(whole.take(np.flatnonzero(used)), frame.table, HOME)
    Z = {f.name: _effects(f, table) for f in frame.factors}
    X = evaluate_terms(frame.coding, table, HOME)[:, list(frame.kept)]
    codes, strangers = {}, {}
    for factor in wanted:
        codes[factor.name], strangers[factor.name] = _codes(factor, table)
    return NewRows(
        X=X,
        Z=Z,
        codes=codes,
        strangers={k: v for k, v in strangers.items() if v},
        used=used,
        index=data.index,
    )


def evaluate_terms(coding: Coding, table: Table, home: str) -> np.ndarray:
    """The columns of one side on the table."""
    values = coding.matrix(table, home)
    if not np.isfinite(values).all():
        raise DataError("A term of the model is not a finite number in the new rows (log of 0?).")
    return values


def _effects(factor: Factor, table: Table) -> np.ndarray:
    return np.concatenate([evaluate_terms(c, table, HOME) for c in factor.codings], axis=1)


def _codes(factor: Factor, table: Table) -> tuple[np.ndarray, list[str]]:
    """The rows' places among the factor's levels, by their text (308 is '308', as in R); the new.

    A level that the model does not know has the place -1.
    """
    new, _, parts = group_codes([table.groups[name].used() for name in factor.columns])
    place = {labels: j for j, labels in enumerate(_labels(factor.parts))}
    labels = _labels(parts)
    strangers = [":".join(at) for at in labels if at not in place]
    return np.array([place.get(at, -1) for at in labels])[new], strangers


def _labels(parts) -> list[tuple[str, ...]]:
    return list(zip(*([label_of(value) for value in part] for part in parts), strict=True))
