"""Several factors: derivatives, the ways through the border, one start or more, and too many."""

import numpy as np
import pandas as pd
import pytest

import hlmteach as hlm
from hlmteach.engine import blocks, border, several
from hlmteach.engine.blocks import Many, criterion_blocks
from hlmteach.engine.crossprod import design, response
from hlmteach.engine.frame import model_frame

FORMULAS = [
    "y ~ x + (1 | g) + (1 | h)",
    "y ~ x + (x | g) + (1 | h) + (1 | k)",
    "y ~ x + w + (1 | g) + (x + w | h)",
    "y ~ 0 + (x + w || g) + (x | h)",
]
each_formula = pytest.mark.parametrize("formula", FORMULAS)
each_method = pytest.mark.parametrize("reml", [False, True])


def table(seed=0, levels=(12, 5, 3), n=120, sds=(1.0, 1.0, 0.3)):
    """Crossed groups of three factors, the last two in whole only where levels are few."""
    rng = np.random.default_rng(seed)
    codes = [rng.permutation(np.arange(n) % J) for J in levels]
    x, w = rng.normal(size=n), rng.normal(size=n)
    u = [sd * rng.normal(size=J)[c] for sd, J, c in zip(sds, levels, codes, strict=True)]
    y = 1 + x + sum(u) + 0.3 * u[1] * x + rng.normal(size=n)
    return pd.DataFrame({"y": y, "x": x, "w": w, **dict(zip("ghk", codes, strict=True))})


def many(formula, data, reml):
    frame = model_frame(formula, data)
    d = design(frame.X, frame.factors)
    return Many(d, response(d, frame.y), reml)


def differenced(m, theta, step=1e-5):
    """Gradient and Hessian by differences of values and of gradients."""
    steps = step * np.eye(len(theta))
    pairs = [[criterion_blocks(m, (theta + s * e)[None]) for s in (1, -1)] for e in steps]
    return [
        np.array(
            [(getattr(up, what)[0] - getattr(down, what)[0]) / (2 * step) for up, down in pairs]
        )
        for what in ("value", "gradient")
    ]


@each_formula
@each_method
def test_derivatives_are_those_of_the_criterion(formula, reml):
    m = many(formula, table(), reml)
    theta = np.random.default_rng(1).normal(size=m.design.n_theta)
    found = criterion_blocks(m, theta[None])
    gradient, hessian = differenced(m, theta)
    np.testing.assert_allclose(found.gradient[0], gradient, atol=1e-5)
    np.testing.assert_allclose(found.hessian[0], hessian, atol=1e-6 * np.abs(hessian).max())


@each_formula
@each_method
@pytest.mark.parametrize("singular", [False, True])
def test_sparse_dense_exact_and_average_ways_agree(monkeypatch, formula, reml, singular):
    m = many(formula, table(), reml)
    theta = np.random.default_rng(2).normal(size=m.design.n_theta)
    theta[-1] *= not singular
    exact = criterion_blocks(m, theta[None])
    monkeypatch.setattr(blocks, "MOST_EXACT", 0)
    average = criterion_blocks(m, theta[None])
    monkeypatch.setattr(border, "MOST_PAIRS", 0)
    monkeypatch.setattr(border, "DENSE_ENTRIES", 40)
    dense = criterion_blocks(many(formula, table(), reml), theta[None])
    for other in (average, dense):
        np.testing.assert_allclose(other.value, exact.value, rtol=1e-13)
        np.testing.assert_allclose(other.gradient, exact.gradient, atol=1e-9)
    np.testing.assert_allclose(dense.hessian, average.hessian, atol=1e-9)


@each_formula
@each_method
def test_the_average_information_finds_what_exact_derivatives_find(monkeypatch, formula, reml):
    data = table(3)
    exact = hlm.lmer(formula, data, REML=reml)
    monkeypatch.setattr(blocks, "MOST_EXACT", 0)
    average = hlm.lmer(formula, data, REML=reml)
    assert average.converged
    assert abs(average.loglik - exact.loglik) < 1e-8
    assert average.is_singular == exact.is_singular
    rows = data.head(7)
    for level in ("confidence", "prediction"):
        pd.testing.assert_frame_equal(
            average.predict(rows, interval=level), exact.predict(rows, interval=level), rtol=1e-4
        )


@pytest.mark.parametrize(
    ("seed", "least"),
    [(seed, 100) for seed in range(12)] + [(seed, 290) for seed in (20, 21, 22, 23)],
)
def test_one_start_finds_what_many_find(monkeypatch, seed, least):
    """With a hundred levels or more of each factor; variances large, small and none."""
    rng = np.random.default_rng(seed)
    levels = rng.integers(least, least + 40, 2)
    sds = rng.choice([0.0, 0.02, 0.3, 1.0, 20.0], 2)
    data = table(seed, (*levels, 3), int(rng.integers(3 * least, 9 * least)), (*sds, 0.0))
    formula, reml = rng.choice(["y ~ x + (1 | g) + (1 | h)", "y ~ x + (x | g) + (1 | h)"]), seed % 2
    m = many(str(formula), data, bool(reml))
    one = several.optimise_several(m)
    monkeypatch.setattr(several, "SMOOTH_GROUPS", 1_000)
    monkeypatch.setattr(several, "STARTS", (0.5, 0.02, 0.05, 0.1, 0.2, 1.0, 2.0, 10.0))
    assert one.converged
    assert one.at.value[0] < several.optimise_several(m).at.value[0] + 1e-6


def test_what_is_too_large_is_refused_in_words():
    n = 40_000
    codes = np.random.default_rng(0).permutation(n)
    data = pd.DataFrame({"y": codes % 7.0, "a": codes // 2, "b": np.arange(n) // 2})
    with pytest.raises(hlm.ModelError, match=r"'a' \(20,000 groups\) and 'b'.* GB .* minutes"):
        hlm.lmer("y ~ 1 + (1 | a) + (1 | b)", data)
