"""EngineCompare against the engine and statsmodels called directly."""

import re

import numpy as np
import pytest

import hlmteach as hlm


@pytest.fixture
def widget():
    widget = hlm.widgets.EngineCompare()
    yield widget
    widget.close()


def marked(widget):
    return re.findall(r"<mark><b><u>(.*?)</u>", widget.printouts.value)


def test_begins_with_the_tutorials_model_2(widget):
    results = widget.results
    assert f"{results['se_nlme']:.8f}" == "0.04124424"
    assert f"{results['se_lme4']:.5f}" == "0.04124"
    assert results["loglik_nlme"] == results["loglik_lme4"]
    assert results["loglik_lme4"] == pytest.approx(-3263.775, abs=5e-4)
    assert results["loglik_statsmodels"] <= results["loglik_lme4"] + 1e-6


def test_standard_errors_are_marked_in_all_three(widget):
    assert marked(widget)[:2] == ["0.04124424", "0.04124"]
    assert len(marked(widget)) == 3


def test_a_slope_has_a_standard_error_too(widget):
    widget.set(model=3)
    assert marked(widget)[:4] == ["0.06842444", "0.01491822", "0.06840", "0.01491"]
    assert len(marked(widget)) == 6


@pytest.mark.parametrize(
    ("mark", "expected"),
    [
        ("scale", ["0.06596515 0.8165719", "0.004351 0.06597", "0.666790 0.81657"]),
        ("stop", ["  6533.549 6551.231 -3263.775", "0.06596515"]),
    ],
)
def test_other_marks(widget, mark, expected):
    widget.set(mark=mark)
    assert marked(widget)[: len(expected)] == expected


def test_a_mark_alone_fits_nothing_anew(widget):
    engines = widget._found.engines
    widget.set(mark="scale")
    assert widget._found.engines is engines
    assert widget._found.mark == "scale"


def test_stops_stand_on_the_hill(widget):
    widget.set(optimiser="powell")
    (ours,) = widget.view.stops["lme4"].get_offsets()
    (theirs,) = widget.view.stops["statsmodels"].get_offsets()
    assert ours == pytest.approx([widget.results["sd_lme4"], 0.0])
    assert theirs == pytest.approx(ours, abs=1e-3)
    assert widget.view.stop_labels["nlme and lme4"].get_text().startswith("all three")
    assert widget.stage.status == "All three reach the top."


def test_an_infinite_likelihood_is_off_the_hill(widget):
    widget.set(optimiser="lbfgs")
    if np.isfinite(widget.results["loglik_statsmodels"]):
        assert len(widget.view.stops["statsmodels"].get_offsets()) == 1
    else:
        assert len(widget.view.stops["statsmodels"].get_offsets()) == 0
        assert "infinite" in widget.stage.status


def test_reml_standard_errors_agree(widget):
    widget.set(method="REML")
    assert widget.results["se_nlme"] == widget.results["se_lme4"]
    fit = hlm.lmer("Satisfaction ~ 1 + (1|Time)", hlm.load("HLM"))
    assert widget.results["se_lme4"] == pytest.approx(fit.se.iloc[0], rel=1e-9)


def test_simulated_rows(widget):
    widget.set(source="simulated", groups=9, size=15, sd_u=0.5, seed=4)
    data = hlm.simulate_groups(9, 15, beta=(5, 0.12), sd_u=0.5, sigma=0.8, x_mean=3.5, seed=4)
    fit = hlm.lmer("y ~ 1 + (1|group)", data, REML=False)
    assert widget.results["loglik_lme4"] == pytest.approx(fit.loglik, abs=1e-8)
    assert "Number of Groups: 9" in widget.printouts.value
