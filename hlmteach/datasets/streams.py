"""Tables that come in pieces: a list or generator, a parquet file, Arrow, DuckDB, Dask."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd

from hlmteach.errors import DataError

ROWS = 250_000  # rows of a piece, where the source lets us choose


def pieces(source, columns: list[str]) -> Iterator[pd.DataFrame]:
    """The table as DataFrames, one after another; of a file only the columns named are read.

    Raises
    ------
    DataError
        For what is no table in pieces, or a file that is not there.
    """
    if isinstance(source, str | Path):
        return _parquet(Path(source), columns)
    if isinstance(source, pd.DataFrame):
        return iter([source])
    for reader in ("to_arrow_reader", "fetch_record_batch"):  # a DuckDB relation, newer and older
        if hasattr(source, reader):
            return (batch.to_pandas() for batch in getattr(source, reader)(ROWS))
    if hasattr(source, "to_batches"):  # an Arrow table or dataset
        return (batch.to_pandas() for batch in source.to_batches())
    if hasattr(source, "get_partition"):  # a Dask frame
        return (source.get_partition(i).compute() for i in range(source.npartitions))
    if isinstance(source, Iterable):
        return iter(source)
    seen = (
        "The chunks are missing" if source is None else f"chunks is of type {type(source).__name__}"
    )
    raise DataError(
        f"{seen}. Give an iterable of DataFrames (as "
        "pd.read_csv(file, chunksize=100_000) is), the path of a parquet file, or an Arrow, DuckDB "
        "or Dask table."
    )


def _parquet(path: Path, columns: list[str]) -> Iterator[pd.DataFrame]:
    if not path.exists():
        raise DataError(f"There is no file {str(path)!r}. Check the path and the folder.")
    if path.suffix.lower() not in (".parquet", ".pq"):
        raise DataError(
            f"{path.name!r} is not a parquet file. For text use pd.read_csv(file, "
            "chunksize=100_000), which is an iterable of DataFrames."
        )
    from pyarrow.parquet import ParquetFile

    with ParquetFile(path) as file:
        # Where one is missing all are read, so that the error can name what there is.
        all_there = set(columns) <= set(file.schema_arrow.names)
        for batch in file.iter_batches(ROWS, columns=columns if all_there else None):
            yield batch.to_pandas()
