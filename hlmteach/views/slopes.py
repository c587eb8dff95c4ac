"""The picture of random slopes: lines that fan out, and beside them intercepts against slopes."""

import numpy as np

from hlmteach.views.ellipse import Ellipse
from hlmteach.views.grouplines import GroupLines, Spread
from hlmteach.views.lines import MOST_MARKED, Lines
from hlmteach.views.style import QUIET, house_style
from hlmteach.views.view import View, put_line

BELOW_NAMES = 0.6  # where the dotted line ends, as a share of the axes' height


class SlopesView(View):
    """Lines at the left, measured where the dotted line stands; the ellipse at the right."""

    size = (6.6, 4.0)

    def _make(self):
        left, right = self.figure.subplots(1, 2, width_ratios=(1.45, 1))
        self.lines, self.ellipse = Lines(left), Ellipse(right)
        self.zero = left.axvline(0, color=QUIET, lw=1.5, ls=(0, (1, 1.5)), zorder=1)
        self._limits = (None, None)

    @property
    def moving(self) -> dict:
        """What the browser draws, by name."""
        return self.lines.moving | {"zero": self.zero} | self.ellipse.moving

    def update(self, groups: GroupLines, spread: Spread, x: str, y: str) -> None:
        """Show a fit; x and y are the names of predictor and outcome."""
        self._arrange(groups, spread, x, y)
        self.lines.update(groups, at=spread.zero)
        named = len(groups.names) <= MOST_MARKED
        put_line(self.zero, [spread.zero, spread.zero], [0, BELOW_NAMES if named else 1])
        self.ellipse.update(spread)

    def _arrange(self, groups, spread, x, y) -> None:
        """Set what stands still, only where it changed: that is painted again."""
        subject = (groups.names if len(groups.names) <= MOST_MARKED else (), x, y)
        same = self._arranged == subject
        lines, ellipse = self._limits if same else (None, None)
        found = self.lines.limits(groups, lines, zero=True)
        limits = found, self.ellipse.limits(spread, ellipse, across=float(np.ptp(found[0])))
        if same and limits == self._limits:
            return
        self._arranged, self._limits = subject, limits
        with house_style():
            self.lines.arrange(groups, limits[0], x, y)
            self.ellipse.arrange(limits[1], x)

    def tidy(self) -> None:
        """Choose limits anew at the next update: nobody drags any more."""
        self._limits = (None, None)

    def clear(self) -> None:
        """Show the rows' means alone."""
        self.lines.clear()
        self.ellipse.clear()
