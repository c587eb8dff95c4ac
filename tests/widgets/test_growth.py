"""GrowthFan against the engine called directly, and against the printed fit of sleepstudy."""

import numpy as np
import pytest

import hlmteach as hlm


@pytest.fixture
def widget():
    widget = hlm.widgets.GrowthFan()
    yield widget
    widget.close()


def test_begins_with_the_model_that_lme4_prints(widget):
    shown = dict(zip(widget.readout.labels, widget.readout.values, strict=True))
    assert shown["sd of intercepts"] == "24.74"
    assert shown["sd of slopes"] == "5.92"
    assert shown["ρ"] == "0.07"
    assert shown["sd of e"] == "25.59"
    assert f"{widget.results['ratio']:.2f}" == "42.84"


@pytest.mark.parametrize("source", ["sleepstudy", "Orthodont"])
def test_its_numbers_are_the_fits(widget, source):
    y, x = {"sleepstudy": ("Reaction", "Days"), "Orthodont": ("distance", "age")}[source]
    widget.set(source=source)
    fit = hlm.lmer(f"{y} ~ {x} + ({x} | Subject)", hlm.load(source))
    assert widget.results["slope"] == pytest.approx(fit.fixef[x], abs=1e-8)
    assert widget.results["sd_slope"] == pytest.approx(fit.varcorr["sd"].iloc[1], rel=1e-5)
    segments = np.array(widget.view.lines.get_segments())
    rises = np.diff(segments[..., 1]) / np.diff(segments[..., 0])
    assert rises.ravel() == pytest.approx(fit.coef["Subject"][x].to_numpy(), rel=1e-4)


def test_parallel_lines_have_one_sd_and_one_correlation(widget):
    widget.set(lines="intercepts", right="first")
    assert "sd_slope" not in widget.results
    assert widget.results["sd_first"] == pytest.approx(widget.results["sd_last"])
    told = widget.view.model.get_ydata()
    assert np.isnan(told[0])
    assert told[1:] == pytest.approx(np.full(9, widget.results["corr"]))
    assert widget.view.names["other"].get_text() == "╍ lines\n   that turn"


@pytest.mark.parametrize("zero", ["first", "middle", "last"])
def test_another_zero_is_what_time_counted_from_there_gives(widget, zero):
    widget.set(source="Orthodont", zero=zero)
    at = {"first": 8, "middle": 11, "last": 14}[zero]
    data = hlm.load("Orthodont")
    moved = hlm.lmer("distance ~ age + (age | Subject)", data.assign(age=data["age"] - at))
    assert widget.results["intercept"] == pytest.approx(moved.fixef["(Intercept)"], abs=1e-6)
    assert widget.results["sd_intercept"] == pytest.approx(moved.varcorr["sd"].iloc[0], rel=1e-4)
    assert widget.results["rho"] == pytest.approx(moved.varcorr["corr"].iloc[1], abs=1e-4)
    assert list(widget.view.zero.get_xdata()) == [at, at]


def test_no_two_zeros_are_the_same(widget):
    offered = {
        "sleepstudy": ["raw", "middle", "last"],
        "Orthodont": ["raw", "first", "middle", "last"],
    }
    for source, zeros in offered.items():
        widget.set(source=source)
        assert [value for _, value in widget.controls["zero"].options] == zeros
        places = []
        for zero in zeros:
            widget.set(zero=zero)
            places.append(widget.view.zero.get_xdata()[0])
        assert len(set(places)) == len(zeros)
    widget.set(zero="first")
    widget.start_from("sleep")
    assert widget.state["zero"] == "raw"


def test_people_fan_out_as_the_sd_of_slopes_grows(widget):
    widget.start_from("simulated")
    spreads, correlations = [], []
    for sd in (0.0, 0.3, 0.6, 1.0):
        widget.set(sd_slope=sd)
        ends = np.array(widget.view.lines.get_segments())[:, 1, 1]
        spreads.append(ends.std())
        correlations.append(widget.results["corr"])
    assert sorted(spreads) == spreads
    assert sorted(correlations, reverse=True) == correlations


def test_simulated_people_are_the_codes(widget, run_code, capsys):
    widget.start_from("simulated")
    for state in ({"rho": -0.7}, {"zero": "last"}, {"lines": "intercepts"}, {"seed": 9}):
        widget.set(**state)
        left = run_code(widget)
        sds = left["model"].varcorr["sd"].to_numpy()
        assert sds[0] == pytest.approx(widget.results["sd_intercept"], rel=1e-4)
        assert left["corr"][0, -1] == pytest.approx(widget.results["corr"], abs=1e-6)
        assert left["sd_data"].to_numpy() == pytest.approx(
            widget.view.data.get_offsets()[:, 1], rel=1e-9
        )
    capsys.readouterr()


def test_truth_comes_back_from_many_people():
    """The rows follow their truth: over 40 seeds the mean estimates are the true values."""
    widget, found = hlm.widgets.GrowthFan("simulated"), []
    widget.set(rho=0.4)
    for seed in range(40):
        widget.set(seed=seed)
        found.append([widget.results[name] for name in ("slope", "sd_slope", "sigma")])
    widget.close()
    means, errors = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / 40**0.5
    assert np.all(np.abs(means - [1.0, 0.5, 1.0]) < 4 * errors)


def test_the_story_goes_from_one_line_to_a_fan(widget):
    widget.settle()
    widget.stage.frame = 2
    widget.stage.frame = 0
    assert len(widget.view.lines.get_segments()) == 0
    widget.stage.frame = 1
    parallel = np.array(widget.view.lines.get_segments())
    rises = parallel[:, 1, 1] - parallel[:, 0, 1]
    assert rises == pytest.approx(np.full(18, rises[0]))
    widget.stage.frame = 2
    fan = np.array(widget.view.lines.get_segments())
    assert np.ptp(fan[:, 1, 1] - fan[:, 0, 1]) > 100
