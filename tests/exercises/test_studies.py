"""Numbers that are computed beside the data are those of the mixed model."""

import pytest

import hlmteach as hlm
from hlmteach.exercises.stream import Stream
from hlmteach.exercises.studies import draw_groups, draw_items, draw_visits


def test_variances_of_groups_in_schools():
    sample = draw_groups(Stream("a student", "groups"))
    fit = hlm.lmer("score ~ 1 + (1 | school/group)", sample.frame)
    found = dict(zip(fit.varcorr["group"], fit.varcorr["variance"], strict=True))
    facts = sample.facts
    assert found["group:school"] == pytest.approx(facts["groups"], rel=1e-4)
    assert found["school"] == pytest.approx(facts["schools"], rel=1e-4)
    assert found["Residual"] == pytest.approx(facts["rest"], rel=1e-4)


def test_errors_with_and_without_items():
    sample = draw_items(Stream("a student", "items"))
    both = hlm.lmer("time ~ hard + (1 | person) + (1 | item)", sample.frame)
    people = hlm.lmer("time ~ hard + (1 | person)", sample.frame)
    assert both.se["hard"] == pytest.approx(sample.facts["with_items"], rel=1e-5)
    assert people.se["hard"] == pytest.approx(sample.facts["people_alone"], rel=1e-5)


def test_the_change_of_those_who_came_each_time():
    sample = draw_visits(Stream("a student", "visits"))
    times = sample.frame.groupby("patient", observed=True)["visit"].transform("size")
    whole = sample.frame[times == 4].astype({"patient": str})
    fit = hlm.lmer("pain ~ visit + (1 | patient)", whole)
    assert fit.fixef["visit"] == pytest.approx(sample.facts["complete"], abs=1e-6)
    assert whole["patient"].nunique() == sample.facts["whole"]
