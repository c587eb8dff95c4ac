import pytest

import hlmteach as hlm
from hlmteach.widgets.equation_words import NAMES


@pytest.fixture
def explorer():
    widget = hlm.widgets.EquationExplorer()
    yield widget
    widget.close()


@pytest.mark.parametrize("equation", [1, 2, 3, 4])
def test_the_refit_is_the_engines(explorer, equation, run_code):
    explorer.set(equation=equation)
    fit = run_code(explorer)["model"]
    assert explorer.results["beta_0"] == pytest.approx(fit.fixef.iloc[0])
    assert explorer.results["sigma"] == pytest.approx(fit.sigma)
    assert explorer.results["loglik"] == pytest.approx(fit.loglik)
    if equation > 1:
        assert explorer.results["sd_u"] == pytest.approx(fit.varcorr["sd"].iloc[0])
    words = [token["name"] for token in explorer.bar.tokens if token["name"]]
    assert set(words) == set(NAMES[equation])


@pytest.mark.parametrize("equation", [1, 2, 3, 4])
@pytest.mark.parametrize("source", ["simulated", "tutorial"])
def test_the_parts_add_up(explorer, equation, source):
    explorer.set(equation=equation, source=source)
    p = {name: explorer.results[f"part_{name}"] for name in (*NAMES[4],)}
    total = p["beta_0"] + p["u"] + (p["beta_1"] + p["u_slope"]) * p["x"] + p["e"]
    assert p["y"] == pytest.approx(total)


def test_the_tutorials_model_3():
    widget = hlm.widgets.EquationExplorer("tutorial")
    assert widget.results["beta_0"] == pytest.approx(4.672165, abs=1e-6)
    assert widget.results["beta_1"] == pytest.approx(0.122980, abs=1e-6)
    assert widget.results["sd_u"] == pytest.approx(0.07411888, abs=1e-7)
    assert "beta_0" not in [
        n for n in widget.controls if widget.controls[n].layout.display != "none"
    ]
    widget.close()


def test_pointing_lights_a_part_and_refits_nothing(explorer):
    before = dict(explorer.results)
    explorer.bar.value = "u"
    assert explorer.state["symbol"] == "u"
    assert explorer.view.label.get_text() == "$u_j$ = 0.80"
    assert explorer.results == before
    explorer.bar.value = ""
    assert explorer.view.label.get_text() == ""


def test_the_numbers_below_the_symbols(explorer):
    explorer.set(beta_0=1.5, u_j=-0.5)
    values = {t["name"]: t["value"] for t in explorer.bar.tokens}
    assert values["beta_0"] == "1.50"
    assert values["u"] == "−0.50"


def test_sliders_of_what_is_not_in_the_equation_are_hidden(explorer):
    explorer.set(equation=2)
    assert explorer.controls["beta_1"].layout.display == "none"
    assert explorer.controls["u_j"].layout.display != "none"


def test_its_state_answers_the_exercise(explorer):
    exercise = hlm.exercise("03-3")
    explorer.set(beta_0=2.4, beta_1=0.35, u_j=-0.6)
    exercise.answer = explorer.state
    assert exercise.check().is_right
    explorer.set(u_j=0.6)
    exercise.answer = explorer.state
    assert not exercise.check().is_right
