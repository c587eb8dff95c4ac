import gc
import threading
import weakref

import pytest

from tests.open_widgets import open_widgets
from tests.unpainted import without_pictures


@pytest.fixture
def unpainted():
    """For a test of numbers, words and code, in states that another test has painted."""
    with without_pictures():
        yield


@pytest.fixture
def run_code():
    """``run_code(widget)``: what the widget's Python leaves behind, by name."""

    def run(widget):
        names = {}
        exec(compile(widget.code("python"), "<widget.code()>", "exec"), names)
        return names

    return run


@pytest.fixture
def leaves_nothing():
    """``leaves_nothing(make)``: make a widget, close it, and find nothing of it."""

    def check(make):
        widgets, threads = set(open_widgets()), set(threading.enumerate())
        widget = make()
        figure = weakref.ref(widget.view.figure)
        widget.close()
        left = [type(one).__name__ for key, one in open_widgets().items() if key not in widgets]
        assert left == []
        timer = None
        for timer in set(threading.enumerate()) - threads:  # told to end, it takes a moment
            timer.join(30)
        del widget, timer  # a timer that has ended still holds what it would have called
        gc.collect()
        assert figure() is None
        assert set(threading.enumerate()) <= threads

    return check


@pytest.fixture
def no_formulas(monkeypatch):
    """From here on a formula that is read anew is an error: designs are known, and refitted."""

    def refuse(formula, *args, **keys):
        raise AssertionError(f"{formula} was read anew")

    monkeypatch.setattr("hlmteach.recipes.models.fit_model", refuse)
