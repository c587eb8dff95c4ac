"""What holds of every widget."""

import inspect
import math

import pytest

import hlmteach as hlm
from hlmteach.errors import HLMError
from hlmteach.widgets import HOMES

OTHERS = {"Predict"}  # a question, not a picture: it has its own tests
each_widget = pytest.mark.parametrize("name", sorted(set(HOMES) - OTHERS))


@pytest.fixture
def make():
    made = []

    def make_one(name, *args, **kwargs):
        made.append(getattr(hlm.widgets, name)(*args, **kwargs))
        return made[-1]

    yield make_one
    for widget in made:
        widget.close()


@each_widget
def test_says_its_one_idea(name):
    widget = getattr(hlm.widgets, name)
    assert widget.title
    assert widget.sentence.endswith(".")
    assert inspect.getdoc(widget).splitlines()[0].endswith(".")


@each_widget
def test_every_preset_has_settled_numbers(name, make):
    for preset in getattr(hlm.widgets, name).presets:
        widget = make(name, preset)
        assert widget.results, preset
        assert all(type(value) is float for value in widget.results.values())
        assert not any(math.isnan(value) for value in widget.results.values())
        assert widget.stage.alt
        assert widget.stage.status


@each_widget
def test_the_python_of_every_preset_runs(name, make, run_code, capsys):
    for preset in getattr(hlm.widgets, name).presets:
        assert run_code(make(name, preset))
    assert capsys.readouterr().err == ""


@each_widget
def test_r_code_is_offered_too(name, make):
    widget = make(name)
    assert "<-" in widget.code("r")
    with pytest.raises(HLMError, match="'python' or 'r'"):
        widget.code("stata")


@each_widget
def test_reset_brings_back_state_and_results(name, make):
    widget = make(name)
    state, results = widget.state, dict(widget.results)
    other = next(iter(reversed(widget.presets)))
    widget.set(**widget.presets[other])
    widget.reset()
    assert widget.state == state
    assert widget.results == pytest.approx(results, nan_ok=True)


@each_widget
def test_an_unknown_preset_is_named(name):
    with pytest.raises(HLMError, match="'no such preset' is not known"):
        getattr(hlm.widgets, name)("no such preset")


@each_widget
def test_closing_leaves_nothing(name, leaves_nothing):
    leaves_nothing(getattr(hlm.widgets, name))


@each_widget
def test_large_type_for_a_projector(name, make):
    usual, large = make(name), make(name, present=True)
    assert large.stage.figure.dpi > usual.stage.figure.dpi
    assert "hlm-present" in large._dom_classes
