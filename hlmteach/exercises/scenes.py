"""Small studies, told in a sentence or shown in a small table, drawn anew for each student."""

from functools import cache

import numpy as np
import pandas as pd

from hlmteach.exercises.sample import Sample
from hlmteach.exercises.stream import Stream


def scene(**facts) -> Sample:
    """Facts alone: a table with one row."""
    return Sample(pd.DataFrame([facts]), facts)


# -- clinics: a mean slope and how it varies -------------------------------------------------------


def practice_clinics() -> Sample:
    """Forty clinics, and the slope of mood on hours of therapy."""
    return scene(clinics=40, slope=0.42, sd=0.25, se=0.045, ratio=5.42)


def draw_clinics(stream: Stream) -> Sample:
    """Other clinics."""
    clinics = stream.integers(24, 60)
    sd = round(stream.uniform(0.15, 0.40), 2)
    return scene(
        clinics=clinics,
        slope=round(stream.uniform(0.30, 0.60), 2),
        sd=sd,
        se=round(sd / clinics**0.5 + 0.004, 3),
        ratio=round(stream.uniform(3.5, 8.5), 2),
    )


# -- classes: pupils in classes, and how alike they are --------------------------------------------


def practice_classes() -> Sample:
    """Thirty classes of twenty pupils."""
    return scene(classes=30, size=20, icc=0.15, between=0.30, within=0.80, own=9)


def draw_classes(stream: Stream) -> Sample:
    """Other classes."""
    return scene(
        classes=stream.integers(18, 48),
        size=stream.integers(12, 32),
        icc=round(stream.uniform(0.06, 0.24), 2),
        between=round(stream.uniform(0.20, 0.45), 2),
        within=round(stream.uniform(0.70, 0.95), 2),
        own=stream.integers(4, 14),
    )


# -- lines: a fixed line, a group's deviation, a person's residual ---------------------------------


def practice_lines() -> Sample:
    """A line of tendency on trauma, and one culture's deviation from it."""
    return scene(intercept=2.4, slope=0.35, deviation=-0.6, x=4, residual=0.8)


def draw_lines(stream: Stream) -> Sample:
    """Another line and another culture."""
    return scene(
        intercept=round(stream.uniform(1.5, 3.5), 1),
        slope=round(stream.uniform(0.20, 0.60), 2),
        deviation=round(stream.pick((-1, 1)) * stream.uniform(0.4, 0.9), 1),
        x=stream.integers(3, 8),
        residual=round(stream.pick((-1, 1)) * stream.uniform(1.0, 1.8), 1),
    )


# -- wide: persons in rows, occasions in columns ---------------------------------------------------

OCCASIONS = ["before", "after_1", "after_5"]


def practice_wide() -> Sample:
    """The wide table that everyone has without an id."""
    return draw_wide(Stream("practice", "wide"))


def draw_wide(stream: Stream) -> Sample:
    """Nine to fourteen persons, three occasions, a few of them missed."""
    persons = stream.integers(9, 14)
    level = stream.uniform(3.5, 5.5, persons)
    noise = stream.uniform(-1, 1, 3 * persons).reshape(persons, 3)
    scores = np.round(np.clip(level[:, None] + np.array([0.0, 0.4, 0.1]) + noise, 1, 6), 1)
    for person, occasion in zip(stream.shuffled(range(persons)), (0, 1, 2, 2), strict=False):
        scores[person, occasion] = np.nan
    names = [f"p{number:02d}" for number in range(1, persons + 1)]
    frame = pd.DataFrame(scores, columns=OCCASIONS)
    frame.insert(0, "person", names)
    return Sample(frame)


# -- survey: as it comes from the field ------------------------------------------------------------

TIMES = ("before marriage", "1 year after", "5 years after")


def practice_survey() -> Sample:
    """The survey that everyone has without an id."""
    return draw_survey(Stream("practice", "survey"))


def draw_survey(stream: Stream) -> Sample:
    """Some hundred answers, with a ceiling at 6 and with gaps."""
    sizes = [stream.integers(90, 140) for _ in TIMES]
    time = pd.Categorical.from_codes(np.repeat([0, 1, 2], sizes), list(TIMES))
    latent = 5.15 + np.repeat([-0.15, 0.05, 0.1], sizes) + 0.85 * stream.normal(len(time))
    answers = np.round(6 * np.clip(latent, 1, 6)) / 6
    for start, size in zip(np.cumsum([0, *sizes[:-1]]), sizes, strict=True):
        gaps = stream.shuffled(range(size))[: stream.integers(6, 15)]
        answers[start + np.array(gaps)] = np.nan
    return Sample(pd.DataFrame({"Time": time, "Satisfaction": answers}))


# -- pilot: few people -----------------------------------------------------------------------------


def practice_pilot() -> Sample:
    """The pilot study that everyone has without an id."""
    return draw_pilot(Stream("practice", "pilot"))


def draw_pilot(stream: Stream) -> Sample:
    """Twelve people, one answer each."""
    answers = np.round(stream.uniform(4.2, 5.0) + 0.9 * stream.normal(12), 1)
    return Sample(pd.DataFrame({"Satisfaction": np.clip(answers, 1, 6)}))


# -- persons: the same people three times ----------------------------------------------------------


PERSONS = 80


@cache
def practice_persons() -> Sample:
    """The repeated measurements that everyone has without an id."""
    stream = Stream("practice", "persons")
    who = np.repeat(np.arange(PERSONS), 3)
    traits = np.clip(np.round(3.4 + stream.normal(PERSONS)), 1, 6)
    frame = pd.DataFrame(
        {
            "Person": pd.Categorical([f"p{number + 1:02d}" for number in who]),
            "Time": pd.Categorical.from_codes(np.tile([0, 1, 2], PERSONS), list(TIMES)),
            "NPD": traits[who],
        }
    )
    return Sample(frame.assign(Satisfaction=_answers(stream, frame)))


def draw_persons(stream: Stream) -> Sample:
    """Eighty people, asked three times, with an id: what the tutorial's design lacks."""
    base = practice_persons()
    return Sample(base.frame.assign(Satisfaction=_answers(stream, base.frame)), base=base)


def _answers(stream: Stream, frame) -> np.ndarray:
    who, when = frame["Person"].cat.codes.to_numpy(), frame["Time"].cat.codes.to_numpy()
    level = 4.4 + stream.uniform(0.70, 0.95) * stream.normal(PERSONS)
    change = np.cumsum([0.0, *stream.uniform(0.15, 0.30, 2)])
    trait = stream.uniform(0.10, 0.25) * frame["NPD"].to_numpy()
    noise = stream.uniform(0.40, 0.55) * stream.normal(len(frame))
    return np.round(level[who] + change[when] + trait + noise, 2)


# -- hill: a mean at which a curve must stay -------------------------------------------------------

STAYING = (4.4, 4.5, 4.55, 4.6, 5.6, 5.65, 5.7, 5.75)


def practice_hill() -> Sample:
    """The mean that everyone is given without an id."""
    return scene(mean=4.65)


def draw_hill(stream: Stream) -> Sample:
    """Another mean, well off that of the tutorial's satisfaction."""
    return scene(mean=stream.pick(STAYING))
