"""Lesson 03: three equations."""

from hlmteach.exercises.bank.options import one_of
from hlmteach.exercises.kinds import Numeric, State
from hlmteach.exercises.question import Mistake, Question
from hlmteach.exercises.sample import Sample


def _fitted(sample: Sample) -> float:
    f = sample.facts
    return f["intercept"] + f["slope"] * f["x"] + f["deviation"]


def _fitted_text(sample: Sample) -> str:
    f = sample.facts
    return (
        f"In model (3), beta_0 = {f['intercept']:.1f}, beta_1 = {f['slope']:.2f}, and culture j "
        "has "
        f"u_j = {f['deviation']:.1f}. Which value does the model give to a person of that culture "
        f"with x = {f['x']}, whose residual is {f['residual']:.1f}? Asked is the fitted value. "
        "2 decimals."
    )


def _fitted_solution(sample: Sample) -> str:
    f = sample.facts
    return (
        f"{f['intercept']:.1f} + {f['slope']:.2f} * {f['x']} + ({f['deviation']:.1f}) = "
        f"{_fitted(sample):.2f}. With the residual it would be the observed value."
    )


def _at_zero(sample: Sample) -> float:
    return sample.facts["intercept"] + sample.facts["deviation"]


def _state(sample: Sample, **changed) -> dict:
    f = sample.facts
    return {"beta_0": f["intercept"], "beta_1": f["slope"], "u_j": f["deviation"]} | changed


def _state_text(sample: Sample) -> str:
    f = sample.facts
    return (
        f"Set the three controls so that the line of all cultures starts at {f['intercept']:.1f}, "
        f"and the parallel line of culture j passes through ({0}, {_at_zero(sample):.1f}) and "
        f"({f['x']}, {_fitted(sample):.2f})."
    )


def _state_solution(sample: Sample) -> str:
    f = sample.facts
    return (
        f"beta_0 = {f['intercept']:.1f}; beta_1 = ({_fitted(sample):.2f} - {_at_zero(sample):.1f}) "
        f"/ {f['x']} = {f['slope']:.2f}; u_j = {_at_zero(sample):.1f} - {f['intercept']:.1f} = "
        f"{f['deviation']:.1f}."
    )


QUESTIONS = (
    Question(
        "03-1",
        "What u is",
        "In y_ij = beta_0 + beta_1 x_ij + u_j + e_ij, what is u_j?",
        **one_of(
            (
                "the variance between groups",
                "u is a variance",
                "u_j is one group's own number. How far these numbers spread is the variance, "
                "tau^2.",
            ),
            (
                "the slope of group j",
                "u is a slope",
                "Slopes stand before an x. Nothing stands beside u_j: it moves the whole line.",
            ),
            ("how far the level of group j lies from the mean level",),
            (
                "what the model leaves unexplained for person i",
                "u is the residual",
                "That is e_ij, with both indices. u has only j: all of a group share it.",
            ),
        ),
        hints=("Which index does it carry?", "Everybody in group j has the same u_j."),
        solution=lambda sample: (
            "c. One number for each group; positive for groups above the mean level. Its variance "
            "is tau^2."
        ),
        right="j only: one for each group, shared by its members.",
    ),
    Question(
        "03-2",
        "A fitted value",
        _fitted_text,
        Numeric(tolerance=0.011, decimals=2),
        _fitted,
        (
            Mistake(
                "without u_j",
                lambda sample: _fitted(sample) - sample.facts["deviation"],
                "That is the value of an average culture. This one has its own level: add u_j.",
            ),
            Mistake(
                "u_j subtracted",
                lambda sample: _fitted(sample) - 2 * sample.facts["deviation"],
                "u_j is added, with its sign.",
            ),
            Mistake(
                "observed for fitted",
                lambda sample: _fitted(sample) + sample.facts["residual"],
                "That is the observed value. The fitted one leaves the residual out.",
            ),
            Mistake(
                "at x = 0",
                _at_zero,
                "That is the value at x = 0. Add beta_1 times x.",
            ),
        ),
        (
            "Fitted: all that the model knows of the person, without e_ij.",
            "Put the numbers into (3).",
        ),
        _fitted_solution,
        "Fitted values know the group; residuals are what is left.",
        draw="lines",
    ),
    Question(
        "03-3",
        "Set the line",
        _state_text,
        State(tolerances={"beta_0": 0.06, "beta_1": 0.03, "u_j": 0.06}),
        lambda sample: _state(sample),
        (
            Mistake(
                "sign of u_j",
                lambda sample: _state(sample, u_j=-sample.facts["deviation"]),
                "u_j has the wrong sign: is culture j above or below the line of all?",
            ),
            Mistake(
                "level in beta_0",
                lambda sample: _state(sample, beta_0=_at_zero(sample), u_j=0.0),
                "Culture j's line is right, but the line of all has moved with it. Keep beta_0, "
                "and "
                "let u_j do it.",
            ),
            Mistake(
                "slope from the line of all",
                lambda sample: _state(
                    sample,
                    beta_1=(_fitted(sample) - sample.facts["intercept"]) / sample.facts["x"],
                ),
                "Both points are on culture j's line: the slope is the rise between those two.",
            ),
        ),
        (
            "beta_0 is where the line of all starts.",
            "beta_1 is the rise from one point to the other, divided by x.",
            "u_j is the distance of the two lines.",
        ),
        _state_solution,
        "A random intercept moves a group's line up or down, and never tilts it.",
        draw="lines",
    ),
    Question(
        "03-4",
        "Which equation",
        "Pain is measured in 50 clinics. The model has a mean, a level for each clinic and a "
        "residual, and no predictor. Which equation is it?",
        **one_of(
            (
                "(1), a single-level regression",
                "single level",
                "(1) has no u_j: it would not know the clinics.",
            ),
            ("(2), a variance components model",),
            (
                "(3), a mixed model with random intercepts",
                "a predictor too many",
                "(3) has a predictor. Here there is none.",
            ),
        ),
        hints=("Count the terms: is there an x? Is there a u_j?",),
        solution=lambda sample: "b: y_ij = beta_0 + u_j + e_ij. No x, one level for each clinic.",
        right="Two variances and a mean: where do the differences lie?",
    ),
)
