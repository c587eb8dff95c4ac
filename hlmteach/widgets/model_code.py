"""A model of chosen columns as code: for hlmteach, statsmodels, nlme and lme4."""

from pathlib import Path

SETS = ("HLM", "sleepstudy", "Orthodont")
NONE = "(none)"


def _quoted(name: str) -> str:
    return name if name.isidentifier() else f"`{name}`"


def _fixed(state) -> str:
    sign = " * " if state["product"] else " + "
    right = sign.join(map(_quoted, state["predictors"])) or "1"
    return f"{_quoted(state['outcome'])} ~ {right}"


def _effects(state) -> str:
    return "1" if state["slope"] == NONE else _quoted(state["slope"])


def formula_of(state) -> str:
    """Write the formula as lme4 does; without groups only its fixed part."""
    if state["group"] == NONE:
        return _fixed(state)
    return f"{_fixed(state)} + ({_effects(state)} | {_quoted(state['group'])})"


def python_data(state, file, alone=False) -> str:
    """Write how the table is read; `alone` says that nothing was imported yet."""
    if state["data"] in SETS:
        start = "import hlmteach as hlm\n" if alone else ""
        return f'{start}data = hlm.load("{state["data"]}")\n'
    if not file:
        return "# data: the DataFrame that you gave\n"
    start = "import hlmteach as hlm\n" if alone else ""
    return f'{start}data = hlm.read_table("{file}")\n'


def python_fit(state) -> str:
    """Write the fit with hlmteach."""
    if state["group"] == NONE:
        return f'model = hlm.gls("{_fixed(state)}", data, method="{state["method"]}")\n'
    return f'model = hlm.lmer("{formula_of(state)}", data, REML={state["method"] == "REML"})\n'


def statsmodels_fit(state) -> str:
    """Write the fit with statsmodels."""
    fixed = _fixed(state).replace("`", "")
    if state["group"] == NONE:
        return f'import statsmodels.formula.api as smf\nsmf.ols("{fixed}", data).fit().summary()\n'
    more = "" if state["slope"] == NONE else f', re_formula="{_effects(state)}"'
    return (
        "import statsmodels.formula.api as smf\n"
        f'smf.mixedlm("{fixed}", data, groups="{state["group"]}"{more}).fit('
        f"reml={state['method'] == 'REML'}).summary()\n"
    )


def r_data(state, file) -> str:
    """Write how R reads the table."""
    known = {
        "HLM": 'data <- foreign::read.spss("HLM.sav", to.data.frame = TRUE)\n',
        "sleepstudy": "data <- lme4::sleepstudy\n",
        "Orthodont": "data <- as.data.frame(nlme::Orthodont)\n",
    }
    if state["data"] in known:
        return known[state["data"]]
    readers = {
        ".csv": "read.csv",
        ".sav": "haven::read_sav",
        ".dta": "haven::read_dta",
        ".xlsx": "readxl::read_excel",
    }
    reader = readers.get(Path(file).suffix.lower(), "read.csv")
    return f'data <- {reader}("{file or "your_file.csv"}")\n'


def r_fits(state) -> str:
    """Write the fit with nlme and with lme4."""
    method, reml = state["method"], str(state["method"] == "REML").upper()
    if state["group"] == NONE:
        return (
            f'library(nlme)\nmodel <- gls({_fixed(state)}, data = data, method = "{method}")\n'
            "summary(model)\n"
        )
    random = f"~{_effects(state)}|{_quoted(state['group'])}"
    return (
        "library(nlme)\n"
        f"model <- lme({_fixed(state)}, data = data,\n  random = {random}, "
        f'method = "{method}", na.action = na.omit)\nsummary(model)\n'
        f"library(lme4)\nmodel <- lmer({formula_of(state)}, data = data, REML = {reml})\n"
        "summary(model)\n"
    )
