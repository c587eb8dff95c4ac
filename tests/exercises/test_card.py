"""The card without a browser: what its buttons do, and what stays in the notebook's file."""

import json

import pytest

import hlmteach as hlm
from hlmteach.exercises.desk import clear_desk
from hlmteach.exercises.record import MIME, Record, read_record
from hlmteach.widgets.exercise import ExerciseCard, notebook_path, records_in, tally, typed


@pytest.fixture(autouse=True)
def _clear():
    clear_desk()
    yield
    clear_desk()


@pytest.fixture
def card():
    made = ExerciseCard(hlm.exercise("08-1"))
    yield made
    made.close()


def press(card, verb, answer):
    card._handle_custom_msg({"verb": verb, "answer": answer}, [])
    card.refresh()


def test_check_judges_and_counts(card):
    press(card, "check", "2")
    assert (card.status, card.record["attempts"]) == ("mistake", 1)
    assert card.feedback.startswith("One short")
    press(card, "check", "2")
    assert card.record["attempts"] == 1
    press(card, "check", "three")
    assert (card.status, card.record["attempts"]) == ("malformed", 1)
    press(card, "check", " 3 ")
    assert (card.status, card.record["attempts"]) == ("right", 2)
    assert card.record["origin"] == "widget"
    assert card.tally == "2 attempts · Lesson 08: 0 of 4 solved"


def test_an_answer_is_kept_without_a_check(card):
    press(card, "keep", "6")
    assert card.record["answer"] == "6"
    assert card.status == ""
    assert card.record["attempts"] == 0


def test_hints_and_solution_wait_for_their_turn(card):
    press(card, "hint", "")
    assert len(card.hints) == 1
    press(card, "solution", "")
    assert not card.may_see_solution
    assert "after 3 attempts" in card.solution
    press(card, "check", "3")
    press(card, "solution", "3")
    assert card.may_see_solution
    assert card.solution.startswith("k = 3")


def test_an_answer_from_code_shows_on_the_card(card):
    ex = hlm.exercise("08-1")
    ex.answer = 2
    ex.check()
    card.refresh()
    assert (card.record["answer"], card.record["origin"], card.status) == (2, "code", "mistake")
    press(card, "check", "2")
    assert card.record["origin"] == "code", "nothing new was typed"


def test_what_the_notebook_kept_is_taken_up(card):
    kept = Record(
        "08-1", "", hlm.exercise("08-1").student.mark, "k = 3", "widget", 4, 1, True, "right", 9
    )
    card.recalled = kept.as_dict()
    assert card.status == "right"
    assert card.record == kept.as_dict()
    assert len(card.hints) == 1


@pytest.mark.parametrize("values", [{"exercise": "08-2", "answer": 3}, {"answer": 3}, {"x": [1]}])
def test_what_is_not_this_card_s_is_not(card, values):
    card.recalled = values
    assert card.record["answer"] is None


@pytest.mark.parametrize(
    ("answer", "shown"),
    [(None, ""), (3, "3"), ("a", "a"), (["a"], ["a"]), ({"loglik": -3.14159}, "-3.14")],
)
def test_answers_are_shown_as_they_would_be_typed(answer, shown):
    assert typed(answer) == shown


@pytest.mark.parametrize("name", ["07-3", "01-1", "03-3", "04-4", "07-1"])
def test_every_kind_has_a_card(name):
    exercise = hlm.exercise(name)
    card = ExerciseCard(exercise)
    assert card.kind == exercise.question.kind.name
    assert bool(card.options) == (card.kind in ("choice", "choices"))
    assert bool(card.controls) == (card.kind == "state")
    card.close()


def test_the_tally_names_the_student():
    hlm.student("anna")
    ex = hlm.exercise("08-1")
    ex.check(3)
    hlm.student("bo")
    assert tally(ex) == "1 attempt · Lesson 08: 0 of 4 solved · anna"


def test_a_widget_can_be_handed_in():
    ex = hlm.exercise("03-3")
    explorer = hlm.widgets.EquationExplorer()
    explorer.set(beta_0=2.4, beta_1=0.35, u_j=0.6)
    ex.answer = explorer
    assert ex.check().mistake == "sign of u_j"
    explorer.set(u_j=-0.6)
    ex.answer = explorer
    assert ex.check().is_right
    explorer.close()


# -- the notebook's file -----------------------------------------------------------------------


class Shell:
    def __init__(self, **names):
        self.user_ns = names


def test_the_file_is_the_one_that_jupyter_names(tmp_path, monkeypatch):
    path = tmp_path / "x.ipynb"
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    assert notebook_path(Shell()) is None
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    assert notebook_path(Shell()) is None
    path.write_text("{}")
    assert notebook_path(Shell()) == path
    monkeypatch.setenv("JPY_SESSION_NAME", "a-console-and-no-notebook")
    assert notebook_path(Shell()) is None
    monkeypatch.delenv("JPY_SESSION_NAME")
    assert notebook_path(Shell(__vsc_ipynb_file__=str(path))) == path


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": 3}', '{"cells": [3]}', '{"cells": []}'])
def test_a_file_that_is_none_holds_nothing(tmp_path, text):
    path = tmp_path / "x.ipynb"
    path.write_text(text)
    assert records_in(path) == []
    assert records_in(None) == []


@pytest.mark.slow
def test_a_kernel_keeps_and_finds_answers_in_the_file(tmp_path):
    """Without a front end: the output of the first run is what the second one starts from."""
    import nbformat
    from nbclient import NotebookClient

    path = tmp_path / "x.ipynb"
    name = f"import os; os.environ['JPY_SESSION_NAME'] = {str(path)!r}\nimport hlmteach as hlm"
    first = [name, 'ex = hlm.exercise("08-1")\nex', "ex.answer = 2\nex.check()"]
    second = [name, 'ex = hlm.exercise("08-1")\nprint(ex.answer, ex.attempts, ex.feedback)']
    for cells in (first, second):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
        NotebookClient(notebook, kernel_name="python3", timeout=60).execute()
        if cells is first:
            nbformat.write(notebook, path)
    outputs = [o for cell in json.loads(path.read_text())["cells"] for o in cell["outputs"]]
    kept = [read_record(o["data"][MIME]) for o in outputs if MIME in o.get("data", {})]
    assert [record.answer for record in kept] == [2, 2]
    assert "One short" in notebook.cells[1].outputs[0].text
    assert notebook.cells[1].outputs[0].text.startswith("2 1 ")
