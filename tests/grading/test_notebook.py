import json

import pytest

from hlmteach.exercises.record import MIME, Record
from hlmteach.grading.notebook import Handed, NotANotebook, read_notebook
from hlmteach.grading.runner import hands_in


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
    assert hands_in(Handed(("import hlmteach as hlm", cell), {})) == hands
