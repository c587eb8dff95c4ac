"""What stands on a page without a kernel: settings recorded ahead, and the words of the rest."""

import ipywidgets as ipw
import pytest

import hlmteach as hlm
from hlmteach.widgets import page


@pytest.fixture
def animator():
    widget = hlm.widgets.RandomInterceptAnimator()
    yield widget
    widget.close()


def test_a_setting_that_moves_the_axes_is_recorded_ahead(animator):
    before = animator.view.lens.axes.get_ylim()
    assert "13 settings of “before marriage, moved by”" in page.record_ahead(animator)
    low, high = animator.view.lens.axes.get_ylim()
    assert low < before[0]
    assert before[1] < high
    assert animator.state["shift_1"] == 0.0  # the table stands at the setting of now
    assert animator.stage.index == 6


def test_the_story_still_ends_where_the_controls_are(animator):
    made = page.teaching_page(animator)
    assert animator.stage.frame == 8
    assert "6533.549" in made
    assert "settings of" in made


def test_where_every_setting_changes_a_title_there_is_no_table():
    widget = hlm.widgets.Diagnostics()
    assert page.record_ahead(widget) == ""
    widget.close()


def test_an_equation_stands_above_its_picture():
    widget = hlm.widgets.EquationExplorer()
    made = page.teaching_page(widget)
    widget.close()
    assert "β<sub>0</sub>" in made[: made.index("data-stage")]
    assert "beta zero, the intercept; " in made


def test_a_control_of_its_own_says_what_it_says():
    box = ipw.VBox([ipw.IntSlider(25, description="people"), ipw.Label("± 0.33 points")])
    made = page.plain_page(box)
    assert "people: 25<br>± 0.33 points<br>This moves in the notebook." in made


@pytest.mark.parametrize(
    ("control", "texts"),
    [
        (ipw.IntSlider(7, min=0, max=40), ["1", "4", "7"]),
        (ipw.SelectionSlider(value="b", options=["a", "b"]), ["a", "b"]),
        (ipw.ToggleButtons(value=2, options=[("two", 2), ("three", 3)]), ["two", "three"]),
    ],
)
def test_settings_are_thinned_so_that_the_present_one_stays(control, texts):
    found = page._spread(control)
    assert [text for text, _ in found][:3] == texts
    assert control.value in [value for _, value in found]
    assert len(found) <= page.STATES
