"""A figure with one of everything, and a stage whose messages can be watched."""

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

from hlmteach.stage import Stage


@pytest.fixture
def scene():
    """A figure's artists by name, and its axes."""
    figure = Figure(figsize=(6, 4))
    axes = figure.subplots()
    axes.set(xlim=(0, 10), ylim=(0, 5))
    x = np.linspace(0, 10, 50)
    (line,) = axes.plot(x, x / 2, "--", color="#0072B2", linewidth=2)
    (dots,) = axes.plot([1, 2, 3], [1, 2, 3], "o", color="black")
    moving = {
        "line": line,
        "dots": dots,
        "cloud": axes.scatter(x, x / 3, s=np.linspace(4, 40, 50), c=x),
        "band": axes.fill_between(x, x / 4, x / 3, alpha=0.2),
        "vline": axes.axvline(4),
        "hline": axes.axhline(2),
        "text": axes.text(0.5, 0.9, "hello", transform=axes.transAxes),
    }
    return SimpleNamespace(figure=figure, axes=axes, x=x, moving=moving, **moving)


@pytest.fixture
def stage(scene):
    stage = Stage(scene.figure, scene.moving, alt="One of everything.")
    yield stage
    stage.close()


@pytest.fixture
def watched(stage, monkeypatch):
    """The stage, and a browser that has said hello."""
    return Watched(stage, monkeypatch)


class Watched:
    """Takes the browser's place: keeps what is sent, and follows patches as its script does.

    `seen` is what the browser shows, as a dict of (name, item) to (style, x, y).
    """

    def __init__(self, stage, monkeypatch):
        self.stage = stage
        self.messages, self.states = [], []
        self.seen = self.read_scene()
        self.hear(type="hello", version=0)
        monkeypatch.setattr(stage, "send", self._note)
        monkeypatch.setattr(stage, "send_state", self._note_state)

    def hear(self, **content):
        """Send a message from the browser."""
        self.stage._on_message(self.stage, content, [])

    def read_scene(self):
        scene = self.stage.get_state("_scene")["_scene"]
        return self._patched({}, scene, [scene["values"]])

    def _note_state(self, key):
        """Keep which of the computed traits is sent."""
        names = {key} if isinstance(key, str) else set(key)
        self.states += names & {"_scene", "_film", "_table", "_drags"}
        if "_change" in names:
            self._note_change(self.stage.get_state("_change")["_change"])
        if "_scene" in names:
            self.seen = self.read_scene()

    def _note(self, content, buffers=None):
        self.messages.append((content, buffers or []))

    def _note_change(self, change):
        self.messages.append((change, [change["values"]]))
        self.seen = self._patched(self.seen, change, [change["values"]])

    def _patched(self, state, message, buffers):
        names = [mark["name"] for mark in self.stage._scenery["marks"]]
        values = np.frombuffer(buffers[0], "<f4")
        counts = {names[mark]: count for mark, count in message["patch"]["n"]}
        state = {key: item for key, item in state.items() if key[1] < counts.get(key[0], 99)}
        for mark, place, look, x, y in message["patch"]["set"]:
            old = state.get((names[mark], place), (None, None, None))
            state[names[mark], place] = (
                old[0] if look is None else message["looks"][look],
                old[1] if x is None else values[x[0] : x[0] + x[1]],
                old[2] if y is None else values[y[0] : y[0] + y[1]],
            )
        return state


@pytest.fixture
def pixels(scene):
    """Where matplotlib paints data: pixels from the figure's top left."""

    def to_pixels(x, y):
        places = scene.axes.transData.transform(np.column_stack([x, y]))
        return places[:, 0], scene.figure.bbox.height - places[:, 1]

    return to_pixels
