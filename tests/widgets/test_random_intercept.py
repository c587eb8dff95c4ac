"""RandomInterceptAnimator against the engine called directly."""

import numpy as np
import pytest

import hlmteach as hlm
from hlmteach.recipes.rows import ALL as ALL_ROWS


@pytest.fixture
def widget():
    widget = hlm.widgets.RandomInterceptAnimator()
    yield widget
    widget.close()


def fitted(data, number, method="ML"):
    if number == 1:
        return hlm.gls("Satisfaction ~ 1", data, method=method)
    fixed = "Satisfaction ~ NPD" if number == 3 else "Satisfaction ~ 1"
    return hlm.lme(fixed, data, random="~1|Time", method=method)


def assert_shows(widget, fit):
    results = widget.results
    assert results["loglik"] == pytest.approx(fit.loglik, abs=1e-8)
    assert results["aic"] == pytest.approx(fit.aic, abs=1e-8)
    assert results["sigma"] == pytest.approx(fit.sigma, rel=1e-7)
    assert results["intercept"] == pytest.approx(fit.fixef.iloc[0], rel=1e-8)
    if fit.frame.factors:
        u = fit.ranef["Time"]["(Intercept)"].to_numpy()
        assert [results[f"u_{j}"] for j in (1, 2, 3)] == pytest.approx(u, rel=1e-5, abs=1e-9)


def test_begins_with_the_tutorials_model_2(widget):
    assert dict(zip(widget.readout.labels, widget.readout.values, strict=True)) == {
        "intercept": "5.09278",
        "sd of u": "0.06597",
        "sigma": "0.81657",
        "●0 before marriage keeps": "87%",
        "●1 1 year after keeps": "84%",
        "●2 5 years after keeps": "85%",
        "AIC": "6533.549",
        "log-likelihood": "−3263.775",
        "L.Ratio to Model 1": "12.341",
        "u, before marriage": "−0.086",
        "u, 1 year after": "+0.051",
        "u, 5 years after": "+0.035",
    }
    assert widget.readout.main == 6  # the others are folded
    assert widget.readout.caption == "Model 2, fitted by ML"
    assert widget.results["ratio"] == pytest.approx(12.34079, abs=5e-6)


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("method", ["ML", "REML"])
def test_models_and_methods(widget, number, method):
    widget.set(model=number, method=method)
    assert_shows(widget, fitted(hlm.load("HLM"), number, method))


def test_reml_compares_no_models_with_other_predictors(widget):
    widget.set(model=3)
    assert "ratio" in widget.results
    assert "anova" in widget.code()
    widget.set(method="REML")
    assert "ratio" not in widget.results
    assert "anova" not in widget.code() + widget.code("r")
    widget.set(model=2)
    assert widget.results["ratio"] == pytest.approx(14.443, abs=5e-4)


def test_model_1_speaks_of_no_u(widget):
    widget.set(model=1)
    assert "sd of u" not in widget.readout.labels
    assert widget.stage.status == "Model 1: one line for all, AIC 6543.9."
    assert "own means lie from it by: before marriage −0.094" in widget.stage.alt


def test_moving_a_group_refits(widget):
    data = hlm.load("HLM")
    data.loc[data["Time"] == "1 year after", "Satisfaction"] += 0.3
    widget.controls["shift_2"].value = 0.3
    fit = fitted(data, 2)
    assert_shows(widget, fit)
    levels = [segment[0, 1] for segment in widget.view.lens.levels.get_segments()]
    assert levels == pytest.approx(fit.coef["Time"]["(Intercept)"].to_numpy(), abs=1e-8)


def test_noise_within_groups_shrinks_more(widget):
    quiet = widget.results["kept_1"]
    widget.controls["spread"].value = 2.0
    assert widget.results["kept_1"] < quiet
    data = hlm.load("HLM")
    means = data.groupby("Time", observed=True)["Satisfaction"].transform("mean")
    data["Satisfaction"] = means + 2 * (data["Satisfaction"] - means)
    assert_shows(widget, fitted(data, 2))


def test_fewer_rows_are_kept(widget):
    widget.set(kept=50, seed=3)
    data = hlm.load("HLM").groupby("Time", observed=True).sample(50, random_state=3)
    assert_shows(widget, fitted(data, 2))
    assert "seed" in widget.shown(widget.state)
    assert "seed" not in widget.shown({**widget.state, "kept": ALL_ROWS})


def test_groups_that_do_not_differ_have_no_u():
    widget = hlm.widgets.RandomInterceptAnimator("no differences")
    assert widget.results["sd_u"] == 0
    assert widget.results["ratio"] == pytest.approx(0, abs=1e-9)
    levels = {float(s[0, 1]) for s in widget.view.lens.levels.get_segments()}
    assert levels == {widget.results["intercept"]}
    widget.close()


def test_simulated_groups(widget):
    widget.set(source="simulated", groups=20, size=12, sd_u=0.7, sd_e=0.5, seed=8)
    data = hlm.simulate_groups(20, 12, beta=(5, 0.12), sd_u=(0.7, 0), sigma=0.5, x_mean=3.5, seed=8)
    fit = hlm.lme("y ~ 1", data, random="~1|group", method="ML")
    assert widget.results["loglik"] == pytest.approx(fit.loglik, abs=1e-8)
    assert len(widget.view.lens.levels.get_segments()) == 20
    assert widget.readout.labels[-1] == "L.Ratio to Model 1"


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"model": 3, "method": "REML"},
        {"shift_1": -0.2, "spread": 0.5, "kept": 100},
        {"source": "simulated", "groups": 12, "size": 6, "sd_u": 0.3, "model": 3},
    ],
)
def test_the_code_gives_the_results(widget, run_code, state):
    widget.set(**state)
    fit = run_code(widget)[f"model{widget.state['model']}"]
    assert fit.loglik == pytest.approx(widget.results["loglik"], abs=1e-7)
    assert fit.sigma == pytest.approx(widget.results["sigma"], rel=1e-6)


def test_the_story_brings_in_one_group_after_the_other(widget):
    stage = widget.stage
    shown = []
    stage.frame = 1
    for frame in range(9):
        stage.frame = frame
        shown.append(len(widget.view.lens.levels.get_segments()))
    assert shown == [0, 0, 0, 0, 1, 2, 3, 3, 3]
    stage.frame = 1
    assert widget.view.lens.overall.get_ydata()[0] == pytest.approx(5.087982, abs=5e-7)
    stage.frame = 3
    assert widget.view.lens.overall.get_ydata()[0] == pytest.approx(5.092783, abs=5e-7)


def test_the_story_of_model_3_begins_with_one_line_for_all(widget):
    widget.set(model=3)
    widget.settle()
    widget.stage.frame = 3
    segments = np.array(widget.view.lines.lines.get_segments())
    assert np.ptp(segments[:, 0, 1]) == pytest.approx(0, abs=1e-12)
    widget.stage.frame = 4
    segments = np.array(widget.view.lines.lines.get_segments())
    assert np.ptp(segments[:, 0, 1]) == pytest.approx(widget.results["u_2"] - widget.results["u_1"])
