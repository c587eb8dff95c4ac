"""ProfileExplorer against confint called directly."""

import numpy as np
import pytest
from scipy.stats import norm

import hlmteach as hlm

PRINTED = {
    ".sig01": (0.0267156, 0.2084871),
    ".sigma": (0.7951820, 0.8389382),
    "(Intercept)": (4.9785129, 5.2081911),
}


@pytest.fixture
def widget():
    widget = hlm.widgets.ProfileExplorer()
    yield widget
    widget.close()


def test_the_six_printed_limits(widget):
    for name, (low, high) in PRINTED.items():
        assert widget.results[f"low {name}"] == pytest.approx(low, abs=1e-5)
        assert widget.results[f"high {name}"] == pytest.approx(high, abs=1e-5)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.99])
def test_the_level_cuts(widget, level):
    widget.set(level=level)
    fit = hlm.lmer("Satisfaction ~ 1 + (1|Time)", hlm.load("HLM"), REML=False)
    table = hlm.confint(fit, level)
    for name in table.index:
        assert widget.results[f"low {name}"] == pytest.approx(table.loc[name].iloc[0])
    z = norm.isf((1 - level) / 2)
    assert widget.results["cut"] == pytest.approx(z**2)
    assert widget.view.cut.get_ydata()[0] == pytest.approx(z**2)


@pytest.mark.parametrize("parameter", ["(Intercept)", ".sig01", ".sigma"])
def test_the_curve_passes_through_the_limits(widget, parameter):
    widget.set(parameter=parameter)
    value, zeta = widget.view.bent.get_data()
    for end, z in (("low", -1.959964), ("high", 1.959964)):
        at = np.interp(widget.results[f"{end} {parameter}"], value, zeta)
        assert at == pytest.approx(z, abs=0.02)
    deviance = widget.view.valley.get_ydata()
    assert deviance == pytest.approx(zeta**2)


def test_wald_is_confints(widget):
    fit = hlm.lmer("Satisfaction ~ 1 + (1|Time)", hlm.load("HLM"), REML=False)
    low, high = hlm.confint(fit, method="wald").loc["(Intercept)"]
    assert widget.results["wald_low"] == pytest.approx(low)
    assert widget.results["wald_high"] == pytest.approx(high)
    assert [head.get_text() for head in widget.view.heads] == [
        "profile: 4.9785 to 5.2082",
        "Wald: 5.0120 to 5.1736",
    ]


def test_the_slope_of_model_3(widget):
    widget.set(model=3, parameter="slope")
    fit = hlm.lmer("Satisfaction ~ NPD + (1|Time)", hlm.load("HLM"), REML=False)
    low, high = hlm.confint(fit, parm="NPD").iloc[0]
    assert widget.results["low NPD"] == pytest.approx(low)
    assert widget.results["high NPD"] == pytest.approx(high)
    assert widget.view.left.get_xlabel() == "NPD"


def test_a_limit_at_zero_ends_the_curve(widget):
    widget.set(source="simulated", parameter=".sig01", sd_u=0.0, seed=1)
    assert widget.results["low .sig01"] == 0
    value = widget.view.bent.get_xdata()
    assert not (value[np.isfinite(value)] < 0).any()
    low_foot = widget.view.feet.get_paths()[0].vertices
    assert np.isnan(low_foot[1, 1])


def test_the_story_ends_at_the_level(widget):
    captions = list(widget.story(widget._found))
    assert captions[-1].startswith("95%")
    assert len(captions) == 5
    assert widget.view.cut.get_ydata()[0] == pytest.approx(widget.results["cut"])
