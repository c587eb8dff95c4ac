"""What a student may hand to the verbs by mistake: each is answered in words, none by numpy."""

import re
from functools import cache

import numpy as np
import pandas as pd
import pytest

import hlmteach as hlm
from hlmteach.inference.simulation.simulate import draw

data = hlm.load("HLM")
ML = {"data": data, "REML": False}


@cache
def model(effects="1"):
    return hlm.lmer(f"Satisfaction ~ NPD + ({effects}|Time)", **ML)


@cache
def crossed():
    return hlm.lmer("diameter ~ 1 + (1|plate) + (1|sample)", hlm.load("Penicillin"))


@cache
def interaction():
    return hlm.lmer("Satisfaction ~ NPD * BPD + (1|Time)", **ML)


@cache
def single():
    return hlm.gls("Satisfaction ~ 1", data, method="ML")


VERBS = ["aic_ledger", "aicc", "anova", "coef_table", "confint", "coverage", "draw", "icc"]
VERBS += [
    "icc_interval",
    "influence",
    "modes",
    "null_lrt",
    "profile",
    "predict",
    "r2",
    "satterthwaite",
]
VERBS += ["shrinkage", "shrinkage_matrix", "simulate", "summary", "to_statsmodels"]
WITH_MORE = {
    "contrast": ({"NPD": 1},),
    "johnson_neyman": ("NPD", "BPD"),
    "lrt": (None,),
    "marginal_means": ("Time",),
    "power": ("NPD",),
    "refit_many": ([[1.0]],),
    "simple_slopes": ("NPD", "BPD"),
}


@pytest.mark.parametrize(
    "thing", [data, "model3", None, [1, 2]], ids=["table", "name", "none", "list"]
)
@pytest.mark.parametrize("verb", [*VERBS, *WITH_MORE])
def test_what_is_no_fit(verb, thing):
    if verb == "icc" and thing is None:
        return
    with pytest.raises(
        hlm.ModelError, match=rf"{verb}\(\) needs a fitted model, not|icc\(\) needs"
    ):
        getattr(hlm, verb)(thing, *WITH_MORE.get(verb, ()))


SHARES = [
    (lambda level: hlm.confint(model(), level=level), "level"),
    (lambda level: hlm.profile(model(), parm="NPD").interval(level), "level"),
    (lambda level: hlm.icc_interval(model(), level=level), "level"),
    (lambda level: hlm.modes(model(), level=level), "level"),
    (lambda level: hlm.coverage(model(), level=level), "level"),
    (lambda level: hlm.johnson_neyman(interaction(), "NPD", "BPD", level=level), "level"),
    (lambda level: hlm.simple_slopes(interaction(), "NPD", "BPD", confidence=level), "confidence"),
    (lambda level: model().predict(interval="prediction", confidence=level), "confidence"),
    (lambda level: hlm.power(model(), "NPD", alpha=level), "alpha"),
    (lambda level: hlm.type1(alpha=level), "alpha"),
    (lambda level: hlm.null_lrt(model(), alpha=level), "alpha"),
]


@pytest.mark.parametrize("level", [95, "95%", None, np.nan, 0, 1.0])
@pytest.mark.parametrize(("call", "name"), SHARES)
def test_what_is_no_level(call, name, level):
    with pytest.raises(hlm.ModelError, match=rf"^{name}=.* (must lie between 0 and 1|be a number)"):
        call(level)


SEEDS = [
    lambda seed: hlm.simulate(model(), seed=seed),
    lambda seed: hlm.draw(model(), seed=seed),
    lambda seed: hlm.simulate_groups(3, 4, seed=seed),
    lambda seed: hlm.plan(10, 5, seed=seed),
    lambda seed: hlm.type1(n=10, seed=seed),
    lambda seed: hlm.coverage(model(), n=10, seed=seed),
    lambda seed: hlm.null_lrt(model(), n=10, seed=seed),
    lambda seed: hlm.confint(model(), method="boot", seed=seed),
]


