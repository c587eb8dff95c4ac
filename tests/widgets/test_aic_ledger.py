"""AICLedger against the engine called directly."""

import numpy as np
import pytest

import hlmteach as hlm

TUTORIAL = {
    "model1": (2, 6543.890, 6541.89),
    "model2": (3, 6533.549, 6529.55),
    "model3": (4, 6468.460, 6464.46),
    "model4": (6, 6472.460, 6464.46),
    "interaction": (6, 6425.735, 6421.73),
}


@pytest.fixture
def widget():
    widget = hlm.widgets.AICLedger()
    yield widget
    widget.close()


def test_the_tutorials_five_aics(widget):
    for name, (k, aic, _) in TUTORIAL.items():
        assert widget.results[f"k_{name}"] == k
        assert widget.results[f"aic_{name}"] == pytest.approx(aic, abs=6e-4)
    assert widget.results["delta_interaction"] == 0
    assert widget.stage.status == "Best: Interaction, AIC 6425.73 with k = 6."


def test_the_tutorials_rule(widget):
    widget.set(rule="variables")
    for name, (_, _, rule) in TUTORIAL.items():
        assert widget.results[f"aic_{name}"] == pytest.approx(rule, abs=6e-3)


def test_blocks_are_the_parameters(widget):
    for squares, (k, *_) in zip(widget.view.blocks, TUTORIAL.values(), strict=True):
        assert len(squares.get_offsets()) == k
    symbols = [text.get_text() for text in widget.view.symbols[24:32] if text.get_text()]
    assert symbols == ["$β_0$", "$β_1$", "$τ_0^2$", "$τ_{01}$", "$τ_1^2$", "$σ^2$"]


def test_blocks_that_do_not_count_are_empty_and_stand_behind(widget):
    widget.set(rule="variables")
    faces = widget.view.blocks[1].get_facecolors()
    assert np.allclose(faces[1:], 1.0)
    assert not np.allclose(faces[0], 1.0)
    assert widget.results["k_model2"] == 1


def test_bars_are_misfit_and_penalty_end_to_end(widget):
    misfits = np.array(widget.view.misfits.get_segments())
    penalties = np.array(widget.view.penalties.get_segments())
    assert misfits[0, 1, 0] == pytest.approx(6539.890 - 6413.735, abs=2e-3)
    assert np.allclose(misfits[:, 1], penalties[:, 0])
    assert np.allclose(np.diff(penalties[:, :, 0], axis=1).ravel(), [4, 6, 8, 12, 12])


def test_ticked_off_models_leave_and_the_scale_follows(widget):
    wide = widget.view.costs.get_xlim()[1]
    widget.set(models=("model3", "model4"))
    assert widget.results["delta_model4"] == pytest.approx(4.0, abs=2e-3)
    assert not [name for name in widget.results if name.endswith("model1")]
    assert len(widget.view.blocks[0].get_offsets()) == 0
    assert widget.view.sums[0].get_text() == ""
    assert widget.view.costs.get_xlim()[1] < wide / 4


def test_nothing_ticked_says_so(widget):
    widget.set(models=())
    assert widget.results == {}
    assert widget.stage.status == "No model is in play."


def test_simulated_outcomes_are_refitted(widget):
    data = hlm.load("HLM")
    true = hlm.lme("Satisfaction ~ NPD", data, random="~1|Time", method="ML")
    y = hlm.simulate(true, seed=5)[0]
    widget.set(source="model3", seed=5)
    assert widget.results["aic_model3"] == pytest.approx(true.refit(y).aic, abs=1e-6)
    flat = hlm.gls("Satisfaction ~ 1", data, method="ML").refit(y)
    assert widget.results["aic_model1"] == pytest.approx(flat.aic, abs=1e-6)
    widget.set(seed=6)
    assert widget.results["aic_model1"] != pytest.approx(flat.aic, abs=1e-3)


def test_the_code_gives_the_aics(widget, run_code, capsys):
    widget.set(source="model2", seed=3, models=("model1", "model2", "model3", "interaction"))
    run_code(widget)
    printed = [float(line) for line in capsys.readouterr().out.split()]
    names = ("model1", "model2", "model3", "interaction")
    assert printed == pytest.approx([widget.results[f"aic_{n}"] for n in names], abs=1e-6)
