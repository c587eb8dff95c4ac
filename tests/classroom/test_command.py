"""What the command says before a room is open."""

import socket

import pytest

from hlmteach import cli
from hlmteach.classroom import command
from hlmteach.classroom.command import lan_address
from hlmteach.errors import HLMError


def test_a_machine_without_a_network_is_told_what_to_do(monkeypatch):
    def unreachable(*_):
        raise OSError("Network is unreachable")

    monkeypatch.setattr(socket.socket, "connect", unreachable)
    with pytest.raises(HLMError, match=r"in no network.*--host"):
        lan_address()


def test_a_name_that_is_none_is_answered_with_those_that_are(capsys):
    assert cli.main(["class", "ICCDail", "--no-browser"]) == 2
    said = capsys.readouterr().err
    assert "ICCDial" in said
    assert "10" in said


@pytest.mark.parametrize(
    ("name", "first"),
    [("ICCDial", "follow-1"), ("CoverageStream", "study-intervals"), ("10", "guess-1")],
)
def test_what_a_room_opens_with(tmp_path, monkeypatch, name, first):
    opened = []

    async def serve(lesson, widget, *_):
        room = command.open_room(lesson, widget, tmp_path / "class.sqlite")
        opened.append(room.now.key)
        room.store.close()

    monkeypatch.setattr(command, "_serve", serve)
    assert cli.main(["class", name, "--no-browser"]) == 0
    assert opened == [first]