@pytest.mark.parametrize("seed", ["a", -1, 1.5])
@pytest.mark.parametrize("call", SEEDS)
def test_what_is_no_seed(call, seed):
    with pytest.raises(hlm.ModelError, match="must be a whole number of 0 or more, as in seed=1"):
        call(seed)


ASKED = [
    (lambda: hlm.confint(model(), parm=3), "There is no parameter 3. This model has: .sig01"),
    (lambda: hlm.confint(model(), parm=[]), r"parm=\[\] names no parameter"),
    (lambda: hlm.confint(model(), model()), "level=a Fit must be a number"),
    (lambda: hlm.confint(model(), method="Wald"), "method='Wald' is not known.*'wald'"),
    (lambda: hlm.confint(model(), method="boot", nsim=10), "at least 39 are needed"),
    (lambda: model().predict(level="pop"), "level='pop' is not known.*'group', 'population'"),
    (lambda: model().predict(interval=True), "interval=True is not known"),
    (lambda: hlm.icc_interval(model(), method="x"), "method='x' is not known.*'exact', 'profile'"),
    (lambda: hlm.icc(outcome="Satisfaction", group="Time", data=data, method="ml"), "'ml'"),
    (lambda: hlm.design_effect("a"), "icc='a' must be a number"),
    (lambda: hlm.design_effect(0.2, "ten"), "n_per_group='ten' must be a number"),
    (lambda: model().summary(style="spss"), "style='spss' is not known.*'nlme', 'lme4'"),
    (lambda: hlm.simple_slopes(interaction(), "NPD", "BPD", at=[]), r"at=\[\] holds no value"),
    (lambda: hlm.coverage(model(), df="a"), "df='a' must be a number"),
    (lambda: hlm.coverage(model(), df=-3), "df=-3 are degrees of freedom"),
    (lambda: hlm.null_lrt(single()), "equally many parameters, so there is nothing to test"),
    (lambda: hlm.plan(10, 5, x_sd=0), "x does not vary"),
    (lambda: hlm.plan(10, 5, sigma=0), "sigma=0 must be"),
    (lambda: hlm.plan(1, 5), r"n_groups=1.*two groups"),
    (lambda: hlm.plan(10, 5, beta=(1, 2, 3)), r"beta=.* must be one number, or two"),
    (lambda: hlm.simulate_groups(3, 4, names=("a", "b")), "three different names"),
    (lambda: hlm.simulate_groups(3, 4, names=("a", "a", "g")), "three different names"),
    (lambda: hlm.simulate_groups(3, 4, rho="x"), "rho='x' must be a number"),
    (lambda: hlm.simulate_groups(3, 4, x_mean="x"), "x_mean='x' must be a number"),
    (lambda: hlm.lmer("Satisfaction ~ NPD + (1|Time)", data, REML="False"), "REML='False'"),
    (lambda: hlm.fit_chunks("Satisfaction ~ NPD + (1|Time)", [data], REML=0), "REML=0 is not"),
    (lambda: hlm.lme("Satisfaction ~ NPD", data, "~1|Time", method="ml"), "method='ml'.*'ML'"),
    (lambda: hlm.null_lrt(model(), small="model1"), "needs a fitted model, not 'model1'"),
]


@pytest.mark.parametrize(("call", "message"), ASKED, ids=[message[:30] for _, message in ASKED])
def test_what_cannot_be(call, message):
    with pytest.raises(hlm.ModelError, match=message):
        call()


GIVEN = [
    (lambda: hlm.power(model(), "NPD", effects="big"), "effects must be made of numbers; .*'big'"),
    (lambda: hlm.simulate_groups(3, 4, sd_u="x"), "sd_u must be made of numbers"),
    (lambda: hlm.refit_many(model(), "abc"), "Y must be made of numbers; it is 'abc'"),
    (lambda: hlm.refit_many(model(), draw(crossed(), 2, 1)), "drawn for another model"),
    (lambda: hlm.normal_loglik(["a"], 0, 1), "y must be made of numbers"),
    (lambda: hlm.normal_loglik([1, 2], [0, 1, 2], [1, 2]), "3 means for 2 sds"),
    (lambda: hlm.simple_slopes(interaction(), "NPDD", "BPD"), "no column 'NPDD'.*mean 'NPD'"),
    (lambda: hlm.johnson_neyman(interaction(), "NPD", "BDP"), "no column 'BDP'"),
    (lambda: hlm.read_table(data), "A DataFrame is no file"),
]


