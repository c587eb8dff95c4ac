"""Outcomes that have some rows of a design each, against fits to those rows alone."""

import numpy as np
import pandas as pd
import pytest

import hlmteach as hlm
from hlmteach.engine.solve import maximise_each
from hlmteach.engine.somerows import some_rows


@pytest.mark.parametrize("formula", ["y ~ x + (1 | g)", "y ~ x + (x | g)"])
@pytest.mark.parametrize("reml", [False, True])
def test_each_is_the_fit_to_its_rows(formula, reml):
    rng, g = np.random.default_rng(1), np.repeat(np.arange(9), 6)
    x = rng.normal(size=(1, 54))
    Y = 1 + x * rng.normal(1, 0.5, (4, 9))[:, g] + rng.normal(size=(4, 9))[:, g]
    Y, kept = Y + rng.normal(size=Y.shape), rng.uniform(size=Y.shape) < 0.7
    kept[0, g == 3] = False
    data = pd.DataFrame({"x": x[0], "g": g, "y": Y[0]})
    d = hlm.lmer(formula, data, REML=reml).design
    best = maximise_each(some_rows(d, Y, kept, reml), None)
    for y, rows, beta in zip(Y, kept, best.at.beta, strict=True):
        fit = hlm.lmer(formula, data.assign(y=y)[rows], REML=reml)
        assert d.X_map @ beta == pytest.approx(fit.fixef.to_numpy(), rel=1e-6)
