"""A real browser, and a real JupyterLab for it.

Fixtures
--------
chromium_path
    Path of a Chromium; one is installed when there is none. It never skips silently.
chromium
    A running headless Chromium (a Playwright ``Browser``), one for the whole session.
page
    A fresh page with its own profile; errors in its console fail the test.
lab
    A JupyterLab server on a free port: ``lab.root`` is its folder, ``lab.url(path)`` an address,
    ``lab.write(name, *cells)`` makes a notebook.
lab_page
    ``lab_page(notebook, theme="light", **context)`` opens a notebook (a path below ``lab.root``),
    runs all its cells (not with ``run=False``) and returns a `LabPage`; closed, and its kernel
    shut, after the test.
    ``lab_page.write`` is ``lab.write``. Context options are those of Playwright's
    ``Browser.new_context``, such as ``viewport={"width": 360, "height": 800}``.
show_cells
    ``show_cells(*cells)`` runs these cells in a notebook of which page and kernel are shared with
    other tests: to open one of its own takes seconds. Returns its `LabPage`.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import MappingProxyType

import nbformat
import pytest
from playwright.sync_api import sync_playwright

from tests.conftest import free_port

CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 240_000  # ms; a busy machine is no fault
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Notes of the browser's own, and of JupyterLab's, that no notebook causes; the last one is what
# JupyterLite's kernel says, which is installed to build the site, in a JupyterLab.
NOT_OURS = ("favicon", "ResizeObserver loop", "apple-mobile-web-app", "@jupyterlite/server")


@pytest.fixture(scope="session")
def chromium_path() -> str:
    path = find_chromium() or _install_chromium()
    if path is None:
        pytest.fail(
            "no Chromium found, and none could be installed. Install Debian's `chromium`, or run "
            "`python -m playwright install chromium`, and test again."
        )
    return path


@pytest.fixture(scope="session")
def chromium(chromium_path):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium):
    context = chromium.new_context(viewport={"width": 1000, "height": 800})
    page = context.new_page()
    errors = watch_errors(page)
    yield page
    context.close()
    assert errors == [], "the page's console shows errors"


@pytest.fixture(scope="session")
def lab(tmp_path_factory, warm):
    lab = Lab(tmp_path_factory.mktemp("lab"), "warm", {"JUPYTER_PATH": str(warm / "warm")})
    try:
        lab.wait()
        yield lab
    finally:
        lab.stop()


@pytest.fixture
def lab_page(chromium, lab):
    opened = []

    def open_notebook(notebook, theme="light", run=True, **context_options):
        opened.append(LabPage(chromium, lab, notebook, theme, context_options, run=run))
        return opened[-1]

    open_notebook.write = lab.write
    yield open_notebook
    for one in opened:
        one.close()


@pytest.fixture(scope="session")
def shared_page(chromium, lab):
    opened = LabPage(chromium, lab, lab.write("shared.ipynb", "pass"), "light", {})
    yield opened
    opened.close()


@pytest.fixture
def show_cells(shared_page):
    return shared_page.show


class Lab:
    """A JupyterLab server of its own: its settings, workspaces and kernels are nobody else's."""

    def __init__(self, folder: Path, kernel="python3", environment=MappingProxyType({})):
        self.root = folder / "root"
        self.root.mkdir()
        self.kernel = kernel  # of notebooks that are written here
        self.port, self.token = free_port(), secrets.token_hex(16)
        self.port_shown = self.port  # a benchmark puts a slow relay between
        self.settings = {**_own_settings(folder), **environment}
        self._log = (folder / "server.log").open("w+")
        self._server = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
                *(f"--port={self.port}", "--ServerApp.port_retries=0"),
                *(f"--IdentityProvider.token={self.token}", f"--ServerApp.root_dir={self.root}"),
                *("--LabApp.expose_app_in_browser=True", "--LabApp.news_url=None"),
            ],
            env=self.settings,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    @property
    def server_pid(self) -> int:
        return self._server.pid

    @property
    def log(self) -> str:
        """What the server, and the kernels' own logs, said so far."""
        return Path(self._log.name).read_text(encoding="utf-8", errors="replace")

    @property
    def tracebacks(self) -> list[str]:
        """Those in the log, but for the server's own when a page left while it was written to."""
        _, *found = self.log.split("Traceback (most recent call last):")
        return [one for one in found if not re.search(r"^\s*tornado\.\w+\.\w+Closed", one, re.M)]

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port_shown}/{path}?token={self.token}"

    def write(self, name: str, *cells: str) -> str:
        """A notebook of these code cells in the server's folder; returns its name."""
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": {"name": self.kernel, "display_name": "Python 3"}},
        )
        nbformat.write(notebook, self.root / name)
        return name

    def wait(self, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and self._server.poll() is None:
            try:
                self._get("api/status")
                return
            except OSError:
                time.sleep(0.2)
        self._log.seek(0)
        pytest.fail(f"JupyterLab did not start:\n{self._log.read()[-4000:]}")

    def shut_kernel(self, notebook: str) -> None:
        """End a notebook's kernel, if it has one."""
        for session in self._get("api/sessions"):
            if session["path"] == notebook:
                self._get(f"api/sessions/{session['id']}", "DELETE")

    def stop(self) -> None:
        self._server.terminate()
        try:
            self._server.wait(20)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()
        self._log.close()

    def _get(self, path, method="GET"):
        request = urllib.request.Request(self.url(path), method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None


ADD_CELL = """async (code) => {
    const notebook = jupyterapp.shell.currentWidget.content;
    notebook.activeCellIndex = notebook.widgets.length - 1;
    await jupyterapp.commands.execute("notebook:insert-cell-below");
    notebook.activeCell.model.sharedModel.setSource(code);
    await jupyterapp.commands.execute("notebook:run-cell");
}"""


SET_CELLS = """(sources) => {
    const shared = jupyterapp.shell.currentWidget.content.model.sharedModel;
    const cells = sources.map((source) => ({ cell_type: "code", source, metadata: {} }));
    shared.transact(() => {
        shared.deleteCellRange(0, shared.cells.length);
        shared.insertCells(0, cells);
    });
}"""


TURN = """async (path) => {
    const old = jupyterapp.shell.currentWidget;
    await jupyterapp.commands.execute("docmanager:open", { path });
    old.dispose();
}"""


class LabPage:
    """A notebook, open in JupyterLab, with its cells run.

    Attributes
    ----------
    page : playwright.sync_api.Page
    errors : list of str
        The console's errors and the page's exceptions so far.
    websockets : list of playwright.sync_api.WebSocket
    """

    def __init__(self, chromium, lab, notebook, theme, context_options, mode="doc", run=True):
        self._lab, self.name = lab, notebook
        options = {"viewport": {"width": 1100, "height": 900}} | context_options
        self._context = chromium.new_context(**options)
        self.page = self._context.new_page()
        self.errors = watch_errors(self.page)
        self.websockets = []
        self.page.on("websocket", lambda one: self.websockets.append(one))
        # A workspace of its own: JupyterLab opens again what another page left open in the same.
        space = f"/workspaces/{secrets.token_hex(8)}" if mode == "lab" else ""
        self.page.goto(lab.url(f"{mode}{space}/tree/{notebook}"))
        self._wait_for_kernel()
        self.command("apputils:change-theme", {"theme": f"JupyterLab {theme.title()}"})
        light = json.dumps(theme != "dark")
        self._wait_for(f"document.body.dataset.jpThemeLight === '{light}'")
        if run:
            self.run()

    def run(self) -> None:
        """Run all cells and wait until the kernel is idle again."""
        self.command("notebook:run-all-cells")
        self._wait_for(
            "jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'"
        )

    def show(self, *cells: str) -> LabPage:
        """Put these cells in place of all that there are, and run them."""
        self.page.evaluate(SET_CELLS, list(cells))
        self.errors.clear()
        self.run()
        return self

    def turn_to(self, notebook: str) -> LabPage:
        """Open another notebook in this one's place, with a kernel of its own, and run it."""
        self.page.evaluate(TURN, notebook)
        self._lab.shut_kernel(self.name)
        self.name = notebook
        self._wait_for_kernel()
        self.errors.clear()
        self.run()
        return self

    def command(self, name: str, arguments: dict | None = None) -> None:
        """Run one of JupyterLab's commands and wait for its end."""
        self.page.evaluate(
            "async ([name, args]) => { await window.jupyterapp.commands.execute(name, args); }",
            [name, arguments or {}],
        )

    def add_cell(self, code: str) -> None:
        """Run code in a new cell at the end, and wait for it."""
        self.page.evaluate(ADD_CELL, code)

    def saved(self) -> nbformat.NotebookNode:
        """The notebook as JupyterLab saves it now."""
        self.command("docmanager:save")
        path = self.page.evaluate("jupyterapp.shell.currentWidget.context.path")
        return nbformat.read(self._lab.root / path, as_version=4)

    def close(self) -> None:
        self._context.close()
        self._lab.shut_kernel(self.name)

    def _wait_for_kernel(self):
        here = "window.jupyterapp?.shell?.currentWidget"
        mine = f"{here}?.context?.path === {json.dumps(self.name)}"
        self._wait_for(f"{mine} && {here}.sessionContext?.session?.kernel")

    def _wait_for(self, script):
        self.page.wait_for_function(f"() => Boolean({script})", timeout=PATIENCE)


def watch_errors(page) -> list[str]:
    """A list that fills with what goes wrong on a page."""
    errors: list[str] = []

    def note(text):
        if not any(word in text for word in NOT_OURS):
            errors.append(text)

    page.on("console", lambda message: note(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: note(str(error)))
    return errors


def find_chromium() -> str | None:
    """Path of a Chromium of the machine's, or of Playwright's."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or _playwrights_chromium()


def _playwrights_chromium() -> str | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _install_chromium() -> str | None:
    """Debian's package where we may, else Playwright's own."""
    if os.name == "posix" and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-q"], check=False)
        subprocess.run(["apt-get", "install", "-q", "-y", "chromium"], check=False)
    if (path := find_chromium()) is not None:
        return path
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    return find_chromium()


def await_answer(url: str, seconds: float = 60) -> None:
    """Wait until a server answers."""
    end = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(url, timeout=seconds).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},  # cells out of sight stay in the page
}


def _own_settings(folder: Path) -> dict:
    for name, values in SETTINGS.items():
        file = folder / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))
    own = {
        "JUPYTERLAB_SETTINGS_DIR": folder / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": folder / "workspaces",
        "JUPYTER_CONFIG_DIR": folder / "config",
        "JUPYTER_RUNTIME_DIR": folder / "runtime",
        "IPYTHONDIR": folder / "ipython",
    }
    python_path = os.pathsep.join(
        [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    )
    return {
        **os.environ,
        **{name: str(path) for name, path in own.items()},
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONPATH": python_path.rstrip(os.pathsep),
    }
