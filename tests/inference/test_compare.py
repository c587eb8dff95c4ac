import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

import hlmteach as hlm
from hlmteach.inference.comparison.compare import (
    BOUNDARY_NOTE,
    INSIDE_NOTE,
    UNKNOWN_NOTE,
    compare,
    mixture_p,
)
from hlmteach.inference.comparison.nesting import outside_span, step_between
from tests.reference import reference

HLM = hlm.load("HLM")
SLEEP = hlm.load("sleepstudy")


def lmer(formula, data=SLEEP, REML=False):  # noqa: N803
    return hlm.lmer(formula, data, REML=REML)


MODELS = {
    "model1": hlm.gls("Satisfaction ~ 1", HLM, method="ML"),
    "model2": lmer("Satisfaction ~ 1 + (1|Time)", HLM),
    "model3": lmer("Satisfaction ~ NPD + (1|Time)", HLM),
    "model3withBPD": lmer("Satisfaction ~ NPD*BPD + (1|Time)", HLM),
    "sleep1": lmer("Reaction ~ Days + (1|Subject)"),
    "sleep2": lmer("Reaction ~ Days + (Days||Subject)"),
    "sleep3": lmer("Reaction ~ Days + (Days|Subject)"),
    "sleep1.lme": hlm.lme("Reaction ~ Days", SLEEP, "~1|Subject"),
    "sleep3.lme": hlm.lme("Reaction ~ Days", SLEEP, "~Days|Subject"),
}
CHAINS = {
    name: part["models"]
    for name, part in reference("anova").items()
    if name not in ("versions", "model3_model4", "model2.1_model3.1")
}


@pytest.mark.parametrize("name", CHAINS)
def test_chains_as_r_compares_them(name):
    r, ours = reference("anova")[name], compare([MODELS[m] for m in CHAINS[name]], CHAINS[name])
    assert ours["df"].tolist() == r.get("df", r.get("npar"))
    for column in ("AIC", "BIC", "logLik"):
        np.testing.assert_allclose(ours[column], r[column], atol=1e-6, rtol=0)
    ratio = r.get("L.Ratio", r.get("Chisq"))[1:]
    np.testing.assert_allclose(ours["L.Ratio"][1:], ratio, rtol=1e-6)
    np.testing.assert_allclose(ours["p-value"][1:], r.get("p-value", r.get("Pr(>Chisq)"))[1:], 1e-5)


def test_model_4_where_nlme_stopped():
    stopped = reference("hlm_slope_printed")["nlme"]
    block = stopped["varcorr"]["Time"]
    model4 = lmer("Satisfaction ~ NPD + (NPD|Time)", HLM)
    model4 = model4.at(sd=block["sd"], corr=block["corr"], sigma=stopped["sigma"])
    test = hlm.lrt(MODELS["model3"], model4)
    assert test.ratio == pytest.approx(0.000787942, abs=5e-10)
    assert f"{test.p_naive:.4f} {test.p_mixture:.4f}" == "0.9996 0.9886"


# -- the mixture -----------------------------------------------------------------------------

# small, large, weights by degrees of freedom (none where not known), note
STEPS = [
    ("Reaction ~ Days", "Reaction ~ Days + (1|Subject)", {0: 0.5, 1: 0.5}, BOUNDARY_NOTE),
    ("Reaction ~ 1", "Reaction ~ Days + (1|Subject)", {1: 0.5, 2: 0.5}, BOUNDARY_NOTE),
    (
        "Reaction ~ 1 + (1|Subject)",
        "Reaction ~ 1 + (Days|Subject)",
        {1: 0.5, 2: 0.5},
        BOUNDARY_NOTE,
    ),
    (
        "Reaction ~ 1 + (1|Subject)",
        "Reaction ~ 1 + (Days||Subject)",
        {0: 0.5, 1: 0.5},
        BOUNDARY_NOTE,
    ),
    ("Reaction ~ 1 + (Days||Subject)", "Reaction ~ 1 + (Days|Subject)", {1: 1.0}, INSIDE_NOTE),
    ("Reaction ~ 1 + (1|Subject)", "Reaction ~ Days + (1|Subject)", {1: 1.0}, INSIDE_NOTE),
    (
        "Reaction ~ 1 + (Days|Subject)",
        "Reaction ~ 1 + (Days + I(Days^2)|Subject)",
        {2: 0.5, 3: 0.5},
        BOUNDARY_NOTE,
    ),
    ("Reaction ~ 1", "Reaction ~ 1 + (Days|Subject)", {}, UNKNOWN_NOTE),
    ("Reaction ~ 1", "Reaction ~ 1 + (Days||Subject)", {}, UNKNOWN_NOTE),
]


