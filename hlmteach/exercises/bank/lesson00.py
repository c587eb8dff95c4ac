"""Lesson 00: a first exercise, to see how they work."""

from hlmteach.exercises.kinds import Numeric
from hlmteach.exercises.question import Mistake, Question

QUESTIONS = (
    Question(
        "00-1",
        "A first answer",
        "How many rows of `ex.data` were asked `1 year after` marriage?",
        Numeric(tolerance=0.25, decimals=0),
        lambda sample: float((sample.frame["Time"] == "1 year after").sum()),
        (
            Mistake(
                "all rows",
                lambda sample: float(len(sample.frame)),
                "That is every row. Count only those of `1 year after`.",
            ),
            Mistake(
                "another time",
                lambda sample: float((sample.frame["Time"] == "5 years after").sum()),
                "That is `5 years after`. Look one line further up.",
            ),
        ),
        ("ex.data['Time'].value_counts() counts each of them.",),
        lambda sample: (
            f"`ex.data['Time'].value_counts()` says "
            f"{(sample.frame['Time'] == '1 year after').sum()} beside `1 year after`."
        ),
        "That is how exercises work: an answer, Enter, and a word on it.",
    ),
)
