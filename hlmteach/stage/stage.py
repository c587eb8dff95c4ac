"""The widget: a matplotlib figure that the browser draws, and moves."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterable, Mapping

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from . import outputs
from .drags import Drag, make_handle
from .export import to_html
from .picture import SHARPNESS, moving_webp, small_png
from .wire import Wire

_IN_PAGES = {"_scene", "_film", "_table", "_source", "alt", "status", "frame", "index", "speed"}


class Stage(outputs.Shown, Wire):
    """A matplotlib figure whose named artists move in the browser.

    Matplotlib says where everything is painted; the browser paints it, and tweens it from one state
    to the next, so that a slider feels smooth even far from its kernel.

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
    frame, playing, speed
        The keyframe shown, whether the animation plays, its speed (1 is as recorded).
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

    def sync(self, *, alt: str | None = None, status: str | None = None) -> None:
        """Show the artists as they are now; only what changed is sent.

        Parameters
        ----------
        alt, status : str, optional
            New texts to go with the new picture.

        Notes
        -----
        A lone change is there at once; changes that come fast take as long as they are apart, so
        that a drag flows. New limits, titles and legends go the same way.
        """
        with self.lock, self.hold_sync():
            if self._recording or self._reader is None:  # none: it was closed
                return
            self._sync()
            self.alt = self.alt if alt is None else alt
            self.status = self.status if status is None else status

    def animate(
        self,
        frames: Iterable,
        *,
        seconds: float = 0.6,
        hold: float = 0.0,
        frame: int = 0,
        rest: int | None = None,
    ) -> None:
        """Record keyframes; the browser plays them alone: play, pause, step, scrub, speed.

        Parameters
        ----------
        frames : iterable of str or None
            Usually a generator that changes the artists and yields each keyframe's caption. An
            empty one takes the animation away.
        seconds : float
            How long the way to a keyframe takes.
        hold : float
            Seconds to rest on each keyframe.
        frame : int
            The keyframe shown first; -1 is the last.
        rest : int, optional
            The keyframe that shows what the artists settled on, and in which they are left. The
            animation then waits at its beginning, beside the picture as it stands.

        Raises
        ------
        ValueError
            If `seconds` is not above 0, or what stands still (limits, a title) changes between
            keyframes.
        """
        with self.lock:
            self.playing = False
            self._record("film", frames, frame, rest, seconds=seconds, hold=hold)

    def rewind(self) -> None:
        """Show the first keyframe in the browser; the artists stay as they are."""
        with self.lock:
            if "film" in self._reels:
                self._source = "film"

    def table(self, states: Iterable) -> None:
        """Record states ahead and send them as one table, shown by `index`, labelled precomputed.

        Parameters
        ----------
        states : iterable of str or None
            As the keyframes of `animate`: a generator that changes the artists, yields a label.
            Here limits and titles may change too.

        Notes
        -----
        A page without a kernel shows a slider for it; in a notebook, link one of your own.
        """
        with self.lock:
            self._record("table", states, 0, None, seconds=0.15, hold=0.0)

    def draggable(self, name: str, on_drag: Callable[[Drag], object]) -> None:
        """Let the points of a line or a scatter be pulled up and down, by pointer or arrow keys.

        The stage moves the point in the artist, calls `on_drag`, then syncs.

        Parameters
        ----------
        name : str
            One of `moving`.
        on_drag : callable of one Drag
            Told ``name``, ``index``, ``x`` and ``y`` (data coordinates) and ``done`` (let go).
        """
        if name not in self.moving:
            raise ValueError(f"nothing that moves is called {name!r}: {', '.join(self.moving)}.")
        with self.lock:
            self._handles[name] = make_handle(self.moving[name], name, on_drag)
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
            self._reread()
            names = [name for name in self.traits(sync=True) if name in _IN_PAGES]
            return to_html(self.get_state(names), self._still())

    def film_webp(self, width: float, seconds: float = 4.0, most: int = 10) -> bytes:
        """Write the animation as a small moving picture, `width` pixels wide, that is told once.

        It shows at most so many keyframes, first and last among them; a stage without an
        animation stands still.
        """
        with self.lock:
            reel, pngs = self._reels.get("film"), []
            keyframes = np.linspace(0, len(reel) - 1, min(most, len(reel))) if reel else []
            for keyframe in np.round(keyframes).astype(int):
                reel.restore(self._artists, keyframe)
                pngs.append(self.savefig(dpi=width / self.figure.get_figwidth()))
            if reel and reel.rest is not None:
                reel.restore(self._artists, reel.rest)
            return moving_webp(pngs or [self._still()], seconds)

    def _still(self) -> bytes:
        return small_png(self.savefig(pil_kwargs={"compress_level": 1}))

    def with_picture(self, bundle) -> tuple[dict, dict]:
        """Put the picture and its words beside a widget that shows the stage, for an output.

        Where the widget is not alive (a code host's preview, a terminal) they are seen.
        """
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        with self.lock:
            png = base64.b64encode(self._still()).decode("ascii")
            self._sync()  # to save is to draw: the first change shall not wait for a whole reading
        width, height = (round(side) for side in self.figure.bbox.size)
        size = {"width": width, "height": height}
        return {**data, "image/png": png, "text/plain": self.alt}, {**metadata, "image/png": size}

    def _repr_mimebundle_(self, **kwargs):
        outputs.note(self)
        return self.with_picture(super()._repr_mimebundle_(**kwargs))


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
    root = getattr(getattr(axes, "figure", None), "figure", None)
    if root is not figure or artist not in axes.get_children():
        raise ValueError(
            f"moving {name!r} is {artist!r}, which no Axes of this figure draws. Make it with a "
            "method of an Axes (text beside the axes: ax.text(..., transform=fig.transFigure))."
        )
