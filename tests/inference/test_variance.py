import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import f as f_distribution

import hlmteach as hlm
from tests.reference import reference

HLM = hlm.load("HLM")
COLUMNS = {
    "HLM": ("Satisfaction", "Time"),
    "sleepstudy": ("Reaction", "Subject"),
    "Dyestuff": ("Yield", "Batch"),
    "Dyestuff2": ("Yield", "Batch"),
}


# -- ICC -------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["REML", "ML"])
@pytest.mark.parametrize("name", COLUMNS)
def test_icc_is_r_s(name, method):
    outcome, group = COLUMNS[name]
    ours = hlm.icc(outcome=outcome, group=group, data=hlm.load(name), method=method)
    # R's theta was polished by numerical derivatives, to 5e-7.
    assert ours == pytest.approx(reference("icc")[name][method], rel=1e-6)


def test_icc_in_full():
    """The ML and REML optimum of the tutorial's data by 40-digit arithmetic (mpmath)."""
    both = [
        hlm.icc(outcome="Satisfaction", group="Time", data=HLM, method=m) for m in ("REML", "ML")
    ]
    assert both == pytest.approx([0.0101932620264999, 0.00648358561258398], rel=1e-10)


def test_balanced_icc_is_that_of_the_analysis_of_variance():
    within, between = mean_squares(hlm.load("Dyestuff"), "Yield", "Batch", n=5)
    tau2 = (between - within) / 5
    ours = hlm.icc(outcome="Yield", group="Batch", data=hlm.load("Dyestuff"))
    assert ours == pytest.approx(tau2 / (tau2 + within), rel=1e-7)


def mean_squares(data, outcome, group, n):
    groups = data.groupby(group, observed=True)[outcome]
    return groups.var().mean(), n * groups.mean().var()


def test_icc_of_one_of_several_factors():
    fit = hlm.lmer("strength ~ 1 + (1|batch/cask)", hlm.load("Pastes"))
    v = {row.group: row.variance for row in fit.varcorr.itertuples()}
    total = sum(v.values())
    for name in ("batch", "cask:batch"):
        assert hlm.icc(fit, group=name) == pytest.approx(v[name] / total, rel=1e-12)


def test_a_column_whose_name_is_no_word():
    data = HLM.rename(columns={"Satisfaction": "how happy", "Time": "when asked"})
    ours = hlm.icc(outcome="how happy", group="when asked", data=data)
    assert ours == hlm.icc(outcome="Satisfaction", group="Time", data=HLM)


def test_nested_groups_have_a_share_and_a_correlation():
    table = hlm.icc_table(hlm.lmer("strength ~ 1 + (1|batch/cask)", hlm.load("Pastes")))
    theirs = reference("parts")["correlations"]
    assert table.correlation["cask:batch"] == pytest.approx(theirs["same_cask"], rel=1e-6)
    assert table.correlation["batch"] == pytest.approx(theirs["same_batch"], rel=1e-6)
    assert table.share["cask:batch"] == pytest.approx(0.783, abs=5e-4)
    assert table.share.sum() == pytest.approx(1)
    again = hlm.icc_table(hlm.lmer("strength ~ 1 + (1|sample) + (1|batch)", hlm.load("Pastes")))
    np.testing.assert_allclose(again, table, rtol=1e-6)  # nested by the data, not by the formula


def test_share_and_correlation_of_crossed_factors_are_one():
    table = hlm.icc_table(crossed())
    np.testing.assert_array_equal(table.share.iloc[:-1], table.correlation.iloc[:-1])
    assert table.share["plate"] == hlm.icc(crossed(), group="plate")
    assert table.variance["Residual"] == crossed().sigma ** 2


@pytest.mark.parametrize("name", ["sleepstudy", "pastes", "penicillin"])
def test_r2_is_the_published_formula_on_lme4s_fit(name):
    theirs = reference("parts")[name]
    fit = hlm.lmer(theirs["formula"], hlm.load(theirs["data"]))
    np.testing.assert_allclose(hlm.r2(fit), theirs["r2"], rtol=1e-6, atol=1e-12)


REFUSED = [
    (lambda: hlm.icc_table(slopes()), "effects of 'Subject' are"),
    (lambda: hlm.icc_table(hlm.gls("Satisfaction ~ 1", HLM)), "no grouping factor"),
    (lambda: hlm.icc(), "needs a fitted model, or outcome="),
    (lambda: hlm.icc(hlm.gls("Satisfaction ~ 1", HLM)), "no grouping factor"),
    (lambda: hlm.icc(slopes()), "effects of 'Subject' are \\(Intercept\\), Days"),
    (lambda: hlm.icc(crossed()), "group=None does not choose"),
    (lambda: hlm.icc(crossed(), group="pl"), "group='plate' or one of sample"),
    (lambda: hlm.icc(outcome="NPD", group="Time", data=HLM, method="MLE"), "method='MLE'"),
    (lambda: hlm.icc_interval(crossed()), "plate and sample both group the rows"),
    (lambda: hlm.icc_interval(dyestuff(), level=95), "level=95 must lie between 0 and 1"),
    (lambda: hlm.icc_interval(dyestuff(), method="wald"), "method='wald' is not known"),
    (lambda: hlm.design_effect(0.1), "n_per_group=None"),
    (lambda: hlm.design_effect(1.2, 10), "The intraclass correlation is 1.2"),
    (lambda: hlm.r2(dyestuff(), null=slopes()), "null and fit were fitted to 180 and 30 rows"),
    (lambda: hlm.r2(dyestuff(), null=dyestuff(REML=False)), "both by REML"),
]


def slopes():
    return hlm.lmer("Reaction ~ Days + (Days|Subject)", hlm.load("sleepstudy"))


def crossed():
    return hlm.lmer("diameter ~ 1 + (1|plate) + (1|sample)", hlm.load("Penicillin"))


def dyestuff(REML=True):  # noqa: N803
    return hlm.lmer("Yield ~ 1 + (1|Batch)", hlm.load("Dyestuff"), REML=REML)


@pytest.mark.parametrize(("call", "says"), REFUSED, ids=[says for _, says in REFUSED])
def test_refusals(call, says):
    with pytest.raises(hlm.ModelError, match=says):
        call()


# -- its interval ----------------------------------------------------------------------------


def test_the_exact_interval_of_balanced_data_is_the_f_interval():
    within, between = mean_squares(hlm.load("Dyestuff"), "Yield", "Batch", n=5)
    ratio = between / within / f_distribution.ppf([0.975, 0.025], 5, 24)
    ours = hlm.icc_interval(dyestuff())
    assert ours.index.tolist() == ["icc", "2.5 %", "97.5 %"]
    np.testing.assert_allclose(ours.iloc[1:], (ratio - 1) / (ratio + 4), rtol=1e-10)


def test_the_exact_interval_does_not_depend_on_the_method_of_the_fit():
    both = [hlm.icc_interval(dyestuff(REML=reml)).iloc[1:] for reml in (True, False)]
    np.testing.assert_allclose(*both, rtol=1e-12)


def test_the_exact_interval_covers_in_unbalanced_data_with_a_predictor():
    rng = np.random.default_rng(3)
    g, x = np.repeat(np.arange(5), [2, 3, 5, 9, 21]), rng.normal(size=40)
    covered = 0
    for _ in range(200):
        y = 3 * x + rng.normal(size=5)[g] + rng.normal(size=40)
        fit = hlm.lmer("y ~ x + (1|g)", pd.DataFrame({"y": y, "x": x, "g": g}))
        _, lower, upper = hlm.icc_interval(fit, level=0.8)
        covered += lower <= 0.5 <= upper
    assert 0.73 < covered / 200 < 0.87


