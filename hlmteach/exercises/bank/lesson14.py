"""Lesson 14: all together, with persons."""

from hlmteach.exercises.bank.options import all_of
from hlmteach.exercises.kinds import FitNumber, Numeric
from hlmteach.exercises.question import Mistake, Question
from hlmteach.exercises.sample import Sample
from hlmteach.inference.variance import icc

FORMULA = "Satisfaction ~ Time + NPD"
LATER = "Time1 year after"


def _model(sample: Sample, method="ML"):
    return sample.fit(FORMULA, "~1|Person", method)


def _empty(sample: Sample, method="ML", group="Person"):
    return sample.fit("Satisfaction ~ 1", f"~1|{group}", method)


def _with_sds(sample: Sample) -> float:
    fit = _empty(sample)
    between = float(fit.covariances["Person"].sd[0])
    return between / (between + fit.sigma)


def _change(sample: Sample, name=LATER) -> float:
    return float(_model(sample).fixef[name])


def _share_solution(sample: Sample) -> str:
    fit = _empty(sample)
    return (
        f"{fit.covariances['Person'].cov[0, 0]:.4f} / ({fit.covariances['Person'].cov[0, 0]:.4f} + "
        f"{fit.sigma**2:.4f}) = {icc(fit):.3f}."
    )


QUESTIONS = (
    Question(
        "14-1",
        "A model with persons",
        "`ex.data` has what the tutorial lacks: an id for each person. Fit `Satisfaction` with "
        "`Time` and `NPD` as fixed effects and a random intercept for each `Person`, by ML. Hand "
        "in "
        "the model, or type its log-likelihood with 2 decimals.",
        FitNumber(),
        lambda sample: _model(sample).loglik,
        (
            Mistake(
                "REML for ML",
                lambda sample: _model(sample, "REML").loglik,
                "That is a REML fit. Ask for method='ML', or REML=False.",
            ),
            Mistake(
                "persons left out",
                lambda sample: sample.fit(FORMULA, verb="gls").loglik,
                "That has no random effect: a person's three answers count as three strangers'.",
            ),
            Mistake(
                "times for persons",
                lambda sample: sample.fit("Satisfaction ~ NPD", "~1|Time").loglik,
                "There Time is random, as in the tutorial. Make it fixed, and Person random.",
            ),
            Mistake(
                "Time left out",
                lambda sample: sample.fit("Satisfaction ~ NPD", "~1|Person").loglik,
                "Person is random, good. Now add Time to the fixed part.",
            ),
        ),
        (
            "Time goes to the left of the bar, Person to the right.",
            "'Satisfaction ~ Time + NPD + (1|Person)', REML=False",
        ),
        lambda sample: (
            "`hlm.lmer('Satisfaction ~ Time + NPD + (1|Person)', data=ex.data, REML=False)`: the "
            f"log-likelihood is {_model(sample).loglik:.2f}; without persons it would be "
            f"{sample.fit(FORMULA, verb='gls').loglik:.2f}."
        ),
        "Three fixed times, many persons: each where it belongs.",
        draw="persons",
        points=2.0,
    ),
    Question(
        "14-2",
        "How much is the person",
        "In `ex.data`, which share of the variance of `Satisfaction` lies between persons? Take "
        "the "
        "model with no predictor, by ML. 3 decimals.",
        Numeric(tolerance=0.0006, decimals=3),
        lambda sample: icc(_empty(sample)),
        (
            Mistake(
                "times for persons",
                lambda sample: icc(_empty(sample, group="Time")),
                "That is the share between times. Take Person to the right of the bar.",
            ),
            Mistake(
                "REML for ML",
                lambda sample: icc(_empty(sample, "REML")),
                "That is by REML. Take ML here.",
            ),
            Mistake(
                "sds for variances",
                _with_sds,
                "You put standard deviations in. A share of the variance takes their squares.",
            ),
            Mistake(
                "share within",
                lambda sample: 1 - icc(_empty(sample)),
                "That is the share within persons.",
            ),
        ),
        ("The ICC, with Person as the group.", "hlm.icc(fit)"),
        _share_solution,
        "Persons differ far more than times do: this is where the clusters were.",
        draw="persons",
    ),
    Question(
        "14-3",
        "The change",
        "By the model of 14-1, how far does satisfaction rise from before marriage to one year "
        "after? 3 decimals.",
        Numeric(tolerance=0.0011, decimals=3),
        _change,
        (
            Mistake(
                "another time",
                lambda sample: _change(sample, "Time5 years after"),
                "That is the change to five years after.",
            ),
            Mistake(
                "level for change",
                lambda sample: _change(sample) + _change(sample, "(Intercept)"),
                "That is the level one year after, at NPD = 0. The change is the coefficient "
                "alone.",
            ),
            Mistake(
                "from one later time to the other",
                lambda sample: _change(sample, "Time5 years after") - _change(sample),
                "That is from one year to five. Before marriage is where all start.",
            ),
        ),
        ("Time is coded against its first level.", f"model.fixef['{LATER}']"),
        lambda sample: (
            f"`model.fixef['{LATER}']` is {_change(sample):.3f}, with standard error "
            f"{_model(sample).se[LATER]:.3f}. Each person is compared with themselves."
        ),
        "Changes within persons are known well, however much persons differ.",
        draw="persons",
    ),
    Question(
        "14-4",
        "What to report",
        "Which of these belong in a report of a mixed model? Choose all.",
        **all_of(
            (
                "the number of groups of each grouping factor",
                "whether it was fitted by ML or REML",
                "the estimated variances, with the coefficients",
                "that p = 0",
                "how singular fits and missing values were treated",
            ),
            "abce",
            (
                "abcde",
                "p = 0",
                "One too many. No p is 0: write p < .001.",
            ),
            (
                "abc",
                "what was left out",
                "One is missing: what was done with gaps, and with fits at the edge?",
            ),
            (
                "ace",
                "ML or REML",
                "One is missing: without it, nobody can get your numbers again.",
            ),
            (
                "bce",
                "number of groups",
                "One is missing: how many groups are behind each variance?",
            ),
        ),
        hints=("What would somebody need to get your numbers again?", "What is never true?"),
        solution=lambda sample: "a, b, c, e. p is never 0: a printout that says so has rounded.",
        right="Groups, method, variances, and what was left out.",
    ),
)
