"""The stage as a student sees it: in JupyterLab, and on a plain page without network."""

import io
import re

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from hlmteach.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SINE = """
import numpy as np
from ipywidgets import IntSlider, VBox, jslink
from matplotlib.figure import Figure
from hlmteach.stage import Stage

figure = Figure(figsize=(6, 4))
axes = figure.subplots()
axes.set(xlim=(0, 10), ylim=(-2, 2))
x = np.linspace(0, 10, 60)
(line,) = axes.plot(x, np.sin(x), color="#0072B2")
(dots,) = axes.plot(np.arange(1, 10), np.zeros(9), "o", color="#D55E00", markersize=9)
band = axes.fill_between(x, np.sin(x) - 0.2, np.sin(x) + 0.2, alpha=0.3)
level = axes.axhline(0, color="black", linestyle="--")
note = axes.text(5, 1.5, "height 0", ha="center")
cloud = axes.scatter(np.tile(x, 10), np.repeat(np.linspace(-2, 2, 10), 60), s=4, color="0.5")
moving = {"line": line, "dots": dots, "band": band, "level": level, "note": note, "cloud": cloud}
stage = Stage(figure, moving, alt="A sine wave.")
slider = IntSlider(0, 0, 20, description="height")

def refresh(change):
    height = slider.value / 10
    line.set_ydata(np.sin(x) * (1 + height))
    level.set_ydata([height, height])
    note.set_text(f"height {height:.1f}")
    stage.sync(status=f"height is {height:.1f}", alt=f"A sine wave of height {height:.1f}.")

slider.observe(refresh, "value")
"""
SHOW = "display(VBox([slider, stage]))"
DRAG = """
drags = []

def on_drag(drag):
    drags.append(drag)
    mean = dots.get_ydata().mean()
    level.set_ydata([mean, mean])
    stage.sync(status=f"mean {mean:.3f}")

stage.draggable("dots", on_drag)
"""


def expected(x, y, figure=None):
    """Places in the picture, in pixels from its top left, by matplotlib's own transform."""
    if figure is None:
        figure = Figure(figsize=(6, 4))
        figure.subplots().set(xlim=(0, 10), ylim=(-2, 2))
    places = figure.axes[0].transData.transform(np.column_stack([x, y]))
    return np.column_stack([places[:, 0], figure.bbox.height - places[:, 1]])


def numbers(text):
    return np.array([float(number) for number in re.findall(r"-?[\d.]+", text)])


def path_places(page, name):
    """The vertices of an artist's path, as the page has them now."""
    return numbers(page.locator(f"[data-name='{name}'] path").get_attribute("d")).reshape(-1, 2)


def settled(page, name, places):
    """Wait until an artist's path goes through these places."""
    for _ in range(60):
        now = path_places(page, name)
        if now.shape == places.shape and np.abs(now - places).max() < 0.02:
            return
        page.wait_for_timeout(50)
    np.testing.assert_allclose(now, places, atol=0.02)


@pytest.fixture
def sine(show_cells):
    return show_cells(SINE, SHOW)


X = np.linspace(0, 10, 60)


def test_a_key_on_the_slider_moves_the_artists(sine):
    page = sine.page
    settled(page, "line", expected(X, np.sin(X)))
    handle = page.locator(".noUi-handle")
    handle.focus()
    for _ in range(7):
        page.keyboard.press("ArrowRight")
    settled(page, "line", expected(X, np.sin(X) * 1.7))
    settled(page, "level", expected([0, 10], [0.7, 0.7]))
    assert page.locator("[data-name=note] text").text_content() == "height 0.7"
    assert page.locator(".stage-status").inner_text() == "height is 0.7"
    label = page.locator("[role=img]").get_attribute("aria-label")
    assert label == "A sine wave of height 0.7."
    assert sine.errors == []


