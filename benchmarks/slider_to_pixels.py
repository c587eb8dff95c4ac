"""From a key on a slider to settled pixels: Stage beside what notebooks usually do, in one run.

Each way shows the same picture in a real JupyterLab: 2,681 points and, over them, five fitted lines
and a band that a slider moves. Headless Chromium presses keys and drags the slider; frames are
stamped when they have been painted. "100 ms" is the same through a TCP relay that adds 100 ms.

    python benchmarks/slider_to_pixels.py [--changes 40] [--ways "stage;inline"] [--local]

The table's columns: first frame that shows a move, and last frame of the move, in ms after the key
(median / p95); painted frames a second while the slider is dragged; KiB received and ms of kernel
time a change (an idle kernel's own time taken off). Below it: the animation's frames. A key that
moves nothing must record nothing.
"""

from __future__ import annotations

import argparse
import importlib.util
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

LAB_HELPERS = Path(__file__).parents[1] / "tests" / "browser" / "conftest.py"
DELAY = 0.05  # seconds, each way
PAUSE = 700  # ms between keys, so that each change is settled before the next

DATA = """
import numpy as np, ipywidgets
rng = np.random.default_rng(1)
x = rng.uniform(0, 10, 2681)
group = rng.integers(0, 5, 2681)
y = 3 + 0.4 * x + group * 0.5 + rng.normal(0, 1.5, 2681)
grid, ends = np.linspace(0, 10, 60), np.array([0, 10])

def fit(shift):
    lines = []
    for g in range(5):
        mine = group == g
        lines.append(np.polyfit(x[mine], y[mine] + shift * (x[mine] - 5) / 20, 1))
    return lines

def edges(line):
    middle = np.polyval(line, grid)
    return grid, middle - 0.5 - 0.1 * abs(grid - 5), middle + 0.5 + 0.1 * abs(grid - 5)

def draw(axes):
    axes.set(xlim=(0, 10), ylim=(-2, 12), xlabel="x", ylabel="y")
    axes.scatter(x, y, s=9, alpha=0.4, color="0.5")
    lines = [axes.plot(ends, np.polyval(line, ends))[0] for line in fit(0)]
    return lines, axes.fill_between(*edges(fit(0)[0]), alpha=0.3)

def move(lines, band, shift):
    fits = fit(shift)
    for line, one in zip(lines, fits):
        line.set_ydata(np.polyval(one, ends))
    band.set_data(*edges(fits[0]))
"""

STAGE = """
from matplotlib.figure import Figure
from hlmteach.stage import Stage
figure = Figure(figsize=(6.4, 4.8))
lines, band = draw(figure.subplots())
stage = Stage(figure, {"lines": lines, "band": band}, alt="Lines through points.")
slider = ipywidgets.IntSlider(0, 0, 100, description="shift")
def on_shift(change):
    move(lines, band, slider.value)
    stage.sync()
slider.observe(on_shift, "value")
def steps():
    for k in range(0, 100, 10):
        move(lines, band, k)
        yield f"shift {k}"
stage.animate(steps(), seconds=0.4)
display(slider, stage)
"""

INLINE = """
%matplotlib inline
import matplotlib.pyplot as plt
@ipywidgets.interact(shift=ipywidgets.IntSlider(0, 0, 100))
def show(shift):
    figure, axes = plt.subplots(figsize=(6.4, 4.8))
    move(*draw(axes), shift)
    plt.show()
"""

IPYMPL = """
%matplotlib ipympl
import matplotlib.pyplot as plt
with plt.ioff():
    figure, axes = plt.subplots(figsize=(6.4, 4.8))
lines, band = draw(axes)
slider = ipywidgets.IntSlider(0, 0, 100, description="shift")
def on_shift(change):
    move(lines, band, slider.value)
    figure.canvas.draw_idle()
slider.observe(on_shift, "value")
display(slider, figure.canvas)
"""

BLITTED = """
%matplotlib ipympl
import matplotlib.pyplot as plt
with plt.ioff():
    figure, axes = plt.subplots(figsize=(6.4, 4.8))
lines, band = draw(axes)
for artist in [*lines, band]:
    artist.set_animated(True)
slider = ipywidgets.IntSlider(0, 0, 100, description="shift")
def on_shift(change):
    canvas = figure.canvas
    if not hasattr(canvas, "still"):
        canvas.draw()
        canvas.still = canvas.copy_from_bbox(figure.bbox)
    canvas.restore_region(canvas.still)
    move(lines, band, slider.value)
    for artist in [band, *lines]:
        axes.draw_artist(artist)
    canvas.blit(figure.bbox)
slider.observe(on_shift, "value")
display(slider, figure.canvas)
"""

