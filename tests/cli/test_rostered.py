import csv
import json
import zipfile

import pytest

from hlmteach.cli import main
from hlmteach.course.handout import shipped_lessons
from hlmteach.exercises.desk import clear_desk
from hlmteach.exercises.students import identify, printed_code

CLASS = "Student,ID,SIS Login ID,Email\nLee,1,anna,a@x.org\nÜnï,2,bo/b,b@x.org\n"


@pytest.fixture
def roster(tmp_path):
    path = tmp_path / "class.csv"
    path.write_text(CLASS, encoding="utf-8")
    return path


def copy(roster, out, *more):
    return main(["lessons", "copy", "--roster", str(roster), str(out), *more])


def test_each_student_gets_lessons_that_run_as_theirs(roster, tmp_path, capsys):
    out = tmp_path / "out"
    assert copy(roster, out, "--secret", "spring", "--lesson", "7,08") == 0
    assert "2 students (with a code each), ids from 'SIS Login ID'" in capsys.readouterr().out
    (book,) = (out / "anna").glob("08_*.ipynb")
    assert len(list((out / "anna").iterdir())) == 2
    cells = json.loads(book.read_text("utf-8"))["cells"]
    lines = "\n".join("".join(cell["source"]) for cell in cells).splitlines()
    (line,) = (line for line in lines if line.startswith("hlm.student("))
    assert lines[lines.index(line) - 1] == "import hlmteach as hlm"
    clear_desk()
    import hlmteach as hlm

    assert eval(line, {"hlm": hlm}) == identify("anna", printed_code("anna", "spring"))
    clear_desk()


def test_a_filled_in_lesson_differs_in_that_line_alone(roster, tmp_path):
    copy(roster, tmp_path / "out")
    for shipped in shipped_lessons():
        ours = json.loads((tmp_path / "out" / "anna" / shipped.name).read_text("utf-8"))
        before, after = (json.dumps(b, indent=1) for b in (json.loads(shipped.read_text()), ours))
        added = set(after.splitlines()) - set(before.splitlines())
        lines = [] if shipped.name.startswith("A_") else ["\"hlm.student('anna')\\n\","]
        assert [line.strip() for line in added] == lines, shipped.name


def test_the_table_for_a_mail_has_id_code_and_file(roster, tmp_path):
    out = tmp_path / "out"
    assert copy(roster, out, "--secret", "spring", "--zip", "--lesson", "8") == 0
    with (out / "mail_merge.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["name"], row["email"], row["id"]) for row in rows] == [
        ("Lee", "a@x.org", "anna"),
        ("Ünï", "b@x.org", "bo/b"),
    ]
    for row in rows:
        assert row["code"] == printed_code(row["id"], "spring")
        (name,) = zipfile.ZipFile(out / row["file"]).namelist()
        assert name.endswith("08_aic_and_the_likelihood_ratio.ipynb")
    assert len({row["file"] for row in rows}) == 2


def test_a_second_run_makes_the_same(roster, tmp_path):
    for out in (tmp_path / "a", tmp_path / "b", tmp_path / "a"):
        copy(roster, out, "--zip", "--lesson", "8")
    first, second = ({p.name: p.read_bytes() for p in (tmp_path / o).iterdir()} for o in "ab")
    assert first == second


@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        (CLASS, ["--lesson", "77"], "no lesson '77'"),
        ("login\n", [], "has no students"),
        (CLASS.replace("SIS Login ID", "x").replace("ID", "number"), [], "--id-column"),
    ],
)
def test_a_wrong_call_is_one_sentence(roster, tmp_path, capsys, text, words, said):
    roster.write_text(text, encoding="utf-8")
    assert copy(roster, tmp_path / "out", *words) == 2
    assert said in capsys.readouterr().err
