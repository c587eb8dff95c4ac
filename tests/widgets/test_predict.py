import pytest

import hlmteach as hlm
from hlmteach.errors import HLMError
from tests.open_widgets import open_widgets


@pytest.fixture
def ask():
    made = []

    def make(*args, **kwargs):
        made.append(hlm.widgets.Predict(*args, **kwargs))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_the_truth_waits_for_the_guess(ask):
    calls = []
    question = ask(
        "How many?", lambda: calls.append(1) or 0.87, low=0, high=1, digits=2, because="So many."
    )
    assert question.state == {"guess": 0.5, "committed": False}
    assert (question.verdict, question.results, calls) == ("", {}, [])
    question.control.value = 0.3
    question.commit.click()
    assert question.state == {"guess": 0.3, "committed": True}
    assert question.results == {"guess": 0.3, "truth": 0.87}
    assert question.verdict == "You said 0.30, it is 0.87. So many."
    assert question.line.marks == [0.3, 0.87]
    assert question.line.texts == ["you: 0.30", "0.87"]
    assert question.control.disabled


def test_a_guess_is_made_once(ask):
    question = ask("How many?", 3, high=10)
    question.guess(5)
    with pytest.raises(HLMError, match="a guess already"):
        question.guess(3)
    question.reset()
    assert (question.results, question.verdict, question.line.marks) == ({}, "", [])
    question.guess(3)
    assert question.results == {"guess": 3.0, "truth": 3.0}


def test_the_line_reaches_a_truth_beyond_its_end(ask):
    question = ask("How many?", -4, low=0, high=10, unit="points")
    question.guess(1)
    assert question.line.span == (-4.0, 10.0)
    assert question.verdict == "You said 1 points, it is −4 points."


def test_options_instead_of_a_number(ask):
    question = ask("Which way?", "up", options=["up", "down"])
    assert question.commit.disabled
    question.control.value = "down"
    assert not question.commit.disabled
    question.commit.click()
    assert question.results == {"guess": 1.0, "truth": 0.0}
    assert question.verdict == "You said: down. It is: up."
    assert question.line.marks == []


def test_a_right_option_is_said_once(ask):
    question = ask("Is it?", "yes, it is", options=["yes, it is", "no"], because="So it is.")
    question.guess("yes, it is")
    assert question.verdict == "Right: yes, it is. So it is."


def test_an_answer_that_is_no_option_is_named():
    with pytest.raises(HLMError, match="answer='left' is not among the options 'up', 'down'"):
        hlm.widgets.Predict("Which way?", "left", options=["up", "down"])


def test_the_question_is_text_not_html(ask):
    question = ask("Is sd < 1?", 1)
    assert "sd &lt; 1" in question.children[0].value


def test_large_type(ask):
    assert "hlm-present" in ask("How many?", 1, present=True)._dom_classes


def test_closing_leaves_nothing():
    before = set(open_widgets())
    question = hlm.widgets.Predict("How many?", 1)
    question.close()
    left = [type(one).__name__ for key, one in open_widgets().items() if key not in before]
    assert left == []
