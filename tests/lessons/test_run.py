import pytest

from hlmteach.course import run
from hlmteach.course.source import Cell, Lesson

pytestmark = pytest.mark.slow


def lesson(*texts, tags=frozenset()):
    cells = [Cell("code", text) for text in texts[:-1]] + [Cell("code", texts[-1], tags)]
    return Lesson("01_small", "T", 5, ("g",), "", tuple(cells))


def complaints(made):
    return [str(problem) for problem in run.run_lesson(made).problems]


def test_a_live_widget_runs_without_a_page():
    text = "import ipywidgets as w\ns = w.IntSlider()\nw.interact(lambda x: x, x=s)\ns.value = 3\ns"
    assert complaints(lesson(text)) == []


def test_no_answer_is_waited_for_that_has_come():
    """An `Output` that moves in many cells: without looking again, 1 in 100 stalls for 60 s."""
    begin = "import ipywidgets as w\ns = w.IntSlider(max=999)\nw.interact(lambda x: print(x), x=s)"
    ran = run.run_lesson(lesson(begin, *(f"s.value = {i}" for i in range(1, 151))))
    assert ran.problems == ()


def test_a_warning_is_a_problem_and_the_run_goes_on():
    found = complaints(lesson("import warnings\nwarnings.warn('look out')", "1 / 0"))
    assert "cell 2: warns: " in found[0]
    assert "UserWarning: look out" in found[0]
    assert found[1] == "01_small, cell 3: stops with ZeroDivisionError: division by zero"


def test_a_failed_check_is_quoted():
    (problem,) = complaints(lesson("x = 1\nassert x == 2\nassert x == 3"))
    assert problem == "01_small, cell 2: stops with AssertionError: assert x == 2"


def test_a_lesson_that_leans_on_its_solution_is_found():
    leaning = Lesson(
        "01_small",
        "T",
        5,
        ("g",),
        "",
        (Cell("code", "x = 1", frozenset({"solution"})), Cell("code", "print(x)")),
    )
    (problem,) = complaints(leaning)
    assert "NameError: name 'x' is not defined" in problem


def test_a_kernel_that_dies_is_a_problem():
    (problem,) = complaints(lesson("import os", "os._exit(1)"))
    assert problem.startswith("01_small, its run: stopped: Kernel died")


def test_a_cell_without_an_end_is_cut(monkeypatch):
    monkeypatch.setattr(run, "SLOWEST_LESSON", 1)
    found = complaints(lesson("while True: pass"))
    assert any("its run: took" in problem for problem in found)
