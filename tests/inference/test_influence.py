"""Leaving groups and rows out: against fits to the rest, and lme4's influence (influence.R)."""

import numpy as np
import pandas as pd
import pytest

import hlmteach as hlm
from tests.reference import reference

R = reference("influence")
SLOPE = "Reaction ~ Days + (Days | Subject)"
INTERCEPT = "Reaction ~ Days + (1 | Subject)"
PASTES = "strength ~ 1 + (1 | batch) + (1 | sample)"
sleepstudy = hlm.load("sleepstudy")
CASES = {
    "slope_group": (SLOPE, sleepstudy, True, "Subject"),
    "intercept_group": (INTERCEPT, sleepstudy, False, "group"),
    "intercept_row": (INTERCEPT, sleepstudy, False, "row"),
    "pastes_group": (PASTES, hlm.load("Pastes"), True, "batch"),
}


@pytest.mark.parametrize("name", CASES)
def test_lme4s_coefficients_and_variances(name):
    formula, data, reml, by = CASES[name]
    fit = hlm.lmer(formula, data, REML=reml)
    seen, part = hlm.influence(fit, by), R[name]
    # bobyqa stops within 1e-5 of an sd of the maximum; ours is polished
    fixef = np.reshape(part["fixef"], seen.fixef.shape)
    assert np.max(np.abs(seen.fixef - fixef) / fit.se.to_numpy()) < 2e-4
    theirs = np.sort(np.reshape(part["varcomp"], (len(seen.variances), -1)), axis=1)
    ours = np.sort(seen.variances.to_numpy(), axis=1)
    np.testing.assert_allclose(ours[:, -1], theirs[:, -1], rtol=5e-3)
    k, p = len(seen.cooks), len(fit.fixef)  # lme4's distance is (k - p) / k of Cook's, k left out
    np.testing.assert_allclose(seen.cooks * (k - p) / k, part["cooks"], rtol=2e-2, atol=2e-4)


@pytest.mark.parametrize("formula", [SLOPE, INTERCEPT])
@pytest.mark.parametrize("reml", [True, False])
def test_a_group_and_a_row_as_fitted_without_them(formula, reml):
    fit = hlm.lmer(formula, sleepstudy, REML=reml)
    group = sleepstudy["Subject"].iloc[25]
    for by, at, rest in (
        ("group", 2, sleepstudy[sleepstudy["Subject"] != group]),
        ("row", 25, sleepstudy.drop(index=25)),
    ):
        seen, plain = hlm.influence(fit, by), hlm.lmer(formula, rest, REML=reml)
        np.testing.assert_allclose(seen.fixef.iloc[at], plain.fixef, rtol=1e-8)
        assert seen.variances["Residual"].iloc[at] == pytest.approx(plain.sigma**2, rel=1e-7)
        change = fit.fixef - plain.fixef
        np.testing.assert_allclose(seen.dfbetas.iloc[at], change / plain.se, rtol=1e-5)
        cook = change @ np.linalg.inv(fit.vcov) @ change / 2
        assert seen.cooks.iloc[at] == pytest.approx(cook, rel=1e-6)


def test_a_category_of_one_group_alone_leaves_nan():
    data = sleepstudy.assign(odd=(sleepstudy["Subject"] == sleepstudy["Subject"].iloc[0]) * 1.0)
    seen = hlm.influence(hlm.lmer("Reaction ~ Days + odd + (1 | Subject)", data))
    assert seen.fixef.iloc[0].isna().all()
    assert seen.cooks.iloc[1:].notna().all()


def test_what_cannot_be_left_out():
    with pytest.raises(hlm.ModelError, match="by='group' does not say what to leave out"):
        hlm.influence(hlm.lmer(PASTES, hlm.load("Pastes")))
    with pytest.raises(hlm.ModelError, match="this model has no groups"):
        hlm.influence(hlm.gls("Reaction ~ Days", sleepstudy))


def small_groups(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    g = np.repeat(np.arange(9), [1, 1, 2, 2, 3, 4, 6, 8, 12])
    x = rng.normal(size=len(g))
    u = rng.normal(size=(9, 2)) * [0.8, 0.5]
    y = 2 + 0.5 * x + u[g, 0] + u[g, 1] * x + 0.5 * rng.normal(size=len(g))
    return pd.DataFrame({"y": y, "x": x, "w": rng.normal(size=len(g)), "g": g})


@pytest.mark.parametrize("by", ["group", "row"])
@pytest.mark.parametrize("random", ["~1|g", "~x|g"])
@pytest.mark.parametrize("method", ["ML", "REML"])
def test_each_in_turn_where_groups_are_small(by, random, method):
    data = small_groups(seed=3)
    fit = hlm.lme("y ~ x + w", data, random, method)
    left = hlm.influence(fit, by)
    for at, label in enumerate(left.fixef.index):
        rest = data[data["g"] != label] if by == "group" else data.drop(index=label)
        plain = hlm.lme("y ~ x + w", rest, random, method)
        np.testing.assert_allclose(left.fixef.iloc[at], plain.fixef, rtol=1e-6, atol=1e-7)
        np.testing.assert_allclose(
            left.dfbeta.iloc[at] / left.dfbetas.iloc[at], plain.se, rtol=1e-6
        )
        ends = [float(plain.covariances["g"].cov[-1, -1]), plain.sigma**2]
        np.testing.assert_allclose(left.variances.iloc[at, [-2, -1]], ends, rtol=1e-5, atol=1e-8)


def test_rows_of_a_model_without_groups():
    data = small_groups(seed=1)
    left = hlm.influence(hlm.gls("y ~ x", data, method="ML"), "row")
    plain = hlm.gls("y ~ x", data.drop(index=7), method="ML")
    np.testing.assert_allclose(left.fixef.iloc[7], plain.fixef, rtol=1e-10)
    np.testing.assert_allclose(left.dfbeta.iloc[7] / left.dfbetas.iloc[7], plain.se, rtol=1e-10)
