"""Combinations of the fixed coefficients, tested one by one or together."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from hlmteach.engine.checks import floats, shown
from hlmteach.engine.fit import Fit
from hlmteach.engine.laws import f as f_distribution
from hlmteach.errors import ModelError
from hlmteach.inference.arguments import check_fit, check_number, check_share
from hlmteach.inference.coefficients.ddf import reference_of, t_columns


def contrast(
    fit: Fit,
    weights=None,
    ddf: str | None = "satterthwaite",
    null: float = 0.0,
    level: float = 0.95,
    joint: bool = False,
) -> pd.DataFrame:
    """Estimate and test combinations L beta of the fixed coefficients (equation 48).

    t = (L beta - null) / se for each row of L; with `joint` the one F test that all rows are
    `null`, whose degrees of freedom come from the same rule.

    Parameters
    ----------
    fit : Fit
    weights : dict, array (p,) or (k, p), or DataFrame
        L: the weight of each coefficient, by its name, as in {"NPD": 1, "BPD": -1}; what is not
        named weighs 0. Several combinations as a dict of such dicts by label, or the rows of an
        array or table.
    ddf : {"satterthwaite", "kenward-roger", "inner-outer", None}
        Degrees of freedom by equation 31, by equation 49 with its standard errors (REML), by
        nlme's rule (the least of the coefficients'), or none: z in place of t.
    null : float
        What each combination is compared with.
    level : float
        Of the intervals, between 0 and 1.
    joint : bool
        One F test of all rows in place of a t test each.

    Returns
    -------
    DataFrame
        estimate, se, df, t, p, lower, upper, a row per combination; or numDF, denDF, F-value,
        p-value.

    Raises
    ------
    ModelError
        For a coefficient that the model has not, weights of another length, or all 0.

    References
    ----------
    Kuznetsova, Brockhoff and Christensen (2017), Journal of Statistical Software 82(13); Kenward
    and Roger (1997), Biometrics 53, 983-997.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model = hlm.lmer("Reaction ~ Days + (Days | Subject)", data=hlm.load("sleepstudy"))
    >>> day9 = hlm.contrast(model, {"(Intercept)": 1, "Days": 9}, ddf="kenward-roger")
    >>> day9[["estimate", "se", "df"]].round(3).iloc[0].tolist()
    [345.611, 14.629, 17.0]
    """
    check_fit(fit, "contrast")
    check_share(level, "level")
    null = check_number(null, "null")
    labels, L = _rows(fit, weights)
    reference, value = reference_of(fit, ddf), L @ fit.fixef.to_numpy()
    if joint:
        return _joint(reference, L, value - null)
    table = t_columns(reference, L, level, value, null).set_axis(labels)
    table.insert(0, "estimate", value)
    return table


def _joint(reference, L, value) -> pd.DataFrame:
    test = reference.test(L, value)
    p = float(f_distribution.sf(test.F, test.num_df, test.den_df))
    numbers = [[test.num_df, test.den_df, test.F, p]]
    return pd.DataFrame(numbers, ["all"], ["numDF", "denDF", "F-value", "p-value"])


def _rows(fit: Fit, weights) -> tuple[list[str], np.ndarray]:
    """The labels of the rows, and L (k, p)."""
    if isinstance(weights, pd.DataFrame):
        weights = dict(weights.T.to_dict())
    if isinstance(weights, Mapping):
        several = weights and all(isinstance(one, Mapping) for one in weights.values())
        rows = weights if several else {None: weights}
        L = np.array([_by_name(fit, row) for row in rows.values()])
        labels = [str(name) for name in rows] if several else [_label(weights)]
    else:
        L = np.atleast_2d(floats(weights, "weights"))
        labels = [str(i) for i in range(1, len(L) + 1)]
    return labels, _checked(fit, weights, L)


def _by_name(fit: Fit, row) -> np.ndarray:
    values = dict.fromkeys(fit.frame.names, 0.0)
    for name, weight in row.items():
        if name not in values:
            raise ModelError(
                f"{name!r} is no coefficient of this model. Its coefficients are: "
                f"{', '.join(fit.frame.names)}."
            )
        values[name] = check_number(weight, f"weights[{name!r}]")
    return np.array(list(values.values()))


def _label(row) -> str:
    """The combination as it would be written: `(Intercept) + 9 Days`."""
    text = ""
    for name, weight in row.items():
        sign = ("-" if weight < 0 else "+") if text else ("-" if weight < 0 else "")
        size = "" if abs(weight) == 1 else f"{abs(weight):g} "
        text += f" {sign} {size}{name}" if text else f"{sign}{size}{name}"
    return text


def _checked(fit: Fit, weights, L) -> np.ndarray:
    if L.ndim != 2 or L.shape[1] != fit.design.p or not np.isfinite(L).all():
        raise ModelError(
            f"weights={shown(weights)} must give a finite number for each of the {fit.design.p} "
            f"coefficients ({', '.join(fit.frame.names)}), or name those that weigh something."
        )
    if not L.any(axis=1).all():
        raise ModelError("A combination in which no coefficient has a weight tests nothing.")
    return L
