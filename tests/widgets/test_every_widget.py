"""What holds of every widget."""

import html
import inspect
import math
import re

import numpy as np
import pandas as pd
import pytest

import hlmteach as hlm
from hlmteach.engine.fit import Fit
from hlmteach.engine.progress import quiet
from hlmteach.errors import HLMError
from hlmteach.widgets import HOMES
from hlmteach.widgets.streaming import StreamingWidget
from tests.widgets.agreement import rates_that_disagree, unsaid

# One test below paints every preset, and looks at what is seen of it.
unpainted = pytest.mark.usefixtures("unpainted")
OTHERS = {"Predict"}  # a question, not a picture: it has its own tests
UNSEEDED = {"ModelBuilder", "Sleepers"}  # their data are there already
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
    assert widget.sentence in " ".join(inspect.getdoc(widget).split())
    assert set(widget.sayings) <= set(widget.presets)
    for sentence in (widget.sentence, *widget.sayings.values()):
        assert len(sentence.split()) <= 20
        assert ";" not in sentence


@each_widget
def test_its_help_names_presets_and_controls(name):
    widget = getattr(hlm.widgets, name)
    told = inspect.getdoc(widget)
    assert [preset for preset in widget.presets if f'"{preset}"' not in told] == []
    assert [name for name in widget.inputs if not re.search(rf"\b{name}\b", told)] == []


@each_widget
def test_a_few_numbers_are_in_sight_and_a_story_waits_at_its_beginning(name, make):
    widget = make(name)
    for preset in widget.presets:
        widget.start_from(preset)
        widget.settle()
        in_sight = [value for value in widget.readout.values[: widget.readout.main] if value]
        assert 3 <= len(in_sight) <= 6, preset
        film = widget.stage.get_state()["_film"]
        assert len(film["captions"]) > 1, preset
        assert all(film["captions"]), preset
        assert film["rest"] is not None, preset  # so its bar says whether it tells of this state
        assert widget.stage.frame == 0


def moves_of(widget):
    """Each control in sight, and what it is moved to: a neighbour of what it says."""
    for name in widget.shown(widget.state):
        control = widget.controls[name]
        if hasattr(control, "step") and hasattr(control, "max"):
            step = control.step if control.value + control.step <= control.max else -control.step
            yield name, control.value + step
        elif options := getattr(control, "options", ()):
            values = [one[1] if isinstance(one, tuple) else one for one in options]
            if control.value in values:
                yield name, values[values.index(control.value) - 1]


@each_widget
def test_a_moved_picture_is_the_one_that_a_drawing_would_give(name, make):
    widget = make(name)
    for preset in list(widget.presets)[:2]:
        widget.start_from(preset)
        for control, value in list(moves_of(widget)):
            for moved in (value, widget.state[control]):
                with widget.lock:  # no story is recorded meanwhile
                    widget.set(**{control: moved})
                    check_read(widget.stage._reader, (preset, control))


def check_read(reader, where) -> None:
    """See that what was read, part by part as it changed, is what reading all anew gives."""
    seen, marks = reader.read(), reader.scene["marks"]
    reader.forget()
    for mark, items, drawn in zip(marks, seen, reader.read(), strict=True):
        said = str((*where, mark["name"]))
        assert [item.look for item in items] == [item.look for item in drawn], said
        for item, fresh in zip(items, drawn, strict=True):
            np.testing.assert_allclose(item.x, fresh.x, atol=2e-3, err_msg=said)
            np.testing.assert_allclose(item.y, fresh.y, atol=2e-3, err_msg=said)


@each_widget
@unpainted
def test_has_seed_reset_and_presets_by_name(name, make):
    widget = make(name)
    assert ("seed" in widget.controls) == (name not in UNSEEDED)
    labels = [part.description for part in parts_of(widget) if hasattr(part, "description")]
    assert {"start from", "Reset", "New sample"} <= set(labels)
    assert html.escape(widget.sentence) in widget.children[0].children[2].value
    if isinstance(widget, StreamingWidget):
        assert {"Stream", "Stop"} <= set(labels)
    *_, last = widget.presets
    other = make(name, last)
    widget.start_from(last)
    assert widget.results == pytest.approx(other.results)
    assert widget.state == other.state
    with pytest.raises(HLMError, match="'no such preset' is not known"):
        widget.start_from("no such preset")


def parts_of(widget):
    for child in getattr(widget, "children", ()):
        yield child
        yield from parts_of(child)


