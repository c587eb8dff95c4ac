"""Two effects in closed forms: the same criterion, and no fit short of the arrays'."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hlmteach as hlm
from hlmteach.engine import optimise
from hlmteach.engine.covariance import covariance_of
from hlmteach.engine.derivatives import information, shares
from hlmteach.engine.deviance import criterion
from hlmteach.engine.plain import by_theta
from hlmteach.engine.problem import problem, solved


def table(groups: int, sds, offset: float, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    g = np.repeat(np.arange(groups), rng.integers(3, 12, groups).astype(np.intp))
    x = rng.normal(offset, 1, len(g))
    root = np.array([[sds[0], 0.0], [sds[1], sds[2]]])
    u = rng.normal(size=(groups, 2)) @ root.T
    y = 1 + 0.5 * x + u[g, 0] + u[g, 1] * x + rng.normal(size=len(g))
    return pd.DataFrame({"y": y, "x": x, "w": rng.normal(size=len(g)), "g": g})


@pytest.mark.parametrize("reml", [False, True])
@pytest.mark.parametrize("fixed", ["1", "x", "x + w", "0"])
@pytest.mark.parametrize("groups", [4, 14])  # contrasts in plain numbers, and arrays
def test_closed_forms_give_the_same_criterion_and_derivatives(reml, fixed, groups):
    fit = hlm.lmer(f"y ~ {fixed} + (x | g)", table(groups, (1.0, 0.3, 0.5), 2.0, 1), REML=reml)
    m, constants = problem(fit.design, fit.response, reml), []
    closed = optimise.closed_form(m)
    for theta in np.random.default_rng(2).normal(size=(4, 3)):
        value, slope, expected, curvature = closed.criterion(theta.tolist())
        gradient, lower = by_theta(*theta, slope, curvature())
        whole = criterion(m, theta[None])
        constants.append(value - whole.value[0])
        np.testing.assert_allclose(gradient, whole.gradient[0], atol=1e-8)
        np.testing.assert_allclose(
            np.concatenate(lower), whole.hessian[0][np.tril_indices(3)], atol=1e-8
        )
        if not reml:  # of REML there are two: without X, as here for many groups, or with it
            np.testing.assert_allclose(np.concatenate(expected), _information(m, theta), atol=1e-8)
    np.testing.assert_allclose(constants, constants[0], atol=1e-9)


def _information(m, theta):
    """The lower triangle of the expected second derivative, by the general way."""
    g = m.design.leading
    whole = information(shares(m, solved(m, covariance_of(theta[None], g))))[0]
    return (g.directions @ whole @ g.directions.T)[np.tril_indices(3)]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.integers(2, 16),
    st.tuples(*[st.sampled_from([0.0, 0.01, 0.1, 0.5, 2.0, 20.0])] * 3),
    st.sampled_from([0.0, 5.0, 1000.0]),
    st.booleans(),
    st.integers(0, 10_000),
)
def test_no_fit_is_short_of_what_arrays_find(groups, sds, offset, reml, seed):
    data = table(groups, sds, offset, seed)
    fit = hlm.lmer("y ~ x + (x | g)", data, REML=reml)
    m = problem(fit.design, fit.response, reml)
    cold = optimise._best_of(m, *optimise._coarse(m, optimise.STARTS))
    assert fit.converged
    assert fit.solution.value[0] < cold.at.value[0] + 2e-8
    assert fit.is_singular == bool(np.any(np.diag(fit.relative_factors["g"]) == 0))


def tiny(seed: int) -> pd.DataFrame:
    """Few rows in few groups, some of them with one row: the likelihood may have several tops."""
    rng = np.random.default_rng(seed)
    groups = int(rng.integers(4, 13))
    g = np.repeat(np.arange(groups), rng.choice([1, 1, 2, 2, 3, 4, 6, 8, 12], groups))
    x = rng.normal(rng.choice([0, 2]), 1, len(g))
    u = rng.normal(size=(groups, 2)) * rng.choice([0.0, 0.3, 0.8, 2], 2)
    y = 2 + 0.5 * x + u[g, 0] + u[g, 1] * x + 0.5 * rng.normal(size=len(g))
    return pd.DataFrame({"y": y, "x": x, "w": rng.normal(size=len(g)), "g": g})


@pytest.mark.parametrize("seed", [284, 366, *range(12)])  # the first two had a higher top elsewhere
def test_no_start_of_forty_leads_higher(seed):
    rng = np.random.default_rng(seed)
    fit = hlm.lmer("y ~ x + w + (x | g)", tiny(seed), REML=bool(seed % 2))
    m = problem(fit.design, fit.response, fit.reml).take(np.zeros(40, int))
    sds = np.exp(rng.uniform(np.log(0.02), np.log(30), (40, 2)))
    rho = rng.uniform(-1, 1, 40)
    starts = np.column_stack([sds[:, 0], rho * sds[:, 1], np.sqrt(1 - rho**2) * sds[:, 1]])
    found = optimise.newton(m, starts, criterion(m, starts))
    assert fit.solution.value[0] <= found.at.value[found.converged].min() + 1e-6
