"""From a key to settled pixels: Stage, and widgets, beside what notebooks usually do.

Each way shows its picture in a real JupyterLab. "stage" and the ways after the widgets show the
same one: 2,681 points and, over them, five fitted lines and a band that a slider moves. Headless
Chromium presses keys and drags; frames are stamped when they have been painted. "100 ms" is the
same through a TCP relay that adds 100 ms.

    python benchmarks/slider_to_pixels.py [--changes 30] [--ways "stage;LiveRefit"] [--local]

prints a table (with `--all` for every widget that opens with a slider): first frame that shows a
move, and last frame of the move, in ms after the key
(median / p95); painted frames a second while the slider is dragged, and while the animation moves
(with the share of gaps of at most 33 ms); KiB received and ms of kernel time a change (an idle
kernel's own time taken off). The animation that a widget records, or reads again for new limits,
when nobody has moved anything for a while is left out: `widgets.py` times it. In LiveRefit a
group's mean is pulled: the lines count, not the point in the hand. A key that moves nothing must
record nothing.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from _browser import WATCH, Kernel, Relay, Traffic
from _tests import from_tests
from playwright.sync_api import sync_playwright

from hlmteach.widgets import HOMES

QUIET = 320  # ms without a frame until a change is settled; faster changes would count as a drag
STORY = 10  # s at most that an animation is watched until something moves in it
PATIENCE = 5000  # ms until a change that shows nothing is given up
REST = 250  # ms; a longer gap between frames is the animation's rest at a keyframe

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

WIDGET = """
import hlmteach as hlm
from hlmteach.stage import wire
from hlmteach.widgets import base
base.PAUSE = wire.REST = 60
widget = hlm.widgets.{name}()
display(widget)
"""


@dataclass(frozen=True)
class Way:
    """A notebook's cells, what of the page is the picture, and what is moved: a slider or a knob.

    `slider` is its label, `knob` an artist whose points can be pulled; a key is pressed `run` times
    one way, then as often back.
    """

    cells: tuple[str, ...]
    picture: str = ".stage-picture"
    slider: str | None = None
    knob: str | None = None
    run: int = 15

    def handle(self, page):
        """What takes the focus."""
        if self.knob:
            return page.locator(f'.stage-knob[aria-label^="{self.knob}:"]')
        return self._box(page).locator(".noUi-handle").first

    def track(self, page):
        """What the handle is dragged along."""
        return self.handle(page) if self.knob else self._box(page).locator(".noUi-target").first

    def told(self, page) -> str:
        """What slider or knob says of itself; a handle's own number is rounded to a tenth."""
        if self.knob:
            return self.handle(page).get_attribute("aria-valuetext")
        return self.readout(page).inner_text()

    def readout(self, page):
        """What changes with every new value."""
        return self.handle(page) if self.knob else self._box(page).locator(".widget-readout").first

    def _box(self, page):
        return page.locator(".widget-slider:visible", has_text=self.slider or "")

    def is_at(self, page, *ends) -> bool:
        """Whether a slider is at its "min" or "max": the next key goes the other way."""
        if self.knob:
            return False
        attribute = self.handle(page).get_attribute
        return attribute("aria-valuenow") in [attribute(f"aria-value{end}") for end in ends]

    @property
    def hands(self) -> str:
        """What moves in the browser before the kernel has heard of it."""
        return f'.stage-knob, [data-name="{self.knob}"]' if self.knob else ""

    @property
    def keys(self) -> tuple[str, str]:
        """There and back."""
        return ("ArrowUp", "ArrowDown") if self.knob else ("ArrowRight", "ArrowLeft")


def widget(name, **moved) -> Way:
    return Way((WIDGET.format(name=name),), **moved)


