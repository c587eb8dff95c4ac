"""What cells show: a widget says itself how, and is closed when its cell is run again."""

from __future__ import annotations

import contextlib
import ctypes
import gc

from IPython import get_ipython

_showing: dict[str, list] = {}  # by cell, what its last run that has ended shows
_running: dict[str, list] = {}  # by cell, what its run under way has shown so far
VIEW = "application/vnd.jupyter.widget-view+json"


class Shown:
    """Named before ipywidgets' class, it lets a widget say what an output gets, in any release."""

    _ipython_display_ = None  # ipywidgets 7 displays by this, and IPython asks it first

    def _repr_mimebundle_(self, **kwargs):
        make = getattr(super(), "_repr_mimebundle_", None)
        return make(**kwargs) if make else self._view()

    def _view(self) -> dict:
        """The live widget, in the words of ipywidgets 8."""
        live = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {"text/plain": type(self).__name__, VIEW: live}

    def close(self) -> None:
        """Close it; what is closed has no view, but a text. ipywidgets 8 sees to that itself."""
        super().close()
        self._repr_mimebundle_ = None


def note(widget) -> None:
    """Remember that the cell under way shows a widget; outside a notebook do nothing.

    The widget is closed once no cell shows it any more and no variable of the user holds it.
    """
    shell = get_ipython()
    cell = _cell_of(shell)
    if cell is None:
        return
    with contextlib.suppress(ValueError):  # it listens only once
        shell.events.unregister("post_run_cell", _tidy)
    shell.events.register("post_run_cell", _tidy)
    _running.setdefault(cell, []).append(widget)


def _cell_of(shell) -> str | None:
    """The notebook's id of the cell that is run now; a terminal has none."""
    if not hasattr(shell, "kernel"):
        return None
    # The shell has it in a notebook; in a browser's Python the kernel has it.
    asked = shell if hasattr(shell, "get_parent") else shell.kernel
    return asked.get_parent().get("metadata", {}).get("cellId")


def _tidy(_result=None) -> None:
    shell = get_ipython()
    cell = _cell_of(shell)
    if cell is None:
        return
    before, _showing[cell] = _showing.get(cell, []), _running.pop(cell, [])
    elsewhere = {id(widget) for widgets in _showing.values() for widget in widgets}
    gone = [w for w in before if id(w) not in elsewhere and not _is_held(shell.user_ns, w)]
    for widget in gone:
        widget.close()
        _leave_history(shell, widget)
    if gone:
        before.clear()
        _give_back_memory()


def _is_held(names, widget) -> bool:
    return any(value is widget for name, value in list(names.items()) if name[:1] != "_")


def _leave_history(shell, widget) -> None:
    """Take it out of `Out` and `_`, which would keep all that it knows."""
    names, outputs = shell.user_ns, shell.user_ns.get("Out", {})
    for number in [number for number, value in outputs.items() if value is widget]:
        del outputs[number]
    for held in (names, shell.user_ns_hidden):
        for name in [name for name, value in held.items() if value is widget]:
            held[name] = None
    for name in ("_", "__", "___"):
        if getattr(shell.displayhook, name, None) is widget:
            setattr(shell.displayhook, name, None)


def _give_back_memory() -> None:
    """Free what widgets leave in circles, and hand it on where Linux's C would keep it."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
