"""One widget on a page of its own, for a projector, served by Voila."""

import json
import tempfile
from pathlib import Path

from hlmteach.errors import HLMError, check_installed

CODE = """\
import hlmteach as hlm

hlm.widgets.{name}({arguments}present=True)
"""
# Voila's page asks other servers for two style sheets, and waits for them where a firewall drops
# what it sends: the browser is told to ask nobody but us.
OURS_ALONE = "default-src 'self' data: blob: ws: wss: 'unsafe-inline' 'unsafe-eval'"
HEADERS = {"headers": {"Content-Security-Policy": f"{OURS_ALONE}; frame-ancestors 'self'"}}


def widget_names():
    """Return the names of all widgets that stand alone, without a lesson's question."""
    from hlmteach import widgets

    return sorted(name for name in widgets.__all__ if hasattr(getattr(widgets, name), "presets"))


def present_notebook(name, preset=None):
    """Return, as text, a notebook that holds the one widget.

    Raises
    ------
    HLMError
        When no widget is called so, or it has no such preset.
    """
    import difflib

    from hlmteach import widgets

    names = widget_names()
    if name not in names:
        near = difflib.get_close_matches(name, names, 1, 0.5)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise HLMError(f"There is no widget {name!r}.{hint} There are: {', '.join(names)}.")
    presets = getattr(widgets, name).presets
    if preset is not None and preset not in presets:
        known = ", ".join(map(repr, presets))
        raise HLMError(f"{name} has no preset {preset!r}. It has: {known}.")
    code = CODE.format(name=name, arguments=f"preset={preset!r}, " if preset else "")
    cell = {"cell_type": "code", "id": "widget", "metadata": {}, "source": code}
    book = {
        "cells": [cell | {"execution_count": None, "outputs": []}],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(book)


def present_arguments(path, browser=True, port=None, host=None):
    """Return the command line that Voila is started with; `host` is the address it serves at."""
    arguments = [str(path), "--strip_sources=True", "--show_tracebacks=False"]
    arguments += ["--preheat_kernel=True", f"--Voila.tornado_settings={HEADERS}"]
    if not browser:
        arguments.append("--no-browser")
    if port is not None:
        arguments.append(f"--port={port}")
    if host is not None:
        arguments.append(f"--Voila.ip={host}")
    return arguments


def present(name, preset=None, browser=True, port=None, host=None):
    """Serve one widget full-page until it is stopped (Control-C)."""
    text = present_notebook(name, preset)
    for package in ("voila", "ipykernel"):  # Voila brings no kernel
        check_installed(package, "hlmteach present")
    from voila.app import Voila

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{name}.ipynb")
        path.write_text(text, encoding="utf-8")
        Voila.launch_instance(argv=present_arguments(path, browser, port, host))
