"""The widgets, one idea each: `hlm.widgets.RandomInterceptAnimator()` in a notebook's cell."""

import logging
from importlib import import_module

# On a fresh machine the first picture waits for a list of fonts: no fault, so no red line above it.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)

# Each widget's module is imported when the widget is first asked for.
HOMES = {
    "AICLedger": "aic_ledger",
    "BoundaryTest": "boundary",
    "ClusterMaker": "cluster_maker",
    "CoverageStream": "coverage_stream",
    "DataInspector": "data_inspector",
    "Diagnostics": "diagnostics",
    "EngineCompare": "engine_compare",
    "EquationExplorer": "equation_explorer",
    "Gaps": "gaps",
    "GrowthFan": "growth",
    "ICCDial": "icc_dial",
    "LikelihoodClimber": "likelihood_climber",
    "LiveRefit": "live_refit",
    "ModelBuilder": "model_builder",
    "PoolingExplorer": "pooling_explorer",
    "Predict": "predict",
    "PowerPlanner": "planning",
    "ProfileExplorer": "profile_explorer",
    "RandomInterceptAnimator": "random_intercept",
    "RandomSlopeAnimator": "random_slope",
    "SimpleSlopes": "simple_slopes",
    "Sleepers": "sleepers",
    "Reshaper": "reshaper",
    "TwoLevels": "two_levels",
}

__all__ = list(HOMES)


def __getattr__(name):
    if name not in HOMES:
        known = ", ".join(HOMES)
        raise AttributeError(f"there is no widget {name!r}; there are: {known}")
    return getattr(import_module(f"{__name__}.{HOMES[name]}"), name)


def __dir__():
    return sorted(__all__)
