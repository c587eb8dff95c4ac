"""anova: the tutorial's verb for comparing fits."""

import sys

from hlmteach.engine.fit import Fit
from hlmteach.errors import ModelError
from hlmteach.inference.arguments import check_fit
from hlmteach.inference.coefficients.tables import f_table, wald_table
from hlmteach.inference.comparison.compare import compare
from hlmteach.rstyle.callers import name_of
from hlmteach.rstyle.printed import PrintedTable


def anova(
    *fits: Fit, names=None, test: bool = True, ddf: str | None = None, type: int = 1
) -> PrintedTable:
    """Compare nested fits by likelihood ratio (equation 27), as nlme's `anova` does.

    Each fit is tested against the one before it, in the order given. Where a variance is tested
    against 0, a column `p-mixture` stands beside the naive p-value (equation 28). A single fit
    gives the F test of each term of its fixed part: nlme's, in the formula's order (equation 38),
    or with `ddf` or `type` lmerTest's, without the intercept (equations 48 to 50).

    Parameters
    ----------
    *fits : Fit
        Fitted to the same rows, all by ML, or all by REML with the same fixed effects.
    names : sequence of str, optional
        What to call the rows; the names of the caller's variables if not given.
    test : bool
        False lists df, AIC, BIC and logLik without tests, for models that are not nested.
    ddf : {"satterthwaite", "kenward-roger", "inner-outer"}, optional
        Denominator degrees of freedom of a single fit's F tests; with few groups they matter.
        Kenward and Roger's are for fits by REML.
    type : {1, 2, 3}
        Each term of a single fit after those before it (1), after all that do not contain it (2),
        or averaged over the categories of the terms that contain it (3). 2 and 3 are by
        Satterthwaite's ddf unless another is named.

    Returns
    -------
    DataFrame
        Model, df, AIC, BIC, logLik, Test, L.Ratio, p-value, and p-mixture at a boundary; or
        numDF, denDF, F-value, p-value for a single fit.

    Raises
    ------
    ModelError
        When the fits cannot be compared or are not nested, with the reason.

    References
    ----------
    Pinheiro and Bates (2000), section 2.4; Stram and Lee (1994), Biometrics 50, 1171-1177.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> data = hlm.load("HLM")
    >>> model1 = hlm.gls("Satisfaction ~ 1", data=data, method="ML")
    >>> model2 = hlm.lme("Satisfaction ~ 1", data=data, random="~1|Time", method="ML")
    >>> hlm.anova(model1, model2)
           Model df      AIC      BIC    logLik   Test  L.Ratio p-value p-mixture
    model1     1  2 6543.890 6555.678 -3269.945
    model2     2  3 6533.549 6551.231 -3263.775 1 vs 2 12.34079   4e-04     2e-04
    >>> growth = hlm.lmer("distance ~ age * Sex + (age | Subject)", hlm.load("Orthodont"))
    >>> hlm.anova(growth, ddf="kenward-roger", type=3)
            numDF denDF  F-value p-value
    age         1    25 87.99873  <.0001
    Sex         1    25  0.41834  0.5237
    age:Sex     1    25  5.11860  0.0326
    """
    _check_fits(fits)
    if len(fits) == 1:
        return PrintedTable(_terms(fits[0], ddf, type))
    _check_single(ddf, type)
    names = _names_of(fits, sys._getframe(1)) if names is None else [str(name) for name in names]
    if len(names) != len(fits):
        raise ModelError(f"names has {len(names)} entries for {len(fits)} fits. Give one each.")
    table = compare(fits, names, test)
    printed = PrintedTable(table)
    printed.attrs = table.attrs
    return printed


def _terms(fit: Fit, ddf: str | None, kind: int):
    if ddf is None and kind == 1:
        return wald_table(fit)
    return f_table(fit, ddf or "satterthwaite", kind)


def _check_single(ddf, kind) -> None:
    if ddf is not None or kind != 1:
        raise ModelError(
            "ddf= and type= are for the F tests of one fit; several fits are compared by "
            "likelihood ratio, which has no denominator. Give one fit, or leave them out."
        )


def _check_fits(fits) -> None:
    for fit in fits:
        check_fit(fit, "anova")
    if not fits:
        raise ModelError(
            "anova() needs at least one fitted model, as in hlm.anova(model1, model2)."
        )


def _names_of(fits, frame) -> list[str]:
    """What the caller calls each fit; "model 1", "model 2" where it has no name."""
    known = {**frame.f_globals, **frame.f_locals}
    names = [name_of(fit, known) for fit in fits]
    return [name or f"model {i}" for i, name in enumerate(names, start=1)]
