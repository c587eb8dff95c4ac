"""`summary`, the short print and the notebook's table: how a Fit shows itself."""

from dataclasses import replace

from hlmteach.engine.fit import Fit, fit_method
from hlmteach.errors import ModelError
from hlmteach.inference.arguments import check_choice, check_fit
from hlmteach.rstyle.html import fit_html
from hlmteach.rstyle.lme4 import lmer_print, lmer_summary
from hlmteach.rstyle.nlme import gls_print, gls_summary, lme_summary
from hlmteach.rstyle.printed import Printout


@fit_method
def summary(fit: Fit, style: str | None = None) -> Printout:
    """Lay a fit out as text, as R's `summary` prints it: nlme's for gls and lme, lme4's for lmer.

    Parameters
    ----------
    fit : Fit
    style : {"nlme", "lme4"}, optional
        Whose layout and conventions; by default those of the function that made the fit. Under ML
        nlme's standard errors are sqrt(n / (n - p)) times lme4's, whose BIC by REML counts n rows
        and not n - p.

    Returns
    -------
    str
        Which shows itself laid out at the end of a cell.

    Raises
    ------
    ModelError
        For a layout that the package does not have for this model.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> data = hlm.load("HLM")
    >>> hlm.gls("Satisfaction ~ 1", data=data, method="ML").summary()
    Generalized least squares fit by maximum likelihood
      Model: Satisfaction ~ 1
      Data: data
          AIC      BIC    logLik
      6543.89 6555.678 -3269.945
    <BLANKLINE>
    Coefficients:
                   Value  Std.Error t-value p-value
    (Intercept) 5.087982 0.01582679 321.479       0
    <BLANKLINE>
    Standardized residuals:
           Min         Q1        Med         Q3        Max
    -4.9894040 -0.5142181  0.0960345  0.7644064  1.1131222
    <BLANKLINE>
    Residual standard error: 0.8193328
    Degrees of freedom: 2681 total; 2680 residual
    """
    check_fit(fit, "summary")
    style = style if style is not None else ("lme4" if fit.verb == "lmer" else "nlme")
    check_choice(style, "style", ("nlme", "lme4"))
    if not fit.frame.factors:
        return Printout(gls_summary(_not_by_lme4(fit, style)))
    if style == "lme4":
        return Printout(lmer_summary(replace(fit, verb="lmer")))
    return Printout(lme_summary(replace(fit, verb="lme")))


def _not_by_lme4(fit: Fit, style: str) -> Fit:
    if style == "lme4":
        raise ModelError(
            "This model has no random effects, and lme4 has no such model. Use style='nlme'."
        )
    return fit


def _short(fit: Fit) -> str:
    return lmer_print(replace(fit, verb="lmer")) if fit.frame.factors else gls_print(fit)


Fit.__repr__ = _short
Fit._repr_html_ = fit_html
