"""What R's functions take and give back, beside plain numbers and categories."""

from dataclasses import dataclass

import numpy as np

from hlmteach.engine.reading.stored import Levels


@dataclass(frozen=True)
class Matrix:
    """Several columns (n, k), such as those of a polynomial, with their names."""

    values: np.ndarray
    names: tuple[str, ...]


class UnfitError(Exception):
    """A value that a function cannot take; its message ends a sentence that names the call."""


def learns(function):
    """Mark a function that learns from the data it is fitted to."""
    function.learns = True
    return function


def numeric(x) -> np.ndarray:
    """Numbers; True is 1."""
    if isinstance(x, Levels):
        raise UnfitError(
            f"this needs numbers, and got categories ({', '.join(x.labels[:3])}, ...). "
            "as.numeric() makes numbers of them."
        )
    if isinstance(x, Matrix | str) or x is None:
        raise UnfitError("this needs one column of numbers.")
    return np.asarray(x, float)
