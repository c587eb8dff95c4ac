"""Whether one fit is a special case of another, and which variances the step tests."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hlmteach.engine.fit import Fit
from hlmteach.engine.frame import Factor
from hlmteach.errors import ModelError

SPANNED_WITHIN = 1e-7  # a column this close to a span, relative to its size, lies in it


@dataclass(frozen=True)
class Step:
    """From a small fit to a large one: `df` parameters more.

    `boundary` counts the new variances that stand alone or join effects already there; `joint`
    says that several new effects come in at once, correlated with each other.
    """

    df: int
    boundary: int
    joint: bool


def step_between(small: Fit, large: Fit, names=("the small model", "the large model")) -> Step:
    """Describe the step from `small` to `large`.

    Raises
    ------
    ModelError
        Where `small` is no special case of `large`, saying why.
    """
    for fit, name in zip((small, large), names, strict=True):
        if not fit.has_rows:
            raise ModelError(
                f"{name} was fitted by chunks, so there are no rows by which to see that one model "
                "is a special case of the other. hlm.anova(..., test=False) lists AIC and BIC."
            )
    _check_fixed(small, large, names)
    inside = _blocks_inside(small, large, names)
    new = [factor.q - known for factor, known in inside]
    return Step(large.n_params - small.n_params, sum(k == 1 for k in new), any(k > 1 for k in new))


def check_comparable(fits, names) -> None:
    """Refuse fits whose likelihoods do not speak of the same data, or not in the same way."""
    first = fits[0]
    for fit, name in zip(fits[1:], names[1:], strict=True):
        both = f"{names[0]} and {name}"
        check_rows(first, fit, both)
        if fit.reml != first.reml:
            raise ModelError(
                f"{both} are fitted differently, one by ML and one by REML; their likelihoods "
                "cannot be compared. Fit both by ML."
            )
        if fit.reml and not _same_columns(first, fit):
            raise ModelError(
                f"{both} have different fixed effects ({_listed(first)}; {_listed(fit)}) and are "
                "fitted by REML, whose likelihood depends on them. Fit both by ML to compare."
            )


def check_rows(a: Fit, b: Fit, both: str) -> None:
    """Refuse two fits to different rows or outcomes; `both` names them."""
    if a.n_obs != b.n_obs:
        raise ModelError(
            f"{both} were fitted to {a.n_obs} and {b.n_obs} rows (missing values in a column that "
            "only one of them uses?). Fit both to the same rows."
        )
    if not _same_outcome(a, b):
        raise ModelError(
            f"{both} do not have the same outcome in the same rows, so their likelihoods cannot "
            "be compared. Fit both to the same outcome and the same table."
        )


def _same_outcome(a: Fit, b: Fit) -> bool:
    """Row by row; by the mean square where a fit over chunks has no rows."""
    if a.has_rows and b.has_rows:
        return np.array_equal(a.y, b.y)
    squares = [fit.response.scale[0] ** 2 + fit.response.shift[0] ** 2 for fit in (a, b)]
    return bool(np.isclose(*squares, rtol=1e-9, atol=0))


def _same_columns(a: Fit, b: Fit) -> bool:
    if a.frame.names != b.frame.names or not (a.has_rows and b.has_rows):
        return a.frame.names == b.frame.names
    return np.allclose(a.frame.X, b.frame.X, rtol=1e-12)


def _listed(fit: Fit) -> str:
    return " + ".join(fit.frame.names) or "none"


# -- the fixed part --------------------------------------------------------------------------


def outside_span(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """Which columns of A (n, a) are no combination of the columns of B (n, b): bool (a,)."""
    if (np.ptp(B, axis=0) == 0).any():
        A, B = A - A.mean(axis=0), B - B.mean(axis=0)
    size = np.linalg.norm(B, axis=0)
    basis = np.linalg.qr(B[:, size > 0] / size[size > 0])[0]
    left = np.linalg.norm(A - basis @ (basis.T @ A), axis=0)
    return left > SPANNED_WITHIN * np.linalg.norm(A, axis=0)


def _check_fixed(small: Fit, large: Fit, names) -> None:
    outside = outside_span(small.frame.X, large.frame.X)
    if outside.any():
        extra = ", ".join(np.array(small.frame.names)[outside])
        raise _not_nested(names, f"its predictor {extra} is not among those of {names[1]}")


# -- the random part -------------------------------------------------------------------------


@dataclass(frozen=True)
class _Block:
    """Effects of one factor that are correlated with each other."""

    factor: Factor
    start: int
    stop: int

    @property
    def q(self) -> int:
        return self.stop - self.start

    @property
    def Z(self) -> np.ndarray:
        return self.factor.Z[:, self.start : self.stop]

    @property
    def text(self) -> str:
        return " + ".join(self.factor.names[self.start : self.stop])


def _blocks(fit: Fit) -> list[_Block]:
    return [_Block(factor, a, b) for factor in fit.frame.factors for a, b in factor.blocks]


def _blocks_inside(small: Fit, large: Fit, names):
    """Each block of `large` with the number of its dimensions that `small` has already.

    The covariance of a block is free, so a block of `small` is a special case exactly when its
    effects are combinations of the effects of one block of the same factor.
    """
    homes = _blocks(large)
    known = [0] * len(homes)
    for block in _blocks(small):
        homes_at = [i for i, home in enumerate(homes) if _lies_in(block, home)]
        if not homes_at:
            raise _not_nested(names, _no_home(block, homes, names[1]))
        known[homes_at[0]] += block.q
    return list(zip(homes, known, strict=True))


def _lies_in(block: _Block, home: _Block) -> bool:
    return _same_groups(block.factor, home.factor) and not outside_span(block.Z, home.Z).any()


def _same_groups(a: Factor, b: Factor) -> bool:
    if a.n_levels != b.n_levels:
        return False
    return np.array_equal(pd.factorize(a.codes)[0], pd.factorize(b.codes)[0])


def _no_home(block: _Block, homes, large: str) -> str:
    if not any(_same_groups(block.factor, home.factor) for home in homes):
        return f"its grouping factor {block.factor.name!r} is not in {large}"
    return (
        f"its random effects ({block.text} | {block.factor.name}) are not made of effects that "
        f"may be correlated in {large}"
    )


def _not_nested(names, reason: str) -> ModelError:
    return ModelError(
        f"{names[0]} is not a special case of {names[1]}: {reason}. A likelihood ratio test needs "
        "nested models; hlm.anova(..., test=False) lists AIC and BIC without a test."
    )