@pytest.mark.parametrize("reml", [True, False])
def test_the_profile_limits_lie_where_the_likelihood_has_fallen_by_the_quantile(reml):
    fit = dyestuff(REML=reml)
    limits = hlm.icc_interval(fit, method="profile").iloc[1:]
    for rho in limits:
        theta = np.sqrt(rho / (1 - rho))
        found = minimize_scalar(
            lambda s, theta=theta: -fit.at(sd=theta * s, sigma=s).loglik, bounds=(30, 90)
        )
        assert 2 * (fit.loglik + found.fun) == pytest.approx(3.841459, abs=1e-5)


def test_the_limits_of_a_variance_of_zero():
    fit = hlm.lmer("Yield ~ 1 + (1|Batch)", hlm.load("Dyestuff2"))
    for method in ("exact", "profile"):
        estimate, lower, upper = hlm.icc_interval(fit, method=method)
        assert estimate == lower == 0.0
        assert 0.3 < upper < 0.35


def test_a_higher_level_is_wider():
    narrow, wide = (hlm.icc_interval(dyestuff(), level=level) for level in (0.8, 0.99))
    assert wide.iloc[1] < narrow.iloc[1] < narrow.iloc[2] < wide.iloc[2]
    assert narrow.index.tolist() == ["icc", "10 %", "90 %"]


# -- design effect and R2 --------------------------------------------------------------------


def test_design_effect_of_a_fit_takes_kish_s_size():
    fit = hlm.lmer("Satisfaction ~ 1 + (1|Time)", HLM, REML=False)
    size = (992**2 + 830**2 + 859**2) / 2681
    assert hlm.design_effect(fit) == pytest.approx(1 + (size - 1) * hlm.icc(fit), rel=1e-12)
    assert hlm.design_effect(fit, 894) == hlm.design_effect(hlm.icc(fit), 894)
    assert hlm.design_effect(0.5, 1) == 1.0


def test_r2_of_a_random_slope_by_the_rows():
    """Johnson: the mean over the rows of the variance of z'b."""
    fit = slopes()
    days = hlm.load("sleepstudy")["Days"].to_numpy()
    cov = fit.covariances["Subject"].cov
    random = np.mean([np.array([1, d]) @ cov @ np.array([1, d]) for d in days])
    fixed = np.var(fit.fixef["Days"] * days, ddof=1)
    total = fixed + random + fit.sigma**2
    expected = [fixed / total, (fixed + random) / total]
    np.testing.assert_allclose(hlm.r2(fit), expected, rtol=1e-12)


def test_r2_without_groups_is_the_ordinary_one():
    fit = hlm.gls("Satisfaction ~ NPD", HLM)
    shares = hlm.r2(fit)
    assert shares["marginal"] == shares["conditional"]
    ordinary = np.corrcoef(HLM["NPD"], HLM["Satisfaction"])[0, 1] ** 2
    assert shares["marginal"] == pytest.approx(ordinary, rel=1e-3)  # n - 2 and n - 1 below


def test_what_a_predictor_leaves_of_each_variance():
    models = [hlm.lmer(f"Satisfaction ~ {x} + (1|Time)", HLM, REML=False) for x in ("1", "NPD")]
    found = hlm.r2(models[1], null=models[0])
    assert found["Residual"] == pytest.approx((0.666790 - 0.650148) / 0.666790, abs=2e-6)
    assert found["(Intercept) | Time"] == pytest.approx((0.004351 - 0.005494) / 0.004351, abs=5e-4)


def test_no_variance_cannot_fall():
    rows = hlm.load("Dyestuff2").assign(x=np.arange(30) % 7)
    models = [hlm.lmer(f"Yield ~ {x} + (1|Batch)", rows) for x in ("1", "x")]
    assert np.isnan(hlm.r2(models[1], null=models[0])["(Intercept) | Batch"])
