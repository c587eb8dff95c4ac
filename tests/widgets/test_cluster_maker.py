import numpy as np
import pytest

import hlmteach as hlm


@pytest.fixture
def maker():
    widget = hlm.widgets.ClusterMaker()
    yield widget
    widget.close()


def test_the_study_is_tested_as_the_engine_tests_it(maker):
    data = hlm.simulate_groups(20, 20, beta=0, sd_u=0.1**0.5, sigma=0.9**0.5, seed=1)
    data["x"] = (data["group"] > 10).astype(float)
    single, mixed = hlm.gls("y ~ x", data), hlm.lmer("y ~ x + (1 | group)", data)
    assert maker.results["effect"] == pytest.approx(single.fixef["x"])
    assert maker.results["se_single"] == pytest.approx(single.se["x"])
    assert maker.results["se_mixed"] == pytest.approx(mixed.se["x"])
    assert maker.results["p_mixed"] == pytest.approx(hlm.coef_table(mixed).loc["x", "p-value"])
    assert maker.view.controls.get_offsets().shape == (200, 2)


def test_the_count_is_that_of_power_at_no_effect(maker):
    data = hlm.simulate_groups(20, 20, beta=0, seed=1)
    data["x"] = (data["group"] > 10).astype(float)
    truth = hlm.lmer("y ~ x + (1 | group)", data).at(sd=0.1**0.5, sigma=0.9**0.5)
    methods = ("ols", "t")
    study = hlm.power(truth, "x", 0.0, methods=methods, n=500, seed=np.random.default_rng([1, 0]))
    assert maker.results["rate_single"] == study.rate(method="ols")
    assert maker.results["rate_mixed"] == study.rate(method="t")
    assert maker.view.single.get_offsets()[0, 1] == study.rate(method="ols")


def test_clusters_alone_do_no_harm(maker):
    maker.set(icc=0.0)
    maker.add(4000)
    for model in ("single", "mixed"):
        assert maker.results[f"rate_{model}"] < 0.05 + maker.results[f"margin_{model}"]


def test_counting_on_shrinks_the_error_and_meets_the_curve(maker):
    before = maker.results["margin_single"]
    maker.stream(6000)
    maker.work.wait()
    assert maker.results["studies"] == 6000
    assert maker.results["margin_single"] < before / 2
    expected = np.interp(20, *maker.view.curve.get_data())
    assert maker.results["rate_single"] == pytest.approx(expected, abs=0.02)
    assert maker.results["rate_mixed"] == pytest.approx(0.05, abs=0.012)


def test_within_clusters_ols_is_too_cautious():
    widget = hlm.widgets.ClusterMaker("within clusters")
    widget.add(4000)
    assert widget.results["rate_single"] < 0.03 < widget.results["rate_mixed"]
    widget.close()


def test_the_tutorials_design(maker):
    maker.set(**maker.presets["tutorial"])
    assert maker.results["design_effect"] == pytest.approx(1 + 893 * 0.0065)
    assert maker.results["rate_single"] > 0.3
