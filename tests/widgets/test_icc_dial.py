"""ICCDial against icc called directly."""

import numpy as np
import pytest

import hlmteach as hlm


@pytest.fixture
def widget():
    widget = hlm.widgets.ICCDial()
    yield widget
    widget.close()


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.95])
def test_the_dial_spreads_and_refits(widget, share):
    widget.set(icc=share, groups=6, size=25, seed=3)
    data = hlm.simulate_groups(6, 25, beta=0.0, sd_u=share**0.5, sigma=(1 - share) ** 0.5, seed=3)
    for method in ("ML", "REML"):
        value = hlm.icc(outcome="y", group="group", data=data, method=method)
        assert widget.results[f"icc_{method.lower()}"] == pytest.approx(value, abs=1e-8)


def test_the_tutorials_data(widget):
    widget.set(source="tutorial")
    assert f"{widget.results['icc_reml']:.8f}" == "0.01019326"
    assert f"{widget.results['icc_ml']:.4f}" == "0.0065"
    widget.set(method="ML")
    assert widget.results["icc"] == widget.results["icc_ml"]
    assert widget.results["design_effect"] == pytest.approx(6.8, abs=0.05)
    assert f"{widget.results['between']:.6f} {widget.results['within']:.6f}" == "0.004351 0.666790"


def test_the_bar_is_cut_at_the_icc(widget):
    value = widget.results["icc"]
    assert widget.view.between.get_width() == value
    assert widget.view.within.get_x() == value
    assert widget.view.within.get_width() == pytest.approx(1 - value)
    assert widget.view.truth.get_offsets()[0][0] == 0.3


def test_data_of_unknown_truth_have_no_dial_mark(widget):
    widget.set(source="tutorial")
    assert len(widget.view.truth.get_offsets()) == 0
    assert widget.controls["icc"].layout.display == "none"
    assert "one row in" in widget.view.points.get_title(loc="left")


def test_points_and_means_are_the_rows(widget):
    rows = widget._found.rows
    assert widget.view.dots.get_offsets()[:, 1] == pytest.approx(rows.outcome)
    segments = np.array(widget.view.levels.get_segments())
    assert segments[0, 0, 1] == pytest.approx(rows.outcome[rows.codes == 0].mean())


@pytest.mark.parametrize("trap", ["with_sds", "as_ratio"])
def test_a_trap_marks_the_mistaken_cut(widget, trap):
    assert len(widget.view.wrong.get_offsets()) == 0
    widget.set(trap=trap, icc=0.2)
    assert widget.view.wrong.get_offsets()[0][0] == widget.results[trap]
    assert widget.view.wrong_label.get_text()


def test_the_traps_are_these_formulas(widget):
    tau2, sigma2 = widget.results["between"], widget.results["within"]
    assert widget.results["with_sds"] == pytest.approx(tau2**0.5 / (tau2**0.5 + sigma2**0.5))
    assert widget.results["as_ratio"] == pytest.approx(tau2 / sigma2)


def test_turning_the_dial_does_not_fit_from_nothing(widget, no_formulas):
    widget.set(icc=0.7)
    assert widget.results["icc"] > 0.5
