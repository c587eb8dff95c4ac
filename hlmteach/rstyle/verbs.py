"""gls, lme and lmer: the tutorial's verbs, with R's arguments and R's conventions."""

from hlmteach.engine.checks import check_reml
from hlmteach.engine.fit import Fit, fit_model
from hlmteach.errors import FormulaError
from hlmteach.inference.arguments import check_choice


def gls(formula: str, data, method: str = "REML", na_action: str = "fail") -> Fit:
    """A linear model with independent errors (equation 1), as nlme's `gls` fits it.

    Parameters
    ----------
    formula : str
        "outcome ~ predictors"; no random terms.
    data : DataFrame
        One row an observation.
    method : {"REML", "ML"}
        ML is what the tutorial uses.
    na_action : {"fail", "omit"}
        What to do with rows that have missing values.

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
    fit = fit_model(formula, data, reml=_is_reml(method), na_action=na_action, verb="gls")
    if fit.frame.factors:
        raise FormulaError(
            f"gls() has no random effects, but {formula!r} holds a bar. Use hlm.lmer or hlm.lme."
        )
    return fit


def lme(formula: str, data, random: str = "", method: str = "REML", na_action: str = "fail") -> Fit:
    """A mixed model (equations 2 and 3) in nlme's words: the random part apart.

    Parameters
    ----------
    formula : str
        The fixed part, "outcome ~ predictors".
    data : DataFrame
        One row an observation.
    random : str
        "~ effects | group", as in "~1|Time" or "~NPD|Time"; "~1|a/b" for b nested in a.
    method : {"REML", "ML"}
        ML is what the tutorial uses.
    na_action : {"fail", "omit"}
        What to do with rows that have missing values.

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
    if not random:
        raise FormulaError("lme() needs random=, as in random='~1|Time'. Without it, use hlm.gls.")
    return fit_model(formula, data, random, _is_reml(method), na_action, verb="lme")


def lmer(formula: str, data, REML: bool = True, na_action: str = "omit") -> Fit:  # noqa: N803
    """A mixed model (equations 2 and 3) in lme4's words: bars in the formula.

    Parameters
    ----------
    formula : str
        "outcome ~ predictors + (effects | group)"; `||` for uncorrelated effects.
    data : DataFrame
        One row an observation.
    REML : bool
        True for restricted maximum likelihood, False for ML as in the tutorial.
    na_action : {"omit", "fail"}
        What to do with rows that have missing values.

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
    fit = fit_model(formula, data, reml=check_reml(REML), na_action=na_action, verb="lmer")
    if not fit.frame.factors:
        raise FormulaError(
            f"No random term in {formula!r}. lmer() needs at least one, as in '(1 | Time)'; "
            "for a model without any use hlm.gls."
        )
    return fit


def _is_reml(method: str) -> bool:
    check_choice(method, "method", ("ML", "REML"))
    return method == "REML"
