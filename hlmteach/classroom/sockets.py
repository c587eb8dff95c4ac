"""The sockets of a room: JSON both ways, with limits on its size and rate."""

import asyncio
import hmac
import ipaddress
import json
import socket
import time
import traceback
from contextlib import suppress
from urllib.parse import urlsplit

from tornado import web, websocket

from hlmteach.classroom.live import Classroom
from hlmteach.classroom.room import RefusedError
from hlmteach.errors import HLMError

LARGEST = 4096  # bytes of a message from a phone
BURST, PER_SECOND = 20, 4.0  # messages that one phone may send at once, and in the long run
TEACHER = 10  # times as many for the wall, whose sliders move
STRIKES = 40  # messages refused before a phone is put out
MOST_WAITING = 8  # messages to a phone that does not read them, before it is put out
MOST_BEHIND = 2  # moves that wait for a phone, before it is rather sent the picture anew
MOST_PHONES = 1200
MOST_PER_ADDRESS = 600  # sockets, and voices; a room's network often has one address
HELLO_WITHIN = 10.0  # seconds that a phone has to say its token


def is_ours(host: str, join: str) -> bool:
    """Whether a request's Host is this machine's: no name of elsewhere that was led here."""
    machine = socket.gethostname().lower()
    with suppress(ValueError):  # it is no address at all
        name = urlsplit(f"//{host}").hostname or ""
        known = (urlsplit(join).hostname, "localhost", machine, f"{machine}.local")
        return name in known or bool(ipaddress.ip_address(name))
    return False


def is_address(url: str) -> bool:
    """Whether a page's address, such as an Origin, can be read at all."""
    with suppress(ValueError):
        return urlsplit(url) is not None
    return False


class Socket(websocket.WebSocketHandler):
    """What walls and phones have in common."""

    share = 1  # of what a phone may send
    has_picture = True
    pictured = ""  # the key of the widget whose picture it has seen whole

    def initialize(self, classroom: Classroom):
        """Begin with a full allowance."""
        self.classroom, self._sending, self._behind = classroom, set(), False
        self._tokens, self._at, self._strikes = self.share * BURST, time.monotonic(), 0

    def prepare(self) -> None:
        """Refuse who came by another machine's name."""
        if not is_ours(self.request.host, self.classroom.join):
            raise web.HTTPError(421)
        if not is_address(self.request.headers.get("Origin", "")):
            raise web.HTTPError(403)

    def check_origin(self, origin: str) -> bool:
        """Only pages of this server may speak to it."""
        return urlsplit(origin).netloc == self.request.host

    def say(self, message: dict | str) -> None:
        """Send, unless the other side has gone."""
        if self.ws_connection is None or self.ws_connection.is_closing():
            return
        text = message if isinstance(message, str) else json.dumps(message)
        sending = asyncio.ensure_future(_quietly(self.write_message(text)))
        self._sending.add(sending)
        sending.add_done_callback(self._sent)
        if len(self._sending) > MOST_WAITING:
            self.close(1013, "it does not read what is sent")

    def say_move(self, key: str, text: str) -> None:
        """Send a move of the picture; who is slow leaves moves out, and has the picture anew."""
        if self.pictured != key or not text:
            return
        if len(self._sending) > MOST_BEHIND:
            self.pictured, self._behind = "", True
        else:
            self.say(text)

    def _sent(self, sending) -> None:
        self._sending.discard(sending)
        if self._behind and not self._sending:
            self._behind = False
            self.classroom.tell(self)

    def _may_speak(self) -> bool:
        """Whether this message is within the allowance, which it lessens; else it is refused."""
        now = time.monotonic()
        earned = self.share * PER_SECOND * (now - self._at)
        self._tokens = min(self.share * BURST, self._tokens + earned)
        self._at = now
        if self._tokens < 1:
            self._refuse("Too many messages at once. Wait a moment.")
            return False
        self._tokens -= 1
        return True

    def on_ping(self, data: bytes) -> None:
        """A ping, which Tornado answers, counts as a message."""
        self._may_speak()

    async def on_message(self, text) -> None:
        """Take a message: at most so many, of JSON, each a dict."""
        if not self._may_speak():
            return None
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict):
            return self._refuse("That is no message.")
        try:
            await self.hear(message)
        except RefusedError as refusal:
            self._refuse(str(refusal))
        except HLMError as error:  # the file cannot be written
            self.say({"refused": "That could not be kept. Tell your teacher, and send it again."})
            for wall in self.classroom.walls:
                wall.say({"refused": str(error)})
        except Exception:  # a fault of ours; whoever sent it stays in the room
            traceback.print_exc()
            self.say({"refused": "That did not work here. The class goes on."})

    def _refuse(self, why: str) -> None:
        self._strikes += 1
        self.say({"refused": why})
        if self._strikes > STRIKES:
            self.close(1008, "too many refused messages")


