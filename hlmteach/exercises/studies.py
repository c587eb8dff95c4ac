"""Studies of the lessons beyond the tutorial: growth, two and three levels, plans, gaps, items."""

from functools import cache

import numpy as np
import pandas as pd

from hlmteach.exercises.sample import Sample
from hlmteach.exercises.scenes import scene
from hlmteach.exercises.stream import Stream

# -- growth: people who learn words, half of them with a training ----------------------------------


LEARNERS, WEEKS = 36, 5


@cache
def practice_growth() -> Sample:
    """The learners that everyone has without an id."""
    who = np.repeat(np.arange(LEARNERS), WEEKS)
    frame = pd.DataFrame(
        {
            "person": pd.Categorical([f"p{number + 1:02d}" for number in who]),
            "week": np.tile(np.arange(WEEKS), LEARNERS),
            "training": who % 2,
        }
    )
    return Sample(frame.assign(recall=_recall(Stream("practice", "growth"), frame)))


def draw_growth(stream: Stream) -> Sample:
    """Thirty-six people over five weeks, each with a level and a speed of their own."""
    base = practice_growth()
    return Sample(base.frame.assign(recall=_recall(stream, base.frame)), base=base)


def _recall(stream: Stream, frame) -> np.ndarray:
    who, week = frame["person"].cat.codes.to_numpy(), frame["week"].to_numpy()
    z, together = stream.normal(2 * LEARNERS).reshape(2, -1), stream.uniform(0.2, 0.5)
    level = stream.uniform(11, 14) + stream.uniform(2.4, 3.2) * z[0]
    own = stream.uniform(0.6, 0.9) * (together * z[0] + (1 - together**2) ** 0.5 * z[1])
    speed = stream.uniform(0.9, 1.4) + own[who] + stream.uniform(0.7, 1.1) * frame["training"]
    noise = stream.uniform(1.0, 1.4) * stream.normal(len(frame))
    return np.round(level[who] + speed.to_numpy() * week + noise, 1)


# -- fan: where the lines of GrowthFan are to meet -------------------------------------------------

MEETINGS = ((0.5, 2), (0.8, 1), (0.4, 3), (0.6, 2), (0.3, 4), (0.6, 1), (0.4, 2), (0.3, 3))


def practice_fan() -> Sample:
    """The place that everyone is asked for without an id."""
    return _meeting(*MEETINGS[0])


def draw_fan(stream: Stream) -> Sample:
    """Another sd of slopes, and another time."""
    return _meeting(*stream.pick(MEETINGS))


def _meeting(sd, when) -> Sample:
    return scene(sd=sd, when=when, meet=round(-when * sd / 2, 2))


# -- therapy: patients in clinics, whose hours differ within and between ---------------------------

CLINICS, PATIENTS = 45, 12


@cache
def practice_therapy() -> Sample:
    """The clinics that everyone has without an id."""
    stream, clinic = Stream("practice", "therapy"), np.repeat(np.arange(CLINICS), PATIENTS)
    usual = 8 + 1.2 * stream.normal(CLINICS)
    hours = np.clip(np.round(usual[clinic] + 2 * stream.normal(len(clinic)), 1), 0, None)
    mean = np.round((np.bincount(clinic, hours) / PATIENTS)[clinic], 3)
    frame = pd.DataFrame(
        {
            "clinic": pd.Categorical([f"c{number + 1:02d}" for number in clinic]),
            "training": clinic % 5 - 2,
            "hours": hours,
            "clinic_mean": mean,
            "own": np.round(hours - mean, 3),
        }
    )
    return Sample(frame.assign(relief=_relief(stream, frame)))


def draw_therapy(stream: Stream) -> Sample:
    """The same clinics and hours, other relief."""
    base = practice_therapy()
    return Sample(base.frame.assign(relief=_relief(stream, base.frame)), base=base)


def _relief(stream: Stream, frame) -> np.ndarray:
    clinic, training = frame["clinic"].cat.codes.to_numpy(), frame["training"].to_numpy()
    height = 20 + stream.uniform(1.8, 2.6) * (frame["clinic_mean"].to_numpy() - 8)
    height += stream.uniform(0.6, 1.0) * training + 1.5 * stream.normal(CLINICS)[clinic]
    slope = stream.uniform(0.8, 1.1) + stream.uniform(0.15, 0.3) * training
    slope += 0.3 * stream.normal(CLINICS)[clinic]
    noise = stream.uniform(3, 4) * stream.normal(len(frame))
    return np.round(height + slope * frame["own"].to_numpy() + noise, 1)


# -- levels: what schools are to be made in TwoLevels ----------------------------------------------

CONTEXTS, SLOPES = (1, 2, 3, 5, 6, -1, -2), (0.4, 0.8, 1.2, 1.6, 2.2, 4.2, 5.0)


def practice_levels() -> Sample:
    """The schools that everyone is asked for without an id."""
    return scene(extra=2, steep=1.2)


def draw_levels(stream: Stream) -> Sample:
    """Another contextual effect, and another slope with support."""
    return scene(extra=stream.pick(CONTEXTS), steep=stream.pick(SLOPES))


# -- study: wards that are still to be treated -----------------------------------------------------

WARDS, WARD_ICCS = (14, 20, 30, 40, 60), (0.02, 0.05, 0.15, 0.2, 0.3)


def practice_study() -> Sample:
    """The study that everyone plans without an id."""
    return scene(groups=30, size=12, icc=0.2)


def draw_study(stream: Stream) -> Sample:
    """Another study."""
    size = stream.integers(6, 18)
    return scene(groups=stream.pick(WARDS), size=size, icc=stream.pick(WARD_ICCS))


