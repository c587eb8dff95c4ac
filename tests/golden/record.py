"""Make the records: what a widget computes, and each student's data and key.

Each part is a function of a name, and none needs another: `widget`, `exercises`.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

import hlmteach as hlm
from hlmteach.exercises.bank import QUESTIONS
from hlmteach.exercises.draws import sample_of
from hlmteach.exercises.students import PRACTICE, identify
from hlmteach.widgets import HOMES
from tests.unpainted import without_pictures

HERE = Path(__file__).parent
STUDENTS = [PRACTICE, *(identify(f"student {number}") for number in range(20))]


def names() -> list[str]:
    """Every record there is to be: a kind and a name."""
    widgets = sorted(set(HOMES) - {"Predict"})
    asked = sorted({question.lesson for question in QUESTIONS.values()})
    return [
        *(f"widgets/{name}" for name in widgets),
        *(f"exercises/{lesson}" for lesson in asked),
    ]


def make(name: str):
    """Make one record: dicts and lists of numbers and texts."""
    kind, _, which = name.partition("/")
    makers = {"widgets": widget, "exercises": exercises}
    return makers[kind](which)


# -- widgets: the numbers of every preset -------------------------------------------------------


def widget(name: str) -> dict:
    """Give the numbers that a widget computes in each of its presets."""
    kind = getattr(hlm.widgets, name)
    with without_pictures():
        return {preset: results(kind(preset)) for preset in kind.presets}


def results(made) -> dict:
    found = made.results
    made.close()
    return found


# -- exercises: each student's data and key -----------------------------------------------------


def exercises(number: str) -> dict:
    """Give a lesson's keys and data for the practice data and for twenty students."""
    asked = [question for question in QUESTIONS.values() if question.lesson == number]
    return {question.id: question_of_all(question) for question in asked}


def question_of_all(question) -> dict:
    return {student.id or "practice": question_of(question, student) for student in STUDENTS}


def question_of(question, student) -> dict:
    sample = sample_of(question, student)
    return {"key": question.key(sample), "data": digest(sample.frame)}


def digest(frame: pd.DataFrame) -> dict:
    """A few sums by which each column is known, so that no student's data change unseen."""
    return {name: column_digest(frame[name]) for name in frame.columns}


def column_digest(column) -> list:
    if pd.api.types.is_numeric_dtype(column):
        values = column.to_numpy(float)
    else:
        values = np.array([sum(map(ord, str(value))) for value in column], float)
    known = np.nan_to_num(values, nan=-99.0)
    weights = np.arange(1, len(known) + 1) / len(known)
    return [len(known), float(known[0]), float(known.sum()), float(known @ weights)]


# -- on paper: texts, which repeat from state to state, are written once ------------------------


def pack(record) -> str:
    """Write a record as JSON: a list of its distinct texts, and the rest with their places."""
    texts: dict[str, int] = {}

    def packed(part):
        if isinstance(part, str):
            return f"#{texts.setdefault(part, len(texts))}"
        if isinstance(part, dict):
            return {key: packed(value) for key, value in part.items()}
        if isinstance(part, list | tuple):
            return [packed(value) for value in part]
        return part

    record = packed(record)
    top = ",\n".join(f"{json.dumps(k, ensure_ascii=False)}: {_lines(v)}" for k, v in record.items())
    listed = ",\n".join(json.dumps(text, ensure_ascii=False) for text in texts)
    return f'{{"texts": [\n{listed}\n], "record": {{\n{top}\n}}}}\n'


def _lines(part) -> str:
    if not isinstance(part, dict):
        return json.dumps(part, ensure_ascii=False)
    form = {"ensure_ascii": False, "separators": (",", ":")}
    inner = ",\n".join(
        f" {json.dumps(k, **form)}: {json.dumps(v, **form)}" for k, v in part.items()
    )
    return f"{{\n{inner}\n}}"


def unpack(text: str):
    """Read a record as `pack` wrote it."""
    both = json.loads(text)
    texts = both["texts"]

    def unpacked(part):
        if isinstance(part, str):
            return texts[int(part[1:])]
        if isinstance(part, dict):
            return {key: unpacked(value) for key, value in part.items()}
        return [unpacked(value) for value in part] if isinstance(part, list) else part

    return unpacked(both["record"])


def path(name: str) -> Path:
    """Where a record is kept."""
    return HERE / f"{name}.json"


if __name__ == "__main__":
    for name in sys.argv[1:] or names():
        path(name).parent.mkdir(exist_ok=True)
        path(name).write_text(pack(make(name)), encoding="utf-8")
        print(name, flush=True)