def test_what_is_seen_is_where_matplotlib_paints_it(sine):
    page = sine.page
    box = page.locator(".stage-picture").bounding_box()
    assert (box["width"], box["height"]) == pytest.approx((600, 400))
    marks = page.locator("[data-name=dots] path")
    for place, (x, y) in enumerate(expected(np.arange(1, 10), np.zeros(9))):
        mark = marks.nth(place).bounding_box()
        assert mark["x"] + mark["width"] / 2 - box["x"] == pytest.approx(x, abs=0.6)
        assert mark["y"] + mark["height"] / 2 - box["y"] == pytest.approx(y, abs=0.6)
    assert page.locator(".stage-layers canvas").count() == 1  # 600 points


def test_new_limits_take_ticks_and_letters_along(sine):
    page = sine.page
    axis = page.locator("[data-name='still YAxis 1']")
    two = axis.locator("text", has_text=re.compile("^2(.0)?$"))

    def height():
        return two.bounding_box()["y"] - page.locator(".stage-picture").bounding_box()["y"]

    before = height()
    sine.add_cell("axes.set_ylim(-4, 4); axes.set_title('wider'); stage.sync()")
    figure = Figure(figsize=(6, 4))
    figure.subplots().set(xlim=(0, 10), ylim=(-4, 4))
    settled(page, "line", expected(X, np.sin(X), figure))
    down = (expected([0], [2], figure) - expected([0], [2]))[0, 1]
    assert height() - before == pytest.approx(down, abs=0.6)
    letters = [text for text in axis.locator("text").all_text_contents() if text]
    assert letters == ["−4", "−3", "−2", "−1", "0", "1", "2", "3", "4"]
    assert page.locator("[data-name^=still] text", has_text="wider").count() == 1
    assert sine.errors == []


# Where the letter 2 of the upright axis is, frame by frame.
FOLLOW = """() => {
    const seen = (window.seen = []);
    const look = () => {
        for (const text of document.querySelectorAll("[data-name='still YAxis 1'] text"))
            if (+text.textContent === 2) seen.push(text.transform.baseVal[0].matrix.f);
        requestAnimationFrame(look);
    };
    look();
}"""


def test_between_new_limits_a_tick_is_on_its_way(sine):
    sine.page.evaluate(FOLLOW)
    sine.add_cell(
        "import time\n"
        "for k in range(5):\n"
        "    axes.set_ylim(-2, 2 + k); stage.sync(); time.sleep(0.12)"
    )
    figure = Figure(figsize=(6, 4))
    figure.subplots().set(xlim=(0, 10), ylim=(-2, 6))
    settled(sine.page, "line", expected(X, np.sin(X), figure))
    places = np.array(sine.page.evaluate("seen"))
    assert (np.diff(places) >= 0).all()  # down and never back
    assert len(set(places)) > 10  # five limits, and frames between them
    assert sine.errors == []


def test_a_second_view_and_a_saved_notebook_show_the_present_state(sine):
    sine.add_cell("slider.value = 5")
    settled(sine.page, "line", expected(X, np.sin(X) * 1.5))
    sine.add_cell("display(stage)")
    second = sine.page.locator(".stage").last.locator("[data-name=line] path")
    places = numbers(second.get_attribute("d")).reshape(-1, 2)
    np.testing.assert_allclose(places, expected(X, np.sin(X) * 1.5), atol=0.02)
    data = sine.saved().cells[-1].outputs[-1]["data"]
    assert {"image/png", "text/plain"} < set(data)


def test_points_are_pulled_by_pointer_and_by_keys(show_cells):
    opened = show_cells(SINE, DRAG, SHOW)
    page = opened.page
    page.locator(".stage-picture").scroll_into_view_if_needed()
    mark = page.locator("[data-name=dots] path").nth(3)
    box = mark.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 11):
        page.mouse.move(x + 3 * step, y - 8 * step)
    page.mouse.up()
    mean = 80 / (expected([0], [0])[0, 1] - expected([0], [1])[0, 1]) / 9
    settled(page, "level", expected([0, 10], [mean, mean]))
    assert page.locator(".stage-status").inner_text() == f"mean {mean:.3f}"
    assert mark.bounding_box()["x"] == pytest.approx(box["x"], abs=0.1)
    knob = page.get_by_role("slider", name="dots")
    assert knob.evaluate("node => node === document.activeElement")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    settled(page, "level", expected([0, 10], [mean - 0.4 / 9] * 2))
    assert "point 5 of 9, x 5.00, y −0.40" in knob.get_attribute("aria-valuetext")
    assert opened.errors == []


