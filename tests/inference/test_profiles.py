"""hlm.profile: points of every parameter's profile, and what a zeta plot shows of them."""

from functools import cache

import numpy as np
import pytest
from scipy.stats import chi2, norm

import hlmteach as hlm
from hlmteach.errors import ModelError
from hlmteach.inference.intervals.profiles import limits_at
from tests.inference.textbook import Textbook


@cache
def sleepstudy():
    return hlm.lmer("Reaction ~ Days + (Days | Subject)", hlm.load("sleepstudy"), REML=False)


@cache
def profiled():
    return hlm.profile(sleepstudy())


NAMES = [".sig01", ".sig02", ".sig03", ".sigma", "(Intercept)", "Days"]


def points(name):
    table = profiled().table
    return table[table["parameter"] == name]


@pytest.mark.parametrize("name", NAMES)
def test_the_optimum_is_among_the_points(name):
    middle = points(name).query("zeta == 0")
    assert len(middle) == 1
    vc = sleepstudy().covariances["Subject"]
    estimates = [vc.sd[0], vc.corr[1, 0], vc.sd[1], sleepstudy().sigma, *sleepstudy().fixef]
    np.testing.assert_allclose(middle[NAMES].iloc[0], estimates, rtol=1e-7)
    assert middle["deviance"].iloc[0] == sleepstudy().deviance


@pytest.mark.parametrize("name", NAMES)
def test_zeta_rises_from_beyond_one_end_to_beyond_the_other(name):
    at, z_max = points(name), np.sqrt(chi2.ppf(0.99, 6))
    assert np.all(np.diff(at["value"]) > 0)
    assert np.all(np.diff(at["zeta"]) > 0)
    correlation = name == ".sig02"  # whose profile ends at -1 and 1
    assert at["zeta"].iloc[-1] > z_max or (correlation and at["value"].iloc[-1] == 1)
    assert at["zeta"].iloc[0] < -z_max or (correlation and at["value"].iloc[0] == -1)
    assert np.diff(at["zeta"]).max() < 1.5 * z_max / 8
    np.testing.assert_allclose(at[name], at["value"], rtol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_each_point_has_the_deviance_of_its_parameters(name):
    # The trace's sds, correlation and sigma, put into the textbook density, give back zeta.
    book = Textbook(sleepstudy().frame)
    k = NAMES.index(name)
    for _, row in points(name).iloc[::6].iterrows():
        held = None if k < 4 else (k - 4, row["value"])
        deviance = book.deviance(row[NAMES[:4]].to_numpy(float), held)
        assert deviance == pytest.approx(row["deviance"], abs=1e-6)
        assert row["zeta"] ** 2 == pytest.approx(deviance - sleepstudy().deviance, abs=1e-6)


def test_traces_of_coefficients_are_least_squares_at_the_others():
    row = points("Days").iloc[3]
    there = sleepstudy().at(
        sd=[row[".sig01"], row[".sig03"]], corr=row[".sig02"], sigma=row[".sigma"]
    )
    V = there.vcov
    moved = there.fixef["(Intercept)"] + V.loc["(Intercept)", "Days"] / V.loc["Days", "Days"] * (
        row["Days"] - there.fixef["Days"]
    )
    assert row["(Intercept)"] == pytest.approx(moved, rel=1e-8)


def test_intervals_exact_and_interpolated():
    exact, read = profiled().interval(), profiled().interpolated()
    half = (exact.iloc[:, 1] - exact.iloc[:, 0]) / 2
    assert list(exact.index) == NAMES
    assert (read - exact).abs().div(half, axis=0).to_numpy().max() < 2e-3
    np.testing.assert_allclose(exact, hlm.confint(sleepstudy()), rtol=1e-9)
    asymmetric = profiled().interval(alpha_lower=0.01)
    assert list(asymmetric.columns) == ["1 %", "96 %"]
    assert (asymmetric["1 %"] < exact["2.5 %"]).all()


def test_interpolation_beyond_the_points_gives_the_end_of_the_range():
    read = hlm.profile(sleepstudy(), parm=["Days", ".sig01", ".sig02"], z_max=1.5).interpolated()
    assert read.loc["Days"].tolist() == [-np.inf, np.inf]
    assert read.loc[".sig01"].tolist() == [0.0, np.inf]
    assert read.loc[".sig02"].tolist() == [-1.0, 1.0]


def test_a_boundary_is_a_point_of_its_own():
    fit = hlm.lmer("Yield ~ 1 + (1 | Batch)", hlm.load("Dyestuff2"), REML=False)
    at = hlm.profile(fit, parm=".sig01").table
    assert at["value"].iloc[0] == 0
    assert at["zeta"].iloc[0] == 0
    pasted = hlm.profile(hlm.lmer("strength ~ 1 + (1 | batch) + (1 | sample)", hlm.load("Pastes")))
    at = pasted.table.query("parameter == '.sig02'")
    assert at["value"].iloc[0] == 0
    assert -1.96 < at["zeta"].iloc[0] < 0


def test_without_random_effects():
    table = hlm.profile(hlm.gls("Reaction ~ Days", hlm.load("sleepstudy"), method="ML")).table
    days = table.query("parameter == 'Days'")
    straight = np.polyfit(days["value"], days["zeta"], 1)
    assert np.abs(np.polyval(straight, days["value"]) - days["zeta"]).max() < 0.1
    assert list(table) == [
        "parameter",
        "value",
        "zeta",
        "deviance",
        ".sigma",
        "(Intercept)",
        "Days",
    ]


def test_it_says_what_it_is_and_cannot_be_changed():
    profile = sleepstudy().profile(parm="Days")
    assert repr(profile) == f"Profile of Days: {len(profile.table)} points in .table"
    with pytest.raises(AttributeError):
        profile.table = None


def test_complaints():
    with pytest.raises(ModelError, match="There is no parameter 'days'"):
        hlm.profile(sleepstudy(), parm="days")
    with pytest.raises(ModelError, match="z_max=-1 must be a positive number"):
        hlm.profile(sleepstudy(), z_max=-1)


@pytest.mark.parametrize(
    ("formula", "name"),
    [
        ("Reaction ~ Days + (Days | Subject)", "sleepstudy"),
        ("Yield ~ 1 + (1 | Batch)", "Dyestuff2"),
    ],
)
def test_limits_at_many_heights_are_those_at_each(formula, name):
    fit, heights = hlm.lmer(formula, hlm.load(name)), [0.3, 1.0, 1.9599639845, 2.5]
    together = limits_at(fit, heights)
    for k, z in enumerate(heights):
        alone = hlm.confint(fit, level=1 - 2 * norm.sf(z))
        found = np.array([together[parameter][k] for parameter in alone.index])
        assert found == pytest.approx(alone.to_numpy(), rel=1e-9, abs=1e-12)
