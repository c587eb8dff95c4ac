"""The data sets that travel with the package."""

from pathlib import Path

import pandas as pd

from hlmteach.datasets.advice import did_you_mean
from hlmteach.datasets.delimited import EXACT
from hlmteach.datasets.labelled import OURS, read_labelled
from hlmteach.datasets.options import Options
from hlmteach.datasets.registry import REGISTRY, Column, DataSet
from hlmteach.errors import DataError

FOLDER = Path(__file__).parent / "data"


def names() -> list[str]:
    """Name the data sets that `load` knows.

    Returns
    -------
    list of str

    Examples
    --------
    >>> import hlmteach.datasets as datasets
    >>> datasets.names()
    ['HLM', 'twin', 'sleepstudy', 'Dyestuff', 'Dyestuff2', 'Penicillin', 'Pastes', 'Orthodont']
    """
    return list(REGISTRY)


def describe(name: str) -> DataSet:
    """Say what a data set holds: meaning, unit, source and licence of every column.

    Parameters
    ----------
    name : str
        One of `names()`.

    Returns
    -------
    DataSet
        Prints as text; `.columns` holds the same as records.

    Raises
    ------
    DataError
        When there is no such data set.

    Examples
    --------
    >>> import hlmteach.datasets as datasets
    >>> print(datasets.describe("Dyestuff"))
    Dyestuff: yield of a dyestuff from six batches of an intermediate product (30 rows)
      Batch (identifier): batch of the intermediate product
      Yield (grams of standard colour): yield of one preparation
    Source: Davies OL, Goldsmith PL (eds) (1972). ...
    Licence: Published measurements, used as facts with their source. ...
    """
    if not isinstance(name, str) or name not in REGISTRY:
        raise _no_such_set(name)
    return REGISTRY[name]


def load(name: str | None = None) -> pd.DataFrame:
    """Load a data set that travels with the package.

    `load("HLM")` is the tutorial's data: **synthetic, calibrated to a published tutorial's printed
    results**. The tutorial never published its rows. These 2,681 were solved backwards from its
    tables, and R's nlme and lme4 print those tables again on them. Group sizes, group means, the
    total of NPD and the within-group sums of squares of Satisfaction and NPD are pinned by the
    printed numbers. Not pinned: which Time label belongs to which group (chosen), and BPD (one of
    many columns that fit). Its columns:

    ============ ============================================== ==============================
    column       meaning                                        unit
    ============ ============================================== ==============================
    Satisfaction satisfaction with one's relationship           scale points, 1 to 6 (k/6, k/7)
    NPD          narcissistic personality disorder symptoms     scale points, integers 1 to 6
    BPD          borderline personality disorder symptoms       points, 0 to 128
    Time         before marriage, 1 year after, 5 years after   categorical, codes 1, 2, 3
    ============ ============================================== ==============================

    `load("twin")` has 250 people, asked three times each, with a column that says who is who. It is
    drawn from a known model, which `describe("twin")` tells.

    The other sets are classics, measured and published by others; `describe(name)` gives source,
    unit and licence of each column.

    Parameters
    ----------
    name : str
        One of `names()`: HLM, twin, sleepstudy, Dyestuff, Dyestuff2, Penicillin, Pastes,
        Orthodont.

    Returns
    -------
    DataFrame
        A fresh copy; grouping columns are (unordered) categoricals with levels in R's order.

    Raises
    ------
    DataError
        When there is no such data set.

    References
    ----------
    Chansiri K (2021). Hierarchical Linear Modeling: A Step by Step Guide. Towards Data Science.

    Examples
    --------
    The group sizes and group means that the tutorial's printed results pin:

    >>> import hlmteach as hlm
    >>> data = hlm.load("HLM")
    >>> data.groupby("Time", observed=True)["Satisfaction"].agg(["size", "mean"]).round(8)
                     size      mean
    Time
    before marriage   992  4.993928
    1 year after      830  5.153299
    5 years after     859  5.133489
    """
    record = describe(name)
    data = _read_hlm() if name == "HLM" else _read_csv(record)
    return data.assign(**{c.name: _categorical(data[c.name], c) for c in _factors(record)})


def _read_hlm() -> pd.DataFrame:
    data, *_ = read_labelled(OURS, Options())
    return data.assign(Time=data["Time"].map(dict(enumerate(_time_labels(), start=1))))


def _time_labels() -> tuple[str, ...]:
    return next(c.levels for c in REGISTRY["HLM"].columns if c.name == "Time")


def _read_csv(record: DataSet) -> pd.DataFrame:
    text = dict.fromkeys((c.name for c in _factors(record)), str)
    return pd.read_csv(FOLDER / f"{record.name}.csv", dtype=text, **EXACT)


def _factors(record: DataSet) -> list[Column]:
    return [c for c in record.columns if c.levels]


def _categorical(values: pd.Series, column: Column) -> pd.Categorical:
    return pd.Categorical(values, categories=list(column.levels))


def _no_such_set(name: str) -> DataError:
    if name is None:
        return DataError(f"Which data set? Give its name. There are: {', '.join(names())}.")
    hint = did_you_mean(str(name), names())
    return DataError(f"No data set is called {name!r:.60}.{hint} There are: {', '.join(names())}.")
