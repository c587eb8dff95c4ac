"""gls, lme and lmer: the tutorial's verbs, with R's arguments and R's conventions."""

from hlmteach.engine.checks import check_reml
from hlmteach.engine.fit import Fit, fit_model
from hlmteach.engine.reading.refused import refuse_arguments
from hlmteach.errors import FormulaError
from hlmteach.inference.arguments import check_choice

OFFERED = ("formula", "data", "na_action", "verbose")


def gls(
    formula: str | None = None,
    data=None,
    method: str = "REML",
    na_action: str = "fail",
    verbose: bool = True,
    **not_offered,
) -> Fit:
    """Fit a linear model with independent errors (equation 1), as nlme's `gls` does.

    Parameters
    ----------
    formula : str
        "outcome ~ predictors"; no random terms.
    data : DataFrame
        One row per observation.
    method : {"REML", "ML"}
        ML is what the tutorial uses.
    na_action : {"fail", "omit"}
        What to do with rows that have missing values.
    verbose : bool
        Whether work of more than two seconds shows how far it is.
    **not_offered
        R's other arguments (weights, offset, subset, ...) are refused, each with what to do.

    Returns
    -------
    Fit

    Raises
    ------
    FormulaError, DataError, ModelError
        Naming the column or term, the value seen, and the remedy.

    References
    ----------
    Pinheiro and Bates (2000), Mixed-Effects Models in S and S-PLUS, chapter 5.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model1 = hlm.gls("Satisfaction ~ 1", data=hlm.load("HLM"), method="ML")
    >>> round(model1.aic, 2)
    6543.89
    """
    refuse_arguments("gls", not_offered, (*OFFERED, "method"))
    fit = fit_model(formula, data, None, _is_reml(method), na_action, "gls", verbose)
    if fit.frame.factors:
        raise FormulaError(
            f"gls() has no random effects, but {formula!r} holds a bar. Use hlm.lmer or hlm.lme."
        )
    return fit


def lme(
    formula: str | None = None,
    data=None,
    random: str = "",
    method: str = "REML",
    na_action: str = "fail",
    verbose: bool = True,
    **not_offered,
) -> Fit:
    """Fit a mixed model in nlme's words: random effects in `random` (equations 2 and 3).

    Parameters
    ----------
    formula : str
        The fixed part, "outcome ~ predictors".
    data : DataFrame
        One row per observation.
    random : str
        "~ effects | group", as in "~1|Time" or "~NPD|Time"; "~1|a/b" for b nested in a.
    method : {"REML", "ML"}
        ML is what the tutorial uses.
    na_action : {"fail", "omit"}
        What to do with rows that have missing values.
    verbose : bool
        Whether work of more than two seconds shows how far it is.
    **not_offered
        R's other arguments (weights, offset, subset, ...) are refused, each with what to do.

    Returns
    -------
    Fit
        Whose `se` follow nlme's convention: sqrt(n / (n - p)) times lme4's under ML.

    Raises
    ------
    FormulaError, DataError, ModelError
        Naming the column or term, the value seen, and the remedy.

    References
    ----------
    Pinheiro and Bates (2000), Mixed-Effects Models in S and S-PLUS, chapters 2 and 4.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model2 = hlm.lme(
    ...     "Satisfaction ~ 1", data=hlm.load("HLM"), random="~1|Time", method="ML"
    ... )
    >>> round(model2.loglik, 3)
    -3263.775
    """
    refuse_arguments("lme", not_offered, (*OFFERED, "random", "method"))
    if not random:
        raise FormulaError("lme() needs random=, as in random='~1|Time'. Without it, use hlm.gls.")
    return fit_model(formula, data, random, _is_reml(method), na_action, "lme", verbose)


def lmer(
    formula: str | None = None,
    data=None,
    REML: bool = True,  # noqa: N803
    na_action: str = "omit",
    verbose: bool = True,
    **not_offered,
) -> Fit:
    """Fit a mixed model in lme4's words: random effects in the formula (equations 2 and 3).

    Parameters
    ----------
    formula : str
        "outcome ~ predictors + (effects | group)"; `||` for uncorrelated effects.
    data : DataFrame
        One row per observation.
    REML : bool
        True for restricted maximum likelihood, False for ML as in the tutorial.
    na_action : {"omit", "fail"}
        What to do with rows that have missing values.
    verbose : bool
        Whether work of more than two seconds shows how far it is.
    **not_offered
        R's other arguments (weights, offset, subset, ...) are refused, each with what to do.

    Returns
    -------
    Fit

    Raises
    ------
    FormulaError, DataError, ModelError
        Naming the column or term, the value seen, and the remedy.

    References
    ----------
    Bates, Maechler, Bolker and Walker (2015), Journal of Statistical Software 67(1).

    Examples
    --------
    >>> import hlmteach as hlm
    >>> model21 = hlm.lmer("Satisfaction ~ 1 + (1|Time)", data=hlm.load("HLM"), REML=False)
    >>> round(model21.deviance, 1)
    6527.5
    """
    refuse_arguments("lmer", not_offered, (*OFFERED, "REML"))
    fit = fit_model(formula, data, None, check_reml(REML), na_action, "lmer", verbose)
    if not fit.frame.factors:
        raise FormulaError(
            f"No random term in {formula!r}. lmer() needs at least one, as in '(1 | Time)'; "
            "for a model without any use hlm.gls."
        )
    return fit


def _is_reml(method: str) -> bool:
    check_choice(method, "method", ("ML", "REML"))
    return method == "REML"
