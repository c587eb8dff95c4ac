"""Read a student's own file into a DataFrame."""

import warnings
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from hlmteach.datasets.advice import broken_file, existing_file, missing_package, unknown_suffix
from hlmteach.datasets.cells import Reading
from hlmteach.datasets.delimited import find_table
from hlmteach.datasets.doubts import side_by_side
from hlmteach.datasets.finish import finished, settled, text_columns
from hlmteach.datasets.labelled import read_labelled
from hlmteach.datasets.options import Options, checked
from hlmteach.datasets.workbook import read_workbook
from hlmteach.errors import DataError, HLMError, HLMWarning

KINDS = {
    **dict.fromkeys((".csv", ".tsv", ".tab", ".txt"), "text"),
    **dict.fromkeys((".sav", ".zsav", ".dta"), "labelled"),
    **dict.fromkeys((".xlsx", ".xlsm"), "excel"),
    **dict.fromkeys((".parquet", ".pq"), "parquet"),
}
_NAMES = {
    "text": "a text table",
    "labelled": "an SPSS or Stata file",
    "excel": "an Excel file",
    "parquet": "a parquet file",
}


def read_table(
    path=None,
    *,
    sep: str | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    encoding: str | None = None,
    sheet: str | int | None = None,
    header: int | list[int] | bool | None = None,
    skip: int | list[int] | None = None,
    foot: int | None = None,
    missing=(),
    text=(),
    fill=(),
    value_labels: bool | list[str] = True,
) -> pd.DataFrame:
    r"""Read a table from a file, by its suffix: csv, tsv, sav, dta, xlsx or parquet.

    What is not said is found out: encoding, separator, decimal sign, where the table begins and
    ends, which sheet. What was odd and could be read is said, in one warning. What could be read in
    two ways is asked, by an error that names the answers. docs/data.md lists each case.

    Parameters
    ----------
    path : str or Path
        The file. Upper- or lower-case suffix.
    sep, encoding : str, optional
        Of a text file: what separates the fields; how letters are stored ("utf-8", "cp1252").
        `encoding` is for SPSS and Stata files too.
    decimal, thousands : str, optional
        "." or ",": the decimal sign. The mark that groups digits: ".", ",", "'" or " ".
    sheet : str or int, optional
        Of an Excel file: the sheet's name, or its place counted from 0. Else the first that is
        not empty.
    header : int, list of int or False, optional
        The row of the file that holds the names, counted from 1; several where the names run over
        several rows; False where there are none: then the columns are V1, V2 and so on.
    skip : int or list of int, optional
        How many rows stand above the names; or a list of rows, anywhere, that are no data.
    foot : int, optional
        How many rows at the end are no data, 0 for none.
    missing : list
        What else counts as a gap, beside NA and its kin: ["n.a.", "missing", -99].
    text : list of str
        Columns that hold words, though they look like numbers: "007" stays "007".
    fill : list of str
        Columns in which an empty cell repeats the one above.
    value_labels : bool or list of str
        For SPSS and Stata files, see `read_sav`.

    Returns
    -------
    DataFrame
        Column names as in the file, always text. Empty rows, and empty columns without a name, are
        dropped. `.attrs["notes"]` lists what was said, `.attrs["read"]` how the file was read.

    Raises
    ------
    DataError
        When the file is missing, empty, broken, of an unknown kind, or leaves a question open. The
        message says what to do.

    Warns
    -----
    HLMWarning
        Once, when something odd was set right: it says what.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import hlmteach as hlm
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "scores.csv")
    ...     _ = file.write_text("pupil;score\nZoe;3,5\nBo;4\n", encoding="utf-8")
    ...     hlm.read_table(file)
      pupil  score
    0   Zoe    3.5
    1    Bo    4.0
    """
    options = Options(
        sep=sep,
        decimal=decimal,
        thousands=thousands,
        encoding=encoding,
        sheet=sheet,
        header=header,
        skip=skip,
        foot=foot,
        missing=missing,
        text=text,
        fill=fill,
        value_labels=None if value_labels is True else value_labels,
    )
    return _read(path, checked(options), KINDS)


