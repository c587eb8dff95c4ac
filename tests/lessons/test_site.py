"""The course as a site: what it holds, and that the same lessons give the same bytes."""

import json
import zipfile
from importlib import metadata

import pytest

from hlmteach.course import site
from hlmteach.course.wheels import pack
from hlmteach.errors import HLMError

SOURCE = """---
title: A short lesson
minutes: 5
question: Why?
goals:
  - see it
---

## One number

```{code-cell}
1 + 1
```
"""


@pytest.fixture(scope="module")
def lessons(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lessons")
    (folder / "source").mkdir()
    (folder / "source" / "07_short.md").write_text(SOURCE, encoding="utf-8")
    return folder


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def built(lessons, tmp_path_factory):
    out = tmp_path_factory.mktemp("site")
    site.write_site(lessons, out, progress=lambda _: None)
    return out


def test_twice_built_it_is_the_same(built, lessons, tmp_path):
    site.write_site(lessons, tmp_path, progress=lambda _: None)
    once, again = files(built), files(tmp_path)
    assert once.keys() == again.keys()
    assert [name for name in once if once[name] != again[name]] == []


def test_each_page_and_the_index_lead_to_the_live_lesson(built):
    for name in ("index.html", "07_short.html"):
        assert 'href="live.html?lesson=07_short"' in (built / name).read_text(encoding="utf-8")
    assert "A short lesson" in (built / "live.html").read_text(encoding="utf-8")


def test_python_comes_from_its_usual_address_in_one_pinned_release(built):
    config = json.loads((built / "live" / "jupyter-lite.json").read_text(encoding="utf-8"))
    kernel = config["jupyter-config-data"]["litePluginSettings"][f"{site.KERNEL}:kernel"]
    assert kernel["pyodideUrl"] == f"{site.PYODIDE}pyodide.js"
    assert kernel["disablePyPIFallback"] is True
    wheels = {name.rpartition("/")[2] for name in kernel["loadPyodideOptions"]["packages"]}
    assert {path.name for path in (built / "live" / "pypi").glob("*.whl")} <= wheels
    assert not list(built.rglob("*.map"))


def test_the_live_copy_of_a_lesson_carries_its_edition(built):
    book = json.loads((built / "live" / "files" / "07_short.ipynb").read_text(encoding="utf-8"))
    assert len(book["metadata"]["hlmteach"]["edition"]) == 10


def test_a_folder_without_pyodide_is_refused_before_any_lesson_runs(lessons, tmp_path):
    with pytest.raises(HLMError, match=r"holds no release of Pyodide: pyodide\.js"):
        site.write_site(lessons, tmp_path / "out", pyodide=tmp_path, progress=lambda _: None)
    assert not (tmp_path / "out").exists()


def test_a_packed_package_is_the_installed_one_without_what_was_compiled(tmp_path):
    path = pack("psygnal", tmp_path)
    with zipfile.ZipFile(path) as wheel:
        names, record = wheel.namelist(), wheel.read(wheel.namelist()[-1]).decode()
        about = wheel.read(next(name for name in names if name.endswith("METADATA"))).decode()
    assert path.name == f"psygnal-{metadata.version('psygnal')}-py3-none-any.whl"
    assert "Name: psygnal" in about
    assert {"psygnal/_signal.py", "psygnal/__init__.py"} <= set(names)
    assert not [name for name in names if name.endswith(".so")]
    assert sorted(line.split(",")[0] for line in record.splitlines()) == sorted(names)


def test_a_package_that_is_not_here_is_named(tmp_path):
    with pytest.raises(HLMError, match="no-such-package is not installed"):
        pack("no-such-package", tmp_path)
