"""Our printouts are R's, character for character.

`printouts.json` (made by make.R) holds models of many shapes, fitted as tightly as R goes, each
with its parameters in full: our fit is evaluated there, so that every printed digit must agree.
The tutorial's models are compared at our own optimum; Model 4 where nlme stopped.
"""

import json
from pathlib import Path

import pytest

import hlmteach as hlm
from tests.reference import printout, reference, simulated_q3

PRINTOUTS = json.loads((Path(__file__).parent / "printouts.json").read_text(encoding="utf-8"))
SINGULAR = "boundary (singular) fit: a variance is 0, or a correlation is 1 or -1"

# The tables by the names under which R printed them.
data = HLM = hlm.load("HLM")
sleepstudy = hlm.load("sleepstudy")
Penicillin = hlm.load("Penicillin")
Pastes = hlm.load("Pastes")
Orthodont = hlm.load("Orthodont")
simulated_q3 = simulated_q3()

# What nlme's structures of random effects are in our words.
RANDOM = {"diagonal_lme": "~Days || Subject"}
BLOCKED = "Reaction ~ Days + (Days | Subject) + (0 + I(Days^2) | Subject)"


def fitted(name):
    entry = PRINTOUTS[name]
    formula, rows = entry["formula"], globals()[entry["data"]]
    method = "REML" if entry["REML"] else "ML"
    if entry["package"] == "gls":
        return hlm.gls(formula, rows, method=method)
    if entry["package"] == "lme4":
        return at_r(hlm.lmer(formula, rows, REML=entry["REML"]), entry)
    if name == "blocked_lme":
        return at_r(hlm.lmer(BLOCKED, rows), entry)
    return at_r(hlm.lme(formula, rows, RANDOM.get(name, entry["random"]), method), entry)


def at_r(fit, entry):
    """Evaluate the fit at R's own parameters."""
    blocks = entry["varcorr"]
    blocks = list(blocks.values()) if isinstance(blocks, dict) else list(blocks)
    sd, corr = {}, {}
    for factor in fit.frame.factors:
        mine = [blocks.pop(0)]
        while sum(len(block["sd"]) for block in mine) < factor.q:
            mine.append(blocks.pop(0))
        sd[factor.name] = [value for block in mine for value in block["sd"]]
        corr[factor.name] = mine[0]["corr"] if len(mine) == 1 and factor.q > 1 else None
    return fit.at(sd=sd, corr=corr, sigma=entry["sigma"])


def lines(text):
    return str(text).rstrip("\n").split("\n")


def without(text, unwanted):
    return [line for line in lines(text) if line != unwanted]


def as_r_named(text, name):
    """R fitted HLM under its own name; the tutorial calls the same table `data`."""
    return [line.replace("Data: data", f"Data: {PRINTOUTS[name]['data']}") for line in lines(text)]


@pytest.mark.parametrize("name", PRINTOUTS)
def test_summary_is_r_s(name):
    style = "nlme" if PRINTOUTS[name]["package"] != "lme4" else "lme4"
    text = "\n".join(as_r_named(fitted(name).summary(style=style), name))
    assert without(text, SINGULAR) == lines(PRINTOUTS[name]["summary"])


@pytest.mark.parametrize("name", [name for name in PRINTOUTS if "print" in PRINTOUTS[name]])
def test_short_print_is_r_s(name):
    text = "\n".join(as_r_named(repr(fitted(name)), name))
    assert without(text, SINGULAR) == lines(PRINTOUTS[name]["print"])


@pytest.mark.parametrize("name", [name for name in PRINTOUTS if "anova" in PRINTOUTS[name]])
def test_table_of_terms_is_nlme_s(name):
    if name == "blocked_lme":  # fitted by lmer, whose standard errors are the same by REML
        assert PRINTOUTS[name]["REML"]
    assert lines(repr(hlm.anova(fitted(name)))) == lines(PRINTOUTS[name]["anova"])


# -- the tutorial ----------------------------------------------------------------------------


def model4():
    stopped = reference("hlm_slope_printed")["nlme"]
    block = stopped["varcorr"]["Time"]
    fit = hlm.lme("Satisfaction ~ NPD", data, random="~NPD|Time", method="ML")
    return fit.at(sd=block["sd"], corr=block["corr"], sigma=stopped["sigma"])


