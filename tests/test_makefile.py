import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = re.findall(r"^\.PHONY:(.*)$", MAKEFILE, re.MULTILINE)[0].split()

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="this machine has no make")


def make(*words):
    # What the make that runs these tests was told is not for the one they start.
    env = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "ARGS")}
    told = subprocess.run(
        ["make", *words], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    return told.returncode, told.stdout + told.stderr


def test_help_names_every_target():
    code, told = make("help")
    assert code == 0
    named = re.findall(r"^make (\w+)", told, re.MULTILINE)
    assert set(named) == set(TARGETS) - {"help"}


@pytest.mark.parametrize("target", TARGETS)
def test_each_target_can_be_planned(target):
    code, told = make("--dry-run", target)
    assert code == 0, told


def test_lab_hands_its_arguments_on():
    _, told = make("--dry-run", "lab", "ARGS=--no-browser")
    assert "hlmteach lab --no-browser" in told


def test_without_a_python_the_message_says_which(tmp_path):
    code, told = make("venv", "PYTHON=", f"VENV={tmp_path / 'venv'}")
    assert code == 2
    assert "hlmteach needs Python 3.11 or later with its venv module" in told