IPYMPL_CANVAS = ".jupyter-matplotlib-canvas-container"
WAYS = {
    "stage": Way((DATA, STAGE)),
    "LiveRefit": widget("LiveRefit", knob="group means"),
    "RandomSlopeAnimator": widget(
        "RandomSlopeAnimator", slider="before marriage, turned by", run=5
    ),
    "EquationExplorer": widget("EquationExplorer", slider="β₁, the slope", run=8),
    "CoverageStream": widget("CoverageStream", slider="level", run=3),
    "interact, inline": Way((DATA, INLINE), ".widget-interact .widget-output"),
    "ipympl, blitted": Way((DATA, BLITTED), IPYMPL_CANVAS),
    "ipympl, draw_idle": Way((DATA, IPYMPL), IPYMPL_CANVAS),
}
STILL = {"AICLedger", "DataInspector", "Diagnostics", "EngineCompare", "GrowthFan", "ModelBuilder"}
STILL |= {"PoolingExplorer", "Predict", "Sleepers"}  # open with buttons alone
OTHERS = {name: widget(name, run=4) for name in sorted(HOMES) if name not in STILL | {*WAYS}}
USUAL = [name for name in WAYS if name != "ipympl, draw_idle"]  # ipympl's faster form will do


def main():
    options = read_options()
    lab_tools = from_tests("browser/conftest.py")
    started = time.monotonic()
    print_head()
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
                    print_row(measure(lab_tools, browser, lab, name, place, options.changes))
        finally:
            browser.close()
            lab.stop()
            relay.stop()
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    lasted = time.monotonic() - started
    print(f"\n{options.changes} changes a row, {lasted:.0f} s in all, load {load}.")


def measure(lab_tools, browser, lab, name, place, changes) -> dict:
    """One way, at one distance."""
    ways = WAYS | OTHERS
    way = ways[name]
    notebook = lab.write(f"way{list(ways).index(name)}{place.split()[0]}.ipynb", *way.cells)
    opened = lab_tools.LabPage(browser, lab, notebook, "light", {})
    try:
        page = opened.page
        page.locator(way.picture).first.scroll_into_view_if_needed()
        page.wait_for_timeout(1500)
        traffic, kernel = Traffic(opened.websockets), Kernel(lab.server_pid)
        page.evaluate(WATCH, [way.picture, way.hands])
        handle = way.handle(page)
        handle.focus()
        idle = check_control(page, kernel)
        before = traffic.received, kernel.seconds(), time.monotonic()
        first, last = press_keys(page, way, changes)
        after = traffic.received, kernel.seconds(), time.monotonic()
        received, busy, lasted = (b - a for a, b in zip(before, after, strict=True))
        return {
            "way": name,
            "place": place,
            "first": first,
            "last": last,
            "kib": received / changes / 1024,
            "kernel": 1000 * (busy - idle * lasted) / changes,
            "drag": drag(page, way),
            "film": play(page, traffic) if place == "local" else None,
        }
    finally:
        opened.close()


def check_control(page, kernel) -> float:
    """See that a key that moves nothing records nothing; return what the kernel takes a second."""
    reset(page)
    before, started = kernel.seconds(), time.monotonic()
    for _ in range(2):
        page.keyboard.press("q")
        page.wait_for_timeout(QUIET)
    frames, keys = page.evaluate("[watch.frames.length, watch.keys.length]")
    assert keys == 2
    assert frames == 0, f"a key that moves nothing recorded {frames} frames"
    return (kernel.seconds() - before) / (time.monotonic() - started)


def press_keys(page, way, changes) -> tuple[list, list]:
    """Ms from each key to the first and to the last frame that shows its change."""
    first, last, since = [], [], 0
    value, turns = way.told(page), int(way.is_at(page, "max"))
    for _ in range(changes):
        if since == way.run or (since and way.is_at(page, "min", "max")):
            turns, since = turns + 1, 0
        since += 1
        reset(page)
        page.keyboard.press(way.keys[turns % 2])
        shown = page.evaluate(f"watch.settled({QUIET}, {PATIENCE})")
        assert shown, "nothing was seen to move"
        assert way.told(page) != value, "the slider did not move"
        value = way.told(page)
        key, frames = page.evaluate("[watch.keys[0], watch.frames]")
        first.append(frames[0] - key)
        last.append(frames[-1] - key)
    return first, last


# Counts how often a slider's readout, or a knob's words, change.
COUNT = """(node) => {
    watch.values = 0;
    const what = { subtree: true, childList: true, characterData: true, attributes: true };
    new MutationObserver(() => { watch.values += 1; }).observe(node, what);
}"""


