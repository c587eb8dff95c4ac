"""`hlmteach present`: one widget full-page, in a room whose firewall drops all that goes out."""

import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE, await_answer
from tests.conftest import free_port

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def address(lab):
    port = free_port()
    command = (sys.executable, "-m", "hlmteach", "present", "ICCDial", "--no-browser")
    server = subprocess.Popen(
        [*command, "--preset", "alike", f"--port={port}"],
        env=lab.settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}/"
    await_answer(url)
    yield url
    server.terminate()
    server.wait(20)


def test_the_page_asks_nobody_else(chromium, address):
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    page, outside = context.new_page(), []
    page.route(lambda url: not url.startswith(address), lambda route: outside.append(route))
    page.goto(address, timeout=PATIENCE)
    widget = page.locator(".hlm-widget.hlm-present")
    expect(widget.locator(".stage-layers text").first).to_be_visible(timeout=PATIENCE)
    status, handle = widget.locator(".stage-status"), widget.locator(".noUi-handle:visible").first
    widget.get_by_role("button", name="To the end").click()
    before = status.inner_text()
    handle.focus()
    page.keyboard.press("ArrowRight")
    expect(status).not_to_have_text(before, timeout=PATIENCE)
    assert outside == []
    context.close()
