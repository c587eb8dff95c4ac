"""Whatever a student hands in -> what JSON can hold. Nothing else ever leaves the notebook."""

import math
from numbers import Integral, Real

import numpy as np
import pandas as pd

from hlmteach.engine.fit import Fit
from hlmteach.exercises.numbers import AnswerError
from hlmteach.exercises.record import LONGEST_TEXT, MOST_ITEMS


def plain_answer(answer, longest: int = LONGEST_TEXT):
    """Return an answer as None, bool, int, float, str, list or dict.

    Parameters
    ----------
    answer : object
        A number (Python's or numpy's), text, letters, a fitted model, a widget or its state.
    longest : int
        Characters that a text may have.

    Raises
    ------
    AnswerError
        When it is none of these.
    """
    try:
        return _text(answer, longest) if isinstance(answer, str) else _plain(answer)
    except AnswerError:
        raise
    except Exception as error:  # an object of the student's own, whose methods do anything
        raise AnswerError(
            f"An answer of type {type(answer).__name__} cannot be read: {type(error).__name__}. "
            "Hand in a number, a letter, a word or a fitted model."
        ) from error


def _plain(answer):
    if isinstance(answer, np.ndarray | pd.Series | pd.Index | pd.DataFrame):
        return _single(answer)
    if isinstance(answer, Fit):
        return _fit(answer)
    if isinstance(answer, list | tuple | set | frozenset):
        return _several(answer)
    if isinstance(answer, dict):
        return _named(answer)
    if isinstance(getattr(answer, "state", None), dict):
        return _named(answer.state)
    return _scalar(answer)


def _scalar(answer):
    if answer is None or isinstance(answer, bool | np.bool_):
        return None if answer is None else bool(answer)
    if isinstance(answer, str):
        return _text(answer, LONGEST_TEXT)
    if isinstance(answer, Integral) and abs(int(answer)) < 2**53:
        return int(answer)
    if isinstance(answer, Real):
        return _finite(answer)
    raise AnswerError(
        f"An answer of type {type(answer).__name__} cannot be read. Hand in a number, a letter, a "
        "word or a fitted model."
    )


def _text(answer: str, longest: int) -> str:
    if len(answer) > longest:
        raise AnswerError(
            f"That is {len(answer):,} characters long; at most {longest:,} are taken. Write the "
            "answer only."
        )
    return str.__str__(answer)


def _finite(answer: Real):
    """A float; what is not finite as text, since JSON has no word for it."""
    try:
        value = float(answer)
    except OverflowError:
        return "inf"
    return value if math.isfinite(value) else str(value)


def _single(answer):
    values = answer.to_numpy() if hasattr(answer, "to_numpy") else answer
    if values.size != 1:
        raise AnswerError(
            f"The answer holds {values.size} values; one is expected. Pick it, as in "
            "model.fixef['NPD']."
        )
    return _scalar(values.reshape(-1)[0])


def _several(answer) -> list:
    if len(answer) > MOST_ITEMS:
        raise AnswerError(f"The answer holds {len(answer)} items; hand in only what is asked.")
    items = [_scalar(item) for item in answer]
    return sorted(items, key=str) if isinstance(answer, set | frozenset) else items


def _named(answer: dict) -> dict:
    if len(answer) > MOST_ITEMS:
        raise AnswerError(f"The answer holds {len(answer)} names; hand in only what is asked.")
    return {str(name)[:LONGEST_TEXT]: _scalar(value) for name, value in answer.items()}


def _fit(fit: Fit) -> dict:
    return {
        "loglik": float(fit.loglik),
        "formula": fit.formula[:LONGEST_TEXT],
        "reml": bool(fit.reml),
        "rows": int(fit.n_obs),
    }
