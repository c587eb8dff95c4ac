"""Hundreds of small designs, near-singular ones among them: no likelihood is higher than ours."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hlmteach as hlm
from tests.engine.textbook import best_by_brute_force, textbook_deviance

EFFECTS = {  # of each group, by formula
    "y ~ x + (1 | g)": 1,
    "y ~ x + (1 | g) + (1 | h)": 1,
    "y ~ x + (x | g)": 2,
    "y ~ 1 + (x || g)": 2,
    "y ~ x + w + (x + w | g)": 3,
}
SPREADS = [0.0, 1e-3, 0.05, 0.3, 1.0, 20.0]


@st.composite
def designs(draw):
    """A formula, REML or not, and 3 to 8 groups of unequal sizes with effects of any spread."""
    groups = draw(st.integers(3, 8))
    sizes = np.array([draw(st.integers(1, 9)) for _ in range(groups - 1)] + [8])
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    g = np.repeat(np.arange(groups), sizes)
    h = rng.integers(0, 3, len(g))
    h[:3] = range(3)
    x, w = rng.normal(draw(st.sampled_from([0, 5, 100])), 1, len(g)), rng.normal(size=len(g))
    u = rng.normal(size=(groups, 3)) * [draw(st.sampled_from(SPREADS)) for _ in range(3)]
    v = rng.normal(size=3) * draw(st.sampled_from(SPREADS))
    y = 2 + 0.5 * x + u[g, 0] + u[g, 1] * (x - x.mean()) + u[g, 2] * w + v[h]
    y = y + rng.normal(size=len(g))
    formula = draw(st.sampled_from([f for f, q in EFFECTS.items() if q * groups < len(g)]))
    data = pd.DataFrame({"y": y, "x": x, "w": w, "g": g, "h": h})
    return formula, draw(st.booleans()), data


@settings(max_examples=200, deadline=None, derandomize=True)
@given(designs())
def test_no_other_optimiser_finds_more(design):
    formula, reml, data = design
    fit = hlm.lmer(formula, data, REML=reml)
    value = textbook_deviance(fit, fit.theta)
    assert abs(value + 2 * fit.loglik) < 1e-7
    assert value - best_by_brute_force(fit, seed=1) < 2e-6  # 1e-6 of log-likelihood


@settings(max_examples=60, deadline=None, derandomize=True)
@given(designs())
def test_offsets_cost_nothing(design):
    formula, reml, data = design
    if "||" in formula:
        formula = "y ~ x + (x | g)"  # uncorrelated effects do depend on the origin of x
        if 2 * data.g.nunique() >= len(data):
            formula = "y ~ x + (1 | g)"
    grid = np.round(data[["y", "x"]] * 2**10) / 2**10  # so that adding the offset is exact
    near = hlm.lmer(formula, data.assign(**grid), REML=reml)
    far = hlm.lmer(formula, data.assign(y=grid.y + 1e8, x=grid.x + 1e6), REML=reml)
    assert abs(near.loglik - far.loglik) < 1e-8


@settings(max_examples=60, deadline=None, derandomize=True)
@given(designs(), st.integers(0, 1000))
def test_a_warm_start_finds_what_a_cold_one_finds(design, seed):
    formula, reml, data = design
    fit = hlm.lmer(formula, data, REML=reml)
    y = fit.y + np.random.default_rng(seed).normal(size=fit.n_obs) * fit.sigma
    cold = hlm.lmer(formula, data.assign(y=y), REML=reml)
    assert abs(fit.refit(y).loglik - cold.loglik) < 1e-7


Y = """8.2 30 22.9 4.6 28.5 33.6 -5.2 3.9 32.3 31.1 9.3 -7.8 13.1 28.8 32.4 7.9 31.8 6.9 6.8 10
-6.3 1.6 2.7 45.6 20.6 -3.6 42.4 19.1 13.1 37.8 -8 44.9"""
X = """4.93 4.9 5.52 4.16 5.33 6.27 3.61 4.56 5.52 5.5 4.9 4 5.1 5.58 6.8 3.91 6.56 4.31 4.01 4.96
4.09 3.56 4.05 5.67 4.84 5.72 3.82 4.48 5.02 3.74 5.55 4.14"""
# One valley where no effect varies, and one where both do by 11 sigma and nearly cancel.
VALLEYS = pd.DataFrame({name: np.array(text.split(), float) for name, text in (("y", Y), ("x", X))})
VALLEYS["g"] = np.repeat(range(5), [4, 9, 6, 5, 8])


@pytest.mark.parametrize("reml", [True, False])
def test_a_second_valley_is_looked_into(reml):
    fit = hlm.lmer("y ~ 1 + (x || g)", VALLEYS, REML=reml)
    assert textbook_deviance(fit, fit.theta) - best_by_brute_force(fit, seed=1) < 2e-6
    assert fit.theta[0] > 10
