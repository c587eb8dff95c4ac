"""What a stage sends, keeps and lets go of."""

import base64
import contextlib
import gc
import io
import json
import subprocess
import sys
import threading
import tracemalloc
import weakref

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from hlmteach.stage import Stage
from hlmteach.stage.reader import Reader
from tests.open_widgets import open_widgets


def test_sync_sends_only_what_changed(watched, scene, pixels):
    scene.line.set_ydata(scene.x / 4)
    watched.stage.sync()
    ((message, buffers),) = watched.messages
    assert [mark for mark, *_ in message["patch"]["set"]] == [0]
    assert message["patch"]["set"][0][2:4] == [None, None]  # neither style nor x
    assert len(buffers[0]) == 4 * 50
    _, x, y = watched.seen["line", 0]
    np.testing.assert_allclose([x, y], pixels(scene.x, scene.x / 4), atol=0.01)


def test_a_usual_change_takes_less_than_4_kib(watched, scene):
    for step in range(1, 4):
        scene.line.set_ydata(scene.x / 2 + 0.1 * step)
        edges = [scene.x / 4 - 0.1 * step, scene.x[::-1] / 3 + 0.1 * step]
        scene.band.set_verts([np.column_stack([[*scene.x, *scene.x[::-1]], np.ravel(edges)])])
        scene.vline.set_xdata([4 + step, 4 + step])
        watched.stage.sync(status=f"step {step}")
    for message, buffers in watched.messages:
        assert len(str(message)) + sum(map(len, buffers)) < 4096


def test_nothing_changed_sends_nothing(watched, scene):
    scene.line.set_ydata(scene.x / 2)
    watched.stage.sync()
    assert watched.messages == []


def test_the_browser_is_told_style_and_visibility(watched, scene):
    scene.line.set_color("#D55E00")
    scene.text.set_text("goodbye")
    scene.vline.set_visible(False)
    watched.stage.sync()
    assert watched.seen["line", 0][0]["stroke"] == ["#d55e00"]
    assert watched.seen["text", 0][0]["s"] == "goodbye"
    assert ("vline", 0) not in watched.seen


def test_many_changes_end_where_the_artists_are(watched, scene, pixels):
    rng = np.random.default_rng(1)
    for _ in range(30):
        heights = scene.x / 2 + rng.choice([0, 0.001, 1], 50)
        scene.line.set_ydata(heights)
        watched.stage.sync()
        watched.stage.savefig()  # draws the artists, which are then no longer marked as changed
    np.testing.assert_allclose(watched.seen["line", 0][2], pixels(scene.x, heights)[1], atol=0.01)
    fresh = watched.read_scene()
    assert fresh.keys() == watched.seen.keys()
    for key, (look, x, y) in fresh.items():
        assert watched.seen[key][0] == look
        np.testing.assert_array_equal([watched.seen[key][1], watched.seen[key][2]], [x, y])


def test_a_change_just_before_somebody_saves_is_not_lost(watched, scene, pixels):
    scene.line.set_ydata(scene.x / 5)
    scene.axes.set_title("new")
    scene.figure.savefig(io.BytesIO())
    watched.stage.sync()
    np.testing.assert_allclose(
        watched.seen["line", 0][2], pixels(scene.x, scene.x / 5)[1], atol=0.01
    )
    assert any(item[0].get("s") == "new" for item in watched.seen.values())


def test_before_a_browser_is_there_the_whole_state_is_sent(stage, scene, monkeypatch):
    states = []
    monkeypatch.setattr(stage, "send_state", lambda key: states.append(key) if key else None)
    scene.line.set_ydata(scene.x / 4)
    stage.sync()
    assert states == ["_scene"]


def test_a_browser_that_missed_something_gets_the_whole_state(watched, scene):
    scene.line.set_ydata(scene.x / 4)
    watched.stage.sync()
    watched.hear(type="hello", version=0)
    assert watched.states == ["_scene"]
    watched.hear(type="hello", version=1)
    assert watched.states == ["_scene"]


@pytest.mark.parametrize(
    "change",
    [
        lambda axes: axes.set_xlim(-1, 11),
        lambda axes: axes.set_title("new"),
        lambda axes: axes.tick_params(labelsize=14),
        lambda axes: axes.spines["top"].set_visible(False),
    ],
)
def test_a_change_of_what_stands_still_is_a_patch_like_others(watched, scene, change):
    watched.stage.sync()
    assert watched.messages == []
    change(scene.axes)
    watched.stage.sync()
    watched.stage.sync()
    assert len(watched.messages) == 1
    assert watched.states == []
    assert_seen_is_shown(watched)