def any_fit(formula):
    return lmer(formula) if "|" in formula else hlm.gls(formula, SLEEP, method="ML")


@pytest.mark.parametrize(("small", "large", "weights", "note"), STEPS)
def test_the_weights_of_each_kind_of_step(small, large, weights, note):
    test = hlm.lrt(any_fit(small), any_fit(large))
    assert (test.weights, test.note) == (weights, note)
    assert test.on_boundary == (note != INSIDE_NOTE)
    tails = [w * (chi2.sf(test.ratio, df) if df else 0.0) for df, w in weights.items()]
    expected = sum(tails) if weights else np.nan
    np.testing.assert_allclose(test.p_mixture, expected, rtol=1e-12)


def test_the_mixture_holds_its_level_where_the_naive_test_does_not():
    """With 100 groups and no variance between them; the naive test rejects half as often."""
    rng = np.random.default_rng(1)
    g = np.repeat(np.arange(100), 5)
    large = lmer("y ~ 1 + (1|g)", pd.DataFrame({"y": rng.normal(size=500), "g": g}))
    Y = rng.normal(size=(6000, 500))
    # Without the random intercept the log-likelihood is that of a normal sample.
    alone = -250 * (np.log(2 * np.pi * Y.var(axis=1)) + 1)
    ratio = 2 * (hlm.refit_many(large, Y).loglik - alone)
    p = np.array([mixture_p(r, {0: 0.5, 1: 0.5}) for r in np.where(ratio < 1e-7, 0, ratio)])
    assert 0.038 < (p < 0.05).mean() < 0.056
    assert 0.014 < (chi2.sf(ratio, 1) < 0.05).mean() < 0.028


def test_nothing_gained_is_p_1():
    rows = hlm.load("Dyestuff2")
    small, large = hlm.gls("Yield ~ 1", rows, method="ML"), lmer("Yield ~ 1 + (1|Batch)", rows)
    test = hlm.lrt(small, large)
    assert (test.ratio, test.p_naive, test.p_mixture) == (0.0, 1.0, 1.0)


def test_zero_degrees_of_freedom_are_a_point_at_zero():
    assert mixture_p(0.0, {0: 0.5, 1: 0.5}) == 1.0
    assert mixture_p(1e-6, {0: 1.0}) == 0.0


# -- what is nested --------------------------------------------------------------------------


def test_a_recoded_predictor_spans_the_same():
    rows = SLEEP.assign(late=lambda d: 10 * d.Days - 7, big=lambda d: d.Days + 1e6)
    step = step_between(lmer("Reaction ~ late + (1|Subject)", rows), MODELS["sleep3"])
    assert (step.df, step.boundary, step.joint) == (2, 1, False)
    assert not outside_span(np.c_[rows.big], np.c_[np.ones(len(rows)), rows.Days]).any()
    assert outside_span(np.c_[rows.big**2], np.c_[np.ones(len(rows)), rows.Days]).all()


def test_a_random_slope_of_a_centred_predictor_is_the_same_model():
    rows = SLEEP.assign(c=lambda d: d.Days - 4.5)
    same = compare([MODELS["sleep3"], lmer("Reaction ~ Days + (c|Subject)", rows)], ["a", "b"])
    assert same["Test"].tolist() == ["", ""]
    np.testing.assert_allclose(*same["logLik"], atol=1e-8)


def test_uncorrelated_effects_are_another_model_when_centred():
    rows = SLEEP.assign(c=lambda d: d.Days - 4.5)
    with pytest.raises(hlm.ModelError, match=r"effects \(c \| Subject\) are not made of effects"):
        hlm.lrt(lmer("Reaction ~ 1 + (c||Subject)", rows), MODELS["sleep2"])


def test_groups_are_known_by_their_rows_not_their_names():
    rows = SLEEP.assign(Person=lambda d: "p" + d.Subject.astype(str))
    test = hlm.lrt(lmer("Reaction ~ 1 + (1|Person)", rows), MODELS["sleep1"])
    assert test.df == 1


