"""docs/exercises.md says what is so."""

import re
from pathlib import Path

import pytest

from hlmteach.exercises.bank import QUESTIONS
from hlmteach.exercises.command import exercise_table
from hlmteach.exercises.kinds import Numeric
from hlmteach.exercises.numbers import AnswerError
from hlmteach.exercises.own_data import ALLOWED as OF_DATA
from hlmteach.exercises.reading import ALLOWED
from hlmteach.exercises.words import name_list

TEXT = (Path(__file__).parents[2] / "docs" / "exercises.md").read_text(encoding="utf-8")


def test_every_exercise_is_listed():
    assert TEXT.endswith(f"## The list\n\n{exercise_table(QUESTIONS.values())}\n")
    assert TEXT.startswith(f"# Exercises\n\n{len(QUESTIONS)} exercises")


def test_the_words_of_an_expression_are_listed():
    assert f"<!-- names: hlmteach exercises names -->\n{name_list()}\n<!--" in TEXT


def test_the_keys_of_a_bank_are_listed():
    for key in (*ALLOWED, *OF_DATA):
        assert re.search(rf"^\|.*`{key}`", TEXT, re.MULTILINE), key


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
