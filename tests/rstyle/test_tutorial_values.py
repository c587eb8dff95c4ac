"""Every number that the tutorial prints is read off our own printout of the same model.

Model 4 is printed where nlme stopped; there R itself writes one last digit differently. Its
limits lme4 reads off a grid by splines, as `method="profile-lme4"` does; the limits themselves are
held to 1e-6 here against a formula that shares nothing with the engine.
"""

import re
from functools import cache

import numpy as np
import pytest
from scipy.optimize import brentq, minimize
from scipy.stats import chi2

import hlmteach as hlm
from hlmteach.rstyle.rformat import format_number
from tests.reference import printout, reference, tutorial_values

QUANTILES = ["Min", "Q1", "Med", "Q3", "Max"]
SHORT = {"(Intercept)": "Int", "NPD:BPD": "N:B"}
R_DIFFERS = {("model4 lme", "sd(Intercept)"): "0.072374061"}

data = hlm.load("HLM")


@cache
def model(name):
    if name == "model4":
        return nlme_s_model_4()
    return {
        "model1": lambda: hlm.gls("Satisfaction~1", data, method="ML"),
        "model2": lambda: hlm.lme("Satisfaction~1", data, "~1|Time", method="ML"),
        "model2.1": lambda: hlm.lmer("Satisfaction~1+(1|Time)", data, REML=False),
        "model3": lambda: hlm.lme("Satisfaction~NPD", data, "~1|Time", method="ML"),
        "model3.1": lambda: hlm.lmer("Satisfaction~1+NPD+(1|Time)", data, REML=False),
        "interaction": lambda: hlm.lme(
            "Satisfaction~NPD+BPD+BPD*NPD", data, "~1|Time", method="ML"
        ),
    }[name]()


def nlme_s_model_4():
    stopped = reference("hlm_slope_printed")["nlme"]
    block = stopped["varcorr"]["Time"]
    fit = hlm.lme("Satisfaction ~ NPD", data, random="~NPD|Time", method="ML")
    return fit.at(sd=block["sd"], corr=block["corr"], sigma=stopped["sigma"])


# -- reading a printout ----------------------------------------------------------------------


def after(text, heading, rows=1):
    """The lines below the one that starts with `heading`, split at blanks."""
    lines = text.split("\n")
    at = next(i for i, line in enumerate(lines) if line.strip().startswith(heading))
    return [line.split() for line in lines[at + 1 : at + 1 + rows]]


def until_blank(text, heading):
    """The rows below a heading up to the first line that is no row of a table."""
    rows = after(text, heading, 20)
    end = next(i for i, row in enumerate(rows) if not row or row[0] in ("Correlation:", "Formula:"))
    return rows[:end]


def coefficients(text, heading, columns):
    """Items by the tutorial's names: b0, se0 (by position), b NPD, se NPD (by name), or alone."""
    rows = until_blank(text, heading)
    items = {}
    for i, row in enumerate(rows):
        name = SHORT.get(row[0], row[0]) if ":" not in row[0] else row[0]
        for column, value in zip(columns, row[1:], strict=False):
            items |= {f"{column}{i}": value, f"{column} {name}": value}
    alone = {"b": "Intercept", "se": "SE", "t": "t", "DF": "DF"}
    items |= {alone[column]: items[f"{column}0"] for column in columns}
    return items


def correlations(text, heading):
    if heading not in text:
        return {}
    names, *rows = after(text, heading, 4)
    names = [{"(Intr)": "Int"}.get(name, name) for name in names]
    rows = [row for row in rows if row and row[0] != "Number"]
    items = {"Corr": rows[0][1]}
    for row in rows:
        for name, value in zip(names, row[1:], strict=False):
            items[f"{SHORT.get(row[0], row[0])}~{name}"] = value
    return items


def read_nlme(text):
    (criteria,) = after(text, "AIC")
    items = dict(zip(["AIC", "BIC", "logLik"], criteria, strict=True))
    items |= dict(zip(QUANTILES, after(text, "Min")[0], strict=True))
    columns = ["b", "se", "t"] if "Generalized" in text else ["b", "se", "DF", "t"]
    items |= coefficients(text, "Value", columns)
    items |= correlations(text, "Correlation:")
    return items | read_variances(text)


def read_variances(text):
    if "Generalized" in text:
        total, residual = re.search(r"freedom: (\d+) total; (\d+)", text).groups()
        return {"sigma": text.split("error: ")[1].split("\n")[0], "N": total, "df": residual}
    if "StdDev:" in text:
        row = next(line.split() for line in text.split("\n") if line.startswith("StdDev:"))
        return {"sd(Intercept)": row[1], "sigma": row[2]}
    intercept, slope, residual = after(text, "StdDev", 3)
    return {
        "sd(Intercept)": intercept[1],
        "sd(NPD)": slope[1],
        "random Corr": slope[2],
        "sigma": residual[1],
    }


def read_lme4(text):
    names = ["AIC", "BIC", "logLik", "deviance", "df.resid"]
    items = dict(zip(names, after(text, "AIC")[0], strict=True))
    items |= dict(zip(QUANTILES, after(text, "Min")[0], strict=True))
    time, residual = after(text, "Groups", 2)
    items |= {"var(Time)": time[2], "sd(Time)": time[3]}
    items |= {"var(Res)": residual[1], "sd(Res)": residual[2]}
    items |= coefficients(text + "\n\n", "Estimate", ["b", "se", "t"])
    return items | correlations(text, "Correlation of Fixed Effects:")


