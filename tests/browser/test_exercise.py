"""An exercise as a student meets it in JupyterLab, and where its answer is when all is closed."""

import json

import pytest

from hlmteach.exercises.record import MIME
from hlmteach.widgets.exercise import records_in
from tests.exercises.test_own_words import BANK

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OPEN = 'import hlmteach as hlm\nhlm.student("anna")'
CELLS = (OPEN, 'ex = hlm.exercise("08-1")\nex', 'hlm.exercise("07-3")')


def card(lab_page, exercise):
    return lab_page.page.locator("form.hlm-ex").filter(has_text=f"Exercise {exercise}").first


def wait_for(found, status):
    found.and_(found.page.locator(f"[data-status='{status}']")).wait_for()


def records(lab_page, name):
    lab_page.saved()
    path = lab_page._lab.root / name
    return {record["exercise"]: record for record in records_in(path)}, json.loads(path.read_text())


def test_answers_are_judged_kept_and_found_again(lab_page):
    name = lab_page.write("exercise.ipynb", *CELLS)
    lab = lab_page(name)
    first, choice = card(lab, "08-1"), card(lab, "07-3")
    first.get_by_label("Your answer").fill("2")
    lab.page.keyboard.press("Enter")
    wait_for(first, "mistake")
    assert "One short" in first.locator(".hlm-ex-feedback").inner_text()
    first.get_by_label("Your answer").fill("three")
    lab.page.keyboard.press("Enter")
    wait_for(first, "malformed")
    first.get_by_label("Your answer").fill("k = 3")
    lab.page.keyboard.press("Enter")
    wait_for(first, "right")
    assert "2 attempts" in first.locator(".hlm-ex-tally").inner_text()
    assert "Lesson 08: 0 of 4 solved" in first.locator(".hlm-ex-tally").inner_text()
    choice.get_by_label("a) both by REML").check()
    choice.get_by_role("button", name="Hint").click()
    choice.get_by_text("Hint 1 of 2").wait_for()

    kept, book = records(lab, name)
    assert (kept["08-1"]["answer"], kept["08-1"]["origin"]) == ("k = 3", "widget")
    assert kept["07-3"]["answer"] == "a"
    assert kept["08-1"]["student"] == "anna"
    outputs = [o["data"] for cell in book["cells"] for o in cell["outputs"] if "data" in o]
    in_outputs = {data[MIME]["exercise"]: data[MIME] for data in outputs if MIME in data}
    assert in_outputs == book["metadata"]["hlmteach"]["answers"] == kept

    restart_and_run_all(lab)
    first, choice = card(lab, "08-1"), card(lab, "07-3")
    wait_for(first, "right")
    assert first.get_by_label("Your answer").input_value() == "k = 3"
    assert "2 attempts" in first.locator(".hlm-ex-tally").inner_text()
    assert choice.get_by_label("a) both by REML").is_checked()
    choice.get_by_text("Hint 1 of 2").wait_for()
    again, _ = records(lab, name)
    assert again == kept
    assert lab.errors == []
    lab.close()

    reopened = lab_page(name)
    wait_for(card(reopened, "08-1"), "right")
    after, _ = records(reopened, name)
    assert after == kept


def restart_and_run_all(lab):
    lab.page.evaluate(
        "async () => { await jupyterapp.shell.currentWidget.sessionContext.restartKernel(); }"
    )
    lab.command("notebook:clear-all-cell-outputs")
    lab.run()


def test_an_unsaved_answer_survives_a_restart(lab_page):
    lab = lab_page(lab_page.write("unsaved.ipynb", *CELLS))
    first = card(lab, "08-1")
    first.get_by_label("Your answer").fill("6")
    first.get_by_label("Your answer").press("Tab")
    lab.page.wait_for_function(
        "() => jupyterapp.shell.currentWidget.context.model.getMetadata('hlmteach')"
        "?.answers?.['08-1']?.answer === '6'"
    )
    restart_and_run_all(lab)
    first = card(lab, "08-1")
    lab.page.wait_for_function("() => document.querySelector('form.hlm-ex input')?.value === '6'")
    assert first.get_attribute("data-status") == ""