@pytest.mark.parametrize(("call", "message"), GIVEN, ids=[message[:30] for _, message in GIVEN])
def test_what_is_made_of_something_else(call, message):
    with pytest.raises(hlm.DataError, match=message):
        call()


def test_lme_without_its_random_part():
    with pytest.raises(hlm.FormulaError, match=r"random='~1\|Time'\. Without it, use hlm\.gls"):
        hlm.lme("Satisfaction ~ NPD", data)


def test_a_predictor_that_is_text_but_reads_as_numbers():
    asked = "NPD' holds numbers stored as text, and is taken as 6 categories.*to_numeric"
    for text in (data["NPD"].astype(str), data["NPD"].map(str).astype(object)):
        with pytest.warns(hlm.HLMWarning, match=asked):
            hlm.lmer("Satisfaction ~ NPD + (1|Time)", data.assign(NPD=text))
    objects = data.assign(NPD=data["NPD"].astype(object))  # numbers all the same
    assert list(hlm.lmer("Satisfaction ~ NPD + (1|Time)", objects).fixef.index)[1:] == ["NPD"]
    hlm.lmer("Satisfaction ~ C(NPD) + (1|Time)", data.assign(NPD=data["NPD"].astype(str)))


@pytest.mark.parametrize(
    ("write", "remedy"),
    [
        ("{:.1f}", "pd.to_numeric(data['x'].astype(str))"),
        ("{:.1f} %", "pd.to_numeric(data['x'].str.extract(r'([-+\\d.,]+)')[0])"),
        ("${:.1f}", "pd.to_numeric(data['x'].str.extract(r'([-+\\d.,]+)')[0])"),
        (
            "{:,.1f} kg",
            "pd.to_numeric(data['x'].str.extract(r'([-+\\d.,]+)')[0].str.replace(',', ''))",
        ),
        ("{:,.1f}", "pd.to_numeric(data['x'].astype(str).str.replace(',', ''))"),
    ],
)
def test_the_remedy_for_numbers_that_are_text_makes_the_numbers(write, remedy):
    x = data["NPD"] * (1000.0 if "," in write else 1.0) + np.arange(len(data)) % 9
    written = data.assign(x=[write.format(value) for value in x])
    with pytest.warns(hlm.HLMWarning, match=re.escape(remedy)):
        hlm.lmer("Satisfaction ~ x + (1|Time)", written)
    numbers = written.assign(x=eval(remedy, {"data": written, "pd": pd}))
    assert np.allclose(numbers["x"], x)


def test_the_remedy_for_an_outcome_with_commas_makes_the_numbers():
    y = data["Satisfaction"].round(2) + np.arange(len(data)) / 8
    written = data.assign(y=[f"{value:.3f}".replace(".", ",") for value in y])
    remedy = "pd.to_numeric(data['y'].astype(str).str.replace(',', '.'))"
    with pytest.raises(hlm.DataError, match=re.escape(remedy)):
        hlm.lmer("y ~ NPD + (1|Time)", written)
    assert np.allclose(eval(remedy, {"data": written, "pd": pd}), y)
    with pytest.raises(hlm.DataError, match="if the commas part thousands"):
        hlm.lmer("y ~ NPD + (1|Time)", written)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a{}", "a{} "),
        ("A b{}", "a  B{}"),
        ("\u00e9{}", "e\u0301{}"),
        ("O'Hara {}", "O\u2019Hara {}"),
    ],
)
@pytest.mark.parametrize("count", [3, 10])
@pytest.mark.parametrize("formula", ["Satisfaction ~ NPD + (1|g)", "Satisfaction ~ g + (1|Time)"])
def test_one_category_spelt_in_two_ways_is_named_and_mended(one, other, count, formula):
    spelt = [(other if i % 2 else one).format(i % (2 * count) // 2) for i in range(len(data))]
    written = data.assign(g=spelt)
    with pytest.warns(hlm.HLMWarning, match="taken as different") as said:
        hlm.lmer(formula, written)
    remedy = str(said[0].message).split("spell them alike: ")[1].removesuffix(".")
    mended = eval(remedy, {"data": written})
    if "\u2019" not in other or count <= 3:  # no line of pandas writes every sign alike
        assert mended.nunique() == count


def test_codes_too_long_for_decimal_numbers_are_named():
    long = data.assign(g=np.arange(len(data)) % 20 + 2.0**53)
    with pytest.warns(hlm.HLMWarning, match="neighbours become one group"):
        hlm.lmer("Satisfaction ~ NPD + (1|g)", long)


@pytest.mark.parametrize("reml", [True, False])
def test_groups_that_are_predictors_too(reml):
    with pytest.raises(
        hlm.ModelError, match="already give each group of 'Time' effects of its own"
    ):
        hlm.lmer("Satisfaction ~ NPD + Time + (1|Time)", data, REML=reml)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (data["NPD"] + 1j, "'NPD' holds complex numbers"),
        (pd.Timestamp("2020-01-01"), r"'NPD' holds dates\..*dt.days"),
    ],
)
def test_columns_of_other_kinds(column, message):
    with pytest.raises(hlm.DataError, match=message):
        hlm.lmer("Satisfaction ~ NPD + (1|Time)", data.assign(NPD=column))


