import json

import pytest

from hlmteach.course import handout
from hlmteach.errors import HLMError
from hlmteach.exercises import bank

STUDENT = b'{"mine": true}'


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """Two lessons that a test may renew, in place of the real ones."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    for name in ("00_start_here", "07_step_two"):
        (folder / f"{name}.ipynb").write_bytes(f'"{name}, version 1"'.encode())
    monkeypatch.setattr(
        handout, "shipped_lessons", lambda: sorted(folder.glob("*.ipynb")), raising=True
    )
    return folder


@pytest.fixture
def mine(tmp_path):
    return tmp_path / "deep" / "mine"


def fates(folder):
    return {lesson.name[:2]: lesson.fate for lesson in handout.copy_lessons(folder)}


def renew(shipped, version):
    (shipped / "07_step_two.ipynb").write_bytes(f'"07_step_two, version {version}"'.encode())


def test_the_shipped_lessons_start_at_00():
    assert handout.shipped_lessons()[0].name == "00_start_here.ipynb"


def test_a_first_copy_makes_the_folder_and_a_second_changes_nothing(shipped, mine):
    assert fates(mine) == {"00": "new", "07": "new"}
    before = {path.name: path.read_bytes() for path in mine.iterdir()}
    assert fates(mine) == {"00": "same", "07": "same"}
    assert {path.name: path.read_bytes() for path in mine.iterdir()} == before


def test_a_changed_lesson_is_kept(shipped, mine):
    fates(mine)
    (mine / "07_step_two.ipynb").write_bytes(STUDENT)
    assert fates(mine) == {"00": "same", "07": "kept"}
    assert (mine / "07_step_two.ipynb").read_bytes() == STUDENT


def test_an_untouched_lesson_is_renewed(shipped, mine):
    fates(mine)
    renew(shipped, 2)
    assert fates(mine) == {"00": "same", "07": "renewed"}
    assert (mine / "07_step_two.ipynb").read_bytes() == b'"07_step_two, version 2"'


def test_a_new_version_of_a_changed_lesson_is_put_beside_it_once(shipped, mine):
    fates(mine)
    (mine / "07_step_two.ipynb").write_bytes(STUDENT)
    renew(shipped, 2)
    assert fates(mine)["07"] == "beside"
    assert (mine / "07_step_two_new.ipynb").read_bytes() == b'"07_step_two, version 2"'
    assert fates(mine)["07"] == "kept"

    (mine / "07_step_two_new.ipynb").write_bytes(STUDENT + b" ")
    renew(shipped, 3)
    assert fates(mine)["07"] == "beside"
    assert (mine / "07_step_two.ipynb").read_bytes() == STUDENT
    assert (mine / "07_step_two_new.ipynb").read_bytes() == STUDENT + b" "
    assert (mine / "07_step_two_new2.ipynb").read_bytes() == b'"07_step_two, version 3"'


def lesson(edition, answer=""):
    book = {"cells": [answer], "metadata": {"hlmteach": {"edition": edition}}}
    return json.dumps(book).encode()


def test_a_copy_of_an_earlier_edition_is_named_each_time(shipped, mine):
    (shipped / "07_step_two.ipynb").write_bytes(lesson("a"))
    fates(mine)
    (mine / "07_step_two.ipynb").write_bytes(lesson("a", "my answer"))
    assert fates(mine)["07"] == "kept"
    (shipped / "07_step_two.ipynb").write_bytes(lesson("b"))
    assert fates(mine)["07"] == "beside"
    (mine / "07_step_two_new.ipynb").write_bytes(lesson("b", "begun"))
    for _ in range(2):
        handed = handout.copy_lessons(mine)[1]
        assert (handed.fate, handed.path.name) == ("older", "07_step_two_new.ipynb")
    (mine / "07_step_two_new.ipynb").unlink()
    assert fates(mine)["07"] == "alone"
    assert (mine / "07_step_two.ipynb").read_bytes() == lesson("a", "my answer")


def test_the_cheat_sheet_lies_beside_the_lessons(shipped, mine):
    (shipped / handout.CHEATSHEET).write_bytes(b"%PDF")
    assert fates(mine) == {"00": "new", "07": "new", "ch": "new"}
    assert (mine / handout.CHEATSHEET).read_bytes() == b"%PDF"


def test_a_deleted_lesson_comes_back(shipped, mine):
    fates(mine)
    (mine / "07_step_two.ipynb").unlink()
    assert fates(mine) == {"00": "same", "07": "new"}


@pytest.mark.parametrize("memory", ["", "{", "[1]", '{"07_step_two.ipynb": 3}'])
def test_a_damaged_memory_overwrites_nothing(shipped, mine, memory):
    fates(mine)
    (mine / "07_step_two.ipynb").write_bytes(STUDENT)
    (mine / handout.MEMORY).write_text(memory)
    assert fates(mine) == {"00": "same", "07": "beside"}
    assert (mine / "07_step_two.ipynb").read_bytes() == STUDENT
    assert set(json.loads((mine / handout.MEMORY).read_text())) == {
        "00_start_here.ipynb",
        "07_step_two.ipynb",
    }


def test_the_lessons_own_folder_is_refused(shipped):
    with pytest.raises(HLMError, match="is where the lessons come from"):
        handout.copy_lessons(shipped)
    assert not (shipped / handout.MEMORY).exists()


def test_a_folder_that_cannot_be_made_is_named(shipped, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(HLMError, match=r"cannot be copied to .*file.*Name a folder of your own"):
        handout.copy_lessons(tmp_path / "file" / "mine")
    with pytest.raises(HLMError, match=r"cannot be copied to .*file"):
        handout.copy_lessons(tmp_path / "file")


def test_no_lessons_at_all_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(bank, "PACKAGE", tmp_path / "hlmteach")
    with pytest.raises(HLMError, match="No lessons came with this hlmteach"):
        handout.shipped_lessons()


def test_an_installed_package_has_its_own_lessons(tmp_path, monkeypatch):
    monkeypatch.setattr(bank, "PACKAGE", tmp_path / "hlmteach")
    lessons = tmp_path / "hlmteach" / "_lessons"
    lessons.mkdir(parents=True)
    (lessons / "00_start_here.ipynb").write_text("{}")
    assert handout.shipped_lessons() == [lessons / "00_start_here.ipynb"]
