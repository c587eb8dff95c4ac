import pytest


@pytest.fixture
def short_tmp(tmp_path, monkeypatch):
    """Scratch folders of the grader go here, so that a test sees what is left of them."""
    folder = tmp_path / "t"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder
