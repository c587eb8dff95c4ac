"""Photograph a room of sixty phones for the README: python -m tests.browser.class_picture FILE."""

import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

# Phones that answer what is asked, each with a token and a WebSocket of its own.
ROOM = """([count, middle]) => Promise.all([...Array(count).keys()].map((k) => new Promise((is) => {
  const socket = new WebSocket(`ws://${location.host}/phone`);
  (window.room ??= []).push(socket);
  socket.onopen = () => socket.send(JSON.stringify({ token: `a simulated phone ${k}` }));
  socket.onmessage = ({ data }) => {
    const { key, round, mine } = JSON.parse(data);
    if (mine) is();
    const value = middle === null || middle + 12 * Math.sin(k);
    if (!mine) socket.send(JSON.stringify({ key, round, value }));
  };
})))"""


@contextmanager
def served(folder, *words):
    """`hlmteach class` in a process of its own: the phones' address and the wall's."""
    command = [sys.executable, "-u", "-m", "hlmteach", "class", *words, "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=folder) as process:
        try:
            lines = process.stdout.readline() + process.stdout.readline()
            yield re.findall(r"http://\S+", lines)
        finally:
            process.terminate()


def until(page, expression, arg=None, seconds=240):
    """Wait for an expression to hold; the page's own policy forbids Playwright's way."""
    end = time.monotonic() + seconds
    while not page.evaluate(expression, arg):
        assert time.monotonic() < end, expression
        page.wait_for_timeout(50)


def main(path):
    from playwright.sync_api import sync_playwright

    from tests.browser.conftest import CHROMIUM_FLAGS, find_chromium

    with (
        tempfile.TemporaryDirectory() as folder,
        served(folder, "CoverageStream", "--port", "8093") as (_, wall),
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.goto(wall)
        page.wait_for_selector("#settings input")
        page.evaluate(ROOM, [60, None])
        until(page, "document.querySelectorAll('#picture circle').length === 60")
        page.screenshot(path=path)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