WAYS = {  # name: the notebook's cell, what of the page is the picture
    "stage": (STAGE, ".stage-picture"),
    "inline": (INLINE, ".widget-interact .widget-output"),
    "ipympl": (IPYMPL, ".jupyter-matplotlib-canvas-container"),
    "ipympl, blitted": (BLITTED, ".jupyter-matplotlib-canvas-container"),
}

# Marks the picture as changed, and notes when the frame that shows the change has been painted.
WATCH = """(selector) => {
    const picture = document.querySelector(selector);
    const watch = (window.watch = { frames: [], keys: [], all: 0 });
    let changed = false;
    const mark = () => { changed = true; };
    const what = { subtree: true, childList: true, attributes: true, characterData: true };
    new MutationObserver(mark).observe(picture, what);
    picture.addEventListener("load", mark, true);
    const pens = CanvasRenderingContext2D.prototype;
    for (const name of ["drawImage", "putImageData"]) {
        const original = pens[name];
        pens[name] = function (...args) {
            if (picture.contains(this.canvas)) mark();
            return original.apply(this, args);
        };
    }
    addEventListener("keydown", (event) => watch.keys.push(event.timeStamp), true);
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
        watch.all += 1;
        if (!changed) return;
        changed = false;
        watch.frames.push(performance.now());
    };
    const loop = () => { channel.port2.postMessage(0); requestAnimationFrame(loop); };
    requestAnimationFrame(loop);
}"""


def main():
    options = read_options()
    lab_tools = load_lab_tools()
    rows = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        lab = lab_tools.Lab(Path(folder))
        relay = Relay(lab.port)
        browser = playwright.chromium.launch(
            executable_path=lab_tools.find_chromium(), args=lab_tools.CHROMIUM_FLAGS
        )
        try:
            lab.wait()
            for name in options.ways:
                for place, port in places(lab, relay, options.local):
                    lab.port_shown = port
                    rows.append(measure(lab_tools, browser, lab, name, place, options.changes))
                    print(line(rows[-1]), flush=True)
        finally:
            browser.close()
            lab.stop()
            relay.stop()
    print_films(rows)


def measure(lab_tools, browser, lab, name, place, changes):
    cell, selector = WAYS[name]
    notebook = lab.write(f"{name.split(',')[0]}{len(name)}.ipynb", DATA, cell)
    opened = lab_tools.LabPage(browser, lab, notebook, "light", {})
    try:
        page = opened.page
        page.locator(selector).first.scroll_into_view_if_needed()
        page.wait_for_timeout(1500)
        traffic = Traffic(opened.websockets)
        page.evaluate(WATCH, selector)
        kernel = Kernel(lab.server_pid)
        handle = page.locator(".noUi-handle").first
        handle.focus()
        idle = check_control(page, kernel)
        before = traffic.received, kernel.seconds()
        first, last = press_keys(page, handle, changes)
        after = traffic.received, kernel.seconds()
        return {
            "way": name,
            "place": place,
            "first": first,
            "last": last,
            "kib": (after[0] - before[0]) / changes / 1024,
            "kernel": 1000 * ((after[1] - before[1]) / changes - idle),
            "drag": drag(page, handle),
            "film": play(page, traffic) if name == "stage" else None,
        }
    finally:
        opened.close()


def check_control(page, kernel):
    """See that a key that moves nothing records nothing; return what the kernel takes meanwhile."""
    reset(page)
    before = kernel.seconds()
    for _ in range(3):
        page.keyboard.press("q")
        page.wait_for_timeout(PAUSE)
    frames, keys = page.evaluate("[watch.frames.length, watch.keys.length]")
    assert keys == 3
    assert frames == 0, f"a key that moves nothing recorded {frames} frames"
    return (kernel.seconds() - before) / 3


def press_keys(page, handle, changes):
    """Ms from each key to the first and to the last frame that shows its change."""
    first, last = [], []
    value = handle.get_attribute("aria-valuenow")
    for _ in range(changes):
        reset(page)
        page.keyboard.press("ArrowRight")
        page.wait_for_function("watch.frames.length > 0", timeout=5000)
        page.wait_for_timeout(PAUSE)
        assert handle.get_attribute("aria-valuenow") != value, "the slider did not move"
        value = handle.get_attribute("aria-valuenow")
        key, frames = page.evaluate("[watch.keys[0], watch.frames]")
        first.append(frames[0] - key)
        last.append(frames[-1] - key)
    return first, last


