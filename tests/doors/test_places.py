"""Lesson 07 in other places than JupyterLab: it runs whole, is drawn, and a slider moves it."""

import shutil
import subprocess

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import await_answer, watch_errors
from tests.conftest import free_port
from tests.doors.conftest import ROOT, Venv, clean_environment

pytestmark = [pytest.mark.doors, pytest.mark.browser]

LESSON = "07_random_intercept.ipynb"
TALL = {"width": 1100, "height": 10_000}  # every cell in view, so that it is drawn
WIDGET, SLIDER = "A random intercept, group by group", "before marriage, moved by"
PATIENCE = 240_000  # ms; a busy machine is no fault

RUN_ALL = """async () => {
  const app = window.jupyterapp, panel = app.shell.currentWidget;
  await panel.sessionContext.ready;
  await app.commands.execute("notebook:run-all-cells");
  return panel.content.model.toJSON().cells.flatMap((cell) => cell.outputs ?? [])
    .filter((output) => output.output_type === "error").map((output) => output.evalue);
}"""
# A page's new manager of widgets asks the kernel for old ones, and then puts up all widgets anew;
# those that are being put up meanwhile are lost. The kernel answers in turn.
RUN_ALL_CLASSIC = """async () => {
  const book = window.Jupyter.notebook, pause = () => new Promise((go) => setTimeout(go, 200));
  const answer = () => new Promise((go) => book.kernel.comm_info(null, go));
  for (let turn = 0; turn < 3; turn++) await answer().then(pause);
  book.execute_all_cells();
  do { await pause(); } while (book.get_cells().some((cell) => cell.input_prompt_number === "*"));
  return book.get_cells().flatMap((cell) => cell.output_area?.outputs ?? [])
    .filter((output) => output.output_type === "error").map((output) => output.evalue);
}"""
WHAT_FAILED = """() => [...document.querySelectorAll('[data-mime-type*="stderr"]')]
  .map((output) => output.textContent)"""
# How each is installed, started and addressed; a file that it serves as soon as it runs; when its
# page is ready; how it runs a notebook and says what failed.
PLACES = {
    "notebook 7": {
        "needs": ["notebook>=7"],
        "starts": ["notebook", "--JupyterNotebookApp.expose_app_in_browser=True"],
        "path": f"notebooks/{LESSON}",
        "serves": "api",
        "ready": "window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel",
        "run": RUN_ALL,
    },
    "classic, with ipywidgets 7.7.1": {
        "needs": ["notebook<7", "ipywidgets==7.7.1"],
        "starts": ["notebook"],
        "path": f"notebooks/{LESSON}",
        "serves": "api",
        # Of cells that run before the page has its manager of widgets, no widget is ever shown.
        "ready": "window.Jupyter?.notebook?.kernel?.widget_manager"
        " && Jupyter.notebook.kernel.is_connected()",
        "run": RUN_ALL_CLASSIC,
    },
    "voila": {
        "needs": ["voila", "ipykernel"],
        "starts": ["voila", LESSON],
        "path": "",
        "serves": "voila/static/voila.js",
        "ready": "document.readyState === 'complete'",
        "run": WHAT_FAILED,
    },
}


@pytest.fixture
def address(request, wheel, tmp_path):
    """The notebook's address in a place, which is installed and served for it."""
    place = PLACES[request.param]
    venv = Venv(tmp_path / "venv")
    venv.install("--no-compile", wheel, *place["needs"])  # most of it is never imported
    root, port = tmp_path / "root", free_port()
    root.mkdir()
    shutil.copy(ROOT / "lessons" / LESSON, root)
    command = [venv.python, "-m", *place["starts"], "--no-browser", f"--port={port}"]
    if "voila" not in place["starts"]:
        command += ["--allow-root", "--ServerApp.token=", "--NotebookApp.token="]
    with (tmp_path / "log").open("w") as log:
        env = clean_environment()
        server = subprocess.Popen(command, cwd=root, env=env, stdout=log, stderr=log)
    base = f"http://127.0.0.1:{port}/"
    await_answer(base + place["serves"])
    yield base + place["path"], place
    server.terminate()
    server.wait(60)
    shutil.rmtree(venv.folder)


@pytest.mark.parametrize("address", PLACES, indirect=True)
def test_lesson_07_in_a_place(address, chromium):
    address, place = address
    context = chromium.new_context(viewport=TALL)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(address)
    page.wait_for_function(f"() => Boolean({place['ready']})", timeout=PATIENCE)
    # From here on: as they load, with an empty notebook too, Notebook 7 stumbles over a setting,
    # the classic one asks for a font at about:blank, and Voila for style sheets of a CDN.
    errors = watch_errors(page)
    assert page.evaluate(place["run"]) == []
    widget = page.locator(".hlm-widget", has_text=WIDGET)
    numbers = widget.locator(".hlm-readout")
    numbers.wait_for()
    picture = widget.locator(".stage-picture")
    picture.locator('[data-name="window"] path').wait_for()
    page.locator(".hlm-ex").nth(3).wait_for()
    assert page.get_by_text("Write ex.answer =").count() == 0  # that is for where no card is shown
    before, drawn = numbers.text_content(), picture.inner_html()
    slider = widget.locator(".widget-hslider", has_text=SLIDER)
    slider.locator(".noUi-handle, .ui-slider-handle").focus()
    page.keyboard.press("PageUp")
    expect(numbers).not_to_have_text(before, timeout=PATIENCE)
    page.wait_for_function(
        "([picture, drawn]) => picture.innerHTML !== drawn", arg=[picture.element_handle(), drawn]
    )
    assert errors == []
    context.close()
