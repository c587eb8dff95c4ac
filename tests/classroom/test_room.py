import json
import math

import pytest

from hlmteach.classroom.record import record_csv, record_html
from hlmteach.classroom.room import LONGEST, MOST_VOICES, RefusedError, Room

NONSENSE = [
    {},
    {"key": None},
    {"key": [1], "round": {}, "value": []},
    {"key": "study-intervals"},
    {"key": "study-intervals", "round": "0", "value": 1},
    {"key": "study-intervals", "round": -1, "value": True},
    {"key": "study-intervals", "round": 10**400, "value": True},
]


@pytest.mark.parametrize("message", NONSENSE)
def test_what_is_no_answer_is_refused_and_changes_nothing(room, message):
    before = room.wall()
    with pytest.raises(RefusedError, match="moved on"):
        room.hear(room.voice("x" * 16), message)
    assert room.wall() == before


@pytest.mark.parametrize("value", [None, "70", True, [70], {"a": 1}, math.nan])
def test_what_is_no_number_is_no_guess(lesson_room, answer, value):
    with pytest.raises(RefusedError, match="A guess is a number"):
        answer(lesson_room, value)
    assert lesson_room.wall()["count"] == 0


@pytest.mark.parametrize("value", [math.inf, 10**400, 1e300])
def test_a_guess_beyond_the_line_stands_at_its_end(lesson_room, answer, value):
    answer(lesson_room, value)
    lesson_room.teach({"do": "show", "on": True})
    assert lesson_room.wall()["answers"] == [lesson_room.now.about["high"]]


@pytest.mark.parametrize("value", ["", "x" * (LONGEST + 1), 3, None, "two\nlines", "\ud800", "\0"])
def test_what_is_no_text_of_one_line_is_no_answer(lesson_room, answer, value):
    typed = [one for one in lesson_room.activities.values() if one.kind == "exercise"][-1]
    lesson_room.teach({"do": "open", "key": typed.key})
    with pytest.raises(RefusedError, match=f"at most {LONGEST} characters"):
        answer(lesson_room, value)


def test_an_option_is_one_of_those_offered(lesson_room, answer):
    choice = next(one for one in lesson_room.activities.values() if one.kind == "choice")
    lesson_room.teach({"do": "open", "key": choice.key})
    for value in ("another", 0, ["yes, it is"], None):
        with pytest.raises(RefusedError, match="Choose one"):
            answer(lesson_room, value)
    answer(lesson_room, choice.about["options"][0])
    assert lesson_room.wall()["count"] == 1


def test_answers_are_hidden_until_the_teacher_shows_them(lesson_room, answer):
    answer(lesson_room, 70)
    assert "answers" not in lesson_room.wall()
    assert lesson_room.wall()["count"] == 1
    lesson_room.teach({"do": "show", "on": True})
    assert lesson_room.wall()["answers"] == [70.0]
    lesson_room.teach({"do": "show", "on": False})
    assert "answers" not in lesson_room.wall()


def test_the_truth_and_its_reason_come_when_told_to_wall_and_phones(lesson_room, answer):
    answer(lesson_room, 70)
    phone = lesson_room.voice("a token of sixteen")
    before = json.dumps([lesson_room.wall(), lesson_room.phone(phone)])
    because = lesson_room.now.about["because"]
    assert because not in before
    assert '"truth"' not in before
    lesson_room.teach({"do": "truth", "on": True})
    for seen in (lesson_room.wall(), lesson_room.phone(phone)):
        assert seen["truth"] == pytest.approx(lesson_room.truth())
        assert seen["because"] == because
    with pytest.raises(RefusedError, match="guesses are closed"):
        answer(lesson_room, lesson_room.truth())
    lesson_room.teach({"do": "again"})
    answer(lesson_room, 60)


def test_a_lesson_that_does_not_run_has_no_truths_but_can_be_asked(store, monkeypatch, answer):
    def fails(_):
        raise ZeroDivisionError("in cell 3")

    from hlmteach.classroom.command import find_lesson

    monkeypatch.setattr("hlmteach.classroom.room.truths", fails)
    room = Room(store, find_lesson("10"))
    room.run_lesson()
    room.wait_for_truths()
    answer(room, 70)
    with pytest.raises(RefusedError, match="does not run here: in cell 3"):
        room.teach({"do": "truth", "on": True})
    assert room.wall()["count"] == 1
    assert room.truth() is None


def test_one_phone_has_one_voice_however_often_it_answers(lesson_room, answer):
    for value in (10, 20, 30):
        answer(lesson_room, value)
    answer(lesson_room, 40, token="another phone's token")
    lesson_room.teach({"do": "show", "on": True})
    assert lesson_room.wall()["answers"] == [30.0, 40.0]


def test_an_answer_to_an_earlier_round_comes_too_late(room, answer):
    old = {"round": room.turn}
    room.teach({"do": "again"})
    with pytest.raises(RefusedError, match="moved on"):
        answer(room, True, **old)


def test_a_study_cannot_be_sent_with_numbers_of_ones_own(room, answer):
    answer(room, {"estimate": 99, "low": 98, "high": 100})
    (mark,) = room.wall()["marks"]
    assert 3 < mark["estimate"] < 7
    mine = room.phone(room.voice("a token of sixteen"))
    assert mine["numbers"]["estimate"] == mark["estimate"] == mine["mine"]["estimate"]


