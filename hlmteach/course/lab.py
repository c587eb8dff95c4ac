"""Open the lessons in JupyterLab."""

import os
from pathlib import Path

from hlmteach.errors import HLMError

FIRST_LESSON = "00_start_here.ipynb"


def lab_arguments(folder, browser=True, port=None, extra=()):
    """Return the command line that JupyterLab is started with.

    Parameters
    ----------
    folder : path-like
        The student's lessons; JupyterLab's root.
    browser : bool
        Whether JupyterLab opens a browser.
    port : int, optional
        The port to serve at; JupyterLab's own choice without it.
    extra : sequence of str
        Handed on as they are, last, so that they win.
    """
    arguments = [
        f"--ServerApp.root_dir={Path(folder).resolve()}",
        f"--LabApp.default_url=/lab/tree/{FIRST_LESSON}",
    ]
    if not browser:
        arguments.append("--no-browser")
    if port is not None:
        arguments.append(f"--ServerApp.port={port}")
    if _is_root():
        # A container's only user is root, and Jupyter would not start for it unasked.
        arguments.append("--allow-root")
    return [*arguments, *extra]


def open_lab(arguments):
    """Serve JupyterLab until it is stopped (Control-C)."""
    try:
        from jupyterlab.labapp import LabApp
    except ImportError:
        raise HLMError(
            "JupyterLab is not installed. Mend it with: pip install jupyterlab"
        ) from None
    LabApp.launch_instance(argv=arguments)


def _is_root():
    return hasattr(os, "geteuid") and os.geteuid() == 0
