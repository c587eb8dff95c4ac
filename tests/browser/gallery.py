"""A notebook with a cell for each widget, in JupyterLab: for tests and the contact sheet."""

import subprocess
import sys
import time

from hlmteach import widgets
from hlmteach.widgets import HOMES
from tests.browser.conftest import PATIENCE, LabPage, await_answer
from tests.conftest import free_port

NAMES = sorted(HOMES)
ARGUMENTS = {"Predict": "'How large is the slope of NPD?', answer=0.12, low=-1, high=1, digits=2"}

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
FROM = """
import json
one = shown[{name!r}]
one.start_from({preset!r})
one.settle()
print("told:", json.dumps([one.readout.values, one.stage.status]))
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
MEASURE = """(root) => {
    const folded = (node) => node.closest("details:not([open])");
    const seen = (node) => node.checkVisibility({ visibilityProperty: true }) && !folded(node);
    const kinds = ".widget-inline-hbox, .widget-toggle-buttons, .widget-checkbox, " +
        ".widget-select-multiple";
    const buttons = ".jupyter-button:not(.widget-toggle-button)";
    const inside = [".hlm-tools", ".hlm-stream", ".hlm-row", ".hlm-controls"];
    const all = inside.flatMap((box) => [...root.querySelectorAll(box)].flatMap((one) =>
        [...one.querySelectorAll(`${kinds}, ${buttons}`)]))
        .filter((node) => seen(node) && !node.parentElement.closest(kinds));
    const top = (root.querySelector(".hlm-title") ?? root).getBoundingClientRect().top;
    const rows = {};
    for (const box of root.querySelectorAll(inside.join()))
        for (const node of all.filter((one) => box.contains(one)))
            (rows[Math.round(node.getBoundingClientRect().bottom)] ||= [])
                .push(node.textContent.trim().slice(0, 30));
    const ends = all.map((node) => node.getBoundingClientRect());
    return {
        height: Math.round(Math.max(...ends.map((box) => box.bottom)) - top),
        whole: Math.round(root.getBoundingClientRect().height),
        width: Math.round(root.getBoundingClientRect().width),
        picture: [...root.querySelectorAll(".stage-picture")]
            .map((one) => [one.offsetWidth, one.offsetHeight]),
        controls: all.filter((node) => !node.closest(".hlm-stream")).length,
        numbers: [...root.querySelectorAll(".hlm-readout td")].filter(seen).length,
        reach: ["right", "bottom"].map((end) =>
            Math.round(Math.max(...ends.map((box) => box[end])))),
        rows: Object.values(rows),
    };
}"""
LAID_OUT = "document.querySelector('.jp-NotebookPanel').offsetWidth <= innerWidth"
FITTED = f"""() => {LAID_OUT} && [...{WIDGET}].every((one) => {{
    const body = one.querySelector(".hlm-picture"), picture = one.querySelector(".stage-picture");
    return !picture || parseFloat(picture.parentNode.style.width) <= body.clientWidth + 8;
}})"""


class Gallery:
    """A notebook with a cell for each widget, open in JupyterLab beside its list of files."""

    def __init__(self, chromium, lab, names=NAMES, theme="light"):
        self.names = list(names)
        cells = [f"show({name!r}, {ARGUMENTS.get(name, '')})" for name in self.names]
        notebook = lab.write("every_widget.ipynb", START, *cells)
        size = {"viewport": {"width": 1280, "height": 800}}
        self.lab = LabPage(chromium, lab, notebook, theme, size, mode="lab")
        self.page = self.lab.page
        self.page.set_default_timeout(PATIENCE)
        self.page.evaluate(LISTEN)
        self.page.wait_for_function(
            f"count => {BROKEN}.length || {WIDGET}.length >= count", arg=len(self.names)
        )
        assert self.page.evaluate(f"{BROKEN}.map((one) => one.innerText)") == []
        self.resize(1280, 800)

    def widget(self, name):
        """The widget on the page."""
        return self.page.locator(".jp-OutputArea-output .hlm-widget").nth(self.names.index(name))

    def ask(self, name):
        """What the kernel says of a widget: results, the table's values, the status."""
        return self.page.evaluate(ASK_KERNEL, ASK.format(name=name))

    def wait_for(self, name, values, status) -> None:
        """Wait until the page shows these numbers and this sentence."""
        told = [self.names.index(name), "|".join(value for value in values if value), status]
        self.page.wait_for_function(SHOWS, arg=told)

    def start_from(self, name, preset) -> None:
        """Let a widget begin with a preset, and wait until it has settled."""
        told = self.page.evaluate(ASK_KERNEL, FROM.format(name=name, preset=preset))
        self.wait_for(name, *told)
        self.page.wait_for_function(FITTED)

    def finish(self, name) -> None:
        """Tell a widget's story to its end."""
        ends = self.widget(name).get_by_role("button", name="To the end")
        for end in ends.all():
            if end.is_visible():
                end.click()

    def resize(self, width, height) -> None:
        """Make the window another, the list of files where there is room; wait for pictures."""
        self.size = {"width": width, "height": height}
        self.page.evaluate(f"jupyterapp.shell.{'expand' if width > 1000 else 'collapse'}Left()")
        self.page.set_viewport_size(self.size)
        self.page.wait_for_function(FITTED)

    def measure(self, name) -> dict:
        """How high a widget is from title to last control, and its controls row by row."""
        return self.widget(name).evaluate(MEASURE)

    def photograph(self, name, path) -> None:
        """Write a picture of a widget as it stands."""
        widget = self.widget(name)
        top = None
        while top != (top := widget.bounding_box()["y"]):  # what stands above is laid out late
            widget.evaluate("(node) => node.scrollIntoView()")
            self.page.wait_for_timeout(500)
        if widget.bounding_box()["height"] > self.size["height"] - 112:  # JupyterLab's own bars
            self.page.set_viewport_size(self.size | {"height": 2400})
            self.page.wait_for_timeout(900)  # pictures are laid out for another height, and back
        widget.screenshot(path=str(path))
        if self.page.viewport_size != self.size:
            self.page.set_viewport_size(self.size)
            self.page.wait_for_timeout(900)

    def close(self) -> None:
        """Close the notebook and shut its kernel."""
        self.lab.close()


