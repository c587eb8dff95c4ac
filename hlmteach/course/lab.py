"""Open the lessons in JupyterLab."""

import os
import socket
import tempfile
from pathlib import Path

from hlmteach.errors import HLMError, check_installed

FIRST_LESSON = "00_start_here.ipynb"
SETTINGS = Path(__file__).parent / "jupyter"  # widgets are saved; news stay silent
EXTENSIONS = SETTINGS / "labextensions"  # a notebook stands at its top after Run All


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
        f"--LabApp.extra_labextensions_path={EXTENSIONS}",
    ]
    if not browser:
        arguments.append("--no-browser")
    if port is not None:
        arguments.append(f"--ServerApp.port={port}")
    if _is_root():
        # A container's only user is root, and Jupyter would not start for it unasked.
        arguments.append("--allow-root")
    return [*arguments, *extra]


def check_port(port):
    """Raise an HLMError where the port that was asked for cannot be served at.

    JupyterLab would take another one, whose address nobody may expect.
    """
    with socket.socket() as trial:
        if os.name == "posix":  # as servers do: a port that was just left is free
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError as error:
            raise HLMError(
                f"Port {port} cannot be used: {error.strerror}. Name another with --port, or none: "
                "JupyterLab then looks for a free one."
            ) from None


def why_not_writable(folder):
    """Return why nothing can be written to a folder, made if need be; "" where it can."""
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return error.strerror or str(error)


def unwritable_folders():
    """Return which of Jupyter's own folders cannot be written to, and a remedy; or nothing."""
    from jupyter_core import paths

    folders = {
        "JUPYTER_CONFIG_DIR": paths.jupyter_config_dir(),
        "JUPYTER_DATA_DIR": paths.jupyter_data_dir(),
        "JUPYTER_RUNTIME_DIR": paths.jupyter_runtime_dir(),
    }
    whys = {name: why_not_writable(folder) for name, folder in folders.items()}
    bad = [name for name in folders if whys[name]]
    if not bad:
        return ()
    where = ", ".join(f"{folders[name]} ({whys[name]})" for name in bad)
    what = f"JupyterLab must write to folders that cannot be written to: {where}"
    return what, f"Set HOME, or {' and '.join(bad)}, to a folder of your own, and try again."


def open_lab(arguments):
    """Serve JupyterLab until it is stopped (Control-C).

    `SETTINGS` come after the user's own, which win.
    """
    check_installed("jupyterlab", "hlmteach lab")
    if cannot := unwritable_folders():
        raise HLMError(". ".join(cannot))
    from jupyterlab.labapp import LabApp

    known = os.environ.get("JUPYTER_CONFIG_PATH", "")
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, [known, str(SETTINGS)]))
    LabApp.launch_instance(argv=arguments)


def _is_root():
    return hasattr(os, "geteuid") and os.geteuid() == 0
