"""hlmteach: hierarchical linear models, taken apart and put back together.

formula + data -> cross-products -> criterion(theta) -> Fit -> inference -> views -> widgets

>>> import hlmteach as hlm
>>> model = hlm.lmer("Satisfaction ~ NPD + (1 | Time)", data=hlm.load("HLM"), REML=False)
>>> round(model.aic, 1)
6468.5
"""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

from hlmteach.datasets import load, read_sav, read_table
from hlmteach.engine.chunks import fit_chunks
from hlmteach.engine.fit import Fit
from hlmteach.errors import DataError, FormulaError, HLMError, HLMWarning, ModelError
from hlmteach.exercises import Exercise, Feedback, exercise, offer_front, progress, student
from hlmteach.inference.bridge import StatsmodelsCheck, from_statsmodels, to_statsmodels
from hlmteach.inference.coefficients import coef_table
from hlmteach.inference.compare import aic_ledger, aicc, lrt
from hlmteach.inference.explained import r2
from hlmteach.inference.likelihood import normal_loglik
from hlmteach.inference.nulllaw import NullLRT, null_lrt
from hlmteach.inference.plan import plan
from hlmteach.inference.predict import predict
from hlmteach.inference.profiles import Profile, profile
from hlmteach.inference.replicates import Refits, refit_many
from hlmteach.inference.satterthwaite import satterthwaite
from hlmteach.inference.shrinkage import modes, shrinkage, shrinkage_matrix
from hlmteach.inference.simulate import draw, simulate, simulate_groups
from hlmteach.inference.slopes import JohnsonNeyman, johnson_neyman, simple_slopes
from hlmteach.inference.study import Study, coverage, power, type1
from hlmteach.inference.variance import design_effect, icc, icc_interval
from hlmteach.rstyle.anova import anova
from hlmteach.rstyle.confint import confint
from hlmteach.rstyle.summary import summary
from hlmteach.rstyle.verbs import gls, lme, lmer

try:
    __version__ = version("hlmteach")
except PackageNotFoundError:  # run from a checkout that was not installed
    __version__ = "0+unknown"

# In a Jupyter kernel an exercise shows itself as a card; ipywidgets is loaded when it first does.
offer_front(lambda: import_module("hlmteach.widgets.exercise").NotebookFront())


def __getattr__(name):
    if name == "widgets":  # matplotlib and ipywidgets are loaded when a widget is asked for
        return import_module("hlmteach.widgets")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "DataError",
    "Exercise",
    "Feedback",
    "Fit",
    "FormulaError",
    "HLMError",
    "HLMWarning",
    "JohnsonNeyman",
    "ModelError",
    "NullLRT",
    "Profile",
    "Refits",
    "StatsmodelsCheck",
    "Study",
    "aic_ledger",
    "aicc",
    "anova",
    "coef_table",
    "confint",
    "coverage",
    "design_effect",
    "draw",
    "exercise",
    "fit_chunks",
    "from_statsmodels",
    "gls",
    "icc",
    "icc_interval",
    "johnson_neyman",
    "lme",
    "lmer",
    "load",
    "lrt",
    "modes",
    "normal_loglik",
    "null_lrt",
    "plan",
    "power",
    "predict",
    "profile",
    "progress",
    "r2",
    "read_sav",
    "read_table",
    "refit_many",
    "satterthwaite",
    "shrinkage",
    "shrinkage_matrix",
    "simple_slopes",
    "simulate",
    "simulate_groups",
    "student",
    "summary",
    "to_statsmodels",
    "type1",
    "widgets",
]
