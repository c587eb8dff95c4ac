"""Which artists a figure paints, and in which order: matplotlib's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import FigureBase

WHITE = (1.0, 1.0, 1.0, 1.0)


def painted(figure) -> Iterator[Artist]:
    """Yield the artists of a figure, those of all its axes in place of the axes, from below.

    White paper is left out, so that the picture can lie on a dark page.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> (line,) = axes.plot([0, 1])
    >>> names = [type(artist).__name__ for artist in painted(axes.figure)]
    >>> names[0], names.index("XAxis") < names.index("Line2D"), names.count("Spine")
    ('XAxis', True, 4)
    """
    yield from _paper(figure)
    for artist in _by_zorder(figure, without={figure.patch}):
        yield from _parts(artist)


def names_of(artists) -> list[str]:
    """Name each by its kind and how many of them lie below it; the next picture names it so too.

    Examples
    --------
    >>> from matplotlib.text import Text
    >>> names_of([Text(), Text()])
    ['still Text 1', 'still Text 2']
    """
    seen: Counter[str] = Counter()
    names = []
    for artist in artists:
        kind = type(artist).__name__
        seen[kind] += 1
        names.append(f"still {kind} {seen[kind]}")
    return names


def _parts(artist) -> Iterator[Artist]:
    if isinstance(artist, FigureBase):
        yield from painted(artist)
    elif isinstance(artist, Axes):
        yield from _in_axes(artist)
    else:
        yield artist


def _in_axes(axes) -> Iterator[Artist]:
    if not axes.get_visible():
        return
    framed = axes.axison and axes.get_frame_on()
    without = {axes.patch}
    without |= set() if framed else set(axes.spines.values())
    without |= set() if axes.axison else {axes.xaxis, axes.yaxis}
    if framed:
        yield from _paper(axes)
    for artist in _by_zorder(axes, without):
        yield from _parts(artist)


def _paper(parent) -> Iterator[Artist]:
    if tuple(parent.patch.get_facecolor()) != WHITE:
        yield parent.patch


def _by_zorder(parent, without):
    children = [artist for artist in parent.get_children() if artist not in without]
    return sorted(children, key=lambda artist: artist.get_zorder())
