"""Gaps against the engine called directly, and against what missing answers must do."""

import numpy as np
import pandas as pd
import pytest

import hlmteach as hlm
from hlmteach.inference.studies.gaps import (
    CHANGE,
    all_rows,
    complete_cases,
    gappy,
    over_studies,
)


@pytest.fixture
def widget():
    widget = hlm.widgets.Gaps()
    yield widget
    widget.close()


@pytest.mark.parametrize("reason", ["chance", "seen", "unseen"])
@pytest.mark.parametrize("share", [0.2, 0.5])
def test_so_many_are_missing_and_answers_are_so_alike(reason, share):
    rng = np.random.default_rng(1)
    some = [gappy(reason, share, 0.6, rng) for _ in range(60)]
    gone = np.mean([study.missing.mean() for study in some])
    alike = np.mean([np.corrcoef(study.before, study.after)[0, 1] for study in some])
    assert gone == pytest.approx(share, abs=0.02)
    assert alike == pytest.approx(0.6, abs=0.03)


def test_whose_answer_is_missing():
    rng = np.random.default_rng(2)
    seen, unseen = gappy("seen", 0.4, 0.6, rng), gappy("unseen", 0.4, 0.6, rng)
    assert seen.before[seen.missing].mean() < seen.before[~seen.missing].mean() - 0.5
    assert unseen.after[unseen.missing].mean() < unseen.after[~unseen.missing].mean() - 0.5


@pytest.mark.parametrize("share", [0.05, 0.4, 0.7])
def test_both_analyses_are_the_mixed_models(share):
    study = gappy("seen", share, 0.6, np.random.default_rng(3))
    person, time = np.tile(np.arange(200), 2), np.repeat([0, 1], 200)
    y = np.append(study.before, study.after)
    data = pd.DataFrame({"y": y, "time": time, "person": person})
    data = data[np.append(np.full(200, True), ~study.missing)]
    fit = hlm.lmer("y ~ time + (1 | person)", data, REML=False)
    assert all_rows(study)[0] == pytest.approx((fit.fixef["time"], fit.se["time"]), rel=1e-10)
    twice = data[data.groupby("person")["y"].transform("size") == 2]
    fit = hlm.lmer("y ~ time + (1 | person)", twice, REML=False)
    assert complete_cases(study)[0] == pytest.approx((fit.fixef["time"], fit.se["time"]), abs=1e-6)


@pytest.mark.parametrize(
    ("why", "all_right", "complete_right"),
    [("chance", True, True), ("seen", True, False), ("unseen", False, False)],
)
def test_what_each_reason_does(widget, why, all_right, complete_right):
    widget.set(why=why)
    widget.add(280)
    r = widget.results
    for name, right in (("all_rows", all_right), ("complete", complete_right)):
        error = abs(r[name] - CHANGE)
        assert (error < 2 * r[f"{name}_margin"]) == right, (name, r)
        assert right or error > 0.1


def test_intervals_hold_the_truth_as_often_as_they_should_when_gaps_are_chance(widget):
    widget.set(why="chance")
    widget.add(480)
    for name in ("covers_all", "covers_complete"):
        assert widget.results[name] == pytest.approx(0.95, abs=0.03)


def test_a_sum_over_studies_counts_what_holds():
    told = over_studies(np.array([[0.5, 0.1], [0.9, 0.1], [0.4, 0.1], [0.6, 0.1]]))
    assert told.mean == pytest.approx(0.6)
    assert told.coverage == 0.75
    assert told.mean_se == pytest.approx(np.std([0.5, 0.9, 0.4, 0.6], ddof=1) / 2)


def test_the_picture_shows_the_last_study_and_all_estimates(widget):
    study, view = widget._run.last, widget.view
    gone = study.missing[:60].sum()
    assert len(view.lost.get_segments()) == gone == len(view.alone.get_offsets())
    assert len(view.pairs.get_segments()) == 60 - gone
    (_, mean, _), (bars, other, _) = view.all_rows, view.complete
    means = [mark.get_offsets()[0, 0] for mark in (mean, other)]
    assert means == pytest.approx([widget.results["all_rows"], widget.results["complete"]])
    tops = [max(corner[1] for corner in path.vertices) for path in bars.get_paths()]
    assert max(tops) == pytest.approx(0.6)


def test_the_same_seed_streams_the_same(widget):
    widget.add(30)
    once = dict(widget.results)
    widget.set(seed=2)
    assert widget.results["complete"] != once["complete"]
    widget.set(seed=1)
    widget.add(30)
    assert widget.results == once
