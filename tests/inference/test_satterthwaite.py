"""Satterthwaite's degrees of freedom against lmerTest's and where they are known exactly."""

from functools import cache

import numpy as np
import pytest

import hlmteach as hlm
from tests.reference import TOLERANCE, names, reference, simulated_q3, table

WITH_DF = [name for name in names() if reference(name).get("lme4", {}).get("satterthwaite")]


@cache
def fitted(name):
    fixture = reference(name)
    data = simulated_q3() if fixture["data"] == "simulated_q3" else hlm.load(fixture["data"])
    return hlm.lmer(fixture["formula"], data, REML=fixture["method"] == "REML")


@pytest.mark.parametrize("name", WITH_DF)
def test_lmertests_degrees_of_freedom(name):
    expected = table(reference(name)["lme4"]["satterthwaite"])["df"]
    seen = hlm.satterthwaite(fitted(name))
    assert list(seen.index) == list(expected.index)
    np.testing.assert_allclose(seen, expected, rtol=TOLERANCE["satterthwaite"].relative)


@pytest.mark.parametrize("name", ["sleepstudy_slope_reml", "penicillin_reml", "orthodont_slope_ml"])
def test_lmertests_p_values(name):
    expected = table(reference(name)["lme4"]["satterthwaite"])
    seen = hlm.coef_table(fitted(name), ddf="satterthwaite")
    np.testing.assert_allclose(seen["t-value"], expected["t value"], rtol=1e-5)
    np.testing.assert_allclose(seen["p-value"], expected["Pr(>|t|)"], rtol=1e-3)


def test_a_balanced_design_has_whole_degrees_of_freedom():
    # One way, balanced, REML: the mean has J - 1; with random slopes both coefficients do.
    assert hlm.satterthwaite(fitted("dyestuff_reml")).tolist() == pytest.approx([5.0], abs=1e-6)
    days = hlm.satterthwaite(fitted("sleepstudy_slope_reml"))
    assert days.tolist() == pytest.approx([17.0, 17.0], abs=1e-5)


def test_a_variance_of_zero_leaves_all_the_rows():
    assert hlm.satterthwaite(fitted("dyestuff2_reml")).tolist() == pytest.approx([29.0])


def test_without_random_effects_n_less_p():
    fit = hlm.gls("Reaction ~ Days", hlm.load("sleepstudy"))
    assert fit.satterthwaite().tolist() == [178.0, 178.0]


def test_units_do_not_matter():
    data = hlm.load("Orthodont")
    formula = "distance ~ age * Sex + (age | Subject)"
    first = hlm.satterthwaite(hlm.lmer(formula, data))
    other = data.assign(distance=1e4 + 100 * data["distance"], age=12 * data["age"])
    np.testing.assert_allclose(hlm.satterthwaite(hlm.lmer(formula, other)), first, rtol=1e-5)
