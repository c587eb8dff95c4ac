"""What a student may hand to a verb, checked: a fit, a count, a share, a choice, a seed."""

from numbers import Real

import numpy as np

from hlmteach.engine.checks import floats, shown
from hlmteach.engine.fit import Fit
from hlmteach.errors import ModelError


def check_fit(fit, verb: str) -> Fit:
    """A fitted model, or an error that says what came instead."""
    if not isinstance(fit, Fit):
        raise ModelError(
            f"{verb}() needs a fitted model, not {shown(fit)}. Fit one with hlm.gls, hlm.lme or "
            "hlm.lmer."
        )
    return fit


def check_given(verb: str, example: str, **given) -> None:
    """All that a verb cannot do without."""
    missing = [name for name, value in given.items() if value is None]
    if missing:
        raise ModelError(f"{verb}() needs {' and '.join(missing)}, as in {example}.")


def check_count(n, name: str) -> int:
    """A positive whole number, or an error that says so."""
    if not isinstance(n, int | np.integer) or isinstance(n, bool) or n < 1:
        raise ModelError(f"{name}={shown(n)} must be a positive whole number, as in {name}=1000.")
    return int(n)


def check_share(value, name: str) -> float:
    """A number between 0 and 1."""
    if not isinstance(value, Real) or not 0 < value < 1:
        raise ModelError(f"{name}={shown(value)} must lie between 0 and 1, as 0.95 or 0.05 do.")
    return float(value)


def check_choice(value, name: str, known) -> None:
    """One of the known values."""
    if not any(value is one or (isinstance(value, str) and value == one) for one in known):
        choices = ", ".join(repr(one) for one in known)
        raise ModelError(f"{name}={shown(value)} is not known. Use one of {choices}.")


def check_number(value, name: str) -> float:
    """A finite number."""
    if not isinstance(value, Real) or not np.isfinite(value):
        raise ModelError(f"{name}={shown(value)} must be a number.")
    return float(value)


def check_numbers(values, name: str) -> np.ndarray:
    """One finite number or several, as an array (k,) or more."""
    array = np.atleast_1d(floats(values, name))
    if not array.size or not np.isfinite(array).all():
        raise ModelError(f"{name}={shown(values)} must be one finite number, or several.")
    return array


OWN_STREAM = (104, 108, 109)  # "hlm"
TABLES = (*OWN_STREAM, 1)


def generator(seed, stream: tuple[int, ...] = OWN_STREAM) -> np.random.Generator:
    """The random numbers of a seed, apart from those of `numpy.random.default_rng(seed)`.

    A student may draw x by `default_rng(1)` and an outcome of it by `simulate(seed=1)`: in one and
    the same stream the errors would be x again, times sigma. Tables that are drawn whole have the
    stream TABLES: what is simulated from a table with its own seed is then not the table again.
    """
    if isinstance(seed, np.random.Generator):
        return seed
    try:
        return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=stream))
    except (TypeError, ValueError):
        raise ModelError(
            f"seed={shown(seed)} must be a whole number of 0 or more, as in seed=1, or None for "
            "other draws each time."
        ) from None