def test_fits_over_chunks_have_no_rows_to_compare():
    pieces = [data.iloc[:1000], data.iloc[1000:]]
    small, large = (
        hlm.fit_chunks(f"Satisfaction ~ {x} + (1|Time)", pieces, REML=False) for x in ("1", "NPD")
    )
    with pytest.raises(hlm.ModelError, match=r"fitted by chunks, so .* test=False"):
        hlm.anova(small, large)
    listed = hlm.anova(small, large, test=False)
    assert listed["AIC"].round(2).tolist() == [6533.55, 6468.46]
    other = hlm.fit_chunks("Satisfaction ~ 1 + (1|Time)", pieces[:1], REML=False)
    with pytest.raises(hlm.ModelError, match="2681 and 1000 rows"):
        hlm.anova(large, other, test=False)


def test_explained_variance_without_predictors_is_nothing():
    assert hlm.r2(single()).tolist() == [0.0, 0.0]


EVALUATED = [
    (lambda: model().at(sd="a"), "sd must be made of numbers"),
    (lambda: model().at(sigma="a"), "sigma must be made of numbers"),
    (lambda: model().at(sigma=[1, 2]), r"sigma=\[1.0, 2.0\] must be a positive number"),
    (lambda: model().at(sd={"Tme": 1.0}), "must name grouping factors, which are 'Time'"),
    (lambda: crossed().at(sd=1.0), "grouping factors 'plate', 'sample'. Say which"),
    (lambda: single().at(sd=1.0), "sd=1.0: this model has no random effects"),
    (lambda: model().refit("abc"), "The new outcome must be made of numbers"),
]


@pytest.mark.parametrize(("call", "message"), EVALUATED, ids=[m[:30] for _, m in EVALUATED])
def test_where_no_model_can_be_evaluated(call, message):
    with pytest.raises(hlm.HLMError, match=message):
        call()


def test_numbers_name_groups_that_are_called_by_them():
    fit = hlm.lmer("Reaction ~ Days + (1|Subject)", hlm.load("sleepstudy"))
    by_number, by_name = (
        fit.predict(pd.DataFrame({"Days": [1.0], "Subject": [name]})) for name in (308, "308")
    )
    assert by_number.tolist() == by_name.tolist()


def test_correlations_that_rounding_takes_beyond_one():
    fit = hlm.lmer("Satisfaction ~ NPD + (NPD|Time)", **ML)
    beyond = fit.at(sd=[0.06, 0.004], corr=[[1.0000000000000002, 1], [1, 1]])
    assert beyond.loglik == fit.at(sd=[0.06, 0.004], corr=1).loglik
    with pytest.raises(hlm.ModelError, match="corr must be between -1 and 1"):
        fit.at(corr=np.nan)
