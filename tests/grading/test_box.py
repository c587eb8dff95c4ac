"""What a box measures and removes, whatever was left in its folder."""

import math
import os

import pytest

from hlmteach.grading.box import folder_size, remove, scratch_folder


@pytest.fixture
def nested(tmp_path):
    """Folders in folders, deeper than a path can say and than Python calls itself."""
    here, top = os.getcwd(), tmp_path / "top"
    top.mkdir()
    (top / "x").write_text("x")
    os.chdir(top)
    for _ in range(1200):
        os.mkdir("nested")
        os.chdir("nested")
    open("x", "w").close()
    os.chdir(here)
    return top


def test_folders_nested_without_end_are_too_large_and_go(nested):
    assert folder_size(nested) == math.inf
    remove(nested)
    assert not nested.exists()


def test_a_long_path_for_temporary_files_is_not_used(tmp_path, monkeypatch):
    """A socket's name has at most 103 characters; without sockets no notebook runs."""
    place = tmp_path / ("x" * 80)
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    with scratch_folder() as folder:
        assert len(f"{folder}/r/k0-1") < 100
    assert not folder.exists()


def test_empty_files_count_and_links_are_not_followed(tmp_path):
    (tmp_path / "a").mkdir()
    for number in range(50):
        (tmp_path / "a" / f"{number}").touch()
    (tmp_path / "loop").symlink_to(tmp_path)
    assert 51 * 4096 <= folder_size(tmp_path) < 60 * 4096
    (tmp_path / "a").chmod(0)
    remove(tmp_path / "a")
    assert not (tmp_path / "a").exists()
