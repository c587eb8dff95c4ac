"""SPSS and Stata files: values that carry labels, dates that are counted in seconds or days."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from hlmteach.datasets.advice import broken_file, missing_package
from hlmteach.datasets.cells import is_text
from hlmteach.datasets.dates import columns_of_time
from hlmteach.datasets.delimited import EXACT
from hlmteach.datasets.doubts import numeric_columns
from hlmteach.datasets.options import Options
from hlmteach.datasets.questions import listed
from hlmteach.errors import DataError

BEST_PACKED = 1032  # cells of SPSS per byte of its file, where zlib packs them as well as it can
_KINDS = {".sav": "an SPSS file", ".zsav": "an SPSS file", ".dta": "a Stata file"}


OURS = Path(__file__).parent / "data" / "HLM.sav"


def read_labelled(path: Path, options: Options) -> tuple[pd.DataFrame, list[str], dict]:
    """Read an existing .sav, .zsav or .dta; see `read_sav` for what becomes of labels.

    The package's own, which lesson 05 reads, is read in a browser's Python too.
    """
    if find_spec("pyreadstat") is None and path.resolve() == OURS.resolve():
        data = pd.read_csv(path.with_suffix(".csv.gz"), dtype=float, **EXACT)
        return data, [], {"value_labels": {}, "column_labels": {name: name for name in data}}
    data, meta = _read(path, options.encoding)
    data, notes = columns_of_time(data, meta.original_variable_types)
    data = _plain_numbers(data)
    data = data.assign(**{c: data[c].where(data[c] != "") for c in data if is_text(data[c])})
    labels = {c: _valid_labels(c, meta) for c in data.columns if c in meta.variable_value_labels}
    chosen = _chosen(path, labels, True if options.value_labels is None else options.value_labels)
    columns = {c: _categorical(data[c], labels[c]) for c in chosen if _fits(data[c], labels[c])}
    kept = [note for c in chosen if c not in columns for note in _not_fitting(data[c], labels[c])]
    how = {"value_labels": labels, "column_labels": _column_labels(meta)}
    return data.assign(**columns), [*notes, *kept], how


def _read(path: Path, encoding: str | None) -> tuple[pd.DataFrame, object]:
    """Read rows with user-missing values as missing, and metadata that still names those values."""
    try:
        import pyreadstat
    except ImportError as error:
        raise missing_package(path, "pyreadstat") from error
    reader = pyreadstat.read_dta if path.suffix.lower() == ".dta" else pyreadstat.read_sav
    try:
        _, meta = reader(path, metadataonly=True, user_missing=True, encoding=encoding)
        _check_size(path, meta)
        data, _ = reader(path, disable_datetime_conversion=True, encoding=encoding)
    except (pyreadstat.ReadstatError, UnicodeDecodeError) as error:
        raise _unreadable(path, encoding, error) from error
    return data.infer_objects(), meta


def _check_size(path: Path, meta) -> None:
    """Refuse a header that promises more than the file can hold; memory is taken by its word."""
    rows, size = meta.number_rows or 0, path.stat().st_size
    fit = size * (1 if path.suffix.lower() == ".dta" else BEST_PACKED)
    if rows * max(meta.number_columns, 1) > fit:
        said = f"it promises {rows:,} rows of {meta.number_columns:,} columns in {size:,} bytes"
        raise broken_file(path, _KINDS[path.suffix.lower()], said)


def _unreadable(path: Path, encoding: str | None, error: Exception) -> DataError:
    about = str(error).lower()
    if any(word in about for word in ("convert", "encod", "character")) or isinstance(
        error, UnicodeDecodeError
    ):
        tried = f" as {encoding!r}" if encoding else ""
        return DataError(
            f"The texts of {path.name!r} cannot be read{tried} ({error}). Say which encoding they "
            'are in: encoding="utf-8", "cp1252" (Windows, western), "cp1250", "cp1251" or another.'
        )
    return broken_file(path, _KINDS[path.suffix.lower()], error)


def _plain_numbers(data: pd.DataFrame) -> pd.DataFrame:
    """Store numbers as int64 and float64: 42 squared does not fit into Stata's byte."""
    small = numeric_columns(data)
    wide = {c: np.int64 if pd.api.types.is_integer_dtype(data[c]) else np.float64 for c in small}
    return data.astype({c: kind for c, kind in wide.items() if data[c].dtype != kind})


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


def _not_fitting(column: pd.Series, labels: dict) -> list[str]:
    """Say why a column whose values have labels, or nearly all, stays as it is.

    A scale with labels at its ends only is left without a word.
    """
    if not labels:  # only what is missing has one
        return []
    values = column.dropna().unique()
    bare = [value for value in values if value not in labels]
    stays = f"Column {column.name!r} keeps its codes:"
    if len(set(labels.values())) < len(labels):
        twice = next(t for t in labels.values() if list(labels.values()).count(t) > 1)
        return [f"{stays} two of them have one label, {twice!r}."]
    ends = len(labels) <= 3 and all(min(labels) < value < max(labels) for value in bare)
    if bare and not ends and len(bare) < len(values) - len(bare):
        shown = listed(f"{value:g}" if not isinstance(value, str) else value for value in bare)
        return [f"{stays} no label for {shown}, while the others have one."]
    return []


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
