"""Models of rows: they fit themselves, each design once, and write their own code."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from hlmteach.engine.fit import Fit, fit_model
from hlmteach.inference.simulation.simulate import simulate
from hlmteach.recipes.kept import Kept
from hlmteach.recipes.names import formula_name, python_string, r_name, statsmodels_name
from hlmteach.recipes.rows import Derived, Rows

# Fits of designs: a slider that changes only y finds its design here, and refits it.
FITS = Kept(many=64, room=500_000, size=lambda fit: fit.n_obs)  # 500,000 rows are some 30 MB


@dataclass(frozen=True)
class Model:
    """One model of rows, whose columns stand in braces: {x}, {group}.

    Parameters
    ----------
    name : str
        What its fit is called.
    fixed : str
        The right side of the fixed part.
    effects : str
        What varies by group: "1", or "{x}" for a slope too; "" for a model without groups.
    method : {"ML", "REML"}
    verb : {"lme", "lmer", "gls"}
        Who fits it; a model without `effects` is always fitted by gls.
    wrapped : bool
        Whether Python's call takes three lines.
    bar : str
        How lme4's bar is spaced.
    r_more : str
        What nlme's call says beside, as in ", na.action = na.omit".

    Examples
    --------
    >>> from hlmteach.recipes.rows import Tutorial
    >>> model3 = Model("model3", "{x}")
    >>> print(model3.python(Tutorial()), model3.r(Tutorial()), sep="")
    model3 = hlm.lme("Satisfaction ~ NPD", data, random="~1|Time", method="ML")
    model3 <- lme(Satisfaction ~ NPD, data = data, random = ~1|Time, method = "ML")
    >>> round(model3.fit(Tutorial()).aic, 2)
    6468.46
    """

    name: str = field(compare=False)
    fixed: str = "1"
    effects: str = "1"
    method: str = "ML"
    verb: str = "lme"
    wrapped: bool = field(default=False, compare=False, kw_only=True)
    bar: str = field(default=" | ", compare=False, kw_only=True)
    r_more: str = field(default="", compare=False, kw_only=True)

    @property
    def _verb(self) -> str:
        return self.verb if self.effects else "gls"

    # -- as a fit --------------------------------------------------------------------------

    def fit(self, rows: Rows) -> Fit:
        """Fit the model to rows; a design that was fitted before is only refitted."""
        first = FITS.once((self, rows.design), lambda: self.fit_table(rows.design))
        return first if rows == rows.design else first.refit(rows.outcome)

    def fit_table(self, rows: Rows) -> Fit:
        """Fit the model to the rows' table, from the formula on, as its verb does."""
        fixed, random = self.parts(rows)
        if self._verb == "lmer":
            fixed, random = self.formula(rows), ""
        na_action = "omit" if self.verb == "lmer" else "fail"
        reml = self.method == "REML"
        return fit_model(fixed, rows.table, random or None, reml, na_action, self._verb)

    # -- as text ---------------------------------------------------------------------------

    def formula(self, rows: Rows, quote=formula_name) -> str:
        """The formula as lme4 writes it."""
        fixed, random = self.parts(rows, quote, f"({{effects}}{self.bar}{{group}})")
        return f"{fixed} + {random}" if random else fixed

    def parts(self, rows: Rows, quote=formula_name, form="~{effects}|{group}") -> tuple[str, str]:
        """The fixed part, and the random part in a form, nlme's as a rule; "" without groups."""
        known = {role: quote(name) for role, name in rows.names.items()}
        effects = self.effects.format_map(known)
        random = form.format(effects=effects, group=known["group"]) if effects else ""
        return f"{{y}} ~ {self.fixed}".format_map(known), random

    def python(self, rows: Rows) -> str:
        """Python that fits the model to `data`."""
        if self._verb == "lmer":
            formula, reml = python_string(self.formula(rows)), self.method == "REML"
            return f"{self.name} = hlm.lmer({formula}, data, REML={reml})\n"
        fixed, random = self.parts(rows)
        more = f"random={python_string(random)}, " if random else ""
        call = f'{python_string(fixed)}, data, {more}method="{self.method}"'
        call += ', na_action="omit"' if self.verb == "lmer" and rows.has_gaps else ""
        call = f"\n    {call}\n" if self.wrapped and random else call
        return f"{self.name} = hlm.{self._verb}({call})\n"

    def statsmodels(self, rows: Rows) -> str:
        """Python that fits the model to `data` by statsmodels, and prints its summary."""
        head, quote = "import statsmodels.formula.api as smf\n", statsmodels_name
        fixed = python_string(self.parts(rows, quote)[0])
        if not self.effects:
            return f"{head}smf.ols({fixed}, data).fit().summary()\n"
        effects = self.effects.format_map({k: quote(v) for k, v in rows.names.items()})
        groups = f"groups={python_string(rows.names['group'])}"
        more = "" if effects == "1" else f", re_formula={python_string(effects)}"
        reml = self.method == "REML"
        return f"{head}smf.mixedlm({fixed}, data, {groups}{more}).fit(reml={reml}).summary()\n"

    def r(self, rows: Rows) -> str:
        """R that fits the model to `data`, with nlme or lme4."""
        if self._verb == "lmer":
            formula, reml = self.formula(rows, rows.r_name), str(self.method == "REML").upper()
            return f"{self.name} <- lmer({formula}, data = data, REML = {reml})\n"
        fixed, random = self.parts(rows, rows.r_name)
        more = f"data = data, random = {random}" if random else "data = data"
        return (
            f'{self.name} <- {self._verb}({fixed}, {more}, method = "{self.method}"{self.r_more})\n'
        )


def fit_all(models: Iterable[Model], rows: Rows) -> dict[str, Fit]:
    """Fit each model to the rows, by name."""
    return {model.name: model.fit(rows) for model in models}


@dataclass(frozen=True)
class Redrawn(Derived):
    """Rows whose outcome is drawn anew from a model that was fitted to them."""

    model: Model
    seed: int

    @property
    def design(self) -> Rows:
        """The rows as they were."""
        return self.source.design

    @cached_property
    def outcome(self) -> np.ndarray:
        """The outcome (n,) as drawn."""
        return simulate(self.model.fit(self.source), 1, self.seed)[0]

    @cached_property
    def table(self) -> pd.DataFrame:
        """The rows with their new outcome."""
        return self.source.table.assign(**{self.y: self.outcome})

    @property
    def python(self) -> str:
        """Python that fits the model, and draws from it."""
        drawn = f"hlm.simulate({self.model.name}, seed={self.seed})[0]"
        fitted = self.source.python + self.model.python(self.source)
        return f"{fitted}data[{python_string(self.y)}] = {drawn}\n"

    @property
    def r(self) -> str:
        """R that fits the model by nlme, and draws from it."""
        name, y, group = self.model.name, r_name(self.y), r_name(self.names["group"])
        lines = [f"set.seed({self.seed})  # R draws other numbers than Python"]
        mean = f"fitted({name})"
        if self.model.effects:
            mean = f"predict({name}, level = 0) + u[group]"
            lines += [
                f"group <- as.integer(factor(data${group}))",
                f"u <- rnorm(max(group), sd = as.numeric(VarCorr({name})[1, 2]))",
            ]
        lines.append(f"data${y} <- {mean} + rnorm(nrow(data), sd = sigma({name}))")
        return self.source.r + self.model.r(self.source) + "\n".join(lines) + "\n"
