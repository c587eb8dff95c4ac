import pytest

from hlmteach.classroom.command import find_lesson
from hlmteach.classroom.questions import truths
from hlmteach.classroom.room import Room
from hlmteach.classroom.store import Store


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "class.sqlite")
    yield store
    store.close()


@pytest.fixture
def room(store):
    """A room without a lesson: the four studies."""
    return Room(store)


@pytest.fixture(scope="session")
def truths_of_ten():
    """What lesson 10 finds; it is run once for all tests."""
    return truths(find_lesson("10"))


@pytest.fixture
def lesson_room(store, truths_of_ten, monkeypatch):
    """The room of lesson 10, whose truths are known."""
    monkeypatch.setattr("hlmteach.classroom.room.truths", lambda _: truths_of_ten)
    room = Room(store, find_lesson("10"))
    room.run_lesson()
    room.wait_for_truths()
    return room


@pytest.fixture
def answer():
    """Answer what is open, as the phone of a token does."""

    def answer(room, value, token="a token of sixteen", **change):
        message = {"key": room.now.key, "round": room.turn, "value": value} | change
        return room.hear(room.voice(token), message)

    return answer
