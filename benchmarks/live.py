"""A lesson live in a browser's Python, beside JupyterLab with this machine's own kernel.

    python benchmarks/live.py [--changes 30]

builds lesson 12 as a site with Pyodide's files of the tests (HLMTEACH_PYODIDE, or package
registries), opens it in a fresh profile that reaches nothing else, and prints: seconds from the
click to the first text, to the first slider that moves its numbers, and to the last cell; from a
key to the first frame that shows it (ms, median / p95); what was fetched, and the page's memory.
"""

import argparse
import functools
import http.server
import shutil
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import psutil
from _browser import WATCH
from _tests import TESTS, from_tests
from playwright.sync_api import sync_playwright

from hlmteach.course.site import write_site

ROOT = TESTS.parent
PATIENCE = 300_000  # ms
LESSON, SLIDER = "12_random_slopes", "before marriage, turned by"
WIDGET = ".hlm-widget:has(.hlm-readout)"
RUN = "() => window.jupyterapp.commands.execute('notebook:run-all-cells')"
LAB_IDLE = "() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel"


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files, and counts their bytes."""

    sent = 0

    def log_message(self, *_):
        """Say nothing."""

    def copyfile(self, source, outputfile):
        """Send a file."""
        Quiet.sent += Path(source.name).stat().st_size
        super().copyfile(source, outputfile)


def main() -> None:
    """Print both rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--changes", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        flags = from_tests("browser/conftest.py").CHROMIUM_FLAGS
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        address = site(Path(scratch))
        heads = ("where", "first text, s", "first slider, s", "last cell, s", "key, ms")
        print(f"| {' | '.join((*heads, 'MB fetched', 'memory, MB'))} |\n|{' --- |' * 7}")
        print(in_browser(browser, address, options.changes), flush=True)
        print(beside(browser, Path(scratch), options.changes))
        browser.close()


def site(scratch: Path) -> str:
    """Build and serve a site of one lesson; return its address."""
    (scratch / "lessons" / "source").mkdir(parents=True)
    for path in (ROOT / "lessons" / "source").glob(f"{LESSON[:2]}_*"):
        shutil.copy(path, scratch / "lessons" / "source")
    files = from_tests("browser/pyodide_files.py")
    release = files.pyodide_folder(ROOT / ".pytest_cache" / "d" / "hlmteach")
    write_site(scratch / "lessons", scratch / "site", release, progress=lambda _: None)
    for part in ("", "live/pyodide", "live/pypi", "live/build", "live/extensions"):
        print(f"{part or 'the whole site'}: {size(scratch / 'site' / part) / 1e6:.1f} MB")
    handler = functools.partial(Quiet, directory=str(scratch / "site"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def size(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def in_browser(browser, address: str, changes: int) -> str:
    """Open the live lesson, and measure."""
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}/{LESSON}.html")
    Quiet.sent, begun = 0, time.perf_counter()
    page.locator("a.live").first.click()
    frame = page.frame_locator("#lesson")
    frame.locator(".jp-RenderedMarkdown h1").first.wait_for()
    seconds = [time.perf_counter() - begun]
    seconds.append(first_move(page, frame) - begun)
    page.wait_for_function("() => document.getElementById('said').textContent.startsWith('Ready')")
    seconds.append(time.perf_counter() - begun)
    inner = next(one for one in page.frames if "notebooks" in one.url)
    line = row("browser's Python", seconds, keys(page, inner, changes), Quiet.sent)
    page.close()
    return line


def beside(browser, scratch: Path, changes: int) -> str:
    """The same in a JupyterLab, whose server runs already."""
    lab = from_tests("browser/conftest.py").Lab(scratch)
    shutil.copy(ROOT / "lessons" / f"{LESSON}.ipynb", lab.root)
    lab.wait()
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    begun = time.perf_counter()
    page.goto(lab.url(f"doc/tree/{LESSON}.ipynb"))
    page.locator(".jp-RenderedMarkdown h1").first.wait_for()
    seconds = [time.perf_counter() - begun]
    page.wait_for_function(LAB_IDLE)
    page.evaluate(f"() => {{ window.whole = ({RUN})(); }}")
    seconds.append(first_move(page, page) - begun)
    page.evaluate("() => window.whole")
    seconds.append(time.perf_counter() - begun)
    line = row("JupyterLab", seconds, keys(page, page.main_frame, changes), None)
    lab.stop()
    return line


def first_move(page, place) -> float:
    """Press a key until the numbers move; return when they did."""
    widget = place.locator(WIDGET).first
    slider = widget.locator(".widget-hslider", has_text=SLIDER)
    handle, numbers = slider.locator(".noUi-handle"), widget.locator(".hlm-readout")
    numbers.wait_for()
    before = numbers.text_content()
    handle.focus()
    while numbers.text_content() == before:
        page.keyboard.press("PageUp")
        page.wait_for_timeout(50)
    return time.perf_counter()


def keys(page, frame, changes: int) -> list[float]:
    """From each key to the first frame that shows it, in ms."""
    frame.evaluate(WATCH, [f"{WIDGET} .hlm-picture", ""])
    frame.locator(".widget-hslider", has_text=SLIDER).locator(".noUi-handle").focus()
    delays = []
    for number in range(changes):
        frame.evaluate("() => { watch.frames.length = watch.keys.length = 0; }")
        page.keyboard.press("PageDown" if number % 2 else "PageUp")
        frame.evaluate("() => watch.settled(320, 5000)")
        frames, pressed = frame.evaluate("() => [watch.frames, watch.keys]")
        delays += [frames[0] - pressed[0]] if frames and pressed else []
    return delays


def row(where: str, seconds, delays, sent) -> str:
    """One row of the table."""
    median, slow = np.median(delays), np.percentile(delays, 95)
    fetched = "" if sent is None else f"{sent / 1e6:.1f}"
    times = " | ".join(f"{one:.1f}" for one in seconds)
    return f"| {where} | {times} | {median:.0f} / {slow:.0f} | {fetched} | {memory():.0f} |"


def memory() -> float:
    """MB of the largest of the browser's pages, its Python with it."""
    pages = [one for one in psutil.process_iter(["cmdline"]) if is_page(one)]
    return max(one.memory_info().rss for one in pages) / 1e6


def is_page(process) -> bool:
    """Whether a process draws a page of the Chromium that was started here."""
    mine = {child.pid for child in psutil.Process().children(recursive=True)}
    return process.pid in mine and "--type=renderer" in (process.info["cmdline"] or ())


if __name__ == "__main__":
    main()
