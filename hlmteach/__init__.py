"""hlmteach: hierarchical linear models, taken apart and put back together.

formula + data -> cross-products -> criterion(theta) -> Fit -> inference -> views -> widgets

>>> import hlmteach as hlm
>>> model = hlm.lmer("Satisfaction ~ NPD + (1 | Time)", data=hlm.load("HLM"), REML=False)
>>> round(model.aic, 1)
6468.5
"""

from importlib.metadata import PackageNotFoundError, version

from hlmteach.datasets import load, read_sav, read_table
from hlmteach.engine.fit import Fit
from hlmteach.errors import DataError, FormulaError, HLMError, HLMWarning, ModelError
from hlmteach.inference.replicates import Refits, refit_many
from hlmteach.inference.simulate import draw, simulate, simulate_groups
from hlmteach.rstyle.verbs import gls, lme, lmer

try:
    __version__ = version("hlmteach")
except PackageNotFoundError:  # run from a checkout that was not installed
    __version__ = "0+unknown"

__all__ = [
    "DataError",
    "Fit",
    "FormulaError",
    "HLMError",
    "HLMWarning",
    "ModelError",
    "Refits",
    "draw",
    "gls",
    "lme",
    "lmer",
    "load",
    "read_sav",
    "read_table",
    "refit_many",
    "simulate",
    "simulate_groups",
]