async def _quietly(sending) -> None:
    with suppress(websocket.WebSocketClosedError, OSError):  # gone: it comes back by itself
        await sending


class PhoneSocket(Socket):
    """A phone: says hello with its token, then answers."""

    voice: str | None = None

    def open(self) -> None:
        """Take it in, where there is room."""
        doors, address = self.classroom.doors, self.request.remote_ip
        same = sum(door.request.remote_ip == address for door in doors)
        if len(doors) >= MOST_PHONES or same >= MOST_PER_ADDRESS:
            self.close(1013, "the room is full")
            return
        doors.add(self)
        self.set_nodelay(True)
        asyncio.get_running_loop().call_later(HELLO_WITHIN, self._expect_hello)

    def _expect_hello(self) -> None:
        if self.voice is None:
            self.close(1008, "no hello")

    async def hear(self, message: dict) -> None:
        """Say hello, or answer."""
        room, classroom = self.classroom.room, self.classroom
        if self not in classroom.doors:
            return
        if self.voice is None:
            token = message.get("token")
            if not isinstance(token, str) or not 16 <= len(token) <= 64 or not token.isascii():
                raise RefusedError("A phone begins with its token.")
            self.voice = room.voice(token)
            classroom.phones.add(self)
        elif message.get("picture"):
            self.pictured = ""
        else:
            self._count_voice()
            pooled = await classroom.on_worker(room.hear, self.voice, message)
            if pooled:
                classroom.tell_everyone_later()
        classroom.tell(*(phone for phone in classroom.phones if phone.voice == self.voice))

    def _count_voice(self) -> None:
        """One address cannot fill the room for all others."""
        voices = self.classroom.voices_at[self.request.remote_ip]
        if self.voice not in voices and len(voices) >= MOST_PER_ADDRESS:
            raise RefusedError("Too many have answered from this address.")
        voices.add(self.voice)

    def on_close(self) -> None:
        """Count one less."""
        self.classroom.doors.discard(self)
        self.classroom.phones.discard(self)
        self.classroom.tell()


class NotebookSocket(PhoneSocket):
    """A notebook: as a phone. Its page may be another server's, where it knows the room's word."""

    has_picture = False

    def open(self, word: str) -> None:
        """Take it in."""
        super().open()

    def check_origin(self, origin: str) -> bool:
        """Whoever stands in the room can read the word."""
        return hmac.compare_digest(self.path_kwargs["word"].lower(), self.classroom.word)


class Keyed:
    """What only the teacher may open: its address holds the key."""

    def prepare(self) -> None:
        """Refuse who does not know the key."""
        super().prepare()
        if not hmac.compare_digest(self.path_kwargs["key"], self.classroom.wall_key):
            raise web.HTTPError(404)


class WallSocket(Keyed, Socket):
    """The projector page."""

    share = TEACHER

    def open(self, key: str) -> None:
        """Show the room."""
        self.classroom.walls.add(self)
        self.classroom.tell()

    async def hear(self, message: dict) -> None:
        """Do what the teacher wants."""
        classroom = self.classroom
        if message.get("do") == "move":
            classroom.move(str(message.get("name"))[:40], message.get("value"))
        elif message.get("picture"):
            self.pictured = ""
            classroom.tell()
        else:
            await classroom.teach(message)

    def on_close(self) -> None:
        """Forget it."""
        self.classroom.walls.discard(self)
