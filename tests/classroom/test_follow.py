"""A widget that all follow, without a network: what is said for a move, and how much of it."""

import gzip
import json
import re

import pytest

from hlmteach import widgets
from hlmteach.classroom.follow import Follow, Followed, described, understood
from hlmteach.classroom.room import RefusedError, Room
from hlmteach.errors import HLMError


@pytest.fixture(scope="module")
def follow():
    follow = Follow(Followed("ICCDial"))
    yield follow
    follow.close()


def moved(follow, **changes):
    values = follow.values
    for name, value in changes.items():
        values = follow.taken(name, value, values)
    return [json.loads(text)["picture"] if text else [] for text in follow.move(values)]


def test_a_move_is_said_as_a_stage_says_it_in_few_bytes(follow):
    wall, phone = moved(follow, icc=0.5)
    for said in (wall, phone):
        assert [set(one) for one in said] == [{"_change", "alt", "status"}]
        assert len(json.dumps(said)) < 4000
    assert follow.values["icc"] == 0.5
    widget = follow.phone.widget
    assert f"ICC {widget.results['icc']:.2f}" in widget.view.cut.get_text()
    assert wall[0]["status"].endswith("by REML.")


def test_who_comes_later_sees_what_the_others_see(follow):
    moved(follow, icc=0.7)
    state = json.loads(follow.phone.whole())["picture"][0]
    (said,) = moved(follow, icc=0.2)[1]
    assert said["_change"]["base"] == state["_scene"]["version"]
    assert state["_film"] is None
    assert state["_source"] == "scene"


def test_the_same_setting_again_says_nothing(follow):
    moved(follow, icc=0.4)
    assert moved(follow, icc=0.4) == [[], []]


def test_controls_are_those_that_matter_now(follow):
    names = [one["name"] for one in follow.controls()]
    assert names == list(follow.wall.widget.shown(follow.values))
    kinds = {one["name"]: one["kind"] for one in follow.controls()}
    assert (kinds["icc"], kinds["method"], kinds["seed"]) == ("number", "choice", "seed")


@pytest.mark.parametrize(
    ("name", "value"), [("icc", "0.5"), ("icc", None), ("icc", True), ("x", 1)]
)
def test_what_no_control_says_is_refused(follow, name, value):
    with pytest.raises(HLMError, match="nothing of that name"):
        follow.taken(name, value, follow.values)


@pytest.mark.parametrize(("value", "taken"), [(9e99, 0.95), (-4, 0.0), (0.12345, 0.12)])
def test_a_number_is_taken_as_its_slider_would(follow, value, taken):
    assert follow.taken("icc", value, follow.values)["icc"] == taken


@pytest.mark.parametrize(("value", "taken"), [(0, "REML"), (1.0, "ML"), (7, "ML"), (-1, "REML")])
def test_a_choice_is_taken_by_its_place(follow, value, taken):
    control = follow.wall.widget.controls["method"]
    chosen = understood(control, described(control, control.value), value)
    texts = [one[0] if isinstance(one, tuple) else one for one in control.options]
    values = [one[1] if isinstance(one, tuple) else one for one in control.options]
    assert texts[values.index(chosen)] == taken


def test_a_new_sample_is_the_next_seed(follow):
    seed = follow.values["seed"]
    assert follow.taken("seed", None, follow.values)["seed"] == seed + 1
    assert follow.taken("seed", 3, follow.values)["seed"] == 3


def test_phones_that_are_let_loose_have_states_for_their_own_controls(follow):
    told = json.loads(gzip.decompress(follow.loose()))
    assert [knob["label"] for knob in told["knobs"]]
    assert len(told["settings"]) == len(told["state"]["_table"]["steps"])
    cuts = set(re.findall(r"ICC 0\.\d\d", json.dumps(told["state"]["_table"]["looks"])))
    assert len(cuts) > len(told["settings"]) / 2  # each picture shows its own numbers
    assert len(follow.loose()) < 100_000
    assert follow.loose() is follow.loose()


def test_a_room_moves_what_is_open_and_remembers_it(store):
    room = Room(store, widget="ICCDial")
    with pytest.raises(RefusedError, match="nothing to move"):
        room.move({"icc": 0.5})
    assert room.make_picture()
    assert not room.make_picture()
    room.move({"icc": 0.5, "seed": None})
    with pytest.raises(RefusedError, match="nothing of that name"):
        room.move({"icc": "high"})
    with pytest.raises(RefusedError, match="nothing to answer"):
        room.hear("a voice", {"key": room.now.key, "round": 0, "value": True})
    wall = room.wall()
    assert wall["title"] == widgets.ICCDial.title
    room.follow.close()
    again = Room(store, widget="ICCDial")
    again.make_picture()
    assert again.wall() == wall
    again.follow.close()


def test_letting_loose_and_bringing_back_is_told_to_phones(store):
    room = Room(store, widget="ICCDial")
    for on in (True, False):
        room.teach({"do": "loose", "on": on})
        assert room.phone("a voice")["loose"] is on
        assert room.wall()["loose"] is on
    room.teach({"do": "loose", "on": True})
    room.teach({"do": "open", "key": "study-alarms"})
    room.teach({"do": "open", "key": "follow-1"})
    assert not room.phone("a voice")["loose"]
