"""The tutorial's printed numbers, each by equality to the printed digit.

A value is written with as many decimals as the tutorial prints and must give the same text.
Model 4 was printed where nlme's optimiser stopped, not at the maximum: it is evaluated there, at
the unrounded parameters digit for digit, and at the printed ones to 1e-4. The ICC and confint are
tested with `inference`.
"""

from functools import cache

import numpy as np
import pytest
from scipy.stats import chi2

from hlmteach.datasets import load
from hlmteach.engine.fit import fit_model
from tests.reference import reference, tutorial_values

FORMULAS = {
    "model1 gls": ("Satisfaction ~ 1", None),
    "model2 lme": ("Satisfaction ~ 1", "~1|Time"),
    "model2.1 lmer": ("Satisfaction ~ 1 + (1|Time)", None),
    "model3 lme": ("Satisfaction ~ NPD", "~1|Time"),
    "model3.1 lmer": ("Satisfaction ~ 1 + NPD + (1|Time)", None),
    "model4 lme": ("Satisfaction ~ NPD", "~NPD|Time"),
    "interaction lme": ("Satisfaction ~ NPD + BPD + BPD*NPD", "~1|Time"),
}
ANOVAS = {
    "anova(model1,model2)": ("model1 gls", "model2 lme"),
    "anova(model3,model2)": ("model3 lme", "model2 lme"),
    "anova(model3,model4)": ("model3 lme", "model4 lme"),
    "anova(model3,interaction)": ("model3 lme", "interaction lme"),
}
ELSEWHERE = {"ICC", "confint(model2.1)"}
MODEL_4 = {"sd": [0.072374062, 0.002428596], "corr": 0.131, "sigma": 0.806315723}
# The one of 166 printed numbers that R itself prints with another last digit on these data.
R_DIFFERS = {"sd(Intercept)": ("0.072374062", "0.072374061")}


@cache
def fitted(model):
    formula, random = FORMULAS[model]
    fit = fit_model(formula, load("HLM"), random=random, verb=model.split()[-1])
    return fit.at(**unrounded_model_4()) if model == "model4 lme" else fit


def unrounded_model_4():
    """Read the parameters at which nlme stops, with the digits that the tutorial does not print."""
    stopped = reference("hlm_slope_printed")["nlme"]
    block = stopped["varcorr"]["Time"]
    return {"sd": block["sd"], "corr": block["corr"], "sigma": stopped["sigma"]}


def by_position(fit, names):
    """Name what belongs to each coefficient by the tutorial's short names, in order."""
    t = fit.fixef / fit.se
    values = {}
    for i, (b, se, tt, df) in enumerate(names):
        values |= {b: fit.fixef.iloc[i], se: fit.se.iloc[i], tt: t.iloc[i], df: inner_df(fit)}
    return values


def inner_df(fit):
    """nlme's denominator DF of within-group coefficients: n - J - (coefficients but the first)."""
    return fit.n_obs - sum(fit.n_groups.values()) - (len(fit.fixef) - 1)


def coefficient_names(fit):
    if len(fit.fixef) == 1:
        return [("Intercept", "SE", "t", "DF")]
    if len(fit.fixef) == 2:
        return [(f"b{i}", f"se{i}", f"t{i}", f"DF{i}") for i in (0, 1)]
    short = ["Int", "NPD", "BPD", "NPD:BPD"]
    return [tuple(f"{kind} {name}" for kind in ("b", "se", "t", "DF")) for name in short]


def correlations(fit):
    """Correlations of the coefficients below the diagonal, by the tutorial's short names."""
    corr = fit.vcov.to_numpy() / np.sqrt(np.outer(np.diag(fit.vcov), np.diag(fit.vcov)))
    if len(corr) == 2:
        return {"Corr": corr[1, 0]}
    short = ["Int", "NPD", "BPD", "N:B"]
    return {f"{short[i]}~{short[j]}": corr[i, j] for i in range(len(corr)) for j in range(i)}


def of_fit(fit):
    quantiles = np.quantile(fit.resid_scaled, [0, 0.25, 0.5, 0.75, 1])
    values = dict(zip(["Min", "Q1", "Med", "Q3", "Max"], quantiles, strict=True))
    values |= {"AIC": fit.aic, "BIC": fit.bic, "logLik": fit.loglik, "deviance": fit.deviance}
    values |= by_position(fit, coefficient_names(fit)) | correlations(fit)
    values |= {"df.resid": fit.df_resid, "df": fit.df_resid, "N": fit.n_obs, "sigma": fit.sigma}
    for row in fit.varcorr.itertuples():
        short = "Res" if row.group == "Residual" else row.group
        effect = row.name.strip("()")
        values |= {f"sd({effect})": row.sd, f"sd({short})": row.sd, f"var({short})": row.variance}
    if len(fit.theta) > 1:
        values["random Corr"] = fit.varcorr["corr"][1]
    return values


def of_anova(name):
    """Compare two fits as their log-likelihoods and numbers of parameters have it."""
    first, second = (fitted(model) for model in ANOVAS[name])
    ratio = 2 * abs(second.loglik - first.loglik)
    values = {"L.Ratio": ratio, "p": chi2.sf(ratio, abs(second.n_params - first.n_params))}
    for model, fit in zip(ANOVAS[name], (first, second), strict=True):
        end = model.removeprefix("model").split()[0].replace("interaction", "")
        values |= {f"AIC{end}": fit.aic, f"BIC{end}": fit.bic, f"ll{end}": fit.loglik}
    return values


def of(name):
    return of_anova(name) if name in ANOVAS else of_fit(fitted(name))


def as_printed(value, printed):
    """Write a value with the decimals that the tutorial prints."""
    return f"{value:.{len(printed.partition('.')[2])}f}"


def printed_values():
    """List (table, item, printed); of Model 4's two correlations the first is the random one."""
    rows = [tuple(row) for row in tutorial_values().itertuples(index=False)]
    first = rows.index(("model4 lme", "Corr", "0.131"))
    rows[first] = ("model4 lme", "random Corr", "0.131")
    return rows


VALUES = [row for row in printed_values() if row[0] not in ELSEWHERE]
OF_MODEL_4 = [row for row in VALUES if row[0] == "model4 lme"]


def each(rows):
    ids = [f"{table}: {item}" for table, item, _ in rows]
    return pytest.mark.parametrize(("name", "item", "printed"), rows, ids=ids)


@each(VALUES)
def test_printed_digit_for_digit(name, item, printed):
    if name == "model4 lme" and item in R_DIFFERS:
        tutorial, printed = R_DIFFERS[item]
        assert tutorial == dict(row[1:] for row in OF_MODEL_4)[item]
    assert as_printed(of(name)[item], printed) == printed


@each(OF_MODEL_4)
def test_model_4_at_its_printed_parameters(name, item, printed):
    fit = fitted(name).at(**MODEL_4)
    half_a_digit = 0.5 * 10.0 ** -len(printed.partition(".")[2])
    assert of_fit(fit)[item] == pytest.approx(float(printed), rel=1e-4, abs=half_a_digit)


def test_all_166_numbers_are_accounted_for():
    rows = printed_values()
    assert len(rows) == len({row[:2] for row in rows}) == 166
    assert {row[0] for row in rows} == {*FORMULAS, *ANOVAS, *ELSEWHERE}
    assert sum(row[0] in ELSEWHERE for row in rows) == 7
