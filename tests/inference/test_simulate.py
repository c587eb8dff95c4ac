"""Simulation: moments, one distribution by rows and by cross-products, many refits at once."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import hlmteach as hlm
from hlmteach.engine.crossprod import response
from hlmteach.engine.solve import evaluate
from hlmteach.inference.arguments import generator

MODELS = {
    "mean": ("Satisfaction ~ NPD", "HLM"),
    "intercept": ("Reaction ~ Days + (1 | Subject)", "sleepstudy"),
    "slope": ("Reaction ~ Days + (Days | Subject)", "sleepstudy"),
    "uncorrelated": ("Reaction ~ Days + (Days || Subject)", "sleepstudy"),
    "ragged": ("Reaction ~ Days + (Days | Subject)", "ragged"),
    "nested": ("strength ~ 1 + (1 | batch/cask)", "Pastes"),
}
each_model = pytest.mark.parametrize("name", MODELS)


def table(name):
    """The data set; "ragged" is sleepstudy with one, two or three rows left of some subjects."""
    if name != "ragged":
        return hlm.load(name)
    data = hlm.load("sleepstudy")
    subject = data.Subject.cat.codes if hasattr(data.Subject, "cat") else data.Subject
    return data[(data.Days < subject.rank(method="dense") % 4 + 1) | (subject.rank() > 80)]


@cache
def model(name, reml=False):
    formula, data = MODELS[name]
    if "|" not in formula:
        return hlm.gls(formula, table(data), method="REML" if reml else "ML")
    return hlm.lmer(formula, table(data), REML=reml)


def marginal_covariance(fit):
    """Return sigma^2 I + sum of Z G Z', from the data's own Z and covariances."""
    V = fit.sigma**2 * np.eye(fit.n_obs)
    for factor in fit.frame.factors:
        same = factor.codes[:, None] == factor.codes[None, :]
        V += same * (factor.Z @ fit.covariances[factor.name].cov @ factor.Z.T)
    return V


@each_model
def test_rows_have_the_mean_and_covariance_of_the_model(name):
    fit = model(name)
    rows = slice(0, 40)
    Y = hlm.simulate(fit, n=20_000 if fit.n_obs < 300 else 4_000, seed=1)[:, rows]
    mean = (fit.frame.X @ fit.fixef.to_numpy())[rows]
    V = marginal_covariance(fit)[rows, rows]
    sd = np.sqrt(np.diag(V))
    # 5 standard errors: 40 means and 820 covariances are looked at.
    assert np.all(np.abs(Y.mean(axis=0) - mean) < 5 * sd / np.sqrt(len(Y)))
    seen = (Y - mean).T @ (Y - mean) / len(Y)
    se = np.sqrt((V**2 + np.outer(sd, sd) ** 2) / len(Y))
    assert np.all(np.abs(seen - V) < 5 * se)


def test_known_effects_are_kept_when_asked():
    fit = model("slope")
    Y = hlm.simulate(fit, n=4_000, seed=1, use_u=True)
    assert np.abs(Y.mean(axis=0) - fit.fitted).max() < 5 * fit.sigma / np.sqrt(4_000)
    np.testing.assert_allclose(Y.std(axis=0), fit.sigma, rtol=0.06)


@each_model
def test_the_same_seed_draws_the_same(name):
    fit = model(name)
    np.testing.assert_array_equal(fit.simulate(2, seed=3), fit.simulate(2, seed=3))
    np.testing.assert_array_equal(fit.draw(2, seed=3).SS, fit.draw(2, seed=3).SS)
    assert np.any(fit.simulate(2, seed=3) != fit.simulate(2, seed=4))


@each_model
def test_drawn_cross_products_have_the_moments_of_those_of_rows(name):
    fit = model(name)
    count = 20_000 if fit.n_obs < 300 else 4_000
    drawn = hlm.draw(fit, n=count, seed=1)
    Y = hlm.simulate(fit, n=count, seed=2)
    rows = by_fixed_units(fit, response(fit.design, Y))
    for seen, expected in zip(by_fixed_units(fit, drawn), rows, strict=True):
        se = np.sqrt((seen.var(axis=0) + expected.var(axis=0)) / count)
        assert np.all(np.abs(seen.mean(axis=0) - expected.mean(axis=0)) <= 5 * se + 1e-9)
        for column in range(0, seen.shape[1], 7):
            a, b = seen[:, column], expected[:, column]
            if a.std() > 1e-6:
                assert stats.ks_2samp(a, b).pvalue > 1e-4


def by_fixed_units(fit, r):
    """D, S and SS of y itself: each response has its own shift and scale in the engine."""
    d, scale = fit.design, r.scale[:, None]
    ones = np.zeros(d.p)
    ones[d.constant] = 1.0
    shift = (r.shift - fit.response.shift[0])[:, None] / fit.response.scale[0]
    scale = scale / fit.response.scale[0]
    D = scale[:, :, None] * r.D + shift[:, :, None] * np.tensordot(ones, d.D, axes=1)
    S = scale * r.S + shift * (ones @ d.S)
    SS = scale**2 * r.SS[:, None] + 2 * shift * scale * (r.S @ ones)[:, None]
    SS = SS + shift**2 * (ones @ d.S @ ones)
    return D.reshape(len(r), -1), S, SS


@pytest.mark.parametrize("name", ["intercept", "slope"])
@pytest.mark.parametrize("reml", [False, True])
def test_likelihood_ratio_has_one_distribution_by_rows_and_by_cross_products(name, reml):
    fit = model(name, reml)
    d, theta = fit.design, fit.white_theta
    ratios = []
    for r in (hlm.draw(fit, 1_500, seed=1), response(d, hlm.simulate(fit, 1_500, seed=2))):
        refits = hlm.refit_many(fit, r)
        there = evaluate(d, r, np.broadcast_to(theta, (1_500, len(theta))), reml).value
        ratios.append(there - refits.value)
    assert np.all(np.concatenate(ratios) > -1e-9)
    assert stats.ks_2samp(*ratios).pvalue > 1e-3


@each_model
@pytest.mark.parametrize("reml", [False, True])
def test_many_refits_are_the_single_refits(name, reml):
    fit = model(name, reml)
    Y = hlm.simulate(fit, n=4 if name == "nested" else 12, seed=5)
    many = hlm.refit_many(fit, Y)
    assert len(many) == len(Y)
    assert many.converged.all()
    for b, y in enumerate(Y):
        one = fit.refit(y)
        assert many.loglik[b] == pytest.approx(one.loglik, abs=1e-8)
        np.testing.assert_allclose(many.fixef[b], one.fixef, rtol=1e-6)
        np.testing.assert_allclose(many.se[b], one.se, rtol=1e-5)
        assert many.sigma[b] == pytest.approx(one.sigma, rel=1e-6)
        np.testing.assert_allclose(many.theta[b], one.theta, atol=2e-5)
        sds = [sd for vc in one.covariances.values() for sd in vc.sd]
        np.testing.assert_allclose(many.sd[b], sds, atol=2e-5 * one.sigma)
        assert many.is_singular[b] == one.is_singular


def test_refits_by_the_verb_of_the_fit():
    data = hlm.load("HLM")
    for fit in (
        hlm.lme("Satisfaction ~ NPD", data, random="~1|Time", method="ML"),
        hlm.gls("Satisfaction ~ NPD", data, method="ML"),
    ):
        many = hlm.refit_many(fit, fit.y[None])
        np.testing.assert_allclose(many.se[0], fit.se, rtol=1e-6)


def test_refits_of_singular_outcomes_are_exact():
    fit = hlm.lmer("Satisfaction ~ NPD + (NPD | Time)", hlm.load("HLM"), REML=False)
    many = hlm.refit_many(fit, fit.simulate(60, seed=1))
    assert many.is_singular.mean() > 0.5
    singular = many.theta[many.is_singular]
    assert np.all((singular[:, 0] == 0) | (singular[:, 2] == 0))


def test_table_names_every_estimate():
    table = model("slope").refit_many(model("slope").draw(3, seed=1)).table
    assert list(table) == [
        "(Intercept)",
        "Days",
        "sd (Intercept) | Subject",
        "sd Days | Subject",
        "sigma",
        "loglik",
        "is_singular",
        "converged",
    ]
    assert len(table) == 3
    assert np.isfinite(table.drop(columns=["is_singular", "converged"]).to_numpy()).all()


@pytest.mark.parametrize("n", [0, -1, 1.5, "ten", True])
def test_the_number_of_draws_is_checked(n):
    with pytest.raises(hlm.ModelError, match="positive whole number"):
        hlm.simulate(model("slope"), n=n)
    with pytest.raises(hlm.ModelError, match="positive whole number"):
        hlm.draw(model("slope"), n=n)


@pytest.mark.parametrize(
    ("Y", "message"),
    [
        (np.zeros(180), "one row per outcome and 180 columns"),
        (np.zeros((2, 179)), r"\(2, 179\)"),
        (np.zeros((0, 180)), "one row per outcome"),
        (np.full((1, 180), np.nan), "missing or infinite"),
    ],
)
def test_outcomes_are_checked(Y, message):
    with pytest.raises(hlm.DataError, match=message):
        hlm.refit_many(model("slope"), Y)


# -- data from nothing -----------------------------------------------------------------------


def test_groups_have_the_sizes_and_names_asked_for():
    data = hlm.simulate_groups(3, [2, 5, 1], seed=1, names=("score", "age", "school"))
    assert list(data) == ["score", "age", "school"]
    assert data.school.tolist() == [1, 1, 2, 2, 2, 2, 2, 3]


def test_effects_and_errors_have_the_moments_asked_for():
    data = hlm.simulate_groups(
        4_000, 5, beta=(2, 0.5), sd_u=(1.0, 0.3), rho=-0.6, sigma=0.7, x_mean=3, x_sd=(0.5, 2),
        seed=1, effects=True,
    )  # fmt: skip
    one = data.groupby("group").first()
    assert one.u_intercept.std() == pytest.approx(1.0, abs=0.05)
    assert one.u_slope.std() == pytest.approx(0.3, abs=0.015)
    assert one.u_intercept.corr(one.u_slope) == pytest.approx(-0.6, abs=0.05)
    e = data.y - (2 + data.u_intercept) - (0.5 + data.u_slope) * data.x
    assert e.std() == pytest.approx(0.7, abs=0.02)
    assert abs(e.groupby(data.group).mean().corr(one.u_intercept)) < 0.08
    assert data.x.mean() == pytest.approx(3, abs=0.1)
    within = data.x - data.groupby("group").x.transform("mean")
    assert within.std() == pytest.approx(2 * np.sqrt(4 / 5), abs=0.05)


def test_a_level_2_predictor_is_the_same_for_a_group():
    data = hlm.simulate_groups(20, 6, x_sd=(1, 0), seed=1)
    assert np.allclose(data.groupby("group").x.std(), 0)


def test_slopes_between_and_within_groups_may_differ():
    data = hlm.simulate_groups(
        400, 20, beta=(0, -1), slope_between=2.0, x_sd=(2, 1), sd_u=0.2, sigma=0.5, seed=1
    )
    means = data.groupby("group")[["y", "x"]].mean()
    assert np.polyfit(means.x, means.y, 1)[0] == pytest.approx(2, abs=0.05)
    within = data - data.groupby("group").transform("mean")
    assert np.polyfit(within.x, within.y, 1)[0] == pytest.approx(-1, abs=0.05)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"n_groups": 0}, "n_groups=0"),
        ({"n_groups": 3, "n_per_group": [1, 2]}, "one for each group"),
        ({"n_per_group": 0}, "positive whole number"),
        ({"n_per_group": 2.5}, "positive whole number"),
        ({"sd_u": -1}, "sd_u=-1 is a standard deviation"),
        ({"sd_u": (1, 2, 3)}, "must be one number, or two"),
        ({"sigma": -0.1}, "sigma=-0.1 is a standard deviation"),
        ({"rho": 1.2}, "rho=1.2 is a correlation"),
        ({"beta": np.nan}, "one finite number"),
    ],
)
def test_impossible_truths_are_refused(wrong, message):
    with pytest.raises(hlm.ModelError, match=message):
        hlm.simulate_groups(**wrong)


# -- a stream of their own -------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 1, 12345])
def test_draws_are_apart_from_numpy_s_of_the_same_seed(seed):
    """An x of default_rng(seed) must not come back as the error of simulate(seed=seed)."""
    x = np.random.default_rng(seed).normal(size=400)
    data = pd.DataFrame({"x": x, "g": np.repeat(range(40), 10)})
    data["y"] = data["x"] + np.random.default_rng([seed, 9]).normal(size=400)
    fit = hlm.lmer("y ~ x + (1 | g)", data)
    outcome = np.ravel(hlm.simulate(fit, n=1, seed=seed))
    error = outcome - fit.fitted_population
    assert abs(np.corrcoef(error, x)[0, 1]) < 0.2


@pytest.mark.parametrize("seed", [0, 1, 12345])
def test_a_table_its_outcomes_and_numpy_s_draws_of_one_seed_share_no_number(seed):
    table = hlm.simulate_groups(1, 2000, sd_u=0, beta=0, seed=seed)
    drawn = {
        "numpy": np.random.default_rng(seed).normal(size=2000),
        "x": table["x"],
        "e": table["y"],
        "simulate": generator(seed).normal(size=2000),
    }
    assert len(np.unique(np.round([*drawn.values()], 9))) == 8000


def test_a_generator_that_is_handed_over_is_used_as_it_is():
    rng = np.random.default_rng(3)
    assert generator(rng) is rng
