"""Steps in the covariance: derivatives by differences, the way down from zero, grids."""

from functools import cache

import numpy as np
import pytest

import hlmteach as hlm
from hlmteach.engine.covariance import theta_of
from hlmteach.engine.derivatives import curvature, information, shares
from hlmteach.engine.deviance import criterion, on_grid
from hlmteach.engine.problem import problem, solved
from hlmteach.engine.scoring import scored, steepest
from hlmteach.engine.smallmatrix import lower_factors

MODELS = ["Reaction ~ Days + (1 | Subject)", "Reaction ~ Days + (Days | Subject)"]


@cache
def fit(formula, reml=False):
    return hlm.lmer(formula, hlm.load("sleepstudy"), REML=reml)


def of(model, response=None):
    return problem(model.design, response or model.response, model.reml)


@pytest.mark.parametrize("formula", MODELS)
@pytest.mark.parametrize("reml", [False, True])
def test_a_grid_is_the_criterion_at_each_point(formula, reml):
    model = fit(formula, reml)
    m = of(model, hlm.draw(model, 5, seed=1))
    points = np.abs(np.random.default_rng(1).normal(size=(4, model.design.n_theta)))
    seen = on_grid(m, points)
    for point, values in zip(points, seen, strict=True):
        at = criterion(m, np.tile(point, (5, 1)), order=0).value
        np.testing.assert_allclose(values, at, rtol=1e-12)


@pytest.mark.parametrize("formula", MODELS)
@pytest.mark.parametrize("reml", [False, True])
def test_the_derivatives_by_the_covariance(formula, reml):
    m = of(fit(formula, reml))
    g = m.design.leading
    S = 0.3 * np.eye(g.q) + 0.1
    h = shares(m, solved(m, S[None]))
    expected, observed = information(h)[0], curvature(m, h)[0]
    np.testing.assert_allclose(expected, expected.T, rtol=1e-9)

    def value(S):
        return criterion(m, theta_of(np.linalg.cholesky(S)[None], g), order=0).value[0]

    for a in range(g.q):
        for b in range(a + 1):
            E = np.zeros((g.q, g.q))
            E[a, b] = E[b, a] = 1e-4
            up, here, down = (value(S + k * E) for k in (1, 0, -1))
            assert up - down == pytest.approx(2 * (h.slope[0] * E).sum(), rel=1e-5)
            bent = E.ravel() @ observed @ E.ravel()
            assert up - 2 * here + down == pytest.approx(bent, rel=1e-3, abs=1e-9)


@pytest.mark.parametrize("formula", MODELS)
@pytest.mark.parametrize("reml", [False, True])
@pytest.mark.parametrize("far", [0.02, 30.0])
def test_scoring_comes_near_from_far_away(formula, reml, far):
    model = fit(formula, reml)
    m, g = of(model), model.design.leading
    start = theta_of(far * np.eye(g.q)[None], g)
    near = scored(m, start, steps=5)
    value = criterion(m, near, order=0).value[0]
    assert value - model.solution.value[0] < 0.01


def test_scoring_reaches_zero_and_leaves_it():
    flat = hlm.lmer("Yield ~ 1 + (1 | Batch)", hlm.load("Dyestuff2"), REML=False)
    assert scored(of(flat), np.array([[0.5]]), 2)[0, 0] == 0.0
    wavy = hlm.lmer("Yield ~ 1 + (1 | Batch)", hlm.load("Dyestuff"), REML=False)
    left = scored(of(wavy), np.array([[0.0]]), 3)
    assert left[0, 0] == pytest.approx(wavy.white_theta[0], rel=0.02)


@pytest.mark.parametrize("reml", [False, True])
def test_the_way_down_from_zero(reml):
    for name, sign in (("Dyestuff", -1), ("Dyestuff2", 1)):
        model = hlm.lmer("Yield ~ 1 + (1 | Batch)", hlm.load(name), REML=reml)
        assert np.sign(steepest(of(model), np.zeros((1, 1)))[0]) == sign


def test_scoring_keeps_uncorrelated_effects_apart():
    model = fit("Reaction ~ Days + (Days || Subject)")
    g = model.design.leading
    theta = scored(of(model), np.ones((1, 2)), 3)
    Lambda = np.zeros((1, 2, 2))
    Lambda[:, g.free[0], g.free[1]] = theta
    assert Lambda[0, 1, 0] == 0.0
    np.testing.assert_allclose(lower_factors(Lambda)[0], Lambda[0], atol=1e-12)
