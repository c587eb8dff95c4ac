"""Lesson 05: the case study."""

from hlmteach.exercises.bank.options import one_of
from hlmteach.exercises.kinds import Numeric
from hlmteach.exercises.question import Mistake, Question
from hlmteach.exercises.sample import Sample

TIME = "1 year after"


def _at(sample: Sample, time: str):
    return sample.frame.loc[sample.frame["Time"] == time, "Satisfaction"]


def _share(sample: Sample) -> float:
    answers = sample.frame["Satisfaction"].dropna()
    return 100 * float((answers == 6).mean())


def _count_solution(sample: Sample) -> str:
    rows = _at(sample, TIME)
    return (
        f"{len(rows)} rows, {rows.isna().sum()} of them without an answer: {rows.count()}. "
        "`ex.data.groupby('Time')['Satisfaction'].count()` leaves gaps out."
    )


def _share_solution(sample: Sample) -> str:
    answers = sample.frame["Satisfaction"].dropna()
    return (
        f"{(answers == 6).sum()} of {len(answers)} answers are 6: {_share(sample):.1f} %. They "
        "would "
        "have gone higher, had the scale gone on."
    )


QUESTIONS = (
    Question(
        "05-1",
        "How many at each time",
        f"`ex.data` comes as it was collected, with gaps. How many answers on `Satisfaction` are "
        f"there at `{TIME}`?",
        Numeric(tolerance=0.25, decimals=0),
        lambda sample: float(_at(sample, TIME).count()),
        (
            Mistake(
                "gaps counted",
                lambda sample: float(len(_at(sample, TIME))),
                "Those are rows. Some have no answer: count the answers.",
            ),
            Mistake(
                "all times",
                lambda sample: float(sample.frame["Satisfaction"].count()),
                f"That is every answer. Take those of `{TIME}`.",
            ),
            Mistake(
                "another time",
                lambda sample: float(_at(sample, "5 years after").count()),
                "That is `5 years after`.",
            ),
        ),
        ("groupby('Time') and count.", "count leaves missing values out; size does not."),
        _count_solution,
        "Say how many answers a model used, not how many rows the file has.",
        draw="survey",
    ),
    Question(
        "05-2",
        "The flaw in the design",
        "The same people were asked before marriage, one year after and five years after. The file "
        "has a column for the time and none for the person. What is the main trouble?",
        **one_of(
            (
                "Time has too few values for a regression",
                "few values blamed",
                "A regression can live with three values of x. What links the rows of one person?",
            ),
            ("rows of one person belong together, and without an id no model can say so",),
            (
                "satisfaction was measured on a scale with an end",
                "the ceiling blamed",
                "That is a worry as well, but a smaller one. Which rows are no fresh news?",
            ),
            (
                "people were not assigned to the times at random",
                "randomisation blamed",
                "Everybody is meant to be there at every time. What does the file not say?",
            ),
        ),
        hints=("Who is nested in what?", "What would you write to the right of the bar?"),
        solution=lambda sample: (
            "b. Occasions are nested in persons. With an id: (1 | person), and Time as a fixed "
            "factor. Without one, three answers of one person count as three people."
        ),
        right="Lesson 14 does it with persons.",
    ),
    Question(
        "05-3",
        "The ceiling",
        "The scale of `Satisfaction` ends at 6. What percentage of the answers in `ex.data` is "
        "exactly 6? 1 decimal.",
        Numeric(tolerance=0.06, decimals=1, unit="%"),
        _share,
        (
            Mistake(
                "share for percent",
                lambda sample: _share(sample) / 100,
                "That is the share. In percent it is a hundred times that.",
            ),
            Mistake(
                "gaps in the total",
                lambda sample: 100 * float((sample.frame["Satisfaction"] == 6).mean()),
                "You divided by all rows. Those without an answer do not count.",
            ),
            Mistake(
                "from 5 up",
                lambda sample: 100 * float((sample.frame["Satisfaction"].dropna() >= 5).mean()),
                "That is 5 and higher. Take those at the very end only.",
            ),
        ),
        ("(answers == 6).mean(), with the gaps dropped first.",),
        _share_solution,
        "At a ceiling, differences among the most satisfied cannot be seen.",
        draw="survey",
    ),
    Question(
        "05-4",
        "Read the residuals",
        "The scaled residuals of a model run from -5.1 to 1.2, with their median at 0.2. What do "
        "they tell?",
        **one_of(
            (
                "all is well, since their mean is 0",
                "mean 0 is enough",
                "Their mean is always about 0. Look at how far each side goes.",
            ),
            ("the outcome is skewed: it runs into an end of its scale above",),
            (
                "a few outliers that should be deleted",
                "outliers deleted",
                "Below, they trail off; above, they stop short. That is a shape, not a few cases.",
            ),
            (
                "the random effects are missing",
                "random effects blamed",
                "A random intercept moves groups, it does not skew people. Why is the top so near?",
            ),
        ),
        hints=("Compare the two sides: 5 sds down, 1 up.", "Where does the scale of answers end?"),
        solution=lambda sample: (
            "b. Nobody can be far above a mean of 5.1 on a scale that ends at 6, but one can be "
            "far "
            "below. The model's normal errors are only roughly right here."
        ),
        right="Look at both ends before you say that the assumptions are met.",
    ),
)
