"""Leave one group or one row out and fit again: exactly, by taking its cross-products away."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from hlmteach.engine.covariance import from_raw, split, to_raw_many
from hlmteach.engine.crossprod import design, response
from hlmteach.engine.fit import Fit
from hlmteach.engine.frame import Factor
from hlmteach.engine.leaveout import LeaveOut
from hlmteach.engine.problem import Problem
from hlmteach.engine.progress import Progress, tick
from hlmteach.engine.solve import NOTHING_LEFT, maximise, maximise_each
from hlmteach.errors import ModelError
from hlmteach.inference.arguments import check_fit
from hlmteach.inference.profiling.limits import check_optimum
from hlmteach.inference.simulation.replicates import batch_size


@dataclass(frozen=True, repr=False)
class Influence:
    """The fits without each group or row, and their distance: what `hlm.influence` returns.

    `fixef` (k, p) are the coefficients and `variances` the variances, covariances and the residual
    variance, a row per group or row left out. `dfbeta` is the fit's coefficients less those,
    `dfbetas` the same in their standard errors without it, `dvariances` the change of the
    variances, and `cooks` Cook's distance. A row of nan stands where what is left cannot tell all
    coefficients apart.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model = hlm.lmer("Reaction ~ Days + (Days | Subject)", data=hlm.load("sleepstudy"))
    >>> hlm.influence(model)
    Leaving out one Subject of 18: Cook's distance is largest for 309 (0.149), 335 (0.129) and
    337 (0.126).
    """

    what: str
    fixef: pd.DataFrame
    variances: pd.DataFrame
    dfbeta: pd.DataFrame
    dfbetas: pd.DataFrame
    dvariances: pd.DataFrame
    cooks: pd.Series

    def __repr__(self) -> str:
        top = self.cooks.nlargest(3)
        shown = [f"{name} ({value:.3g})" for name, value in top.items()]
        text = ", ".join(shown[:-1]) + (" and " if len(shown) > 1 else "") + shown[-1]
        return (
            f"Leaving out one {self.what} of {len(self.cooks)}: Cook's distance is largest for "
            f"{text}."
        )


def influence(fit: Fit, by: str = "group", verbose: bool = True) -> Influence:
    """Leave each group or row out, fit again, and say what changes: Cook's distance, DFBETAS.

    Cook's distance is (b - b_j)' Var(b)^-1 (b - b_j) / p, with b the coefficients, b_j those
    without group j, and Var(b) the fit's own (equation 52). Every fit is exact, not one step
    towards it: with one grouping factor the cross-products of what is left out are taken away, with
    several those of the rows that stay are computed anew.

    Parameters
    ----------
    fit : Fit
    by : str
        "group" for the groups of the only factor, a factor's name where there are several, or
        "row".
    verbose : bool
        Whether work of more than two seconds shows how far it is.

    Returns
    -------
    Influence

    Raises
    ------
    ModelError
        For a model without groups (by="group"), fewer than three groups, a fit by `.at` or by
        chunks.

    References
    ----------
    Cook (1977), Technometrics 19, 15-18; Demidenko and Stukel (2005), Statistics in Medicine 24,
    893-909.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model = hlm.lmer("Reaction ~ Days + (Days | Subject)", data=hlm.load("sleepstudy"))
    >>> hlm.influence(model).dfbeta.iloc[0].round(2).tolist()
    [-0.42, 0.66]
    """
    check_fit(fit, "influence")
    check_optimum(fit, "influence")
    unit, codes, labels = _left_out(fit, by)
    with Progress("Leaving out", "fits", len(labels), verbose=verbose):
        if fit.design.others:
            left = _one_by_one(fit, codes, len(labels))
        else:
            left = _taken_away(fit, by == "row", len(labels))
    return _changes(fit, unit, labels, left)


def _left_out(fit: Fit, by: str):
    """What is left out, the number of each row's (n,), and their names."""
    if not fit.has_rows:
        raise ModelError("This model was fitted by chunks, so no group or row can be left out.")
    if isinstance(by, str) and by == "row":
        return "row", np.arange(fit.n_obs), fit.frame.data.index[fit.frame.rows]
    factor = _factor(fit, by)
    if factor.n_levels < 3:
        raise ModelError(
            f"{factor.name!r} has {factor.n_levels} groups. Without one of them no variance "
            "between groups is left to estimate; at least 3 are needed. by='row' leaves single "
            "rows out."
        )
    return factor.name, factor.codes, factor.levels


def _factor(fit: Fit, by: str) -> Factor:
    factors = {f.name: f for f in fit.frame.factors}
    if not isinstance(by, str):
        by = type(by).__name__
    if by == "group" and len(factors) == 1:
        return next(iter(factors.values()))
    if by not in factors:
        known = ", ".join(repr(name) for name in factors) or "none: this model has no groups"
        raise ModelError(f"by={by!r} does not say what to leave out. Use 'row', or {known}.")
    return factors[by]


# -- the fits without each of them -------------------------------------------------------------


@dataclass(frozen=True)
class _Refitted:
    """K fits: fixef and se (k, p), sigma (k,), covariances (k, q, q) by factor; nan where none."""

    fixef: np.ndarray
    se: np.ndarray
    sigma: np.ndarray
    covariances: dict[str, np.ndarray]

    def put(self, rows, part: "_Refitted") -> None:
        for name in ("fixef", "se", "sigma"):
            getattr(self, name)[rows] = getattr(part, name)
        for name, cov in self.covariances.items():
            cov[rows] = part.covariances[name]


