"""What must not change a fit, and what must change it in a known way."""

import numpy as np
import pytest

import hlmteach as hlm

SLOPE = "Reaction ~ Days + (Days | Subject)"


@pytest.fixture(params=[False, True], ids=["ML", "REML"])
def reml(request):
    return request.param


@pytest.fixture
def sleep():
    return hlm.load("sleepstudy")


def test_an_offset_of_x(sleep, reml):
    far = hlm.lmer(SLOPE, sleep.assign(Days=sleep.Days + 1e6), REML=reml)
    near = hlm.lmer(SLOPE, sleep, REML=reml)
    assert far.loglik == pytest.approx(near.loglik, abs=1e-8)
    assert far.fixef["Days"] == pytest.approx(near.fixef["Days"], rel=1e-9)


def test_an_offset_of_y(sleep, reml):
    far = hlm.lmer(SLOPE, sleep.assign(Reaction=sleep.Reaction + 1e8), REML=reml)
    near = hlm.lmer(SLOPE, sleep, REML=reml)
    assert far.loglik == pytest.approx(near.loglik, abs=1e-6)  # y + 1e8 itself loses digits
    np.testing.assert_allclose(far.theta, near.theta, rtol=1e-5)
    exact = sleep.assign(Reaction=np.round(sleep.Reaction * 64) / 64)  # y + 1e8 is exact here
    far = hlm.lmer(SLOPE, exact.assign(Reaction=exact.Reaction + 1e8), REML=reml)
    assert far.loglik == pytest.approx(hlm.lmer(SLOPE, exact, REML=reml).loglik, abs=1e-8)


def test_the_units_of_y(sleep, reml):
    fit, scaled = (
        hlm.lmer(SLOPE, sleep.assign(Reaction=sleep.Reaction * c), REML=reml) for c in (1, 1000)
    )
    n = fit.n_obs - (2 if reml else 0)
    assert scaled.loglik == pytest.approx(fit.loglik - n * np.log(1000), abs=1e-8)
    np.testing.assert_allclose(scaled.theta, fit.theta, rtol=1e-7)
    assert scaled.sigma == pytest.approx(1000 * fit.sigma, rel=1e-9)


def test_the_order_of_rows_and_the_labels_of_groups(sleep, reml):
    fit = hlm.lmer(SLOPE, sleep, REML=reml)
    mixed = sleep.sample(frac=1, random_state=3)
    mixed["Subject"] = "s" + mixed.Subject.astype(str).str[::-1]
    other = hlm.lmer(SLOPE, mixed, REML=reml)
    assert other.loglik == pytest.approx(fit.loglik, abs=1e-10)
    np.testing.assert_allclose(np.sort(other.fitted), np.sort(fit.fitted), rtol=1e-9)
    np.testing.assert_allclose(other.resid, mixed.Reaction - other.fitted, atol=1e-9)


def test_centring_x_moves_the_intercepts_sd_and_correlation_not_the_fit(sleep, reml):
    raw = hlm.lmer(SLOPE, sleep, REML=reml)
    centred = hlm.lmer(SLOPE, sleep.assign(Days=sleep.Days - 4.5), REML=reml)
    assert centred.loglik == pytest.approx(raw.loglik, abs=1e-9)
    assert centred.varcorr["sd"][1] == pytest.approx(raw.varcorr["sd"][1], rel=1e-7)
    assert abs(centred.varcorr["sd"][0] - raw.varcorr["sd"][0]) > 1


def test_refit_is_a_new_fit_whatever_the_start(sleep, reml):
    fit = hlm.lmer(SLOPE, sleep, REML=reml)
    rng = np.random.default_rng(1)
    for scale in (0.0, 1.0, 30.0):
        y = fit.fitted * (scale > 0) + scale * rng.normal(size=fit.n_obs) + sleep.Days * 3
        y = y + rng.normal(size=fit.n_obs)
        warm = fit.refit(y)
        cold = hlm.lmer(SLOPE, sleep.assign(Reaction=y), REML=reml)
        assert warm.loglik == pytest.approx(cold.loglik, abs=1e-8)
        assert warm.refit(fit.y).loglik == pytest.approx(fit.loglik, abs=1e-8)


def test_a_fit_is_frozen(sleep):
    fit = hlm.lmer(SLOPE, sleep)
    with pytest.raises(AttributeError):
        fit.reml = False


def test_singular_fits_are_exact_and_flagged():
    fit = hlm.lmer("Yield ~ 1 + (1 | Batch)", hlm.load("Dyestuff2"))
    assert fit.is_singular
    assert fit.theta.tolist() == [0.0]
    assert fit.converged
    model4 = hlm.lmer("Satisfaction ~ NPD + (NPD | Time)", hlm.load("HLM"), REML=False)
    assert model4.is_singular
    assert model4.varcorr["corr"][1] == 1.0
    sd = model4.varcorr["sd"]
    assert (round(sd[0], 4), round(sd[1], 5)) == (0.0606, 0.00391)
    assert not hlm.lmer(SLOPE, hlm.load("sleepstudy")).is_singular
