"""Marginal means of factors: what the fixed part expects, other things even."""

from itertools import combinations, product

import numpy as np
import pandas as pd

from hlmteach.engine.checks import shown
from hlmteach.engine.fit import Fit
from hlmteach.engine.laws import studentized_range
from hlmteach.engine.laws import t as t_distribution
from hlmteach.engine.newrows import HOME, evaluate_terms
from hlmteach.engine.reading.algebra import names_in
from hlmteach.engine.reading.stored import Levels
from hlmteach.engine.reading.table import conform, read_columns
from hlmteach.errors import ModelError
from hlmteach.inference.arguments import check_choice, check_fit, check_given, check_share
from hlmteach.inference.coefficients.ddf import reference_of, t_columns

ADJUSTMENTS = ("tukey", "bonferroni", "none")
ESTIMABLE = 1e-8  # share of a row outside the data's rows, up to which it is inside


def marginal_means(
    fit: Fit,
    factor=None,
    at: dict | None = None,
    ddf: str | None = "satterthwaite",
    level: float = 0.95,
    pairs: bool = False,
    adjust: str = "tukey",
) -> pd.DataFrame:
    """Means of a factor's categories by the fixed part, other predictors held even (equation 51).

    Each mean is L beta, with L the plain average of the rows of a grid: other factors with all
    their categories, each weighed alike, numeric predictors at their mean in the data. With `pairs`
    the differences between the means, each first less a later one.

    Parameters
    ----------
    fit : Fit
    factor : str or list of str
        A categorical predictor; or several, for a mean for each combination.
    at : dict, optional
        Values for other predictors in place of those, as {"age": 14}; of several values the means
        are averaged.
    ddf : {"satterthwaite", "kenward-roger", "inner-outer", None}
        Degrees of freedom by equation 31, by equation 49 with its standard errors (REML), by
        nlme's rule (the least of the coefficients'), or none: z in place of t.
    level : float
        Of the intervals, between 0 and 1.
    pairs : bool
        Differences in place of means.
    adjust : {"tukey", "bonferroni", "none"}
        How p-values and intervals of the pairs allow for their number.

    Returns
    -------
    DataFrame
        The factor, mean, se, df, lower, upper; or with pairs difference, se, df, t, p, lower, upper
        by pair.

    Raises
    ------
    ModelError
        For a predictor that is not categorical here, or a combination that no row has.

    References
    ----------
    Searle, Speed and Milliken (1980), American Statistician 34, 216-221; R's package emmeans.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model = hlm.lmer("distance ~ age * Sex + (age | Subject)", data=hlm.load("Orthodont"))
    >>> hlm.marginal_means(model, "Sex").round(2)
          Sex   mean    se    df  lower  upper
    0    Male  24.97  0.49  25.0  23.97  25.97
    1  Female  22.65  0.59  25.0  21.44  23.85
    """
    check_fit(fit, "marginal_means")
    check_share(level, "level")
    check_choice(adjust, "adjust", ADJUSTMENTS)
    example = 'hlm.marginal_means(fit, "factor")'
    check_given("marginal_means", example, factor=factor)
    names = list(factor) if isinstance(factor, list | tuple) else [str(factor)]
    if not isinstance(at, dict | None):
        raise ModelError(f"at={shown(at)} must be a dictionary, such as at={{'age': 14}}.")
    cells, L = _weights(fit, names, {} if at is None else dict(at))
    reference = reference_of(fit, ddf)
    if pairs:
        return _pairs(fit, reference, cells, L, level, adjust)
    value = L @ fit.fixef.to_numpy()
    table = t_columns(reference, L, level, value)[["se", "df", "lower", "upper"]]
    table.insert(0, "mean", value)
    return pd.concat([cells, table], axis=1)


def _pairs(fit: Fit, reference, cells, L, level: float, adjust: str) -> pd.DataFrame:
    two = list(combinations(range(len(L)), 2))
    D = np.array([L[i] - L[j] for i, j in two])
    names = [" ".join(map(str, row)) for row in cells.itertuples(index=False)]
    value = D @ fit.fixef.to_numpy()
    table = t_columns(reference, D, level, value).set_axis(
        [f"{names[i]} - {names[j]}" for i, j in two]
    )
    p, reach = _adjusted(table, len(L), level, adjust)
    half = reach * table["se"]
    table = table.assign(p=p, lower=value - half, upper=value + half)
    table.insert(0, "difference", value)
    return table


