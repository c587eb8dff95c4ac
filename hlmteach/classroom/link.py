"""How a notebook reaches a class: a thread of its own, or in a browser the browser's socket."""

import asyncio
import json
import random
import threading
from contextlib import suppress

FIRST, LONGEST = 0.5, 8.0  # seconds between two tries
SECURE = (
    "this page came by https, and its browser lets it speak to no class in the room. Answer on a "
    "phone, or in JupyterLab."
)


class ThreadLink:
    """A socket on a thread beside the kernel, which comes back by itself."""

    problem = ""

    def __init__(self, url: str, token: str, answers):
        self._url, self._token, self.answers = url, token, answers
        self._loop = asyncio.new_event_loop()
        self._reached, self._stopped, self._socket = threading.Event(), False, None
        threading.Thread(target=self._work, daemon=True, name="hlmteach class").start()

    def wait(self, seconds: float) -> bool:
        """Wait for the class, so long at most."""
        return self._reached.wait(seconds)

    def wake(self) -> None:
        """Send what is due, soon."""
        with suppress(RuntimeError):  # it has been left
            self._loop.call_soon_threadsafe(self._send_due)

    def stop(self) -> None:
        """Leave."""
        self._stopped = True
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._task.cancel)

    def _work(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._task = self._loop.create_task(self._stay())
        with suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._task)
        self._loop.close()

    async def _stay(self) -> None:
        pause = FIRST
        while not self._stopped:
            with suppress(Exception):  # whatever a network may say: it is tried again
                await self._talk()
                pause = FIRST
            self.answers.lose()
            await asyncio.sleep(pause * (1 + random.random()))
            pause = min(2 * pause, LONGEST)

    async def _talk(self) -> None:
        from tornado.websocket import websocket_connect

        self._socket = await websocket_connect(self._url, connect_timeout=10, ping_interval=20)
        try:
            await self._socket.write_message(json.dumps({"token": self._token}))
            while (text := await self._socket.read_message()) is not None:
                self.answers.hear(json.loads(text))
                self._reached.set()
                self._send_due()
        finally:
            socket, self._socket = self._socket, None
            socket.close()

    def _send_due(self) -> None:
        if self._socket is not None and (message := self.answers.due()):
            with suppress(Exception):  # it closes just now: it is sent when it is back
                self._socket.write_message(json.dumps(message))


class BrowserLink:
    """A socket of the browser in which this Python runs."""

    def __init__(self, url: str, token: str, answers):
        self._url, self._token, self.answers = url, token, answers
        self._pause, self._stopped, self.problem = FIRST, False, ""
        self._open()

    def _open(self) -> None:
        import js
        from pyodide.ffi import create_proxy

        if self._stopped:
            return
        try:
            self._socket = js.WebSocket.new(self._url)
        except Exception:  # a page that came by https may open no other
            self.problem = SECURE
            return
        events = {"open": self._hello, "message": self._hear, "close": self._again}
        for name, answer in events.items():
            self._socket.addEventListener(name, create_proxy(answer))

    def wake(self) -> None:
        """Send what is due."""
        if self.answers.is_connected and (message := self.answers.due()):
            self._socket.send(json.dumps(message))

    def stop(self) -> None:
        """Leave."""
        self._stopped = True
        if not self.problem:
            self._socket.close()

    def _hello(self, _event) -> None:
        self._pause = FIRST
        self._socket.send(json.dumps({"token": self._token}))

    def _hear(self, event) -> None:
        self.answers.hear(json.loads(event.data))
        self.wake()

    def _again(self, _event) -> None:
        self.answers.lose()
        asyncio.get_event_loop().call_later(self._pause * (1 + random.random()), self._open)
        self._pause = min(2 * self._pause, LONGEST)
