"""Designs with many groups and with few, and widgets' settings, drawn anew for each student."""

from functools import cache

import numpy as np
import pandas as pd

from hlmteach.exercises.sample import Sample
from hlmteach.exercises.scenes import scene
from hlmteach.exercises.stream import Stream

# -- schools: pupils who read, in many schools -----------------------------------------------------

SCHOOLS, PUPILS = 30, 10


@cache
def practice_schools() -> Sample:
    """The schools that everyone has without an id."""
    stream = Stream("practice", "schools")
    school = np.repeat(np.arange(SCHOOLS), PUPILS)
    own, z = stream.normal(SCHOOLS), stream.normal(2 * len(school)).reshape(2, -1)
    frame = pd.DataFrame(
        {
            "school": pd.Categorical([f"s{number + 1:02d}" for number in school]),
            "hours": np.round(5 + 0.8 * own[school] + z[0], 1),
            "calm": np.round(5 + 0.4 * own[school] + 0.5 * z[0] + z[1], 1),
        }
    )
    return Sample(frame.assign(score=_scores(stream, frame)))


def draw_schools(stream: Stream) -> Sample:
    """Thirty schools: hours of reading go otherwise with scores within them than between them."""
    base = practice_schools()
    return Sample(base.frame.assign(score=_scores(stream, base.frame)), base=base)


def _scores(stream: Stream, frame) -> np.ndarray:
    school, hours, calm = frame["school"].cat.codes.to_numpy(), frame["hours"], frame["calm"]
    mean = hours.groupby(school).transform("mean")
    score = 40 + stream.uniform(0.9, 1.5) * (hours - mean) - stream.uniform(0.4, 1.2) * (mean - 5)
    score += (stream.uniform(0.5, 0.9) + stream.uniform(0.3, 0.6) * (hours - 5)) * (calm - 5)
    score += stream.uniform(1.2, 1.8) * stream.normal(SCHOOLS)[school]
    return np.round(score + stream.uniform(2.2, 2.8) * stream.normal(len(frame)), 1)


# -- wards: a programme in half of few groups ------------------------------------------------------

WARDS, PATIENTS = 8, 12


@cache
def practice_wards() -> Sample:
    """The wards that everyone has without an id."""
    ward = np.repeat(np.arange(WARDS), PATIENTS)
    names = pd.Categorical([f"w{number + 1}" for number in ward])
    frame = pd.DataFrame({"ward": names, "programme": ward % 2})
    return Sample(frame.assign(mood=_moods(Stream("practice", "wards"), frame)))


def draw_wards(stream: Stream) -> Sample:
    """Eight wards of twelve patients; four of the wards have the programme."""
    base = practice_wards()
    return Sample(base.frame.assign(mood=_moods(stream, base.frame)), base=base)


def _moods(stream: Stream, frame) -> np.ndarray:
    ward = frame["ward"].cat.codes.to_numpy()
    level = stream.uniform(18, 22) + stream.uniform(2.0, 2.6) * stream.normal(WARDS)
    effect = stream.uniform(1.0, 2.6) * frame["programme"].to_numpy()
    return np.round(level[ward] + effect + stream.uniform(3, 4) * stream.normal(len(frame)), 1)


# -- clients: of clinics whose slopes differ -----------------------------------------------------

CLINICS, CLIENTS = 40, 12


@cache
def practice_clients() -> Sample:
    """The clinics that everyone has without an id."""
    stream = Stream("practice", "clients")
    clinic = np.repeat(np.arange(CLINICS), CLIENTS)
    frame = pd.DataFrame(
        {
            "clinic": pd.Categorical([f"c{number + 1:02d}" for number in clinic]),
            "hours": stream.integers(2, 20, len(clinic)),
        }
    )
    return Sample(frame.assign(mood=_gains(stream, frame)))


def draw_clients(stream: Stream) -> Sample:
    """Forty clinics; an hour of therapy helps more in some than in others."""
    base = practice_clients()
    return Sample(base.frame.assign(mood=_gains(stream, base.frame)), base=base)


def _gains(stream: Stream, frame) -> np.ndarray:
    clinic, hours = frame["clinic"].cat.codes.to_numpy(), frame["hours"].to_numpy()
    z = stream.normal(2 * CLINICS).reshape(2, -1)
    level = stream.uniform(28, 34) + stream.uniform(2.5, 3.5) * z[0]
    slope = stream.uniform(0.35, 0.50) + stream.uniform(0.35, 0.50) * z[1]
    noise = stream.uniform(3, 4) * stream.normal(len(frame))
    return np.round(level[clinic] + slope[clinic] * hours + noise, 1)


# -- what a widget is to be set to -----------------------------------------------------------------

WITHIN = (-0.7, -0.5, -0.35, 0.2, 0.35, 0.55, 0.6, 0.75)
STICKS = ((0.04, 5), (0.03, 4), (0.05, 3), (0.06, 4), (0.02, 5), (0.04, 3), (0.06, 3), (0.03, 5))
# Where the slope of NPD begins, or ends, to differ from 0, at a confidence in percent.
EDGES = (
    (90, "positive", 33.0),
    (90, "negative", 59.2),
    (99, "positive", 26.4),
    (99, "negative", 70.6),
)
# How much larger group 1's slope must be for its Cook's distance to pass a limit.
OUTLIERS = ((0.5, 1.1), (0.25, 0.7), (0.3, 0.8), (0.35, 0.9), (0.4, 1.0), (0.8, 1.5), (1.0, 1.7))


def practice_agree() -> Sample:
    """The slope that everyone is given without an id."""
    return scene(within=0.25)


def draw_agree(stream: Stream) -> Sample:
    """A slope within groups for LiveRefit."""
    return scene(within=stream.pick(WITHIN))


def practice_stick() -> Sample:
    """The lines that everyone is given without an id."""
    return _stick(0.05, 4)


def draw_stick(stream: Stream) -> Sample:
    """Where RandomSlopeAnimator's lines are to meet, and how far their slopes differ."""
    return _stick(*stream.pick(STICKS))


def _stick(sd, where) -> Sample:
    return scene(sd=sd, where=where, level=round(sd * where, 3))


def practice_edge() -> Sample:
    """The edge that everyone looks for without an id."""
    return _edge(*EDGES[0])


def draw_edge(stream: Stream) -> Sample:
    """A confidence for SimpleSlopes, and which end of the region is asked."""
    return _edge(*stream.pick(EDGES[1:]))


def _edge(percent, sign, edge) -> Sample:
    return scene(percent=percent, sign=sign, edge=edge)


def practice_outlier() -> Sample:
    """The limit that everyone is given without an id."""
    return _outlier(*OUTLIERS[0])


def draw_outlier(stream: Stream) -> Sample:
    """A limit that group 1's influence is to pass in Diagnostics."""
    return _outlier(*stream.pick(OUTLIERS[1:]))


def _outlier(limit, odd) -> Sample:
    return scene(limit=limit, odd=odd)
