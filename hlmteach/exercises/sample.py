"""A student's data, and the models fitted to them, each fitted once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partialmethod

import pandas as pd

from hlmteach.engine.fit import Fit, fit_model
from hlmteach.inference.intervals.confint import confint


@dataclass(frozen=True, eq=False)
class Sample:
    """Data of one student, or the practice data.

    Attributes
    ----------
    frame : DataFrame
        What the student sees as `ex.data`.
    facts : dict
        Single numbers that the exercise states in its text.
    base : Sample, optional
        A study with the same rows but for the outcome: its models are refitted, not built anew.
    """

    frame: pd.DataFrame
    facts: dict = field(default_factory=dict)
    base: "Sample | None" = None
    _kept: dict = field(default_factory=dict, repr=False)

    def fit(self, formula: str, random: str | None = None, method="ML", verb="lme") -> Fit:
        """Fit a model to the data, as the verb ("gls", "lme", "lmer") fits it."""
        model = (formula, random, method, verb)
        return self.once(model, lambda: self._fit(*model))

    def limits(self, fit: Fit, row: str) -> tuple[float, float]:
        """The limits of a 95 % interval by profile likelihood, of one row of `confint`."""
        table = self.once((id(fit), row), lambda: confint(fit, parm=[row]))
        return tuple(map(float, table.loc[row]))

    def once(self, key, compute: Callable):
        """What `compute` returns, computed the first time only."""
        if key not in self._kept:
            self._kept[key] = compute()
        return self._kept[key]

    def _fit(self, formula, random, method, verb) -> Fit:
        if self.base is None:
            return fit_model(formula, self.frame, random, method == "REML", verb=verb)
        like = self.base.fit(formula, random, method, verb)
        return like.refit(self.frame[like.frame.formula.outcome].to_numpy())

    def course(self, name: str, method="ML", verb="lme") -> Fit:
        """One of the course's models, which the recipes know by name."""
        from hlmteach.recipes.chosen import course_model  # with the first fit, not the package
        from hlmteach.recipes.rows import Tutorial

        fixed, random = course_model(name).parts(Tutorial())
        return self.fit(fixed, random or None, method, verb if random else "gls")

    model1 = partialmethod(course, "model1")  # one mean for all
    model2 = partialmethod(course, "model2")  # a random intercept for each time
    model3 = partialmethod(course, "model3")  # NPD as a fixed effect
    model4 = partialmethod(course, "model4")  # a random slope of NPD
    interaction = partialmethod(course, "interaction")  # NPD, BPD and their product
