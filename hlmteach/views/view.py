"""What every picture has: a figure in the house style, and artists that are made once."""

from typing import ClassVar

import numpy as np
from matplotlib.collections import LineCollection

from hlmteach.views.style import house_style, new_figure


class View:
    """A picture: `_make` makes its artists once, and those that `moves` names are updated.

    With `present` it is larger, for a projector.
    """

    size: ClassVar[tuple[float, float]]  # inches, wide and high
    moves: ClassVar[str] = ""

    def __init__(self, present: bool = False):
        with house_style():
            self.figure = new_figure(*self.size, present)
            self._make()
        self._arranged = None

    def _make(self) -> None:
        raise NotImplementedError

    @property
    def moving(self) -> dict:
        """What the browser draws, by name."""
        artists = {name: getattr(self, name) for name in self.moves.split()}
        return {n: list(a.values()) if isinstance(a, dict) else a for n, a in artists.items()}


def segments(axes, **looks) -> LineCollection:
    """Put lines on axes, none yet, that leave its limits as they are."""
    lines = LineCollection([], **looks)
    axes.add_collection(lines, autolim=False)
    return lines


def put_line(line, x, y) -> None:
    """Give a line its points; one that has them stays untouched, and is not read again."""
    now = line.get_xdata(), line.get_ydata()
    if not all(map(_is_same, now, (x, y))):
        line.set_data(x, y)


def put_points(scatter, places, sizes=None) -> None:
    """Give a scatter its points (n, 2), and sizes; as `put_line`."""
    if not _is_same(scatter.get_offsets(), places):
        scatter.set_offsets(places)
    if sizes is not None and not _is_same(scatter.get_sizes(), sizes):
        scatter.set_sizes(sizes)


def put_segments(lines, ends) -> None:
    """Give a `segments` its ends (k, m, 2); as `put_line`."""
    now = lines.get_paths()
    if len(now) != len(ends) or not _is_same([path.vertices for path in now], ends):
        lines.set_segments(ends)


def put_verts(band, corners) -> None:
    """Give a band of one piece its corners (n, 2); as `put_line`."""
    now = [path.vertices[:-1] for path in band.get_paths()]  # the last one closes it
    if not _is_same(now, [corners]):
        band.set_verts([corners])


def put(artist, **wanted) -> None:
    """Set what an artist or axes have, as ``.set`` does, but only what is another than before.

    What is set is read again: an axis with its ticks takes the stage as long as ten lines.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> put(axes, xlim=(0, 5), ylabel="y")
    >>> axes.xaxis.stale = False
    >>> put(axes, xlim=(0, 5), ylim=(0, 2))
    >>> axes.xaxis.stale, axes.get_ylim() == (0, 2)
    (False, True)
    """
    others = {name: value for name, value in wanted.items() if not _has(artist, name, value)}
    if others:
        artist.set(**others)


def _has(artist, name: str, value) -> bool:
    """Whether it is so already; limits that axes chose by themselves may become others."""
    if name in ("xlim", "ylim") and getattr(artist, f"get_autoscale{name[0]}_on")():
        return False
    now = getattr(artist, f"get_{name}")()
    return now == value if isinstance(now, str) else np.array_equal(now, value)


def _is_same(now, wanted) -> bool:
    """Whether numbers are the same ones, NaN among them; bytes are compared faster than numbers."""
    now, wanted = np.asarray(now, float), np.asarray(wanted, float)
    if now.shape != wanted.shape:
        return now.size == wanted.size == 0
    return now.tobytes() == wanted.tobytes()
