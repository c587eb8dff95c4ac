"""Many groups take fewer starts: the likelihood found is still the highest."""

import numpy as np
import pandas as pd
import pytest

import hlmteach as hlm
from hlmteach.engine import optimise

FORMULAS = ["y ~ x + (1 | g)", "y ~ x + (x | g)", "y ~ x + (x || g)", "y ~ 1 + (x || g)"]


def sample(seed):
    """100 to 160 groups, effects of any spread; x may lie far from 0, where `||` has two optima."""
    rng = np.random.default_rng(seed)
    J = int(rng.integers(101, 160))
    g = np.r_[np.arange(J), rng.integers(0, J, J * int(rng.integers(2, 7)))]
    x = rng.normal(rng.choice([0, 5, 100]), 1, len(g))
    u = rng.normal(size=(J, 2)) * rng.choice([0, 1e-3, 0.05, 0.3, 1, 20], 2)
    y = 2 + 0.5 * x + u[g, 0] + u[g, 1] * (x - x.mean()) + rng.normal(size=len(g))
    return pd.DataFrame({"y": y, "x": x, "g": g})


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("reml", [False, True])
def test_one_start_finds_what_many_find(formula, reml, monkeypatch):
    data = [sample(seed) for seed in range(12)]
    one = [hlm.lmer(formula, table, REML=reml).loglik for table in data]
    monkeypatch.setattr(optimise, "SMOOTH_GROUPS", 10**9)
    many = [hlm.lmer(formula, table, REML=reml).loglik for table in data]
    np.testing.assert_allclose(one, many, atol=1e-7, rtol=0)


def test_uncorrelated_effects_far_from_zero_have_a_second_optimum():
    # The intercept's effect has to undo the slope's at x = 100: sds of about 2,000 and 20.
    data = sample(22).assign(x=lambda d: d.x - d.x.mean() + 100)
    rng = np.random.default_rng(1)
    slopes = 20 * rng.normal(size=data.g.nunique())
    data["y"] = slopes[data.g] * (data.x - 100) + rng.normal(size=len(data))
    fit = hlm.lmer("y ~ 1 + (x || g)", data)
    assert fit.theta[0] > 100 * fit.theta[1] * 0.9
    for one_effect in ("1", "0 + x"):
        assert fit.loglik > hlm.lmer(f"y ~ 1 + ({one_effect} | g)", data).loglik + 1
