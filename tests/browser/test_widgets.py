"""Every widget in one JupyterLab: it opens, draws, answers a key, fits the page, can be read."""

import importlib.util
import io
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.browser.conftest import PATIENCE
from tests.browser.gallery import ASK, ASK_KERNEL, LISTEN, NAMES, SHOWS, START, Gallery

pytestmark = [pytest.mark.browser, pytest.mark.slow]

EACH = pytest.mark.parametrize("name", NAMES)
KEYS = {  # pressed where no slider is shown at first
    "AICLedger": "coefficients only",
    "DataInspector": "NPD",
    "Diagnostics": "Model 2",
    "EngineCompare": "Model 3",
    "GrowthFan": "stay parallel",
    "LiveRefit": "36 rows",
    "ModelBuilder": "BPD",
    "PoolingExplorer": "complete",
}
# Letters, in pixels of the page, that are hard to read; what is wider than its room, or can be
# typed over in vain.
FAULTS = """(root) => {
    const faults = [];
    const style = (node) => getComputedStyle(node);
    const seen = (node) => node.getClientRects().length && style(node).visibility !== "hidden";
    const letters = [...root.querySelectorAll("*")].filter((node) =>
        [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim()));
    for (const node of letters.filter(seen)) {
        const svg = node.closest("svg");
        const scale = svg ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1;
        const size = parseFloat(style(node).fontSize) * scale;
        if (size < 10.9) faults.push(`${size.toFixed(1)} pixels: ${node.textContent.slice(0, 40)}`);
    }
    const end = root.getBoundingClientRect().right + 1;
    for (const node of [...root.querySelectorAll(":not(svg *)")].filter(seen)) {
        const { right, width } = node.getBoundingClientRect();
        if (right > end && width > 2 && !node.closest("pre, .hlm-printouts")) // which scroll
            faults.push(`too wide: ${node.outerHTML.slice(0, 80)}`);
    }
    for (const node of root.querySelectorAll(".hlm-ladder .widget-readout"))
        if (node.isContentEditable) faults.push(`can be typed over: ${node.textContent}`);
    return faults;
}"""
SIZES = """(nodes) => nodes.map((node) => {
    const { width, height } = node.getBoundingClientRect();
    return width + height;
})"""


def _axe() -> Path:
    spec = importlib.util.find_spec("axe_playwright_python")
    return Path(spec.submodule_search_locations[0], "axe.min.js")


AXE = _axe()
RUN_AXE = """async (root) => {
    const { violations } = await axe.run(root, { resultTypes: ["violations"] });
    const grave = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
    const said = (id) => ({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`;
    return grave.flatMap(({ id, nodes }) => nodes.map(said(id)));
}"""


def serious_faults(gallery, name) -> list[str]:
    """What axe finds serious or critical, the code unfolded too."""
    widget = gallery.widget(name)
    fold = widget.locator("details.hlm-code:not([open]) > summary")
    for one in fold.all():
        one.click()
    return gallery.page.evaluate(RUN_AXE, widget.element_handle())


@pytest.fixture(scope="module")
def gallery(chromium, lab):
    opened = Gallery(chromium, lab)
    opened.page.evaluate(AXE.read_text(encoding="utf-8"))
    yield opened
    opened.close()


def ink(png) -> float:
    """The share of a picture that is not its background."""
    with Image.open(io.BytesIO(png)) as image:
        pixels = np.asarray(image.convert("RGB"), int)
    return float((np.abs(pixels - pixels[2, 2]).max(axis=2) > 30).mean())


@EACH
def test_it_draws_what_the_kernel_computed(gallery, name):
    widget = gallery.widget(name)
    widget.scroll_into_view_if_needed()
    _, values, status = gallery.ask(name)
    if name == "Predict":
        assert widget.get_by_role("slider").count() == 1
        return
    gallery.wait_for(name, values, status)
    gallery.finish(name)  # a story may begin with nothing
    layers = widget.locator(".stage-layers")
    moving = "svg [data-name]:not([data-name^=still]) > *, canvas"
    drawn = layers.locator(moving).evaluate_all(SIZES)
    assert max(drawn, default=0) > 4, "nothing that moves is seen"
    assert ink(layers.screenshot()) > 0.005, "the picture is blank"
    assert len(values) > 3


@EACH
def test_a_key_brings_other_numbers_those_of_the_kernel(gallery, name):
    before = gallery.ask(name)
    press(gallery, name)
    gallery.page.wait_for_function(
        f"asked => !({SHOWS})(asked)",
        arg=[NAMES.index(name), "|".join(value for value in before[1] if value), before[2]],
    )
    after = gallery.ask(name)
    assert after != before
    gallery.wait_for(name, *after[1:])
    gallery.page.evaluate(ASK_KERNEL, f"shown[{name!r}].reset(); print('told: 1')")


