"""The picture of random slopes: lines that fan out, and beside them intercepts against slopes."""

from hlmteach.views.ellipse import Ellipse
from hlmteach.views.grouplines import GroupLines, Spread
from hlmteach.views.lines import MARKED, Lines
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
        self._arranged, self._limits = None, (None, None)

    @property
    def moving(self) -> dict:
        """What the browser draws, by name."""
        return self.lines.moving | {"zero": self.zero} | self.ellipse.moving

    def update(self, seen: GroupLines, spread: Spread, x: str, y: str) -> None:
        """Show a fit; x and y are the names of predictor and outcome."""
        self._arrange(seen, spread, x, y)
        self.lines.update(seen, at=spread.zero)
        self.zero.set_xdata([spread.zero, spread.zero])
        self.ellipse.update(spread)

    def _arrange(self, seen, spread, x, y) -> None:
        """Set what stands still, only where it changed: that is painted again."""
        subject = (seen.names if len(seen.names) <= MARKED else (), x, y)
        same = self._arranged == subject
        lines, ellipse = self._limits if same else (None, None)
        limits = (self.lines.limits(seen, lines, zero=True), self.ellipse.limits(spread, ellipse))
        if same and limits == self._limits:
            return
        self._arranged, self._limits = subject, limits
        with house_style():
            self.lines.arrange(seen, limits[0], x, y)
            self.ellipse.arrange(limits[1], x)

    def tidy(self) -> None:
        """Choose limits anew at the next update: nobody drags any more."""
        self._limits = (None, None)

    def clear(self) -> None:
        """Show the rows' means alone."""
        self.lines.clear()
        self.ellipse.clear()
