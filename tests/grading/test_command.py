import csv
import json
import zipfile

import pytest

from hlmteach.cli import main
from hlmteach.exercises.desk import lesson_questions
from hlmteach.exercises.students import personal_code, printed_code
from tests.grading.books import AIC, WHO, K, book, honest

ASKED = "08-1,08-2,08-3,08-4,08-5"


def rows(path):
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def canvas_zip(tmp_path, short_tmp):
    """Two students with a code each, one of them twice and late; one who sent a picture."""
    path = tmp_path / "submissions.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for who, label in (("anna", "leeanna_11_501_08"), ("bo", "bobo_LATE_12_502_08-1")):
            start = f'{WHO.format(who)[:-1]}, secret="{personal_code(who, "spring")}")'
            archive.writestr(f"{label}.ipynb", book(start, K, AIC))
        archive.writestr("bobo_12_400_08.ipynb", "old")
        archive.writestr("cycy_13_503_08.png", "x")
    (tmp_path / "class.csv").write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section\n"
        '"Lee, Anna",11,,anna,S\n"Bo, Bo",12,,bo,S\n"Cy, Cy",13,,cy,S\n"Di, Di",14,,di,S\n'
    )
    return path


@pytest.mark.slow
def test_a_zip_becomes_grades_a_gradebook_and_pages(canvas_zip, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("HLMTEACH_SECRET", "spring")
    out = tmp_path / "out" / "grades.csv"
    words = ["grade", str(canvas_zip), "--out", str(out), "--roster", str(tmp_path / "class.csv")]
    words += ["--exercises", ASKED, "--title", "Lesson 8", "--jobs", "2", "--solutions"]
    assert main(words) == 1
    said = capsys.readouterr()
    assert "bo: late" in said.out
    assert "cy: no notebook" in said.out
    assert "di: no submission" in said.out
    assert "collected" in said.err
    grades = rows(out)
    assert len(grades) == 4 * 5
    points = {(row["student"], row["exercise"]): row["points"] for row in grades}
    assert [points[who, "08-2"] for who in ("anna", "bo", "cy", "di")] == ["1", "1", "0", "0"]
    assert {row["late"] for row in grades if row["student"] == "bo"} == {"late"}
    assert next(row["status"] for row in grades if row["student"] == "bo") == "superseded"
    book = rows(out.with_name("gradebook.csv"))
    assert [row["Lesson 8"] for row in book] == ["5", "2", "2", "0", ""]
    assert book[1]["Student"] == "Lee, Anna"
    pages = sorted(path.name for path in out.with_name("feedback").iterdir())
    assert pages == ["anna.html", "bo.html", "cy.html"]
    assert "Worked answer" in out.with_name("feedback").joinpath("anna.html").read_text()
    assert "one variance" not in out.with_name("class.html").read_text()
    summary = json.loads(out.with_name("summary.json").read_text())
    assert summary["students"] == 4
    assert summary["to_look_at"].keys() == {"cy", "di"}


@pytest.mark.slow
def test_all_well_is_exit_code_0_and_answers_can_be_taken_as_saved(tmp_path, short_tmp, capsys):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "anna.ipynb").write_text(honest("anna"))
    out = tmp_path / "grades.csv"
    assert main(["grade", str(folder), "--out", str(out), "--exercises", "08-1,8-2"]) == 0
    assert [row["points"] for row in rows(out)] == ["1", "1"]
    assert main(["grade", str(folder), "--out", str(out), "--run", "never", "--lesson", "8"]) == 1
    assert {row["verdict"] for row in rows(out)} == {"blank"}
    assert {row["status"] for row in rows(out)} == {"no answer in it"}


def test_keys_and_codes_are_printed(tmp_path, capsys):
    assert main(["grade", "--keys", "anna", "--lesson", "8"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:4] for line in lines] == [question.id for question in lesson_questions("08")]
    main(["grade", "--keys", "anna", "--exercises", "08-1"])
    assert capsys.readouterr().out.split()[1] == "3"
    page = tmp_path / "keys.html"
    assert main(["grade", "--keys", "anna", "--lesson", "8", "--out", str(page)]) == 0
    assert "Keys of anna" in page.read_text()
    (tmp_path / "class.csv").write_text("id\nAnna\n")
    words = ["grade", "--codes", "--roster", str(tmp_path / "class.csv"), "--secret", "spring"]
    capsys.readouterr()
    assert main(words) == 0
    assert capsys.readouterr().out == f"anna,{printed_code('anna', 'spring')}\n"


@pytest.mark.parametrize(
    "words",
    [
        ["grade", ".", "--out", "file/grades.csv"],
        ["grade", "--keys", "anna", "--lesson", "8", "--out", "file/keys.html"],
        ["assign", "--to", "moodle", "--lesson", "8", "file/quiz"],
    ],
)
def test_what_cannot_be_written_is_one_sentence(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    assert main(words) == 2
    err = capsys.readouterr().err
    assert "cannot be read or written" in err
    assert "file" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Name the folder"),
        (["nowhere"], "There is no nowhere"),
        (["--codes"], "--roster"),
        ([".", "--lesson", "77"], "no lesson '77'"),
        ([".", "--exercises", "77-1"], "no exercise"),
        ([".", "--roster", "nowhere.csv"], "cannot be read"),
        ([".", "--secret-file", "nowhere"], "cannot be read"),
    ],
)
def test_a_wrong_call_is_one_sentence(words, said, capsys):
    assert main(["grade", *words]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err
