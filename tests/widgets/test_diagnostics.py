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
