"""A name that is asked for once: kept in the folder, known to the next notebook."""

import pytest

import hlmteach as hlm
from hlmteach.exercises import desk
from hlmteach.exercises.desk import clear_desk
from hlmteach.exercises.remembered import FILE


@pytest.fixture(autouse=True)
def _notebook(tmp_path, monkeypatch):
    """A notebook's folder; with `clear_desk` its next kernel starts."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(desk, "in_a_kernel", lambda: True)
    clear_desk()
    yield
    clear_desk()


def test_the_next_notebook_knows_the_name():
    hlm.student(" Anna ")
    clear_desk()
    assert hlm.exercise("02-3").student.id == "anna"


def test_another_folder_does_not(tmp_path, monkeypatch):
    hlm.student("anna")
    clear_desk()
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    assert hlm.exercise("02-3").student.id == ""


def test_what_is_said_in_a_notebook_counts_there():
    hlm.student("anna")
    clear_desk()
    hlm.student("bo", secret="one of the teacher's")
    assert hlm.exercise("02-3").student.id == "bo"
    clear_desk()
    assert hlm.exercise("02-3").student.id == "anna"  # an id with a code is not kept
    hlm.student("")
    assert hlm.exercise("02-3").student.id == ""


@pytest.mark.parametrize("kept", [b"", b"\xff\xfe", b"x" * 2000, b"a\x00b"])
def test_a_file_that_holds_no_name_is_no_name(tmp_path, kept):
    (tmp_path / FILE).write_bytes(kept)
    assert hlm.exercise("02-3").student.id == ""


def test_outside_of_notebooks_nothing_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(desk, "in_a_kernel", lambda: False)
    hlm.student("anna")
    assert not (tmp_path / FILE).exists()


def test_a_folder_that_cannot_be_written_to_is_no_error(tmp_path):
    (tmp_path / FILE).mkdir()
    assert hlm.student("anna").id == "anna"
