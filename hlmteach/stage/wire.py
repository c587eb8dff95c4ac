"""What a stage sends to the browser, and what it hears from there."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import replace

import anywidget
import traitlets as t
from matplotlib.artist import Artist

from .drags import Handle
from .export import SCRIPT, STYLE
from .later import Later
from .patches import NOTHING, Pool, is_empty, patch
from .reader import Reader
from .reel import Reel, record_reel

FORMATS = ("png", "svg")  # what the download buttons offer
REST = 0.5  # seconds without new limits before what was recorded ahead is read again
PLACES = {"film": "frame", "table": "index"}  # which trait says what of it is shown


def _computed(method):
    """Make a trait whose value is made when it is sent, so that nothing is kept twice."""
    return t.Int(0).tag(sync=True, to_json=lambda _, stage: getattr(stage, method)())


class Wire(anywidget.AnyWidget):
    """The hidden half of `Stage`: traits, patches and messages."""

    _esm = SCRIPT
    _css = STYLE

    _scene = _computed("_send_scene")
    _change = _computed("_send_change")
    _film = _computed("_send_film")
    _table = _computed("_send_table")
    _drags = _computed("_send_drags")
    _source = t.Enum(("scene", "film", "table"), "scene").tag(sync=True)
    alt = t.Unicode("").tag(sync=True)
    status = t.Unicode("").tag(sync=True)
    frame = t.Int(0, min=0).tag(sync=True)
    index = t.Int(0, min=0).tag(sync=True)
    playing = t.Bool(False).tag(sync=True)
    speed = t.Float(1.0, min=0.05, max=20.0).tag(sync=True)

    _reader: Reader | None = None  # none before the stage is made, nor after it is closed

    def __init__(self, figure, moving: dict[str, Artist], alt: str):
        self.figure, self.moving = figure, moving
        self.lock = threading.RLock()
        self._reels: dict[str, Reel] = {}
        self._handles: dict[str, Handle] = {}
        self._overdue: set[str] = set()
        self._later = Later(self._reread)
        self._version, self._patch = 0, None
        self._heard = self._recording = False
        for artist in self._artists:
            artist.set_animated(True)
        self._reader = Reader(figure, moving)
        self._shown, self._scenery = self._reader.read(), self._reader.scene
        super().__init__(alt=alt)
        self.on_msg(self._on_message)

    def close(self) -> None:
        """Let the figure go: its artists are still ones again, and nothing listens to it."""
        if self._reader is not None:
            self._let_go()
        super().close()

    def _let_go(self) -> None:
        self._later.cancel()
        self._reader.close()
        self._reader = None
        for artist in self._artists:
            artist.set_animated(False)
        self._reels.clear()
        self._handles.clear()
        self.on_msg(self._on_message, remove=True)

    # What is sent

    @property
    def _artists(self) -> list[Artist]:
        return list(self.moving.values())

    def _sync(self) -> None:
        """Send a patch to those who hold the last state; to the first, the whole state."""
        pool, now, scenery = Pool(), self._reader.read(), self._reader.scene
        same = scenery == self._scenery
        change = patch(self._shown if same else NOTHING, now, pool)
        if same and self._is_seen(now, change):
            return
        self._expect_rereading(same, change)
        base, self._version = self._version, self._version + 1
        self._shown, self._scenery = now, scenery
        self._source = "scene"
        if not self._heard or not same:
            self.send_state("_scene")
            return
        versions = {"base": base, "version": self._version}
        self._patch = {**versions, "looks": pool.looks, "patch": change, "values": pool.values()}
        self._change = self._version  # goes with new texts in one message: each costs the kernel

    def _expect_rereading(self, same, change) -> None:
        """Limits may be new for what was recorded ahead, where what stands still is another.

        To read it all again takes longer than a drag can wait.
        """
        if self._reels and not (same and _moves_only(change, len(self.moving))):
            self._overdue |= self._reels.keys()
            self._later.ask(REST)

    def _reread(self) -> None:
        """Read again, on the present limits, what was recorded ahead."""
        with self.lock:
            self._later.cancel()
            due = self._overdue & self._reels.keys()
            self._overdue.clear()
            for source in due:
                reel = self._reels[source]
                self._reels[source] = reel.reread(self._artists, self._reader.read)
                self.send_state(f"_{source}")

    def _is_seen(self, state, change) -> bool:
        """Tell whether the browser shows this state already, by its scene or by a reel."""
        reel = self._reels.get(self._source)
        if reel is None or self._source in self._overdue:
            return is_empty(change)
        over = reel.over(self._shown, getattr(self, PLACES[self._source]))
        return is_empty(patch(over, state, Pool()))

    def _record(self, source, pictures, first, rest, **timing) -> None:
        with self._while_recording(freely=source == "table") as read:
            reel = record_reel(pictures, self._artists, read, **timing)
        self._reels.pop(source, None)
        self._overdue.discard(source)
        places, waits = range(len(reel)) or [0], rest is not None
        left = places[rest if waits else first]
        if len(reel):
            reel = replace(reel, rest=left if waits else None)
            reel.restore(self._artists, left)
        self._source = "scene"
        self._sync()
        if len(reel):
            self._reels[source] = reel
        self.send_state(f"_{source}")
        setattr(self, PLACES[source], 0 if waits else left)
        if len(reel) and waits:
            reel.restore(self._artists, left)
        self._source = source if len(reel) and not waits else "scene"
        self.send_state("_source")  # a browser that went to a keyframe shows that

    @contextmanager
    def _while_recording(self, freely: bool):
        """Yield what reads a picture; those of a film have the same limits, unless `freely`."""
        before, scenery = self._reader.read(), self._reader.scene

        def read():
            state = self._reader.read()
            change = patch(before, state, Pool())
            same = freely or _moves_only(change, len(self.moving))
            if scenery != self._reader.scene or not same:
                raise ValueError(
                    "what stands still (limits, a title, a legend) changed between keyframes; only "
                    "moving artists can. Set it before, or name the artist in `moving`."
                )
            return state

        self._recording = True
        try:
            yield read
        finally:
            self._recording = False

    def _send_scene(self) -> dict:
        pool = Pool()
        change = patch(NOTHING, self._shown, pool)
        head = {"version": self._version, **self._scenery}
        return head | {"patch": change, "looks": pool.looks, "values": pool.values()}

    def _send_change(self) -> dict | None:
        return self._patch

    def _send_film(self) -> dict | None:
        if "film" not in self._reels:
            return None
        return self._reels["film"].packed() | {"version": self._version}  # of the scene it tells of

    def _send_table(self) -> dict | None:
        return self._reels["table"].packed() if "table" in self._reels else None

    def _send_drags(self) -> list[int]:
        return [list(self.moving).index(name) for name in self._handles]

    # What is heard

    def _on_message(self, _widget, content, _buffers) -> None:
        answers = {"hello": self._on_hello, "drag": self._on_drag, "save": self._on_save}
        with self.lock:
            if content.get("type") in answers:
                answers[content["type"]](content)

    def _on_hello(self, content) -> None:
        self._heard = True
        if content["version"] != self._version:
            self.send_state("_scene")

    def _on_drag(self, content) -> None:
        """Move the point and tell; the browser sends no further drag before it has an answer."""
        handle = self._handles.get(list(self.moving)[content["mark"]])
        if handle is None:
            return
        words = ""
        try:
            drag = handle.pull(content["index"], content["y"], content["done"])
            words = handle.words(drag)
            handle.on_drag(drag)
            self.sync()
        finally:
            self.send({"type": "dragged", "ticket": content["ticket"], "words": words})

    def _on_save(self, content) -> None:
        if content["format"] in FORMATS:
            data = self.savefig(format=content["format"])
            self.send({"type": "file", "format": content["format"]}, [data])

    @t.observe("frame", "index")
    def _on_place(self, change) -> None:
        """Put the artists where the browser shows them, so that savefig saves what is seen."""
        source = next(source for source, trait in PLACES.items() if trait == change["name"])
        with self.lock:
            self._reread()
            if reel := self._reels.get(source):
                reel.restore(self._artists, change["new"])
                self._source = source


def _moves_only(change, count: int) -> bool:
    """Tell whether a patch concerns only the first so many artists, those that move."""
    return all(mark < count for mark, *_ in (*change["n"], *change["set"]))
