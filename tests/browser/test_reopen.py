"""A notebook closed and opened again in JupyterLab, without the kernel that made it: nothing lost.

And the keys that are the page's, not a card's: to save. After Run All it stands at its top.
"""

import json
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from hlmteach.course.lab import EXTENSIONS
from tests.browser.conftest import PATIENCE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CELLS = (
    'import hlmteach as hlm\nhlm.student("anna")',
    "hlm.widgets.RandomInterceptAnimator()",
    'hlm.exercise("08-1")',
    'hlm.widgets.Predict("How many?", answer=3, high=9)',
)
IN_THE_FILE = "application/vnd.jupyter.widget-state+json"
SAVE = "Control+s"
IS_SAVED = "() => !jupyterapp.shell.currentWidget.context.model.dirty"
BROKEN = "text=/Error displaying widget|Loading widget|model not found/"

# Broken chains, which ipywidgets puts before every part that Python does not know: they push the
# parts of a picture out of their places.
SIGNS = """() => [...document.querySelectorAll(".jupyter-widgets-disconnected")].filter((node) => {
    const { content, display } = getComputedStyle(node, "::before");
    return content !== "none" && display !== "none";
}).length"""


def answer_of(lab_page):
    return lab_page.page.locator("form.hlm-ex").get_by_label("Your answer")


def story_of(lab_page):
    return lab_page.page.locator(".hlm-widget").first


def saved(lab_page, name):
    return json.loads((lab_page._lab.root / name).read_text(encoding="utf-8"))


def reopen(lab_page, name):
    """As somebody opens it the next day: another browser, another kernel, and nothing is run."""
    return lab_page(name, run=False)


def press_save(lab_page):
    before = (lab_page._lab.root / lab_page.name).stat().st_mtime_ns
    lab_page.page.keyboard.press(SAVE)
    for _ in range(200):
        if (lab_page._lab.root / lab_page.name).stat().st_mtime_ns != before:
            return lab_page.page.wait_for_function(IS_SAVED)
        lab_page.page.wait_for_timeout(50)
    pytest.fail("the notebook was not saved")


def assert_all_is_there(lab_page):
    page = lab_page.page
    story = story_of(lab_page)
    story.get_by_role("button", name="To the end").click(timeout=PATIENCE)
    expect(story.locator("[data-name=levels] path")).to_have_count(3)
    story.get_by_role("button", name="Back to the start").click()
    expect(story.locator(".stage-caption").first).to_have_text("2,681 rows in 3 groups.")
    expect(answer_of(lab_page)).to_have_value("2")
    expect(page.locator(".hlm-predict .noUi-handle")).to_be_visible()
    assert page.locator(BROKEN).count() == 0
    assert page.evaluate(SIGNS) == 0


def test_what_was_shown_and_typed_is_there_again(lab_page):
    name = lab_page.write("reopened.ipynb", *CELLS)
    first = lab_page(name)
    answer_of(first).fill("2")  # and not checked: the file has it all the same
    press_save(first)
    assert first.errors == []
    first.close()
    answers = saved(first, name)["metadata"]["hlmteach"]["answers"]
    assert answers["08-1"]["answer"] == "2"
    shown = saved(first, name)["cells"][1]["outputs"][0]["data"]
    assert {"image/png", "text/plain"} < set(shown)  # for programs that know no widgets

    again = reopen(lab_page, name)
    assert_all_is_there(again)
    moved = story_of(again).locator(".hlm-controls .noUi-handle:visible").first
    moved.focus()
    again.page.keyboard.press("ArrowRight")
    expect(story_of(again).get_by_text("This is the picture as it was saved")).to_be_visible()
    again.page.locator("form.hlm-ex").get_by_role("button", name="Check").click()
    expect(again.page.get_by_text("Python does not run for this card")).to_be_visible()
    moved.focus()
    press_save(again)  # JupyterLab would now drop what no kernel knows
    again.close()
    kept = saved(again, name)["metadata"]["widgets"][IN_THE_FILE]["state"]
    assert len(kept) > 50

    last = reopen(lab_page, name)
    assert_all_is_there(last)
    last.run()  # and what is run anew takes the place of the old
    expect(answer_of(last)).to_have_value("2")
    press_save(last)
    assert len(saved(last, name)["metadata"]["widgets"][IN_THE_FILE]["state"]) < 1.3 * len(kept)


LESSONS = Path(__file__).parents[2] / "lessons"
TALL = {"width": 1100, "height": 12_000}  # every cell in view, so that JupyterLab draws it
LARGEST = 5_000_000  # bytes
PICTURES = """() => [...document.querySelectorAll(".stage-layers")]
    .filter((layers) => layers.querySelector("text, path[d*=M], canvas")).length"""


@pytest.mark.doors
@pytest.mark.parametrize("name", sorted(path.name for path in LESSONS.glob("*.ipynb")))
def test_a_lesson_is_whole_when_it_is_opened_again(lab, lab_page, name):
    shutil.copy(LESSONS / name, lab.root)
    first = lab_page(name, viewport=TALL)
    widgets, cards = (first.page.locator(one) for one in (".hlm-widget", "form.hlm-ex"))
    shown = [cell.outputs for cell in first.saved().cells if cell.cell_type == "code"]
    stages = sum("image/png" in out.get("data", {}) for outputs in shown for out in outputs)
    first.page.wait_for_function(f"count => ({PICTURES})() >= count", arg=stages)
    before = widgets.count(), cards.count(), first.page.evaluate(PICTURES)
    first.saved()
    size = (lab.root / name).stat().st_size
    print(f"{name}: {size / 1e6:.2f} MB, {before} widgets, cards, pictures")
    assert size < LARGEST
    first.close()
    again = lab_page(name, run=False, viewport=TALL)
    again.page.wait_for_function(f"count => ({PICTURES})() >= count", arg=before[2])
    after = (again.page.locator(one).count() for one in (".hlm-widget", "form.hlm-ex"))
    assert tuple(after) == before[:2]
    assert again.page.locator(BROKEN).count() == 0
    for play in again.page.get_by_role("button", name="Play", exact=True).all():
        play.click()
    assert again.errors == []


# As JupyterLab does when it starts, but that it can be taken back: the page is other tests' too.
ACTIVATE = """async () => {
    const made = await _JUPYTERLAB["hlmteach-lab"].get("./extension");
    const { commandExecuted } = jupyterapp.commands;
    const connect = (slot) => { window.slot = slot; commandExecuted.connect(slot); };
    const commands = { commandExecuted: { connect } };
    made().default.activate({ shell: jupyterapp.shell, commands });
}"""
PLACE = """() => {
    const { content } = jupyterapp.shell.currentWidget;
    const view = content.node.querySelector(".jp-WindowedPanel-outer");
    return [content.activeCellIndex, view.scrollTop];
}"""


def test_a_notebook_stands_at_its_top_after_run_all(show_cells):
    shown = show_cells(*["pass\n" * 80] * 3)
    shown.page.wait_for_function(f"() => ({PLACE})()[1] > 0")  # JupyterLab's own way
    shown.page.add_script_tag(path=EXTENSIONS / "hlmteach-lab" / "static" / "remoteEntry.js")
    shown.page.evaluate(ACTIVATE)
    shown.run()
    shown.page.wait_for_function(f"() => String(({PLACE})()) === '0,0'")
    shown.page.evaluate("jupyterapp.commands.commandExecuted.disconnect(slot)")
