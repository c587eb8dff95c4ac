"""Keyframes and tables: recorded once, played by the browser, followed by the artists."""

import io
import time

import numpy as np
import pytest
from matplotlib.figure import Figure

from hlmteach.stage import Stage


@pytest.fixture
def film(stage, scene):
    def steps():
        for k in range(4):
            scene.line.set_ydata(scene.x / (2 + k))
            scene.dots.set_data([1, 2], [k, k])
            scene.text.set_visible(k != 2)
            yield f"step {k}"

    stage.animate(steps(), seconds=0.5, hold=0.1)
    return stage.get_state("_film")["_film"]


def test_keyframes_are_packed_once(film, stage):
    assert film["captions"] == [f"step {k}" for k in range(4)]
    assert film["seconds"] == 0.5
    assert film["hold"] == 0.1
    names = [list(stage.moving)[mark] for mark in film["movers"]]
    assert names == ["line", "dots", "text"]
    lines = 50 + 4 * 50  # x once, y four times
    dots = 2 + 4 * 2
    assert len(film["values"]) <= 4 * (lines + dots + 20)


def test_what_disappears_is_gone_in_its_keyframe_only(film, stage):
    text = list(stage.moving).index("text")
    counts = [dict(step["n"]).get(text) for step in film["steps"]]
    assert counts == [1, None, 0, 1]


def test_artists_follow_the_frame(film, stage, scene):
    assert stage.frame == 0
    np.testing.assert_allclose(scene.line.get_ydata(), scene.x / 2)
    stage.frame = 3
    np.testing.assert_allclose(scene.line.get_ydata(), scene.x / 5)
    assert list(scene.dots.get_ydata()) == [3, 3]
    stage.frame = 2
    assert not scene.text.get_visible()
    stage.frame = 0
    assert scene.text.get_visible()


def test_saving_saves_the_keyframe(film, stage, scene):
    first = stage.savefig()
    stage.frame = 3
    assert stage.savefig() != first
    stage.frame = 0
    assert stage.savefig() == first


def test_sync_inside_a_film_does_nothing(watched, scene):
    def steps():
        for k in range(3):
            scene.line.set_ydata(scene.x / (2 + k))
            watched.stage.sync(status=f"{k}")
            yield None

    watched.stage.animate(steps())
    assert watched.messages == []
    assert watched.stage.status == ""


def test_sync_after_a_film_shows_the_artists(watched, scene, pixels):
    watched.stage.animate(_rise(scene))
    watched.stage.frame = 2
    assert watched.stage._source == "film"
    watched.stage.sync(status="no change: the keyframe stays")
    assert watched.messages == []
    scene.line.set_ydata(scene.x / 2)  # what the scene, though not the keyframe, shows already
    watched.stage.sync()
    assert watched.stage._source == "scene"
    assert len(watched.messages) == 1
    np.testing.assert_allclose(
        watched.seen["line", 0][2], pixels(scene.x, scene.x / 2)[1], atol=0.01
    )


def test_new_limits_move_the_keyframes_too(watched, scene):
    watched.stage.animate(_rise(scene))
    before = watched.stage._reels["film"].states
    watched.states.clear()
    scene.axes.set_ylim(0, 10)
    watched.stage.sync()
    assert "_film" not in watched.states  # a drag does not wait for it
    watched.stage._reread()
    after = watched.stage._reels["film"].states
    assert "_film" in watched.states
    for index in range(3):
        watched.stage.frame = index
        drawn = watched.stage._reader.read()
        np.testing.assert_allclose(after[index][0][0].y, drawn[0][0].y)
        assert np.abs(after[index][0][0].y - before[index][0][0].y).max() > 1


def test_a_while_after_new_limits_the_keyframes_follow_by_themselves(watched, scene, monkeypatch):
    monkeypatch.setattr("hlmteach.stage.wire.REST", 0.01)
    watched.stage.animate(_rise(scene))
    watched.states.clear()
    scene.axes.set_ylim(0, 10)
    watched.stage.sync()
    for _ in range(100):
        if "_film" in watched.states:
            break
        time.sleep(0.02)
    assert "_film" in watched.states


def test_an_empty_film_takes_the_film_away(film, stage):
    stage.animate([])
    assert stage.get_state("_film")["_film"] is None


def test_a_film_without_time_is_refused(film, stage):
    with pytest.raises(ValueError, match=r"seconds is 0: give a number above 0\."):
        stage.animate(["none"], seconds=0)
    assert stage.get_state("_film")["_film"] == film


def test_the_still_part_may_not_change_between_keyframes(stage, scene):
    def steps():
        yield "first"
        scene.axes.set_title("other")
        yield "second"

    with pytest.raises(ValueError, match=r"what stands still .* changed between keyframes"):
        stage.animate(steps())
    stage.sync()  # and the stage still works


def test_saving_between_keyframes_is_no_change(stage, scene):
    def steps():
        for k in range(3):
            scene.line.set_ydata(scene.x / (2 + k))
            scene.figure.savefig(io.BytesIO())
            yield f"step {k}"

    stage.animate(steps())
    assert len(stage.get_state("_film")["_film"]["captions"]) == 3


def test_a_table_is_shown_by_its_index(stage, scene):
    def states():
        for k in range(5):
            scene.vline.set_xdata([k, k])
            yield f"x = {k}"

    stage.table(states())
    packed = stage.get_state("_table")["_table"]
    assert packed["captions"][4] == "x = 4"
    stage.index = 3
    assert list(scene.vline.get_xdata()) == [3, 3]


def test_a_table_may_have_limits_of_its_own(stage, scene):
    limits = scene.axes.get_xlim()

    def states():
        yield None
        scene.axes.set_xlim(0, 99)
        yield None
        scene.axes.set_xlim(limits)

    stage.table(states())
    names = [mark["name"] for mark in stage.get_state("_scene")["_scene"]["marks"]]
    movers = stage.get_state("_table")["_table"]["movers"]
    assert any(names[mark].startswith("still") for mark in movers)
    scene.axes.set_title("other")
    stage.sync()
    stage.to_html()  # which reads again what was recorded on other limits; not the table
    assert stage.get_state("_table")["_table"]["movers"] == movers


def test_annotations_come_back():
    axes = Figure(figsize=(4, 3)).subplots()
    note = axes.annotate("here", (0.2, 0.2), (0.6, 0.8), arrowprops={"arrowstyle": "->"})
    arrows = axes.quiver([0.5], [0.5], [1], [0])
    stage = Stage(axes.figure, {"note": note, "arrows": arrows}, alt="An arrow.")

    def steps():
        for k in range(3):
            note.xy = (0.2 + 0.2 * k, 0.2)
            note.set_text(f"step {k}")
            arrows.set_UVC([1 - k], [k])
            yield None

    stage.animate(steps())
    pictures = []
    for frame in (0, 1, 2, 0):
        stage.frame = frame
        buffer = io.BytesIO()
        stage.figure.savefig(buffer)
        pictures.append(buffer.getvalue())
    assert len(set(pictures)) == 3
    assert pictures[0] == pictures[3]
    stage.close()


def _rise(scene):
    for k in range(3):
        scene.line.set_ydata(scene.x / 2 + k / 2)
        yield f"step {k}"
