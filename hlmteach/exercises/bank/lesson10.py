"""Lesson 10: confidence."""

from hlmteach.exercises.bank.options import all_of, one_of
from hlmteach.exercises.kinds import Numeric
from hlmteach.exercises.question import Mistake, Question
from hlmteach.exercises.sample import Sample


def _model(sample: Sample):
    return sample.model2(verb="lmer")


def _wald(sample: Sample, z: float = 1.959964) -> float:
    fit = _model(sample)
    return float(fit.fixef["(Intercept)"] + z * fit.se["(Intercept)"])


def _naive(sample: Sample) -> float:
    y = sample.frame["Satisfaction"]
    return float(y.mean() + 1.959964 * y.std() / len(y) ** 0.5)


def _profile(sample: Sample, row: str, side: str = "97.5 %") -> float:
    lower, upper = sample.limits(_model(sample), row)
    return lower if side == "2.5 %" else upper


def _wald_solution(sample: Sample) -> str:
    fit = _model(sample)
    return (
        f"{fit.fixef['(Intercept)']:.4f} + 1.96 * {fit.se['(Intercept)']:.5f} = "
        f"{_wald(sample):.3f}. "
        "By profile likelihood, the default of confint, it is "
        f"{_profile(sample, '(Intercept)'):.3f}."
    )


def _sig_solution(sample: Sample) -> str:
    return (
        "`hlm.confint(model21)`, row .sig01, column 97.5 %: "
        f"{_profile(sample, '.sig01'):.4f}. The lower limit is "
        f"{_profile(sample, '.sig01', '2.5 %'):.4f}: three times say little about a spread."
    )


QUESTIONS = (
    Question(
        "10-1",
        "The true statement",
        "A 95 % confidence interval for a mean runs from 4.98 to 5.21. Which statement is right?",
        **one_of(
            (
                "the probability that the true mean lies in 4.98 to 5.21 is 95 %",
                "probability of the parameter",
                "The true mean does not move, and this interval is what it is. What is random is "
                "the next study's interval.",
            ),
            (
                "95 % of all people are between 4.98 and 5.21",
                "people for the mean",
                "That would be a range of people. The interval is about their mean.",
            ),
            ("of intervals made this way in many studies, 95 % contain the true mean",),
            (
                "repeated studies find means from 4.98 to 5.21 in 95 % of cases",
                "the next mean",
                "The next studies' means spread around the true one, not around this one.",
            ),
        ),
        hints=("What changes from study to study: the parameter or the interval?",),
        solution=lambda sample: (
            "c. The procedure catches the true value in 95 % of studies. Whether this one did, "
            "nobody can say."
        ),
        right="The 95 % belong to the procedure.",
    ),
    Question(
        "10-2",
        "A Wald interval",
        "Fit Model 2 to `ex.data` with `hlm.lmer`, by ML. What is the upper limit of the 95 % Wald "
        "interval of the intercept? 3 decimals.",
        Numeric(tolerance=0.0011, decimals=3),
        _wald,
        (
            Mistake(
                "profile for Wald",
                lambda sample: _profile(sample, "(Intercept)"),
                "That is the profile interval, the default of confint. Ask for method='wald'.",
            ),
            Mistake(
                "clusters ignored",
                _naive,
                "That is mean + 1.96 s / sqrt(n), as if all rows were strangers. Take the model's "
                "standard error.",
            ),
            Mistake(
                "90 % for 95 %",
                lambda sample: _wald(sample, 1.644854),
                "You took 1.645, for 90 %. For 95 % it is 1.96.",
            ),
            Mistake(
                "lower limit",
                lambda sample: _wald(sample, -1.959964),
                "That is the lower limit.",
            ),
            Mistake(
                "one standard error",
                lambda sample: _wald(sample, 1.0),
                "That is one standard error up, and holds 68 %. For 95 % it is 1.96 of them.",
            ),
        ),
        ("hlm.confint(model, method='wald')", "estimate + 1.96 standard errors."),
        _wald_solution,
        "Wald intervals are symmetric; with three groups they are too short.",
    ),
    Question(
        "10-3",
        "Read .sig01",
        "`hlm.confint` of Model 2 (`hlm.lmer`, ML) on `ex.data` has a row `.sig01`. What is the "
        "upper "
        "limit of the standard deviation between times, by profile likelihood? 4 decimals.",
        Numeric(tolerance=0.0003, decimals=4),
        lambda sample: _profile(sample, ".sig01"),
        (
            Mistake(
                "residual sd",
                lambda sample: _profile(sample, ".sigma"),
                "That is .sigma, the residual sd. Times are in the row .sig01.",
            ),
            Mistake(
                "squared",
                lambda sample: _profile(sample, ".sig01") ** 2,
                "You squared it. confint speaks of the standard deviation already.",
            ),
            Mistake(
                "lower limit",
                lambda sample: _profile(sample, ".sig01", "2.5 %"),
                "That is the lower limit.",
            ),
            Mistake(
                "the estimate itself",
                lambda sample: float(_model(sample).covariances["Time"].sd[0]),
                "That is the estimate. Its upper limit is further up.",
            ),
        ),
        (".sig01 is the sd of the random intercept, .sigma the residual sd.", "Column 97.5 %."),
        _sig_solution,
        "The interval is far from symmetric: a spread cannot be negative.",
    ),
    Question(
        "10-4",
        "Which are 95 % intervals",
        "Which of these pairs of limits make a valid 95 % confidence interval? Choose all.",
        **all_of(
            (
                "2.5 % and 97.5 %",
                "1 % and 96 %",
                "5 % and 95 %",
                "0 % and 95 %",
            ),
            "abd",
            (
                "a",
                "symmetric only",
                "Symmetric ones are a habit. What has to be 95 %: the middle, or what is between?",
            ),
            (
                "ab",
                "one-sided too",
                "One is missing: a limit may be as far out as minus infinity.",
            ),
            (
                "abcd",
                "90 % for 95 %",
                "One too many: subtract the two numbers in each pair.",
            ),
            (
                "ac",
                "one misses 90 %",
                "5 % and 95 % enclose 90 %. And must both tails be alike?",
            ),
        ),
        hints=("How much lies between the two limits?",),
        solution=lambda sample: "a, b, d: 97.5 - 2.5, 96 - 1 and 95 - 0 are 95. c encloses 90 %.",
        right="What lies between must be 95 %; the symmetric one is usually, not always, shortest.",
    ),
)
