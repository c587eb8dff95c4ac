"""Python packages that fit the same model, where they are installed: name -> fit(y) -> logLik.

They need an environment of their own beside hlmteach: README.md has the commands. glmm and
lme-python get lists of numbers and texts made beforehand, but in "glmm fit(DataFrame)"; the others
a DataFrame.
"""

import re
import warnings
from functools import cache


def python_peers(formula: str, data) -> dict:
    """One function a package that is installed; each fits `formula` to a new outcome by ML."""
    found = {}
    table = Table(formula, data)
    for name, make in MAKERS.items():
        try:
            found[name] = _quiet(make(table))
        except ImportError:
            _left_out(name.split()[0])
    return found


@cache
def _left_out(package: str) -> None:
    print(f"{package} is not installed: left out.")


def _quiet(fit):
    def one(y):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return float(fit(y))

    return one


class Table:
    """A formula and its data, the groups as text, with any outcome put in."""

    def __init__(self, formula: str, data):
        self.formula = formula
        self.outcome = formula.split("~")[0].strip()
        groups = re.findall(r"\|\s*(\w+)", formula)
        self.group = groups[0]
        self.data = data.assign(**{group: data[group].astype(str) for group in groups})
        self.columns = {name: self.data[name].tolist() for name in self.data}

    def frame(self, y):
        """A DataFrame."""
        return self.data.assign(**{self.outcome: y})

    def lists(self, y):
        """A dictionary of columns."""
        return self.columns | {self.outcome: y}


def _mixedlm(table: Table):
    import mixedlm

    return lambda y: mixedlm.lmer(table.formula, table.frame(y), REML=False).logLik().value


def _glmm(table: Table):
    import glmm

    return lambda y: glmm.fit(table.lists(y), table.formula, reml=False).loglik


def _glmm_frame(table: Table):
    import glmm

    return lambda y: glmm.fit(table.frame(y), table.formula, reml=False).loglik


def _lme_python(table: Table):
    import lme_python
    import polars

    def fit(y):
        rows = polars.DataFrame(table.lists(y))
        return lme_python.lmer(table.formula, data=rows, reml=False).log_likelihood

    return fit


def _lme_python_prepared(table: Table):
    import lme_python
    import polars

    rows = polars.DataFrame(table.lists(table.data[table.outcome].to_numpy()))
    ready = lme_python.prepare_lmer(table.formula, rows)
    return lambda y: lme_python.fit_prepared(ready, False, y=y).log_likelihood


def _mixedlm_rs(table: Table):
    import mixedlm_rs

    fixed, bar = table.formula.split(" + (")
    effects = "~" + bar.split("|")[0].strip()

    def fit(y):
        rows = table.frame(y)
        model = mixedlm_rs.mixedlm(fixed, rows, groups=rows[table.group], re_formula=effects)
        return model.fit(reml=False).llf

    return fit


MAKERS = {
    "mixedlm lmer()": _mixedlm,
    "glmm fit()": _glmm,
    "glmm fit(DataFrame)": _glmm_frame,
    "lme-python lmer()": _lme_python,
    "lme-python fit_prepared()": _lme_python_prepared,
    "mixedlm-rs mixedlm()": _mixedlm_rs,
}
