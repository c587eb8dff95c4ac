"""New outcomes from a fitted model: as rows, or as the cross-products that a fit needs of them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hlmteach.engine import covariance as cov
from hlmteach.engine.checks import shown
from hlmteach.engine.crossprod import Response, response
from hlmteach.engine.fit import Fit, fit_method
from hlmteach.engine.grouping import Grouping
from hlmteach.errors import ModelError
from hlmteach.inference.arguments import (
    TABLES,
    check_count,
    check_fit,
    check_number,
    check_numbers,
    generator,
)

MOST_VALUES = 5_000_000  # of outcomes whose rows are made at once


@fit_method
def simulate(fit: Fit, n: int = 1, seed=None, use_u: bool = False) -> np.ndarray:
    """Draw n new outcomes from a fitted model, y = X beta + Z b + e (equation 4).

    Parameters
    ----------
    fit : Fit
        The model that is taken to be true, at its estimates.
    n : int
        How many outcomes to draw.
    seed : int, numpy Generator or None
        The same seed draws the same outcomes.
    use_u : bool
        False draws new groups, b ~ N(0, sigma^2 Lambda Lambda') (equation 7); True keeps the
        conditional modes of the groups in the data and draws e alone.

    Returns
    -------
    array (n, n_obs)
        In the units of the outcome, a row for each draw, columns in the order of the rows used.

    Raises
    ------
    ModelError
        When n is not a positive whole number.

    References
    ----------
    Gelman and Hill (2007), Data Analysis Using Regression and Multilevel/Hierarchical Models,
    chapter 8.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model = hlm.lmer("Satisfaction ~ 1 + (1|Time)", data=hlm.load("HLM"), REML=False)
    >>> Y = hlm.simulate(model, n=200, seed=1)
    >>> Y.shape, round(float(Y.mean()), 1), round(float(Y.std(axis=1).mean()), 1)
    ((200, 2681), 5.1, 0.8)
    """
    check_fit(fit, "simulate")
    n, rng = check_count(n, "n"), generator(seed)
    Y = rng.standard_normal((n, fit.n_obs))
    Y *= fit.sigma
    if use_u:
        return Y + fit.fitted
    Y += fit.fitted_population
    for g, b in zip(fit.design.groupings, _effects(fit, n, rng), strict=True):
        for a in range(g.q):
            Y += fit.y_scale * (b[:, a, g.codes] if _is_one(g, a) else g.Z[:, a] * b[:, a, g.codes])
    return Y


@fit_method
def draw(fit: Fit, n: int = 1, seed=None) -> Response:
    """Draw n new outcomes for `hlm.refit_many`, fast: without making their rows (equation 34).

    A fit reads an outcome only through some sums, its cross-products with the predictors and the
    groups. These are drawn directly, so that thousands of outcomes take no longer than a few rows
    would. Use `hlm.simulate` where you want to see the rows.

    Of an outcome y the likelihood needs only D_y,j = Q_j' y, S_y = X'(I - Q Q') y and the sum of
    squares y'(I - Q Q') y (equations 12 to 14). Under the model,

        D_y,j ~ N(D_j beta, sigma^2 K_j),    S_y = S beta + sigma S^(1/2) z,
        SS_y = beta'S beta + 2 sigma beta'S^(1/2) z + sigma^2 (z'z + chi-square).

    With several factors the rows are made after all, and forgotten.

    Parameters
    ----------
    fit : Fit
        The model that is taken to be true, at its estimates.
    n : int
        How many outcomes to draw.
    seed : int, numpy Generator or None
        The same seed draws the same cross-products.

    Returns
    -------
    Response
        Of length n, for `hlm.refit_many`: distributed as the cross-products of `hlm.simulate`.

    Raises
    ------
    ModelError
        When n is not a positive whole number.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model = hlm.lmer("Satisfaction ~ 1 + (1|Time)", data=hlm.load("HLM"), REML=False)
    >>> drawn = hlm.draw(model, n=1000, seed=1)
    >>> drawn
    Cross-products of 1000 outcomes, for hlm.refit_many
    >>> refits = hlm.refit_many(model, drawn)
    >>> round(float(refits.sigma.mean()), 2), round(model.sigma, 2)
    (0.82, 0.82)
    """
    check_fit(fit, "draw")
    n, rng = check_count(n, "n"), generator(seed)
    d, sigma = fit.design, fit.sigma / fit.y_scale
    if d.others:
        return _draw_rows(fit, n, rng)
    b, c = _effects(fit, n, rng)[0] if d.groupings else None, fit.solution.beta[0]
    D = _group_sums(d, b, c, sigma, n, rng)
    root, rank = _root(d.S)
    z = sigma * rng.standard_normal((n, rank))
    S = c @ d.S + z @ root.T
    within = d.n_rows_left - rank
    SS = (c * (S + z @ root.T)).sum(axis=1) + (z**2).sum(axis=1)
    SS += sigma**2 * rng.chisquare(within, n)
    Z, shift, scale = np.zeros((n, 0)), np.full(n, fit.response.shift[0]), np.full(n, fit.y_scale)
    return Response(D=D, S=S, Z=Z, SS=SS, shift=shift, scale=scale)


def _draw_rows(fit: Fit, n: int, rng) -> Response:
    """Outcomes drawn with their rows, some at a time."""
    step = max(1, MOST_VALUES // fit.n_obs)
    sizes = [min(step, n - i) for i in range(0, n, step)]
    first, *rest = (response(fit.design, simulate(fit, size, rng)) for size in sizes)
    return first.join(*rest) if rest else first


def _effects(fit: Fit, n: int, rng) -> list[np.ndarray]:
    """Random effects (n, q, J) of every factor, of the whitened Z and the standardised y."""
    d = fit.design
    sigma = fit.sigma / fit.y_scale
    lambdas = [
        cov.lambda_of(theta, g)
        for theta, g in zip(cov.split(fit.white_theta, d.groupings), d.groupings, strict=True)
    ]
    return [
        sigma * Lambda @ rng.standard_normal((n, g.q, g.n_levels))
        for Lambda, g in zip(lambdas, d.groupings, strict=True)
    ]


def _group_sums(d, b, beta, sigma, n: int, rng) -> np.ndarray:
    """D_y (n, q, J) = R b + D beta + sigma z: the rotated rows of the groups."""
    sums = np.tile(np.tensordot(beta, d.D, axes=1), (n, 1, 1))
    if b is not None:
        sums += np.einsum("acj,bcj->baj", d.R, b)
        pivots = np.einsum("aaj->aj", d.R) != 0
        sums += sigma * pivots * rng.standard_normal(sums.shape)
    return sums


def _root(S: np.ndarray) -> tuple[np.ndarray, int]:
    """A root (m, rank) with root root' = S; S is short of rank by what varies between groups."""
    values, vectors = np.linalg.eigh(S)
    kept = values > 1e-9 * max(values.max(initial=0.0), 1.0)
    return vectors[:, kept] * np.sqrt(values[kept]), int(kept.sum())


def _is_one(g: Grouping, effect: int) -> bool:
    return bool(np.all(g.Z[:, effect] == 1.0))


# -- data from nothing -----------------------------------------------------------------------


@dataclass(frozen=True)
class _Truth:
    """What `simulate_groups` draws from, checked."""

    sizes: np.ndarray
    beta: np.ndarray
    slope_between: float
    root: np.ndarray
    sigma: float
    x_mean: float
    x_sd: np.ndarray


def simulate_groups(
    n_groups: int = 20,
    n_per_group=10,
    beta=(0.0, 1.0),
    sd_u=1.0,
    rho: float = 0.0,
    sigma: float = 1.0,
    x_mean: float = 0.0,
    x_sd=(0.0, 1.0),
    slope_between: float | None = None,
    seed=None,
    names=("y", "x", "group"),
    effects: bool = False,
) -> pd.DataFrame:
    """Draw clustered data, y_ij = beta_0 + u_0j + (beta_1 + u_1j) x_ij + e_ij (equation 3).

    Parameters
    ----------
    n_groups : int
        J, the number of groups.
    n_per_group : int or sequence of J ints
        Rows in each group.
    beta : (float, float)
        Intercept and slope; one number for an outcome that does not depend on x.
    sd_u : float or (float, float)
        Sd of the groups' intercepts, or of intercepts and slopes.
    rho : float
        Correlation of the groups' intercepts and slopes.
    sigma : float
        Sd of e, within groups.
    x_mean : float
        Mean of x.
    x_sd : (float, float)
        Sd of x between groups and within them: (0, 1) is a pure level-1 predictor, (1, 0) one of
        level 2, the same for all rows of a group.
    slope_between : float or None
        The slope of the groups' means of x, where it differs from the slope within groups.
    seed : int, numpy Generator or None
        The same seed draws the same data. Other draws with that seed, your own by
        `numpy.random.default_rng(seed)` or those of `hlm.simulate`, are other numbers.
    names : (str, str, str)
        Names of the outcome, the predictor and the group.
    effects : bool
        True adds the true effects of each row's group as columns `u_intercept` and `u_slope`.

    Returns
    -------
    DataFrame
        One row per observation, group by group, groups numbered from 1.

    Raises
    ------
    ModelError
        When a size, sd or correlation is impossible.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> data = hlm.simulate_groups(2000, 20, beta=(3.0, 1.0), sd_u=0.5, seed=2)
    >>> fit = hlm.lmer("y ~ x + (1 | group)", data)
    >>> fit.fixef.round(1).to_list(), round(float(fit.theta[0]), 1)
    ([3.0, 1.0], 0.5)
    """
    truth = (n_groups, n_per_group, beta, sd_u, rho, sigma, x_mean, x_sd, slope_between)
    names, drawn = _check_names(names), draw_groups(*truth, seed)
    columns = dict(zip(names, (drawn.y, drawn.x, drawn.group + 1), strict=True))
    if effects:
        intercept, slope = drawn.u[:, drawn.group]
        columns |= {"u_intercept": intercept, "u_slope": slope}
    return pd.DataFrame(columns)


@dataclass(frozen=True)
class Drawn:
    """Rows of `simulate_groups`: y, x, group and e (n,), groups from 0; true effects u (2, J)."""

    y: np.ndarray
    x: np.ndarray
    group: np.ndarray
    u: np.ndarray
    e: np.ndarray


def draw_groups(
    n_groups, n_per_group, beta, sd_u, rho, sigma, x_mean, x_sd, slope_between, seed
) -> Drawn:
    """Draw what `simulate_groups` does, without a table, which takes longer than the draws."""
    truth = _check_truth(n_groups, n_per_group, beta, sd_u, rho, sigma, x_mean, x_sd, slope_between)
    rng = generator(seed, stream=TABLES)
    J, group = len(truth.sizes), np.repeat(np.arange(len(truth.sizes)), truth.sizes)
    u = truth.root @ rng.standard_normal((2, J))
    between = truth.x_sd[0] * rng.standard_normal(J)
    x = truth.x_mean + between[group] + truth.x_sd[1] * rng.standard_normal(len(group))
    e = truth.sigma * rng.standard_normal(len(group))
    centre = _group_means(x, group)
    slope = truth.beta[1] + u[1, group]
    y = truth.beta[0] + u[0, group] + slope * x + (truth.slope_between - truth.beta[1]) * centre + e
    return Drawn(y=y, x=x, group=group, u=u, e=e)


def _group_means(x, group) -> np.ndarray:
    return (np.bincount(group, x) / np.bincount(group))[group]


def _check_truth(
    n_groups, n_per_group, beta, sd_u, rho, sigma, x_mean, x_sd, slope_between
) -> _Truth:
    J = check_count(n_groups, "n_groups")
    sizes = np.broadcast_to(np.asarray(n_per_group), J) if np.ndim(n_per_group) == 0 else None
    sizes = np.asarray(n_per_group) if sizes is None else sizes
    if sizes.shape != (J,) or sizes.dtype.kind not in "iu" or np.any(sizes < 1):
        raise ModelError(
            f"n_per_group={n_per_group!r} must be a positive whole number, or {J} of them: "
            "one for each group."
        )
    beta = _pair(beta, "beta", negative=True)
    rho = check_number(rho, "rho")
    if not -1 <= rho <= 1:
        raise ModelError(f"rho={rho!r} is a correlation: it must be between -1 and 1.")
    sd_u = _pair(sd_u, "sd_u")
    root = sd_u[:, None] * np.array([[1.0, 0.0], [rho, np.sqrt(1 - rho**2)]])
    sigma = _pair(sigma, "sigma")[0]
    slope = check_number(beta[1] if slope_between is None else slope_between, "slope_between")
    x_mean = check_number(x_mean, "x_mean")
    return _Truth(
        sizes=sizes.astype(np.intp),
        beta=beta,
        slope_between=slope,
        root=root,
        sigma=sigma,
        x_mean=x_mean,
        x_sd=_pair(x_sd, "x_sd"),
    )


def _check_names(names) -> tuple[str, ...]:
    names = (names,) if isinstance(names, str) else tuple(names)
    if len(names) != 3 or len(set(names)) != 3:
        raise ModelError(
            f"names={names!r} must be three different names: of the outcome, the predictor and the "
            "group."
        )
    return names


def _pair(value, name: str, negative: bool = False) -> np.ndarray:
    """Two numbers, the second 0 where only one is given."""
    pair = check_numbers(value, name)
    if pair.shape not in ((1,), (2,)):
        raise ModelError(f"{name}={shown(value)} must be one number, or two.")
    if not negative and np.any(pair < 0):
        raise ModelError(f"{name}={shown(value)} is a standard deviation: it must not be negative.")
    return pair if len(pair) == 2 else np.array([pair[0], 0.0])