def drag(page, handle):
    """Painted frames a second that show a change, while the pointer drags the slider."""
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.wait_for_timeout(200)
    reset(page)
    start = time.perf_counter()
    for step in range(180):
        page.mouse.move(x + 25 * np.sin(step / 12), y)
        time.sleep(max(0, start + step / 60 - time.perf_counter()))
    seconds = time.perf_counter() - start
    frames = page.evaluate("watch.frames.length")
    page.mouse.up()
    return frames / seconds


def play(page, traffic):
    """Gaps between the animation's frames, and the bytes it fetched."""
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(500)
    reset(page)
    received = traffic.received
    page.wait_for_timeout(2500)
    frames = page.evaluate("watch.frames")
    return np.diff(frames), traffic.received - received


def reset(page):
    page.evaluate("() => { watch.frames = []; watch.keys = []; }")


def places(lab, relay, only_local):
    yield "local", lab.port
    if not only_local:
        yield "100 ms", relay.port


def line(row):
    def two(values):
        return f"{np.median(values):5.0f} /{np.percentile(values, 95):4.0f}"

    return (
        f"{row['way']:16} {row['place']:7} {two(row['first'])} {two(row['last'])} "
        f"{row['drag']:8.0f} {row['kib']:8.1f} {row['kernel']:9.1f}"
    )


def print_films(rows):
    for row in rows:
        if row["film"] is None:
            continue
        gaps, received = row["film"]
        share = 100 * np.mean(gaps <= 33.4)
        print(
            f"animation, {row['place']}: {1000 / gaps.mean():.0f} fps, {share:.0f} % of gaps "
            f"<= 33 ms, {received} bytes"
        )


class Traffic:
    """Counts what the page's websockets receive."""

    def __init__(self, websockets):
        self.received = 0
        for socket_ in websockets:
            socket_.on("framereceived", self._note)

    def _note(self, payload):
        self.received += len(payload)


class Kernel:
    """Processor time of the kernels below a server, from /proc."""

    def __init__(self, server_pid):
        self._tasks = [
            task
            for status in Path("/proc").glob("[0-9]*/stat")
            if self._is_kernel(status, server_pid)
            for task in [status.parent]
        ]

    def seconds(self):
        """Return the seconds of processor time used so far."""
        files = [file for task in self._tasks for file in task.glob("task/*/schedstat")]
        return sum(int(file.read_text().split()[0]) for file in files) / 1e9

    @staticmethod
    def _is_kernel(status, server_pid):
        try:
            parent = int(status.read_text().rsplit(")", 1)[1].split()[1])
            command = (status.parent / "cmdline").read_text()
        except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
            return False
        return parent == server_pid and "ipykernel" in command


class Relay:
    """A TCP relay to a local port that holds everything back for a while, each way."""

    def __init__(self, port):
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self):
        """Take no further connections."""
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # stopped
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            for one, other in ((client, server), (server, client)):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._pump(one, other)

    def _pump(self, source, target):
        """Two threads: one reads and stamps, one waits and writes, so that nothing queues up."""
        waiting, news = [], threading.Condition()

        def read():
            data = b"."
            while data:
                try:
                    data = source.recv(65536)
                except OSError:
                    data = b""
                with news:
                    waiting.append((time.monotonic() + DELAY, data))
                    news.notify()

        def write():
            while True:
                with news:
                    news.wait_for(lambda: waiting)
                    due, data = waiting.pop(0)
                time.sleep(max(0, due - time.monotonic()))
                try:
                    target.sendall(data)
                    if not data:
                        target.shutdown(socket.SHUT_WR)
                        return
                except OSError:
                    return

        for work in (read, write):
            threading.Thread(target=work, daemon=True).start()


def load_lab_tools():
    spec = importlib.util.spec_from_file_location("lab_tools", LAB_HELPERS)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--changes", type=int, default=40, help="keys pressed for each row")
    parser.add_argument("--ways", type=lambda text: text.split(";"), default=list(WAYS))
    parser.add_argument("--local", action="store_true", help="leave the 100 ms rows out")
    options = parser.parse_args()
    if importlib.util.find_spec("ipympl") is None:
        print("ipympl is not installed (pip install ipympl): its rows are left out.")
        options.ways = [name for name in options.ways if not name.startswith("ipympl")]
    unknown = set(options.ways) - set(WAYS)
    if unknown:
        sys.exit(f"unknown ways {sorted(unknown)}; there are {'; '.join(WAYS)}")
    heads = f"{'first ms':>11} {'settled ms':>10} {'drag fps':>8} {'KiB':>8} {'kernel ms':>9}"
    print(f"{'way':16} {'place':7} {heads}")
    return options


if __name__ == "__main__":
    main()
