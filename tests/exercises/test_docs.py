"""docs/exercises.md says what is so."""

import re
from pathlib import Path

import pytest

from hlmteach.exercises.bank import QUESTIONS
from hlmteach.exercises.kinds import Numeric
from hlmteach.exercises.numbers import AnswerError

TEXT = (Path(__file__).parents[2] / "docs" / "exercises.md").read_text(encoding="utf-8")


def test_every_exercise_is_listed():
    listed = re.findall(r"^\| (\d\d-\d+) \| (.*?) \|.*\| (\w+) \|$", TEXT, re.MULTILINE)
    assert listed == [(q.id, q.title, q.draw) for q in QUESTIONS.values()]
    assert TEXT.startswith(f"# Exercises\n\n{len(QUESTIONS)} exercises")


@pytest.mark.parametrize("row", re.findall(r"^\| (`.*?) \| (.*?) \|$", TEXT, re.MULTILINE))
def test_the_parser_reads_what_the_table_says(row):
    typed, read = row
    for text in re.findall(r"`([^`]+)`", typed):
        if re.match(r"-?\d", read):
            wanted = float(re.match(r"-?[\d.]+\d", read)[0])
            assert Numeric().read(text) == pytest.approx(wanted, abs=4e-4)
        elif read.startswith("either"):
            assert Numeric().readings(text) == [1.234, 1234.0]
        else:
            with pytest.raises(AnswerError):
                Numeric().read(text)
