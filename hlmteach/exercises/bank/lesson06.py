"""Lesson 06: the intercept-only model."""

from hlmteach.exercises.bank.options import one_of
from hlmteach.exercises.kinds import FitNumber, Numeric
from hlmteach.exercises.question import Mistake, Question
from hlmteach.exercises.sample import Sample


def _answers(sample: Sample):
    return sample.frame["Satisfaction"]


def _sd(sample: Sample, ddof: int) -> float:
    return float(_answers(sample).std(ddof=ddof))


def _se(sample: Sample, ddof: int = 1) -> float:
    return _sd(sample, ddof) / len(sample.frame) ** 0.5


def _sd_solution(sample: Sample) -> str:
    y = _answers(sample)
    squares = float(((y - y.mean()) ** 2).sum())
    return (
        f"The squared distances from the mean {y.mean():.3f} sum to {squares:.3f}; divided by n = "
        f"{len(y)}, and the root: {_sd(sample, 0):.3f}. With n - 1 it would be "
        f"{_sd(sample, 1):.3f}."
    )


def _se_solution(sample: Sample) -> str:
    return f"{_sd(sample, 1):.4f} / sqrt({len(sample.frame)}) = {_se(sample):.4f}."


QUESTIONS = (
    Question(
        "06-1",
        "sigma by maximum likelihood",
        "`ex.data` is a pilot with 12 people. What is the maximum likelihood estimate of sigma in "
        "the intercept-only model of `Satisfaction`? 3 decimals.",
        Numeric(tolerance=0.0006, decimals=3),
        lambda sample: _sd(sample, 0),
        (
            Mistake(
                "n - 1 for n",
                lambda sample: _sd(sample, 1),
                "That divides by n - 1, as the sample sd does (and REML). ML divides by n.",
            ),
            Mistake(
                "variance for sd",
                lambda sample: _sd(sample, 0) ** 2,
                "That is sigma squared. Take its root.",
            ),
            Mistake(
                "standard error for sd",
                _se,
                "That is the standard error of the mean. sigma is the spread of people.",
            ),
        ),
        ("ML maximises the likelihood: the mean squared residual, and its root.", "std(ddof=0)"),
        _sd_solution,
        "ML takes the estimated mean for the true one, so its sigma is a little too small.",
        draw="pilot",
    ),
    Question(
        "06-2",
        "Fit Model 1",
        "Fit the intercept-only model to `Satisfaction` in `ex.data` with `hlm.gls`, by maximum "
        "likelihood. Hand in the model (`ex.answer = model1`), or type its log-likelihood with 2 "
        "decimals.",
        FitNumber(),
        lambda sample: sample.model1().loglik,
        (
            Mistake(
                "REML for ML",
                lambda sample: sample.model1("REML").loglik,
                "That is a REML fit, the default of gls. Ask for method='ML'.",
            ),
            Mistake(
                "a random intercept too many",
                lambda sample: sample.model2().loglik,
                "That is Model 2 with Time in it; it comes in the next lesson.",
            ),
            Mistake(
                "a predictor too many",
                lambda sample: sample.fit("Satisfaction ~ NPD", verb="gls").loglik,
                "There is a predictor in it. Leave the right side at 1.",
            ),
            Mistake(
                "deviance for log-likelihood",
                lambda sample: -2 * sample.model1().loglik,
                "That is the deviance, -2 times the log-likelihood. Take model1.loglik.",
            ),
        ),
        ("hlm.gls('Satisfaction ~ 1', data=..., method=...)", "The default method is REML."),
        lambda sample: (
            "`model1 = hlm.gls('Satisfaction ~ 1', data=ex.data, method='ML')`, and "
            "`model1.loglik` "
            f"is {sample.model1().loglik:.2f}."
        ),
        "This is the model that all others are measured against.",
    ),
    Question(
        "06-3",
        "What the test says",
        "On a scale from 1 to 6, the intercept of Model 1 is 5.09, with p < .001. What does the "
        "test show?",
        **one_of(
            (
                "people are satisfied",
                "significance read as a high level",
                "A mean of 1.5, as low as it gets, would be as significant. What is tested?",
            ),
            ("the mean is not 0, which no mean of this scale can be",),
            (
                "the model fits",
                "significance read as fit",
                "A test of a coefficient does not look at the fit. What is its null hypothesis?",
            ),
            (
                "satisfaction differs between the times",
                "the wrong hypothesis",
                "Model 1 knows no times. What is the null hypothesis of its intercept?",
            ),
        ),
        hints=("H0: beta_0 = 0.", "Can a mean of numbers from 1 to 6 be 0?"),
        solution=lambda sample: (
            "b. The printed t tests beta_0 = 0. Nobody believed that; the estimate and its "
            "standard "
            f"error are what is of interest: {sample.model1().fixef.iloc[0]:.3f} and "
            f"{sample.model1().se.iloc[0]:.4f} on your data."
        ),
        right="Ask what a null hypothesis says before you enjoy its rejection.",
    ),
    Question(
        "06-4",
        "The standard error",
        "Fit the intercept-only model to the 12 people of `ex.data` with `hlm.gls`. Which standard "
        "error does it give to the intercept? 4 decimals.",
        Numeric(tolerance=0.00011, decimals=4),
        _se,
        (
            Mistake(
                "sd for standard error",
                lambda sample: _sd(sample, 1),
                "That is the spread of people. The mean is known better: divide by the root of n.",
            ),
            Mistake(
                "ML sigma used",
                lambda sample: _se(sample, 0),
                "You took the ML sigma. nlme corrects by n - 1, even under ML: look at model.se.",
            ),
            Mistake(
                "divided by n",
                lambda sample: _sd(sample, 1) / len(sample.frame),
                "Divide by the root of n, not by n.",
            ),
        ),
        ("model.se holds it.", "It is the sample sd divided by the root of n."),
        _se_solution,
        "Four times the people, half the standard error, as long as they are strangers.",
        draw="pilot",
    ),
)
