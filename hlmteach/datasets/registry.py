"""What is known about every data set in the package: source, licence, columns and units."""

from dataclasses import dataclass, field

LME4 = (
    "Published measurements, used as facts with their source. The numbers were read from the R "
    "package lme4 1.1-31 (GPL >= 2); none of its text or code is copied."
)
NLME = (
    "Published measurements, used as facts with their source. The numbers were read from the R "
    "package nlme 3.1-162 (GPL >= 2); none of its text or code is copied."
)
SYNTHETIC = "Synthetic numbers, given away with hlmteach under the BSD-3-Clause licence."

DAVIES = (
    "Davies OL, Goldsmith PL (eds) (1972). Statistical Methods in Research and Production, "
    "4th ed. Oliver and Boyd"
)


@dataclass(frozen=True)
class Column:
    """One column: what it means, its unit, and where it comes from."""

    name: str
    meaning: str
    unit: str
    source: str
    licence: str
    levels: tuple[str, ...] = ()
    """The levels in their order, for a categorical column."""


@dataclass(frozen=True)
class DataSet:
    """One data set: `print` it to read what its columns mean and where they come from."""

    name: str
    title: str
    rows: int
    columns: tuple[Column, ...]
    notes: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        """Write the record as a student reads it."""
        lines = [f"{self.name}: {self.title} ({self.rows} rows)", *map(_column_line, self.columns)]
        lines += [f"Source: {text}" for text in _distinct(c.source for c in self.columns)]
        lines += [f"Licence: {text}" for text in _distinct(c.licence for c in self.columns)]
        lines += [f"Note: {text}" for text in self.notes]
        return "\n".join(lines)

    __repr__ = __str__


def _column_line(column: Column) -> str:
    return f"  {column.name} ({column.unit}): {column.meaning}"


def _distinct(texts) -> list[str]:
    return list(dict.fromkeys(texts))


def _columns(source: str, licence: str, *rows: tuple) -> tuple[Column, ...]:
    """Columns with one source: each row says name, meaning, unit and, if it has any, levels."""
    return tuple(
        Column(
            name=name,
            meaning=meaning,
            unit=unit,
            source=source,
            licence=licence,
            levels=tuple(*levels),
        )
        for name, meaning, unit, *levels in rows
    )


TIME_LABELS = ("before marriage", "1 year after", "5 years after")

_PINNED = "pinned by the tutorial's printed results"
_HLM = (
    Column(
        name="Satisfaction",
        meaning="satisfaction with one's intimate relationship, a mean of 6 or of 7 Likert items",
        unit="scale points, 1 to 6",
        source=f"Synthetic; group sizes, group means and sums of squares are {_PINNED}",
        licence=SYNTHETIC,
    ),
    Column(
        name="NPD",
        meaning="symptoms of narcissistic personality disorder",
        unit="scale points, integers 1 to 6",
        source=f"Synthetic; group means, totals and cross-products with Satisfaction are {_PINNED}",
        licence=SYNTHETIC,
    ),
    Column(
        name="BPD",
        meaning="symptoms of borderline personality disorder",
        unit="points, 0 to 128",
        source="Synthetic; one of many columns that give the tutorial's printed interaction model",
        licence=SYNTHETIC,
    ),
    Column(
        name="Time",
        meaning="when the person was asked, coded 1, 2, 3 in the file",
        unit="occasion",
        source="Synthetic; the three groups are pinned, which label is which group was chosen",
        licence=SYNTHETIC,
        levels=TIME_LABELS,
    ),
)

_BELENKY = (
    "Belenky G, Wesensten NJ, Thorne DR, Thomas ML, Sing HC, Redmond DP, Russo MB, Balkin TJ "
    "(2003). Patterns of performance degradation and restoration during sleep restriction and "
    "subsequent recovery: a sleep dose-response study. Journal of Sleep Research 12, 1-12"
)
_SUBJECTS = (
    308,
    309,
    310,
    330,
    331,
    332,
    333,
    334,
    335,
    337,
    349,
    350,
    351,
    352,
    369,
    370,
    371,
    372,
)
_BOYS = (16, 5, 2, 11, 7, 8, 3, 12, 13, 14, 9, 15, 6, 4, 1, 10)
_GIRLS = (10, 9, 6, 1, 5, 7, 2, 8, 3, 4, 11)
_CHILDREN = (*(f"M{i:02}" for i in _BOYS), *(f"F{i:02}" for i in _GIRLS))
_CASKS = tuple(f"{batch}:{cask}" for batch in "ABCDEFGHIJ" for cask in "abc")

_DRAWN = "Synthetic; drawn from a known model (docs/data.md), with persons that the survey lacks"

