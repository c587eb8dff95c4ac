import numpy as np
import pytest
from scipy.stats import t

import hlmteach as hlm
from hlmteach.inference.coefficients.inner_outer import inner_outer_df
from hlmteach.inference.coefficients.tables import wald_table
from tests.reference import names, reference, simulated_q3, table

DATA = {"simulated_q3": simulated_q3}
WITH_NLME = [name for name in names() if "nlme" in reference(name) and "random" in reference(name)]


def fitted(name):
    """Evaluate our fit where nlme stopped, which is not always the maximum."""
    r = reference(name)
    data = DATA.get(r["data"], lambda: hlm.load(r["data"]))()
    random = "~Days || Subject" if "pdDiag" in r["random"] else r["random"]
    fit = hlm.lme(r["fixed"], data, random, r["method"])
    blocks = list(r["nlme"]["varcorr"].values())
    factors = [factor.name for factor in fit.frame.factors]
    sd = {name: block["sd"] for name, block in zip(factors, blocks, strict=True)}
    corr = {
        name: block["corr"] if len(block["sd"]) > 1 else None
        for name, block in zip(factors, blocks, strict=True)
    }
    return fit.at(sd=sd, corr=corr, sigma=r["nlme"]["sigma"])


@pytest.mark.parametrize("name", WITH_NLME)
def test_tables_are_nlme_s(name):
    part = reference(name)["nlme"]
    expected, ours = table(part["table"]), hlm.coef_table(fitted(name))
    assert ours.columns.tolist() == expected.columns.tolist()
    assert ours["DF"].tolist() == expected["DF"].tolist()
    np.testing.assert_allclose(ours["t-value"], expected["t-value"], rtol=1e-7)
    np.testing.assert_allclose(ours["p-value"], expected["p-value"], rtol=1e-6, atol=1e-14)


@pytest.mark.parametrize("name", WITH_NLME)
def test_terms_are_tested_as_nlme_tests_them(name):
    part = reference(name)["nlme"]
    expected, ours = table(part["anova"]), wald_table(fitted(name))
    assert ours.index.tolist() == expected.index.tolist()
    for column in ("numDF", "denDF"):
        assert ours[column].tolist() == expected[column].tolist()
    np.testing.assert_allclose(ours["F-value"], expected["F-value"], rtol=1e-7)


def test_without_groups_n_minus_p():
    fit = hlm.gls("Satisfaction ~ NPD + BPD", hlm.load("HLM"), method="ML")
    assert inner_outer_df(fit).tolist() == [2678] * 3
    # F of each term by R's anova(gls(...)): 106134.8763615399, 63.3726682029, 10.8756572988
    F = wald_table(fit)["F-value"].tolist()
    assert pytest.approx([106134.8763615399, 63.3726682029, 10.8756572988], rel=1e-9) == F


def test_a_single_coefficient_s_f_is_its_t_squared():
    fit = hlm.lmer("Satisfaction ~ NPD*BPD + (1|Time)", hlm.load("HLM"))
    last = hlm.coef_table(fit).iloc[-1]
    row = wald_table(fit).iloc[-1]
    assert row["F-value"] == pytest.approx(last["t-value"] ** 2, rel=1e-10)
    assert row["p-value"] == pytest.approx(last["p-value"], rel=1e-8)
    assert last["p-value"] == pytest.approx(2 * t.sf(abs(last["t-value"]), 2675), rel=1e-12)


def test_an_offset_changes_no_test():
    data = hlm.load("sleepstudy")
    moved = data.assign(Days=data.Days + 1e6, Reaction=data.Reaction + 1e6)
    tables = [wald_table(hlm.lmer("Reaction ~ Days + (1|Subject)", d)) for d in (data, moved)]
    np.testing.assert_allclose(*(tab.loc["Days"] for tab in tables), rtol=1e-6)


def test_no_degrees_of_freedom_no_p_value():
    fit = hlm.lmer("Reaction ~ Days + (1|Subject)", hlm.load("sleepstudy"))
    assert hlm.coef_table(fit, ddf=None).columns.tolist() == ["Value", "Std.Error", "t-value"]


def test_crossed_factors_have_no_such_degrees_of_freedom():
    fit = hlm.lmer("diameter ~ 1 + (1|plate) + (1|sample)", hlm.load("Penicillin"))
    with pytest.raises(hlm.ModelError, match="are crossed"):
        hlm.coef_table(fit)
    assert len(hlm.coef_table(fit, ddf=None)) == 1


def test_a_rule_that_is_not_known():
    fit = hlm.lmer("Reaction ~ Days + (1|Subject)", hlm.load("sleepstudy"))
    with pytest.raises(hlm.ModelError, match="ddf='z' is not known"):
        hlm.coef_table(fit, ddf="z")


def test_a_mean_alone_has_the_rows_less_one():
    # R: anova(gls(Satisfaction ~ 1, data = HLM, method = "ML")): Denom. DF: 2680, F 103348.8
    fit = hlm.gls("Satisfaction ~ 1", hlm.load("HLM"), method="ML")
    assert hlm.coef_table(fit)["DF"].tolist() == [2680]
    table = hlm.anova(fit)
    assert table["denDF"].tolist() == [2680]
    assert table["F-value"].tolist() == pytest.approx([103348.8], rel=1e-6)


@pytest.mark.parametrize("name", ["z", "slope", "p", "w"])
def test_a_moderator_may_be_called_like_a_column_of_its_table(name):
    data = hlm.load("HLM").rename(columns={"BPD": name})
    fit = hlm.lmer(f"Satisfaction ~ NPD * {name} + (1|Time)", data)
    table = hlm.simple_slopes(fit, "NPD", name, at=[1, 2])
    assert table.columns[0] == ("w" if name == "w" else f"{name} (moderator)")
    assert list(table.columns[1:]) == ["slope", "se", "z", "p", "lower", "upper"]
    assert table.iloc[:, 0].tolist() == [1, 2]