@pytest.mark.parametrize(
    "change",
    [
        lambda axes: axes.legend(axes.lines[:1], ["line"]),
        lambda axes: axes.set_facecolor("#eeeeff"),
        lambda axes: axes.plot([1, 2], [2, 1]),
        lambda axes: axes.spines["left"].set_zorder(9),
        lambda axes: axes.set_axis_off(),
        lambda axes: axes.figure.text(0.5, 0.02, "beside"),
        lambda axes: axes.figure.set_size_inches(5, 3),
    ],
)
def test_other_artists_another_order_or_size_bring_a_whole_scene(watched, scene, change):
    change(scene.axes)
    watched.stage.sync()
    watched.stage.sync()
    assert watched.messages == []
    assert watched.states == ["_scene"]
    assert_seen_is_shown(watched)


def assert_seen_is_shown(watched):
    """What was sent is what a fresh stage of the same figure would send."""
    seen = watched.seen
    watched.stage._reader.forget()
    watched.stage.sync()
    assert len(watched.messages) + len(watched.states) == 1  # a whole reading finds nothing new
    fresh = watched.read_scene()
    assert seen.keys() == fresh.keys()
    for key, (look, x, y) in fresh.items():
        assert seen[key][0] == look
        np.testing.assert_array_equal([seen[key][1], seen[key][2]], [x, y])


def test_coloured_paper_goes_with_its_axes(watched, scene):
    scene.axes.set_facecolor("#eeeeff")
    watched.stage.sync()
    scene.axes.set_position([0.2, 0.2, 0.5, 0.5])
    watched.stage.sync()
    (paper,) = (x for (name, _), (_, x, _) in watched.seen.items() if name.endswith("Rectangle 1"))
    assert [paper.min(), paper.max()] == pytest.approx([120, 420])


def test_a_new_legend_in_place_of_the_old_one_is_a_patch(watched, scene):
    scene.axes.legend(scene.axes.lines[:1], ["line"])
    watched.stage.sync()
    scene.axes.legend(scene.axes.lines[:1], ["the same line"])
    watched.stage.sync()
    assert watched.states == ["_scene"]
    assert len(watched.messages) == 1
    assert "the same line" in [item[0].get("s") for item in watched.seen.values()]


def test_axes_keep_their_place_until_letters_find_no_room():
    figure = Figure(figsize=(5, 3), layout="constrained")
    axes = figure.subplots()
    axes.set(xlim=(0, 1), ylim=(0, 1))
    (line,) = axes.plot([0, 1], [0, 1])
    stage = Stage(figure, {"line": line}, alt="A line.")
    place = axes.get_position().bounds
    axes.set_ylim(0, 3)
    stage.sync()
    assert axes.get_position().bounds == place
    axes.set_ylim(0, 3_000)
    stage.sync()
    assert axes.get_position().x0 > place[0] + 0.02
    wide = axes.get_position().bounds
    axes.set_ylim(0, 1)
    stage.sync()
    stage.savefig()
    assert axes.get_position().bounds == wide  # and back again there is nothing to do
    stage.close()
    stage.savefig()
    assert axes.get_position().bounds == pytest.approx(place, abs=0.005)


def test_new_limits_move_the_artists_with_the_axes(watched, scene, pixels):
    scene.axes.set_xlim(-10, 20)
    watched.stage.sync()
    for name in ("line", "cloud"):
        expected = pixels(scene.x, scene.x)[0]
        np.testing.assert_allclose(watched.seen[name, 0][1], expected, atol=0.01)


def test_a_title_is_not_read_again_for_new_limits_and_its_box_is_when_it_changes():
    figure = Figure()
    axes = figure.subplots()
    look = {"transform": axes.transAxes, "bbox": {"facecolor": "white"}}
    title, label = axes.text(0.5, 1.02, "title", **look), axes.text(0.5, 0.5, "at the half")
    stage = Stage(figure, {"title": title, "label": label}, alt="Two texts.")
    read = stage._reader.read
    before = read()[:2]
    axes.set_ylim(0, 2)
    after = read()[:2]
    assert after[0] is before[0]
    assert after[1][0].y > before[1][0].y
    title.get_bbox_patch().set_facecolor("#ff0000")
    assert read()[0][0].look["fill"] == ["#ff0000"]
    title.set_bbox(None)  # of which matplotlib says nothing
    assert len(read()[0]) == 1
    stage.close()


def test_savefig_saves_moving_artists_too(stage, scene):
    def blue():
        with Image.open(io.BytesIO(stage.savefig())) as image:
            pixels = np.asarray(image.convert("RGB"), int)
        return np.count_nonzero(np.abs(pixels - [0, 0x72, 0xB2]).sum(axis=2) < 30)

    with Image.open(_saved(scene.figure)) as image:
        assert image.size == (600, 400)  # as without a stage
    assert blue() > 500
    scene.line.set_visible(False)
    assert blue() == 0


def _saved(figure):
    buffer = io.BytesIO()
    figure.savefig(buffer)
    return buffer


