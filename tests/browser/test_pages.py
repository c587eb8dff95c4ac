"""The whole course as pages, opened from disk in a browser without a network.

Writing them runs every lesson in a fresh kernel, with its worked answers: what stops or warns is no
page. tests/lessons/test_lessons.py runs those with worked answers once more without them.
"""

from pathlib import Path

import pytest

from hlmteach.course.pages import write_pages
from tests.browser.conftest import watch_errors

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LESSONS = Path(__file__).parents[2] / "lessons"

# What a page lacks: nothing, when all is well. Every stage is live, has its still picture, and
# something that moves over it; nothing is wider than the page; every link leads somewhere.
LACKING = """async (files) => {
    const lacking = [], all = (what) => [...document.querySelectorAll(what)];
    for (const stage of all("[data-stage]")) {
        const still = stage.querySelector(".stage-layers > img");
        const moves = stage.querySelector(".stage-layers :is(path[d*=M], text, canvas)");
        if (!stage.dataset.live || !still?.naturalWidth || !moves) lacking.push("a stage");
    }
    if (document.documentElement.scrollWidth > innerWidth) lacking.push("room: it is too wide");
    for (const link of all("main a[href], nav a[href]")) {
        const [file, anchor] = link.getAttribute("href").split("#");
        const far = file.startsWith("https://");
        if (file && !far && !files.includes(file)) lacking.push(file);
        if (!file && !document.getElementById(decodeURIComponent(anchor))) lacking.push(anchor);
    }
    for (const node of all("[src], link[href]"))
        if (/^https?:/.test(node.src ?? node.href)) lacking.push(node.outerHTML);
    return lacking;
}"""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    out = tmp_path_factory.mktemp("course")
    write_pages(LESSONS, out, progress=lambda line: None)
    return out


@pytest.fixture
def open_page(chromium):
    contexts = []

    def open_one(path, **options):
        phone = {"offline": True, "viewport": {"width": 360, "height": 800}}
        contexts.append(chromium.new_context(**phone | options))
        page = contexts[-1].new_page()
        page.faults = watch_errors(page)
        page.goto(path.as_uri())
        return page

    yield open_one
    for context in contexts:
        context.close()


def test_every_page_is_whole_on_a_phone(course, open_page):
    files = [path.name for path in course.iterdir()]
    names = sorted(name for name in files if name.endswith(".html"))
    assert len(names) == 1 + len(list(LESSONS.glob("*.ipynb")))
    page = open_page(course / "index.html")
    for name in names:
        page.goto((course / name).as_uri())
        assert page.locator("[data-stage]").count() == page.locator(".stage").count(), name
        page.wait_for_function(f"async (files) => !(await ({LACKING})(files)).length", arg=files)
    assert page.faults == []


def test_it_plays_scrubs_and_searches_in_the_dark(course, open_page):
    page = open_page(course / "07_random_intercept.html", color_scheme="dark")
    stage = page.locator(".stage").first
    stage.get_by_role("button", name="Play").wait_for()
    for name, key in (("Keyframe", "Home"), ("State", "End")):
        slider = stage.get_by_role("slider", name=name)
        before = slider.input_value()
        slider.press(key)
        assert slider.input_value() != before
    assert "moved by 0.36" in stage.locator(".stage-caption:visible").all_inner_texts()[-1]
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(22, 24, 28)"
    page.get_by_label("Search the lessons").fill("shrinkage")
    page.locator("#found a").first.click()
    page.wait_for_url("**/*.html#*")
    assert page.faults == []


def test_without_scripts_pictures_stand_for_the_stages(course, open_page):
    page = open_page(course / "12_random_slopes.html", java_script_enabled=False)
    stages = page.locator("[data-stage]").count()
    pictures = page.locator("[data-stage] > noscript img")
    assert stages == pictures.count() > 0
    for picture in pictures.all():
        assert picture.bounding_box()["width"] > 200
        assert picture.get_attribute("alt")
    assert page.locator("#search").is_hidden()
