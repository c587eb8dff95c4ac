"""What a stage sends to the browser, and what it hears from there."""

from __future__ import annotations

import threading
from contextlib import contextmanager

import anywidget
import traitlets as t
from matplotlib.artist import Artist

from .drags import Handle
from .export import SCRIPT, STYLE
from .patches import NOTHING, Pool, is_empty, patch, settle
from .picture import paint
from .reader import Reader
from .reel import Reel, record_reel

FORMATS = ("png", "svg")  # what the download buttons offer
PLACES = {"film": "frame", "table": "index"}  # which trait says what of it is shown


def _computed(method):
    """Make a trait whose value is made when it is sent, so that nothing is kept twice."""
    return t.Int(0).tag(sync=True, to_json=lambda _, stage: getattr(stage, method)())


class Wire(anywidget.AnyWidget):
    """The hidden half of `Stage`: traits, patches and messages."""

    _esm = SCRIPT
    _css = STYLE

    _picture = _computed("_send_picture")
    _scene = _computed("_send_scene")
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
    loop = t.Bool(False).tag(sync=True)

    _reader: Reader | None = None  # none before the stage is made, nor after it is closed

    def __init__(self, figure, moving: dict[str, Artist], alt: str):
        self.figure, self.moving = figure, moving
        self.lock = threading.RLock()
        self._reels: dict[str, Reel] = {}
        self._handles: dict[str, Handle] = {}
        self._version = 0
        self._heard = self._recording = self._table_slider = False
        for artist in self._artists:
            artist.set_animated(True)
        self._reader = Reader(figure, self._artists)
        self._older_callback, figure.stale_callback = figure.stale_callback, self._on_stale
        self._paint()
        self._shown = self._reader.read()
        super().__init__(alt=alt)
        self.on_msg(self._on_message)

    def close(self) -> None:
        """Let the figure go: its artists are still ones again, and nothing listens to it."""
        if self._reader is not None:
            self._let_go()
        super().close()

    def _let_go(self) -> None:
        self._reader.close()
        self._reader = None
        if self.figure.stale_callback == self._on_stale:
            self.figure.stale_callback = self._older_callback
        for artist in self._artists:
            artist.set_animated(False)
        self._reels.clear()
        self._handles.clear()
        self.on_msg(self._on_message, remove=True)

    # What is sent

    @property
    def _artists(self) -> list[Artist]:
        return list(self.moving.values())

    def _paint(self) -> None:
        self._back, self._front = paint(self.figure, set(self._artists))
        self._background_stale = False
        self._reader.forget()

    def _repaint(self) -> bool:
        """Paint the still part and tell whether it is another.

        What was recorded ahead is then read again, for limits may be new.
        """
        before = self._back, self._front
        self._paint()
        if (self._back, self._front) == before:
            return False
        self.send_state("_picture")
        for source, reel in self._reels.items():
            self._reels[source] = reel.reread(self._artists, self._reader.read)
            self.send_state(f"_{source}")
        return True

    def _sync_artists(self, duration=None) -> None:
        """Send a patch to those who hold the last state; to the first, the whole state."""
        pool, now = Pool(), self._reader.read()
        change = patch(self._shown, now, pool)
        if self._is_seen(now, change):
            return
        base, self._version = self._version, self._version + 1
        self._shown = settle(self._shown, now)
        self._source = "scene"
        if not self._heard:
            self.send_state("_scene")
            return
        versions = {"type": "change", "base": base, "version": self._version}
        message = {**versions, "duration": duration, "looks": pool.looks, "patch": change}
        self.send(message, list(pool.buffers().values()))

    def _is_seen(self, state, change) -> bool:
        """Tell whether the browser shows this state already, by its scene or by a reel."""
        reel = self._reels.get(self._source)
        if reel is None:
            return is_empty(change)
        over = reel.over(self._shown, getattr(self, PLACES[self._source]))
        return is_empty(patch(over, state, Pool()))

    def _record(self, source, pictures, first, **timing) -> None:
        with self._while_recording():
            reel = record_reel(pictures, self._artists, self._read_keyframe, **timing)
        self._reels.pop(source, None)
        place = range(len(reel))[first] if len(reel) else 0
        if len(reel):
            self._reels[source] = reel
            reel.restore(self._artists, place)
        self._source = "scene"
        self._sync_artists()
        self.send_state(f"_{source}")
        setattr(self, PLACES[source], place)
        self._source = source if len(reel) else "scene"

    @contextmanager
    def _while_recording(self):
        if self._background_stale:
            self._repaint()
        self._recording = True
        try:
            yield
        finally:
            self._recording = False

    def _read_keyframe(self):
        if self._background_stale and self._repaint():  # somebody's savefig alone is no change
            raise ValueError(
                "the still part of the figure (limits, a title, a legend) changed between "
                "keyframes; only moving artists can. Set it before, or name the artist in `moving`."
            )
        return self._reader.read()

    def _send_picture(self) -> dict:
        width, height = (float(side) for side in self.figure.bbox.size)
        return {"width": width, "height": height, "back": self._back, "front": self._front}

    def _send_scene(self) -> dict:
        pool = Pool()
        change = patch(NOTHING, self._shown, pool)
        marks = [{"name": n, "z": a.get_zorder()} for n, a in self.moving.items()]
        head = {"version": self._version, "marks": marks, "looks": pool.looks, "patch": change}
        return head | pool.buffers()

    def _send_film(self) -> dict | None:
        reel = self._reels.get("film")
        return reel.packed() if reel else None

    def _send_table(self) -> dict | None:
        reel = self._reels.get("table")
        return reel.packed() | {"slider": self._table_slider} if reel else None

    def _send_drags(self) -> list[dict]:
        names = list(self.moving)
        return [{"mark": names.index(h.name), "axis": h.axis} for h in self._handles.values()]

    # What is heard

    def _on_stale(self, figure, value) -> None:
        self._background_stale = True
        if self._older_callback is not None:
            self._older_callback(figure, value)

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
            drag = handle.pull(content["index"], content["x"], content["y"], content["done"])
            words = handle.words(drag)
            if handle.on_drag is not None:
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
            if reel := self._reels.get(source):
                reel.restore(self._artists, change["new"])
                self._source = source
