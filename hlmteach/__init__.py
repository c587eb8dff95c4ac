"""hlmteach: hierarchical linear models, taken apart and put back together.

formula + data -> cross-products -> criterion(theta) -> Fit -> inference -> views -> widgets

>>> import hlmteach as hlm
>>> model = hlm.lmer("Satisfaction ~ NPD + (1 | Time)", data=hlm.load("HLM"), REML=False)
>>> round(model.aic, 1)
6468.5
"""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

try:
    from hlmteach.classroom.join import join
    from hlmteach.datasets import load, read_sav, read_table
    from hlmteach.engine.chunks import fit_chunks
    from hlmteach.engine.fit import Fit
    from hlmteach.errors import DataError, FormulaError, HLMError, HLMWarning, ModelError
    from hlmteach.exercises import Exercise, Feedback, exercise, offer_front, progress, student
    from hlmteach.inference.coefficients.contrasts import contrast
    from hlmteach.inference.coefficients.influence import Influence, influence
    from hlmteach.inference.coefficients.means import marginal_means
    from hlmteach.inference.coefficients.satterthwaite import satterthwaite
    from hlmteach.inference.coefficients.tables import coef_table
    from hlmteach.inference.comparison.compare import aic_ledger, aicc, lrt
    from hlmteach.inference.comparison.nulllaw import NullLRT, null_lrt
    from hlmteach.inference.intervals.profiles import Profile, profile
    from hlmteach.inference.likelihood import normal_loglik
    from hlmteach.inference.other_programs.bridge import (
        StatsmodelsCheck,
        from_statsmodels,
        to_statsmodels,
    )
    from hlmteach.inference.prediction.predict import predict
    from hlmteach.inference.prediction.slopes import JohnsonNeyman, johnson_neyman, simple_slopes
    from hlmteach.inference.simulation.plan import plan
    from hlmteach.inference.simulation.replicates import Refits, refit_many
    from hlmteach.inference.simulation.simulate import draw, simulate, simulate_groups
    from hlmteach.inference.studies.study import Study, coverage, power, type1
    from hlmteach.inference.variance.by_factor import icc_table
    from hlmteach.inference.variance.explained import r2
    from hlmteach.inference.variance.icc import design_effect, icc, icc_interval
    from hlmteach.inference.variance.shrinkage import modes, shrinkage, shrinkage_matrix
    from hlmteach.rstyle.anova import anova
    from hlmteach.rstyle.confint import confint
    from hlmteach.rstyle.summary import summary
    from hlmteach.rstyle.verbs import gls, lme, lmer
except ImportError as error:  # the command `hlmteach doctor` runs still, and says what is missing
    _missing = error
else:
    _missing = None
    # In a Jupyter kernel an exercise shows itself as a card; ipywidgets is loaded when one does.
    offer_front(lambda: import_module("hlmteach.widgets.exercise").NotebookFront())

try:
    __version__ = version("hlmteach")
except PackageNotFoundError:  # run from a checkout that was not installed
    __version__ = "0+unknown"


def __getattr__(name):
    if name == "widgets" and _missing is None:  # matplotlib and ipywidgets: when one is asked for
        return import_module("hlmteach.widgets")
    if name in __all__:
        raise ImportError(
            f"hlmteach cannot be used here ({_missing}). `hlmteach doctor` says how to mend it."
        ) from _missing
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "DataError",
    "Exercise",
    "Feedback",
    "Fit",
    "FormulaError",
    "HLMError",
    "HLMWarning",
    "Influence",
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
    "contrast",
    "coverage",
    "design_effect",
    "draw",
    "exercise",
    "fit_chunks",
    "from_statsmodels",
    "gls",
    "icc",
    "icc_interval",
    "icc_table",
    "influence",
    "johnson_neyman",
    "join",
    "lme",
    "lmer",
    "load",
    "lrt",
    "marginal_means",
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