def _none_yet(fit: Fit, k: int) -> _Refitted:
    p, q = len(fit.frame.names), {f.name: len(f.names) for f in fit.frame.factors}
    empty = [np.full((k, *shape), np.nan) for shape in ((p,), (p,), ())]
    return _Refitted(*empty, {name: np.full((k, m, m), np.nan) for name, m in q.items()})


def _taken_away(fit: Fit, by_row: bool, k: int) -> _Refitted:
    """Their cross-products taken away, many fits at once."""
    r, d = fit.response.take(slice(0, 1)), fit.design
    rows = np.column_stack([d.X, (fit.y - r.shift[0]) / r.scale[0]])
    left, refits = LeaveOut(d, r, fit.reml, rows), _none_yet(fit, k)
    step = batch_size(d)
    for first in range(0, k, step):
        which = np.arange(first, min(first + step, k))
        which = which[left.tell_apart(which, by_row)]
        if len(which):
            _fit_some(fit, left.single_rows(which) if by_row else left.groups(which), which, refits)
        tick("fits", min(step, k - first))
    return refits


def _fit_some(fit: Fit, m: Problem, which, refits: _Refitted) -> None:
    """Fit m's problems; where one of them cannot be, the others apart from it."""
    try:
        best = maximise_each(m, fit.white_theta)
    except np.linalg.LinAlgError:
        half = len(which) // 2
        for part in (slice(0, half), slice(half, None)) if half else ():
            _fit_some(fit, m.take(part), which[part], refits)
        return
    some = np.flatnonzero(best.at.pwrss > NOTHING_LEFT * m.n)
    refits.put(which[some], _in_units(fit, best.theta[some], best.at.take(some), m.n[some]))


def _in_units(fit: Fit, theta, at, n) -> _Refitted:
    """In the units of the data, of theta (k, m), a Criterion, and n or n - p (k,)."""
    d, r, p = fit.design, fit.response, fit.design.p
    sigma = fit.y_scale * np.sqrt(at.pwrss / n)
    relative = np.sqrt((np.linalg.solve(at.factor, d.X_map.T) ** 2).sum(axis=1))
    factor = np.sqrt(n / (n - p)) if fit.se_factor != 1 else np.ones(len(n))
    Lambdas = [
        to_raw_many(t, g) for t, g in zip(split(theta, d.groupings), d.groupings, strict=True)
    ]
    return _Refitted(
        fixef=d.raw_coefficients(at.beta, r.shift[:1], r.scale[:1]),
        se=(sigma * factor)[:, None] * relative,
        sigma=sigma,
        covariances={
            g.name: sigma[:, None, None] ** 2 * L @ L.swapaxes(1, 2)
            for g, L in zip(d.groupings, Lambdas, strict=True)
        },
    )


def _one_by_one(fit: Fit, codes, k: int) -> _Refitted:
    """Fits to the rows that stay, each from this fit's theta."""
    refits = _none_yet(fit, k)
    for j in range(k):
        tick("fits")
        one = _anew(fit, codes != j)
        if one is not None:
            covariances = {name: vc.cov for name, vc in one.covariances.items()}
            part = _Refitted(one.fixef.to_numpy(), one.se.to_numpy(), one.sigma, covariances)
            refits.put(j, part)
    return refits


def _anew(fit: Fit, kept) -> Fit | None:
    X = fit.design.X[kept]
    if fit.design.p and np.linalg.matrix_rank(X) < X.shape[1]:
        return None
    d = design(fit.frame.X[kept], [_subset(factor, kept) for factor in fit.frame.factors])
    r = response(d, fit.y[kept])
    near = [from_raw(fit.relative_factors[g.name], g) for g in d.groupings]
    try:
        optimum = maximise(d, r, fit.reml, np.concatenate(near))
    except (ModelError, np.linalg.LinAlgError):
        return None
    theta, solution = optimum.theta[0], optimum.at
    return replace(fit, design=d, response=r, white_theta=theta, solution=solution)


def _subset(factor: Factor, kept) -> Factor:
    present, codes = np.unique(factor.codes[kept], return_inverse=True)
    return replace(factor, codes=codes, levels=factor.levels[present], Z=factor.Z[kept])


# -- what changed ----------------------------------------------------------------------------


def _changes(fit: Fit, unit: str, labels, left: _Refitted) -> Influence:
    names, own = list(fit.frame.names), fit.fixef.to_numpy()
    variances = pd.DataFrame(_variances(fit, left.covariances, left.sigma), labels)
    whole = {name: vc.cov[None] for name, vc in fit.covariances.items()}
    change = own - left.fixef
    half = np.linalg.solve(np.linalg.cholesky(fit.vcov.to_numpy()), change.T)
    return Influence(
        what=unit,
        fixef=pd.DataFrame(left.fixef, labels, names),
        variances=variances,
        dfbeta=pd.DataFrame(change, labels, names),
        dfbetas=pd.DataFrame(change / left.se, labels, names),
        dvariances=pd.DataFrame(_variances(fit, whole, np.array([fit.sigma]))).iloc[0] - variances,
        cooks=pd.Series((half**2).sum(axis=0) / len(own), labels, name="Cook's distance"),
    )


def _variances(fit: Fit, covariances, sigma) -> dict[str, np.ndarray]:
    """Variances and covariances (k,) by name, and the residual's."""
    variances = {}
    for factor, vc in fit.covariances.items():
        for a, b in vc.blocks:
            for j in range(a, b):
                for i in range(j, b):
                    pair = vc.names[j] if i == j else f"{vc.names[j]}, {vc.names[i]}"
                    variances[f"{pair} | {factor}"] = covariances[factor][:, i, j]
    return {**variances, "Residual": sigma**2}
