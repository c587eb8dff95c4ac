from types import SimpleNamespace

import pytest

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
