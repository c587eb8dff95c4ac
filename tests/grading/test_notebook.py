import json
from dataclasses import replace

import pytest

from hlmteach.course.handout import shipped_lessons
from hlmteach.exercises.record import MIME, Record
from hlmteach.grading.collect import sum_up
from hlmteach.grading.notebook import Handed, NotANotebook, read_notebook


def write(tmp_path, values):
    path = tmp_path / "x.ipynb"
    path.write_text(values if isinstance(values, str) else json.dumps(values))
    return path


def record(answer, turn=1, exercise="08-1"):
    return Record(exercise, answer=answer, turn=turn).as_dict()


def with_records(in_output=None, in_metadata=None):
    outputs = [{"output_type": "display_data", "data": {MIME: in_output}}] if in_output else []
    answers = {in_metadata["exercise"]: in_metadata} if in_metadata else {}
    return {
        "cells": [{"cell_type": "code", "source": ["a\n", "b"], "outputs": outputs}],
        "metadata": {"hlmteach": {"answers": answers}},
    }


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "not JSON"),
        ("", "not JSON"),
        ("\x89PNG", "not JSON"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", "no notebook"),
        ("{}", "no notebook"),
        ('{"cells": 3}', "no notebook"),
        ({"cells": [{"cell_type": "code", "source": "x" * 3_000_000}]}, "more code"),
    ],
)
def test_what_is_no_notebook_is_said(tmp_path, content, reason):
    with pytest.raises(NotANotebook, match=reason):
        read_notebook(write(tmp_path, content))


@pytest.mark.parametrize(
    "cells",
    [
        [None, 3, "x", []],
        [{"cell_type": "code", "source": 3, "outputs": 3}],
        [{"cell_type": "code", "source": [1, None], "outputs": [None, {"data": 3}]}],
        [{"cell_type": "code", "outputs": [{"data": {MIME: {"exercise": 3}}}]}],
    ],
)
def test_odd_cells_do_no_harm(tmp_path, cells):
    handed = read_notebook(write(tmp_path, {"cells": cells, "metadata": 3}))
    assert handed.saved == {}
    assert set(handed.cells) <= {""}


def test_code_and_answers_are_read(tmp_path):
    handed = read_notebook(write(tmp_path, with_records(record(2), record(3, 1, "08-2"))))
    assert handed.cells == ("a\nb",)
    assert {name: kept.answer for name, kept in handed.saved.items()} == {"08-1": 2, "08-2": 3}


@pytest.mark.parametrize(("older", "newer"), [("output", "metadata"), ("metadata", "output")])
def test_the_later_answer_counts_wherever_it_is(tmp_path, older, newer):
    records = {older: record(2, turn=3), newer: record(3, turn=4)}
    values = with_records(records["output"], records["metadata"])
    assert read_notebook(write(tmp_path, values)).saved["08-1"].answer == 3


@pytest.mark.parametrize(
    ("cell", "hands"),
    [
        ("ex.answer = 3", True),
        ("ex . answer=3", True),
        ("hlm.exercise('08-1').check(3)", True),
        ("setattr(ex, 'answer', 3)", True),
        ("hlm.exercise('08-1')", False),
        ("hlm.widgets.Predict('How many?', answer=3)", False),
        ("answers = data['answer']", False),
    ],
)
def test_only_code_that_hands_in_needs_a_run(cell, hands):
    assert Handed(("import hlmteach as hlm", cell), {}).hands_in == hands


def merged(saved, ran):
    """The record of 08-1 when the file has saved one and the run hands in another."""
    lines = [{"saved": [saved.as_dict()]}, {"ran": ran.as_dict()}, {"done": True}]
    return sum_up([json.dumps(line).encode() for line in lines], "", []).records["08-1"]


def test_a_typed_answer_stands_whatever_code_hands_in():
    typed = Record("08-1", answer="3", origin="widget", attempts=2)
    coded = Record("08-1", answer=2, origin="code", attempts=1)
    assert merged(typed, coded) == typed
    assert merged(coded, replace(coded, answer=1)).answer == 1


def test_what_code_hands_in_now_stands_for_what_it_once_did():
    once = Record("08-1", answer=2, origin="code", attempts=4)
    now = replace(once, answer=3, attempts=1)
    assert merged(once, now) == replace(now, attempts=4)
    assert merged(once, replace(now, answer=None)) == once


# -- cells of another type, old formats ------------------------------------------------------------


def test_an_answer_in_a_cell_that_is_no_code_is_named(tmp_path):
    cells = [
        {"cell_type": "markdown", "source": "Write `hlm.exercise('08-1').answer = 3` below."},
        {"cell_type": "markdown", "source": ["ex = hlm.exercise('08-1')\n", "ex.answer = 3"]},
        {"cell_type": "raw", "source": "hlm.exercise('08-2').answer = 4"},
        {"cell_type": "code", "source": "hlm.exercise('08-2').answer = 4"},
    ]
    path = tmp_path / "x.ipynb"
    path.write_text(json.dumps({"cells": cells}))
    assert read_notebook(path).notes == (
        "an answer in cell 2 of the notebook, which is no code cell",
        "an answer in cell 3 of the notebook, which is no code cell",
    )


def test_no_lesson_that_is_handed_out_looks_like_that():
    for lesson in shipped_lessons():
        assert read_notebook(lesson).notes == ()


def test_an_old_format_is_read_and_named(tmp_path):
    cells = [{"cell_type": "code", "input": ["x = 1\n", "x"], "outputs": [], "language": "python"}]
    path = tmp_path / "x.ipynb"
    path.write_text(json.dumps({"nbformat": 3, "worksheets": [{"cells": cells}]}))
    handed = read_notebook(path)
    assert handed.cells == ("x = 1\nx",)
    assert handed.notes == ("an old notebook format: read, look at it",)


@pytest.mark.parametrize("book", [{"worksheets": 3}, {"worksheets": [3, {"cells": 3}]}, {}])
def test_sheets_without_cells_are_no_notebook(tmp_path, book):
    path = tmp_path / "x.ipynb"
    path.write_text(json.dumps(book))
    with pytest.raises(NotANotebook):
        read_notebook(path)
