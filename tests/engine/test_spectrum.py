"""One variance as plain sums over contrasts: the same criterion, and its maximum found at once."""

import numpy as np
import pytest

import hlmteach as hlm
from hlmteach.engine import optimise
from hlmteach.engine.deviance import criterion
from hlmteach.engine.problem import problem
from hlmteach.engine.spectrum import near_optimum

MODELS = [
    ("Yield ~ 1 + (1 | Batch)", "Dyestuff"),
    ("Yield ~ 1 + (1 | Batch)", "Dyestuff2"),
    ("Reaction ~ Days + (1 | Subject)", "sleepstudy"),
    ("Reaction ~ 0 + (0 + Days | Subject)", "sleepstudy"),
    ("distance ~ age * Sex + (1 | Subject)", "Orthodont"),
    ("Satisfaction ~ NPD + (1 | Time)", "HLM"),
]
each_model = pytest.mark.parametrize(("formula", "name"), MODELS)
each_method = pytest.mark.parametrize("reml", [False, True])


def contrasts(fit):
    r = fit.response
    t, rest = fit.design.spectrum.contrasts(r.D, r.S, r.SS)
    return t**2, rest


@each_model
@each_method
def test_the_sums_are_the_criterion(formula, name, reml):
    fit = hlm.lmer(formula, hlm.load(name), REML=reml)
    m, found = problem(fit.design, fit.response, reml), fit.design.spectrum
    squares, rest = contrasts(fit)
    theta = np.array([[0.0], [0.03], [0.7], [20.0]])
    s = theta**2
    at = [criterion(m, one[None], order=0) for one in theta]
    pwrss = rest + (squares / (1 + s * found.sizes)).sum(axis=1)
    np.testing.assert_allclose(pwrss, [c.pwrss[0] for c in at], rtol=1e-10)
    determinant = found.sizes if reml else found.between
    value = np.log1p(s * determinant).sum(axis=1) + m.n * np.log(pwrss)
    np.testing.assert_allclose(np.diff(value), np.diff([c.value[0] for c in at]), atol=1e-8)


@each_model
@each_method
def test_the_maximum_is_where_the_fit_is(formula, name, reml):
    fit = hlm.lmer(formula, hlm.load(name), REML=reml)
    m = problem(fit.design, fit.response, reml)
    theta, exact = near_optimum(fit.design.spectrum, *contrasts(fit), m.n, reml)
    assert exact.all()
    confirmed = optimise.newton(m, theta, criterion(m, theta))
    assert confirmed.theta[0, 0] == pytest.approx(theta[0, 0], rel=1e-9, abs=1e-12)
    assert fit.white_theta[0] == pytest.approx(theta[0, 0], rel=1e-9, abs=1e-12)


@each_method
def test_it_finds_what_a_search_finds(reml, monkeypatch):
    data = hlm.simulate_groups(8, [2, 3, 5, 9, 2, 4, 30, 6], sd_u=0.4, seed=2)
    fit = hlm.lmer("y ~ x + (1 | group)", data, REML=reml)
    Y = np.concatenate(
        [hlm.simulate(fit.at(sd=sd), 60, seed=3) for sd in (0.0, 0.05, 0.5, 5.0, 1e4)]
    )
    by_sums = hlm.refit_many(fit, Y)
    monkeypatch.setattr(optimise, "SPECTRUM_GROUPS", 0)
    searched = hlm.refit_many(fit, Y)
    gain = by_sums.loglik - searched.loglik
    assert gain.min() > -1e-8  # a search may end on a lower maximum: one or two of 300 do
    assert (gain > 1e-8).mean() <= 0.01
    assert by_sums.converged.all()