_SETS = (
    DataSet(
        name="HLM",
        title="relationship satisfaction at three times around a marriage",
        rows=2681,
        columns=_HLM,
        notes=(
            "synthetic, calibrated to a published tutorial's printed results "
            "(Chansiri K, 2021, Hierarchical Linear Modeling: A Step by Step Guide, "
            "Towards Data Science). No person ever gave these answers.",
            "The tutorial's data were never published. On these rows R prints its tables again.",
        ),
    ),
    DataSet(
        name="twin",
        title="a twin of HLM whose persons and whose truth are known",
        rows=750,
        columns=_columns(
            _DRAWN,
            SYNTHETIC,
            ("Satisfaction", "satisfaction, on a scale without an end", "scale points"),
            ("NPD", "narcissistic symptoms, on a scale without an end", "scale points"),
            ("Person", "who answered: 250 people, three times each", "number of the person"),
            ("Time", "when the person was asked", "occasion", TIME_LABELS),
        ),
        notes=(
            "The truth: people's levels have an sd of 0.65, single answers one of 0.5. The mean is "
            "5.00 before marriage, 0.15 higher after one year, 0.12 higher after five. The slope "
            "of NPD is 0.2 within a person, 0 between persons.",
        ),
    ),
    DataSet(
        name="sleepstudy",
        title="reaction times of sleep-deprived people, day by day",
        rows=180,
        columns=_columns(
            _BELENKY,
            LME4,
            ("Reaction", "average reaction time on that day", "ms"),
            ("Days", "day of the study", "days"),
            (
                "Subject",
                "the person, all with 3 hours in bed a night",
                "identifier",
                tuple(map(str, _SUBJECTS)),
            ),
        ),
        notes=("Days 0 and 1 are training and day 2 is the baseline, before any sleep was lost.",),
    ),
    DataSet(
        name="Dyestuff",
        title="yield of a dyestuff from six batches of an intermediate product",
        rows=30,
        columns=_columns(
            f"{DAVIES}, section 6.4",
            LME4,
            ("Batch", "batch of the intermediate product", "identifier", tuple("ABCDEF")),
            ("Yield", "yield of one preparation", "grams of standard colour"),
        ),
    ),
    DataSet(
        name="Dyestuff2",
        title="as Dyestuff, made so that batches vary less than chance would have them",
        rows=30,
        columns=_columns(
            "Box GEP, Tiao GC (1973). Bayesian Inference in Statistical Analysis. "
            "Addison-Wesley, section 5.1.2",
            LME4,
            ("Batch", "batch", "identifier", tuple("ABCDEF")),
            ("Yield", "yield, constructed by the authors", "no unit"),
        ),
        notes=("The estimated variance between batches is exactly zero: a singular fit.",),
    ),
    DataSet(
        name="Penicillin",
        title="six samples of penicillin, each tested on the same 24 plates",
        rows=144,
        columns=_columns(
            f"{DAVIES}, section 6.6",
            LME4,
            ("diameter", "diameter of the zone without growth", "mm"),
            ("plate", "assay plate", "identifier", tuple("abcdefghijklmnopqrstuvwx")),
            ("sample", "sample of penicillin", "identifier", tuple("ABCDEF")),
        ),
        notes=("Plates and samples are fully crossed.",),
    ),
    DataSet(
        name="Pastes",
        title="strength of a chemical paste from casks within delivery batches",
        rows=60,
        columns=_columns(
            f"{DAVIES}, section 6.5",
            LME4,
            ("strength", "strength of the paste in one assay", "not stated in the source"),
            ("batch", "delivery batch", "identifier", tuple("ABCDEFGHIJ")),
            ("cask", "cask, labelled anew within each batch", "identifier", tuple("abc")),
            ("sample", "batch and cask together", "identifier", _CASKS),
        ),
        notes=("Cask a of batch A is not cask a of batch B: casks are nested in batches.",),
    ),
    DataSet(
        name="Orthodont",
        title="growth of a distance in the skull of 27 children, age 8 to 14",
        rows=108,
        columns=_columns(
            "Potthoff RF, Roy SN (1964). A generalized multivariate analysis of variance model "
            "useful especially for growth curve problems. Biometrika 51, 313-326",
            NLME,
            ("distance", "from the pituitary to the pterygomaxillary fissure, by X-ray", "mm"),
            ("age", "age of the child", "years"),
            ("Subject", "the child", "identifier", _CHILDREN),
            ("Sex", "sex of the child", "category", ("Male", "Female")),
        ),
    ),
)

REGISTRY = {record.name: record for record in _SETS}
