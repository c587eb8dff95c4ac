"""A figure laid out anew for the room a page has: smaller, or its panels one above the other."""

from hlmteach.views.style import house_style

PAGE = (7.1, 3.7)  # inches that a page shows with letters of full size: of one size in all pictures
LEAST_DPI_SHARE = 0.8  # of the dpi: letters of 10 points are then still 11 pixels high
MOST_DPI_SHARE = 1.5  # of a projector's dpi, where there is room
STACKED_BELOW = 0.8  # of the figure's width: with less, panels stand one above the other
PANEL_HEIGHT = 2.9  # inches; the height of a panel that stands above another
NARROW_BELOW = 6.0  # inches; less has no room for long words
LEAST_HEIGHT = 2.4  # inches; no figure is less high
LARGEST = 1.4, 1.15  # of the figure's own width and height, where a notebook has room


class Room:
    """Remembers how a view's figure was laid out, and lays it out for less room, or more.

    Panels that stand side by side come to stand one above the other. A view that wants its own
    order has a method ``stack()`` that places its panels and returns the number of rows; one that
    has other words for little room has ``shorten(narrow)``, which may return a height in inches.

    Examples
    --------
    >>> from hlmteach.views.model import ModelView
    >>> view = ModelView()
    >>> room = Room(view)
    >>> room.fit(1000)
    False
    >>> room.fit(300), [float(side) for side in view.figure.bbox.size]
    (True, [300.0, 464.0])
    """

    def __init__(self, view, grows: bool = False):
        self.figure, self.dpi = view.figure, view.figure.dpi
        self._grows = grows
        self.size = tuple(map(float, view.figure.get_size_inches()))
        self._specs = [(axes, axes.get_subplotspec()) for axes in view.figure.axes]
        self._stack = getattr(view, "stack", self._one_by_one)
        self._shorten = getattr(view, "shorten", lambda narrow: None)
        self._rows = 0  # of stacked panels
        self._now = (self.dpi, *self.size)

    def fit(self, width: float, height: float | None = None) -> bool:
        """Lay the figure out for so many pixels; tell whether anything changed.

        Letters shrink with the page, to `LEAST_DPI_SHARE` at most; the figure takes as many inches
        as there are then. One that `grows`, on a page of its own, fills all of its room.
        """
        share = width / (PAGE[0] * self.dpi)
        if self._grows and height is not None:
            share = min(share, height / (PAGE[1] * self.dpi))
        dpi = self.dpi * min(max(share, LEAST_DPI_SHARE), MOST_DPI_SHARE if self._grows else 1.0)
        wide = width / dpi if height is not None else min(self.size[0], width / dpi)
        if not self._grows:
            wide = min(wide, LARGEST[0] * self.size[0])
        now = tuple(round(v, 3) for v in (dpi, wide, self._arrange(wide, height and height / dpi)))
        if now == self._now:
            return False
        self._now = now
        self.figure.set_dpi(now[0])
        self.figure.set_size_inches(*now[1:])
        return True

    def _arrange(self, wide: float, high: float | None) -> float:
        """Stack panels where they would be too narrow; return how high the figure will be."""
        columns = max((spec.get_gridspec().ncols for _, spec in self._specs), default=1)
        scrolls = high is None or self._grows
        stacked = scrolls and wide < STACKED_BELOW * self.size[0] and columns > 1
        if stacked != bool(self._rows):
            with house_style():
                self._rows = self._stack() if stacked else self._unstack()
        shortened = self._shorten(stacked or wide < NARROW_BELOW)
        if high is not None:
            return max(LEAST_HEIGHT, high if self._grows else min(high, LARGEST[1] * self.size[1]))
        if self._rows:
            return PANEL_HEIGHT * self._rows
        return shortened or min(self.size[1], max(LEAST_HEIGHT, 1.2 * wide))

    def _one_by_one(self) -> int:
        grid = self.figure.add_gridspec(len(self._specs), 1)
        for place, (axes, _) in enumerate(self._specs):
            axes.set_subplotspec(grid[place])
        return len(self._specs)

    def _unstack(self) -> int:
        for axes, spec in self._specs:
            axes.set_subplotspec(spec)
        return 0
