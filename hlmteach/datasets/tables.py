"""Read a student's own file into a DataFrame."""

from pathlib import Path
from zipfile import BadZipFile

import pandas as pd

from hlmteach.datasets.advice import broken_file, existing_file, missing_package, unknown_suffix
from hlmteach.datasets.delimited import MISSING, drop_nameless, read_delimited, repeated_name
from hlmteach.datasets.labelled import read_labelled
from hlmteach.errors import DataError

TEXT = [".csv", ".tsv", ".tab", ".txt"]
LABELLED = [".sav", ".zsav", ".dta"]
EXCEL = [".xlsx", ".xlsm"]
PARQUET = [".parquet", ".pq"]


def read_table(
    path,
    *,
    sep: str | None = None,
    decimal: str | None = None,
    encoding: str | None = None,
    sheet: str | int = 0,
    value_labels: bool | list[str] = True,
) -> pd.DataFrame:
    r"""Read a table from a file, by its suffix: csv, tsv, sav, dta, xlsx or parquet.

    In text files, what is not said is guessed: the encoding (UTF-8 with or without its mark,
    UTF-16 by its mark, else Windows' western one), the separator (comma, semicolon, tab, bar) and
    the decimal sign (the comma of a European Excel, when no number in the file has a point). A
    comma that could as well mark thousands is asked about, not guessed. Cells that say NA, N/A,
    NaN, NULL, "." or nothing are missing; "None" is a word like any other.

    Parameters
    ----------
    path : str or Path
        The file. Upper- or lower-case suffix.
    sep, decimal, encoding : str, optional
        For text files, to overrule the guess.
    sheet : str or int
        For Excel files: the sheet's name, or its place counted from 0.
    value_labels : bool or list of str
        For SPSS and Stata files, see `read_sav`.

    Returns
    -------
    DataFrame
        Column names as in the file. Empty rows, and empty columns without a name, are dropped.

    Raises
    ------
    DataError
        When the file is missing, empty, broken or of an unknown kind. The message says what to do.

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
    path = existing_file(path)
    suffix = path.suffix.lower()
    if suffix in TEXT:
        data = read_delimited(path, sep, decimal, encoding)
    elif suffix in LABELLED:
        data = read_labelled(path, value_labels)
    elif suffix in EXCEL:
        data = _read_excel(path, sheet)
    elif suffix in PARQUET:
        data = _read_parquet(path)
    else:
        raise unknown_suffix(path, TEXT + LABELLED + EXCEL + PARQUET)
    return _checked(path, data)


def read_sav(path, *, value_labels: bool | list[str] = True) -> pd.DataFrame:
    """Read an SPSS file (.sav or .zsav), as R's `read.spss` does with its value labels.

    A column in which every value has a label becomes a categorical, its levels in the order of the
    codes. A column with labels for some values only stays a number. Values that SPSS declares
    missing are missing (and no level). Dates and times stay dates and times.

    Parameters
    ----------
    path : str or Path
        The file.
    value_labels : bool or list of str
        True: labels are used as described. False: every column keeps its codes. A list: labels are
        used for these columns only. An outcome with a label for each of its points (1 "never" to 5
        "always") must keep its codes to be modelled.

    Returns
    -------
    DataFrame
        `.attrs["value_labels"]` holds every column's labels by code, `.attrs["column_labels"]` the
        columns' long names.

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
    path = existing_file(path)
    if path.suffix.lower() not in LABELLED[:2]:
        raise DataError(
            f"{path.name!r} does not end in .sav, as SPSS files do. read_table reads other kinds."
        )
    return _checked(path, read_labelled(path, value_labels))


def _read_excel(path: Path, sheet: str | int) -> pd.DataFrame:
    try:
        import openpyxl
    except ImportError as error:
        raise missing_package(path, "openpyxl") from error
    try:
        book = pd.ExcelFile(path, engine="openpyxl")
    except (OSError, KeyError, BadZipFile, openpyxl.utils.exceptions.InvalidFileException) as error:
        raise broken_file(path, "an Excel file", error) from error
    with book:
        return _excel_table(path, book, _sheet(path, book.sheet_names, sheet))


def _excel_table(path: Path, book: pd.ExcelFile, sheet: str) -> pd.DataFrame:
    """Read one sheet; as objects first, so that an empty row does not turn whole numbers real."""
    options = {"na_values": MISSING, "keep_default_na": False}
    cells = pd.read_excel(book, sheet_name=sheet, header=None, dtype=object, **options)
    cells = cells.dropna(how="all")
    if cells.empty:
        raise DataError(f"Sheet {sheet!r} of {path.name!r} is empty.")
    header, rows = cells.iloc[0], cells.iloc[1:].reset_index(drop=True)
    unnamed = {i: f"Unnamed: {i}" for i in cells.columns}
    rows.columns = header.fillna(pd.Series(unnamed)).tolist()
    repeated = rows.columns[rows.columns.duplicated()]
    if len(repeated):
        raise repeated_name(path, repeated[0])
    return drop_nameless(rows).infer_objects()


def _sheet(path: Path, names: list[str], sheet: str | int) -> str:
    if sheet in names:
        return sheet
    if isinstance(sheet, int) and 0 <= sheet < len(names):
        return names[sheet]
    raise DataError(f"{path.name!r} has no sheet {sheet!r}. Its sheets: {', '.join(names)}.")


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        import pyarrow
    except ImportError as error:
        raise missing_package(path, "pyarrow") from error
    try:
        return pd.read_parquet(path, engine="pyarrow")
    except pyarrow.ArrowInvalid as error:
        raise broken_file(path, "a parquet file", error) from error


def _checked(path: Path, data: pd.DataFrame) -> pd.DataFrame:
    if data.empty:
        raise DataError(f"{path.name!r} was read, but its table has no rows.")
    return data