def test_settings_draw_everybody_anew(room, answer):
    answer(room, True)
    phone = room.voice("a token of sixteen")
    before = room.phone(phone)
    room.teach({"do": "set", "name": "groups", "value": 30})
    after = room.phone(phone)
    assert room.wall()["count"] == 0
    assert (before["round"], after["round"]) == (0, 1)
    assert after["numbers"] != before["numbers"]
    assert after["mine"] is None
    assert room.state["groups"] == 30
    assert room.state_of("study-intervals", 0)["groups"] == 3
    room.teach({"do": "again"})
    assert room.state["groups"] == 30


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"do": ["open"]},
        {"do": "drop table answers"},
        {"do": "open", "key": []},
        {"do": "open", "key": "guess-1"},
        {"do": "set", "name": {}, "value": 3},
        {"do": "set", "name": "groups", "value": 10**9},
        {"do": "set", "name": "groups", "value": [3]},
        {"do": "set", "name": "people", "value": 3},
    ],
)
def test_the_wall_can_do_only_what_it_can(room, message):
    before = room.wall()
    with pytest.raises(RefusedError):
        room.teach(message)
    assert room.wall() == before


def test_a_group_is_told_how_far_the_room_pulls_it(room, answer):
    room.teach({"do": "open", "key": "study-groups"})
    tokens = [f"a phone of number {k}" for k in range(5)]
    assert [answer(room, True, token=token) for token in tokens] == [True] * 5
    marks = room.wall()["marks"]
    assert room.phone(room.voice(tokens[2]))["pulled"] == marks[2]["pulled"]
    assert "pulled" not in room.phone(room.voice("one who has not answered"))


def test_a_group_may_have_a_name_which_is_in_no_file(room, store, answer):
    room.teach({"do": "open", "key": "study-groups"})
    answer(room, True)
    answer(room, True, token="one more phone here", name=" <b>Kai's bench ")
    assert room.wall()["names"] == ["", "<b>Kai's bench"]
    assert room.phone(room.voice("one more phone here"))["name"] == "<b>Kai's bench"
    kept = "".join(store._file.iterdump())
    assert "study-groups" in kept
    assert "Kai" not in kept + record_csv(room) + record_html(room)
    room.teach({"do": "again"})
    answer(room, True, token="one more phone here")
    assert room.wall()["names"] == [""]


@pytest.mark.parametrize(
    "name", [5, ["Kai"], "x" * 17, "two\nlines", "\u202eiaK", "\ud800", "K\u0301\u0301\u0301ai"]
)
def test_what_is_no_name_is_refused(room, answer, name):
    room.teach({"do": "open", "key": "study-groups"})
    with pytest.raises(RefusedError, match=r"at most 16 characters|pile up marks"):
        answer(room, True, name=name)
    assert room.wall()["count"] == 0


def test_names_stand_nowhere_where_one_can_be_wrong(lesson_room, answer):
    lesson_room.teach({"do": "open", "key": "study-groups"})
    answer(lesson_room, True, name="Kai")
    for key in lesson_room.activities.keys() - {"study-groups"}:
        lesson_room.teach({"do": "open", "key": key})
        lesson_room.teach({"do": "show", "on": True})
        seen = [lesson_room.wall(), lesson_room.phone(lesson_room.voice("a token of sixteen"))]
        assert "Kai" not in json.dumps(seen)


def test_common_mistakes_are_counted_right_first(lesson_room, answer):
    choice = next(
        one
        for one in lesson_room.activities.values()
        if one.kind == "exercise" and len(one.about["options"]) > 2
    )
    lesson_room.teach({"do": "open", "key": choice.key})
    for k, letter in enumerate("aaabbc"):
        answer(lesson_room, letter, token=f"a phone of number {k}")
    lesson_room.teach({"do": "show", "on": True})
    mistakes = lesson_room.wall()["mistakes"]
    assert sum(one["count"] for one in mistakes) == 6
    answer(lesson_room, {"status": "right", "mistake": ""}, token="a notebook of this room")
    counted = mistakes[0] | {"count": mistakes[0]["count"] + 1}  # with the option that it means
    assert lesson_room.wall()["mistakes"][0] == counted
    assert mistakes[0]["status"] == "right" or all(one["status"] != "right" for one in mistakes)
    assert all(one["text"] for one in mistakes)
    assert {one["said"] for one in mistakes} < set(choice.about["options"].values())


def test_a_full_room_takes_no_further_voice(room, answer, monkeypatch):
    monkeypatch.setattr("hlmteach.classroom.room.MOST_VOICES", 1)
    answer(room, True)
    with pytest.raises(RefusedError, match="full"):
        answer(room, True, token="one more phone here")
    answer(room, True)
    assert MOST_VOICES >= 300


def test_what_wall_and_phones_see_can_be_sent(lesson_room, answer):
    for key in lesson_room.activities:
        lesson_room.teach({"do": "open", "key": key})
        for verb in ("show", "truth"):
            lesson_room.teach({"do": verb, "on": True})
        json.dumps([lesson_room.wall(), lesson_room.phone("a voice")], allow_nan=False)


def test_a_restarted_room_goes_on_where_it_was(store, answer):
    first = Room(store)
    first.teach({"do": "open", "key": "study-alarms"})
    first.teach({"do": "set", "name": "icc", "value": 0.3})
    answer(first, True)
    assert Room(store).wall() == first.wall()
    voice = first.voice("a token of sixteen")
    assert Room(store).phone(voice) == first.phone(voice)
