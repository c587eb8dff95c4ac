"""Lesson 01: why clusters matter."""

from hlmteach.exercises.bank.options import all_of
from hlmteach.exercises.kinds import Numeric, Token
from hlmteach.exercises.question import Mistake, Question
from hlmteach.exercises.sample import Sample


def _effect(sample: Sample) -> float:
    return 1 + (sample.facts["size"] - 1) * sample.facts["icc"]


def _rows(sample: Sample) -> float:
    return float(sample.facts["classes"] * sample.facts["size"])


def _setting(sample: Sample) -> str:
    f = sample.facts
    return f"{f['classes']} classes of {f['size']} pupils each; the ICC is {f['icc']:.2f}. "


def _effect_solution(sample: Sample) -> str:
    f = sample.facts
    return f"1 + ({f['size']} - 1) * {f['icc']:.2f} = {_effect(sample):.2f}."


def _worth_solution(sample: Sample) -> str:
    rows, effect = _rows(sample), _effect(sample)
    return f"{rows:.0f} pupils / design effect {effect:.2f} = {rows / effect:.1f}."


QUESTIONS = (
    Question(
        "01-1",
        "Find the nesting",
        "In which of these studies do observations come in clusters? Choose all.",
        **all_of(
            (
                "pupils in 40 classes, each tested once",
                "500 people drawn at random from a register, each asked once",
                "both partners of 120 couples",
                "30 people, each asked on 14 days",
            ),
            "acd",
            (
                "abcd",
                "clusters everywhere",
                "One too many. Who of a random draw from a register belongs together?",
            ),
            (
                "ac",
                "repeated measures are clusters too",
                "One is missing: answers of the same person resemble each other as well.",
            ),
            (
                "ad",
                "pairs are clusters too",
                "One is missing: a cluster may be as small as two.",
            ),
            (
                "a",
                "only classrooms",
                "Classes are clusters, yes. Find two more: what else can answers share?",
            ),
        ),
        hints=(
            "Ask of each: do some observations share something that others do not?",
            "A person asked several times is a cluster of observations.",
        ),
        solution=lambda sample: (
            "a, c, d: classes, couples and persons are clusters. In b nobody shares anything with "
            "anybody else by design."
        ),
        right="Whatever observations share makes them resemble each other.",
    ),
    Question(
        "01-2",
        "The design effect",
        lambda sample: _setting(sample) + "What is the design effect for a mean? 2 decimals.",
        Numeric(tolerance=0.011, decimals=2),
        _effect,
        (
            Mistake(
                "m for m - 1",
                lambda sample: 1 + sample.facts["size"] * sample.facts["icc"],
                "Nearly: each pupil has m - 1 classmates, not m.",
            ),
            Mistake(
                "without the 1",
                lambda sample: (sample.facts["size"] - 1) * sample.facts["icc"],
                "The 1 in front is missing: without any likeness the effect is 1.",
            ),
            Mistake(
                "square root",
                lambda sample: _effect(sample) ** 0.5,
                "That is the factor for the standard error. The design effect is its square.",
            ),
            Mistake(
                "classes for pupils",
                lambda sample: 1 + (sample.facts["classes"] - 1) * sample.facts["icc"],
                "You took the number of classes. What counts is how many pupils are in one.",
            ),
        ),
        ("Design effect = 1 + (m - 1) ICC.", "m is the number of pupils in a class."),
        _effect_solution,
        "It is how many times larger the variance of the mean is than with as many strangers.",
        draw="classes",
    ),
    Question(
        "01-3",
        "What the pupils are worth",
        lambda sample: (
            _setting(sample)
            + "To how many independent pupils does this sample amount, for a mean? "
            "1 decimal."
        ),
        Numeric(tolerance=0.3, decimals=1),
        lambda sample: _rows(sample) / _effect(sample),
        (
            Mistake(
                "divided by the square root",
                lambda sample: _rows(sample) / _effect(sample) ** 0.5,
                "You divided by the square root. The number of pupils is divided by the effect.",
            ),
            Mistake(
                "all pupils",
                _rows,
                "That is every pupil, as if classmates were strangers.",
            ),
            Mistake(
                "classes only",
                lambda sample: float(sample.facts["classes"]),
                "That is the number of classes: right only if classmates were all alike.",
            ),
            Mistake(
                "multiplied",
                lambda sample: _rows(sample) * _effect(sample),
                "Clusters make a sample worth less, not more. Divide.",
            ),
        ),
        ("Count all pupils first.", "Divide by the design effect of the exercise before."),
        _worth_solution,
        "More classes would help more than more pupils in each.",
        draw="classes",
    ),
    Question(
        "01-4",
        "Name the grouping factor",
        "A table has the columns `mood`, `sleep`, `age` and `patient`; each patient filled in a "
        "diary on 14 days. Which column is the grouping factor?",
        Token(example="school"),
        lambda sample: "patient",
        (
            Mistake(
                "outcome for group",
                "mood",
                "`mood` differs from row to row: it is what is measured. Which column do rows "
                "share?",
            ),
            Mistake(
                "predictor for group",
                "sleep",
                "`sleep` predicts; it does not say which rows belong together.",
            ),
            Mistake(
                "property of the group",
                "age",
                "`age` is the same within a patient, but two patients may share it. Who is the "
                "group?",
            ),
        ),
        ("Which rows resemble each other, since they come from the same source?",),
        lambda sample: "`patient`: fourteen rows share each of its values. `(1 | patient)`.",
        "The grouping factor names who or what the rows share.",
    ),
)
