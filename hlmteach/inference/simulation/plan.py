"""Models for studies: with given parameters, without their clusters, with one coefficient fixed."""

from dataclasses import replace
from math import ceil

import numpy as np
import pandas as pd

from hlmteach.engine.checks import shown
from hlmteach.engine.crossprod import Design, Response
from hlmteach.engine.fit import Fit, fit_model
from hlmteach.engine.rearrange import pooled, recombine, subtract, without_groups
from hlmteach.engine.solve import evaluate
from hlmteach.errors import ModelError
from hlmteach.inference.arguments import check_count, check_number, check_numbers
from hlmteach.inference.simulation.simulate import simulate_groups


def plan(
    n_groups: int | None = None,
    n_per_group=None,
    beta=(0.0, 1.0),
    sd_u=1.0,
    rho: float = 0.0,
    sigma: float = 1.0,
    x_mean: float = 0.0,
    x_sd=(0.0, 1.0),
    reml: bool = True,
    seed=0,
) -> Fit:
    """Make a model with parameters of your choice, to plan data with (equation 3).

    It serves like a fit to data not yet collected: ask it with `hlm.power` or `hlm.simulate`.

    Parameters
    ----------
    n_groups, n_per_group, beta, sd_u, rho, sigma, x_mean, x_sd
        As in `hlm.simulate_groups`. One number for `beta` leaves x out of the model; two for
        `sd_u` let its slope vary.
    reml : bool
        How the studies fit it: True by REML, False by ML.
    seed : int, numpy Generator or None
        The values of x are drawn once; the same seed draws the same.

    Returns
    -------
    Fit
        Of "y ~ x + (1 | group)" or "(x | group)", whose `fixef`, `sigma` and sds are those given:
        for `hlm.power`, `hlm.coverage`, `hlm.simulate` and `hlm.draw`.

    Raises
    ------
    ModelError
        When a size, sd or correlation is impossible.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> planned = hlm.plan(n_groups=30, n_per_group=8, beta=(50, 2), sd_u=4, sigma=9)
    >>> planned.fixef.round(6).to_list(), planned.varcorr["sd"].round(6).to_list()
    ([50.0, 2.0], [4.0, 9.0])
    """
    beta, sd_u = check_numbers(beta, "beta"), check_numbers(sd_u, "sd_u")
    _check_plan(n_groups, len(beta), sigma, x_sd)
    data = simulate_groups(n_groups, n_per_group, beta, sd_u, rho, sigma, x_mean, x_sd, seed=seed)
    fixed = "x" if len(beta) == 2 else "1"
    effects = "x" if len(sd_u) == 2 else "1"
    fit = fit_model(f"y ~ {fixed} + ({effects} | group)", data, reml=reml)
    corr = rho if len(sd_u) == 2 else None
    planned = with_fixef(fit.at(sd=sd_u, corr=corr, sigma=sigma), beta)
    return replace(planned, frame=replace(fit.frame, y=planned.y, data=data.assign(y=planned.y)))


def _check_plan(n_groups, p: int, sigma, x_sd) -> None:
    if check_count(n_groups, "n_groups") < 2:
        raise ModelError(
            f"n_groups={n_groups}: a variance between groups needs two groups or more."
        )
    if check_number(sigma, "sigma") <= 0:
        raise ModelError(f"sigma={sigma!r} must be a positive number.")
    if p == 2 and not np.any(check_numbers(x_sd, "x_sd")):
        raise ModelError(f"x_sd={x_sd!r}: x does not vary. Give it an sd, or one number for beta.")


def to_be_drawn(formula: str, columns: dict, reml: bool) -> Fit:
    """A model of rows whose outcome y is still to be drawn: its estimates mean nothing."""
    n = len(next(iter(columns.values())))
    y = np.random.default_rng(0).standard_normal(n)
    return fit_model(formula, pd.DataFrame({"y": y, **columns}), reml=reml, verb="lmer")


def with_fixef(fit: Fit, beta) -> Fit:
    """The fit with its estimates moved to beta (p,), variances kept: y moves by X (beta - b)."""
    beta = np.asarray(beta, float)
    d, solution = fit.design, fit.solution
    moved = np.linalg.solve(d.X_map, beta - fit.fixef.to_numpy()) / fit.y_scale
    return replace(
        fit,
        y=fit.y + fit.y_scale * (d.X @ moved),
        response=subtract(d, fit.response, -moved),
        solution=replace(solution, beta=solution.beta + moved),
    )


def single_level(fit: Fit, reml: bool = True) -> Fit:
    """The same rows and predictors, the clusters ignored (equation 1): least squares."""
    flat, r = without_groups(fit.design), pooled(fit.design, fit.response)
    none = np.zeros(0)
    return replace(
        fit,
        frame=replace(fit.frame, factors=()),
        design=flat,
        response=r,
        reml=reml,
        verb="gls",
        white_theta=none,
        solution=evaluate(flat, r, none[None], reml),
        converged=True,
        given_sigma=None,
    )


def fix_coefficient(d: Design, r: Response, k: int, value: float) -> tuple[Design, Response]:
    """The design without coefficient k, and responses less what k explains at `value`."""
    back = np.linalg.inv(d.X_map)
    shift = r.shift * d.X_map[k, k] if k == d.constant else 0.0
    offset = ((value - shift) / r.scale)[:, None] * back[:, k]
    others = np.linalg.qr(np.delete(back, k, axis=1))[0]
    return recombine(d, subtract(d, r, offset), others)


def contained_df(fit: Fit) -> np.ndarray:
    """Degrees of freedom (p,) by containment (equation 43): groups for what only groups tell.

    A coefficient whose column is a combination of the random effects' columns in every group (the
    intercept, a level-2 predictor, a slope that varies) has J less the number of such coefficients
    for each random effect; any other has the rows that are left.
    """
    d = fit.design
    if not d.groupings:
        return np.full(d.p, d.n - d.p, float)
    contained = np.diag(d.S) < 1e-9 * d.n
    between = d.leading.n_levels - ceil(contained.sum() / d.leading.q)
    within = d.n_rows_left - int((~contained).sum())
    return np.where(contained, max(between, 1), max(within, 1)).astype(float)


def position(fit: Fit, term: str) -> int:
    """The index of a fixed coefficient, by its name."""
    if not isinstance(term, str) or term not in fit.frame.names:
        raise ModelError(
            f"{repr(term) if isinstance(term, str) else shown(term)} is no coefficient of this "
            f"model. Its coefficients are: {', '.join(fit.frame.names)}."
        )
    return fit.frame.names.index(term)