def test_a_table_is_scrubbed_by_a_linked_slider(show_cells):
    table = """
def states():
    for k in range(6):
        level.set_ydata([k / 5, k / 5])
        yield f"height {k / 5}"
stage.table(states())
scrub = IntSlider(0, 0, 5, description="state")
jslink((scrub, "value"), (stage, "index"))
display(scrub, stage)
"""
    opened = show_cells(SINE, table)
    page = opened.page
    page.locator(".noUi-handle").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    settled(page, "level", expected([0, 10], [0.6, 0.6]))
    assert page.locator(".stage-label").inner_text() == "precomputed"
    assert page.get_by_role("slider", name="State").is_hidden()
    opened.add_cell("print(stage.index, level.get_ydata())")
    assert page.locator(".jp-OutputArea-output").last.inner_text().strip() == "3 [0.6, 0.6]"
    assert opened.errors == []


FILM = """
def steps():
    for k in range(5):
        level.set_ydata([k / 2 - 1, k / 2 - 1])
        yield f"level {k / 2 - 1}"
stage.animate(steps(), seconds=0.2)
display(stage)
"""


def test_python_hears_where_the_animation_stops(show_cells):
    opened = show_cells(SINE, FILM)
    page = opened.page
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Play").wait_for(timeout=5000)  # it was Pause meanwhile
    settled(page, "level", expected([0, 10], [1, 1]))
    opened.add_cell("print(stage.frame, stage.playing, level.get_ydata()[0])")
    assert page.locator(".jp-OutputArea-output").last.inner_text().strip() == "4 False 1.0"
    page.get_by_role("slider", name="Keyframe").focus()
    page.keyboard.press("ArrowLeft")  # which JupyterLab would take to go to another cell
    settled(page, "level", expected([0, 10], [0.5, 0.5]))
    page.get_by_role("button", name="Back to the start").focus()
    page.keyboard.press("Enter")  # which would edit a cell
    settled(page, "level", expected([0, 10], [-1, -1]))
    opened.add_cell("stage.frame = 1")
    settled(page, "level", expected([0, 10], [-0.5, -0.5]))
    assert page.locator(".stage-caption").first.inner_text() == "level -0.5"
    opened.add_cell("level.set_ydata([0.25, 0.25]); stage.sync()")
    settled(page, "level", expected([0, 10], [0.25, 0.25]))
    assert opened.errors == []


@pytest.mark.parametrize("kind", ["PNG", "SVG"])
def test_the_kernel_saves_the_picture(sine, kind, tmp_path):
    with sine.page.expect_download() as download:
        sine.page.get_by_role("button", name=f"Save as {kind}").click()
    file = tmp_path / "picture"
    download.value.save_as(file)
    assert file.read_bytes().startswith({"PNG": b"\x89PNG", "SVG": b"<?xml"}[kind])
    assert b"Matplotlib" in file.read_bytes()


def test_a_dark_page_turns_black_ink_light(lab_page):
    opened = lab_page(lab_page.write("dark.ipynb", SINE, SHOW), theme="dark")
    stroke = opened.page.locator("[data-name=level] path").get_attribute("stroke")
    assert min(numbers(stroke)[:3]) > 200
    blue = opened.page.locator("[data-name=line] path").get_attribute("stroke")
    assert min(np.array(numbers(blue)[:3]) - (0, 114, 178)) > 10  # lifted
    assert max(numbers(blue)[:3]) == numbers(blue)[2]
    opened.command("apputils:change-theme", {"theme": "JupyterLab Light"})
    opened.page.locator("[data-name=level] path[stroke='rgba(0,0,0,1)']").wait_for(state="attached")
    assert opened.errors == []


