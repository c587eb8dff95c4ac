"""Which random effects a prediction uses: lme4's `re.form`, a formula of some of the bars."""

import numpy as np
import pandas as pd

from hlmteach.engine.checks import shown
from hlmteach.engine.fit import Fit
from hlmteach.engine.frame import Factor, by_factor
from hlmteach.engine.reading.coding import code
from hlmteach.engine.reading.formula import ParsedFormula, parse
from hlmteach.errors import ModelError


def effects_used(fit: Fit, re_form) -> dict[str, np.ndarray]:
    """By factor that is used at all: which of its effects (q,) are; all of them for None.

    Raises
    ------
    ModelError
        For what is no formula of random terms, and for a term that the model does not have.
    """
    if re_form is None:
        return {f.name: np.ones(f.q, bool) for f in fit.frame.factors}
    if not isinstance(re_form, str) and np.ndim(re_form) == 0 and pd.isna(re_form):
        return {}
    if not isinstance(re_form, str):
        raise ModelError(
            f"re_form={shown(re_form)} must be text, as in re_form='~ (1 | Time)'; None for all "
            "random effects, '~0' for none."
        )
    if fit.frame.coding is None:
        raise ModelError(
            "This model was made from arrays, so a formula cannot name its effects. Fit it by one."
        )
    return _used(fit, re_form)


def _used(fit: Fit, re_form: str) -> dict[str, np.ndarray]:
    right = re_form.strip().removeprefix("~")
    columns = map(str, fit.frame.data.columns)
    parsed = parse(f"{fit.frame.formula.outcome} ~ {right}", columns=columns)
    if parsed.side.columns:
        raise ModelError(
            f"re_form={re_form!r} names predictors outside the bars. It chooses random terms, as "
            "in '~ (1 | Time)'; the fixed part is always predicted."
        )
    if not parsed.random and parsed.fixed != "0":
        raise ModelError(
            f"re_form={re_form!r} names no random term. Write '~ (1 | Time)', '~0' for no random "
            "effects, or None for all."
        )
    used: dict[str, np.ndarray] = {}
    for terms in by_factor(parsed.random):
        factor = _factor(fit, terms[0].factor, re_form)
        sides = [side for term in terms for side in term.sides]
        masks = [_effects(fit, factor, side, re_form, parsed) for side in sides]
        used[factor.name] = np.logical_or.reduce(masks)
    return used


def _factor(fit: Fit, columns, re_form: str) -> Factor:
    for factor in fit.frame.factors:
        if set(factor.columns) == set(columns):
            return factor
    known = ", ".join(repr(f.name) for f in fit.frame.factors) or "none"
    raise ModelError(
        f"re_form={re_form!r}: {':'.join(columns)!r} is not a grouping factor of this model. Its "
        f"factors are: {known}."
    )


def _effects(fit: Fit, factor: Factor, side, re_form: str, parsed: ParsedFormula) -> np.ndarray:
    """Which of the factor's effects the side names, alike in name and in values."""
    unknown = [name for name in side.columns if name not in fit.frame.formula.predictors]
    if unknown:
        raise _not_there(unknown[0], factor, re_form)
    Z, coding = code(side, fit.frame.table, parsed.text)
    used = np.zeros(factor.q, bool)
    for name, values in zip(coding.names, Z.T, strict=True):
        at = factor.names.index(name) if name in factor.names else None
        if at is None or not np.allclose(values, factor.Z[:, at]):
            raise _not_there(name, factor, re_form)
        used[at] = True
    return used


def _not_there(name: str, factor: Factor, re_form: str) -> ModelError:
    return ModelError(
        f"re_form={re_form!r}: {name!r} is not a random effect of {factor.name!r} in this model. "
        f"Its effects are: {', '.join(factor.names)}."
    )