@each_widget
@unpainted
def test_every_preset_has_settled_numbers(name, make):
    for preset in getattr(hlm.widgets, name).presets:
        widget = make(name, preset)
        assert widget.results, preset
        assert all(type(value) is float for value in widget.results.values())
        assert not any(math.isnan(value) for value in widget.results.values())
        assert widget.stage.alt
        assert widget.stage.status


# Results that the shown Python does not print or leave behind. Each follows from what it does in a
# step that the widget's own tests hold: a difference, a share, a count; or only the picture has it.
NOT_IN_PYTHON = {
    "AICLedger": ("delta_", "misfit_"),
    "DataInspector": ("at_end", "rows"),
    "Diagnostics": ("at_end", "skewness"),
    "EngineCompare": ("sd_statsmodels",),
    "EquationExplorer": ("part_",),
    "ICCDial": ("design_effect", "with_sds", "as_ratio"),
    "LikelihoodClimber": ("gap",),
    "PoolingExplorer": ("kept", "repeats_"),
    "ProfileExplorer": ("cut", "wald_"),
    "RandomInterceptAnimator": ("kept_",),
    "Reshaper": ("mean",),
    "SimpleSlopes": ("corr", "limit_1", "ratio_both", "zero"),
}


@each_widget
@unpainted
def test_the_python_of_every_preset_gives_its_numbers(name, make, run_code, capsys):
    for preset in getattr(hlm.widgets, name).presets:
        widget = make(name, preset)
        with quiet():  # a slow machine would show a bar
            left = run_code(widget)
        printed, errors = capsys.readouterr()
        assert errors == ""
        seen = np.array([*numbers_in(left), *map(float, NUMBER.findall(printed))])
        if isinstance(widget, StreamingWidget):
            code = widget.code("python")
            assert rates_that_disagree(name, widget.results, code, seen) == [], preset
        else:
            assert unsaid(widget.results, seen, NOT_IN_PYTHON.get(name, ()), holds) == {}, preset


NUMBER = re.compile(r"-?\d+\.?\d*(?:e[-+]?\d+)?")


def holds(seen, value) -> bool:
    """Whether a number is among those seen, to the digits that are printed, or as a percentage."""
    close = np.abs(seen - value) <= 5e-4 * max(abs(value), 1e-3)
    return bool(close.any() or (np.abs(seen - 100 * value) <= 0.05).any())


def numbers_in(value, depth=0) -> list[float]:
    """Every number that the code left behind: in tables, lists, arrays and fits."""
    if isinstance(value, Fit):
        parts = [value.fixef, value.se, value.varcorr, value.sigma, value.loglik, value.aic]
        parts += [value.bic, value.n_params, value.n_obs]
        return numbers_in([*parts, *value.ranef.values()], depth)
    if isinstance(value, int | float | np.number) and not isinstance(value, bool):
        return [float(value)]
    if isinstance(value, np.ndarray | pd.Series):
        return np.asarray(value, float).ravel().tolist() if value.dtype.kind in "fi" else []
    if isinstance(value, pd.DataFrame):
        inside = [number for column in value for number in numbers_in(value[column])]
        return [*map(float, value.shape), *inside]
    if isinstance(value, dict | list | tuple) and depth < 3:
        inside = value.values() if isinstance(value, dict) else value
        return [number for one in inside for number in numbers_in(one, depth + 1)]
    return []


@each_widget
@unpainted
def test_r_code_is_offered_too(name, make):
    widget = make(name)
    assert "<-" in widget.code("r")
    with pytest.raises(HLMError, match="'python' or 'r'"):
        widget.code("stata")


@each_widget
@unpainted
def test_reset_brings_back_state_and_results(name, make):
    widget = make(name)
    state, results = widget.state, dict(widget.results)
    other = next(iter(reversed(widget.presets)))
    widget.set(**widget.presets[other])
    widget.reset()
    assert widget.state == state
    assert widget.results == pytest.approx(results, nan_ok=True)


@each_widget
@unpainted
def test_an_unknown_preset_is_named(name):
    with pytest.raises(HLMError, match="'no such preset' is not known"):
        getattr(hlm.widgets, name)("no such preset")


@each_widget
def test_closing_leaves_nothing(name, leaves_nothing):
    leaves_nothing(getattr(hlm.widgets, name))


@each_widget
@unpainted
def test_large_type_for_a_projector(name, make):
    usual, large = make(name), make(name, present=True)
    assert large.stage.figure.dpi > usual.stage.figure.dpi
    assert "hlm-present" in large._dom_classes
