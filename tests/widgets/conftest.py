import gc
import threading
import weakref

import pytest
from ipywidgets.widgets import widget as ipywidgets_widget


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
        widgets, threads = set(ipywidgets_widget._instances), set(threading.enumerate())
        widget = make()
        figure = weakref.ref(widget.view.figure)
        widget.close()
        left = [
            type(one).__name__
            for key, one in ipywidgets_widget._instances.items()
            if key not in widgets
        ]
        assert left == []
        del widget
        gc.collect()
        assert figure() is None
        assert set(threading.enumerate()) <= threads

    return check
