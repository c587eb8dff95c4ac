"""confint: the intervals of every parameter, shown with the digits that R prints."""

from functools import wraps

import numpy as np

from hlmteach.engine.fit import Fit, fit_method
from hlmteach.inference.intervals.confint import confint as limits_table
from hlmteach.rstyle.printed import PrintedTable
from hlmteach.rstyle.rformat import format_numbers


class PrintedLimits(PrintedTable):
    """A DataFrame of limits, each column to 7 significant digits as R prints a matrix."""

    def _texts(self) -> list[list[str]]:
        return [_texts_of(self[name].tolist()) for name in self.columns]


def _texts_of(limits) -> list[str]:
    known = iter(format_numbers([limit for limit in limits if not np.isnan(limit)]))
    return ["NA" if np.isnan(limit) else next(known) for limit in limits]


@fit_method
@wraps(limits_table)
def confint(fit: Fit, *args, **kwargs) -> PrintedLimits:  # noqa: D103 (wraps brings it)
    return PrintedLimits(limits_table(fit, *args, **kwargs))