def presets_of(name) -> list[str]:
    """The presets of a widget; a question has none."""
    return list(getattr(getattr(widgets, name), "presets", ()))


SWITCH = """
import ipywidgets as ipw
import hlmteach as hlm
place, asked, told = ipw.VBox(), ipw.Text(continuous_update=False), ipw.HTML()
asked.add_class("asked")
told.add_class("told")
def show(change):
    name, _, preset = change["new"].partition("|")
    old, place.children = place.children, ()
    for one in old:
        one.close()
    place.children = (getattr(hlm.widgets, name)(preset or None, present=True),)
    told.value = change["new"]
asked.observe(show, "value")
asked.layout.width = told.layout.height = "0"
ipw.VBox([place, ipw.HBox([asked, told], layout={"height": "0", "overflow": "hidden"})])
"""


class Projector:
    """A page of Voila's that shows one widget after the other as `hlmteach present` does."""

    def __init__(self, chromium, lab, size=(1280, 720)):
        notebook = lab.write("projector.ipynb", SWITCH)
        port = free_port()
        self._server = subprocess.Popen(
            [
                *(sys.executable, "-m", "voila", str(lab.root / notebook)),
                *("--no-browser", f"--port={port}", "--strip_sources=True"),
            ],
            env=lab.settings,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._context = chromium.new_context(viewport={"width": size[0], "height": size[1]})
        self.page = self._context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.route(lambda url: "127.0.0.1" not in url, lambda route: route.abort())
        url = f"http://127.0.0.1:{port}/"
        await_answer(url)
        self.page.goto(url)
        self.page.locator(".asked input").wait_for(state="attached")

    def widget(self, _name):
        """The widget on the page."""
        return self.page.locator(".hlm-widget")

    def start_from(self, name, preset) -> None:
        """Show a widget, as large as the window lets it be."""
        field = self.page.locator(".asked input")
        field.fill(f"{name}|{preset}", force=True)
        field.press("Enter")
        self.page.locator(".told", has_text=f"{name}|{preset}").wait_for(state="attached")
        self.page.locator(".hlm-widget .stage-layers svg").first.wait_for()
        self._lay_out(name)
        Gallery.finish(self, name)

    def resize(self, name, width, height) -> None:
        """Make the window another."""
        self.page.set_viewport_size({"width": width, "height": height})
        self._lay_out(name)

    def _lay_out(self, name, seconds=20) -> None:
        """Wait for a picture to find its size; `measure` tells of one that finds none."""
        size, end = self.page.viewport_size, time.monotonic() + seconds
        self.page.wait_for_timeout(900)  # the room is told at most three times, 0.15 s apart
        while time.monotonic() < end:
            right, bottom = self.measure(name)["reach"]
            if right <= size["width"] and bottom <= size["height"]:
                return
            self.page.wait_for_timeout(300)  # a busy kernel takes longer

    def measure(self, name) -> dict:
        """As `Gallery.measure`."""
        return self.widget(name).evaluate(MEASURE)

    def photograph(self, _name, path) -> None:
        """Write a picture of the window as it stands."""
        self.page.wait_for_timeout(300)
        self.page.screenshot(path=str(path))

    def close(self) -> None:
        """End the server and its kernel."""
        self._context.close()
        self._server.terminate()
        self._server.wait(20)
