"""What R's functions offer and these do not: refused in words, with what to do instead."""

import difflib

from hlmteach.engine.reading.syntax import Call, deparse
from hlmteach.errors import FormulaError, ModelError

SMOOTH = "Smooth terms are not offered; a bend can be fitted by poly(x, 3) or by cut(x, 4)."
ERRORS = (
    "All residuals are taken as independent with one variance. nlme in R fits others, as in "
    "gls(..., correlation = corAR1(form = ~ time | id))."
)
TERMS = {
    "offset": "An offset is not offered as a term. Take it off the outcome: I(y - z) ~ x in place "
    "of y ~ x + offset(z).",
    "weights": "Weights are not offered; every row counts the same.",
    "Error": "Error() belongs to R's aov(). Write a random term for each stratum: (1 | subject).",
    "strata": "strata() belongs to models of survival. Write a predictor, or (1 | group).",
    "cluster": "cluster() is not offered. Rows that belong together get a random term: (1 | id).",
    "random": "Write a random term with a bar: (1 | group), or give random='~ 1 | group' to lme().",
    "cbind": "One outcome is modelled at a time. Stack several in one column, and let a second "
    "column say which each row is.",
    **dict.fromkeys(["s", "te", "ti", "t2", "ns", "bs", "cr", "cc", "lo", "rcs"], SMOOTH),
    **dict.fromkeys(["ar1", "cs", "corAR1", "corCompSymm", "varIdent", "varPower"], ERRORS),
    **dict.fromkeys(["us", "diag"], "Write (x | g) for correlated effects, (x || g) for others."),
}
ARGUMENTS = {
    "weights": "Weights and variance functions are not offered; every row counts the same.",
    "offset": "An offset is not offered. Take it off the outcome: I(y - z) ~ x fits y with the "
    "offset z.",
    "subset": "Choose the rows first: data[data['x'] > 0].",
    "control": "There is nothing to control: the optimiser checks its own answer "
    "(fit.converged). Leave it out.",
    "start": "There is no need for starting values: several are tried. Leave it out.",
    "correlation": ERRORS,
    "contrasts": "Write the coding in the formula: C(f, contr.sum), or relevel(f, ref='b').",
    "family": "Outcomes are taken as normal. For others use lme4's glmer in R, or statsmodels.",
    "devFunOnly": "fit.at(sd=...) evaluates the likelihood at values of your own. Leave it out.",
    "keep_data": "The data are always kept. Leave it out.",
}
OTHER_NAMES = {
    "model": "formula",
    "fixed": "formula",
    "reml": "REML",
    "groups": "a random term, as in (1 | group)",
    "na": "na_action",
}


def refuse_call(call: Call, whole: str) -> None:
    """Raise for a function that is known, and not offered."""
    if call.function in TERMS:
        raise FormulaError(f"In {whole!r} {deparse(call)}: {TERMS[call.function]}")


def refuse_arguments(verb: str, given: dict, offered) -> None:
    """Raise for the first argument that a verb does not offer."""
    for name in given:
        if name in ARGUMENTS:
            raise ModelError(f"{verb}() has no argument {name}=. {ARGUMENTS[name]}")
        raise ModelError(f"{verb}() has no argument {name}=. {_meant(name, given[name], offered)}")


def _meant(name: str, value, offered) -> str:
    if name == "method":
        return "Write REML=False for ML, REML=True for REML."
    if name in ("REML", "reml") and "method" in offered:
        return f"Write method={'REML' if value else 'ML'!r}."
    if name == "random":
        return "Write the random term in the formula, as in (1 | group), or use hlm.lme()."
    other = OTHER_NAMES.get(name) or next(iter(difflib.get_close_matches(name, offered, 1)), None)
    hint = f"Did you mean {other}? " if other else ""
    return f"{hint}It takes {', '.join(offered)}."
