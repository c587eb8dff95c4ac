"""Whether code that a widget shows came to the numbers that the widget shows."""

import math
import re

import numpy as np

# What streams count: shares of studies, which others drawn anew agree with only about.
RATES = {
    "BoundaryTest": ("zero", "naive", "mixture"),
    "ClusterMaker": ("rate_single", "rate_mixed"),
    "CoverageStream": ("coverage",),
    "Gaps": ("covers_all", "covers_complete"),
    "PowerPlanner": ("power_20_5", "power_20_20", "power_20_80", "power_40_5", "power_40_20"),
}
COUNT = re.compile(r"\bn=([\d_]+)|1 \+ (\d+)\)|replicate\((\d+)")


def studies_of(code: str) -> int:
    """Over how many studies a snippet counts."""
    return max(int(count) for found in COUNT.findall(code) for count in found if count)


def rates_that_disagree(widget: str, results: dict, code: str, seen) -> list[str]:
    """The rates that lie more than five standard errors from every number that was seen."""
    studies = 1 / results["studies"] + 1 / studies_of(code)
    rates = {name: results[name] for name in RATES[widget]}
    return [
        name
        for name, rate in rates.items()
        if not (np.abs(np.asarray(seen) - rate) < 5 * spread(rate, studies)).any()
    ]


def spread(rate: float, studies: float) -> float:
    """The standard error of a difference between two rates near this one."""
    return math.sqrt(max(rate * (1 - rate), 0.01) * studies)


def unsaid(results: dict, seen, excused: tuple[str, ...], holds) -> dict[str, float]:
    """The results that were not among the numbers seen, but for those that are excused."""
    return {
        name: value
        for name, value in results.items()
        if not holds(seen, value) and not name.startswith(excused)
    }
