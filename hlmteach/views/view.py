"""What every picture has: a figure in the house style, and artists that are made once."""

from typing import ClassVar

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