def test_a_thousand_updates_leave_nothing_in_the_page(sine):
    meter = sine.page.context.new_cdp_session(sine.page)
    meter.send("Performance.enable")

    def counts():
        meter.send("HeapProfiler.collectGarbage")
        metrics = meter.send("Performance.getMetrics")["metrics"]
        found = {metric["name"]: metric["value"] for metric in metrics}
        return np.array([found["Nodes"], found["JSEventListeners"], found["JSHeapUsedSize"]])

    def grown(updates):
        """What a cell with so many updates adds; JupyterLab's own part is the same each time."""
        before = counts()
        code = (
            f"for k in range({updates}):\n line.set_ydata(np.sin(x + k)); stage.sync(status=str(k))"
        )
        sine.add_cell(code)
        sine.page.locator(".stage-status", has_text=str(updates - 1)).wait_for()
        settled(sine.page, "line", expected(X, np.sin(X + updates - 1)))
        return counts() - before

    grown(100)
    # JupyterLab's own part varies from run to run; what is left behind is there every time
    growth = [grown(1000) - grown(100) for _ in range(3)]
    nodes, listeners, heap = np.min(growth, axis=0)
    # of 900 updates more: what every update left behind would count 900; JupyterLab's own varies
    assert nodes < 90
    assert listeners < 90
    assert heap < 2e6
    assert sine.errors == []


def test_a_closed_stage_leaves_the_page(sine):
    sine.page.evaluate("() => { window.stage = new WeakRef(document.querySelector('.stage')); }")
    sine.add_cell("stage.close()")
    sine.page.locator(".stage").wait_for(state="detached")
    sine.add_cell("pass")
    meter = sine.page.context.new_cdp_session(sine.page)
    for _ in range(10):
        meter.send("HeapProfiler.collectGarbage")
        sine.page.wait_for_timeout(200)
    assert sine.page.evaluate("stage.deref() === undefined")
    assert sine.errors == []


@pytest.fixture
def plain(page, tmp_path):
    """Open a stage as a plain page from the disk, with the network off."""

    def open_page(stage):
        file = tmp_path / "page.html"
        text = f"<!doctype html><html lang=en><title>t</title><body>{stage.to_html()}</body></html>"
        file.write_text(text, encoding="utf-8")
        page.context.set_offline(True)
        page.goto(file.as_uri())
        page.locator("[data-name] path").first.wait_for(state="attached")
        return page

    return open_page


@pytest.fixture
def rising():
    """A stage with one line, and how to record it at four heights."""
    figure = Figure(figsize=(5, 3))
    axes = figure.subplots()
    axes.set(xlim=(0, 10), ylim=(-2, 2))
    (line,) = axes.plot([0, 10], [-1, -1], color="black")
    stage = Stage(figure, {"line": line}, alt="A level line.")

    def heights():
        for k in range(4):
            line.set_ydata([k - 1, k - 1])
            yield f"height {k - 1}"

    yield stage, heights
    stage.close()


def at_height(stage, height):
    return expected([0, 10], [height, height], stage.figure)


def test_a_plain_page_plays_keyframes(plain, rising):
    stage, heights = rising
    stage.animate(heights(), seconds=0.25)
    page = plain(stage)
    settled(page, "line", at_height(stage, -1))
    page.get_by_role("button", name="Step forward").click()
    settled(page, "line", at_height(stage, 0))
    assert page.locator(".stage-caption").first.inner_text() == "height 0"
    page.get_by_role("slider", name="Keyframe").focus()
    page.keyboard.press("ArrowRight")
    settled(page, "line", at_height(stage, 1))
    page.get_by_role("button", name="Back to the start").click()
    settled(page, "line", at_height(stage, -1))
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(120)
    between = path_places(page, "line")[0, 1]
    assert at_height(stage, 0)[0, 1] < between < at_height(stage, -1)[0, 1]
    settled(page, "line", at_height(stage, 2))
    page.get_by_role("button", name="Play").wait_for()
    assert page.get_by_role("img").get_attribute("aria-label") == "A level line. height 2"


