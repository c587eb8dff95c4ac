"""Lesson 04: long and wide."""

from hlmteach.exercises.bank.options import one_of
from hlmteach.exercises.kinds import Numeric, Token
from hlmteach.exercises.question import Mistake, Question
from hlmteach.exercises.sample import Sample
from hlmteach.exercises.scenes import OCCASIONS


def _scores(sample: Sample):
    return sample.frame[OCCASIONS]


def _long_rows(sample: Sample) -> float:
    return float(_scores(sample).notna().to_numpy().sum())


def _second_mean(sample: Sample) -> float:
    return float(sample.frame["after_1"].mean())


def _rows_solution(sample: Sample) -> str:
    persons, cells = len(sample.frame), 3 * len(sample.frame)
    return (
        f"{persons} persons, 3 occasions: {cells} cells, of which {cells - _long_rows(sample):.0f} "
        f"are empty: {_long_rows(sample):.0f} rows. `ex.data.melt(id_vars='person').dropna()`."
    )


def _mean_solution(sample: Sample) -> str:
    column = sample.frame["after_1"]
    return (
        f"{column.count()} answers, sum {column.sum():.1f}: mean {_second_mean(sample):.3f}. In "
        "long "
        "format: `long.groupby('variable')['value'].mean()`."
    )


QUESTIONS = (
    Question(
        "04-1",
        "Rows of the long table",
        "`ex.data` is wide: a row for each person, a column for each of three occasions. Make it "
        "long, one row for each answer that was given. How many rows has it?",
        Numeric(tolerance=0.25, decimals=0),
        _long_rows,
        (
            Mistake(
                "missing answers counted",
                lambda sample: float(3 * len(sample.frame)),
                "That counts cells without an answer too. Drop the missing ones.",
            ),
            Mistake(
                "persons for answers",
                lambda sample: float(len(sample.frame)),
                "That is the number of persons. In long format each answer has a row.",
            ),
            Mistake(
                "complete persons only",
                lambda sample: float(3 * len(sample.frame.dropna())),
                "You dropped every person with a gap. Only the missing answers have to go.",
            ),
        ),
        (
            "ex.data.melt(id_vars='person') makes it long.",
            "Then .dropna(), and len(...).",
        ),
        _rows_solution,
        "A missing answer costs a row in long format, not a person.",
        draw="wide",
    ),
    Question(
        "04-2",
        "A mean at one occasion",
        "What is the mean of the answers at `after_1` in `ex.data`? 3 decimals.",
        Numeric(tolerance=0.0006, decimals=3),
        _second_mean,
        (
            Mistake(
                "all occasions",
                lambda sample: float(_scores(sample).stack().mean()),
                "That is the mean of all answers. Take those at after_1 only.",
            ),
            Mistake(
                "missing as 0",
                lambda sample: float(sample.frame["after_1"].fillna(0).mean()),
                "Missing answers went in as 0. They are unknown: leave them out.",
            ),
            Mistake(
                "complete persons only",
                lambda sample: float(sample.frame.dropna()["after_1"].mean()),
                "You left out persons who missed another occasion. Their answer at after_1 counts.",
            ),
            Mistake(
                "another occasion",
                lambda sample: float(sample.frame["after_5"].mean()),
                "That is after_5.",
            ),
        ),
        ("One column, its mean. pandas leaves missing values out by itself.",),
        _mean_solution,
        "Long format keeps every answer that was given.",
        draw="wide",
    ),
    Question(
        "04-3",
        "From R to Python",
        '`lme(Satisfaction ~ NPD, data = data, random = ~1|Time, method = "ML")`: which line of '
        "Python fits the same model?",
        **one_of(
            (
                "`hlm.lmer('Satisfaction ~ NPD + (1|Time)', data=data)`",
                "REML by default",
                "The same formula, but lmer fits by REML unless told otherwise.",
            ),
            (
                "`hlm.lmer('Satisfaction ~ NPD + (NPD|Time)', data=data, REML=False)`",
                "a random slope too many",
                "(NPD|Time) lets the slope vary as well. random = ~1|Time has intercepts only.",
            ),
            ("`hlm.lmer('Satisfaction ~ NPD + (1|Time)', data=data, REML=False)`",),
            (
                "`hlm.gls('Satisfaction ~ NPD + Time', data=data, method='ML')`",
                "Time as a fixed effect",
                "That has Time as a fixed factor. In the R line it is random.",
            ),
        ),
        hints=("What is to the left of the bar in random?", "And by which likelihood?"),
        solution=lambda sample: (
            'c: ~1|Time becomes (1|Time), method = "ML" becomes REML=False. Nearer to R is '
            "hlm.lme('Satisfaction ~ NPD', data=data, random='~1|Time', method='ML')."
        ),
        right="lme and lmer are two ways to write one model; both default to REML.",
    ),
    Question(
        "04-4",
        "From nlme to lme4",
        "nlme: `random = ~NPD|Time`. Write the term that lme4's formula has in its place.",
        Token(
            example="(1|Class)",
            aliases={"(1+npd|time)": "(npd|time)", "(npd+1|time)": "(npd|time)"},
        ),
        lambda sample: "(npd|time)",
        (
            Mistake(
                "intercepts only",
                "(1|time)",
                "That is a random intercept alone. ~NPD|Time has a slope for NPD too.",
            ),
            Mistake(
                "uncorrelated",
                "(npd||time)",
                "Two bars make intercept and slope uncorrelated. nlme estimates their correlation.",
            ),
            Mistake(
                "slope only",
                "(0+npd|time)",
                "That has slopes without intercepts. ~NPD brings the intercept with it.",
            ),
            Mistake(
                "parentheses forgotten",
                "npd|time",
                "Nearly: lme4 wants it in parentheses.",
            ),
            Mistake(
                "nlme's tilde kept",
                "(~npd|time)",
                "Nearly: no tilde inside the parentheses.",
            ),
        ),
        ("One bar, in parentheses.", "What varies stands to the left, the groups to the right."),
        lambda sample: "(NPD|Time), which is short for (1 + NPD|Time).",
        "The intercept comes along unless it is taken out with 0.",
    ),
)
