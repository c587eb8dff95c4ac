"""Lesson 13: interaction."""

from hlmteach.exercises.bank.options import one_of
from hlmteach.exercises.kinds import Numeric
from hlmteach.exercises.question import Mistake, Question
from hlmteach.exercises.sample import Sample

BPD = 20


def _coefficients(sample: Sample) -> tuple[float, float, float]:
    fixef = sample.interaction().fixef
    return tuple(float(fixef[name]) for name in ("NPD", "BPD", "NPD:BPD"))


def _slope(sample: Sample, at: float = BPD) -> float:
    npd, _, product = _coefficients(sample)
    return npd + at * product


def _zero(sample: Sample) -> float:
    npd, _, product = _coefficients(sample)
    return -npd / product


def _added(sample: Sample):
    return sample.fit("Satisfaction ~ NPD + BPD", "~1|Time")


def _ratio(sample: Sample) -> float:
    return 2 * (sample.interaction().loglik - _added(sample).loglik)


def _both(sample: Sample) -> float:
    return 2 * (sample.interaction().loglik - sample.model3().loglik)


def _slope_solution(sample: Sample) -> str:
    npd, _, product = _coefficients(sample)
    return f"{npd:.5f} + {BPD} * ({product:.6f}) = {_slope(sample):.4f}."


def _zero_solution(sample: Sample) -> str:
    npd, _, product = _coefficients(sample)
    return f"{npd:.5f} + BPD * ({product:.6f}) = 0 at BPD = {_zero(sample):.1f}."


def _ratio_solution(sample: Sample) -> str:
    return (
        f"NPD + BPD: {_added(sample).loglik:.3f}; with the product: "
        f"{sample.interaction().loglik:.3f}. Twice the difference is {_ratio(sample):.2f}, on 1 "
        "df. "
        f"Against Model 3 it is {_both(sample):.2f}, on 2 df: BPD itself is in that."
    )


QUESTIONS = (
    Question(
        "13-1",
        "A simple slope",
        "Fit `Satisfaction ~ NPD * BPD` with a random intercept for `Time` to `ex.data`, by ML. "
        "What "
        f"is the slope of `NPD` for people with BPD = {BPD}? 4 decimals.",
        Numeric(tolerance=0.00015, decimals=4),
        _slope,
        (
            Mistake(
                "slope at BPD = 0",
                lambda sample: _slope(sample, 0),
                "That is the slope at BPD = 0. Add BPD times the coefficient of the product.",
            ),
            Mistake(
                "sign of the product",
                lambda sample: _slope(sample, -BPD),
                "The product's coefficient has a sign of its own: add it as it is.",
            ),
            Mistake(
                "once for twenty times",
                lambda sample: _slope(sample, 1),
                f"You added the product's coefficient once. BPD is {BPD}: add it that many times.",
            ),
            Mistake(
                "BPD's coefficient for the product's",
                lambda sample: _coefficients(sample)[0] + BPD * _coefficients(sample)[1],
                "You took BPD's own coefficient. The slope of NPD moves with that of NPD:BPD.",
            ),
        ),
        ("The slope of NPD is beta(NPD) + beta(NPD:BPD) * BPD.", "model.fixef['NPD:BPD']"),
        _slope_solution,
        "With a product in the model, NPD has a slope for each value of BPD.",
    ),
    Question(
        "13-2",
        "What the test tests",
        "Model 3 (`Satisfaction ~ NPD`) is compared with `Satisfaction ~ NPD * BPD`; L.Ratio is "
        "46.7 "
        "on 2 df. What does it test?",
        **one_of(
            (
                "the interaction",
                "two df read as the interaction",
                "The interaction is one coefficient, and there are 2 df. What else was added?",
            ),
            ("BPD and the interaction together",),
            (
                "whether NPD matters",
                "NPD is in both",
                "NPD is in both models. What does only the larger one have?",
            ),
            (
                "whether the times differ",
                "the random part",
                "Both have the same random intercept. Compare their fixed parts.",
            ),
        ),
        hints=("Write out NPD * BPD.", "NPD + BPD + NPD:BPD: which two are new?"),
        solution=lambda sample: (
            f"b. On your data both together give {_both(sample):.2f}; the interaction alone, "
            "beside "
            f"NPD + BPD, {_ratio(sample):.2f} on 1 df."
        ),
        right="Count the df: each is one thing that only the larger model has.",
    ),
    Question(
        "13-3",
        "Where the slope is zero",
        "In the same model on `ex.data`: at which BPD is the slope of `NPD` zero? 1 decimal.",
        Numeric(tolerance=0.15, decimals=1),
        _zero,
        (
            Mistake(
                "the other slope",
                lambda sample: -_coefficients(sample)[1] / _coefficients(sample)[2],
                "That is the NPD at which BPD's slope is zero. Turn it round.",
            ),
            Mistake(
                "wrong sign",
                lambda sample: -_zero(sample),
                "The sign is turned: solve beta(NPD) + beta(NPD:BPD) * BPD = 0.",
            ),
            Mistake(
                "upside down",
                lambda sample: -_coefficients(sample)[2] / _coefficients(sample)[0],
                "That is the fraction upside down: divide by the product's coefficient.",
            ),
        ),
        ("Set the simple slope to 0 and solve for BPD.", "BPD = -beta(NPD) / beta(NPD:BPD)"),
        _zero_solution,
        "Below it NPD goes with more satisfaction, above it with less.",
    ),
    Question(
        "13-4",
        "The interaction alone",
        "Test the interaction alone on `ex.data`: compare `NPD + BPD` with `NPD * BPD`, random "
        "intercept for `Time`, ML. L.Ratio, 2 decimals?",
        Numeric(tolerance=0.02, decimals=2),
        _ratio,
        (
            Mistake(
                "against Model 3",
                _both,
                "You compared with Model 3, so BPD itself is tested along. Keep BPD in both.",
            ),
            Mistake(
                "not doubled",
                lambda sample: _ratio(sample) / 2,
                "That is the difference of the log-likelihoods. The statistic is twice that.",
            ),
            Mistake(
                "BPD alone",
                lambda sample: _both(sample) - _ratio(sample),
                "That is the test of BPD without the interaction. Take the next step.",
            ),
        ),
        ("The smaller model is 'Satisfaction ~ NPD + BPD'.", "hlm.anova of the two; both by ML."),
        _ratio_solution,
        "One coefficient, one degree of freedom.",
    ),
)
