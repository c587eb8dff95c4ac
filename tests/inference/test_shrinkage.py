import numpy as np
import pytest
from scipy.stats import norm

import hlmteach as hlm
from tests.reference import reference

SLOPES = hlm.lmer("Reaction ~ Days + (Days|Subject)", hlm.load("sleepstudy"))
UNEQUAL = hlm.lmer("Satisfaction ~ NPD + (1|Time)", hlm.load("HLM"), REML=False)
CROSSED = hlm.lmer("diameter ~ 1 + (1|plate) + (1|sample)", hlm.load("Penicillin"))


def test_a_random_intercept_s_shares():
    tau2, sizes = UNEQUAL.varcorr["variance"][0], np.array([992, 830, 859])
    expected = tau2 / (tau2 + UNEQUAL.sigma**2 / sizes)
    np.testing.assert_allclose(hlm.shrinkage(UNEQUAL)["Time"]["(Intercept)"], expected, rtol=1e-10)
    np.testing.assert_allclose(hlm.shrinkage_matrix(UNEQUAL)[:, 0, 0], expected, rtol=1e-10)


def test_the_modes_are_the_shrunken_deviations_of_each_group_s_own_regression():
    data = hlm.load("sleepstudy")
    people = data.groupby("Subject", observed=True)
    own = [np.polyfit(d["Days"], d["Reaction"], 1)[::-1] for _, d in people]
    deviations = np.array(own) - SLOPES.fixef.to_numpy()
    shrunken = np.einsum("jab,jb->ja", hlm.shrinkage_matrix(SLOPES), deviations)
    np.testing.assert_allclose(shrunken, SLOPES.ranef["Subject"], atol=1e-8)


def test_shares_are_what_the_data_take_off_the_variance():
    share = hlm.shrinkage(SLOPES)["Subject"]
    left = np.diagonal(SLOPES.ranef_variance["Subject"], axis1=1, axis2=2)
    np.testing.assert_allclose((1 - share) * np.diag(SLOPES.covariances["Subject"].cov), left)


def test_every_factor_has_its_shares():
    shares = hlm.shrinkage(CROSSED)
    assert {name: t.shape for name, t in shares.items()} == {"plate": (24, 1), "sample": (6, 1)}
    assert all(((t > 0) & (t < 1)).all(axis=None) for t in shares.values())


def test_an_effect_that_does_not_vary_is_shrunken_wholly():
    fit = hlm.lmer("Yield ~ 1 + (1|Batch)", hlm.load("Dyestuff2"))
    assert (hlm.shrinkage(fit)["Batch"] == 0).all(axis=None)
    assert (hlm.shrinkage_matrix(fit) == 0).all()
    assert (hlm.modes(fit)[["mode", "sd"]] == 0).all(axis=None)


def test_modes_and_their_sds_are_r_s():
    r = reference("sleepstudy_slope_reml")["lme4"]
    table = hlm.modes(SLOPES)
    assert table.columns.tolist() == ["factor", "group", "name", "mode", "sd", "lower", "upper"]
    expected = np.array(r["ranef"]["Subject"]["values"])
    np.testing.assert_allclose(table["mode"], expected.ravel(), atol=1e-4)
    variance = np.array(r["cond_var"]["Subject"])
    variance = np.moveaxis(variance, np.argmax(variance.shape), 0)
    sd = np.sqrt(np.diagonal(variance, axis1=1, axis2=2))
    np.testing.assert_allclose(table["sd"], sd.ravel(), rtol=1e-5)


def test_intervals_of_the_modes():
    table = hlm.modes(CROSSED, level=0.9)
    np.testing.assert_allclose(table["upper"] - table["mode"], norm.ppf(0.95) * table["sd"])
    np.testing.assert_allclose(table["mode"] - table["lower"], norm.ppf(0.95) * table["sd"])
    assert len(table) == 30


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: hlm.shrinkage(hlm.gls("NPD ~ 1", hlm.load("HLM"))), "no random effects"),
        (lambda: hlm.shrinkage_matrix(CROSSED), "share their rows with those of 'sample'"),
        (lambda: hlm.modes(SLOPES, level=0), "level=0 must lie between 0 and 1"),
    ],
)
def test_refusals(call, says):
    with pytest.raises(hlm.ModelError, match=says):
        call()
