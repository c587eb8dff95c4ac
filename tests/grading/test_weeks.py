import csv
import json

import pytest

from hlmteach.errors import HLMError
from hlmteach.grading import tables
from hlmteach.grading.weeks import write_weeks
from tests.grading.people import entries, graded, handed_in


def run(folder, title, *files, members=()):
    folder.mkdir()
    people = graded(*files, members=members).values()
    tables.write_grades(folder / "grades.csv", entries(people))
    (folder / "summary.json").write_text(json.dumps({"title": title}))
    return folder


def test_weeks_stand_side_by_side(tmp_path):
    anna, bo = handed_in("anna.ipynb", "anna"), handed_in("<bo>.ipynb", "bo", k=2)
    first = run(tmp_path / "w1", "Lesson 7", anna, bo)
    second = run(tmp_path / "w2", "Lesson 8", anna)
    page, table = write_weeks([first / "grades.csv", second], tmp_path / "weeks.html")
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows == [
        {"student": "anna", "name": "anna", "Lesson 7": "100", "Lesson 8": "100", "mean": "100"},
        {"student": "bo", "name": "<bo>", "Lesson 7": "50", "Lesson 8": "", "mean": "50"},
    ]
    text = page.read_text()
    assert "<bo>" not in text
    assert text.count("<svg") == 3
    assert "the class: median" in text


def test_equal_titles_are_told_apart(tmp_path):
    runs = [run(tmp_path / n, "hlmteach", handed_in("a.ipynb", "a")) for n in ("w1", "w2")]
    _, table = write_weeks([*runs, runs[0]], tmp_path / "weeks.html")
    assert table.read_text("utf-8-sig").splitlines()[0] == "student,name,w1,w2,w1 (3),mean"


@pytest.mark.parametrize(
    "content", [None, "x,y\n1,2\n", "student,name,file,max,points\na,,f,x,1\n"]
)
def test_what_is_no_run_is_said(tmp_path, content):
    if content is not None:
        (tmp_path / "grades.csv").write_text(content)
    with pytest.raises(HLMError, match="of hlmteach grade"):
        write_weeks([tmp_path], tmp_path / "weeks.html")
