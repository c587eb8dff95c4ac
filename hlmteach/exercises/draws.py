"""Data for one student: the same design as the practice data, other numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

from hlmteach.datasets import load
from hlmteach.errors import HLMError
from hlmteach.exercises import designs, scenes, studies
from hlmteach.exercises.question import Question
from hlmteach.exercises.sample import Sample
from hlmteach.exercises.stream import Stream
from hlmteach.exercises.students import PRACTICE, Student

MOST_DRAWS = 50

# The interaction model as the tutorial prints it: intercept, NPD, BPD, NPD:BPD.
PRINTED = (4.443310, 0.153825, 0.017154, -0.003436)


@dataclass(frozen=True, eq=False)
class Draw:
    """One kind of data: its name, the practice data, and how to draw like them."""

    name: str
    practice: Callable[[], Sample]
    make: Callable[[Stream], Sample]

    @property
    def facts(self) -> tuple[str, ...]:
        """The names of the single numbers that its questions may state."""
        return tuple(draw_sample(self, PRACTICE, 0).facts)


@cache
def tutorial() -> Sample:
    """The tutorial's data, whose numbers the lessons print."""
    return Sample(load("HLM"))


@cache
def practice_couples() -> Sample:
    """The couples that everyone has without an id."""
    return draw_couples(Stream("practice", "couples"))


def draw_couples(stream: Stream) -> Sample:
    """The tutorial's couples, with answers of their own: slopes, times and errors are new.

    Errors are drawn from those of the tutorial's data, so the scale keeps its ceiling at 6; answers
    are rounded to sixths, as those of a mean of six items. The levels of the three times are set
    as drawn, so that there is always something to find.
    """
    base = tutorial()
    frame, codes = base.frame, base.frame["Time"].cat.codes.to_numpy()
    slopes = np.array(PRINTED[1:]) * stream.uniform(0.85, 1.15) * stream.uniform(0.95, 1.05, 3)
    errors = stream.pick_many(_errors(), len(frame)) * stream.uniform(0.92, 1.08)
    within = _terms(frame) @ slopes + errors
    within -= (np.bincount(codes, within) / np.bincount(codes))[codes]
    spread = stream.uniform(0.10, 0.15)
    times = np.array(stream.shuffled((-1.0, 0.35, 0.65))) * spread
    answers = np.clip(stream.uniform(4.98, 5.14) + times[codes] + within, 1, 6)
    return Sample(frame.assign(Satisfaction=np.round(6 * answers) / 6), base=base)


def _terms(frame) -> np.ndarray:
    narcissism, borderline = frame["NPD"].to_numpy(), frame["BPD"].to_numpy()
    return np.column_stack([narcissism, borderline, narcissism * borderline])


@cache
def _errors() -> np.ndarray:
    frame = tutorial().frame
    errors = frame["Satisfaction"].to_numpy() - _terms(frame) @ PRINTED[1:]
    return errors - errors.mean()


ALL = (
    Draw("couples", practice_couples, draw_couples),
    Draw("agree", designs.practice_agree, designs.draw_agree),
    Draw("clients", designs.practice_clients, designs.draw_clients),
    Draw("classes", scenes.practice_classes, scenes.draw_classes),
    Draw("clinics", scenes.practice_clinics, scenes.draw_clinics),
    Draw("edge", designs.practice_edge, designs.draw_edge),
    Draw("fan", studies.practice_fan, studies.draw_fan),
    Draw("groups", studies.practice_groups, studies.draw_groups),
    Draw("growth", studies.practice_growth, studies.draw_growth),
    Draw("hill", scenes.practice_hill, scenes.draw_hill),
    Draw("items", studies.practice_items, studies.draw_items),
    Draw("levels", studies.practice_levels, studies.draw_levels),
    Draw("lines", scenes.practice_lines, scenes.draw_lines),
    Draw("outlier", designs.practice_outlier, designs.draw_outlier),
    Draw("persons", scenes.practice_persons, scenes.draw_persons),
    Draw("pilot", scenes.practice_pilot, scenes.draw_pilot),
    Draw("schools", designs.practice_schools, designs.draw_schools),
    Draw("stick", designs.practice_stick, designs.draw_stick),
    Draw("study", studies.practice_study, studies.draw_study),
    Draw("survey", scenes.practice_survey, scenes.draw_survey),
    Draw("therapy", studies.practice_therapy, studies.draw_therapy),
    Draw("visits", studies.practice_visits, studies.draw_visits),
    Draw("wards", designs.practice_wards, designs.draw_wards),
    Draw("wide", scenes.practice_wide, scenes.draw_wide),
)
DRAWS = {draw.name: draw for draw in ALL}


@lru_cache(maxsize=64)
def draw_sample(draw: Draw, student: Student, number: int) -> Sample:
    """The `number`-th draw of one kind of data for a student; 0 is the one to use if it will do."""
    if student == PRACTICE:
        return draw.practice()
    return draw.make(student.stream(draw.name, str(number)))


def sample_of(question: Question, student: Student) -> Sample:
    """The data that a student's exercise is about.

    A draw in which a mistake comes too near to the right answer, or to another mistake, would give
    the wrong feedback; the next one is taken instead.
    """
    if student == PRACTICE:
        return draw_sample(question.draw, PRACTICE, 0)
    for number in range(MOST_DRAWS):
        sample = draw_sample(question.draw, student, number)
        if question.separates(sample):
            return sample
    raise HLMError(f"No data can be drawn for exercise {question.id}. Please report this.")