def _adjusted(table, means: int, level: float, adjust: str):
    """The p-values and the quantiles of |t| of all pairs of some means."""
    t, df, count = np.abs(table["t"]), table["df"], len(table)
    if adjust == "tukey" and means > 2:
        quantile = studentized_range.ppf(level, means, df) / np.sqrt(2)
        return studentized_range.sf(np.sqrt(2) * t, means, df), quantile
    count = count if adjust == "bonferroni" else 1
    quantile = t_distribution.isf((1 - level) / 2 / count, df)
    return np.minimum(1.0, count * table["p"]), quantile


# -- the grid --------------------------------------------------------------------------------


def _weights(fit: Fit, names, at) -> tuple[pd.DataFrame, np.ndarray]:
    """The combinations of categories, and L (combinations, p)."""
    values = _grid_values(fit)
    _check_names(fit, names, at, values)
    values |= {name: list(np.atleast_1d(one)) for name, one in at.items()}
    kept = {name: values[name] for name in names}
    others = {name: one for name, one in values.items() if name not in kept}
    cells = pd.DataFrame(list(product(*kept.values())), columns=names)
    rows = list(product(*kept.values(), *others.values()))
    X = _rows_of_X(fit, pd.DataFrame(rows, columns=[*kept, *others]))
    return cells, X.reshape(len(cells), -1, X.shape[1]).mean(axis=1)


def _grid_values(fit: Fit) -> dict[str, list]:
    """Every predictor with its categories, or with its mean."""
    frame = fit.frame
    if frame.coding is None:
        raise ModelError("This model was made from arrays, so its factors are not known.")
    values = {name: _values(frame.table[name]) for name in frame.formula.predictors}
    for tree, levels in zip(frame.coding.side.variables, frame.coding.levels, strict=True):
        names = set(names_in(tree))
        if levels is not None and len(names) == 1:  # C(x): a number that is taken as categories
            (name,) = names
            if len(values[name]) == 1:
                values[name] = levels.values.tolist()
    return values


def _values(column) -> list:
    if isinstance(column, Levels):
        return column.values.tolist()
    return [False, True] if column.dtype == bool else [float(column.mean())]


def _check_names(fit: Fit, names, at, values) -> None:
    for name in names:
        if name not in values or len(values[name]) < 2:
            known = [one for one, levels in values.items() if len(levels) > 1]
            raise ModelError(
                f"{name!r} is no categorical predictor of this model. "
                + (f"Those are: {', '.join(known)}." if known else "It has none.")
                + f" For a number treated as categories write C({name}) in the formula."
            )
    for name in at:
        if name not in values or name in names:
            raise ModelError(
                f"at= names {name!r}, which is no other predictor of this model. Those are: "
                f"{', '.join(one for one in values if one not in names) or 'none'}."
            )


def _rows_of_X(fit: Fit, grid: pd.DataFrame) -> np.ndarray:
    """X (rows, p) of the grid; every combination in it must be known from the data."""
    frame = fit.frame
    table = conform(read_columns(grid, frame.formula.predictors), frame.table, HOME)
    whole = evaluate_terms(frame.coding, table, HOME)
    if len(frame.kept) < whole.shape[1]:
        _check_estimable(frame.coding.matrix(frame.table, HOME), whole, grid)
    return whole[:, list(frame.kept)]


def _check_estimable(estimable, whole, grid) -> None:
    """Every row of the grid is a combination of rows that the data have."""
    left = whole.T - estimable.T @ np.linalg.lstsq(estimable.T, whole.T, rcond=None)[0]
    lost = np.linalg.norm(left, axis=0) > ESTIMABLE * np.linalg.norm(whole, axis=1)
    if lost.any():
        row = grid.iloc[int(lost.argmax())].to_dict()
        raise ModelError(
            "No row of the data tells what the model expects at "
            f"{', '.join(f'{k} = {v}' for k, v in row.items())}, so there is no mean over all "
            "combinations. Fit the model without that interaction, or use at=."
        )
