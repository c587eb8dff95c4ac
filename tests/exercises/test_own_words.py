"""An exercise in one's own words: written in a bank, kept, shown beside a model answer, ticked."""

import json
import re
from pathlib import Path

import pytest

import hlmteach as hlm
from hlmteach.cli import main
from hlmteach.exercises.desk import clear_desk, find_question
from hlmteach.exercises.judge import check
from hlmteach.exercises.numbers import AnswerError, BankError
from hlmteach.exercises.own_words import OwnWords, visible
from hlmteach.exercises.proof import check_bank
from hlmteach.exercises.record import Record, read_record
from hlmteach.exercises.students import identify
from hlmteach.widgets.exercise import ExerciseCard, tally

DOCS = (Path(__file__).parents[2] / "docs" / "exercises.md").read_text(encoding="utf-8")
BANK = """
[define]
slope = "s.fit('Satisfaction ~ NPD + (1 | Time)').fixef['NPD']"

[[question]]
id = "own-1"
title = "What the slope says"
text = "Say in one or two sentences what the slope of `NPD` means."
answer = { words = ["more `NPD`, less satisfaction", "how much per point", "at the same time"] }
solution = "With one point more of NPD, satisfaction is {slope:.2f} higher at the same time."

[[question]]
id = "own-2"
title = "How many rows"
text = "How many rows has `ex.data`?"
answer = { number = "len(data)", decimals = 0, tolerance = 0.5 }
hints = ["Ask `len`."]
solution = "{len(data)}"
mistakes = { "columns" = ["len(data.columns)", "Those are columns."] }
"""
SAID = "Who has more of it is less satisfied,\nby 0.3 a point."


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    clear_desk()
    monkeypatch.chdir(tmp_path)
    Path("own.toml").write_text(BANK, encoding="utf-8")
    yield tmp_path
    clear_desk()


@pytest.fixture
def ex():
    return hlm.exercise("own-1", bank="own.toml")


# -- in a bank -------------------------------------------------------------------------------------


def test_a_bank_with_it_is_well_and_listed(capsys):
    assert check_bank("own.toml", [identify("anna"), identify("bo")]) == []
    assert main(["exercises", "list", "own.toml"]) == 0
    assert "| own-1 | What the slope says | own words | couples |" in capsys.readouterr().out


def test_the_example_of_the_docs_is_well():
    examples = re.findall(r"```toml\n(.*?)```", DOCS, re.DOTALL)
    hlm.load("sleepstudy").to_csv("sleep.csv", index=False)
    Path("mine.toml").write_text("\n".join(examples), encoding="utf-8")
    assert check_bank("mine.toml", [identify("anna")]) == []
    assert find_question("mine-4", "mine.toml").kind.name == "words"


