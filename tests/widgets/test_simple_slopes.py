"""SimpleSlopes against the engine called directly, and against what the tutorial prints."""

import numpy as np
import pytest

import hlmteach as hlm


@pytest.fixture
def widget():
    widget = hlm.widgets.SimpleSlopes()
    yield widget
    widget.close()


@pytest.fixture(scope="module")
def model5():
    return hlm.lme("Satisfaction ~ NPD * BPD", hlm.load("HLM"), random="~1|Time", method="ML")


def test_begins_with_the_printed_coefficients(widget):
    r = widget.results
    printed = [f"{r[name]:.6f}" for name in ("intercept", "x", "m", "product")]
    assert printed == ["4.443310", "0.153825", "0.017154", "-0.003436"]
    assert f"{r['aic']:.3f}" == "6425.735"
    assert f"{r['corr']:.3f}" == "-0.907"
    assert r["slope"] == r["x"]


def test_the_two_degrees_of_freedom_are_two_tests(widget):
    r = widget.results
    assert [f"{r[n]:.2f}" for n in ("ratio_m", "ratio_product")] == ["12.83", "33.89"]
    assert f"{r['ratio_both']:.5f}" == "46.72568"
    assert r["ratio_m"] + r["ratio_product"] == pytest.approx(r["ratio_both"])


@pytest.mark.parametrize("bpd", [0.0, 30.0, 44.8, 100.0])
@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_slope_and_interval_are_simple_slopes(widget, model5, bpd, level):
    widget.set(bpd=bpd, level=level)
    row = hlm.simple_slopes(model5, "NPD", "BPD", at=[bpd], confidence=level).iloc[0]
    for name in ("slope", "lower", "upper"):
        assert widget.results[name] == pytest.approx(row[name], abs=1e-9)
    m, slope = widget.view.dot.get_xydata()[0]
    assert (m, slope) == pytest.approx((bpd, row["slope"]), abs=1e-9)
    assert widget.view.interval.get_ydata() == pytest.approx([row["lower"], row["upper"]])


def test_the_region_is_johnson_and_neymans(widget, model5):
    region = hlm.johnson_neyman(model5, "NPD", "BPD")
    assert f"{widget.results['zero']:.1f}" == "44.8"
    assert (widget.results["limit_1"], widget.results["limit_2"]) == pytest.approx(region.limits)
    thick = widget.view.sure[0]
    inside = thick.get_xdata()[np.isfinite(thick.get_ydata())]
    assert inside.max() <= region.limits[0]


def test_centring_moves_coefficients_and_not_the_picture(widget):
    widget.set(bpd=20)
    line, before = widget.view.line.get_xydata().copy(), dict(widget.results)
    widget.set(counted="centred")
    after = widget.results
    assert widget.view.line.get_xydata() == pytest.approx(line)
    assert after["slope"] == before["slope"]
    assert after["product"] == pytest.approx(before["product"], abs=1e-9)
    assert after["aic"] == pytest.approx(before["aic"], abs=1e-6)
    assert f"{after['x']:.3f}" == "0.031"
    assert abs(after["corr"]) < 0.3


def test_the_code_gives_the_same(widget, run_code, capsys):
    widget.set(source="simulated", product=0.25, seed=5, m=1.0)
    fit = run_code(widget)["product"]
    assert fit.fixef["x:m"] == pytest.approx(widget.results["product"], abs=1e-7)
    row = hlm.simple_slopes(fit, "x", "m", at=[1.0]).iloc[0]
    assert widget.results["slope"] == pytest.approx(row["slope"], abs=1e-7)


def test_only_the_moderator_in_use_is_shown(widget):
    assert widget.controls["m"].layout.display == "none"
    widget.set(source="simulated")
    assert widget.controls["bpd"].layout.display == "none"
    assert widget.controls["m"].layout.display is None


def test_its_story_keeps_the_slopes_at_all_other_values_for_last(widget):
    seen = [
        [artist.get_visible() for artist in widget.view.curve]
        for _caption in widget.story(widget._found)
    ]
    assert not np.any(seen[:-1])
    assert all(seen[-1])
