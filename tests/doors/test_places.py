"""Lesson 07 in other places than JupyterLab: it runs whole, is drawn, and a slider moves it."""

import contextlib
import shutil
import subprocess
import urllib.error

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
RUN_ALL_CLASSIC = """async () => {
  const book = window.Jupyter.notebook, pause = () => new Promise((go) => setTimeout(go, 200));
  book.execute_all_cells();
  do { await pause(); } while (book.get_cells().some((cell) => cell.input_prompt_number === "*"));
  return book.get_cells().flatMap((cell) => cell.output_area?.outputs ?? [])
    .filter((output) => output.output_type === "error").map((output) => output.evalue);
}"""
# How each is installed, started and addressed; when it is ready; how it runs a notebook.
PLACES = {
    "notebook 7": {
        "needs": ["notebook>=7"],
        "starts": ["notebook", "--JupyterNotebookApp.expose_app_in_browser=True"],
        "path": "notebooks/",
        "ready": "window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel",
        "run": RUN_ALL,
    },
    "classic, with ipywidgets 7.7.1": {
        "needs": ["notebook<7", "ipywidgets==7.7.1"],
        "starts": ["notebook"],
        "path": "notebooks/",
        "ready": "window.Jupyter?.notebook?.kernel?.is_connected?.()",
        "run": RUN_ALL_CLASSIC,
    },
    "voila": {
        "needs": ["voila"],
        "starts": ["voila"],
        "path": "voila/render/",
        "ready": "document.querySelector('.hlm-ex')",
        "run": "() => []",
    },
}


@pytest.fixture
def address(request, wheel, tmp_path):
    """The notebook's address in a place, which is installed and served for it."""
    place = PLACES[request.param]
    venv = Venv(tmp_path / "venv")
    venv.install(wheel, *place["needs"])
    root, port = tmp_path / "root", free_port()
    root.mkdir()
    shutil.copy(ROOT / "lessons" / LESSON, root)
    command = [venv.python, "-m", *place["starts"], "--no-browser", f"--port={port}"]
    if place["starts"] != ["voila"]:
        command += ["--allow-root", "--ServerApp.token=", "--NotebookApp.token="]
    with (tmp_path / "log").open("w") as log:
        env = clean_environment()
        server = subprocess.Popen(command, cwd=root, env=env, stdout=log, stderr=log)
    base = f"http://127.0.0.1:{port}/"
    with contextlib.suppress(urllib.error.HTTPError):  # that is an answer too
        await_answer(f"{base}static/favicon.ico")
    yield f"{base}{place['path']}{LESSON}", place
    server.terminate()
    server.wait(60)
    shutil.rmtree(venv.folder)


@pytest.mark.parametrize("address", PLACES, indirect=True)
def test_lesson_07_in_a_place(address, chromium):
    address, place = address
    context = chromium.new_context(viewport=TALL)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    errors = watch_errors(page)
    page.goto(address)
    page.wait_for_function(f"() => Boolean({place['ready']})", timeout=PATIENCE)
    assert page.evaluate(place["run"]) == []
    widget = page.locator(".hlm-widget", has_text=WIDGET)
    numbers = widget.locator(".hlm-readout")
    numbers.wait_for()
    page.wait_for_function(
        """() => [...document.querySelectorAll(".hlm-widget canvas")].some((one) =>
          one.getContext("2d").getImageData(0, 0, one.width, one.height).data.some(Boolean))"""
    )
    assert page.locator(".hlm-ex").count() >= 4
    before = numbers.text_content()
    slider = widget.locator(".widget-hslider", has_text=SLIDER)
    slider.locator(".noUi-handle, .ui-slider-handle").focus()
    page.keyboard.press("PageUp")
    expect(numbers).not_to_have_text(before, timeout=PATIENCE)
    assert errors == []
    context.close()
