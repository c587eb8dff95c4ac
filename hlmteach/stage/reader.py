"""Reading the moving artists, and knowing which of them need no reading."""

from __future__ import annotations

from matplotlib.collections import FillBetweenPolyCollection, LineCollection, PathCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle
from matplotlib.text import Text

from .patches import State
from .recorder import record

# Whatever changes these sets their `stale`; others have parts, or attributes, that do not.
_FRANK = {
    *(Line2D, PathCollection, LineCollection, FillBetweenPolyCollection, Polygon, Rectangle),
    Text,
}


class Reader:
    """Reads artists of a figure into a state.

    Matplotlib marks an artist stale when it changes, and no longer stale when it is drawn. So after
    anybody's draw (a ``savefig``) or a change of the axes, `forget` makes the next reading whole.
    """

    def __init__(self, figure, artists):
        self._figure, self._artists = figure, list(artists)
        self._last: State = ()
        for artist in self._artists:
            _leave_unmeasured(artist)
        self._connection = figure.canvas.mpl_connect("draw_event", lambda _event: self.forget())

    def read(self) -> State:
        """Read the artists as they are now."""
        if self._last:
            pairs = zip(self._artists, self._last, strict=True)
            self._last = tuple(
                items if _is_as_it_was(artist, items) else record(artist) for artist, items in pairs
            )
        else:
            self._last = tuple(record(artist) for artist in self._artists)
        return self._last

    def forget(self) -> None:
        """Read every artist next time."""
        self._last = ()

    def close(self) -> None:
        """Stop listening to the figure."""
        self._figure.canvas.mpl_disconnect(self._connection)


def _leave_unmeasured(artist) -> None:
    """Keep matplotlib from measuring a scatter's marker at each reading, by two equal styles."""
    if isinstance(artist, PathCollection):
        artist.set_antialiased([*artist.get_antialiased(), *artist.get_antialiased()])


def _is_as_it_was(artist, items) -> bool:
    """Tell whether an artist is known not to have changed; a text's box never tells."""
    boxed = isinstance(artist, Text) and (len(items) > 1 or artist.get_bbox_patch() is not None)
    return type(artist) in _FRANK and not artist.stale and not boxed