def test_keys_words_and_code(lab_page):
    """By keyboard and by name; from code; and what cannot be opened is one sentence."""
    cells = (
        OPEN,
        'hlm.exercise("07-3")',
        'hlm.exercise("04-4")',
        'hlm.exercise("00-2")',
        'hlm.exercise("05-4")',
        'ex = hlm.exercise("08-1")\nex.answer = 2\nex.check()',
        'hlm.exercise("08-77")',
    )
    name = lab_page.write("keyboard.ipynb", *cells)
    lab = lab_page(name)
    form = card(lab, "07-3")
    form.get_by_role("radio").first.focus()
    lab.page.keyboard.press("ArrowDown")
    assert form.get_by_label("b) both by ML").is_checked()
    lab.page.keyboard.press("Enter")
    wait_for(form, "right")
    status = form.get_by_role("status").first
    assert status.inner_text().replace("\n", "").startswith("✓Right.")
    assert status.get_attribute("aria-live") == "polite"
    assert lab.page.get_by_role("form", name="Exercise 07-3").count() == 1
    assert form.get_by_role("group", name="Choose one").count() == 1

    field = card(lab, "04-4").get_by_label("Your answer")
    field.click()
    lab.page.keyboard.type("ab dd (NPD | Time)")
    assert field.input_value() == "ab dd (NPD | Time)"
    assert lab.page.locator(".jp-Cell").count() == len(cells), "keys went to the notebook"

    controls = card(lab, "00-2").locator(".hlm-ex-question strong").all_inner_texts()
    assert controls == ["play", "how noisy a morning is", "how different people are"]
    printout = card(lab, "05-4").locator(".hlm-ex-question pre").inner_text().splitlines()
    assert printout[:2] == ["Scaled residuals:", "   Min     1Q Median     3Q    Max"]
    said = [output.inner_text() for output in lab.page.locator(".jp-OutputArea-output").all()]
    assert any("One short" in text for text in said)
    assert said[-1].startswith("There is no exercise '08-77'.")
    assert "Traceback" not in said[-1]
    kept, _ = records(lab, name)
    assert (kept["08-1"]["answer"], kept["08-1"]["origin"]) == (2, "code")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_own_words_are_kept_beside_the_model_answer(lab_page, theme):
    (lab_page_root(lab_page) / "own.toml").write_text(BANK, encoding="utf-8")
    opened = 'hlm.exercise("own-1", bank="own.toml")'
    name = lab_page.write(f"own-{theme}.ipynb", OPEN, opened)
    lab = lab_page(name, theme=theme)
    form = card(lab, "own-1")
    area = form.get_by_role("textbox", name="In your own words")
    model = form.get_by_role("region", name="Model answer")
    area.click()
    assert not model.is_visible()
    lab.page.keyboard.type("More of it, ")
    lab.page.keyboard.press("Enter")
    lab.page.keyboard.type("less satisfied <b>.")
    assert area.input_value() == "More of it, \nless satisfied <b>."
    assert not model.is_visible()
    lab.page.keyboard.press("Tab")
    assert form.get_by_role("button", name="Keep").evaluate(
        "node => node === document.activeElement"
    )
    lab.page.keyboard.press("Enter")
    wait_for(form, "written")
    model.get_by_text("With one point more of NPD").wait_for()
    left, right = area.bounding_box(), model.bounding_box()
    assert right["x"] >= left["x"] + left["width"], "beside, not below"
    assert form.get_by_role("group", name="Did you say that?").count() == 1
    form.get_by_label("how much per point").focus()
    lab.page.keyboard.press("Space")
    lab.page.wait_for_function(
        "() => jupyterapp.shell.currentWidget.context.model.getMetadata('hlmteach')"
        "?.answers?.['own-1']?.ticks === 'b'"
    )
    assert contrast_of(area) >= 4.5
    kept, _ = records(lab, name)
    assert kept["own-1"]["answer"] == "More of it, \nless satisfied <b>."
    restart_and_run_all(lab)
    form = card(lab, "own-1")
    wait_for(form, "written")
    assert form.get_by_label("how much per point").is_checked()
    assert not form.get_by_label("at the same time").is_checked()
    again, _ = records(lab, name)
    assert again == kept
    assert lab.errors == []


def lab_page_root(lab_page):
    return lab_page.write.__self__.root


CONTRAST = """node => {
  const style = getComputedStyle(node);
  const light = (color) => {
    const [r, g, b] = color.match(/[\\d.]+/g).slice(0, 3).map((v) => v / 255)
      .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [a, b] = [light(style.color), light(style.backgroundColor)].sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
}"""


def contrast_of(found):
    return found.evaluate(CONTRAST)
