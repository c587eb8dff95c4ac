"""New rows for a model that was fitted to others: the same columns, checked in the same way."""

import difflib
import re
import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from formulaic.errors import DataMismatchWarning

from hlmteach.engine.frame import Factor, ModelFrame, check_columns, check_table, check_values
from hlmteach.errors import DataError, ModelError


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


def new_rows(frame: ModelFrame, data: pd.DataFrame, groups: bool = True) -> NewRows:
    """Evaluate the model's terms on new rows; without `groups` no grouping column is needed.

    Raises
    ------
    DataError
        For a missing column, a category that the model does not know, text for numbers, inf.
    ModelError
        For a model that was not made by a formula.
    """
    if frame.fixed_spec is None:
        raise ModelError(
            "This model was made from arrays, so new rows cannot be put into its terms. Fit it by "
            "a formula to predict."
        )
    check_table(data)
    specs = [frame.fixed_spec, *(spec for factor in frame.factors for spec in factor.specs)]
    needed = list(dict.fromkeys(name for s in specs for name in sorted(map(str, _variables(s)))))
    grouping = [name for f in frame.factors for name in f.columns] if groups else []
    check_columns([*needed, *grouping], data)
    columns = list(dict.fromkeys([*needed, *grouping]))
    used = ~data[columns].isna().any(axis=1).to_numpy()
    if not used.any():
        raise DataError("Every new row has a missing value in a column of the model.")
    table = data.loc[used, columns].reset_index(drop=True).infer_objects()
    check_values(table)
    for spec in specs:
        check_categories(spec, table)
    Z = {f.name: _effects(f, table) for f in frame.factors}
    codes = {f.name: _codes(f, table) for f in frame.factors} if groups else {}
    strangers = {name: _strangers(frame, name, table, c) for name, c in codes.items()}
    X = evaluate_terms(frame.fixed_spec, table)[:, list(frame.kept)]
    return NewRows(X, Z, codes, {k: v for k, v in strangers.items() if v}, used, data.index)


def _variables(spec) -> set[str]:
    return {str(name) for name in spec.required_variables}


def evaluate_terms(spec, table) -> np.ndarray:
    """The columns of one spec on the table; what it has not seen before is an error."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", DataMismatchWarning)
        try:
            values = spec.get_model_matrix(table).to_numpy(float)
        except (DataMismatchWarning, TypeError, ValueError) as error:
            reason = str(error).split("\n")[0]
            raise DataError(
                f"The new rows cannot be put into the model's terms: {reason}"
            ) from None
    if not np.isfinite(values).all():
        raise DataError("A term of the model is not a finite number in the new rows (log of 0?).")
    return values


def _effects(factor: Factor, table) -> np.ndarray:
    return np.concatenate([evaluate_terms(spec, table) for spec in factor.specs], axis=1)


def _codes(factor: Factor, table) -> np.ndarray:
    labels = table[factor.columns[0]]
    if all(isinstance(level, str) for level in factor.levels):
        labels = labels.astype(str)  # Subject 308 is '308', as in R
    if len(factor.columns) > 1:
        parts = [table[name].astype(str) for name in factor.columns]
        labels = pd.Series([":".join(at) for at in zip(*parts, strict=True)], dtype=object)
    return factor.levels.get_indexer(pd.Index(labels.astype(object)))


def _strangers(frame: ModelFrame, name: str, table, codes) -> list:
    factor = next(f for f in frame.factors if f.name == name)
    rows = table.loc[codes < 0, list(factor.columns)].drop_duplicates()
    return [":".join(map(str, row)) for row in rows.itertuples(index=False)]


def check_categories(spec, table, home: str = "the data the model was fitted to") -> None:
    """Every category of a categorical term must be known from its `home`; numbers stay numbers."""
    for expression, (_, state) in spec.encoder_state.items():
        name = _column_of(str(expression), table)
        if name is None:
            continue
        if "categories" not in state:
            _check_numeric(name, table, home)
            continue
        known = list(state["categories"])
        unknown = [value for value in table[name].unique() if value not in known]
        if unknown:
            near = difflib.get_close_matches(str(unknown[0]), map(str, known), 1, 0.6)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise DataError(
                f"Column {name!r} holds the category {unknown[0]!r}, which is not in {home}."
                f"{hint} Known are {', '.join(map(repr, known))}."
            )


def _column_of(expression: str, table) -> str | None:
    """The column that a term is, or codes as categories."""
    inner = re.fullmatch(r"C\(\s*(\w+).*\)", expression)
    name = inner[1] if inner else expression.strip("`")
    return name if name in table else None


def _check_numeric(name: str, table, home: str) -> None:
    if not pd.api.types.is_numeric_dtype(table[name]):
        raise DataError(
            f"Column {name!r} was numeric in {home}; here it holds {table[name].iloc[0]!r}. "
            "Convert it to numbers."
        )
