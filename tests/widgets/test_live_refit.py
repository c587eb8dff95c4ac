"""LiveRefit against the engine called directly."""

import numpy as np
import pytest

import hlmteach as hlm
from hlmteach.errors import HLMError
from hlmteach.recipes.pulled import add_pull, read_pulls
from hlmteach.stage.drags import Drag


@pytest.fixture
def make():
    made = []

    def make_one(*args, **kwargs):
        made.append(hlm.widgets.LiveRefit(*args, **kwargs))
        return made[-1]

    yield make_one
    for widget in made:
        widget.close()


def centred(data, x, group):
    between = data.groupby(group, observed=True)[x].transform("mean")
    return data.assign(between=between, within=data[x] - between)


def test_begins_with_the_tutorials_model_3(make):
    widget = make()
    assert f"{widget.results['mixed']:.6f}" == "0.122980"
    assert f"{widget.results['mixed_se']:.8f}" == "0.01491822"
    assert f"{widget.results['ratio']:.4f}" == "67.0889"
    assert f"{widget.results['aic']:.3f}" == "6468.460"


def test_slopes_within_and_between_are_the_engines(make):
    widget = make("apart")
    data = centred(hlm.load("HLM"), "NPD", "Time")
    fit = hlm.lme("Satisfaction ~ within + between", data, random="~1|Time", method="ML")
    assert widget.results["within"] == pytest.approx(fit.fixef["within"], abs=1e-9)
    assert widget.results["between"] == pytest.approx(fit.fixef["between"], abs=1e-6)
    assert widget.results["between"] < 0 < widget.results["within"]


def test_a_lifted_group_refits(make):
    widget = make()
    widget.set(pulled="group 1 +0.5")
    data = hlm.load("HLM")
    data.loc[data["Time"] == "before marriage", "Satisfaction"] += 0.5
    fit = hlm.lme("Satisfaction ~ NPD", data, random="~1|Time", method="ML")
    ols = hlm.gls("Satisfaction ~ NPD", data, method="ML")
    assert widget.results["mixed"] == pytest.approx(fit.fixef["NPD"], abs=1e-6)
    assert widget.results["ols"] == pytest.approx(ols.fixef["NPD"], abs=1e-9)
    assert widget.view.means.get_offsets()[0, 1] == pytest.approx(4.99392761 + 0.5, abs=1e-6)


def test_dragging_a_mean_is_the_same_as_setting_it(make):
    widget = make()
    x, y = widget.view.means.get_offsets()[0]
    widget._pull_group(Drag("group means", 0, float(x), float(y) + 0.5, False))
    assert widget.state["pulled"] == "group 1 +0.5000"
    dragged = dict(widget.results)
    widget.reset()
    widget.set(pulled="group 1 +0.5")
    assert widget.results == pytest.approx(dragged)


def test_dragging_a_row_moves_that_row_alone(make):
    widget = make("few rows")
    before = widget._found.rows.outcome.copy()
    x, y = widget.view.rows[1].get_offsets()[3]
    widget._pull_row(Drag("rows of group 2", 3, float(x), float(y) + 1.0, True))
    moved = np.flatnonzero(np.abs(widget._found.rows.outcome - before) > 1e-9)
    assert len(moved) == 1
    assert widget._found.rows.codes[moved[0]] == 1
    assert widget._found.rows.outcome[moved[0]] == pytest.approx(before[moved[0]] + 1)
    assert widget.view.rows[1].get_offsets()[3, 1] == pytest.approx(y + 1)


def test_marks_that_stand_for_many_rows_stay_where_they_are(make):
    widget = make()
    before = dict(widget.results)
    widget._pull_row(Drag("rows of group 1", 0, 1.0, 9.0, True))
    assert widget.results == before


def test_other_rows_forget_what_was_pulled(make):
    widget = make("few rows")
    widget.set(pulled="row 3 +1")
    widget.set(source="simulated")
    assert widget.state["pulled"] == ""
    widget.set(lines="apart", pulled="row 3 +1")
    widget.set(lines="all")
    assert widget.state["pulled"] == "row 3 +1"


@pytest.mark.parametrize("preset", ["tutorial", "few rows"])
def test_the_story_lifts_a_group_within_the_axes(make, preset):
    widget = make(preset)
    view, heights = widget.view, []
    for _ in widget.story(widget._found):
        heights.append(np.concatenate([rows.get_offsets()[:, 1] for rows in view.rows]).max())
    assert heights[1] < heights[2] < view.axes.get_ylim()[1]
    assert heights[0] == heights[-1]


def test_the_group_means_go_the_other_way(make):
    widget = make("opposite")
    assert widget.results["ols"] < 0 < widget.results["mixed"]


@pytest.mark.parametrize("pulled", ["", "group 2 +0.40; row 5 -0.30"])
@pytest.mark.parametrize("preset", ["opposite", "few rows"])
def test_the_code_gives_the_same(make, run_code, preset, pulled, capsys):
    widget = make(preset)
    widget.set(pulled=pulled)
    names = run_code(widget)
    assert float(names["mixed"].fixef.iloc[1]) == pytest.approx(widget.results["mixed"], abs=1e-6)
    assert names["apart"].fixef["between"] == pytest.approx(widget.results["between"], abs=1e-6)


@pytest.mark.parametrize("pulled", ["group 9 +1", "everything", "row 1 up"])
def test_a_bad_move_is_named(make, pulled):
    widget = make()
    widget.set(pulled=pulled)
    assert widget.results == {}
    assert "pull" in widget.message.value or "no move" in widget.message.value


def test_moves_add_up_and_cancel():
    assert add_pull("row 2 +0.5", "row", 2, -0.5) == ""
    shifts, points = read_pulls("group 2 +0.5; row 1 -1", 3, 5)
    assert shifts.tolist() == [0, 0.5, 0]
    assert points == {0: -1.0}
    with pytest.raises(HLMError, match="1 to 3"):
        read_pulls("group 4 +1", 3, 5)
