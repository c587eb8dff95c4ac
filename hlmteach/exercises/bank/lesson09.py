"""Lesson 09: two packages, one model; the ICC."""

from hlmteach.exercises.bank.options import one_of
from hlmteach.exercises.kinds import Numeric
from hlmteach.exercises.question import Mistake, Question
from hlmteach.exercises.sample import Sample
from hlmteach.inference.variance import icc


def _parts(sample: Sample, method="ML") -> tuple[float, float]:
    """The variances between and within."""
    fit = sample.model2(method)
    return float(fit.covariances["Time"].cov[0, 0]), fit.sigma**2


def _with_sds(sample: Sample) -> float:
    between, within = (variance**0.5 for variance in _parts(sample))
    return between / (between + within)


def _ratio(sample: Sample) -> float:
    between, within = _parts(sample)
    return between / within


def _per_time(sample: Sample) -> float:
    return len(sample.frame) / 3


def _effect(sample: Sample, method="ML") -> float:
    return 1 + (_per_time(sample) - 1) * icc(sample.model2(method))


def _icc_solution(sample: Sample) -> str:
    between, within = _parts(sample)
    return (
        f"{between:.6f} / ({between:.6f} + {within:.6f}) = {icc(sample.model2()):.4g}. "
        "hlm.icc(model2) gives it; for REML, as merTools has it, it would be "
        f"{icc(sample.model2('REML')):.4g}."
    )


def _effect_solution(sample: Sample) -> str:
    return (
        f"{len(sample.frame)} rows / 3 = {_per_time(sample):.1f} a time. 1 + "
        f"({_per_time(sample):.1f}"
        f" - 1) * {icc(sample.model2()):.5f} = {_effect(sample):.2f}."
    )


QUESTIONS = (
    Question(
        "09-1",
        "The ICC",
        "Compute the intraclass correlation of `Satisfaction` within `Time` in `ex.data`, by ML. "
        "4 significant digits.",
        Numeric(relative=0.0012, figures=4),
        lambda sample: icc(sample.model2()),
        (
            Mistake(
                "REML for ML",
                lambda sample: icc(sample.model2("REML")),
                "That is the ICC by REML, which merTools prints. The models of this step are by "
                "ML.",
            ),
            Mistake(
                "sds for variances",
                _with_sds,
                "You put standard deviations in. The ICC is a share of the variance: square them.",
            ),
            Mistake(
                "ratio of the two",
                _ratio,
                "Nearly: you divided by the variance within. Divide by the sum of both.",
            ),
            Mistake(
                "share within",
                lambda sample: 1 - icc(sample.model2()),
                "That is the share within times. The ICC is the share between them.",
            ),
        ),
        (
            "ICC = variance between / (variance between + variance within).",
            "hlm.icc(model2), with model2 by ML.",
        ),
        _icc_solution,
        "It is the share of the variance between times, and the likeness of two answers of one "
        "time.",
    ),
    Question(
        "09-2",
        "Small, and yet",
        "With the ICC of the exercise before and the mean number of rows at a time, what is the "
        "design effect of the mean of `Satisfaction`? 2 decimals.",
        Numeric(tolerance=0.03, decimals=2),
        _effect,
        (
            Mistake(
                "REML for ML",
                lambda sample: _effect(sample, "REML"),
                "The ICC in it is by REML. Take the one by ML.",
            ),
            Mistake(
                "number of times for their size",
                lambda sample: 1 + 2 * icc(sample.model2()),
                "You took 3, the number of times. What counts is how many rows are at one.",
            ),
            Mistake(
                "all rows in one",
                lambda sample: 1 + (len(sample.frame) - 1) * icc(sample.model2()),
                "You took all rows. Take those at one time: a third of them.",
            ),
            Mistake(
                "square root",
                lambda sample: _effect(sample) ** 0.5,
                "That is the factor of the standard error. The design effect is its square.",
            ),
        ),
        ("1 + (m - 1) ICC, m the mean number of rows at a time.", "m = rows / 3."),
        _effect_solution,
        "An ICC below .02 multiplies the variance of the mean: clusters are large here.",
    ),
    Question(
        "09-3",
        "Why the digits differ",
        "lme and lmer agree on every estimate of Model 3 by ML, but not on the standard errors, "
        "from "
        "the fourth digit on. Why?",
        **one_of(
            (
                "they stop at different maxima",
                "different maxima",
                "Then the log-likelihoods would differ as well, and they do not.",
            ),
            ("nlme multiplies by sqrt(n / (n - p)), lme4 does not",),
            (
                "lmer uses REML for standard errors",
                "REML blamed",
                "Both are asked for ML, and both do it. Compare the two ratios: what do they "
                "share?",
            ),
            (
                "rounding in the printout",
                "rounding blamed",
                "Rounding would not make all of them larger by the same factor.",
            ),
        ),
        hints=("Divide one by the other, for both coefficients.", "n = 2681, p = 2."),
        solution=lambda sample: (
            "b. On your data lme gives NPD "
            f"{sample.model3().se['NPD']:.7f}, lmer {sample.model3(verb='lmer').se['NPD']:.7f}: "
            "the "
            "ratio is sqrt(2681 / 2679)."
        ),
        right="One model, one maximum, two conventions.",
    ),
    Question(
        "09-4",
        "May it be ignored",
        "The ICC is .0065. May the clusters be ignored?",
        **one_of(
            (
                "yes: below .05 it never matters",
                "a rule of thumb for the ICC",
                "No threshold holds for all cluster sizes. Compute the design effect for 894 rows.",
            ),
            ("not for the mean of groups this large: the design effect is about 6.8",),
            (
                "yes, because it is not significant",
                "not significant",
                "Its likelihood ratio test was significant; and that is not the point. How large "
                "is "
                "the design effect?",
            ),
            (
                "no: any ICC above 0 makes all results worthless",
                "worthless",
                "Not worthless: the standard errors need the clusters. By what factor?",
            ),
        ),
        hints=("1 + (m - 1) ICC with m = 894.",),
        solution=lambda sample: (
            "b. 1 + 893 * .0065 = 6.8: the mean of 2,681 answers is known no better than that of "
            "some 400 strangers. A slope within groups suffers far less."
        ),
        right="A small ICC times a large group is not small.",
    ),
)
