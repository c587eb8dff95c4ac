"""A JupyterLab page, what is painted on it, what its kernel takes, and a slow network before it."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

DELAY = 0.05  # seconds, each way

# Marks the picture as changed, and notes when the frame that shows the change has been painted.
# What a hand moves by itself (`hands`, a selector), and attributes that stay, do not count.
WATCH = """([selector, hands]) => {
    const picture = document.querySelector(selector);
    const watch = (window.watch = { frames: [], keys: [], all: 0 });
    let changed = false;
    const mark = () => { changed = true; };
    const shows = ({ type, target, attributeName, oldValue }) => {
        const element = target.nodeType === 1 ? target : target.parentElement;
        if (hands && element && element.closest(hands)) return false;
        if (type !== "attributes") return true;
        const same = target.getAttribute(attributeName) === oldValue;
        return !same && !attributeName.startsWith("aria-");
    };
    const what = { subtree: true, childList: true, characterData: true, attributeOldValue: true };
    new MutationObserver((list) => { if (list.some(shows)) mark(); }).observe(picture, what);
    picture.addEventListener("load", mark, true);
    const pens = CanvasRenderingContext2D.prototype;
    for (const name of ["drawImage", "putImageData"]) {
        const original = pens[name];
        pens[name] = function (...args) {
            if (picture.contains(this.canvas)) mark();
            return original.apply(this, args);
        };
    }
    addEventListener("keydown", (event) => watch.keys.push(event.timeStamp), true);
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
        watch.all += 1;
        if (!changed) return;
        changed = false;
        watch.frames.push(performance.now());
    };
    const loop = () => { channel.port2.postMessage(0); requestAnimationFrame(loop); };
    requestAnimationFrame(loop);
    watch.settled = (quiet, patience) => new Promise((resolve) => {
        const asked = performance.now();
        const look = () => {
            const now = performance.now(), last = watch.frames.at(-1) ?? now;
            if (now - last > quiet || now - asked > patience) return resolve(watch.frames.length);
            setTimeout(look, 25);
        };
        look();
    });
}"""


class Traffic:
    """Counts what the page's websockets receive."""

    def __init__(self, websockets):
        self.received = 0
        for socket_ in websockets:
            socket_.on("framereceived", self._note)

    def _note(self, payload):
        self.received += len(payload)


class Kernel:
    """Processor time of the kernels below a server, from /proc."""

    def __init__(self, server_pid):
        self._tasks = [
            task
            for status in Path("/proc").glob("[0-9]*/stat")
            if self._is_kernel(status, server_pid)
            for task in [status.parent]
        ]

    def seconds(self):
        """Return the seconds of processor time used so far."""
        files = [file for task in self._tasks for file in task.glob("task/*/schedstat")]
        return sum(int(file.read_text().split()[0]) for file in files) / 1e9

    @staticmethod
    def _is_kernel(status, server_pid):
        try:
            parent = int(status.read_text().rsplit(")", 1)[1].split()[1])
            command = (status.parent / "cmdline").read_text()
        except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
            return False
        return parent == server_pid and "ipykernel" in command


class Relay:
    """A TCP relay to a local port that holds everything back for a while, each way."""

    def __init__(self, port):
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self):
        """Take no further connections."""
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # stopped
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            for one, other in ((client, server), (server, client)):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._pump(one, other)

    def _pump(self, source, target):
        """Two threads: one reads and stamps, one waits and writes, so that nothing queues up."""
        waiting, news = [], threading.Condition()

        def read():
            data = b"."
            while data:
                try:
                    data = source.recv(65536)
                except OSError:
                    data = b""
                with news:
                    waiting.append((time.monotonic() + DELAY, data))
                    news.notify()

        def write():
            while True:
                with news:
                    news.wait_for(lambda: waiting)
                    due, data = waiting.pop(0)
                time.sleep(max(0, due - time.monotonic()))
                try:
                    target.sendall(data)
                    if not data:
                        target.shutdown(socket.SHUT_WR)
                        return
                except OSError:
                    return

        for work in (read, write):
            threading.Thread(target=work, daemon=True).start()