def test_it_earns_no_points(ex):
    assert (ex.question.points, ex.question.mistakes) == (0, ())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('["more `NPD`, less satisfaction", "how much per point", "at the same time"]',
         "[]", "Words are 1 to 5 points"),
        ('"at the same time"]', '"b", "c", "d", "e"]', "Words are 1 to 5 points"),
        ('"at the same time"]', '" "]', "Words are 1 to 5 points"),
        ('"at the same time"]', "3]", "Words are 1 to 5 points"),
        ('same time"] }', 'same time"], decimals = 2 }', "has no 'decimals'"),
        ('same time"] }', 'same time"] }\npoints = 2', "they earn no points"),
        ('same time"] }', 'same time"] }\nmistakes = { a = ["x", "y"] }', "have no mistakes"),
        ('same time"] }', 'same time"] }\noptions = ["x", "y"]', "Options go with"),
        ("{slope:.2f}", "{slop:.2f}", "Did you mean `slope`?"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_it_is_said(old, new, said):
    assert BANK.count(old) == 1
    Path("own.toml").write_text(BANK.replace(old, new), encoding="utf-8")
    with pytest.raises(BankError, match="question own-1") as error:
        find_question("own-1", "own.toml")
    assert said in str(error.value)


# -- in Python -------------------------------------------------------------------------------------


def test_the_model_answer_waits_for_one_s_own(ex):
    assert ex.solution() == "The model answer is shown when you have written yours."
    with pytest.raises(hlm.HLMError, match="nothing to tick yet"):
        ex.tick("a")
    ex.answer = SAID
    said = ex.check()
    assert (said.status, said.points, said.is_right, said.is_done) == ("written", 0, False, True)
    assert "compare it with the model answer" in said.text
    assert (ex.attempts, ex.solved, ex.answer) == (0, True, SAID)
    assert "satisfaction is" in ex.solution()
    assert "[ ] b) how much per point" in repr(ex)
    assert tally(ex) == "own: 1 of 2 solved"


@pytest.mark.parametrize("empty", ["", "  \n ", "\u200b\x00", None])
def test_an_empty_answer_is_blank_and_shows_nothing(ex, empty):
    ex.answer = empty
    assert ex.check().status == "blank"
    assert not ex.may_see_solution


def test_ticks_are_kept_and_travel(ex):
    ex.check(SAID)
    assert "[x] c) at the same time" in ex.tick("c, a")
    assert ex.record.ticks == "ac"
    with pytest.raises(hlm.HLMError, match="'d' is none of the options"):
        ex.tick("d")
    kept = read_record(json.loads(json.dumps(ex.record.as_dict())))
    clear_desk()
    again = hlm.exercise("own-1", bank="own.toml")
    again.restore(kept)
    assert (again.answer, again.record.ticks, again.feedback.status) == (SAID, "ac", "written")
    again.answer = SAID + " Always."
    assert again.record.ticks == "ac", "a mended sentence keeps its ticks"
    assert "[ ] a)" in again.tick("")


def test_an_answer_by_code_takes_up_earlier_ticks(ex):
    ex.check(SAID)
    past = Record("own-1", "", ex.student.mark, SAID, "code", ticks="b")
    ex.restore(past)
    assert ex.record.ticks == "b"


@pytest.mark.parametrize("answer", [3, True, ["a", "b"], {"a": 1}, "x" * 2001])
def test_what_are_no_sentences_is_said(ex, answer):
    said = ex.check(answer)
    assert said.status == "malformed"
    assert "sentences" in said.text or "characters long" in said.text
    assert not ex.may_see_solution


def test_only_this_kind_takes_a_long_text(ex):
    ex.answer = "x" * 2000
    assert ex.answer == "x" * 2000
    short = hlm.exercise("own-2", bank="own.toml")
    assert "301 characters long" in short.check("x" * 301).text
    assert short.answer is None
    assert check(short.question, short.sample, "7" * 301).status == "malformed"


def test_nothing_unseen_is_shown():
    assert OwnWords(points=("a",)).read("a\x1b[2J\r\nb\ud800\u202ec\t d ") == "a[2J\nbc  d"
    assert visible("naïve 👩‍👧 شكرا") == "naïve 👩‍👧 شكرا"
    with pytest.raises(AnswerError):
        OwnWords(points=("a",)).read(None)


# -- the card --------------------------------------------------------------------------------------


def test_the_card_keeps_shows_and_ticks(ex):
    card = ExerciseCard(ex)
    assert (card.kind, list(card.rubric), card.longest) == ("words", ["a", "b", "c"], 2000)
    press(card, verb="keep", answer=SAID)
    assert (card.record["answer"], card.solution) == (SAID, "")
    press(card, verb="check", answer=SAID)
    assert card.status == "written"
    assert card.solution.startswith("With one point more")
    press(card, verb="tick", ticks="bc")
    assert (card.record["ticks"], card.record["origin"]) == ("bc", "widget")
    card.close()


def press(card, **message):
    card._handle_custom_msg(message, [])
    card.refresh()
