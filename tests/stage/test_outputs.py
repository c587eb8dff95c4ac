from types import SimpleNamespace

import pytest
from IPython.core.formatters import DisplayFormatter

from hlmteach.stage import outputs

PARENT = {"metadata": {"cellId": "a"}}


@pytest.mark.parametrize("who", ["shell", "kernel"])
def test_the_cell_is_known_by_the_shell_or_in_a_browser_by_its_kernel(who, monkeypatch):
    heard = []
    events = SimpleNamespace(unregister=lambda *_: None, register=lambda *what: heard.append(what))
    knows = SimpleNamespace(get_parent=lambda: PARENT)
    shell = SimpleNamespace(kernel=knows, events=events)
    if who == "shell":
        shell = SimpleNamespace(kernel=object(), events=events, get_parent=knows.get_parent)
    monkeypatch.setattr(outputs, "get_ipython", lambda: shell)
    monkeypatch.setattr(outputs, "_running", {})
    outputs.note("a widget")
    assert [name for name, _ in heard] == ["post_run_cell"]
    assert outputs._running == {"a": ["a widget"]}


class Seven:
    """How ipywidgets 7 shows a widget, and closes it."""

    model_id = "its id"

    def _ipython_display_(self):
        raise AssertionError("shown beside what it says of itself")

    def close(self):
        self.model_id = None


def test_a_widget_says_how_it_is_shown_with_ipywidgets_7_too():
    class Widget(outputs.Shown, Seven):
        pass

    widget, formatter = Widget(), DisplayFormatter()
    data, _ = formatter.format(widget)
    assert data[outputs.VIEW]["model_id"] == "its id"
    assert data["text/plain"] == "Widget"
    widget.close()
    data, _ = formatter.format(widget)
    assert list(data) == ["text/plain"]
