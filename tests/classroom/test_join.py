"""A notebook in a class: what it sends and when, and that nothing of it can be in the way."""

import asyncio
import json
import sys
from types import ModuleType, SimpleNamespace

import pytest

import hlmteach as hlm
from hlmteach.classroom import join as joining
from hlmteach.classroom import link
from hlmteach.classroom.join import Answers, token
from hlmteach.errors import HLMError
from hlmteach.exercises.in_class import be_in, class_words, hand_on, the_class
from tests.classroom.test_server import hear, say, served
from tests.conftest import free_port

GUESS = {"key": "guess-1", "kind": "guess", "title": "How many?", "round": 0, "mine": None}
EXERCISE = {"key": "exercise-08-1", "kind": "exercise", "title": "08-1", "round": 0, "mine": None}


@pytest.fixture(autouse=True)
def nobody_stays_in_a_class(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield
    if the_class() is not None and hasattr(the_class(), "leave"):
        the_class().leave()
    be_in(None)


class Heard:
    """A class that notes what it is given."""

    def __init__(self):
        self.given = []

    def give(self, question, value):
        self.given.append((question, value))
        return "Sent to the class."


def test_cards_hand_on_what_they_are_told_and_say_so():
    be_in(heard := Heard())
    ask = hlm.widgets.Predict("How many?", 4, low=0, high=10)
    ask.guess(5)
    assert ask.verdict == "You said 5, it is 4. Sent to the class."
    exercise = hlm.exercise("08-1")
    exercise.answer = 2
    exercise.check()
    question, value = heard.given[-1]
    assert heard.given[0] == ("How many?", 5.0)
    assert question == "exercise-08-1"
    assert set(value) == {"status", "mistake"}
    assert class_words("exercise-08-1") == "Sent to the class."
    ask.close()


def test_without_a_class_nothing_is_said():
    assert hand_on("How many?", 5) == ""
    assert class_words("How many?") == ""


def test_an_answer_is_sent_once_when_it_is_asked():
    answers = Answers()
    assert "not reached" in answers.give("How many?", 5.0)
    answers.hear(EXERCISE)
    assert answers.due() is None
    assert "not asked this yet" in answers.give("How many?", 5.0)
    answers.hear(GUESS)
    assert answers.due() == {"key": "guess-1", "round": 0, "value": 5.0}
    assert answers.due() is None
    answers.hear(GUESS | {"mine": 5.0})
    assert answers.give("How many?", 6.0) == "Sent to the class."
    assert answers.due()["value"] == 6.0


def test_what_the_room_has_not_confirmed_is_sent_again_when_it_is_back():
    answers = Answers()
    answers.hear(GUESS)
    answers.give("How many?", 5.0)
    answers.due()
    answers.lose()
    answers.hear(GUESS)
    assert answers.due()["value"] == 5.0


def test_what_the_room_refused_is_sent_again_when_it_next_asks():
    answers = Answers()
    answers.hear(GUESS)
    answers.give("How many?", 5.0)
    answers.due()
    answers.hear({"refused": "Too many messages at once. Wait a moment."})
    answers.hear(GUESS)
    assert answers.due()["value"] == 5.0


def test_a_guess_after_the_truth_is_not_sent():
    answers = Answers()
    answers.give("How many?", 4.0)
    answers.hear(GUESS | {"truth": 4.0})
    assert answers.due() is None
    assert "has seen the answer" in answers.give("How many?", 5.0)
    assert answers.due() is None


def test_who_is_asked_anew_is_not_answered_for():
    answers = Answers()
    answers.give("How many?", 5.0)
    answers.hear(GUESS)
    answers.due()
    answers.hear(GUESS | {"mine": 5.0})
    answers.hear(GUESS | {"round": 1})
    assert answers.due() is None


def test_a_notebook_has_one_voice_and_another_notebook_another(monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "lesson.ipynb")
    first = token()
    assert token() == first
    monkeypatch.setenv("JPY_SESSION_NAME", "other.ipynb")
    assert token() != first
    assert 16 <= len(first) <= 64


def test_a_folder_that_keeps_nothing_has_a_voice_all_the_same(tmp_path):
    (tmp_path / joining.SECRET).mkdir()
    assert len(token()) == 48


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("192.168.1.5:8080/kxqfa", "ws://192.168.1.5:8080/notebook/kxqfa"),
        (" http://class.local:9000/ ", "ws://class.local:9000/phone"),
        ("class", "ws://class:8080/phone"),
        ("https://class:443/abcde", "wss://class:443/notebook/abcde"),
        ("[::1]:8080", "ws://[::1]:8080/phone"),
    ],
)
def test_addresses_as_the_wall_shows_them(monkeypatch, address, url):
    asked = []
    quiet = SimpleNamespace(answers=Answers(), problem="", stop=lambda: None)
    monkeypatch.setattr(joining, "_link", lambda url, token: asked.append(url) or quiet)
    hlm.join(address)
    assert asked == [url]


