"""What a wheel and an sdist carry: the code, its scripts and styles, the data and the lessons."""

import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOT_CODE = [
    path.relative_to(ROOT).as_posix()
    for path in sorted((ROOT / "hlmteach").rglob("*"))
    if path.is_file() and path.suffix not in (".py", ".pyc")
]
LESSONS = sorted(path.name for path in (ROOT / "lessons").iterdir() if path.is_file())
SOURCES = sorted(f"source/{path.name}" for path in (ROOT / "lessons" / "source").iterdir())


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def wheel(built):
    with zipfile.ZipFile(next(built.glob("*.whl"))) as archive:
        return archive.namelist()


@pytest.fixture(scope="module")
def sdist(built):
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        return [name.partition("/")[2] for name in archive.getnames()]


def test_the_wheel_has_every_file_of_the_package(wheel):
    assert any(name.endswith(".sav") for name in NOT_CODE)
    assert set(NOT_CODE) <= set(wheel)
    assert {"hlmteach/cli.py", "hlmteach/errors.py"} <= set(wheel)


def test_the_wheel_has_the_built_lessons_with_their_sources_and_exercises(wheel):
    inside = [name for name in wheel if name.startswith("hlmteach/_lessons/")]
    assert len(SOURCES) > len(LESSONS), "pages and sites are written from the sources"
    assert sorted(inside) == [f"hlmteach/_lessons/{name}" for name in (*LESSONS, *SOURCES)]
    assert {name.partition("/")[0].partition("-")[0] for name in wheel} == {"hlmteach"}


def test_what_an_index_shows_of_the_readme_links_to_nothing_that_is_not_there(built):
    with zipfile.ZipFile(next(built.glob("*.whl"))) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        shown = archive.read(name).decode()
    assert "Description-Content-Type: text/markdown" in shown
    assert "| 07 | Step 2: a random intercept |" in shown
    assert not re.search(r"\]\((?!https?:)", shown)


def test_the_sdist_has_what_a_checkout_has(sdist):
    assert set(NOT_CODE) <= set(sdist)
    for name in ("LICENSE", "README.md", "constraints.txt", "Makefile", "tests/conftest.py"):
        assert name in sdist
    assert "lessons/source/00_start_here.md" in sdist
    assert not [name for name in sdist if name.startswith((".venv", "hlmteach-lessons"))]
