"""The server over a real loopback: who gets in, who is heard, and that nobody is disturbed."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from tornado import httpclient, websocket

from hlmteach.classroom import server
from hlmteach.classroom import sockets as rules
from hlmteach.classroom.live import Classroom
from hlmteach.classroom.room import Room
from hlmteach.classroom.server import application, listen
from hlmteach.classroom.store import Store
from hlmteach.errors import HLMError
from tests.conftest import free_port

PATIENCE = 240  # s; a busy machine is no fault
TOKEN = "a token of sixteen"


class Site:
    """A classroom that is served, and what a client does with it."""

    def __init__(self, path, port):
        self.store, self.clients, self.streams = Store(path), [], []
        self.classroom = Classroom(Room(self.store, widget="ICCDial"), "http://class")
        self.classroom.room.teach({"do": "open", "key": "study-intervals"})
        self.server = listen(application(self.classroom), "127.0.0.1", port)
        self.port = port
        self.wall_path = f"/wall/{self.classroom.wall_key}"

    async def fetch(self, path, **how):
        return await httpclient.AsyncHTTPClient().fetch(
            f"http://127.0.0.1:{self.port}{path}", raise_error=False, **how
        )

    async def socket(self, path, origin=None, **headers):
        headers = {"Origin": origin or f"http://127.0.0.1:{self.port}"} | headers
        address = httpclient.HTTPRequest(f"ws://127.0.0.1:{self.port}{path}", headers=headers)
        self.clients.append(await websocket.websocket_connect(address))
        self.streams.append(self.clients[-1].protocol.stream)
        return self.clients[-1]

    async def wall(self):
        return await self.socket(f"{self.wall_path}/socket")

    async def phone(self, token=TOKEN):
        phone = await self.socket("/phone")
        await say(phone, {"token": token})
        return phone, await hear(phone)

    async def close(self):
        for client in self.clients:
            client.close()
        for stream in self.streams:
            stream.close()
        for door in [*self.classroom.doors]:
            door.close()
        self.server.stop()
        await self.server.close_all_connections()
        await asyncio.sleep(0.05)  # both sides hear of it
        self.classroom.close()


@asynccontextmanager
async def served(path, port=None):
    site = Site(path, port or free_port())
    try:
        yield site
    finally:
        await site.close()


async def say(client, message):
    await client.write_message(message if isinstance(message, str) else json.dumps(message))


async def hear(client, wanted=lambda view: True):
    """The next message that is wanted; None when the other side has closed."""
    while True:
        text = await asyncio.wait_for(client.read_message(), PATIENCE)
        if text is None or wanted(view := json.loads(text)):
            return text and view


def counting(count):
    return lambda view: view.get("count") == count


def answer_to(view, value=True, **change):
    return {"key": view["key"], "round": view["round"], "value": value} | change


@pytest.fixture
def live(tmp_path):
    """Run a coroutine with a site of its own."""

    def run(scene):
        async def play():
            async with served(tmp_path / "class.sqlite") as site:
                await scene(site)

        asyncio.run(play())

    return run


def test_an_answer_goes_from_phone_to_wall(live):
    async def scene(site):
        wall = await site.wall()
        assert (await hear(wall))["count"] == 0
        phone, view = await site.phone()
        assert view["mine"] is None
        await say(phone, answer_to(view))
        shown = await hear(wall, counting(1))
        assert shown["phones"] == 1
        assert shown["join"] == "http://class"
        seen = await hear(phone, lambda view: view["mine"])
        assert seen["numbers"]["estimate"] == shown["marks"][0]["estimate"]

    live(scene)


def test_pages_let_nothing_else_in_and_name_no_address_outside(live):
    async def scene(site):
        for path in ("/", "/phone.js", "/wall.js", "/draw.js", "/class.css", site.wall_path):
            page = await site.fetch(path)
            assert page.code == 200
            assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
            assert page.headers["Referrer-Policy"] == "no-referrer"
            text = page.body.decode().replace("http://www.w3.org/2000/svg", "")
            assert "http://" not in text
            assert "https://" not in text
        code = await site.fetch("/code.svg")
        assert code.body.startswith(b"<svg ")

    live(scene)


@pytest.mark.parametrize("end", ["", "/socket", "/record.csv", "/record.html"])
@pytest.mark.parametrize("key", ["guess", "A" * 32, "%C3%A9", "..", ""])
def test_the_wall_is_refused_to_who_does_not_know_its_link(live, key, end):
    async def scene(site):
        assert (await site.fetch(f"/wall/{key}{end}")).code == 404
        if end == "/socket" and key.isalpha():
            with pytest.raises(httpclient.HTTPClientError, match="404"):
                await site.socket(f"/wall/{key}{end}")

    live(scene)


def test_pages_of_other_servers_may_not_speak(live):
    async def scene(site):
        for path in ("/phone", f"{site.wall_path}/socket"):
            with pytest.raises(httpclient.HTTPClientError, match="403"):
                await site.socket(path, origin="http://elsewhere.example")

    live(scene)


@pytest.mark.parametrize("origin", ["null", "http://[", "file://", "http://evil@127.0.0.1"])
def test_an_origin_that_is_none_is_refused(live, origin):
    async def scene(site):
        for path in ("/phone", f"{site.wall_path}/socket", "/notebook/guess"):
            with pytest.raises(httpclient.HTTPClientError, match="403"):
                await site.socket(path, origin=origin)

    live(scene)


def test_only_the_teacher_has_the_record(live):
    async def scene(site):
        phone, view = await site.phone()
        await say(phone, answer_to(view))
        await hear(phone, lambda view: view["mine"])
        record = await site.fetch(f"{site.wall_path}/record.csv")
        assert b"estimate" in record.body
        assert (await site.fetch("/record.csv")).code == 404
        page = await site.fetch(f"{site.wall_path}/record.html")
        assert b"1 phones took part" in page.body

    live(scene)


MALFORMED = ["", "{", "[]", "7", "null", '"text"', "[" * 4000, '{"token": 5}', '{"token": "short"}']
MALFORMED += ['{"token": "' + "\\ud800" * 20 + '"}', '{"do": "show", "on": true}', '{"key": NaN}']


async def somebody_else_is_heard(site, wall, token="somebody else, quietly"):
    phone, view = await site.phone(token)
    await say(phone, answer_to(view))
    assert (await hear(phone, lambda view: view.get("mine")))["mine"]
    assert await hear(wall, lambda view: view["count"] >= 1)


def test_malformed_messages_are_refused_and_nobody_else_is_disturbed(live):
    async def scene(site):
        wall, hostile = await site.wall(), await site.socket("/phone")
        for text in MALFORMED:
            await say(hostile, text)
            assert "refused" in await hear(hostile)
        await somebody_else_is_heard(site, wall)

    live(scene)


def test_bytes_are_refused_too(live):
    async def scene(site):
        hostile = await site.socket("/phone")
        await hostile.write_message(b"\xff\xfe\x00", binary=True)
        assert "refused" in await hear(hostile)

    live(scene)


def frame(kind, data=b"", first=0x80):
    return bytes([first | kind, 0x80 | len(data)]) + bytes(4) + data


NO_FRAMES = {
    "of a kind that there is not": frame(3),
    "compressed, which nobody offered": frame(1, b"x" * 9, 0xC0),
    "a rest without a beginning": frame(0, b"x"),
    "no UTF-8": frame(1, b"\xff"),
    "a ping too long": b"\x89\xfe\x01\x00" + bytes(4 + 256),
    "promises more than there is memory": b"\x81\xff\x7f" + bytes(7 + 4),
    "never ends": frame(1, b"[", 0) + frame(0, b"1," * 60, 0) * 40,
    "pings without end": frame(9, b"x") * (rules.BURST + rules.STRIKES + 20),
}


@pytest.mark.parametrize("sent", NO_FRAMES.values(), ids=NO_FRAMES)
def test_what_is_no_message_closes_its_own_socket_only(live, sent):
    async def scene(site):
        wall, hostile = await site.wall(), await site.socket("/phone")
        await hostile.protocol.stream.write(sent)
        assert await hear(hostile, lambda view: False) is None
        await somebody_else_is_heard(site, wall)

    live(scene)


def test_an_oversized_message_closes_its_own_socket_only(live):
    async def scene(site):
        wall, hostile = await site.wall(), await site.socket("/phone")
        await say(hostile, json.dumps({"token": "x" * 10 * rules.LARGEST}))
        assert await hear(hostile) is None
        await somebody_else_is_heard(site, wall)

    live(scene)


def test_who_floods_is_put_out_and_the_others_are_heard_meanwhile(live):
    async def scene(site):
        wall = await site.wall()
        hostile, view = await site.phone("a hostile phone, flooding")
        for k in range(rules.BURST + rules.STRIKES + 20):
            await say(hostile, answer_to(view, k))
        await somebody_else_is_heard(site, wall)
        assert await hear(hostile, lambda view: False) is None
        assert hostile.close_code == 1008

    live(scene)


def test_a_replayed_answer_and_another_key_change_nothing(live):
    async def scene(site):
        wall = await site.wall()
        phone, view = await site.phone()
        await say(phone, answer_to(view))
        await hear(wall, counting(1))
        await say(wall, {"do": "again"})
        await hear(wall, counting(0))
        await say(phone, answer_to(view))
        assert "moved on" in (await hear(phone, lambda view: "refused" in view))["refused"]
        assert site.classroom.room.wall()["count"] == 0

    live(scene)


def test_nobody_answers_for_another(live):
    async def scene(site):
        phone, view = await site.phone()
        await say(phone, answer_to(view))
        await hear(phone, lambda view: view["mine"])
        (voice,) = site.store.answers(view["key"], view["round"])
        hostile, other = await site.phone(voice.ljust(16, "0"))  # even who has read the file
        await say(hostile, answer_to(other, voice=voice, token=TOKEN))
        await hear(hostile, lambda view: view["mine"])
        assert len(site.store.answers(view["key"], view["round"])) == 2

    live(scene)


def test_two_tabs_are_one_voice_and_both_see_it(live):
    async def scene(site):
        wall = await site.wall()
        first, view = await site.phone()
        second, _ = await site.phone()
        await say(first, answer_to(view))
        assert (await hear(second, lambda view: view["mine"]))["mine"]
        await say(second, answer_to(view))
        shown = await hear(wall, counting(1))
        assert shown["phones"] == 1

    live(scene)


def test_a_phone_that_was_away_sees_what_it_sent_and_what_is_asked_now(live):
    async def scene(site):
        wall = await site.wall()
        phone, view = await site.phone()
        await say(phone, answer_to(view))
        await hear(wall, counting(1))
        phone.close()
        await hear(wall, lambda view: view["phones"] == 0)
        phone, back = await site.phone()
        assert back["mine"] == back["numbers"]
        phone.close()
        await say(wall, {"do": "open", "key": "study-alarms"})
        await hear(wall, lambda view: view["key"] == "study-alarms")
        _, back = await site.phone()
        assert (back["key"], back["mine"]) == ("study-alarms", None)

    live(scene)


def test_a_network_that_drops_without_a_word_leaves_the_room_as_it_was(live):
    async def scene(site):
        wall = await site.wall()
        phone, view = await site.phone()
        await say(phone, answer_to(view))
        await hear(wall, counting(1))
        phone.protocol.stream.close()  # no closing frame
        assert (await hear(wall, lambda view: view["phones"] == 0))["count"] == 1

    live(scene)


def test_a_restarted_server_goes_on_where_it_was(tmp_path):
    async def play():
        path = tmp_path / "class.sqlite"
        async with served(path) as site:
            wall = await site.wall()
            await say(wall, {"do": "set", "name": "groups", "value": 10})
            phone, view = await site.phone()
            await say(phone, answer_to(view | {"round": 1}))
            before = await hear(wall, counting(1))
            link, port = site.wall_path, site.port
        async with served(path, port) as site:
            assert site.wall_path == link
            after = await hear(await site.wall())
            assert after | {"phones": before["phones"]} == before
            _, view = await site.phone()
            assert view["mine"] == view["numbers"]

    asyncio.run(play())


def test_a_picture_that_cannot_be_made_is_said_and_the_class_goes_on(live, monkeypatch, capsys):
    async def scene(site):
        wall = await site.wall()
        await hear(wall)
        room = site.classroom.room
        with monkeypatch.context() as patch:
            patch.setattr(room, "wall", lambda: 1 / 0)
            _, view = await site.phone("a phone of that moment")
            assert view["mine"] is None
        await somebody_else_is_heard(site, wall)

    live(scene)
    said = capsys.readouterr().err
    assert "could not be made; the class goes on" in said
    assert "ZeroDivisionError" in said


def test_who_says_no_hello_is_put_out(live, monkeypatch):
    monkeypatch.setattr(rules, "HELLO_WITHIN", 0.1)

    async def scene(site):
        silent = await site.socket("/phone")
        assert await hear(silent) is None
        phone, _ = await site.phone()
        await asyncio.sleep(0.3)
        await say(phone, {})
        assert "refused" in await hear(phone)

    live(scene)


def test_one_address_holds_only_so_many_sockets(live, monkeypatch):
    monkeypatch.setattr(rules, "MOST_PER_ADDRESS", 2)

    async def scene(site):
        first, view = await site.phone()
        await site.socket("/phone")
        third = await site.socket("/phone")
        assert await hear(third) is None
        await say(first, answer_to(view))
        assert (await hear(first, lambda view: view["mine"]))["mine"]

    live(scene)


def test_a_mean_that_all_have_in_common_is_told_to_all(live):
    async def scene(site):
        wall = await site.wall()
        await say(wall, {"do": "open", "key": "study-groups"})
        await hear(wall, lambda view: view["key"] == "study-groups")
        phones = [await site.phone(f"a phone of number {k}") for k in range(4)]
        for phone, view in phones:
            await say(phone, answer_to(view))
        shown = await hear(wall, counting(4))
        first = await hear(phones[0][0], lambda v: v.get("pulled") == shown["marks"][0]["pulled"])
        assert first["pulled"] != first["numbers"]["own"]

    live(scene)


@pytest.mark.filterwarnings("ignore")  # tornado leaves the socket that it could not bind
def test_a_port_that_is_taken_is_said(live):
    async def scene(site):
        with pytest.raises(HLMError, match=rf"port {site.port} cannot be used.*--port"):
            listen(application(site.classroom), "127.0.0.1", site.port)

    live(scene)


# -- names, other machines, and slow readers ------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/phone.js", "/code.svg"])
def test_a_page_that_was_led_here_by_another_name_is_refused(live, path):
    async def scene(site):
        for host in (f"evil.example:{site.port}", "[::1", "127.0.0.1.evil", ""):
            assert (await site.fetch(path, headers={"Host": host})).code == 421
        for host in ("localhost", "192.168.1.5:8080", "class", "[::1]:8080"):
            assert (await site.fetch(path, headers={"Host": host})).code == 200

    live(scene)


def test_sockets_by_another_name_are_refused(live):
    async def scene(site):
        evil = f"evil.example:{site.port}"
        for path in ("/phone", f"{site.wall_path}/socket"):
            with pytest.raises(httpclient.HTTPClientError, match="421"):
                await site.socket(path, origin=f"http://{evil}", Host=evil)

    live(scene)


@pytest.mark.parametrize(
    "path",
    ["/../store.py", "/%2e%2e/store.py", "/page/phone.js", "//etc/passwd", "/head.html", "/loose"],
)
def test_nothing_else_is_served(live, path):
    async def scene(site):
        assert (await site.fetch(path)).code == 404

    live(scene)


def test_a_notebook_of_another_page_speaks_by_the_word_on_the_wall(live):
    async def scene(site):
        word = (await hear(await site.wall()))["word"]
        notebook = await site.socket(f"/notebook/{word}", origin="https://lite.example")
        await say(notebook, {"token": TOKEN})
        await say(notebook, answer_to(await hear(notebook)))
        assert (await hear(notebook, lambda view: view["mine"]))["mine"]
        with pytest.raises(httpclient.HTTPClientError, match="403"):
            await site.socket("/notebook/guess", origin="https://lite.example")

    live(scene)


def test_who_comes_and_goes_fifty_times_leaves_nothing_behind(live):
    async def scene(site):
        wall = await site.wall()
        for k in range(50):
            phone = await site.socket("/phone")
            await say(phone, {"token": f"a new token every time {k}"})
            phone.close()
        while site.classroom.doors:
            await asyncio.sleep(0.01)
        assert site.store.all_answers() == []
        await somebody_else_is_heard(site, wall)

    live(scene)


def test_one_address_cannot_keep_all_connections(live, monkeypatch):
    monkeypatch.setattr(server, "MOST_REQUESTS", 2)

    async def scene(site):
        wall, (phone, view) = await site.wall(), await site.phone()
        silent = [await asyncio.open_connection("127.0.0.1", site.port) for _ in range(3)]
        assert await asyncio.wait_for(silent[2][0].read(), PATIENCE) == b""  # closed
        await say(phone, answer_to(view))  # a socket that is open goes on
        await hear(wall, counting(1))
        for _, writer in silent:
            writer.close()
        while (await site.fetch("/")).code != 200:
            await asyncio.sleep(0.01)

    live(scene)


def test_a_system_that_gives_few_open_files_is_asked_for_more(live):
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))

    async def scene(site):
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 300

    try:
        live(scene)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_one_address_cannot_fill_the_room(live, monkeypatch):
    monkeypatch.setattr(rules, "MOST_PER_ADDRESS", 1)

    async def scene(site):
        phone, view = await site.phone()
        await say(phone, answer_to(view))
        await hear(phone, lambda view: view["mine"])
        phone.close()
        await hear(await site.wall(), lambda view: view["phones"] == 0)
        other, view = await site.phone("one voice more, same place")
        await say(other, answer_to(view))
        assert "from this address" in (await hear(other, lambda v: "refused" in v))["refused"]

    live(scene)


def test_who_does_not_read_is_put_out_and_nobody_waits(live, monkeypatch):
    async def scene(site):
        wall = await site.wall()
        phone, _ = await site.phone("a phone that sleeps")
        (asleep,) = site.classroom.phones
        never = asyncio.get_running_loop().create_future()
        monkeypatch.setattr(asleep, "write_message", lambda _: never)
        for _ in range(rules.MOST_WAITING + 1):
            asleep.say({})
        never.set_result(None)
        assert await hear(phone, lambda view: False) is None
        await somebody_else_is_heard(site, wall)

    live(scene)


def test_an_answer_that_cannot_be_kept_is_said_to_phone_and_wall(live, monkeypatch):
    async def scene(site):
        wall, (phone, view) = await site.wall(), await site.phone()
        with monkeypatch.context() as patch:
            full = HLMError("The room's file cannot be used: the disk is full.")
            patch.setattr(site.store, "answer", lambda *_: (_ for _ in ()).throw(full))
            await say(phone, answer_to(view))
            assert "not be kept" in (await hear(phone, lambda v: "refused" in v))["refused"]
            assert "disk is full" in (await hear(wall, lambda v: "refused" in v))["refused"]
        await somebody_else_is_heard(site, wall)

    live(scene)


# -- a widget that all follow -------------------------------------------------------------------


async def follow(site, wall):
    await say(wall, {"do": "open", "key": "follow-1"})
    await hear(wall, lambda view: view.get("controls"))


def changed(view):
    return any("_change" in one for one in view.get("picture", ()))


def test_a_teachers_slider_moves_every_phones_picture(live):
    async def scene(site):
        wall, (phone, _) = await site.wall(), await site.phone()
        await follow(site, wall)
        whole = await hear(phone, lambda view: "picture" in view)
        assert whole["picture"][0]["_scene"]["marks"]
        await say(wall, {"do": "move", "name": "icc", "value": 0.5})
        assert changed(await hear(phone, changed))
        said = (await hear(wall, changed))["picture"]
        status = next(one["status"] for one in said if "status" in one)
        controls = (await hear(wall, lambda view: view.get("controls")))["controls"]
        assert controls[0]["value"] == 0.5
        late, _ = await site.phone("a phone that comes late")
        state = (await hear(late, lambda view: "picture" in view))["picture"][0]
        assert state["status"] == status
        await say(phone, {"picture": "whole"})
        assert (await hear(phone, lambda view: "picture" in view))["picture"] == [state]

    live(scene)


def test_a_slow_phone_leaves_moves_out_and_has_the_picture_anew(live, monkeypatch):
    async def scene(site):
        wall, (phone, _) = await site.wall(), await site.phone()
        await follow(site, wall)
        await hear(phone, lambda view: "picture" in view)
        (slow,) = site.classroom.phones
        send, stuck = slow.write_message, asyncio.get_running_loop().create_future()
        monkeypatch.setattr(slow, "write_message", lambda _: stuck)
        for _ in range(rules.MOST_BEHIND + 2):
            slow.say_move("follow-1", "{}")
        monkeypatch.setattr(slow, "write_message", send)
        stuck.set_result(None)
        again = await hear(phone, lambda view: "picture" in view)
        assert "_scene" in again["picture"][0]

    live(scene)


def test_a_picture_comes_again_when_it_is_opened_again(live):
    async def scene(site):
        wall, (phone, _) = await site.wall(), await site.phone()
        for _ in range(2):
            await follow(site, wall)
            for socket in (wall, phone):
                whole = await hear(socket, lambda view: "picture" in view)
                assert whole["picture"][0]["_scene"]["marks"]
            await say(wall, {"do": "open", "key": "study-intervals"})
            for socket in (wall, phone):
                await hear(socket, lambda view: view.get("key") == "study-intervals")

    live(scene)


def test_a_picture_that_cannot_be_made_is_tried_again_when_it_is_opened_again(
    live, monkeypatch, capsys
):
    async def scene(site):
        wall, (phone, _) = await site.wall(), await site.phone()
        with monkeypatch.context() as patch:
            patch.setattr("hlmteach.classroom.room.Follow", lambda _: 1 / 0)
            await say(wall, {"do": "open", "key": "follow-1"})
            for socket in (wall, phone):
                broken = (await hear(socket, lambda view: view.get("broken")))["broken"]
                assert "cannot be shown here: division by zero" in broken
        await say(wall, {"do": "move", "name": "icc", "value": 0.5})
        await follow(site, wall)
        for socket in (wall, phone):
            assert await hear(socket, lambda view: "picture" in view)
        await say(wall, {"do": "again"})  # a second wall still showed a study
        assert "not asked again" in (await hear(wall, lambda v: "refused" in v))["refused"]

    live(scene)
    assert "the class goes on" in capsys.readouterr().err


def test_settings_that_no_control_has_any_more_do_not_hide_the_picture(live):
    async def scene(site):
        site.store.put("moved follow-1", {"a control of last year": 3})
        wall = await site.wall()
        await follow(site, wall)
        assert await hear(wall, lambda view: "picture" in view)

    live(scene)


def test_a_notebook_is_sent_no_picture(live):
    async def scene(site):
        wall = await site.wall()
        notebook = await site.socket(f"/notebook/{(await hear(wall))['word']}")
        await say(notebook, {"token": TOKEN})
        await follow(site, wall)
        await hear(wall, lambda view: "picture" in view)
        await say(wall, {"do": "move", "name": "icc", "value": 0.5})
        await hear(wall, changed)
        await say(wall, {"do": "open", "key": "study-intervals"})
        heard = []
        await hear(
            notebook, lambda view: heard.append(view) or view.get("key") == "study-intervals"
        )
        assert not any("picture" in view for view in heard)

    live(scene)


def test_a_fault_of_ours_puts_nobody_out(live, monkeypatch, capsys):
    async def scene(site):
        wall, (phone, view) = await site.wall(), await site.phone()
        with monkeypatch.context() as patch:
            patch.setattr(site.classroom.room, "hear", lambda *_: 1 / 0)
            await say(phone, answer_to(view))
            assert "did not work" in (await hear(phone, lambda v: "refused" in v))["refused"]
        await say(phone, answer_to(view))
        assert await hear(wall, counting(1))

    live(scene)
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_a_class_that_moves_on_while_a_picture_is_read_is_told_nothing_else(live, monkeypatch):
    async def scene(site):
        wall, (phone, _) = await site.wall(), await site.phone()
        room, picture = site.classroom.room, site.classroom.room.picture

        def late(key, size):
            room.teach({"do": "open", "key": "study-intervals"})
            return picture(key, size)

        monkeypatch.setattr(room, "picture", late)
        await say(wall, {"do": "open", "key": "follow-1"})
        await hear(wall, lambda view: view.get("controls"))
        site.classroom.tell_everyone()
        for socket in (wall, phone):
            heard = await hear(socket, lambda view: view.get("kind") != "follow")
            assert heard["kind"] == "study"

    live(scene)


def test_a_wrong_move_is_refused_at_the_wall_alone(live):
    async def scene(site):
        wall = await site.wall()
        await follow(site, wall)
        await say(wall, {"do": "move", "name": "icc", "value": "<b>"})
        assert "nothing of that name" in (await hear(wall, lambda v: "refused" in v))["refused"]
        await say(wall, {"do": "open", "key": "study-intervals"})
        await hear(wall, lambda view: view.get("key") == "study-intervals")
        await somebody_else_is_heard(site, wall)

    live(scene)


def test_phones_that_are_let_loose_fetch_their_states(live):
    async def scene(site):
        wall, (phone, _) = await site.wall(), await site.phone()
        await follow(site, wall)
        await say(wall, {"do": "loose", "on": True})
        assert await hear(phone, lambda view: view.get("loose"))
        states = json.loads((await site.fetch("/loose")).body)
        assert states["knobs"]
        await say(wall, {"do": "loose", "on": False})
        assert not (await hear(phone, lambda view: view.get("loose") is False))["loose"]

    live(scene)
