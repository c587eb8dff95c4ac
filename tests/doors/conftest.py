"""A wheel of this checkout, and Pythons of their own that it is installed into."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.conftest import chromium, chromium_path  # noqa: F401  fixtures

ROOT = Path(__file__).parents[2]
PATIENCE = 900  # seconds; a hundred packages may have to be fetched


def run(*words, cwd=None, code=0, env=None):
    """Run a program as in a shell; return all that it said."""
    call = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env=clean_environment() | (env or {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    said = call.stdout + call.stderr
    assert call.returncode == code, f"{words}: {said[-3000:]}"
    return said


def clean_environment():
    """This environment without what leads to the Python that runs the tests."""
    ours = {"VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME"}
    return {name: value for name, value in os.environ.items() if name not in ours}


class Venv:
    """A virtual environment: its programs, and what is installed in it."""

    def __init__(self, folder, python=sys.executable):
        self.folder = folder
        run(python, "-m", "venv", folder)

    @property
    def python(self):
        return self.program("python")

    def program(self, name):
        return self.folder / ("Scripts" if os.name == "nt" else "bin") / name

    def install(self, *words):
        run(self.python, "-m", "pip", "install", "--quiet", *words)

    def packages(self):
        listed = run(self.python, "-m", "pip", "list", "--format=freeze")
        return {line.partition("==")[0].lower() for line in listed.splitlines() if "==" in line}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="session")
def lean(wheel, tmp_path_factory):
    """The package and what a kernel needs of it."""
    venv = Venv(tmp_path_factory.mktemp("lean") / "venv")
    venv.install(wheel)
    return venv