def test_a_plain_page_scrubs_a_table(plain, rising):
    stage, heights = rising
    stage.table(heights())
    page = plain(stage)
    page.get_by_role("slider", name="State").focus()
    page.keyboard.press("End")
    settled(page, "line", at_height(stage, 2))
    assert page.locator(".stage-label").inner_text() == "precomputed"


def test_reduced_motion_jumps(plain, rising, page):
    page.emulate_media(reduced_motion="reduce")
    stage, heights = rising
    stage.animate(heights(), seconds=3)
    plain(stage)
    page.get_by_role("button", name="Play").click()
    np.testing.assert_allclose(path_places(page, "line"), at_height(stage, 0), atol=0.02)


@pytest.mark.parametrize("kind", ["PNG", "SVG"])
def test_a_plain_page_saves_its_own_picture(plain, rising, kind, tmp_path):
    page = plain(rising[0])
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Save as {kind}").click()
    file = tmp_path / "picture"
    download.value.save_as(file)
    assert file.read_bytes().startswith({"PNG": b"\x89PNG", "SVG": b"<svg"}[kind])


def test_a_narrow_page_is_filled_and_not_burst(plain, rising):
    stage, heights = rising
    stage.animate(heights())
    page = plain(stage)
    page.set_viewport_size({"width": 360, "height": 700})
    assert page.locator(".stage-picture").bounding_box()["width"] <= 344
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    mark = page.locator("[data-name=line] path").bounding_box()
    assert mark["y"] < page.locator(".stage-bar").first.bounding_box()["y"]


@pytest.fixture
def both(chromium, tmp_path):
    """A stage as the browser shows it, and as matplotlib saves it; and where its letters are."""

    def make(stage):
        file = tmp_path / "page.html"
        file.write_text(f"<!doctype html><title>t</title>{stage.to_html()}", encoding="utf-8")
        page = chromium.new_page(device_scale_factor=2)
        page.goto(file.as_uri())
        page.locator("[data-name] path").first.wait_for(state="attached")
        layers = page.locator(".stage-layers")
        seen, saved = picture(layers.screenshot()), picture(stage.savefig())
        corner = layers.bounding_box()
        letters = [
            {key: box[key] - corner.get(key, 0) for key in ("x", "y", "width", "height")}
            | {key: box[key] for key in ("width", "height")}
            for box in (text.bounding_box() for text in layers.locator("text").all())
        ]
        page.context.close()
        stage.close()
        assert seen.shape == saved.shape
        return seen, saved, letters

    return make


def one_of_everything():
    moving = {}
    axes = everything(moving)
    return Stage(axes.figure, moving, alt="One of everything.")


def nothing_moves():
    """All that a figure may have that stands still."""
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    everything({}, left)
    right.set(
        xscale="log", xlim=(1, 3000), ylim=(0, 2e6), title="Left", xlabel="log", ylabel="$y_{ij}$"
    )
    right.set_title("On the right", loc="right", fontsize=9)
    right.grid(visible=True, color="0.85")
    right.minorticks_on()
    right.spines["right"].set_visible(False)
    right.set_facecolor("#eef4ff")
    right.plot([1, 3000], [0, 2e6], "-.", color="#009E73", label="a line")
    right.fill_between([1, 3000], 0, [0, 1e6], alpha=0.3, label="a band")
    right.legend(title="Legend", loc="upper left", ncols=2, frameon=True)
    inset = right.inset_axes([0.55, 0.1, 0.4, 0.3])
    inset.imshow([[0, 1, 2], [2, 1, 0]], aspect="auto")
    right.annotate("far away", (100, 1e6), (5, 1.2e6), arrowprops={"arrowstyle": "->"})
    figure.suptitle("Above all", fontweight="bold")
    figure.text(0.99, 0.01, "a note", ha="right", color="0.5", style="italic")
    return Stage(figure, {}, alt="All stands still.")