def read_anova(text, names):
    head, *rows = [line.split() for line in text.split("\n")]
    items = {}
    for row, name in zip(rows, names, strict=True):
        end = name.removeprefix("model").replace("interaction", "")
        for short, column in (("AIC", "AIC"), ("BIC", "BIC"), ("ll", "logLik")):
            items[short + end] = row[1 + head.index(column)]
    vs = rows[1].index("vs")
    return items | {"L.Ratio": rows[1][vs + 2], "p": rows[1][vs + 3]}


def read_limits(text):
    short = {".sig01": "sig01", ".sigma": "sigma", "(Intercept)": "Int"}
    rows = [line.split() for line in text.split("\n")[1:]]
    return {
        f"{short[name]} {percent}": limit
        for name, *limits in rows
        for percent, limit in zip(("2.5", "97.5"), limits, strict=True)
    }


# -- the numbers -----------------------------------------------------------------------------


@cache
def limits(method):
    return hlm.confint(model("model2.1"), method=method)


@cache
def shown(table):
    """What our printout says, by the tutorial's names of the numbers."""
    if table == "ICC":
        icc = hlm.icc(outcome="Satisfaction", group="Time", data=data)
        return {"merTools::ICC": format_number(icc)}
    if match := re.fullmatch(r"anova\((\S+),(\S+)\)", table):
        names = match.groups()
        return read_anova(repr(hlm.anova(*map(model, names), names=names)), names)
    if table == "confint(model2.1)":
        return read_limits(repr(limits("profile-lme4")))
    text = str(model(table.split()[0]).summary())
    return read_lme4(text) if table.endswith("lmer") else read_nlme(text)


def rows():
    """List (table, item, printed); of Model 4's two correlations the first is the random one."""
    values = [tuple(row) for row in tutorial_values().itertuples(index=False)]
    values[values.index(("model4 lme", "Corr", "0.131"))] = ("model4 lme", "random Corr", "0.131")
    return values


def same(table, item, printed):
    """Whether our printout has this number, to the printed digit."""
    ours = shown(table)[item]
    expected = R_DIFFERS.get((table, item), printed)
    return float(ours) == float(expected) if item == "p" else ours == expected


@pytest.mark.parametrize(
    ("table", "item", "printed"), rows(), ids=[f"{row[0]}: {row[1]}" for row in rows()]
)
def test_printed_number(table, item, printed):
    assert same(table, item, printed), shown(table)[item]


def test_all_166_are_there_and_the_same():
    # Counted apart from the cases above: none can be left out of both, or stand twice for another.
    names = [row[:2] for row in rows()]
    assert len(names) == len(set(names)) == 166
    assert sum(same(*row) for row in rows()) == 166


def test_no_number_is_matched_by_another_digit():
    # Each of the 166 is noticed: with its last digit changed it is not found.
    for table, item, printed in rows():
        if (table, item) not in R_DIFFERS:
            other = printed[:-1] + str((int(printed[-1]) + 1) % 10)
            assert not same(table, item, other), (table, item)


def test_the_printout_of_the_limits_is_lme4s():
    assert repr(limits("profile-lme4")) == printout("model2.1_confint").rstrip("\n")


# -- the limits, exact -----------------------------------------------------------------------


@cache
def groups():
    y = data.groupby("Time", observed=True)["Satisfaction"]
    return y.size().to_numpy(), y.mean().to_numpy(), (y.var(ddof=0) * y.size()).to_numpy()


def deviance(log_sd, log_sigma, mean):
    """-2 log-likelihood of a random intercept, from sizes, means and sums of squares alone."""
    (n, y, within), sigma2 = groups(), np.exp(2 * log_sigma)
    variance = sigma2 + n * np.exp(2 * log_sd)
    terms = (n - 1) * np.log(sigma2) + np.log(variance) + within / sigma2
    return float((terms + n * (y - mean) ** 2 / variance + n * np.log(2 * np.pi)).sum())


def lowest(k=None, value=None):
    """The least deviance, with one parameter held where one is named."""
    start = np.array([np.log(0.07), np.log(0.8), 5.1])
    free = np.arange(3) != k

    def function(x):
        every = np.empty(3)
        every[free], every[~free] = x, value
        return deviance(*every)

    options = {"xatol": 1e-9, "fatol": 1e-12, "maxiter": 5000}
    return minimize(function, start[free], method="Nelder-Mead", options=options).fun


FAR = {".sig01": (0.005, 0.5), ".sigma": (0.7, 0.9), "(Intercept)": (4.8, 5.4)}


def test_exact_limits_are_right_to_a_millionth():
    height, exact = lowest() + chi2.ppf(0.95, 1), limits("profile")
    estimates = [0.06596515, 0.8165719, 5.092783]
    for k, (name, ends) in enumerate(FAR.items()):
        place = np.log if k < 2 else float
        for end, limit in zip(ends, exact.loc[name], strict=True):
            found = brentq(
                lambda v, k=k, place=place: lowest(k, place(v)) - height, end, estimates[k]
            )
            assert limit == pytest.approx(found, abs=1e-7), name
