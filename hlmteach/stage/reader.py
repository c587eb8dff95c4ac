"""Reading a figure, and knowing which of its artists need no reading."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.artist import Artist
from matplotlib.axis import Axis, XAxis
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.spines import Spine
from matplotlib.text import Text

from .layout import Layout, margins_of
from .order import names_of, painted
from .patches import State
from .picture import record_any
from .placing import KINDS, Drawn
from .recorder import Item, record, recorder_of

# Whatever changes these sets their `stale`; others have parts, or attributes, that do not.
_FRANK = {*KINDS, Spine}
SIDES = ("left", "right", "bottom", "top")  # of axes: spines that limits do not move


class Reader:
    """Reads a figure into a state: first the artists that move, then all that stands still.

    Matplotlib marks an artist stale when it changes, and no longer stale when it is drawn. So after
    anybody's draw (a ``savefig``), `forget` makes the next reading whole. New limits, or another
    place of an axes, do so for the artists of that axes.

    Attributes
    ----------
    scene : dict
        The picture's ``width`` and ``height``, and the ``marks`` on it: of each artist its
        ``name``, and the place ``z`` that it has from below.
    """

    def __init__(self, figure, moving: Mapping[str, Artist]):
        self._figure, self._moving = figure, moving
        self._known: dict = {}
        self._places: dict = {}
        self._still: list[Artist] = []
        self.scene: dict = {}
        for artist in moving.values():
            _leave_unmeasured(artist)
        self._layout = Layout(figure)
        self._connection = figure.canvas.mpl_connect("draw_event", lambda _event: self.forget())
        self._older_callback, figure.stale_callback = figure.stale_callback, self._on_stale
        self._is_stale = True

    def read(self) -> State:
        """Read what the figure shows now."""
        if self._is_stale:
            self._read_still()
        moving = (self._items(artist) for artist in self._moving.values())
        return (*moving, *(self._known[artist][-1] for artist in self._still))

    def forget(self) -> None:
        """Read every artist next time."""
        self._known.clear()
        self._is_stale = True

    def close(self) -> None:
        """Stop listening to the figure."""
        self._figure.canvas.mpl_disconnect(self._connection)
        if self._figure.stale_callback == self._on_stale:
            self._figure.stale_callback = self._older_callback
        self._layout.close()

    # -- what stands still ---------------------------------------------------------------------

    def _on_stale(self, figure, value) -> None:
        self._is_stale = True
        if self._older_callback is not None:
            self._older_callback(figure, value)

    def _read_still(self) -> None:
        """Read what stands still; lay it out anew where letters no longer find room."""
        if self._layout.is_of_another_size:
            self._layout.run()
        self._survey()
        if self._layout.is_outgrown(margins := self._margins()):
            self._layout.run()
            self._survey()
            margins = self._margins()
        self._layout.keep(margins)
        self._is_stale = False  # last, for to draw an artist may mark others

    def _survey(self) -> None:
        places = {axes: _place(axes) for axes in _all_axes(self._figure)}
        places[None] = (self._figure.bbox.bounds, self._figure.dpi)
        self._places = self._places if places == self._places else places
        order, moving = list(painted(self._figure)), set(self._moving.values())
        self._known = {a: self._known[a] for a in order if a in self._known}
        self._still = [artist for artist in order if artist not in moving]
        rank = {artist: z for z, artist in enumerate(order)}
        named = [*self._moving.items(), *zip(names_of(self._still), self._still, strict=True)]
        marks = [{"name": name, "z": rank.get(artist, 0)} for name, artist in named]
        width, height = (float(side) for side in self._figure.bbox.size)
        self.scene = {"width": width, "height": height, "marks": marks}
        for artist in self._still:
            self._items(artist)

    def _margins(self) -> dict:
        """How far the letters of each axes reach beyond it."""
        height = self._figure.bbox.height
        found = {}
        for axes in self._places.keys() - {None}:
            (x0, y0), (x1, y1) = axes.bbox.get_points()
            mine = [a for a in self._still if _home(a) is axes and a.get_in_layout()]
            items = [item for artist in mine for item in self._known[artist][-1]]
            found[axes] = margins_of((x0, height - y1, x1, height - y0), items)
        return found

    def _items(self, artist) -> tuple[Item, ...]:
        """Return what was recorded of an artist, or record it anew where that may have changed."""
        places, was, drawn, items = self._known.get(artist, (None, None, None, ()))
        same = _is_as_it_was(artist, items)
        if same and places is self._places:  # all axes are where they were
            return items
        place = was if places is self._places else self._place_of(artist)
        if not same or was != place:
            items = drawn.moved(artist) if drawn and was == place else None
            if items is None:
                items = self._record(artist)
                drawn = Drawn.of(artist, items)
            _mark_as_read(artist)
        self._known[artist] = self._places, place, drawn, items
        return items

    def _record(self, artist) -> tuple[Item, ...]:
        if not artist.get_animated():
            return record_any(artist)
        try:
            return record(artist)
        except NotImplementedError:
            raise ValueError(
                f"a {type(artist).__name__} cannot move on a stage: it paints more than paths, "
                "markers and text. Leave it out of `moving`; it is then part of what stands still."
            ) from None

    def _place_of(self, artist) -> tuple:
        """What else than itself says where an artist is painted."""
        home = _home(artist)
        place = self._places.get(home, ())
        if isinstance(artist, Legend) or _is_beside_data(artist):
            return place[:1]
        if isinstance(artist, Axis) and not _has_loose_spines(home):
            box, *limits = place
            return (box, limits[0 if isinstance(artist, XAxis) else 1])
        if isinstance(artist, Spine) and artist.spine_type in SIDES and not _has_loose_spines(home):
            return place[:1]
        return place


def _mark_as_read(artist) -> None:
    """What paints nothing, matplotlib leaves stale, but it was looked at."""
    artist.stale = False
    if isinstance(artist, Axis):
        artist.label.stale = False


def _home(artist):
    return getattr(artist, "axes", None)


def _all_axes(parent):
    """Yield all axes, those within others too, put where their aspect or their parent has them."""
    for axes in parent.axes if isinstance(parent, Figure) else parent.child_axes:
        locator = axes.get_axes_locator()
        axes.apply_aspect(locator(axes, recorder_of(axes.figure.figure)) if locator else None)
        yield axes
        yield from _all_axes(axes)


def _place(axes) -> tuple:
    """Where an axes is, and what it shows: box, limits and scale across, limits and scale up."""
    sides = (
        (*sorted(axis.get_view_interval()), axis.get_inverted(), axis.get_transform())
        for axis in (axes.xaxis, axes.yaxis)
    )
    return (axes.bbox.bounds, *sides)


def _has_loose_spines(axes) -> bool:
    """Tell whether an axis hangs on a spine that goes with the data, such as a line at zero."""
    return any(spine.get_position()[0] != "outward" for spine in axes.spines.values())


def _is_beside_data(artist) -> bool:
    """Tell whether a text, such as a title, stands where it stands whatever the limits are."""
    home = _home(artist)
    is_of_axes = type(artist) is Text and home is not None
    return is_of_axes and not artist.get_transform().contains_branch(home.transData)


def _leave_unmeasured(artist) -> None:
    """Keep matplotlib from measuring a scatter's marker at each reading, by two equal styles."""
    if isinstance(artist, PathCollection):
        artist.set_antialiased([*artist.get_antialiased(), *artist.get_antialiased()])


def _is_as_it_was(artist, items) -> bool:
    """Tell whether an artist is known not to have changed."""
    if _home(artist) is None:  # the paper of an axes, say, goes with it and does not name it
        return False
    if isinstance(artist, Axis):
        return not artist.stale and not artist.label.stale
    if isinstance(artist, Legend):
        texts = [text for text in (*artist.get_texts(), artist.get_title()) if text.get_text()]
        parts = (*texts, *artist.legend_handles, artist.get_frame())
        return not artist.stale and not any(part.stale for part in parts)
    if type(artist) not in _FRANK or artist.stale:
        return False
    return not isinstance(artist, Text) or _has_its_box(artist, items)


def _has_its_box(text, items) -> bool:
    """Tell whether a text's box is known to be the same; that it was taken away, nothing tells."""
    box = text.get_bbox_patch()
    return len(items) <= 1 if box is None else not box.stale
