"""The class as it runs: who is connected, and what is still to be told to whom.

Fits run on one thread beside the event loop and pictures on another, each in order; what the room
looks like is sent at most ten times a second, however many answers come.
"""

import asyncio
import sys
import traceback
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

from hlmteach.classroom.room import RefusedError, Room

BEAT = 0.1  # seconds between two views of the room
MOVE = 0.07  # seconds between two moves of a picture; the stage tweens between them
AT_ONCE = 20  # phones told in one turn of the worker; answers are heard between
WORD = 5  # letters, by which the page of a notebook elsewhere may speak
POOLED = 1.0  # seconds between two tellings of a mean that all have in common


class Classroom:
    """A room, who is connected, and what is still to be told to whom."""

    def __init__(self, room: Room, join: str):
        self.room, self.join = room, join
        self.walls: set = set()
        self.doors: set = set()  # open, whether they have said hello or not
        self.phones: set = set()
        self.voices_at: defaultdict[str, set] = defaultdict(set)  # never kept, never shown
        self.wall_key = room.store.secret("wall")
        self.word = room.store.secret("word")[:WORD].replace("_", "a").replace("-", "b").lower()
        self._worker, self._painter = ThreadPoolExecutor(1), ThreadPoolExecutor(1)
        self._changes: dict = {}  # of the picture, asked for and not yet shown
        self._painting: asyncio.Task | None = None
        self._due: set = set()
        self._everyone = False
        self._task: asyncio.Task | None = None
        self._pooled: asyncio.TimerHandle | None = None
        self._version = self._wall_version = 0
        loop = asyncio.get_running_loop()
        room.when_truths_are_known(lambda: _soon(loop, self.tell_everyone))

    async def teach(self, message: dict) -> None:
        """Do what the teacher wants, and tell all of it."""
        if message.get("do") == "loose" and message.get("on"):
            await self.on_painter(self.room.loose)
        elif message.get("do") == "open":
            self._changes = {}  # they were of another picture
        await self.on_worker(self.room.teach, message)
        self.tell_everyone()

    async def on_worker(self, call, *args):
        """Run what may take long, one after another, off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, call, *args)

    async def on_painter(self, call, *args):
        """Run what has to do with the widget that all follow."""
        return await asyncio.get_running_loop().run_in_executor(self._painter, call, *args)

    def tell_everyone(self) -> None:
        """Soon send the wall and all phones what they show now."""
        self._pooled, self._everyone = None, True
        self.tell()

    def tell_everyone_later(self) -> None:
        """Do so within a second, however often it is asked."""
        if self._pooled is None:
            self._pooled = asyncio.get_running_loop().call_later(POOLED, self.tell_everyone)

    def tell(self, *phones) -> None:
        """Soon send the wall, and these phones, what they show now."""
        self._version += 1
        self._due |= set(phones)
        if self._task is None or self._task.done():
            self._task = asyncio.ensure_future(self._send())

    async def _send(self) -> None:
        while self._due or self._everyone or self._version != self._wall_version:
            await asyncio.sleep(BEAT)
            await self._send_once()

    async def _send_once(self) -> None:
        """Send what is due; a picture that cannot be made is reported, and the class goes on."""
        phones = list(self.phones if self._everyone else self._due & self.phones)
        self._due, self._everyone = set(), False
        self._wall_version, walls = self._version, set(self.walls)
        with _reported():
            wall = await self.on_worker(self.room.wall)
            voices = {phone.voice for phone in self.phones}
            for socket in walls:
                socket.say(wall | {"phones": len(voices), "join": self.join, "word": self.word})
            await self._show_picture(wall, walls, "wall")
        with _reported():
            await self.on_worker(self.room.draw_for, {phone.voice for phone in phones})
        for start in range(0, len(phones), AT_ONCE):
            with _reported():
                some = phones[start : start + AT_ONCE]
                views = await self.on_worker(self._views, {phone.voice for phone in some})
                for phone in some:
                    phone.say(views[phone.voice])
                await self._show_picture(next(iter(views.values())), some, "phone")

    async def _show_picture(self, view: dict, sockets, size: str) -> None:
        """Send the whole picture that is followed to those who have not seen it."""
        if view["kind"] != "follow":
            for socket in sockets:
                socket.pictured = ""  # its page has put the picture away
            return
        if "broken" in view:
            return
        if not self.room.is_followed:
            self.paint()
            return
        if new := [one for one in sockets if one.has_picture and one.pictured != view["key"]]:
            text = await self.on_painter(self.room.picture, view["key"], size)
            for socket in new if text else ():
                socket.pictured = view["key"]
                socket.say(text)

    # -- the widget that all follow -------------------------------------------------------------

    def move(self, name: str, value) -> None:
        """Soon show another setting: of what comes faster than it is drawn, the last counts."""
        self._changes[name] = value
        self.paint()

    def paint(self) -> None:
        """Make the picture, or move it as asked, unless that is being done."""
        if self._painting is None or self._painting.done():
            self._painting = asyncio.ensure_future(self._paint())

    async def _paint(self) -> None:
        with _reported():
            if await self.on_painter(self.room.make_picture):
                self.tell_everyone()
        if not self.room.is_followed:  # it could not be made: the views say why
            self._changes = {}
            self.tell_everyone()
        while self._changes:
            changes, self._changes = self._changes, {}
            pause = asyncio.ensure_future(asyncio.sleep(MOVE))
            with _reported():
                await self._move(changes)
            self.tell()
            await pause

    async def _move(self, changes: dict) -> None:
        try:
            to_walls, to_phones = await self.on_painter(self.room.move, changes)
        except RefusedError as refusal:
            for wall in self.walls:
                wall.say({"refused": str(refusal)})
            return
        for socket in self.walls:
            socket.say_move(self.room.followed, to_walls)
        for socket in self.phones:
            socket.say_move(self.room.followed, to_phones)

    def _views(self, voices) -> dict[str, dict]:
        return {voice: self.room.phone(voice) for voice in voices}

    def close(self) -> None:
        """Let go of the worker and the file."""
        for waiting in (self._task, self._pooled, self._painting):
            if waiting is not None:
                waiting.cancel()
        for thread in (self._worker, self._painter):
            thread.shutdown(cancel_futures=True)
        if self.room.follow is not None:
            self.room.follow.close()
        self.room.store.close()


def _soon(loop, call) -> None:
    with suppress(RuntimeError):  # the room has closed meanwhile
        loop.call_soon_threadsafe(call)


@contextmanager
def _reported():
    try:
        yield
    except Exception:  # said where the teacher started it; nobody in the room is disturbed
        print("A picture of the room could not be made; the class goes on.", file=sys.stderr)
        traceback.print_exc()
