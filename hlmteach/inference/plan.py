"""Models for studies: with given parameters, without their clusters, with one coefficient fixed."""

from dataclasses import replace
from math import ceil

import numpy as np

from hlmteach.engine.crossprod import Design, Response, gram
from hlmteach.engine.fit import Fit, fit_model
from hlmteach.engine.solve import evaluate
from hlmteach.errors import ModelError
from hlmteach.inference.arguments import check_count, check_number, check_numbers
from hlmteach.inference.simulate import n_rows_left, simulate_groups


def plan(
    n_groups: int,
    n_per_group,
    beta=(0.0, 1.0),
    sd_u=1.0,
    rho: float = 0.0,
    sigma: float = 1.0,
    x_mean: float = 0.0,
    x_sd=(0.0, 1.0),
    reml: bool = True,
    seed=0,
) -> Fit:
    """A model with exactly these parameters on a design that is not yet collected (equation 3).

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


def with_fixef(fit: Fit, beta) -> Fit:
    """The fit with its estimates moved to beta (p,), variances kept: y moves by X (beta - b)."""
    beta = np.asarray(beta, float)
    raw = np.linalg.solve(fit.design.X_map, beta - fit.fixef.to_numpy()) / fit._scale
    d, r, solution = fit.design, fit.response, fit.solution
    moved = Response(
        r.D + np.tensordot(raw, d.D[len(d.S) - d.p :], axes=1),
        r.S + raw @ d.S[len(d.S) - d.p :],
        r.SS + 2 * r.S[:, len(d.S) - d.p :] @ raw + raw @ d.S[-d.p :, -d.p :] @ raw,
        r.shift,
        r.scale,
    )
    y = fit.y + fit._scale * (d.X @ raw)
    return replace(fit, y=y, response=moved, solution=replace(solution, beta=solution.beta + raw))


def single_level(fit: Fit, reml: bool = True) -> Fit:
    """The same rows and predictors, the clusters ignored (equation 1): least squares."""
    d = fit.design
    XX = (d.S + gram(d.D, d.D))[len(d.S) - d.p :, len(d.S) - d.p :] if d.groupings else d.S
    flat = replace(
        d,
        leading=None,
        others=(),
        R=np.zeros((0, 0, 0)),
        D=np.zeros((d.p, 0, 0)),
        S=XX,
    )
    r = pooled(d, fit.response)
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


def pooled(d: Design, r: Response) -> Response:
    """The cross-products of responses with X alone, groups put together again."""
    if not d.groupings:
        return r
    flat = r.D.reshape(len(r), d.R.shape[1] * d.R.shape[2])
    S = (r.S + flat @ d.D.reshape(len(d.D), flat.shape[1]).T)[:, len(d.S) - d.p :]
    return Response(np.zeros((len(r), 0, 0)), S, r.SS + (flat**2).sum(axis=1), r.shift, r.scale)


def fix_coefficient(d: Design, r: Response, k: int, value: float) -> tuple[Design, Response]:
    """The design without coefficient k, and responses less what k explains at `value`."""
    back = np.linalg.inv(d.X_map)
    z = len(d.S) - d.p
    T = np.zeros((len(d.S), len(d.S) - 1))
    T[:z, :z] = np.eye(z)
    T[z:, z:] = np.linalg.qr(np.delete(back, k, axis=1))[0]
    shift = r.shift * d.X_map[k, k] if k == d.constant else 0.0
    offset = np.zeros((len(r), len(d.S)))
    offset[:, z:] = ((value - shift) / r.scale)[:, None] * back[:, k]
    S = r.S - offset @ d.S
    left = Response(
        r.D - np.tensordot(offset, d.D, axes=1) if d.groupings else r.D,
        S @ T,
        r.SS - (offset * (r.S + S)).sum(axis=1),
        r.shift,
        r.scale,
    )
    D = np.tensordot(T.T, d.D, axes=1) if d.groupings else d.D[: len(T) - 1]
    return replace(d, p=d.p - 1, constant=None, D=D, S=T.T @ d.S @ T), left


def contained_df(fit: Fit) -> np.ndarray:
    """Degrees of freedom (p,) by containment (equation 43): groups for what only groups tell.

    A coefficient whose column is a combination of the random effects' columns in every group (the
    intercept, a level-2 predictor, a slope that varies) has J less the number of such coefficients
    for each random effect; any other has the rows that are left.
    """
    d = fit.design
    if not d.groupings:
        return np.full(d.p, d.n - d.p, float)
    X = slice(len(d.S) - d.p, len(d.S))
    contained = np.diag(d.S)[X] < 1e-9 * d.n
    between = d.leading.n_levels - ceil(contained.sum() / d.leading.q)
    within = n_rows_left(d) - int((~contained).sum())
    return np.where(contained, max(between, 1), max(within, 1)).astype(float)


def position(fit: Fit, term: str) -> int:
    """The index of a fixed coefficient, by its name."""
    if term not in fit.frame.names:
        raise ModelError(
            f"{term!r} is no coefficient of this model. Its coefficients are: "
            f"{', '.join(fit.frame.names)}."
        )
    return fit.frame.names.index(term)
