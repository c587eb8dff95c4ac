"""Lesson 07: a random intercept."""

from hlmteach.exercises.bank.options import one_of
from hlmteach.exercises.kinds import FitNumber, Numeric
from hlmteach.exercises.question import Mistake, Question
from hlmteach.exercises.sample import Sample

TIME = "before marriage"


def _mode(sample: Sample) -> float:
    return float(sample.model2().ranef["Time"].loc[TIME, "(Intercept)"])


def _intercept(sample: Sample) -> float:
    return float(sample.model2().fixef["(Intercept)"])


def _group_mean(sample: Sample) -> float:
    return float(sample.frame.loc[sample.frame["Time"] == TIME, "Satisfaction"].mean())


def _time_sd(sample: Sample, method="ML") -> float:
    return float(sample.model2(method).covariances["Time"].sd[0])


def _fit_solution(sample: Sample) -> str:
    return (
        "`model2 = hlm.lme('Satisfaction ~ 1', data=ex.data, random='~1|Time', method='ML')`. "
        f"Its log-likelihood is {sample.model2().loglik:.2f}. By REML, the default of lme, it "
        "would "
        f"be {sample.model2('REML').loglik:.2f}, and that cannot be compared with Model 1 by ML."
    )


def _mode_solution(sample: Sample) -> str:
    raw = _group_mean(sample) - _intercept(sample)
    return (
        f"`model2.ranef['Time']` gives {_mode(sample):.3f} for {TIME!r}. The raw deviation, group "
        f"mean less intercept, is {_group_mean(sample):.3f} - {_intercept(sample):.3f} = "
        f"{raw:.3f}; "
        f"the model keeps {_mode(sample) / raw:.0%} of it."
    )


def _sd_solution(sample: Sample) -> str:
    return (
        f"`model2.varcorr` has sd {_time_sd(sample):.4f} in the row of Time. Its square, "
        f"{_time_sd(sample) ** 2:.6f}, is the variance; REML would give "
        f"{_time_sd(sample, 'REML'):.4f}."
    )


QUESTIONS = (
    Question(
        "07-1",
        "Fit Model 2",
        "Fit a random intercept for each `Time` to `Satisfaction` in `ex.data`, with no predictor, "
        "by maximum likelihood. Hand in the model (`ex.answer = model2`), or type its "
        "log-likelihood with 2 decimals.",
        FitNumber(),
        lambda sample: sample.model2().loglik,
        (
            Mistake(
                "REML for ML",
                lambda sample: sample.model2("REML").loglik,
                "That is a REML fit, the default of lme and lmer. Ask for method='ML'.",
            ),
            Mistake(
                "no random intercept",
                lambda sample: sample.model1().loglik,
                "That is Model 1: one mean for all, no groups. Add random='~1|Time'.",
            ),
            Mistake(
                "a predictor too many",
                lambda sample: sample.model3().loglik,
                "That model has NPD in it; it comes in Step 3. Leave the right side at 1.",
            ),
            Mistake(
                "deviance for log-likelihood",
                lambda sample: -2 * sample.model2().loglik,
                "That is the deviance, -2 times the log-likelihood. Take model2.loglik.",
            ),
        ),
        (
            "nlme's way is hlm.lme(formula, data=..., random=..., method=...).",
            "The fixed part is 'Satisfaction ~ 1', the random part '~1|Time'.",
            "Without method='ML' the fit is by REML.",
        ),
        _fit_solution,
        "Model 2 lets every time have a level of its own, drawn around one mean.",
    ),
    Question(
        "07-2",
        "One conditional mode",
        f"In Model 2 on `ex.data`, what is the predicted deviation (the conditional mode, or BLUP) "
        f"of the time *{TIME}* from the overall intercept? 3 decimals.",
        Numeric(tolerance=0.0006, decimals=3),
        _mode,
        (
            Mistake(
                "not shrunken",
                lambda sample: _group_mean(sample) - _intercept(sample),
                "That is the group's own mean less the intercept. The model shrinks it towards 0: "
                "look at model2.ranef.",
            ),
            Mistake(
                "coefficient for deviation",
                lambda sample: _intercept(sample) + _mode(sample),
                "That is the group's level, intercept and deviation together. The deviation alone "
                "is in model2.ranef.",
            ),
            Mistake(
                "another time",
                lambda sample: float(sample.model2().ranef["Time"]["(Intercept)"].iloc[1]),
                f"That belongs to another time. Look at the row {TIME!r}.",
            ),
        ),
        (
            "A fitted model holds its groups' deviations in .ranef, a table for each factor.",
            f"model2.ranef['Time'], row {TIME!r}.",
        ),
        _mode_solution,
        "The fewer rows a group has, the more it is pulled towards the mean of all.",
    ),
    Question(
        "07-3",
        "REML or ML",
        "You want to compare a model without NPD to one with NPD by a likelihood ratio test. Both "
        "have a random intercept. How do you fit them?",
        **one_of(
            (
                "both by REML, since it is less biased",
                "REML for different fixed effects",
                "REML's likelihood depends on the fixed effects themselves, so it cannot compare "
                "models that differ in them. Think again.",
            ),
            ("both by ML",),
            (
                "the larger one by ML, the smaller one by REML",
                "ML against REML",
                "Two likelihoods of different kinds can never be subtracted. Use one for both.",
            ),
            (
                "it makes no difference",
                "no difference seen",
                "Try it: fit both ways and compare the ratios. Which one may be used at all?",
            ),
        ),
        hints=(
            "REML first takes the fixed effects out of the data, then looks at what is left.",
            "Models with other fixed effects leave other remainders: is one likelihood then still "
            "about the same data?",
        ),
        solution=lambda sample: (
            "By ML (b). The REML likelihood is that of the residuals left by the fixed effects; "
            "with other fixed effects it is about other data. For ML on yours: "
            f"{sample.model2().loglik:.2f} without NPD and {sample.model3().loglik:.2f} with it."
        ),
        right="ML compares fixed effects; REML is for the variances of the model you keep.",
    ),
    Question(
        "07-4",
        "How far the times differ",
        "What is the estimated standard deviation of the random intercept of Model 2 on `ex.data`, "
        "by ML? 4 decimals.",
        Numeric(tolerance=0.0001, decimals=4),
        _time_sd,
        (
            Mistake(
                "variance for sd",
                lambda sample: _time_sd(sample) ** 2,
                "That is the variance. The standard deviation is its square root.",
            ),
            Mistake(
                "REML for ML",
                lambda sample: _time_sd(sample, "REML"),
                "That is the REML estimate. With three groups the two differ a lot; ML is asked.",
            ),
            Mistake(
                "residual sd",
                lambda sample: sample.model2().sigma,
                "That is sigma, the spread of people within a time. Asked is the spread of the "
                "times.",
            ),
        ),
        (
            "model2.varcorr lists variances and standard deviations.",
            "Take the row of Time, column sd.",
        ),
        _sd_solution,
        "It is in points of the scale, as the residual sd is: the two can be compared.",
    ),
)