TUTORIAL = {
    "model1_gls": lambda: hlm.gls("Satisfaction~1", data, method="ML"),
    "model2_lme": lambda: hlm.lme("Satisfaction~1", data, "~1|Time", method="ML"),
    "model2.1_lmer": lambda: hlm.lmer("Satisfaction~1+(1|Time)", data, REML=False),
    "model3_lme": lambda: hlm.lme("Satisfaction~ NPD", data, "~1|Time", method="ML"),
    "model3.1_lmer": lambda: hlm.lmer("Satisfaction ~1+NPD+(1| Time)", data, REML=False),
    "model4_lme": model4,
    "interaction_lme": lambda: hlm.lme(
        "Satisfaction~NPD+BPD+BPD*NPD", data, "~1|Time", method="ML"
    ),
    "interaction_lmer": lambda: hlm.lmer("Satisfaction~NPD+BPD+BPD*NPD+(1|Time)", data, REML=False),
}


@pytest.mark.parametrize("name", TUTORIAL)
def test_the_tutorial_s_summaries(name):
    assert lines(TUTORIAL[name]().summary()) == lines(printout(f"{name}_summary"))


@pytest.mark.parametrize("name", ["model1_gls", "model2.1_lmer"])
def test_the_tutorial_s_short_prints(name):
    assert lines(repr(TUTORIAL[name]())) == lines(printout(f"{name}_print"))


def test_the_default_style_is_that_of_the_function():
    assert "Linear mixed-effects model fit by" in TUTORIAL["model2_lme"]().summary()
    assert "['lmerMod']" in TUTORIAL["model2_lme"]().summary(style="lme4")
    assert "['lmerMod']" in TUTORIAL["model2.1_lmer"]().summary()
    assert "Linear mixed-effects" in TUTORIAL["model2.1_lmer"]().summary(style="nlme")


def test_a_summary_shows_itself_laid_out():
    text = hlm.summary(TUTORIAL["model2_lme"]())
    assert repr(text) == str(text)
    assert "\n" in repr(text)


def test_an_lme_fit_in_lme4_s_words():
    text = TUTORIAL["model3_lme"]().summary(style="lme4")
    assert "Formula: Satisfaction ~ NPD + (1 | Time)" in text


def test_each_style_has_its_package_s_standard_errors():
    for name in ("interaction_lme", "interaction_lmer"):
        fit = TUTORIAL[name]()
        assert lines(fit.summary(style="nlme")) == lines(printout("interaction_lme_summary"))
        other = lines(fit.summary(style="lme4"))
        assert other[4:] == lines(printout("interaction_lmer_summary"))[4:]


def test_singular_fits_say_so():
    fit = hlm.lmer("Satisfaction ~ NPD + (NPD|Time)", data, REML=False)
    assert lines(fit.summary())[-1] == lines(repr(fit))[-1] == SINGULAR


def test_a_variance_of_zero_has_no_correlation():
    fit = hlm.lmer("Reaction ~ Days + (Days | Subject)", sleepstudy).at(sd=[20, 0.0], corr=0)
    row = next(line for line in lines(fit.summary()) if line.split()[0:1] == ["Days"])
    assert row.split()[-1] == "NaN"


@pytest.mark.parametrize("style", ["lme4", "nlme"])
def test_a_line_break_in_a_name_breaks_no_line(style):
    renamed = {"Days": "da\nys", "Subject": "sub\nject"}
    odd = sleepstudy.rename(columns=renamed)
    plain = hlm.lme("Reaction ~ Days", sleepstudy, random="~Days|Subject")
    fit = hlm.lme("Reaction ~ `da\nys`", odd, random="~`da\nys`|`sub\nject`")
    for text, expected in (
        (fit.summary(style=style), plain.summary(style=style)),
        (str(fit), str(plain)),
    ):
        assert len(lines(text)) == len(lines(expected))
        assert "da\\nys" in text


def test_the_table_s_name_is_the_caller_s():
    mine = data.copy()
    assert "  Data: mine" in lines(hlm.gls("Satisfaction ~ 1", mine).summary())
    assert "  Data: data" in lines(hlm.gls("Satisfaction ~ 1", data.copy()).summary())


@pytest.mark.parametrize(
    ("make", "style", "says"),
    [
        (lambda: hlm.gls("Satisfaction ~ 1", data), "lme4", "no random effects"),
        (lambda: hlm.gls("Satisfaction ~ 1", data), "spss", "style='spss' is not known"),
        (
            lambda: hlm.lmer("diameter ~ 1 + (1|plate) + (1|sample)", Penicillin),
            "nlme",
            "plate and sample are crossed",
        ),
    ],
)
def test_a_layout_that_does_not_exist(make, style, says):
    with pytest.raises(hlm.ModelError, match=says):
        make().summary(style=style)
