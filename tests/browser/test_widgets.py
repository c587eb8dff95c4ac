"""Every widget in one JupyterLab: it opens, draws, answers a key, fits the page, can be read.

With ``HLMTEACH_SCREENSHOTS=folder`` a picture of each widget is written there too: light, dark, at
200 % zoom, and on narrow pages. They are there to be looked at.
"""

import importlib.util
import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hlmteach.widgets import HOMES
from tests.browser.conftest import PATIENCE, LabPage

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAMES = sorted(HOMES)
EACH = pytest.mark.parametrize("name", NAMES)
ARGUMENTS = {"Predict": "'How large is the slope of NPD?', answer=0.12, low=-1, high=1, digits=2"}
KEYS = {  # pressed where no slider is shown at first
    "AICLedger": "coefficients only",
    "DataInspector": "NPD",
    "Diagnostics": "Model 2",
    "EngineCompare": "Model 3",
    "LiveRefit": "36 of its rows",
    "ModelBuilder": "REML",
    "PoolingExplorer": "complete",
}
FOLDER = os.environ.get("HLMTEACH_SCREENSHOTS")

START = """
import hlmteach as hlm
shown = {}
def show(name, *args, **kwargs):
    shown[name] = getattr(hlm.widgets, name)(*args, **kwargs)
    return shown[name]
"""
ASK = """
import json
one = shown[{name!r}]
told = ([one.results, one.readout.values, one.stage.status] if hasattr(one, "readout")
        else [one.state, [], one.verdict])
print("told:", json.dumps(told))
"""
# Runs code in the notebook's kernel, beside its cells; returns what was printed after "told:".
ASK_KERNEL = """async (code) => {
    const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const future = kernel.requestExecute({ code, store_history: false });
    let text = "";
    future.onIOPub = ({ header, content }) => {
        if (header.msg_type === "stream") text += content.text;
        if (header.msg_type === "error") text += content.traceback.join("\\n");
    };
    await future.done;
    if (!text.startsWith("told:")) throw new Error(text);
    return JSON.parse(text.slice(5));
}"""
# Keeps what the kernel complains of, in whatever cell or callback.
LISTEN = """() => {
    window.complaints = [];
    const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    kernel.iopubMessage.connect((_, { header, content }) => {
        if (header.msg_type === "error") window.complaints.push(content.evalue);
        if (content.name === "stderr") window.complaints.push(content.text);
    });
}"""
WIDGET = "document.querySelectorAll('.jp-OutputArea-output .hlm-widget')"
BROKEN = "[...document.querySelectorAll('[data-mime-type=\"application/vnd.jupyter.error\"]')]"
TABLE = "[...one.querySelectorAll('.hlm-readout td')].map((cell) => cell.textContent).join('|')"
SHOWS = f"""([place, values, status]) => {{
    const one = {WIDGET}[place], said = one.querySelector(".stage-status, .hlm-verdict");
    return {TABLE} === values && said.textContent === status;
}}"""
# Letters, in pixels of the page, that are hard to read, and what is wider than its room.
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
        if (right > end && width > 2 && !node.closest("pre"))
            faults.push(`too wide: ${node.outerHTML.slice(0, 80)}`);
    }
    return faults;
}"""
SIZES = """(nodes) => nodes.map((node) => {
    const { width, height } = node.getBoundingClientRect();
    return width + height;
})"""
LAID_OUT = "document.querySelector('.jp-NotebookPanel').offsetWidth <= innerWidth"
FITTED = f"""() => {LAID_OUT} && [...{WIDGET}].every((one) => {{
    const body = one.querySelector(".hlm-body"), picture = one.querySelector(".stage-picture");
    return !picture || parseFloat(picture.parentNode.style.width) <= body.clientWidth + 8;
}})"""


class Gallery:
    """A notebook with a cell for each widget, open in JupyterLab."""

    def __init__(self, chromium, lab):
        cells = [f"show({name!r}, {ARGUMENTS.get(name, '')})" for name in NAMES]
        notebook = lab.write("every_widget.ipynb", START, *cells)
        self.lab = LabPage(chromium, lab, notebook, "light", {})
        self.page = self.lab.page
        self.page.set_default_timeout(PATIENCE)
        self.page.evaluate(LISTEN)
        self.page.wait_for_function(
            f"count => {BROKEN}.length || {WIDGET}.length >= count", arg=len(NAMES)
        )
        assert self.page.evaluate(f"{BROKEN}.map((one) => one.innerText)") == []
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        self.resize(1280, 900)

    def widget(self, name):
        return self.page.locator(".jp-OutputArea-output .hlm-widget").nth(NAMES.index(name))

    def ask(self, name):
        """What the kernel says of a widget: results, the table's values, the status."""
        return self.page.evaluate(ASK_KERNEL, ASK.format(name=name))

    def wait_for(self, name, values, status) -> None:
        """Wait until the page shows these numbers and this sentence."""
        told = [NAMES.index(name), "|".join(value for value in values if value), status]
        self.page.wait_for_function(SHOWS, arg=told)

    def resize(self, width, height) -> None:
        """Make the window another, and wait until every picture fits."""
        self.size = {"width": width, "height": height}
        self.page.set_viewport_size(self.size)
        self.page.wait_for_function(FITTED)

    def photograph(self, kind) -> None:
        """Write a picture of each widget into the folder that was asked for."""
        if not FOLDER:
            return
        Path(FOLDER).mkdir(parents=True, exist_ok=True)
        self.page.set_viewport_size(self.size | {"height": 2400})
        for name in NAMES:
            widget = self.widget(name)
            widget.evaluate("(node) => node.scrollIntoView()")
            widget.screenshot(path=str(Path(FOLDER, f"{name}-{kind}.png")))
        self.page.set_viewport_size(self.size)


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
    yield opened
    opened.lab.close()


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
    layers = widget.locator(".stage-layers")
    drawn = layers.locator("svg [data-name] > *, canvas").evaluate_all(SIZES)
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
    gallery.photograph("light")
    gallery.lab.command("apputils:change-theme", {"theme": "JupyterLab Dark"})
    gallery.page.wait_for_function("document.body.dataset.jpThemeLight === 'false'")
    found = {name: serious_faults(gallery, name) for name in NAMES}
    gallery.photograph("dark")
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
    gallery.photograph(kind)
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
    _, values, status = told()
    for place in (0, 1):
        page.wait_for_function(SHOWS, arg=[place, "|".join(filter(None, values)), status])
