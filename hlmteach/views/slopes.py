"""The picture of random slopes: lines that fan out, and beside them intercepts against slopes."""

from hlmteach.views.ellipse import Ellipse
from hlmteach.views.grouplines import GroupLines, Spread
from hlmteach.views.lines import Lines
from hlmteach.views.style import QUIET, house_style, new_figure


class SlopesView:
    """Lines at the left, measured where the dotted line stands; the ellipse at the right.

    Parameters
    ----------
    present : bool
        Larger, for a projector.
    """

    def __init__(self, present: bool = False):
        with house_style():
            self.figure = new_figure(6.6, 4.0, present)
            left, right = self.figure.subplots(1, 2, width_ratios=(1.45, 1))
            self.lines, self.ellipse = Lines(left), Ellipse(right)
            self.zero = left.axvline(0, color=QUIET, lw=1.5, ls=(0, (1, 1.5)), zorder=1)
        self._arranged = None

    @property
    def moving(self) -> dict:
        """What the browser draws, by name."""
        return self.lines.moving | {"zero": self.zero} | self.ellipse.moving

    def update(self, seen: GroupLines, spread: Spread, x: str, y: str) -> None:
        """Show a fit; x and y are the names of predictor and outcome."""
        wanted = (seen.names, x, y, self.lines.limits(seen, zero=True), self.ellipse.limits(spread))
        if wanted != self._arranged:
            self._arranged = wanted
            with house_style():
                self.lines.arrange(seen, wanted[3], x, y)
                self.ellipse.arrange(wanted[4], x)
        self.lines.update(seen, at=spread.zero)
        self.zero.set_xdata([spread.zero, spread.zero])
        self.ellipse.update(spread)

    def clear(self) -> None:
        """Show the rows' means alone."""
        self.lines.clear()
        self.ellipse.clear()