def press(gallery, name) -> None:
    """A key on the first slider, or on a button; Predict wants its guess confirmed."""
    widget, keyboard = gallery.widget(name), gallery.page.keyboard
    if name in KEYS:
        widget.get_by_role("button", name=KEYS[name], exact=True).focus()
        keyboard.press("Space")
        return
    handle = widget.locator(".hlm-controls .noUi-handle:visible").first
    handle.focus()
    at_end = handle.get_attribute("aria-valuenow") == handle.get_attribute("aria-valuemax")
    keyboard.press("ArrowLeft" if at_end else "ArrowRight")
    if name == "Predict":
        widget.get_by_role("button", name="This is my guess").focus()
        keyboard.press("Enter")


@EACH
def test_axe_finds_nothing_serious(gallery, name):
    assert serious_faults(gallery, name) == []


def test_axe_finds_nothing_serious_on_a_dark_page(gallery):
    gallery.lab.command("apputils:change-theme", {"theme": "JupyterLab Dark"})
    gallery.page.wait_for_function("document.body.dataset.jpThemeLight === 'false'")
    found = {name: serious_faults(gallery, name) for name in NAMES}
    gallery.lab.command("apputils:change-theme", {"theme": "JupyterLab Light"})
    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.parametrize(
    ("kind", "size"),
    [("zoomed", (640, 450)), ("narrow", (560, 800)), ("phone", (360, 800))],
)
def test_it_is_legible_and_no_wider_than_the_page(gallery, kind, size):
    gallery.resize(*size)
    found = {
        name: gallery.page.evaluate(FAULTS, gallery.widget(name).element_handle()) for name in NAMES
    }
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_no_error_is_left_in_the_page_or_in_the_kernel(gallery, lab):
    assert gallery.page.evaluate("window.complaints") == []
    assert gallery.lab.errors == []
    assert lab.tracebacks == []


RESTART = """async () => {
    const { session } = jupyterapp.shell.currentWidget.sessionContext;
    await session.kernel.restart();
}"""


def test_it_bears_rough_handling(lab_page):
    name = "RandomInterceptAnimator"
    lab = lab_page(lab_page.write("rough.ipynb", START, f"show({name!r})", f"shown[{name!r}]"))
    page = lab.page
    page.set_default_timeout(PATIENCE)
    page.evaluate(LISTEN)
    first, second = (page.locator(".jp-OutputArea-output .hlm-widget").nth(i) for i in (0, 1))
    second.locator(".stage-layers svg").first.wait_for()

    def told():
        return page.evaluate(ASK_KERNEL, ASK.format(name=name))

    # keys and a drag while it plays
    first.get_by_role("button", name="Play").focus()
    page.keyboard.press("Enter")
    handle = first.locator(".hlm-controls .noUi-handle:visible").first
    handle.focus()
    for key in ["ArrowRight"] * 20 + ["ArrowLeft"] * 5:
        page.keyboard.press(key)
    box = handle.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    for step in range(60):
        page.mouse.move(box["x"] + (step * 7) % 60, box["y"] + 5)
    page.mouse.up()
    page.wait_for_function(AGREE)
    # both views show what the kernel holds, once nothing is on its way
    expect_agreement(page, told)
    # a kernel that starts again leaves a dead widget, and running again brings a live one
    page.evaluate(RESTART)
    handle.focus()
    page.keyboard.press("ArrowRight")
    lab.run()
    page.wait_for_function(AGREE)
    expect_agreement(page, told)
    # closed and opened again
    lab.command("application:close")
    lab.command("docmanager:open", {"path": "rough.ipynb"})
    page.wait_for_function("window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel")
    lab.run()
    page.wait_for_function(AGREE)
    expect_agreement(page, told)
    assert lab.errors == []


AGREE = """() => {
    const shown = [...document.querySelectorAll(".hlm-widget .stage-status")];
    const [one, other] = shown.map((node) => node.textContent);
    return shown.length === 2 && one && one === other;
}"""


def expect_agreement(page, told) -> None:
    """The kernel is asked anew while they differ: a change may have been on its way to it."""
    end = time.monotonic() + PATIENCE / 1000
    while True:
        _, values, status = told()
        shown = "|".join(filter(None, values))
        if all(page.evaluate(SHOWS, [place, shown, status]) for place in (0, 1)):
            return
        assert time.monotonic() < end, f"the kernel has {shown}, {status}"
        page.wait_for_timeout(200)
