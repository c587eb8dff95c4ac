"""SPSS and Stata files: values that carry labels."""

from pathlib import Path

import pandas as pd

from hlmteach.datasets.advice import broken_file, missing_package
from hlmteach.errors import DataError

_KINDS = {".sav": "an SPSS file", ".zsav": "an SPSS file", ".dta": "a Stata file"}


def read_labelled(path: Path, value_labels: bool | list[str] = True) -> pd.DataFrame:
    """Read an existing .sav, .zsav or .dta; see `read_sav` for what becomes of labels."""
    data, meta = _read(path)
    data = data.assign(**{c: data[c].where(data[c] != "") for c in data if _is_text(data[c])})
    labels = {c: _valid_labels(c, meta) for c in data.columns if c in meta.variable_value_labels}
    chosen = _chosen(path, labels, value_labels)
    columns = {c: _categorical(data[c], labels[c]) for c in chosen if _fits(data[c], labels[c])}
    data = data.assign(**columns)
    data.attrs = {"value_labels": labels, "column_labels": _column_labels(meta)}
    return data


def _read(path: Path) -> tuple[pd.DataFrame, object]:
    """Read rows with user-missing values as missing, and metadata that still names those values."""
    try:
        import pyreadstat
    except ImportError as error:
        raise missing_package(path, "pyreadstat") from error
    reader = pyreadstat.read_dta if path.suffix.lower() == ".dta" else pyreadstat.read_sav
    try:
        data, _ = reader(path, dates_as_pandas_datetime=True)
        _, meta = reader(path, metadataonly=True, user_missing=True)
    except (pyreadstat.ReadstatError, UnicodeDecodeError) as error:
        raise broken_file(path, _KINDS[path.suffix.lower()], error) from error
    return data.infer_objects(), meta


def _is_text(column: pd.Series) -> bool:
    return pd.api.types.is_object_dtype(column) or pd.api.types.is_string_dtype(column)


def _valid_labels(name: str, meta) -> dict:
    """Keep the labels of values that are not declared missing, in the order of the values."""
    ranges = meta.missing_ranges.get(name, [])
    labels = meta.variable_value_labels[name]
    # Stata's missing values of a number, .a to .z, are labelled by their letter.
    text = meta.readstat_variable_types[name] == "string"
    valid = [v for v in labels if isinstance(v, str) == text and not _within(v, ranges)]
    return {value: labels[value] for value in sorted(valid)}


def _within(value, ranges: list[dict]) -> bool:
    return any(r["lo"] <= value <= r["hi"] for r in ranges)


def _chosen(path: Path, labels: dict, choice: bool | list[str]) -> list[str]:
    """Name the labelled columns that the caller wants as categoricals."""
    if isinstance(choice, bool):
        return list(labels) if choice else []
    for name in choice:
        if name not in labels:
            raise _not_labelled(path, name, list(labels))
    return list(choice)


def _fits(column: pd.Series, labels: dict) -> bool:
    """Whether every value has a label, and no two values share one."""
    values = set(column.dropna().unique())
    return bool(labels) and values <= set(labels) and len(set(labels.values())) == len(labels)


def _categorical(column: pd.Series, labels: dict) -> pd.Categorical:
    return pd.Categorical(column.map(labels), categories=list(labels.values()))


def _column_labels(meta) -> dict[str, str]:
    return {name: text for name, text in meta.column_names_to_labels.items() if text}


def _not_labelled(path: Path, name: str, labelled: list[str]) -> DataError:
    there = ", ".join(labelled) if labelled else "none"
    return DataError(
        f"value_labels names {name!r}, but {path.name!r} has no value labels for such a column. "
        f"Columns with value labels: {there}."
    )
