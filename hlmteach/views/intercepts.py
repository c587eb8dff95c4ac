"""The picture of a random intercept: the rows, and beside them groups under a lens, or lines."""

import numpy as np

from hlmteach.views.grouplines import GroupLines
from hlmteach.views.lens import Lens
from hlmteach.views.lines import Lines
from hlmteach.views.shrinkage import Shrinkage
from hlmteach.views.strip import Strip, span_of
from hlmteach.views.style import house_style
from hlmteach.views.view import View


class InterceptsView(View):
    """All rows at the left; at the right the lens (no predictor) or the lines (one predictor)."""

    size = (6.6, 4.2)

    def _make(self):
        grid = self.figure.add_gridspec(1, 3, width_ratios=(1.0, 2.65, 0.6))
        self.strip = Strip(self.figure.add_subplot(grid[0]))
        lens = self.figure.add_subplot(grid[1])
        self.lens = Lens(lens, self.figure.add_subplot(grid[2], sharey=lens))
        self.lines = Lines(self.figure.add_subplot(grid[1:]))
        self._limits = (None, None)

    @property
    def moving(self) -> dict:
        """What the browser draws, by name."""
        return self.strip.moving | self.lens.moving | self.lines.moving

    def stack(self) -> int:
        """Put the rows above the lens, which keeps the bell curve at its side."""
        grid = self.figure.add_gridspec(2, 2, width_ratios=(3.4, 1))
        self.strip.axes.set_subplotspec(grid[0, :])
        self.lens.axes.set_subplotspec(grid[1, 0])
        self.lens.bell.set_subplotspec(grid[1, 1])
        self.lines.axes.set_subplotspec(grid[1, :])
        return 2

    def shorten(self, narrow: bool) -> None:
        """Write the groups' numbers without their names, where there is no room for both."""
        if narrow != self.lens.narrow:
            self.lens.narrow, self._arranged = narrow, None

    def update(
        self, outcome: str, shrinkage: Shrinkage, lines: GroupLines | None, x: str = ""
    ) -> None:
        """Show a fit; with `lines`, the groups' lines against the predictor called `x`."""
        self._arrange(outcome, shrinkage, lines, x)
        self.strip.update(shrinkage.fit.y, np.nan if lines else shrinkage.overall)
        if lines is None:
            self.lens.update(shrinkage)
        else:
            self.lines.update(lines)

    def _arrange(self, outcome, shrinkage, lines, x) -> None:
        """Set what stands still, only where it changed: that is painted again."""
        subject = (outcome, shrinkage.names, tuple(shrinkage.sizes), x, lines is None)
        same = self._arranged == subject
        before, span = self._limits if same else (None, None)
        now = (
            self.lens.window(shrinkage, before)
            if lines is None
            else self.lines.limits(lines, before)
        )
        limits = (now, span_of(shrinkage.fit.y, span))
        if same and limits == self._limits:
            return
        self._arranged, self._limits = subject, limits
        with house_style():
            self._show_axes(lines is None)
            if lines is None:
                self.lens.arrange(shrinkage, now)
            else:
                self.lines.arrange(lines, now, x, "")
            window = now if lines is None else now[1]
            self.strip.arrange(outcome, shrinkage.codes, shrinkage.fit.y, limits[1], window)

    def _show_axes(self, flat: bool) -> None:
        for axes in (self.lens.axes, self.lens.bell):
            axes.set_visible(flat)
        self.lines.axes.set_visible(not flat)

    def tidy(self) -> None:
        """Choose limits anew at the next update: nobody drags any more."""
        self._limits = (None, None)

    def clear(self) -> None:
        """Show the rows alone."""
        self.strip.show_overall(np.nan)
        self.lens.clear()
        self.lines.clear()