def read_sav(
    path=None, *, value_labels: bool | list[str] = True, encoding: str | None = None, missing=()
) -> pd.DataFrame:
    """Read an SPSS file (.sav or .zsav), as R's `read.spss` does with its value labels.

    A column in which every value has a label becomes a categorical, its levels in the order of the
    codes. A column with labels for some values only stays a number. Values that SPSS declares
    missing are missing (and no level). Dates and times of day stay dates and times; a length of
    time (DTIME, MTIME, or a TIME of 24 hours and more) is its seconds.

    Parameters
    ----------
    path : str or Path
        The file.
    value_labels : bool or list of str
        True: labels are used as described. False: every column keeps its codes. A list: labels are
        used for these columns only. An outcome with a label for each of its points (1 "never" to 5
        "always") must keep its codes to be modelled.
    encoding : str, optional
        How letters are stored, where the file says it wrongly: "cp1252", "utf-8".
    missing : list
        Values that are gaps, beside those that the file declares: [-99].

    Returns
    -------
    DataFrame
        `.attrs["value_labels"]` holds every column's labels by code, `.attrs["column_labels"]` the
        columns' long names, `.attrs["notes"]` what was odd.

    Raises
    ------
    DataError
        When the file is missing, empty or broken, or `value_labels` names a column without labels.

    Examples
    --------
    The tutorial's file as it is on disk: Time is a number there, not yet categorical.

    >>> import hlmteach as hlm
    >>> from hlmteach.datasets.library import FOLDER
    >>> hlm.read_sav(FOLDER / "HLM.sav")["Time"].dtype
    dtype('float64')
    """
    options = Options(value_labels=value_labels, encoding=encoding, missing=missing)
    return _read(path, checked(options), {".sav": "labelled", ".zsav": "labelled"})


def _read(path, options: Options, kinds: dict[str, str]) -> pd.DataFrame:
    """Read a file by its kind, say what was odd, and keep it with the data."""
    path = existing_file(path)
    kind = kinds.get(path.suffix.lower())
    if kind is None and kinds is not KINDS:
        raise _no_sav(path)
    if kind is None:
        raise unknown_suffix(path, list(KINDS))
    with _gate(path, kind):
        data, notes, how = _READERS[kind](path, options)
        data, more = finished(path.name, data, options)
    unused = [
        f"{name}= is for other kinds of files, and was not used." for name in options.unused(kind)
    ]
    notes = [*unused, *notes, *more]
    data.attrs = {"notes": notes, **how}
    if notes:
        warnings.warn(
            "\n  ".join([f"{path.name!r} was read; look at this:", *notes]), HLMWarning, 3
        )
    return data


@contextmanager
def _gate(path: Path, kind: str):
    """Let no error or warning of a reader out but in words of our own."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except HLMError:
        raise
    except PermissionError as error:
        raise DataError(
            f"{path.name!r} may not be opened: close it elsewhere, or ask for the right."
        ) from error
    except Exception as error:
        reason = f"{type(error).__name__}: {str(error).strip()[:200]}"
        raise broken_file(path, _NAMES[kind], reason) from error


def _read_text(path: Path, options: Options) -> tuple[pd.DataFrame, list[str], dict]:
    table = find_table(path, options)
    data, read, notes = text_columns(table, options)
    how = {
        "sep": table.lines.sep,
        **read,
        "encoding": table.encoding,
        "header": list(table.header),
        "names": table.names,
        "left_out": list(table.left_out),
        "filled": list(options.fill),
        "rows": len(data),
    }
    nameless = [c for c in table.nameless if data[c].isna().all()]
    notes = [*table.notes, *side_by_side(table.names, nameless), *notes]
    return data.drop(columns=nameless) if nameless else data, notes, {"read": how}


def _read_excel(path: Path, options: Options) -> tuple[pd.DataFrame, list[str], dict]:
    data, notes, how = read_workbook(path, options)
    return data, notes, {"read": how}


def _read_labelled(path: Path, options: Options) -> tuple[pd.DataFrame, list[str], dict]:
    data, notes, labels = read_labelled(path, options)
    data, more = settled(data, _typed(path, options))
    categories = [name for name in data if isinstance(data[name].dtype, pd.CategoricalDtype)]
    how = {"categories": categories, "filled": list(options.fill)}
    return data, [*notes, *more], {**labels, "read": how}


def _read_parquet(path: Path, options: Options) -> tuple[pd.DataFrame, list[str], dict]:
    try:
        from pyarrow import ArrowInvalid, parquet, types
    except ImportError as error:
        raise missing_package(path, "pyarrow") from error
    try:
        data = pd.read_parquet(path, engine="pyarrow")
    except ArrowInvalid as error:
        raise broken_file(path, "a parquet file", error) from error
    if not isinstance(data.index, pd.RangeIndex):
        data = data.reset_index()
    data.columns = [str(name) for name in data.columns]
    nested = [field.name for field in parquet.read_schema(path) if types.is_nested(field.type)]
    several = [name for name in nested if name in data]
    data = data.assign(**{name: data[name].map(str) for name in several})
    data, notes = settled(data, _typed(path, options))
    return (
        data,
        [*(f"Column {n!r} holds lists, which are words here." for n in several), *notes],
        {},
    )


def _typed(path: Path, options: Options) -> Reading:
    return Reading(
        file=path.name,
        decimal=options.said_decimal or ".",
        missing=options.missing,
        text=options.text,
        row=lambda position: position + 1,
        typed=True,
    )


_READERS = {
    "text": _read_text,
    "excel": _read_excel,
    "labelled": _read_labelled,
    "parquet": _read_parquet,
}


def _no_sav(path: Path) -> DataError:
    return DataError(
        f"{path.name!r} does not end in .sav, as SPSS files do. read_table reads other kinds."
    )
