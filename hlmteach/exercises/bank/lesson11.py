"""Lesson 11: fixed effects."""

from hlmteach.exercises.bank.options import one_of
from hlmteach.exercises.kinds import Numeric
from hlmteach.exercises.question import Mistake, Question
from hlmteach.exercises.sample import Sample


def _slope(sample: Sample) -> float:
    return float(sample.model3().fixef["NPD"])


def _limit(sample: Sample, z: float) -> float:
    fit = sample.model3(verb="lmer")
    return float(fit.fixef["NPD"] + z * fit.se["NPD"])


def _ratio(sample: Sample, method="ML") -> float:
    return 2 * (sample.model3(method).loglik - sample.model2(method).loglik)


def _slope_solution(sample: Sample) -> str:
    return (
        "`hlm.lme('Satisfaction ~ NPD', data=ex.data, random='~1|Time', method='ML').fixef`: NPD "
        f"{_slope(sample):.4f}. One point more of NPD goes with {_slope(sample):.2f} points more "
        "of "
        "satisfaction, at the same time."
    )


def _limit_solution(sample: Sample) -> str:
    fit = sample.model3(verb="lmer")
    return (
        f"{fit.fixef['NPD']:.4f} + 1.96 * {fit.se['NPD']:.4f} = {_limit(sample, 1.959964):.3f}; "
        "the "
        f"lower limit is {_limit(sample, -1.959964):.3f}."
    )


def _ratio_solution(sample: Sample) -> str:
    two, three = sample.model2().loglik, sample.model3().loglik
    return (
        f"2 * ({three:.3f} - ({two:.3f})) = {_ratio(sample):.2f}, on 1 df: a fixed effect, so no "
        "boundary."
    )


QUESTIONS = (
    Question(
        "11-1",
        "Model 3's slope",
        "Add `NPD` to Model 2 on `ex.data`, by ML. What is its slope? 4 decimals.",
        Numeric(tolerance=0.00011, decimals=4),
        _slope,
        (
            Mistake(
                "times ignored",
                lambda sample: float(sample.fit("Satisfaction ~ NPD", verb="gls").fixef["NPD"]),
                "That is the slope of an ordinary regression, without the times. Add "
                "random='~1|Time'.",
            ),
            Mistake(
                "intercept for slope",
                lambda sample: float(sample.model3().fixef["(Intercept)"]),
                "That is the intercept. The slope stands beside NPD.",
            ),
            Mistake(
                "correlation for slope",
                lambda sample: float(sample.frame["NPD"].corr(sample.frame["Satisfaction"])),
                "That is the correlation. The slope is in points of satisfaction for a point of "
                "NPD.",
            ),
            Mistake(
                "slope of the interaction model",
                lambda sample: float(sample.interaction().fixef["NPD"]),
                "That model has BPD and the product in it too. Here NPD is alone.",
            ),
        ),
        ("'Satisfaction ~ NPD', the random part as before.", "model3.fixef['NPD']"),
        _slope_solution,
        "It compares people of the same time.",
    ),
    Question(
        "11-2",
        "Its interval",
        "What is the upper limit of the 95 % Wald interval of that slope, with the standard error "
        "of "
        "`hlm.lmer` by ML? 3 decimals.",
        Numeric(tolerance=0.0011, decimals=3),
        lambda sample: _limit(sample, 1.959964),
        (
            Mistake(
                "one standard error",
                lambda sample: _limit(sample, 1.0),
                "That is one standard error up. For 95 % it is 1.96 of them.",
            ),
            Mistake(
                "90 % for 95 %",
                lambda sample: _limit(sample, 1.644854),
                "You took 1.645, for 90 %. For 95 % it is 1.96.",
            ),
            Mistake(
                "lower limit",
                lambda sample: _limit(sample, -1.959964),
                "That is the lower limit.",
            ),
            Mistake(
                "slope itself",
                lambda sample: _limit(sample, 0.0),
                "That is the slope. Go 1.96 standard errors up.",
            ),
        ),
        ("model.fixef and model.se.", "slope + 1.96 * standard error."),
        _limit_solution,
        "It does not reach 0: that is the test, and how large the slope may be is more.",
    ),
    Question(
        "11-3",
        "Is it better than Model 2",
        "Compare Model 2 and Model 3 on `ex.data` by a likelihood ratio. L.Ratio, 2 decimals?",
        Numeric(tolerance=0.02, decimals=2),
        _ratio,
        (
            Mistake(
                "not doubled",
                lambda sample: _ratio(sample) / 2,
                "That is the difference of the log-likelihoods. The statistic is twice that.",
            ),
            Mistake(
                "REML for ML",
                lambda sample: _ratio(sample, "REML"),
                "Those are REML fits. Models with other fixed effects are compared by ML.",
            ),
            Mistake(
                "against Model 1",
                lambda sample: 2 * (sample.model3().loglik - sample.model1().loglik),
                "You compared with Model 1. Model 2 has the random intercept already.",
            ),
            Mistake(
                "AIC difference",
                lambda sample: _ratio(sample) - 2,
                "That is the difference of the AICs. Leave the penalty out.",
            ),
        ),
        ("hlm.anova(model2, model3), both by ML.", "2 (logLik of Model 3 - logLik of Model 2)"),
        _ratio_solution,
        "Very unlikely without a slope. Whether the slope is large is another question.",
    ),
    Question(
        "11-4",
        "In words",
        "Model 3's slope of NPD on satisfaction is +0.12 on scales from 1 to 6, p < .001, and "
        "about "
        "2.5 % of the variance within times goes to it. Which sentence is fair?",
        **one_of(
            (
                "narcissism lowers satisfaction",
                "sign not read",
                "Look at the sign: more of one goes with more of the other.",
            ),
            (
                "narcissism has a strong effect, since p < .001",
                "p for size",
                "p says how sure we are that it is not 0. How much of the variance is it?",
            ),
            ("people with more NPD symptoms report slightly more satisfaction",),
            (
                "therapy that raises narcissism would raise satisfaction by 0.12",
                "association for cause",
                "Nothing was manipulated. What may be said of people who differ by one point?",
            ),
        ),
        hints=("Sign, size, and what kind of study it was.",),
        solution=lambda sample: (
            f"c. On your data the slope is {_slope(sample):.3f}: positive, small, and a difference "
            "between people, not an effect of a change."
        ),
        right="Sign, size, doubt: then the sentence.",
    ),
)
