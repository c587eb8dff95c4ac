"""Which sign is the decimal sign of a file: what its numbers prove, and what must be asked."""

import numpy as np
import pandas as pd

from hlmteach.datasets.digits import Signs
from hlmteach.datasets.questions import OpenQuestionError

_NAMES = {".": "point", ",": "comma"}


def decimal_sign(file: str, signs: dict[str, Signs]) -> str:
    """Decide by the columns that can be read in one way only.

    Raises
    ------
    OpenQuestionError
        When columns contradict each other, or when nothing tells 1.200 and 1200 apart.

    Examples
    --------
    >>> decimal_sign("f.csv", {"x": Signs(comma="3,5"), "y": Signs(either="1.200")})
    ','
    """
    point = next((s.point for s in signs.values() if s.point), None)
    comma = next((s.comma for s in signs.values() if s.comma), None)
    if point and comma:
        raise _contradiction(file, point, comma)
    decimal = "," if comma else "."
    for name, column in signs.items():
        if column.either and not (column.point or column.comma):
            # Who writes 1.200 and 900 in one column means 1200: as decimals they were 900.000.
            grouped = column.whole and column.padded and decimal in column.either
            if grouped or not (point or comma):
                raise _ambiguous(file, name, column.either)
    return decimal


def doubtful(numbers: pd.Series) -> bool:
    """Whether floats may be 1.200 for 1200: each is whole, or has three decimals and is above 1.

    Examples
    --------
    >>> doubtful(pd.Series([1.2, 900.0, 13.4])), doubtful(pd.Series([1.2345, 2.0]))
    (True, False)
    """
    values = numbers.to_numpy(float)
    values = np.abs(values[np.isfinite(values)])
    part = values[values % 1 != 0]
    thousandths = part * 1000
    exact = np.abs(thousandths - np.round(thousandths)) < 1e-6 * thousandths
    return bool(((part > 1) & (part < 1000) & exact).all())


def proven_point(numbers: pd.Series) -> str:
    """An example of a number that the point as decimal sign is proven by."""
    values = numbers.to_numpy(float)
    part = values[np.isfinite(values) & (values % 1 != 0)]
    thousandths = np.abs(part) * 1000
    proof = (np.abs(part) < 1) | (np.abs(thousandths - np.round(thousandths)) > 1e-6 * thousandths)
    return str(part[proof][0] if proof.any() else part[0])


def _ambiguous(file: str, name: str, cell: str) -> OpenQuestionError:
    sign, other = (",", ".") if "," in cell else (".", ",")
    return OpenQuestionError(
        f"{file!r} holds {cell!r} in column {name!r}: is that {_NAMES[sign]} a decimal sign, or "
        "does it mark thousands?",
        {
            "if it is a decimal sign": {"decimal": sign},
            "if it marks thousands": {"decimal": other, "thousands": sign},
        },
    )


def _contradiction(file: str, point: str, comma: str) -> OpenQuestionError:
    return OpenQuestionError(
        f"{file!r} holds both {point!r} and {comma!r}: which is the decimal sign?",
        {"if it is the point": {"decimal": "."}, "if it is the comma": {"decimal": ","}},
        "; or mend the file",
    )
