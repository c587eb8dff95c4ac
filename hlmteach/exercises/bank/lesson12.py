"""Lesson 12: random slopes."""

from scipy.stats import chi2

from hlmteach.exercises.bank.options import one_of
from hlmteach.exercises.kinds import Numeric
from hlmteach.exercises.question import Mistake, Question
from hlmteach.exercises.sample import Sample


def _limit(sample: Sample, spread: float) -> float:
    return sample.facts["slope"] - 1.96 * spread


def _mixture(sample: Sample) -> float:
    ratio = sample.facts["ratio"]
    return float(0.5 * chi2.sf(ratio, 1) + 0.5 * chi2.sf(ratio, 2))


def _range_text(sample: Sample) -> str:
    f = sample.facts
    return (
        f"In a study of {f['clinics']} clinics, mood rises with hours of therapy by "
        f"{f['slope']:.2f} points an hour on average (standard error {f['se']:.3f}). The standard "
        f"deviation of that slope between clinics is {f['sd']:.2f}. Between which slopes do the "
        "middle 95 % of clinics lie? Give the lower limit, with 2 decimals."
    )


def _range_solution(sample: Sample) -> str:
    f = sample.facts
    return (
        f"{f['slope']:.2f} - 1.96 * {f['sd']:.2f} = {_limit(sample, f['sd']):.2f}. With the "
        "standard "
        f"error it would be {_limit(sample, f['se']):.2f}: that is how well the mean slope is "
        "known, "
        "not how far clinics differ."
    )


def _test_text(sample: Sample) -> str:
    return (
        "A random slope, correlated with the intercept, is added to a model with a random "
        "intercept "
        f"(both by ML). L.Ratio = {sample.facts['ratio']:.2f}. What is p by the mixture that is "
        "right "
        "for a variance and its covariance? 3 significant digits."
    )


def _test_solution(sample: Sample) -> str:
    ratio = sample.facts["ratio"]
    one, two = chi2.sf(ratio, 1), chi2.sf(ratio, 2)
    return (
        f"Half of P(chi-square 1 > {ratio:.2f}) = {one:.4f} and half of P(chi-square 2 > "
        f"{ratio:.2f}) = {two:.4f}: p = {_mixture(sample):.3g}."
    )


QUESTIONS = (
    Question(
        "12-1",
        "Count again",
        "Model 4 is `Satisfaction ~ NPD` with `random='~NPD|Time'`. Which k does its AIC use?",
        Numeric(tolerance=0.25, decimals=0),
        lambda sample: float(sample.model4().n_params),
        (
            Mistake(
                "correlation forgotten",
                5.0,
                "One short. Intercepts and slopes may go together: their covariance is estimated "
                "too.",
            ),
            Mistake(
                "as without the slope's variance",
                4.0,
                "That is Model 3's k. A random slope adds its variance and a covariance.",
            ),
            Mistake(
                "coefficients only",
                2.0,
                "Those are the fixed coefficients. Variances and covariances are parameters too.",
            ),
        ),
        (
            "Fixed: intercept and slope. Now the random part.",
            "Two variances, one covariance, and the residual variance.",
        ),
        lambda sample: (
            "2 fixed coefficients, 2 variances and 1 covariance of the times, 1 residual variance: "
            f"6. Model 3 has {sample.model3().n_params}, so the random slope costs 4 points of AIC."
        ),
        "A random slope beside an intercept costs two parameters: a variance and a covariance.",
    ),
    Question(
        "12-2",
        "A correlation of 1",
        "Model 4 on the three times comes back with a slope sd of 0.004 and a correlation of "
        "exactly 1. What do you make of it?",
        **one_of(
            (
                "steeper times start higher, perfectly so: a strong finding",
                "a singular fit read as a finding",
                "A correlation of exactly 1 is the edge of what is possible: the data cannot tell "
                "the two variances apart. What is that called?",
            ),
            ("the fit is singular: three times cannot carry a slope variance and a correlation",),
            (
                "the optimiser failed; with more iterations the correlation would come down",
                "blames the optimiser",
                "The maximum really lies there: more steps do not move it. Ask what the data can "
                "tell with three groups.",
            ),
            (
                "the slope must be the same at all times",
                "absence of evidence",
                "The estimate is small, but three times say little about a variance. It is not "
                "shown to be zero.",
            ),
        ),
        hints=(
            "How many numbers describe the random part, and from how many groups?",
            "hlm's fits say .is_singular.",
        ),
        solution=lambda sample: (
            "b. Two variances and a covariance from three groups is too much to ask, and the "
            "maximum lies at the edge, where the correlation is 1 or a variance 0. On your data "
            f"Model 4 is {'' if sample.model4().is_singular else 'not '}singular; its AIC is "
            f"{sample.model4().aic:.2f} against {sample.model3().aic:.2f} for Model 3."
        ),
        right="A singular fit is a message about the data: keep the simpler model, and say so.",
    ),
    Question(
        "12-3",
        "The range of slopes",
        _range_text,
        Numeric(tolerance=0.0075, decimals=2),
        lambda sample: _limit(sample, sample.facts["sd"]),
        (
            Mistake(
                "standard error for sd",
                lambda sample: _limit(sample, sample.facts["se"]),
                "That is the confidence interval of the mean slope. Clinics differ by the standard "
                "deviation between them.",
            ),
            Mistake(
                "variance for sd",
                lambda sample: _limit(sample, sample.facts["sd"] ** 2),
                "You used the variance. The range is in standard deviations: mean - 1.96 sd.",
            ),
            Mistake(
                "one sd",
                lambda sample: sample.facts["slope"] - sample.facts["sd"],
                "One standard deviation to each side holds only 68 %. 95 % takes 1.96.",
            ),
            Mistake(
                "upper limit",
                lambda sample: sample.facts["slope"] + 1.96 * sample.facts["sd"],
                "That is the upper limit. Asked is the lower one.",
            ),
        ),
        ("Slopes are normal between clinics: mean and sd are given.", "mean - 1.96 * sd."),
        _range_solution,
        "A mean slope that is clearly positive can go with clinics where it is negative.",
        draw="clinics",
    ),
    Question(
        "12-4",
        "Test a random slope",
        _test_text,
        Numeric(relative=0.01, figures=3),
        _mixture,
        (
            Mistake(
                "no boundary mixture",
                lambda sample: float(chi2.sf(sample.facts["ratio"], 2)),
                "That is the naive p with 2 df. A variance of 0 lies on the edge: mix 1 and 2 df.",
            ),
            Mistake(
                "one degree of freedom",
                lambda sample: float(chi2.sf(sample.facts["ratio"], 1)),
                "That is a chi-square with 1 df alone. The covariance is added as well: mix 1 and "
                "2.",
            ),
            Mistake(
                "mixture of the first variance",
                lambda sample: 0.5 * float(chi2.sf(sample.facts["ratio"], 1)),
                "That mixture, 0 and 1 df, is for a first variance. Here one variance is there "
                "already: mix 1 and 2 df.",
            ),
            Mistake(
                "half of two degrees",
                lambda sample: 0.5 * float(chi2.sf(sample.facts["ratio"], 2)),
                "Half a chi-square with 2 df is there; the other half, with 1 df, is missing.",
            ),
        ),
        (
            "The smaller model has one variance, the larger one two and a covariance.",
            "Half a chi-square with 1 df, half one with 2 df.",
        ),
        _test_solution,
        "The naive test with 2 df is too cautious here.",
        draw="clinics",
    ),
)