def drag(page, way) -> tuple[float, float]:
    """Painted frames that show a change, and new values, a second, while the pointer drags.

    It never rests: a slider's goes over two thirds of its length, at 120 pixels a second. A slider
    of few values then has few to show.
    """
    handle, upright = way.handle(page), bool(way.knob)
    box, track = handle.bounding_box(), way.track(page).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    middle, reach = (y, 25) if upright else (track["x"] + track["width"] / 2, track["width"] / 3)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(*((x, middle) if upright else (middle, y)))
    page.wait_for_timeout(400)
    way.readout(page).evaluate(COUNT)
    reset(page)
    start = time.perf_counter()
    for step in range(240):
        place = middle + abs((2 * step + reach) % (4 * reach) - 2 * reach) - reach
        page.mouse.move(*((x, place) if upright else (place, y)))
        time.sleep(max(0, start + step / 60 - time.perf_counter()))
    seconds = time.perf_counter() - start
    frames, values = page.evaluate("[watch.frames.length, watch.values]")
    page.mouse.up()
    return frames / seconds, values / seconds


def play(page, traffic):
    """Gaps between the animation's frames while it moves, and the bytes it fetched; or None."""
    button = page.get_by_role("button", name="Play", exact=True)
    if not button.count() or not button.first.is_visible():
        return None
    button.first.click()
    page.wait_for_timeout(300)
    reset(page)
    received, pause = traffic.received, page.get_by_role("button", name="Pause", exact=True)
    page.wait_for_timeout(2500)
    for _ in range(STORY):  # some tell with parts that stand still, before one moves
        if not pause.count() or len(moving(page)) > 60:
            break
        page.wait_for_timeout(1000)
    return moving(page), traffic.received - received


def moving(page) -> np.ndarray:
    """Ms between frames while something moved; rests on a keyframe do not count."""
    gaps = np.diff(page.evaluate("watch.frames"))
    return gaps[gaps < REST]


def reset(page):
    page.evaluate("() => { watch.frames = []; watch.keys = []; }")


def places(lab, relay, only_local):
    yield "local", lab.port
    if not only_local:
        yield "100 ms away", relay.port


def print_head() -> None:
    """Begin a Markdown table; its second row says what stage and widgets are to reach."""
    heads = ("way", "place", "first frame, ms", "settled, ms", "drag, fps", "animation")
    print(f"| {' | '.join((*heads, 'KiB a change', 'kernel ms a change'))} |\n|{' --- |' * 8}")
    goals = ("p95 45", "p95 60, or 160", "45", "55 fps, 95 %, 0 bytes", "4", "8")
    print(f"| *goal* | | {' | '.join(goals)} |", flush=True)


def print_row(row) -> None:
    """Print one row of the table."""
    first, last = (
        f"{np.median(row[key]):.0f} / {np.percentile(row[key], 95):.0f}"
        for key in ("first", "last")
    )
    film = ""
    if row["film"]:
        gaps, received = row["film"]
        film = "was not seen to move"
    if row["film"] and len(gaps):
        film = f"{1000 / gaps.mean():.0f} fps, {np.mean(gaps <= 33.4):.0%}, {received} bytes"
    frames, values = row["drag"]
    dragged = f"{frames:.0f}" if values > 10 else f"{frames:.0f} ({values:.0f} values a second)"
    print(
        f"| {row['way']} | {row['place']} | {first} | {last} | {dragged} | {film} "
        f"| {row['kib']:.1f} | {row['kernel']:.1f} |",
        flush=True,
    )


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--changes", type=int, default=30, help="keys pressed for each row")
    parser.add_argument("--ways", type=lambda text: text.split(";"), default=USUAL)
    parser.add_argument("--local", action="store_true", help="leave the 100 ms rows out")
    parser.add_argument("--all", action="store_true", help="every widget that opens with a slider")
    options = parser.parse_args()
    if importlib.util.find_spec("ipympl") is None:
        print("ipympl is not installed (pip install ipympl): its rows are left out.\n")
        options.ways = [name for name in options.ways if not name.startswith("ipympl")]
    options.ways += [name for name in OTHERS if options.all]
    unknown = set(options.ways) - {*WAYS, *OTHERS}
    if unknown:
        sys.exit(f"unknown ways {sorted(unknown)}; there are {'; '.join([*WAYS, *OTHERS])}")
    return options


if __name__ == "__main__":
    main()
