"""TwoLevels against the engine called directly, and against the truth that it draws from."""

import numpy as np
import pytest

import hlmteach as hlm

FORMULAS = {
    "raw": "math ~ ses * support + (ses | school)",
    "within": "math ~ within * support + mean + (within | school)",
    "both": "math ~ ses + support + within:support + mean + (within | school)",
}


@pytest.fixture
def widget():
    widget = hlm.widgets.TwoLevels()
    yield widget
    widget.close()


def table_of(widget, run_code):
    return run_code(widget)["data"]


@pytest.mark.parametrize("predictors", list(FORMULAS))
def test_its_numbers_are_the_fits(widget, run_code, predictors, capsys):
    widget.set(predictors=predictors)
    fit = hlm.lmer(FORMULAS[predictors], table_of(widget, run_code))
    slope = "within" if predictors == "within" else "ses"
    assert widget.results["slope"] == pytest.approx(fit.fixef[slope], abs=1e-5)
    assert widget.results["loglik"] == pytest.approx(fit.loglik, abs=1e-6)
    assert widget.results["sd_slopes"] == pytest.approx(fit.varcorr["sd"].iloc[1], abs=1e-3)
    capsys.readouterr()


def test_taken_apart_in_two_ways_it_is_one_model(widget):
    within = dict(widget.results)
    widget.set(predictors="both")
    both = widget.results
    assert both["slope"] + both["mean"] == pytest.approx(within["mean"], abs=1e-4)
    assert both["between"] == pytest.approx(within["between"], abs=1e-4)
    assert both["loglik"] == pytest.approx(within["loglik"], abs=1e-6)
    assert "+ 3.83) mean" in widget.view.first.get_text()


def test_one_slope_is_a_blend_of_two(widget):
    low, high = widget.results["slope"], widget.results["between"]
    widget.set(predictors="raw")
    assert low < widget.results["slope"] < high
    assert "mean" not in widget.results
    assert widget.stage.status.startswith(
        f"One slope for both levels: {widget.results['slope']:.2f}."
    )


@pytest.mark.parametrize("predictors", list(FORMULAS))
def test_lines_are_the_models_values_of_the_pupils(widget, run_code, predictors, capsys):
    """A fitted value lies on the line of its school."""
    widget.set(predictors=predictors, between=9)
    data = table_of(widget, run_code)
    fitted = hlm.lmer(FORMULAS[predictors], data).fitted
    for j, segment in enumerate(widget.view.lines.get_segments()):
        rows = data["school"].to_numpy() == j + 1
        on_line = np.interp(data["ses"].to_numpy()[rows], segment[:, 0], segment[:, 1])
        assert on_line == pytest.approx(fitted[rows], abs=0.02)
    capsys.readouterr()


def test_points_of_level_2_are_heights_and_slopes_of_the_lines(widget):
    segments = np.array(widget.view.lines.get_segments())
    slopes = np.diff(segments[..., 1])[:, 0] / np.diff(segments[..., 0])[:, 0]
    assert widget.view.slopes.get_offsets()[:, 1] == pytest.approx(slopes)
    support = np.round(widget.view.slopes.get_offsets()[:, 0])
    rises = np.polyfit(support, slopes, 1)[0]
    assert rises == pytest.approx(widget.results["cross_found"], abs=0.15)


def test_the_school_shown_is_ringed_in_both_pictures(widget):
    widget.set(school=17)
    view = widget.view
    for dots, ring in zip((view.heights, view.slopes), view.rings, strict=True):
        assert ring.get_offsets()[0] == pytest.approx(dots.get_offsets()[16])
    assert len(view.pupils.get_offsets()) == 20
    assert np.column_stack(view.mine.get_data()) == pytest.approx(view.lines.get_segments()[16])


def test_truth_comes_back_over_many_seeds(widget):
    found = []
    for seed in range(30):
        widget.set(seed=seed)
        found.append([widget.results[n] for n in ("slope", "between", "cross_found", "support")])
    means, errors = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / 30**0.5
    assert np.all(np.abs(means - [3.0, 7.0, -0.8, 1.0]) < 4 * errors)


def test_the_story_ends_with_the_equations(widget):
    widget.settle()
    widget.stage.frame = 1
    widget.stage.frame = 0
    assert len(widget.view.lines.get_segments()) == 0
    assert len(widget.view.pupils.get_offsets()) == 20
    widget.stage.frame = 4
    assert widget.view.second.get_text() == "slope = 3.05 − 0.69 support + u₁"


def test_the_school_shown_is_named_with_its_slope(widget, run_code):
    data = table_of(widget, run_code)
    fit = hlm.lmer(FORMULAS[widget.state["predictors"]], data)
    school = fit.coef["school"].loc[7]
    support = data.loc[data["school"] == 7, "support"].iloc[0]
    widget.set(school=7)
    slope = school["within"] + support * fit.fixef["within:support"]
    assert widget.stage.status.endswith(f"Slope of school 7: {slope:.2f}.")
