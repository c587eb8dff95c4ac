"""The pages from disk, in a browser without a network."""

import pytest

from hlmteach.course.pages import write_pages
from tests.lessons.test_pages import SOURCE

pytestmark = pytest.mark.browser


@pytest.fixture
def page(chromium, tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "07_short.md").write_text(SOURCE, encoding="utf-8")
    write_pages(tmp_path, tmp_path / "out", progress=lambda line: None)
    context = chromium.new_context(offline=True, viewport={"width": 380, "height": 800})
    page = context.new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda m: m.type == "error" and page.faults.append(m.text))
    page.goto((tmp_path / "out" / "07_short.html").as_uri())
    yield page
    context.close()


def test_it_plays_searches_and_fits_a_phone(page):
    play = page.get_by_role("button", name="Play").first
    play.wait_for()
    scrub = page.locator("input[type=range]").first
    scrub.focus()
    before = scrub.input_value()
    page.keyboard.press("Home")
    assert scrub.input_value() != before
    page.get_by_label("Search the lessons").fill("aloud")
    assert "07 · A short lesson" in page.locator("#found").inner_text()
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 380
    assert page.faults == []
