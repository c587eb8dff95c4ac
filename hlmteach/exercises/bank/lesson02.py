"""Lesson 02: fixed and random."""

from hlmteach.exercises.bank.options import all_of, one_of
from hlmteach.exercises.kinds import Numeric
from hlmteach.exercises.question import Mistake, Question
from hlmteach.exercises.sample import Sample


def _shrinkage(sample: Sample) -> float:
    f = sample.facts
    between, within = f["between"] ** 2, f["within"] ** 2
    return f["own"] * between / (f["own"] * between + within)


def _with_sds(sample: Sample) -> float:
    f = sample.facts
    return f["own"] * f["between"] / (f["own"] * f["between"] + f["within"])


def _icc(sample: Sample) -> float:
    f = sample.facts
    return f["between"] ** 2 / (f["between"] ** 2 + f["within"] ** 2)


def _text(sample: Sample) -> str:
    f = sample.facts
    return (
        f"Classes differ with sd {f['between']:.2f}, pupils within a class with sd "
        f"{f['within']:.2f}. A class has {f['own']} pupils. Which share of its own deviation from "
        "the mean of all does the model keep? 3 decimals, between 0 and 1."
    )


def _solution(sample: Sample) -> str:
    f = sample.facts
    return (
        f"{f['own']} * {f['between']:.2f}^2 / ({f['own']} * {f['between']:.2f}^2 + "
        f"{f['within']:.2f}^2) = {_shrinkage(sample):.3f}; the rest is pulled in."
    )


QUESTIONS = (
    Question(
        "02-1",
        "Two cultures",
        "People from two cultures are compared. A colleague wants a random intercept for culture. "
        "What do you say?",
        **one_of(
            (
                "good: culture is not of main interest, so it is random",
                "random means uninteresting",
                "Interest does not decide. A random effect needs a distribution of groups: can two "
                "values show its spread?",
            ),
            ("two groups cannot show a variance: make culture a fixed factor",),
            (
                "good: culture is categorical, and categories are random",
                "categorical means random",
                "Fixed factors are categorical as well. How many groups does a variance need?",
            ),
            (
                "leave culture out: with two groups nothing can be done",
                "leaves it out",
                "Something can: one coefficient for the difference of the two is easy to estimate.",
            ),
        ),
        hints=(
            "How well would you know a standard deviation from two observations?",
            "A difference of two means is one fixed coefficient.",
        ),
        solution=lambda sample: (
            "b. A random intercept estimates how far cultures spread, from two of them: hopeless. "
            "As a fixed factor, culture costs one coefficient, and people are compared within it."
        ),
        right="With few groups, take them as fixed; a variance needs many.",
    ),
    Question(
        "02-2",
        "Which may be random",
        "Which of these grouping factors are good candidates for a random effect? Choose all.",
        **all_of(
            (
                "25 therapists, drawn from all in the city",
                "sex",
                "60 schools",
                "treatment or control",
                "200 persons, each asked six times",
            ),
            "ace",
            (
                "abcde",
                "every category",
                "Too many. Whose levels are a sample from many, and whose are all there are?",
            ),
            (
                "ac",
                "persons can be groups",
                "One is missing: a person asked six times is a group of six rows.",
            ),
            (
                "bd",
                "fixed and random exchanged",
                "The other way round: sex and treatment are few levels of lasting interest.",
            ),
            (
                "acde",
                "a treatment is not drawn",
                "One too many: which of them was set by the researcher, not drawn from many?",
            ),
        ),
        hints=(
            "Would other levels have done as well for the same question?",
            "Are there enough of them to see how they spread?",
        ),
        solution=lambda sample: (
            "a, c, e: many levels, drawn from more. Sex and treatment have two levels each, and "
            "those two are what the question is about."
        ),
        right="Random: many levels that stand for more. Fixed: the very levels one asks about.",
    ),
    Question(
        "02-3",
        "How much a class keeps",
        _text,
        Numeric(tolerance=0.0011, decimals=3),
        _shrinkage,
        (
            Mistake(
                "sds for variances",
                _with_sds,
                "You put standard deviations in. The formula takes variances: square them first.",
            ),
            Mistake(
                "share pulled in",
                lambda sample: 1 - _shrinkage(sample),
                "That is the share that is pulled in. Asked is what is kept.",
            ),
            Mistake(
                "ICC: one pupil",
                _icc,
                "That is the ICC, right for a class of one pupil. Where does the class size come "
                "in?",
            ),
            Mistake(
                "within divided too often",
                lambda sample: _icc_of_mean(sample),
                "The variance within is divided by the number of pupils once, not by its square.",
            ),
        ),
        (
            "The class mean has variance within / n around the class's true level.",
            "Share kept = between / (between + within / n), in variances.",
        ),
        _solution,
        "Large classes keep more of their own; small ones lean on the others.",
        draw="classes",
    ),
    Question(
        "02-4",
        "Complete, partial or none",
        "Each class gets its own mean, computed from its own pupils only. Which kind of pooling?",
        **one_of(
            (
                "complete pooling",
                "none called complete",
                "Complete pooling puts all pupils into one pot. Here each class stands alone.",
            ),
            (
                "partial pooling",
                "none called partial",
                "Partial pooling lets classes borrow from each other. Here none does.",
            ),
            ("no pooling",),
        ),
        hints=("What is pooled: the classes' information. How much of it is shared here?",),
        solution=lambda sample: (
            "c: no pooling. A mixed model is partial pooling; one mean for all is complete pooling."
        ),
        right="A mixed model stands between the two ends, and finds its place from the data.",
    ),
)


def _icc_of_mean(sample: Sample) -> float:
    f = sample.facts
    between, within = f["between"] ** 2, f["within"] ** 2 / f["own"] ** 2
    return between / (between + within)