def test_artists_lie_as_matplotlib_paints_them(scene, stage):
    scene.axes.legend(scene.axes.lines[:1], ["line"])
    stage.sync()
    z = {mark["name"]: mark["z"] for mark in stage.get_state("_scene")["_scene"]["marks"]}
    assert z["still Legend 1"] > max(z[name] for name in scene.moving)
    assert z["band"] < z["line"] < z["still Spine 1"] < z["text"]
    assert not any(name.startswith("still Rectangle") for name in z)  # white paper is left out


def test_what_no_path_can_say_stands_still_as_a_picture():
    axes = Figure(figsize=(4, 3)).subplots()
    image = axes.imshow([[0, 1], [1, 0]])
    with pytest.raises(ValueError, match=r"AxesImage cannot move .* Leave it out of `moving`"):
        Stage(axes.figure, {"image": image}, alt="")
    image.set_animated(False)
    stage = Stage(axes.figure, {}, alt="Four fields.")
    kinds = [look["k"] for look in stage.get_state("_scene")["_scene"]["looks"]]
    assert kinds.count("image") == 1
    stage.close()


def test_a_sequence_of_artists_is_numbered():
    axes = Figure().subplots()
    lines = [axes.plot([0, 1], [0, k])[0] for k in range(3)]
    stage = Stage(axes.figure, {"lines": lines, "title": axes.title}, alt="Three lines.")
    assert list(stage.moving) == ["lines 0", "lines 1", "lines 2", "title"]
    stage.close()


def test_artists_of_another_figure_are_refused(scene):
    (stranger,) = Figure().subplots().plot([0, 1])
    with pytest.raises(ValueError, match=r"'stranger' is .* no Axes of this figure draws"):
        Stage(scene.figure, {"stranger": stranger}, alt="")
    with pytest.raises(ValueError, match=r"transform=fig\.transFigure"):
        Stage(scene.figure, {"text": scene.figure.text(0.1, 0.1, "beside")}, alt="")


def test_the_mimebundle_has_a_picture_and_words(stage):
    data, metadata = stage._repr_mimebundle_()
    assert data["text/plain"] == "One of everything."
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == stage.model_id
    with Image.open(io.BytesIO(base64.b64decode(data["image/png"]))) as image:
        assert image.size == (1200, 800)
    assert metadata["image/png"] == {"width": 600, "height": 400}


def test_the_state_is_small(stage):
    state = stage.get_state()
    assert len(state["_scene"]["values"]) < 4096
    drawn = {**state["_scene"], "values": None}
    assert len(json.dumps(drawn)) < 12_000
    assert state["_film"] is None
    assert state["_table"] is None


def test_a_stage_needs_no_pyplot():
    script = "import sys, hlmteach.stage; print('matplotlib.pyplot' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_threads_take_turns(watched, scene):
    def work(k):
        for step in range(20):
            with watched.stage.lock:
                scene.line.set_ydata(scene.x / 3 + k + step / 100)
                watched.stage.sync(status=str(step))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    versions = [message["version"] for message, _ in watched.messages]
    assert versions == list(range(1, len(versions) + 1))


def test_closing_leaves_nothing_behind(scene):
    callback, alive = scene.figure.stale_callback, set(open_widgets())
    listeners = count_listeners(scene.figure)
    stage = Stage(scene.figure, scene.moving, alt="One of everything.")
    layout = stage.layout.model_id
    seen = weakref.ref(stage)
    stage.close()
    stage.sync(status="too late, and no harm done")
    assert scene.figure.stale_callback == callback
    assert count_listeners(scene.figure) == listeners
    assert not any(artist.get_animated() for artist in scene.moving.values())
    del stage
    gc.collect()
    assert seen() is None
    assert set(open_widgets()) <= alive | {layout}


def count_listeners(figure):
    return sum(len(found) for found in figure.canvas.callbacks.callbacks.values())


def test_a_thousand_updates_take_no_memory(watched, scene):
    def update(steps):
        for step in range(steps):
            scene.line.set_ydata(scene.x / 2 + (step % 50) / 100)
            scene.text.set_text(f"step {step % 50}")
            watched.stage.sync(status=f"step {step}")
            watched.messages.clear()

    update(50)
    gc.collect()
    tracemalloc.start()
    update(100)
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    update(1000)
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 100_000


def test_what_paints_nothing_is_not_read_again(monkeypatch):
    figure = Figure()
    left, right = figure.subplots(1, 2)
    for axes in (left, right):
        axes.set(xlim=(0, 1), ylim=(0, 1))
    (line,) = left.plot([0, 1], [0, 1])
    with contextlib.closing(Stage(figure, {"line": line}, alt="")) as stage:
        read = []
        once = Reader._record
        monkeypatch.setattr(Reader, "_record", lambda me, a: read.append(a) or once(me, a))
        left.set_xlim(0, 2)
        stage.sync()
    assert set(read) == {line, left.xaxis}