# -- visits: patients who stay away when they have pain --------------------------------------------

VISITORS, VISITS = 70, 4


def practice_visits() -> Sample:
    """The visits that everyone has without an id."""
    return draw_visits(Stream("practice", "visits"))


def draw_visits(stream: Stream) -> Sample:
    """Seventy patients; whoever has much pain at a visit often comes no more."""
    level, change = 50 + 8 * stream.normal(VISITORS), -stream.uniform(1.5, 3.5)
    noise = 6 * stream.normal(VISITORS * VISITS).reshape(VISITORS, VISITS)
    pain = np.round(level[:, None] + change * np.arange(VISITS) + noise, 1)
    leaves = stream.normal(VISITORS * VISITS).reshape(VISITORS, VISITS) < (pain - 55) / 6
    seen = np.column_stack([np.ones(VISITORS), ~np.logical_or.accumulate(leaves, axis=1)[:, :-1]])
    who, visit = np.nonzero(seen)
    whole = seen.all(axis=1)
    frame = pd.DataFrame(
        {
            "patient": pd.Categorical([f"p{number + 1:02d}" for number in who]),
            "visit": visit + 1,
            "pain": pain[who, visit],
        }
    )
    turned = np.polyfit(np.arange(VISITS), pain[whole].T, 1)[0].mean()
    return Sample(frame, {"complete": float(turned), "whole": int(whole.sum())})


# -- groups: pupils in small groups in schools; the groups' names repeat ---------------------------


@cache
def practice_groups() -> Sample:
    """The schools that everyone has without an id."""
    rows = np.arange(15 * 4 * 6)
    frame = pd.DataFrame(
        {
            "school": pd.Categorical([f"s{number + 1:02d}" for number in rows // 24]),
            "group": pd.Categorical(list("abcd"), list("abcd"))[rows // 6 % 4],
        }
    )
    return _with_shares(frame.assign(score=_scores(Stream("practice", "groups"), len(rows))))


def draw_groups(stream: Stream) -> Sample:
    """The same schools, other scores."""
    frame = practice_groups().frame
    return _with_shares(frame.assign(score=_scores(stream, len(frame))))


def _with_shares(frame) -> Sample:
    """The data with their variances by mean squares, since all groups are of one size.

    That is what REML gives wherever no variance is estimated as 0.
    """
    score = frame["score"].to_numpy().reshape(15, 4, 6)
    groups, schools = score.mean(axis=2), score.mean(axis=(1, 2))
    rest = ((score - groups[..., None]) ** 2).sum() / (15 * 4 * 5)
    between = 6 * ((groups - schools[:, None]) ** 2).sum() / (15 * 3)
    facts = {
        "rest": float(rest),
        "groups": float((between - rest) / 6),
        "schools": float((24 * schools.var(ddof=1) - between) / 24),
    }
    return Sample(frame, facts)


def _scores(stream: Stream, n: int) -> np.ndarray:
    school = stream.uniform(3, 4.5) * stream.normal(n // 24)
    group = stream.uniform(3, 5) * stream.normal(n // 6)
    rest = stream.uniform(4, 6) * stream.normal(n)
    return np.round(50 + np.repeat(school, 24) + np.repeat(group, 6) + rest, 1)


# -- items: everybody solves every puzzle ----------------------------------------------------------

SOLVERS, PUZZLES = 24, 16


@cache
def practice_items() -> Sample:
    """The puzzles that everyone has without an id."""
    who, item = np.repeat(np.arange(SOLVERS), PUZZLES), np.tile(np.arange(PUZZLES), SOLVERS)
    frame = pd.DataFrame(
        {
            "person": pd.Categorical([f"p{number + 1:02d}" for number in who]),
            "item": pd.Categorical([f"i{number + 1:02d}" for number in item]),
            "hard": item % 2,
        }
    )
    return _with_errors(frame.assign(time=_times(Stream("practice", "items"), frame)))


def draw_items(stream: Stream) -> Sample:
    """The same people and puzzles, other times."""
    frame = practice_items().frame
    return _with_errors(frame.assign(time=_times(stream, frame)))


def _with_errors(frame) -> Sample:
    """The data with both standard errors of `hard`; everybody solved all, so they are sums.

    With items it is the error of two means of puzzles' means, without them that of two means of
    trials less the people: what REML gives wherever no variance is estimated as 0.
    """
    time = frame["time"].to_numpy().reshape(SOLVERS, PUZZLES)
    hard, n = frame["hard"].to_numpy()[:PUZZLES] == 1, time.size
    of_item = time.mean(axis=0)
    left = of_item - np.where(hard, of_item[hard].mean(), of_item[~hard].mean())
    rest = time - time.mean(axis=1, keepdims=True) - (of_item - left) + time.mean()
    with_items = 2 * np.sqrt((left**2).sum() / (PUZZLES - 2) / PUZZLES)
    people_alone = 2 * np.sqrt((rest**2).sum() / (n - SOLVERS - 1) / n)
    facts = {"with_items": float(with_items), "people_alone": float(people_alone)}
    return Sample(frame, facts)


def _times(stream: Stream, frame) -> np.ndarray:
    who, item = frame["person"].cat.codes.to_numpy(), frame["item"].cat.codes.to_numpy()
    person = stream.uniform(8, 12) * stream.normal(SOLVERS)
    puzzle = stream.uniform(4, 7) * stream.normal(PUZZLES)
    rest = stream.uniform(9, 12) * stream.normal(len(frame))
    time = 60 + stream.uniform(2, 8) * frame["hard"].to_numpy()
    return np.round(time + person[who] + puzzle[item] + rest, 1)