def turned():
    """Letters that run upwards, ticks on other sides, and no frame."""
    figure = Figure(figsize=(5, 4), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    above.bar(["before marriage", "after", "never"], [3, 5, 2], hatch="//", color="#56B4E9")
    above.tick_params(axis="x", rotation=30, labelbottom=True)
    above.yaxis.tick_right()
    above.set_ylabel("how many")
    below.set_frame_on(False)
    below.plot([0, 1, 2], [-1, 2, 0.5], "o-", color="#D55E00")
    below.axhline(0, color="black", linestyle=(0, (6, 2)))
    below.spines["bottom"].set_position("zero")
    return Stage(figure, {"bars": above.patches}, alt="Turned.")


@pytest.mark.parametrize("figure", [one_of_everything, nothing_moves, turned])
def test_what_is_seen_is_what_savefig_saves(both, figure):
    seen, saved, letters = both(figure())
    far = np.abs(seen - saved).max(axis=2) > 80  # not so far: edges, which two programs smooth
    assert far.mean() < 0.01
    rows, columns = (side // 20 for side in far.shape)
    blocks = far[: rows * 20, : columns * 20].reshape(rows, 20, columns, 20)
    assert blocks.mean(axis=(1, 3)).max() < 0.3  # nothing is missing, nothing is elsewhere
    assert len(letters) > 10
    for box in letters:
        assert np.abs(shift(seen, saved, box)).max() <= 1  # half a pixel of the screen


def shift(seen, saved, box):
    """By how many pixels letters must be moved to lie best on those that matplotlib painted."""
    x, y, width, height = (round(2 * box[key]) for key in ("x", "y", "width", "height"))
    reach = range(-4, 5)
    rows, columns = slice(max(y, 4), y + height), slice(max(x, 4), x + width)
    mine = seen[rows, columns]

    def distance(place):
        other = np.roll(saved, place, axis=(0, 1))[rows, columns]
        return np.abs(mine - other).sum()

    return min(((i, j) for i in reach for j in reach), key=distance)


def picture(png):
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGB"), int)


def everything(moving, axes=None):
    """Draw one of everything; what can move goes into a dict by name."""
    axes = axes or Figure(figsize=(6, 4)).subplots()
    axes.set(xlim=(0, 10), ylim=(-2, 2), title="A title", xlabel="$x_i$", yscale="linear")
    (line,) = axes.plot(X, np.sin(X), "--", color="#D55E00", label="line")
    (dots,) = axes.plot([1, 2, 3], [1, 0, 1], "s", color="#0072B2", markersize=8)
    rng = np.random.default_rng(1)
    few = axes.scatter(
        rng.uniform(0, 10, 9), rng.uniform(-2, 2, 9), s=rng.uniform(9, 200, 9), c="#CC79A7"
    )
    many = axes.scatter(
        rng.uniform(0, 10, 600), rng.uniform(-2, 2, 600), s=5, color="0.6", zorder=0.5
    )
    moving |= {
        "line": line,
        "dots": dots,
        "few": few,
        "many": many,
        "band": axes.fill_between(X, np.sin(X) - 0.3, np.sin(X) + 0.3, alpha=0.3),
        "segments": axes.vlines([4, 5, 6], -1, [0, 1, 0.5], colors=["r", "g", "b"], linewidths=4),
        "bar": axes.bar([8], [1], color="#009E73", hatch="//", edgecolor="white")[0],
        "level": axes.axhline(-1.5, color="black", linestyle=":"),
        "words": axes.text(5, -1.8, "two\nlines", ha="center", bbox={"facecolor": "white"}),
        "turned": axes.text(0.5, 0, "turned", rotation=60, fontweight="bold"),
        "sum": axes.text(6, 1.4, r"$\hat\beta_1 = \sum x_i$", fontsize=16),
        "arrow": axes.annotate("here", (2, -1), (3, -1.6), arrowprops={"arrowstyle": "-|>"}),
        "wind": axes.quiver([7, 8], [-1, -1], [1, 1], [0, 1], color="purple"),
    }
    axes.legend(loc="upper right")
    return axes


def test_without_scripts_there_is_a_picture(chromium, rising, tmp_path):
    file = tmp_path / "page.html"
    file.write_text(f"<!doctype html><title>t</title>{rising[0].to_html()}", encoding="utf-8")
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    assert page.get_by_role("img", name="A level line.").bounding_box()["width"] > 300
    context.close()
