"""The widget: a still picture by matplotlib, and over it the artists that move."""

from __future__ import annotations

import base64
import io
import threading
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path

import anywidget
import traitlets as t
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from .patches import NOTHING, Pool, is_empty, patch, settle
from .picture import SHARPNESS, paint
from .recorder import record
from .reel import Reel, record_reel

_HERE = Path(__file__).parent


def _computed(method):
    """A trait whose value is made when it is sent, so that nothing is kept twice."""
    return t.Int(0).tag(sync=True, to_json=lambda _, stage: getattr(stage, method)())


class Stage(anywidget.AnyWidget):
    """A matplotlib figure whose named artists move in the browser.

    Matplotlib paints the still part once. The browser draws the moving artists over it and tweens them from
    one state to the next, so that a slider feels smooth even far from its kernel.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Made with ``Figure(...)``, not by pyplot.
    moving : dict of str to artist, or to a sequence of artists
        What may change: lines, scatter points, filled bands, vertical and horizontal lines, arrows, text, and
        whatever else matplotlib paints with paths, markers and text. Each belongs to an Axes of the figure.
    alt : str
        What the picture shows now, for those who do not see it. Keep it up to date: ``stage.alt = ...``.

    Attributes
    ----------
    alt, status : str
        The text alternative; the result shown, and read out, below the picture.
    frame, playing, speed, loop
        The keyframe shown, whether the animation plays, its speed (1 is as recorded), whether it repeats.
    index : int
        The state shown of a table; link an ipywidgets slider to it with ``jslink``.
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

    _esm = _HERE / "stage.js"
    _css = _HERE / "stage.css"

    _picture = _computed("_send_picture")
    _scene = _computed("_send_scene")
    _film = _computed("_send_film")
    alt = t.Unicode("").tag(sync=True)
    status = t.Unicode("").tag(sync=True)
    frame = t.Int(0, min=0).tag(sync=True)
    playing = t.Bool(False).tag(sync=True)
    speed = t.Float(1.0, min=0.05, max=20.0).tag(sync=True)
    loop = t.Bool(False).tag(sync=True)

    def __init__(self, figure: Figure, moving: Mapping[str, object], *, alt: str):
        self.figure = figure
        self.moving = _named_artists(figure, moving)
        self.lock = threading.RLock()
        self._version = 0
        self._heard = False
        self._recording = False
        self._reel: Reel | None = None
        self._shown = NOTHING
        for artist in self._artists:
            artist.set_animated(True)
        self._older_callback, figure.stale_callback = figure.stale_callback, self._on_stale
        self._paint()
        self._shown = self._read()
        super().__init__(alt=alt)
        self.on_msg(self._on_message)

    # Moving

    def sync(
        self, *, alt: str | None = None, status: str | None = None, duration: float | None = None
    ):
        """Show the artists as they are now; only what changed is sent.

        Parameters
        ----------
        alt, status : str, optional
            New texts to go with the new picture.
        duration : float, optional
            Seconds the browser takes to get there. Left out, a lone change takes about 40 ms, and changes that
            come fast take as long as they are apart, so that a drag flows.
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
        """Paint the still part again; `sync` does so by itself when limits, titles or legends changed."""
        with self.lock:
            before = self._back, self._front
            self._paint()
            if (self._back, self._front) != before:
                self.send_state("_picture")

    # Keyframes

    def animate(self, frames: Iterable, *, seconds: float = 0.6, hold: float = 0.0) -> None:
        """Record keyframes; the browser plays them alone, with play, pause, step, scrub and speed.

        Parameters
        ----------
        frames : iterable of str, None or (str, float)
            Usually a generator that changes the artists and yields each keyframe's caption, or the caption and
            how many seconds the way to it takes. An empty one takes the animation away.
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
            reel = self._record(frames, seconds=seconds, hold=hold)
            self.playing = False
            self._reel = reel if len(reel) else None
            self._show_frame(0)
            self._sync_artists(None)
            self.frame = 0
            self.send_state("_film")

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

    # Keeping

    def savefig(self, file=None, **options) -> bytes | None:
        """Save the whole figure as it is shown, settled; without `file`, return PNG bytes.

        Takes what ``Figure.savefig`` takes.
        """
        with self.lock:
            if file is not None:
                return self.figure.savefig(file, **options)
            buffer = io.BytesIO()
            self.figure.savefig(
                buffer, **{"format": "png", "dpi": SHARPNESS * self.figure.dpi, **options}
            )
            return buffer.getvalue()

    def close(self) -> None:
        """Let the figure go: its artists are still ones again, and nothing listens to it."""
        if self.figure.stale_callback == self._on_stale:
            self.figure.stale_callback = self._older_callback
        for artist in self._artists:
            artist.set_animated(False)
        self._reel = None
        super().close()

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        png = base64.b64encode(self.savefig()).decode("ascii")
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

    def _sync_artists(self, duration) -> None:
        """Send a patch to those who hold the last state; before anyone said so, the whole state."""
        pool, now = Pool(), self._read()
        change = patch(self._shown, now, pool)
        if is_empty(change):
            return
        base, self._version = self._version, self._version + 1
        self._shown = settle(self._shown, now)
        if not self._heard:
            self.send_state("_scene")
            return
        message = {"type": "change", "base": base, "version": self._version, "looks": pool.looks}
        buffers = list(pool.buffers().values())
        self.send({**message, "duration": duration, "patch": change}, buffers)

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
        return self._reel.packed() if self._reel else None

    # What is heard

    def _on_stale(self, figure, value) -> None:
        self._background_stale = True
        if self._older_callback is not None:
            self._older_callback(figure, value)

    def _on_message(self, _widget, content, _buffers) -> None:
        with self.lock:
            if content.get("type") == "hello":
                self._heard = True
                if content.get("version") != self._version:
                    self.send_state("_scene")

    @t.observe("frame")
    def _on_frame(self, change) -> None:
        with self.lock:
            self._show_frame(change["new"])

    def _show_frame(self, index) -> None:
        if self._reel:
            self._reel.restore(self._artists, min(index, len(self._reel) - 1))

    def _record(self, frames, **timing) -> Reel:
        with self._while_recording():
            return record_reel(frames, self._artists, self._read_keyframe, **timing)

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
                "the still part of the figure (limits, a title, a legend) changed between keyframes; "
                "only moving artists can. Set it before animate(), or name that artist in `moving`."
            )
        return self._read()


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
    if (
        axes is None
        or axes.get_figure(root=True) is not figure
        or artist not in axes.get_children()
    ):
        raise ValueError(
            f"moving {name!r} is {artist!r}, which is not drawn by an Axes of this figure. Make it with a "
            "method of an Axes (for text beside the axes: ax.text(..., transform=fig.transFigure))."
        )