REFUSALS = {
    "another outcome": (
        lambda: (MODELS["sleep1"], lmer("log(Reaction) ~ Days + (Days|Subject)")),
        "do not have the same outcome in the same rows",
    ),
    "other rows": (
        lambda: (MODELS["sleep1"], lmer("Reaction ~ Days + (Days|Subject)", SLEEP.iloc[5:])),
        "were fitted to 180 and 175 rows",
    ),
    "ML against REML": (
        lambda: (MODELS["sleep1"], MODELS["sleep3.lme"]),
        "one by ML and one by REML",
    ),
    "REML with other fixed effects": (
        lambda: (lmer("Reaction ~ 1 + (1|Subject)", REML=True), MODELS["sleep3.lme"]),
        r"different fixed effects \(\(Intercept\); \(Intercept\) \+ Days\) and are fitted by REML",
    ),
    "REML with the same predictor recoded": (
        lambda: (
            lmer("Reaction ~ I(Days - 4) + (1|Subject)", REML=True),
            lmer("Reaction ~ Days + (Days|Subject)", REML=True),
        ),
        "fitted by REML, whose likelihood depends on them",
    ),
    "another predictor": (
        lambda: (
            lmer("Satisfaction ~ BPD + (1|Time)", HLM),
            lmer("Satisfaction ~ NPD + (NPD|Time)", HLM),
        ),
        "its predictor BPD is not among those of the large model",
    ),
    "another factor": (
        lambda: (
            lmer("strength ~ 1 + (1|cask)", hlm.load("Pastes")),
            lmer("strength ~ 1 + (1|batch) + (1|sample)", hlm.load("Pastes")),
        ),
        "its grouping factor 'cask' is not in the large model",
    ),
    "the larger first": (
        lambda: (MODELS["sleep3"], MODELS["sleep1"]),
        "The large model has 4 parameters and the small one 6",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_cannot_be_compared(case):
    make, says = REFUSALS[case]
    with pytest.raises(hlm.ModelError, match=says):
        hlm.lrt(*make())


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("x + (1|Subject)", "Days + (1|Subject)", "its predictor x is not among those of b"),
        ("1 + (1|Subject)", "Days + (1|half)", "its grouping factor 'Subject' is not in b"),
        ("1 + (x||Subject)", "1 + (Days|Subject)", "not made of effects"),
    ],
)
def test_anova_refuses_models_that_are_not_nested(one, other, reason):
    rows = SLEEP.assign(x=lambda d: d.Days**2 % 3, half=lambda d: d.index % 7)
    a, b = (lmer(f"Reaction ~ {side}", rows) for side in (one, other))
    with pytest.raises(hlm.ModelError, match=reason):
        hlm.anova(a, b)
    assert len(hlm.anova(a, b, test=False)) == 2


def test_other_predictors_can_be_listed_without_a_test():
    fits = [lmer(f"Satisfaction ~ {x} + (1|Time)", HLM) for x in ("NPD", "BPD")]
    with pytest.raises(hlm.ModelError, match="test=False"):
        compare(fits, ["a", "b"])
    table = compare(fits, ["a", "b"], test=False)
    assert table.columns.tolist() == ["Model", "df", "AIC", "BIC", "logLik"]


def test_a_larger_model_that_fits_worse_is_not_at_its_maximum():
    worse = MODELS["sleep3"].at(sd=[1.0, 1.0], corr=0.0)
    with pytest.warns(hlm.HLMWarning, match="not at its maximum"):
        test = hlm.lrt(MODELS["sleep1"], worse)
    assert test.ratio < 0
    assert test.p_naive == test.p_mixture == 1.0


# -- information criteria --------------------------------------------------------------------

BY_THE_TUTORIAL_S_RULE = {
    "model1": 6541.89,
    "model2": 6529.55,
    "model3": 6464.46,
    "model3withBPD": 6421.73,
}


@pytest.mark.parametrize("name", BY_THE_TUTORIAL_S_RULE)
def test_the_ledger_adds_up(name):
    fit = MODELS[name]
    ledger = hlm.aic_ledger(fit)
    counted = ledger[ledger["kind"] != "total"]
    assert counted["counted"].sum() == ledger.loc["k", "counted"] == fit.n_params
    assert ledger.loc["AIC", "counted"] == pytest.approx(fit.aic, rel=1e-14)
    assert ledger.loc["AIC", "fixed_only"] == pytest.approx(BY_THE_TUTORIAL_S_RULE[name], abs=5e-3)


def test_the_ledger_of_uncorrelated_effects_has_no_covariance():
    kinds = {name: hlm.aic_ledger(MODELS[name])["kind"].tolist() for name in ("sleep2", "sleep3")}
    assert kinds["sleep2"].count("covariance") == 0
    assert kinds["sleep3"].count("covariance") == 1
    assert kinds["sleep3"].count("variance") == 2


def test_aicc_needs_rows_to_spare():
    assert hlm.aicc(MODELS["sleep3"]) == pytest.approx(MODELS["sleep3"].aic + 2 * 6 * 7 / 173)
    with pytest.raises(hlm.ModelError, match="6 rows and 5 parameters"):
        hlm.aicc(hlm.gls("y ~ a + b + c", tiny(), method="ML"))


def tiny():
    return pd.DataFrame(np.random.default_rng(0).normal(size=(6, 4)), columns=list("yabc"))
