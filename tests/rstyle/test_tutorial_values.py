"""Every number that the tutorial prints is read off our own printout of the same model.

Model 4 is printed where nlme stopped; there R itself writes one last digit differently. The
profile limits are lme4's, interpolated: ours are right beyond their third digit.
"""

import re
from functools import cache

import pytest

import hlmteach as hlm
from hlmteach.rstyle.rformat import format_number
from tests.reference import TOLERANCE, reference, tutorial_values

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


# -- the numbers -----------------------------------------------------------------------------


@cache
def shown(table):
    if table == "ICC":
        icc = hlm.icc(outcome="Satisfaction", group="Time", data=data)
        return {"merTools::ICC": format_number(icc)}
    if match := re.fullmatch(r"anova\((\S+),(\S+)\)", table):
        names = match.groups()
        return read_anova(repr(hlm.anova(*map(model, names), names=names)), names)
    text = str(model(table.split()[0]).summary())
    return read_lme4(text) if table.endswith("lmer") else read_nlme(text)


def rows():
    """List (table, item, printed); of Model 4's two correlations the first is the random one."""
    values = [tuple(row) for row in tutorial_values().itertuples(index=False)]
    values[values.index(("model4 lme", "Corr", "0.131"))] = ("model4 lme", "random Corr", "0.131")
    return values


PRINTED = [row for row in rows() if not row[0].startswith("confint")]
LIMITS = [row for row in rows() if row[0].startswith("confint")]


@pytest.mark.parametrize(
    ("table", "item", "printed"), PRINTED, ids=[f"{row[0]}: {row[1]}" for row in PRINTED]
)
def test_printed_number(table, item, printed):
    ours = shown(table)[item]
    expected = R_DIFFERS.get((table, item), printed)
    assert float(ours) == float(expected) if item == "p" else ours == expected


@pytest.mark.parametrize(("table", "item", "printed"), LIMITS, ids=[row[1] for row in LIMITS])
def test_profile_limit(table, item, printed):
    name, percent = item.split()
    row = {"sig01": ".sig01", "sigma": ".sigma", "Int": "(Intercept)"}[name]
    ours = hlm.confint(model("model2.1")).loc[row, f"{percent} %"]
    assert ours == pytest.approx(float(printed), rel=TOLERANCE["profile"].relative)


def test_all_166_are_here():
    assert len(PRINTED) + len(LIMITS) == len(set(PRINTED + LIMITS)) == 166
    assert len(PRINTED) == 160
