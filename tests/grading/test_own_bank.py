"""Exercises of a teacher's own bank, from the box to the gradebook."""

import csv
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import hlmteach as hlm
from hlmteach.cli import main
from hlmteach.exercises.desk import find_question
from hlmteach.exercises.draws import sample_of
from hlmteach.exercises.students import identify
from hlmteach.grading.assign import write_assignment
from hlmteach.grading.gradescope import main as grade_as_gradescope
from tests.exercises.test_own_bank import EXAMPLE
from tests.grading.books import WHO, book

FIT = (
    'ex = hlm.exercise("mine-1", bank="mine.toml")\n'
    'fit = hlm.lme("Reaction ~ Days", ex.data, random="~Days|Subject", method="{}")\n'
    'ex.answer = fit.covariances["Subject"].sd[1]'
)
WORD = 'hlm.exercise("mine-2", bank="weeks/three/mine.toml").answer = "Subject"'


@pytest.fixture
def bank(tmp_path):
    folder = tmp_path / "teacher"
    folder.mkdir()
    hlm.load("sleepstudy").to_csv(folder / "sleep.csv", index=False)
    (folder / "mine.toml").write_text(EXAMPLE, encoding="utf-8")
    return folder / "mine.toml"


def rows(path):
    with path.open(newline="", encoding="utf-8-sig") as file:
        return {(row["student"], row["exercise"]): row for row in csv.DictReader(file)}


@pytest.mark.slow
def test_a_class_is_graded_on_a_bank_of_the_teacher_s_own(bank, tmp_path, short_tmp):
    handed = tmp_path / "in"
    handed.mkdir()
    (handed / "anna.ipynb").write_text(book(WHO.format("anna"), FIT.format("ML"), WORD))
    cheat = 'open("mine.toml", "w").write("")'
    (handed / "bo.ipynb").write_text(book(WHO.format("bo"), FIT.format("REML"), cheat))
    out = tmp_path / "out" / "grades.csv"
    words = ["grade", str(handed), "--out", str(out), "--bank", str(bank), "--jobs", "2"]
    assert main([*words, "--solutions"]) == 0
    lines = rows(out)
    assert {who for who, _ in lines} == {"anna", "bo"}
    assert [lines["anna", f"mine-{i}"]["points"] for i in (1, 2, 3)] == ["2", "1", "0"]
    by_reml = lines["bo", "mine-1"]
    assert (by_reml["mistake"], by_reml["points"]) == ("REML for ML", "1")
    assert "slopes lie that far" in out.with_name("feedback").joinpath("anna.html").read_text()
    assert "That is by REML" in out.with_name("class.html").read_text()
    credit = tmp_path / "credit.toml"
    credit.write_text('["mine-1"]\n"REML for ML" = 0.25\n')
    assert main([*words, "--credit", str(credit)]) == 0
    assert rows(out)["bo", "mine-1"]["points"] == "0.5"


def test_keys_of_a_bank_are_printed(bank, capsys):
    assert main(["grade", "--keys", "anna", "--bank", str(bank)]) == 0
    lines = capsys.readouterr().out.splitlines()
    question = find_question("mine-1", bank)
    key = question.key(sample_of(question, identify("anna")))
    assert lines[0].split()[:2] == ["mine-1", f"{key:.2f}"]
    assert [line.split()[1] for line in lines[1:]] == ["subject", "a"]
    assert main(["grade", "--keys", "anna", "--bank", str(bank), "--exercises", "mine-2,08-1"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["mine-2", "08-1"]


@pytest.mark.parametrize("target", ["nbgrader", "otter"])
def test_other_graders_get_the_bank_beside_the_notebook(bank, tmp_path, target):
    questions = [find_question("mine-1", bank)]
    *_, path = write_assignment(target, tmp_path / "made", questions)
    assert 'hlm.exercise(\\"mine-1\\", bank=\\"mine.toml\\")' in path.read_text()
    assert (path.parent / "mine.toml").read_text() == EXAMPLE
    assert (path.parent / "sleep.csv").exists()


@pytest.mark.slow
def test_gradescope_grades_a_bank_with_its_own_copy_of_it(bank, tmp_path, short_tmp):
    questions = [find_question(f"mine-{i}", bank) for i in (1, 2)]
    archive, _ = write_assignment("gradescope", tmp_path / "made", questions)
    root = tmp_path / "autograder"
    with zipfile.ZipFile(archive) as made:
        made.extractall(root / "source")
    (root / "submission").mkdir(parents=True)
    (root / "submission" / "x.ipynb").write_text(book(WHO.format("anna"), FIT.format("ML"), WORD))
    grade_as_gradescope(root)
    results = json.loads((root / "results" / "results.json").read_text())
    assert [test["score"] for test in results["tests"]] == [2.0, 1.0]


def test_the_autograder_s_package_has_its_exercises(tmp_path):
    archive, _ = write_assignment("gradescope", tmp_path, [find_question("08-1")])
    with zipfile.ZipFile(archive) as made:
        made.extractall(tmp_path / "source")
    code = "import hlmteach as hlm; print(hlm.__file__, hlm.exercise('08-2').check(1).status)"
    command = [sys.executable, "-c", code]
    told = subprocess.run(
        command, cwd=tmp_path / "source", capture_output=True, text=True, check=True
    ).stdout.split()
    assert Path(told[0]).is_relative_to(tmp_path)
    assert told[1] == "wrong"