@pytest.mark.parametrize("address", ["", "the class", 7, "ftp://class", "class:80/a/b", "!"])
def test_what_is_no_address_is_said(address):
    with pytest.raises(HLMError, match="no address of a class"):
        hlm.join(address)


def test_a_class_that_is_not_there_keeps_nobody_waiting(monkeypatch):
    monkeypatch.setattr(joining, "FIRST_WAIT", 0.05)
    member = hlm.join(f"127.0.0.1:{free_port()}")
    assert "not answered yet" in repr(member)
    assert "no name" in repr(member)
    assert hlm.join(member.address) is member
    assert "not reached now" in hand_on("How many?", 5)
    hlm.join(None)
    assert the_class() is None


def test_a_notebook_answers_and_goes_on_after_a_restart(tmp_path, monkeypatch):
    monkeypatch.setattr(joining, "FIRST_WAIT", 0.0)
    monkeypatch.setattr(link, "FIRST", 0.05)

    async def play():
        path = tmp_path / "class.sqlite"
        async with served(path) as site:
            port, room = site.port, site.classroom.room
            room.activities["guess-1"] = guess
            wall = await site.wall()
            await say(wall, {"do": "open", "key": "guess-1"})
            await hear(wall, lambda view: view["key"] == "guess-1")
            member = hlm.join(f"127.0.0.1:{port}")
            member.give("How many?", 5.0)
            await hear(wall, lambda view: view["count"] == 1)
        async with served(path, port) as site:
            site.classroom.room.activities["guess-1"] = guess
            wall = await site.wall()
            await say(wall, {"do": "open", "key": "guess-1"})
            await hear(wall, lambda view: view["key"] == "guess-1" and view["phones"] == 1)
            member.give("How many?", 6.0)
            await hear(wall, lambda view: view["count"] == 1)
            while list(site.store.answers("guess-1", 0).values()) != [6.0]:
                await asyncio.sleep(0.01)
            hlm.join(None)
            await hear(wall, lambda view: view["phones"] == 0)

    from hlmteach.classroom.questions import Activity

    about = {"low": 0.0, "high": 10.0, "digits": 0, "unit": "", "options": None, "because": ""}
    guess = Activity("guess-1", "guess", "How many?", about)
    asyncio.run(asyncio.wait_for(play(), 30))


# -- in a browser -------------------------------------------------------------------------------


class Socket:
    """A browser's WebSocket, as Pyodide hands it over."""

    made: "list[Socket]" = []  # noqa: RUF012 (of one test)

    def __init__(self, url):
        if url.startswith("ws://forbidden"):
            raise RuntimeError("SecurityError")
        self.url, self.sent, self.events = url, [], {}
        Socket.made.append(self)

    def addEventListener(self, name, answer):  # noqa: N802 (the browser's name)
        self.events[name] = answer

    def send(self, text):
        self.sent.append(text)

    def close(self):
        self.events["close"](None)


@pytest.fixture
def browser(monkeypatch):
    js, ffi = ModuleType("js"), ModuleType("pyodide.ffi")
    js.WebSocket = SimpleNamespace(new=Socket)
    ffi.create_proxy = lambda answer: answer
    for name, module in {"js": js, "pyodide": ModuleType("pyodide"), "pyodide.ffi": ffi}.items():
        monkeypatch.setitem(sys.modules, name, module)
    Socket.made = []


def test_in_a_browser_the_browsers_socket_is_taken(browser):
    answers = Answers()
    one = link.BrowserLink("ws://class/phone", "x" * 48, answers)
    (socket,) = Socket.made
    socket.events["open"](None)
    assert "x" * 48 in socket.sent[0]
    answers.give("How many?", 5.0)
    socket.events["message"](SimpleNamespace(data=json.dumps(GUESS)))
    assert '"value": 5.0' in socket.sent[1]
    one.wake()
    assert len(socket.sent) == 2


def test_a_page_by_https_is_told_that_it_cannot(browser):
    one = link.BrowserLink("ws://forbidden/phone", "x" * 48, Answers())
    assert "https" in one.problem
    one.stop()
    assert "Not in the class" in repr(joining.Membership("class", one))
