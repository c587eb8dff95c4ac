"""Steps in the covariance: derivatives by differences, the way down from zero, grids."""

from functools import cache

import numpy as np
import pytest

import hlmteach as hlm
from hlmteach.engine.covariance import theta_of
from hlmteach.engine.deviance import criterion, on_grid
from hlmteach.engine.scoring import _by_covariance, scored, steepest
from hlmteach.engine.smallmatrix import lower_factors

MODELS = ["Reaction ~ Days + (1 | Subject)", "Reaction ~ Days + (Days | Subject)"]


@cache
def fit(formula, reml=False):
    return hlm.lmer(formula, hlm.load("sleepstudy"), REML=reml)


@pytest.mark.parametrize("formula", MODELS)
@pytest.mark.parametrize("reml", [False, True])
def test_a_grid_is_the_criterion_at_each_point(formula, reml):
    model = fit(formula, reml)
    d, r = model.design, hlm.draw(model, 5, seed=1)
    points = np.abs(np.random.default_rng(1).normal(size=(4, d.n_theta)))
    seen = on_grid(d, r, points, reml)
    for point, values in zip(points, seen, strict=True):
        at = criterion(d, r, np.tile(point, (5, 1)), reml, order=0).value
        np.testing.assert_allclose(values, at, rtol=1e-12)


@pytest.mark.parametrize("formula", MODELS)
@pytest.mark.parametrize("reml", [False, True])
def test_the_derivative_by_the_covariance(formula, reml):
    model = fit(formula, reml)
    d, g = model.design, model.design.leading
    S = 0.3 * np.eye(g.q) + 0.1
    P, _ = _by_covariance(d, model.response, theta_of(np.linalg.cholesky(S)[None], g), reml)

    def value(S):
        theta = theta_of(np.linalg.cholesky(S)[None], g)
        return criterion(d, model.response, theta, reml, order=0).value[0]

    for a in range(g.q):
        for b in range(a + 1):
            E = np.zeros((g.q, g.q))
            E[a, b] = E[b, a] = 1e-5
            slope = (value(S + E) - value(S - E)) / 2e-5
            assert slope == pytest.approx((P[0] * E).sum() / 1e-5, rel=1e-6)


@pytest.mark.parametrize("formula", MODELS)
@pytest.mark.parametrize("reml", [False, True])
@pytest.mark.parametrize("far", [0.02, 30.0])
def test_scoring_comes_near_from_far_away(formula, reml, far):
    model = fit(formula, reml)
    d, g = model.design, model.design.leading
    start = theta_of(far * np.eye(g.q)[None], g)
    near = scored(d, model.response, start, reml, steps=5)
    value = criterion(d, model.response, near, reml, order=0).value[0]
    assert value - model.solution.value[0] < 0.01


def test_scoring_reaches_zero_and_leaves_it():
    flat = hlm.lmer("Yield ~ 1 + (1 | Batch)", hlm.load("Dyestuff2"), REML=False)
    assert scored(flat.design, flat.response, np.array([[0.5]]), False, 2)[0, 0] == 0.0
    wavy = hlm.lmer("Yield ~ 1 + (1 | Batch)", hlm.load("Dyestuff"), REML=False)
    left = scored(wavy.design, wavy.response, np.array([[0.0]]), False, 3)
    assert left[0, 0] == pytest.approx(wavy.white_theta[0], rel=0.02)


@pytest.mark.parametrize("reml", [False, True])
def test_the_way_down_from_zero(reml):
    for name, sign in (("Dyestuff", -1), ("Dyestuff2", 1)):
        model = hlm.lmer("Yield ~ 1 + (1 | Batch)", hlm.load(name), REML=reml)
        slope = steepest(model.design, model.response, np.zeros((1, 1)), reml)
        assert np.sign(slope[0]) == sign


def test_scoring_keeps_uncorrelated_effects_apart():
    model = fit("Reaction ~ Days + (Days || Subject)")
    g = model.design.leading
    theta = scored(model.design, model.response, np.ones((1, 2)), False, 3)
    Lambda = np.zeros((1, 2, 2))
    Lambda[:, g.free[0], g.free[1]] = theta
    assert Lambda[0, 1, 0] == 0.0
    np.testing.assert_allclose(lower_factors(Lambda)[0], Lambda[0], atol=1e-12)
