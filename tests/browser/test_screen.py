"""Every widget and preset on one screen: in JupyterLab beside its list of files, and presented."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE
from tests.browser.gallery import NAMES, START, Gallery, Projector, presets_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HIGHEST = 640  # pixels from the title to the last control, of the 688 that the notebook shows
MOST_CONTROLS = 7  # at a time, Reset and the menu of presets among them; a player is none
MOST_NUMBERS = 6  # of the table; the others are folded
WAITS = "▶ tells how this picture comes about."
EACH = pytest.mark.parametrize("name", [name for name in NAMES if presets_of(name)])


@pytest.fixture(scope="module")
def gallery(chromium, lab):
    opened = Gallery(chromium, lab)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def projector(chromium, lab):
    opened = Projector(chromium, lab)
    yield opened
    opened.close()


@EACH
def test_a_small_laptop_shows_it_from_title_to_last_control(gallery, name):
    found = {}
    for preset in presets_of(name):
        gallery.start_from(name, preset)
        found[preset] = faults(gallery.measure(name))
    assert {preset: said for preset, said in found.items() if said} == {}


def faults(seen) -> list[str]:
    """What keeps a widget from being taken in at a glance."""
    said = []
    if seen["height"] > HIGHEST:
        said.append(f"{seen['height']} pixels high")
    if seen["controls"] > MOST_CONTROLS:
        said.append(f"{seen['controls']} controls: {seen['rows']}")
    said += [f"alone in its row: {row[0]}" for row in seen["rows"] if len(row) == 1]
    if not 3 <= seen["numbers"] <= MOST_NUMBERS:
        said.append(f"{seen['numbers']} numbers")
    return said


@EACH
def test_a_projector_shows_all_of_it(projector, name):
    found = {}
    for preset in presets_of(name):
        projector.start_from(name, preset)
        found[preset] = projector.measure(name)["reach"]
    assert {preset: end for preset, end in found.items() if end[0] > 1280 or end[1] > 720} == {}
    projector.resize(name, 1920, 1080)
    end = projector.measure(name)["reach"]
    assert (end[0] <= 1920, end[1] <= 1080) == (True, True)
    projector.resize(name, 1280, 720)


def test_a_story_begins_at_its_beginning_and_covers_the_numbers_until_it_is_told(lab_page):
    lab = lab_page(lab_page.write("story.ipynb", START, 'show("RandomInterceptAnimator")'))
    widget = lab.page.locator(".jp-OutputArea-output .hlm-widget")
    caption, numbers = widget.locator(".stage-caption").first, widget.locator(".hlm-readout td")
    expect(caption).to_have_text("2,681 rows in 3 groups.", timeout=PATIENCE)
    assert not numbers.first.is_visible()
    assert not widget.locator(".stage-status").is_visible()
    assert widget.locator("[data-name=levels] > *").count() == 0
    widget.get_by_role("button", name="To the end").click()
    expect(numbers.first).to_be_visible(timeout=PATIENCE)
    handle = widget.locator(".hlm-controls .noUi-handle:visible").first
    handle.focus()
    lab.page.keyboard.press("ArrowRight")
    expect(caption).to_have_text(WAITS, timeout=PATIENCE)  # and tells of the new setting
    expect(widget.locator(".stage-count").first).to_be_hidden()
    expect(numbers.first).to_be_visible()
    widget.get_by_role("button", name="Play").click()
    expect(caption).to_have_text("2,681 rows in 3 groups.", timeout=PATIENCE)
    assert lab.errors == []
