"""A student's data, and the models fitted to them, each fitted once."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd

from hlmteach.engine.fit import Fit, fit_model
from hlmteach.inference.intervals import confint


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
        asked = (formula, random, method, verb)
        return self.once(asked, lambda: self._fit(*asked))

    def limits(self, fit: Fit, row: str) -> tuple[float, float]:
        """The limits of a 95 % interval by profile likelihood, of one row of `confint`."""
        table = self.once((id(fit), row), lambda: confint(fit, parm=[row]))
        return tuple(map(float, table.loc[row]))

    def once(self, what, compute: Callable):
        """What `compute` returns, computed the first time only."""
        if what not in self._kept:
            self._kept[what] = compute()
        return self._kept[what]

    def _fit(self, formula, random, method, verb) -> Fit:
        if self.base is None:
            return fit_model(formula, self.frame, random, method == "REML", verb=verb)
        like = self.base.fit(formula, random, method, verb)
        return like.refit(self.frame[like.frame.formula.outcome].to_numpy())

    # The models of the course, by the numbers that they have there.

    def model1(self, method="ML") -> Fit:
        """One mean for all."""
        return self.fit("Satisfaction ~ 1", method=method, verb="gls")

    def model2(self, method="ML", verb="lme") -> Fit:
        """A random intercept for each time."""
        return self.fit("Satisfaction ~ 1", "~1|Time", method, verb)

    def model3(self, method="ML", verb="lme") -> Fit:
        """NPD as a fixed effect."""
        return self.fit("Satisfaction ~ NPD", "~1|Time", method, verb)

    def model4(self, method="ML", verb="lme") -> Fit:
        """A random slope of NPD."""
        return self.fit("Satisfaction ~ NPD", "~NPD|Time", method, verb)

    def interaction(self, method="ML", verb="lme") -> Fit:
        """NPD, BPD and their product."""
        return self.fit("Satisfaction ~ NPD * BPD", "~1|Time", method, verb)
