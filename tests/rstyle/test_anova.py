import pandas as pd
import pytest

import hlmteach as hlm
from tests.reference import printout, reference

data = hlm.load("HLM")
sleepstudy = hlm.load("sleepstudy")
model1 = hlm.gls("Satisfaction~1", data, method="ML")
model2 = hlm.lme("Satisfaction~1", data, "~1|Time", method="ML")
model3 = hlm.lme("Satisfaction~NPD", data, "~1|Time", method="ML")
model3withBPD = hlm.lme("Satisfaction~NPD+BPD+BPD*NPD", data, "~1|Time", method="ML")  # noqa: N816


def lines(text):
    return str(text).rstrip("\n").split("\n")


def without_mixture(table):
    """The printed table without its last column."""
    first, *rest = lines(table)
    width = len(first) - len(" p-mixture")
    return [line[:width].rstrip() for line in (first, *rest)]


def test_no_boundary_no_extra_column():
    table = hlm.anova(model3, model2)
    assert "p-mixture" not in table
    assert lines(repr(table)) == lines(printout("anova_model3_model2"))
    assert lines(repr(hlm.anova(model3, model3withBPD))) == lines(
        printout("anova_model3_interaction")
    )


PLAIN = {
    "anova_model1_model2": (model1, model2),
    "anova_model1_to_interaction": (model1, model2, model3, model3withBPD),
}


@pytest.mark.parametrize("name", PLAIN)
def test_at_a_boundary_the_mixture_stands_beside_nlme_s_columns(name):
    fits = PLAIN[name]
    names = [line.split()[0] for line in lines(printout(name))[1:]]
    table = hlm.anova(*fits, names=names)
    assert table.columns[-1] == "p-mixture"
    assert without_mixture(table) == lines(printout(name))


def test_model_4_as_it_is_printed():
    stopped = reference("hlm_slope_printed")["nlme"]
    block = stopped["varcorr"]["Time"]
    model4 = hlm.lme("Satisfaction ~ NPD", data, "~NPD|Time", method="ML")
    model4 = model4.at(sd=block["sd"], corr=block["corr"], sigma=stopped["sigma"])
    table = hlm.anova(model3, model4)
    assert lines(table)[2].endswith("0.9996    0.9886")
    assert without_mixture(table) == lines(printout("anova_model3_model4"))


def test_reml():
    fits = [hlm.lme("Reaction ~ Days", sleepstudy, f"~{x}|Subject") for x in ("1", "Days")]
    table = hlm.anova(*fits, names=["sleep1.lme", "sleep3.lme"])
    assert without_mixture(table) == lines(printout("anova_sleepstudy_reml_lme"))


def test_weights_that_are_not_known_are_said_to_be():
    empty = hlm.gls("Reaction ~ Days", sleepstudy, method="ML")
    slopes = hlm.lme("Reaction ~ Days", sleepstudy, "~Days|Subject", method="ML")
    table = hlm.anova(empty, slopes)
    assert table["p-mixture"].isna().all()
    assert "hlm.null_lrt simulates" in repr(table).replace("\n", " ")
    assert "<p>Several variances are tested" in table._repr_html_()
    assert "Several" not in repr(hlm.anova(model1, model2))


def test_a_single_fit_is_tested_term_by_term():
    assert lines(hlm.anova(model3withBPD)) == lines(printout("anova_interaction_terms"))


def test_rows_are_called_what_the_caller_calls_them():
    mine = model2
    assert hlm.anova(model1, mine).index.tolist() == ["model1", "model2"]
    another = hlm.lme("Satisfaction~1", data, "~1|Time", method="ML")
    assert hlm.anova(model1, another).index.tolist() == ["model1", "another"]
    unnamed = hlm.anova(model1, hlm.lme("Satisfaction~1", data, "~1|Time", method="ML"))
    assert unnamed.index.tolist() == ["model1", "model 2"]
    assert hlm.anova(model1, mine, names=["empty", "groups"]).index.tolist() == ["empty", "groups"]


def test_what_is_taken_from_the_table_is_plain():
    table = hlm.anova(model1, model2)
    assert isinstance(table, pd.DataFrame)
    assert type(table.iloc[1:]) is pd.DataFrame
    assert table.loc["model2", "L.Ratio"] == pytest.approx(12.34079206, abs=1e-7)
    assert table.loc["model2", "p-mixture"] == pytest.approx(2.2158e-4, rel=1e-4)


def test_the_notebook_s_table_has_headers_and_no_colours():
    html = hlm.anova(model1, model2)._repr_html_()
    assert '<th scope="row">model2</th>' in html
    assert '<th scope="col">L.Ratio</th>' in html
    assert "color" not in html


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: hlm.anova(), "needs at least one fitted model"),
        (lambda: hlm.anova(model1, "model2"), "needs a fitted model, not .model2."),
        (lambda: hlm.anova(model1, model2, names=["a"]), "names has 1 entries for 2 fits"),
    ],
)
def test_refusals(call, says):
    with pytest.raises(hlm.ModelError, match=says):
        call()
