"""RandomSlopeAnimator against the engine called directly, and against what the tutorial prints."""

import numpy as np
import pytest

import hlmteach as hlm


@pytest.fixture
def widget():
    widget = hlm.widgets.RandomSlopeAnimator()
    yield widget
    widget.close()


@pytest.fixture(scope="module")
def model4():
    return hlm.lme("Satisfaction ~ NPD", hlm.load("HLM"), random="~NPD|Time", method="ML")


def test_begins_at_the_true_maximum(widget, model4):
    assert widget.results["loglik"] == pytest.approx(model4.loglik, abs=1e-9)
    assert widget.results["sd_intercept"] == pytest.approx(0.0606, abs=5e-5)
    assert widget.results["sd_slope"] == pytest.approx(0.00391, abs=5e-6)
    assert widget.results["rho"] == pytest.approx(1)
    assert widget.results["ratio"] == pytest.approx(0.0691, abs=5e-5)
    assert widget.stage.status.endswith("This fit is singular.")


def test_the_printed_fit_has_the_printed_numbers_and_lies_lower(widget):
    widget.set(at="printed")
    shown = dict(zip(widget.readout.labels, widget.readout.values, strict=True))
    assert shown["sd of intercepts"] == "0.07237"
    assert shown["sd of slopes"] == "0.00243"
    assert shown["ρ"] == "0.131"
    assert f"{widget.results['loglik']:.2f}" == "-3230.23"
    assert f"{widget.results['aic']:.2f}" == "6472.46"
    assert widget.results["intercept"] == pytest.approx(4.672058, abs=1e-6)
    assert widget.results["slope"] == pytest.approx(0.123021, abs=1e-6)
    below = widget.results["loglik_4"] - widget.results["loglik"]
    assert below == pytest.approx(0.0341, abs=5e-4)
    assert "0.0341 below Model 4's maximum" in widget.stage.status


def test_model_3_has_parallel_lines(widget):
    widget.set(at="parallel")
    assert f"{widget.results['loglik']:.2f}" == "-3230.23"
    assert widget.results["sd_slope"] == 0
    assert "rho" not in widget.results
    segments = np.array(widget.view.lines.lines.get_segments())
    rises = segments[:, 1, 1] - segments[:, 0, 1]
    assert rises == pytest.approx([rises[0]] * 3)


def test_values_of_ones_own_are_evaluated_not_fitted(widget, model4):
    widget.set(at="own", sd_0=0.1, sd_1=0.05, corr=-0.5)
    fit = model4.at(sd=(0.1, 0.05), corr=-0.5)
    assert widget.results["loglik"] == pytest.approx(fit.loglik, abs=1e-9)
    points = np.concatenate([point.get_offsets() for point in widget.view.ellipse.points[:3]])
    assert points == pytest.approx(fit.ranef["Time"].to_numpy())
    assert widget.results["loglik"] < widget.results["loglik_4"]


@pytest.mark.parametrize("at", ["maximum", "printed"])
def test_moving_zero_changes_rho_and_the_intercepts_but_not_the_fit(widget, at):
    widget.set(at=at)
    before, lines = dict(widget.results), np.array(widget.view.lines.lines.get_segments())
    widget.set(zero=3.43)
    after = widget.results
    assert after["loglik"] == before["loglik"]
    assert after["sd_slope"] == before["sd_slope"]
    assert after["sd_intercept"] != pytest.approx(before["sd_intercept"], rel=0.01)
    assert np.array(widget.view.lines.lines.get_segments()) == pytest.approx(lines)
    assert list(widget.view.zero.get_xdata()) == [3.43, 3.43]


def test_the_printed_correlation_depends_on_the_zero(widget):
    widget.set(at="printed", zero=3.43)
    assert widget.results["rho"] == pytest.approx(0.241, abs=5e-4)


def test_turning_a_group_refits(widget):
    widget.controls["tilt_1"].value = 0.12
    data = hlm.load("HLM")
    rows = data["Time"] == "before marriage"
    aside = data.loc[rows, "NPD"] - data.loc[rows, "NPD"].mean()
    data.loc[rows, "Satisfaction"] += 0.12 * aside
    fit = hlm.lme("Satisfaction ~ NPD", data, random="~NPD|Time", method="ML")
    assert widget.results["loglik"] == pytest.approx(fit.loglik, abs=1e-7)
    assert widget.results["ratio"] > 2
    widget.set(at="printed")
    assert f"{widget.results['loglik']:.2f}" == "-3230.23"


def test_simulated_groups_whose_slopes_differ():
    widget = hlm.widgets.RandomSlopeAnimator("simulated")
    state = widget.state
    data = hlm.simulate_groups(
        *(state["groups"], state["size"]),
        beta=(5, 0.12),
        sd_u=(state["sd_u"], state["sd_slope"]),
        rho=state["rho"],
        sigma=state["sd_e"],
        x_mean=3.5,
        seed=state["seed"],
    )
    fit = hlm.lme("y ~ x", data, random="~x|group", method="ML")
    assert widget.results["loglik"] == pytest.approx(fit.loglik, abs=1e-8)
    assert widget.results["ratio"] > 10
    widget.set(sd_slope=0)
    assert widget.results["ratio"] < 10
    widget.close()


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"at": "printed"},
        {"at": "own", "sd_0": 0.1, "sd_1": 0.02, "corr": 0.5},
        {"tilt_1": 0.1, "tilt_3": -0.15},
        {"source": "simulated", "groups": 10, "rho": -0.4},
    ],
)
def test_the_code_gives_the_results(widget, run_code, state, capsys):
    widget.set(**state)
    assert run_code(widget)["model4"].loglik == pytest.approx(widget.results["loglik"], abs=1e-7)
    widget.set(at="parallel", source="tutorial")
    assert run_code(widget)["model3"].loglik == pytest.approx(widget.results["loglik"], abs=1e-7)
    capsys.readouterr()


def test_the_story_begins_parallel_and_ends_settled(widget):
    widget.stage.frame = 1
    parallel = np.array(widget.view.lines.lines.get_segments())
    rises = parallel[:, 1, 1] - parallel[:, 0, 1]
    assert rises == pytest.approx([rises[0]] * 3)
    widget.stage.frame = 3
    enlarged = np.array(widget.view.lines.lines.get_segments())
    rises = enlarged[:, 1, 1] - enlarged[:, 0, 1]
    assert np.ptp(rises) > 0.2
    assert len(widget.view.ellipse.inner.get_xdata()) == 0
    widget.stage.frame = 6
    assert len(widget.view.ellipse.inner.get_xdata()) == 73
