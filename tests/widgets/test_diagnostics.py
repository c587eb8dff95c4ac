"""Diagnostics against the engine called directly, and against the printed quantiles."""

import numpy as np
import pytest

import hlmteach as hlm


@pytest.fixture
def widget():
    widget = hlm.widgets.Diagnostics()
    yield widget
    widget.close()


def test_the_printed_quantiles_of_model_3(widget):
    names = ("lowest", "quarter", "middle", "three_quarters", "highest")
    printed = ["-5.0666244", "-0.4724214", "0.1792983", "0.7452213", "1.6161859"]
    assert [f"{widget.results[name]:.7f}" for name in names] == printed


def test_no_point_lies_above_the_edge(widget):
    fitted, resid = widget.view.points.get_offsets().T
    assert np.all(fitted + resid <= 6 + 1e-9)
    x, y = widget.view.edge.get_data()
    assert x + y == pytest.approx([6, 6])
    assert widget.results["at_end"] == pytest.approx((hlm.load("HLM")["Satisfaction"] == 6).mean())


def test_the_caterpillar_is_sorted_modes_with_their_intervals(widget):
    widget.set(part="u")
    fit = hlm.lme("Satisfaction ~ NPD", hlm.load("HLM"), random="~1|Time", method="ML")
    u = fit.ranef["Time"]["(Intercept)"].to_numpy()
    order = np.argsort(u)
    half = 1.959964 * np.sqrt(fit.ranef_variance["Time"][order, 0, 0])
    legs = np.array(widget.view.legs.get_segments())
    assert widget.view.points.get_offsets()[:, 1] == pytest.approx(u[order])
    assert legs[:, 1, 1] - legs[:, 0, 1] == pytest.approx(2 * half, rel=1e-5)
    assert "too few" in widget.stage.status


@pytest.mark.parametrize("model", ["1", "NPD", "NPD * BPD"])
def test_each_model_leaves_its_own_residuals(widget, model):
    widget.set(model=model)
    formula = f"Satisfaction ~ {model}"
    fit = hlm.lme(formula, hlm.load("HLM"), random="~1|Time", method="ML")
    assert widget.results["lowest"] == pytest.approx(fit.resid_scaled.min())


def test_a_ceiling_skews_what_was_normal(widget):
    widget.set(source="simulated")
    assert abs(widget.results["skewness"]) < 0.3
    assert widget.results["at_end"] == 0
    assert np.isnan(widget.view.edge.get_ydata()).all()
    widget.set(end=5.0)
    assert widget.results["skewness"] < -0.5
    assert widget.results["at_end"] > 0.2


def test_the_code_gives_the_same(widget, run_code, capsys):
    widget.set(source="simulated", end=5.5, seed=3)
    fit = run_code(widget)["model"]
    assert fit.resid_scaled.min() == pytest.approx(widget.results["lowest"], abs=1e-6)


def test_each_group_left_out_is_a_fit_to_the_rest(widget):
    widget.set(part="influence")
    data = hlm.load("HLM")
    whole = hlm.lme("Satisfaction ~ NPD", data, random="~1|Time", method="ML")
    for place, time in enumerate(whole.ranef["Time"].index):
        rest = hlm.lme("Satisfaction ~ NPD", data[data["Time"] != time], "~1|Time", "ML")
        change = (rest.fixef - whole.fixef).to_numpy()
        cook = change @ np.linalg.inv(whole.vcov.to_numpy()) @ change / 2
        right, left = widget.view.normal.get_offsets(), widget.view.points.get_offsets()
        assert right[place] == pytest.approx([rest.fixef["NPD"], cook], rel=1e-6)
        assert left[place] == pytest.approx([place + 1, cook], rel=1e-6)
    assert "before marriage" in widget.stage.status


def test_an_odd_group_stands_out(widget):
    widget.start_from("odd group")
    found = widget.results
    assert "largest for 1:" in widget.stage.status
    assert found["whole"] - found["without"] == pytest.approx(1.5 / 30, abs=0.01)
    assert widget.view.edge_text.get_text() == "most: 1"
    widget.set(odd=0)
    assert widget.results["cooks"] < 0.2 < found["cooks"]
    widget.set(part="e")
    assert np.isnan(widget.view.reach.get_ydata()).all()


def test_the_code_leaves_groups_out(widget, run_code, capsys):
    widget.start_from("odd group")
    left_out = run_code(widget)["left_out"]
    assert left_out.cooks.idxmax() == 1
    assert left_out.cooks.max() == pytest.approx(widget.results["cooks"], rel=1e-8)
