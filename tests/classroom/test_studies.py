"""The studies of a room against what they promise, and against the engine's own verbs."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import hlmteach as hlm
from hlmteach.classroom import studies
from hlmteach.classroom.studies import MEAN, MOST_DOTS, STUDIES, share

SEEDS = range(400)


def room_of(key, seeds=SEEDS, **change):
    study = STUDIES[key]
    state = study.start | change
    return state, study.draw(state, seeds)


def counted(key, **change):
    state, everyone = room_of(key, **change)
    return STUDIES[key].wall(state, everyone)["share"]


def table(drawn):
    return pd.DataFrame(drawn.dots, columns=["group", "y"]).astype({"group": int})


@pytest.mark.parametrize("key", STUDIES)
def test_a_seed_draws_the_same_study_and_another_seed_another(key):
    _, (one, again, other) = room_of(key, seeds=[7, 7, 8])
    _, (alone,) = room_of(key, seeds=[7])  # who else is there changes nothing
    assert one == again
    assert one.dots == alone.dots
    assert one.numbers == pytest.approx(alone.numbers, abs=1e-6)
    assert one.dots != other.dots


@pytest.mark.parametrize("key", STUDIES)
def test_every_setting_can_be_drawn_told_and_shown(key):
    study = STUDIES[key]
    for name, setting in study.settings.items():
        for _, value in setting.choices:
            state, everyone = room_of(key, seeds=range(4), **{name: value})
            wall = study.wall(state, everyone)
            assert len(wall["marks"]) == 4
            for one in everyone:
                assert 0 < len(one.dots) < 2 * MOST_DOTS
                assert study.tell(state, one).endswith(".")
                assert np.isfinite(list(one.numbers.values())).all()


@pytest.mark.parametrize("key", STUDIES)
def test_a_wall_without_anybody_can_be_shown(key):
    study = STUDIES[key]
    assert study.wall(study.start, [])["marks"] == []


def test_intervals_are_those_of_the_engine():
    state, (one,) = room_of("intervals", seeds=[3], groups=10, size=20, method="t")
    fit = hlm.lmer("y ~ 1 + (1 | group)", table(one))
    assert one.numbers["estimate"] == pytest.approx(fit.fixef.iloc[0], abs=1e-3)
    half = (one.numbers["high"] - one.numbers["low"]) / 2
    assert STUDIES["intervals"].wall(state, [one])["truth"] == MEAN
    assert half == pytest.approx(2.2622 * fit.se.iloc[0], rel=1e-3)  # t of 9, 0.975


def test_both_tests_look_at_the_same_data():
    _, (ignored,) = room_of("alarms", seeds=[5], test="ols", size=5)
    _, (mixed,) = room_of("alarms", seeds=[5], test="mixed", size=5)
    assert ignored.dots == mixed.dots
    data = table(mixed).assign(x=lambda d: (d["group"] >= 10).astype(float))
    fit = hlm.lmer("y ~ x + (1 | group)", data)
    assert mixed.numbers["estimate"] == pytest.approx(fit.fixef["x"], abs=2e-3)


def test_a_group_is_pulled_as_the_model_of_the_room_says():
    state, everyone = room_of("groups", seeds=range(12), size=10)
    wall = STUDIES["groups"].wall(state, everyone)
    rows = [(k, y) for k, one in enumerate(everyone) for _, y in one.dots]
    fit = hlm.lmer("y ~ 1 + (1 | group)", pd.DataFrame(rows, columns=["group", "y"]))
    pulled = [mark["pulled"] for mark in wall["marks"]]
    assert pulled == pytest.approx(
        fit.coef["group"].iloc[:, 0].to_list(), abs=1e-3
    )  # dots have three decimals
    assert 0 < wall["kept"] < 1


def test_two_groups_are_not_pulled():
    state, everyone = room_of("groups", seeds=[1, 2])
    marks = STUDIES["groups"].wall(state, everyone)["marks"]
    assert [mark["own"] for mark in marks] == [mark["pulled"] for mark in marks]


def test_aic_gains_what_the_two_models_say():
    _, (one,) = room_of("choices", seeds=[11], groups=10, size=10)
    small = hlm.gls("y ~ 1", table(one), method="ML")
    large = hlm.lmer("y ~ 1 + (1 | group)", table(one), REML=False)
    assert one.numbers["gain"] == pytest.approx(small.aic - large.aic, abs=0.02)


def test_a_share_has_its_doubt():
    assert share(0, 0) == {"count": 0, "n": 0, "margin": 1.0}
    assert share(55, 60)["margin"] == pytest.approx(2 * np.sqrt(56 / 62 * 6 / 62 / 60))
    assert share(60, 60)["margin"] > 0


# What the plans of docs/teaching/live.md set, one after the other.
PLANS = {
    "intervals": [
        {},
        {"groups": 10},
        {"groups": 30},
        {"method": "t"},
        {"groups": 10, "method": "t"},
    ],
    "alarms": [{}, {"size": 60}, {"test": "mixed"}, {"icc": 0.0}],
    "choices": [{}, {"size": 30}, {"sd_u": 0.5}, {"sd_u": 0.0}],
}
LIVE = (Path(__file__).parents[2] / "docs/teaching/live.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("key", "word"), [("intervals", "intervals"), ("alarms", "false alarms"), ("choices", "AIC")]
)
def test_a_room_finds_what_the_plan_says(key, word):
    plan = LIVE.partition(f"## Fifteen minutes with {word} ")[2].partition("\n## ")[0]
    told = re.findall(r"(?:About|then) (\d+) %", plan.replace("half", "50 %"))
    assert len(told) == len(PLANS[key])
    for percent, change in zip(told, PLANS[key], strict=True):
        found = counted(key, **change)
        assert abs(found["count"] / found["n"] - int(percent) / 100) < found["margin"] + 0.005, (
            change
        )


def test_words_in_quotes_are_on_the_wall():
    quoted = re.findall(r'"([A-Za-z][A-Za-z ]+)"', LIVE.partition("## Notebooks")[0])
    page = Path(studies.__file__).parent / "page"
    wall = repr(STUDIES.values()) + "".join(one.read_text("utf-8") for one in page.glob("wall.*"))
    assert len(quoted) > 8
    assert [one for one in quoted if one.lower() not in wall.lower()] == []
