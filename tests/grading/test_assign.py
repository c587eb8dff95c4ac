import doctest
import json
import os
import subprocess
import sys
import zipfile

import pytest

import hlmteach as hlm
from hlmteach.exercises.desk import clear_desk, find_question
from hlmteach.grading.assign import write_assignment
from tests.grading.books import AIC, WHO, book

QUESTIONS = [find_question("08-1"), find_question("08-2")]


def cells(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def code(path):
    return ["".join(cell["source"]) for cell in cells(path) if cell["cell_type"] == "code"]


# -- Gradescope ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def autograder(tmp_path_factory):
    """An unpacked autograder, as Gradescope has it below /autograder."""
    root = tmp_path_factory.mktemp("gradescope")
    path, _ = write_assignment("gradescope", root / "made", QUESTIONS)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(root / "source")
        modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}
    assert modes["setup.sh"] == modes["run_autograder"] == 0o755
    return root


def test_the_zip_is_the_same_each_time(autograder, tmp_path):
    again, _ = write_assignment("gradescope", tmp_path, QUESTIONS)
    assert again.read_bytes() == (autograder / "made" / "autograder.zip").read_bytes()


def test_the_zip_holds_the_package_and_what_it_needs(autograder):
    source = autograder / "source"
    assert (source / "hlmteach" / "datasets" / "data" / "HLM.csv.gz").exists()
    assert (source / "hlmteach" / "widgets" / "parts" / "exercise_card.js").exists()
    assert "numpy" in (source / "requirements.txt").read_text()
    assert not list(source.rglob("__pycache__"))


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Gradescope's machines are Linux")
def test_the_autograder_writes_its_results(autograder):
    submission = autograder / "submission"
    submission.mkdir()
    text = book(WHO.format("anna"), "hlm.exercise('08-1').answer = 2", AIC)
    (submission / "exercises.ipynb").write_text(text)
    environment = {**os.environ, "HLMTEACH_PYTHON": sys.executable}
    command = ["bash", str(autograder / "source" / "run_autograder"), str(autograder)]
    subprocess.run(command, env=environment, check=True, cwd=autograder)
    results = json.loads((autograder / "results" / "results.json").read_text())
    assert [(t["score"], t["max_score"], t["status"]) for t in results["tests"]] == [
        (0.0, 1.0, "failed"),
        (1.0, 1.0, "passed"),
    ]
    assert "One short" in results["tests"][0]["output"]
    assert "anna" in results["output"]


def test_a_submission_without_a_notebook_has_a_result(autograder, tmp_path):
    from hlmteach.grading.gradescope import main

    for name in ("source", "submission"):
        (tmp_path / name).mkdir()
    (tmp_path / "submission" / "essay.pdf").write_text("x")
    (tmp_path / "source" / "assignment.json").write_bytes(
        (autograder / "source" / "assignment.json").read_bytes()
    )
    main(tmp_path)
    results = json.loads((tmp_path / "results" / "results.json").read_text())
    assert [test["score"] for test in results["tests"]] == [0, 0]
    assert "no notebook" in results["output"]
    (tmp_path / "submission" / "essay.pdf").unlink()
    main(tmp_path)
    results = json.loads((tmp_path / "results" / "results.json").read_text())
    assert results["score"] == 0
    assert "No notebook (.ipynb) was found" in results["output"]


# -- nbgrader ------------------------------------------------------------------------------------


def test_nbgrader_has_a_locked_test_for_each_answer(tmp_path):
    (path,) = write_assignment("nbgrader", tmp_path, QUESTIONS)
    assert path == tmp_path / "source" / "exercises" / "exercises.ipynb"
    marks = {cell["id"]: cell["metadata"].get("nbgrader") for cell in cells(path)}
    tests = {name: mark for name, mark in marks.items() if name.startswith("test-")}
    assert [(m["grade"], m["locked"], m["points"]) for m in tests.values()] == [(True, True, 1)] * 2
    assert marks["answer-08-1"] is None, "nothing is put before what the student writes"
    assert len({mark["grade_id"] for mark in marks.values() if mark}) == 4


@pytest.mark.parametrize(("answer", "passes"), [("3", True), ("2", False)])
def test_nbgrader_s_test_passes_with_the_right_answer_only(tmp_path, answer, passes):
    (path,) = write_assignment("nbgrader", tmp_path, QUESTIONS[:1])
    clear_desk()
    who, *rest = code(path)
    source = "\n".join([who, *rest]).replace("answer = None", f"answer = {answer}")
    if passes:
        exec(source, {})
    else:
        with pytest.raises(AssertionError, match="One short"):
            exec(source, {})
    clear_desk()


# -- Otter ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("answer", "failed"), [(3, 0), (2, 1)])
def test_otter_s_test_passes_with_the_right_answer_only(tmp_path, answer, failed):
    test, path = write_assignment("otter", tmp_path, QUESTIONS[:1])
    assert 'grader.check("q08_1")' in code(path)
    values = {}
    exec(test.read_text(encoding="utf-8"), values)
    (case,) = values["test"]["suites"][0]["cases"]
    assert values["OK_FORMAT"]
    clear_desk()
    hlm.exercise("08-1").answer = answer
    parsed = doctest.DocTestParser().get_doctest(case["code"], {}, "q08_1", None, 0)
    assert doctest.DocTestRunner(verbose=False).run(parsed, out=lambda text: None).failed == failed
    clear_desk()


# -- the command ---------------------------------------------------------------------------------


def test_it_says_when_no_exercise_is_named(capsys, tmp_path):
    from hlmteach.cli import main

    assert main(["assign", "--to", "otter", str(tmp_path)]) == 2
    assert "Say which exercises" in capsys.readouterr().err
    assert main(["assign", "--to", "otter", "--lesson", "8", str(tmp_path)]) == 0
    assert "q08_5.py" in capsys.readouterr().out
