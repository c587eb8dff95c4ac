"""The widget: a still picture by matplotlib, and over it the artists that move."""

from __future__ import annotations

import base64
import io
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager

import anywidget
import traitlets as t
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from .drags import Drag, Handle, make_handle
from .export import SCRIPT, STYLE, to_html
from .patches import NOTHING, Pool, is_empty, patch, settle
from .picture import SHARPNESS, paint, small_png
from .recorder import record
from .reel import Reel, record_reel

FORMATS = ("png", "svg")  # what the download buttons offer


def _computed(method):
    """Make a trait whose value is made when it is sent, so that nothing is kept twice."""
    return t.Int(0).tag(sync=True, to_json=lambda _, stage: getattr(stage, method)())


class Stage(anywidget.AnyWidget):
    """A matplotlib figure whose named artists move in the browser.

    Matplotlib paints the still part once. The browser draws the moving artists over it and tweens
    them from one state to the next, so that a slider feels smooth even far from its kernel.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Made with ``Figure(...)``, not by pyplot.
    moving : dict of str to artist, or to a sequence of artists
        What may change: lines, scatter points, filled bands, vertical and horizontal lines, arrows,
        text, and whatever else matplotlib paints with paths, markers and text. Each belongs to an
        Axes of the figure.
    alt : str
        What the picture shows now, for those who do not see it. Keep it up to date.

    Attributes
    ----------
    alt, status : str
        The text alternative; the result shown, and read out, below the picture.
    frame, playing, speed, loop
        The keyframe shown, whether the animation plays, its speed (1 is as recorded), whether it
        repeats.
    index : int
        The state shown of a table; link an ipywidgets slider to it with ``jslink``.
    moving : dict of str to artist
    lock : threading.RLock
        Held while the stage reads the figure. Hold it too where two threads may change the artists.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> figure = Figure(figsize=(5, 3))
    >>> axes = figure.subplots()
    >>> (line,) = axes.plot([0, 1], [0, 1])
    >>> stage = Stage(figure, {"line": line}, alt="A rising line.")
    >>> line.set_ydata([1, 0])
    >>> stage.sync(alt="A falling line.")
    >>> stage.close()
    """

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

    def __init__(self, figure: Figure, moving: Mapping[str, object], *, alt: str):
        self.figure = figure
        self.moving = _named_artists(figure, moving)
        self.lock = threading.RLock()
        self._reels: dict[str, Reel] = {}
        self._handles: dict[str, Handle] = {}
        self._version = 0
        self._heard = self._recording = self._table_slider = False
        for artist in self._artists:
            artist.set_animated(True)
        self._older_callback, figure.stale_callback = figure.stale_callback, self._on_stale
        self._paint()
        self._shown = self._read()
        super().__init__(alt=alt)
        self.on_msg(self._on_message)

    def sync(
        self,
        *,
        alt: str | None = None,
        status: str | None = None,
        duration: float | None = None,
    ) -> None:
        """Show the artists as they are now; only what changed is sent.

        Parameters
        ----------
        alt, status : str, optional
            New texts to go with the new picture.
        duration : float, optional
            Seconds the browser takes to get there. Left out, a lone change is quick, and changes
            that come fast take as long as they are apart, so that a drag flows.
        """
        if self._recording:
            return
        with self.lock, self.hold_sync():
            if self._background_stale:
                self.redraw()
            self._sync_artists(duration)
            self.alt = self.alt if alt is None else alt
            self.status = self.status if status is None else status

    def redraw(self) -> None:
        """Paint the still part again; `sync` does so itself when limits or titles changed."""
        with self.lock:
            before = self._back, self._front
            self._paint()
            if (self._back, self._front) != before:
                self.send_state("_picture")

    def animate(self, frames: Iterable, *, seconds: float = 0.6, hold: float = 0.0) -> None:
        """Record keyframes; the browser plays them alone: play, pause, step, scrub, speed.

        Parameters
        ----------
        frames : iterable of str, None or (str, float)
            Usually a generator that changes the artists and yields each keyframe's caption, or the
            caption and how many seconds the way to it takes. An empty one takes the animation away.
        seconds : float
            How long the way to a keyframe takes.
        hold : float
            Seconds to rest on each keyframe.

        Raises
        ------
        ValueError
            If the still part (limits, a title) changes between keyframes.
        """
        with self.lock:
            self.playing = False
            self._record("film", frames, seconds=seconds, hold=hold)
            self.frame = 0

    def table(self, states: Iterable, *, slider: bool = False) -> None:
        """Record states ahead and send them as one table, shown by `index`, labelled precomputed.

        Parameters
        ----------
        states : iterable of str or None
            As the keyframes of `animate`: a generator that changes the artists, yields a label.
        slider : bool
            Whether the stage shows a slider of its own; a page without a kernel always does.
        """
        with self.lock:
            self._table_slider = slider
            self._record("table", states, seconds=0.15, hold=0.0)
            self.index = 0

    def play(self) -> None:
        """Start the animation."""
        self.playing = True

    def pause(self) -> None:
        """Stop the animation at the keyframe it is on its way to."""
        self.playing = False

    def reset(self) -> None:
        """Go back to the first keyframe."""
        self.playing = False
        self.frame = 0

    def draggable(
        self,
        name: str,
        on_drag: Callable[[Drag], object] | None = None,
        *,
        axis: str = "y",
    ) -> None:
        """Let the points of a line or a scatter be pulled, by pointer or by arrow keys.

        The stage moves the point in the artist, calls `on_drag`, then syncs.

        Parameters
        ----------
        name : str
            One of `moving`.
        on_drag : callable of one Drag, optional
            Told ``name``, ``index``, ``x`` and ``y`` (data coordinates) and ``done`` (let go).
        axis : {"y", "x", "both"}
            The way a point may go.
        """
        if name not in self.moving:
            raise ValueError(f"nothing that moves is called {name!r}: {', '.join(self.moving)}.")
        with self.lock:
            self._handles[name] = make_handle(self.moving[name], name, axis, on_drag)
            self.send_state("_drags")

    def savefig(self, file=None, **options) -> bytes | None:
        """Save the whole figure as it is shown, settled; without `file`, return the bytes.

        Takes what ``Figure.savefig`` takes; PNG at twice the screen's resolution if not told.
        """
        options = {"format": "png", "dpi": SHARPNESS * self.figure.dpi} | options
        with self.lock:
            if file is not None:
                return self.figure.savefig(file, **options)
            buffer = io.BytesIO()
            self.figure.savefig(buffer, **options)
            return buffer.getvalue()

    def to_html(self) -> str:
        """Write a piece of HTML that moves without kernel or network: keyframes and table."""
        with self.lock:
            names = [name for name in self.traits(sync=True) if name in _IN_PAGES]
            return to_html(self.get_state(names), small_png(self.savefig()))

    def close(self) -> None:
        """Let the figure go: its artists are still ones again, and nothing listens to it."""
        if self.figure.stale_callback == self._on_stale:
            self.figure.stale_callback = self._older_callback
        for artist in self._artists:
            artist.set_animated(False)
        self._reels.clear()
        self._handles.clear()
        self.on_msg(self._on_message, remove=True)
        super().close()

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        png = base64.b64encode(small_png(self.savefig())).decode("ascii")
        width, height = (round(side) for side in self.figure.bbox.size)
        size = {"width": width, "height": height}
        return {**data, "image/png": png, "text/plain": self.alt}, {**metadata, "image/png": size}

    # What is sent

    @property
    def _artists(self) -> list[Artist]:
        return list(self.moving.values())

    def _read(self):
        return tuple(record(artist) for artist in self._artists)

    def _paint(self) -> None:
        self._back, self._front = paint(self.figure, set(self._artists))
        self._background_stale = False

    def _sync_artists(self, duration=None) -> None:
        """Send a patch to those who hold the last state; to the first, the whole state."""
        pool, now = Pool(), self._read()
        change = patch(self._shown, now, pool)
        if is_empty(change):
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

    def _record(self, source, pictures, **timing) -> None:
        with self._while_recording():
            reel = record_reel(pictures, self._artists, self._read_keyframe, **timing)
        self._reels[source] = reel
        self._show(source, 0)
        self._sync_artists()
        self.send_state(f"_{source}")
        self._source = source if len(reel) else "scene"

    @contextmanager
    def _while_recording(self):
        if self._background_stale:
            self.redraw()
        self._recording = True
        try:
            yield
        finally:
            self._recording = False

    def _read_keyframe(self):
        if self._background_stale:
            raise ValueError(
                "the still part of the figure (limits, a title, a legend) changed between "
                "keyframes; only moving artists can. Set it before, or name the artist in `moving`."
            )
        return self._read()

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
    def _on_position(self, change) -> None:
        source = {"frame": "film", "index": "table"}[change["name"]]
        with self.lock:
            self._show(source, change["new"])

    def _show(self, source, index) -> None:
        """Put the artists where the browser shows them, so that savefig saves what is seen."""
        reel = self._reels.get(source)
        if reel:
            reel.restore(self._artists, index)
            self._source = source


_IN_PAGES = {
    *("_picture", "_scene", "_film", "_table", "_source"),
    *("alt", "status", "frame", "index", "speed", "loop"),
}


def _named_artists(figure, moving) -> dict[str, Artist]:
    """One name per artist: a sequence called "lines" becomes "lines 0", "lines 1", ..."""
    named = {}
    for name, value in moving.items():
        several = not isinstance(value, Artist)
        for number, artist in enumerate(value if several else [value]):
            _check_artist(figure, name, artist)
            named[f"{name} {number}" if several else name] = artist
    return named


def _check_artist(figure, name, artist) -> None:
    axes = getattr(artist, "axes", None)
    in_figure = axes is not None and axes.get_figure(root=True) is figure
    if not in_figure or artist not in axes.get_children():
        raise ValueError(
            f"moving {name!r} is {artist!r}, which no Axes of this figure draws. Make it with a "
            "method of an Axes (text beside the axes: ax.text(..., transform=fig.transFigure))."
        )
