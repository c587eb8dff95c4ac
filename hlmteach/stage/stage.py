"""The widget: a still picture by matplotlib, and over it the artists that move."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterable, Mapping

from matplotlib.artist import Artist
from matplotlib.figure import Figure

from .drags import Drag, make_handle
from .export import to_html
from .picture import SHARPNESS, small_png
from .wire import Wire

_IN_PAGES = {
    *("_picture", "_scene", "_film", "_table", "_source"),
    *("alt", "status", "frame", "index", "speed", "loop"),
}


class Stage(Wire):
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

    def __init__(self, figure: Figure, moving: Mapping[str, object], *, alt: str):
        super().__init__(figure, _named_artists(figure, moving), alt)

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
        with self.lock, self.hold_sync():
            if self._recording or self._reader is None:  # none: it was closed
                return
            if self._background_stale:
                self._repaint()
            self._sync_artists(duration)
            self.alt = self.alt if alt is None else alt
            self.status = self.status if status is None else status

    def redraw(self) -> None:
        """Paint the still part again; `sync` does so itself when limits or titles changed."""
        with self.lock:
            self._repaint()

    def animate(
        self, frames: Iterable, *, seconds: float = 0.6, hold: float = 0.0, frame: int = 0
    ) -> None:
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
        frame : int
            The keyframe shown first; -1 is the last.

        Raises
        ------
        ValueError
            If the still part (limits, a title) changes between keyframes.
        """
        with self.lock:
            self.playing = False
            self._record("film", frames, frame, seconds=seconds, hold=hold)

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
            self._record("table", states, 0, seconds=0.15, hold=0.0)

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
            return to_html(self.get_state(names), self._still())

    def _still(self) -> bytes:
        return small_png(self.savefig(pil_kwargs={"compress_level": 1}))

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        with self.lock:
            png = base64.b64encode(self._still()).decode("ascii")
            if self._background_stale:  # saving made it so: the first change shall not wait for it
                self._repaint()
        width, height = (round(side) for side in self.figure.bbox.size)
        size = {"width": width, "height": height}
        return {**data, "image/png": png, "text/plain": self.alt}, {**metadata, "image/png": size}


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
