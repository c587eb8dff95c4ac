"""What stands on a page without a kernel: settings recorded ahead, and the words of the rest."""

import ipywidgets as ipw
import pytest

import hlmteach as hlm
from hlmteach.widgets import ahead, page


@pytest.fixture
def animator():
    widget = hlm.widgets.RandomInterceptAnimator()
    yield widget
    widget.close()


def labels(knobs):
    return {knob.label: knob.texts for knob in knobs}


def test_the_controls_that_the_text_names_are_offered(animator):
    prose = "Pull **spread within ×** to 2.\n\nPress **REML**, then **New sample**."
    found = labels(ahead.knobs_of(animator, prose))
    assert list(found) == ["fit by", "spread within ×", "New sample"]
    assert "2" in found["spread within ×"]
    assert found["fit by"] == ("ML", "REML")


def test_where_the_text_names_none_the_first_slider_is_offered(animator):
    assert list(labels(ahead.knobs_of(animator, "Look."))) == ["before marriage, moved by"]


def test_a_setting_that_moves_the_axes_is_recorded_ahead(animator):
    before = animator.view.lens.axes.get_ylim()
    knobs, settings = ahead.offered(animator, ahead.knobs_of(animator, "Look."))
    assert [knob.label for knob in knobs] == ["before marriage, moved by"]
    assert settings[0].values == {"shift_1": 0.0}  # the first is the present one
    assert len(settings) == len({tuple(one.values.values()) for one in settings}) > 10
    assert animator.view.lens.axes.get_ylim() == before
    assert animator.stage.get_state("_film")["_film"]["rest"] == 8


def test_settings_with_other_parts_in_their_picture_are_left_out(animator):
    """Eight simulated groups have other labels than three occasions."""
    knobs, settings = ahead.offered(
        animator, ahead.knobs_of(animator, "**data: simulated**, **REML**")
    )
    assert [knob.label for knob in knobs] == ["fit by"]
    assert {one.values["source"] for one in settings} == {"tutorial"}


def test_a_slider_that_matters_only_after_a_choice_is_offered_there():
    widget = hlm.widgets.Sleepers()
    prose = "Press **play**, then pull **how noisy a morning is** to 2."
    settings = ahead.settings_of(widget, ahead.knobs_of(widget, prose))
    widget.close()
    assert {one.values["frame"] for one in settings if one.values["noise"] == 2} == {"play"}


def test_a_preset_that_the_text_starts_from_is_a_setting_with_all_that_it_has():
    widget = hlm.widgets.GrowthFan()
    prose = "Start from **simulated**, and pull **true sd of slopes** from 0 to 1."
    knobs = ahead.knobs_of(widget, prose)
    assert [knob.label for knob in knobs] == ["true sd of slopes", "start from"]
    settings = ahead.settings_of(widget, knobs)
    begun = [one for one in settings if one.values["start from"] == "simulated"]
    assert {0, 1} < {one.values["sd_slope"] for one in begun}
    widget.start_from("simulated")
    assert begun[0].report.numbers == pytest.approx(widget.results)
    widget.close()


def test_a_stream_goes_on_when_it_is_asked_for():
    widget = hlm.widgets.ClusterMaker()
    first, more = ahead.settings_of(widget, ahead.knobs_of(widget, "")[1:])
    widget.close()
    assert len(more.found) == len(first.found) + 10 * widget.batch


def test_a_card_has_its_picture_twice_and_says_what_it_lacks(animator):
    made = page.teaching_page(animator)
    assert made.count("<div data-stage=") == 2
    assert "6533.549" in made
    assert '<div class="slider" data-knob="0"' in made
    assert "&quot;before marriage, moved by&quot;" in made[: made.index("data-lacks")]
    assert (
        "&quot;1 year after, moved by&quot;" in made[made.index("data-lacks") : made.index("<h4>")]
    )
    assert "<summary>all numbers</summary>" in made
    assert "●" not in made[made.index('class="readout"') :]  # a dot in the group's colour


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
