import pytest

from hlmteach.grading.library import package_copy


@pytest.fixture(scope="session", autouse=True)
def _copy_first():
    """The copy of the package is kept until Python ends; no test takes it for something left."""
    package_copy()


@pytest.fixture
def short_tmp(tmp_path, monkeypatch):
    """Scratch folders of the grader go here, so that a test sees what is left of them."""
    folder = tmp_path / "t"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder
