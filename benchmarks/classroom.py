"""A room of 300 phones: how long a guess takes to the projector, and whether memory stays flat.

Phones are WebSockets on this machine's own loopback, in this process; the server is one of its own.
Each part ends by itself: the first after ROUNDS rounds, the second after HOUR messages.
"""

import argparse
import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

from tornado import httpclient, websocket

PHONES = 300
ROUNDS = 5
STARTS = 7
SPREAD = 10.0  # seconds over which a room answers
HOUR = 18_000  # messages: each phone answers once a minute
FASTER = 60  # times; as fast as the server's limits on one phone allow


async def connect(address):
    request = httpclient.HTTPRequest(address, request_timeout=60, connect_timeout=60)
    return await websocket.websocket_connect(request)


class Room:
    """The phones and the wall, and when the wall counted what."""

    def __init__(self, base, wall):
        self.base, self.wall_address = base.replace("http", "ws", 1), wall.replace("http", "ws", 1)
        self.round, self.count, self.counted, self.controls = 0, 0, {}, None
        self.news = asyncio.Event()
        self.moved = []  # when a phone had a move of the picture, and its bytes

    async def open(self, count):
        """Let so many phones in, and the wall."""
        self.wall = await connect(f"{self.wall_address}/socket")
        self.reading = [asyncio.create_task(self._watch())]
        self.phones = [await self._phone(k) for k in range(count)]
        self.reading += [asyncio.create_task(self._drain(phone)) for phone in self.phones]

    async def _phone(self, k):
        phone = await connect(f"{self.base}/phone")
        await phone.write_message(json.dumps({"token": f"a simulated phone {k}"}))
        return phone

    async def _drain(self, phone):
        while (text := await phone.read_message()) is not None:
            if '"_change"' in text[:200]:
                self.moved.append((time.perf_counter(), len(text)))

    async def _watch(self):
        while (text := await self.wall.read_message()) is not None:
            view, now = json.loads(text), time.perf_counter()
            if "key" not in view:
                continue
            self.controls = view.get("controls")
            self.key, self.round, self.count = view["key"], view["round"], view["count"]
            for count in range(view["count"], 0, -1):
                if (self.key, self.round, count) in self.counted:
                    break
                self.counted[self.key, self.round, count] = now
            self.news.set()

    async def until(self, done):
        """Wait for the wall to show something."""
        while not done():
            self.news.clear()
            await asyncio.wait_for(self.news.wait(), 60)

    async def ask_again(self):
        """Begin another round."""
        turn = self.round + 1
        await self.wall.write_message(json.dumps({"do": "again"}))
        await self.until(lambda: self.round == turn)

    async def answer(self, k, value):
        """Answer what is open, as one phone."""
        message = {"key": self.key, "round": self.round, "value": value}
        await self.phones[k].write_message(json.dumps(message))

    async def delays(self, value, spread):
        """Have each phone answer at its own moment; seconds until the wall counts it."""
        sent, began = [], time.perf_counter()
        for k in range(len(self.phones)):
            await asyncio.sleep(max(0, began + k * spread / len(self.phones) - time.perf_counter()))
            sent.append(time.perf_counter())
            await self.answer(k, value(k))
        await self.until(lambda: self.count == len(self.phones))
        return [self.counted[self.key, self.round, k + 1] - at for k, at in enumerate(sent)]

    async def moves(self, count):
        """Move the followed picture so often; seconds until each phone has it, and the bytes."""
        await self.wall.write_message(json.dumps({"do": "open", "key": "follow-1"}))
        await self.until(lambda: self.key == "follow-1" and self.controls)
        await asyncio.sleep(5)  # all have the whole picture
        control = next(one for one in self.controls if one["kind"] == "choice")
        delays, sizes = [], []
        for k in range(count):
            self.moved, began = [], time.perf_counter()
            move = {"do": "move", "name": control["name"], "value": (k + 1) % len(control["texts"])}
            await self.wall.write_message(json.dumps(move))
            while len(self.moved) < len(self.phones):
                assert time.perf_counter() < began + 60
                await asyncio.sleep(0.005)
            delays += [at - began for at, _ in self.moved]
            sizes.append(self.moved[0][1])
        return delays, sizes

    async def close(self):
        """Close all sockets."""
        for phone in [*self.phones, self.wall]:
            phone.close()
        await asyncio.wait(self.reading, timeout=10)


def memory(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def row(*cells):
    print("|", " | ".join(str(cell) for cell in cells), "|", flush=True)


async def measure(base, wall, pid, phones, rounds, messages):
    room = Room(base, wall)
    await room.open(phones)
    await room.until(lambda: True)
    await asyncio.sleep(2)
    row("what", "p50 (ms)", "p95 (ms)", "worst (ms)")
    row(*["---"] * 4)
    for key, value in {"guess-1": lambda k: 50 + k % 40, "study-intervals": lambda _: True}.items():
        await room.wall.write_message(json.dumps({"do": "open", "key": key}))
        await room.until(lambda key=key: room.key == key)
        await room.wall.write_message(json.dumps({"do": "show", "on": True}))
        found = []
        for _ in range(rounds):
            await room.ask_again()
            await asyncio.sleep(2)  # all have seen the question
            found += await room.delays(value, SPREAD)
        report(f"{key}, {phones} phones", found)
    delays, sizes = await room.moves(10 * rounds)
    report(f"follow me, {phones} phones", delays)
    print(f"\nBytes of a move: {statistics.median(sizes):.0f}, at most {max(sizes)}.")
    await flat(room, pid, messages)
    await room.close()


def report(what, seconds):
    ms = sorted(1000 * one for one in seconds)
    p95 = ms[int(0.95 * len(ms))]
    row(what, f"{statistics.median(ms):.0f}", f"{p95:.0f}", f"{ms[-1]:.0f}")


async def flat(room, pid, messages):
    """An hour's worth of guesses, compressed; the server's memory before, at half and after."""
    await room.wall.write_message(json.dumps({"do": "open", "key": "guess-1"}))
    await room.until(lambda: room.key == "guess-1")
    began, seen = time.perf_counter(), [memory(pid)]
    for k in range(messages):
        await room.answer(k % len(room.phones), k % 100)
        if k % 10 == 9:
            pause = began + k * 3600 / (FASTER * HOUR) - time.perf_counter()
            await asyncio.sleep(max(0, pause))
        if (k + 1) % (messages // 4) == 0:
            seen.append(memory(pid))
    took = time.perf_counter() - began
    print(
        f"\nMemory of the server (MB) over {messages:,} messages in {took:.0f} s, at each quarter:"
    )
    print(", ".join(f"{one:.1f}" for one in seen), flush=True)


def starts(command, folder):
    """Seconds from the command to the phones' page: seven times, each with a file of its own."""
    took = []
    for k in range(STARTS):
        began = time.perf_counter()
        words = [*command, "--file", f"start{k}.sqlite"]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=folder) as server:
            try:
                (base,) = re.findall(r"http://\S+", server.stdout.readline())
                urllib.request.urlopen(base, timeout=60).read()
                took.append(time.perf_counter() - began)
            finally:
                server.terminate()
    words = ", ".join(f"{one:.1f}" for one in sorted(took))
    print(f"From the command to the first page, s: median {statistics.median(took):.1f} of {words}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two rounds, a tenth of the messages")
    quick = parser.parse_args().quick
    command = [sys.executable, "-u", "-m", "hlmteach", "class", "10", "--no-browser"]
    command += ["--port", "8095"]
    with tempfile.TemporaryDirectory() as folder:
        print(f"Load {os.getloadavg()[0]:.1f}")
        starts(command, folder)
        run([*command, "--file", "room.sqlite"], folder, quick)


def run(command, folder, quick):
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=folder) as server,
    ):
        try:
            lines = server.stdout.readline() + server.stdout.readline()
            base, wall = re.findall(r"http://\S+", lines)
            rounds, messages = (2, HOUR // 10) if quick else (ROUNDS, HOUR)
            asyncio.run(measure(base, wall, server.pid, PHONES, rounds, messages))
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
