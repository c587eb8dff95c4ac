"""The whole course as pages, opened from disk in a browser without a network.

Writing them runs every lesson in a fresh kernel, with its worked answers: what stops or warns is no
page. tests/lessons/test_lessons.py runs those with worked answers once more without them.
"""

import re
from pathlib import Path

import pytest

from hlmteach.course.answers import given_away
from hlmteach.course.pages import write_pages
from hlmteach.course.source import find_sources, read_lesson
from tests.browser.conftest import watch_errors

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LESSONS = Path(__file__).parents[2] / "lessons"

SHORT = """---
title: A short lesson
minutes: 5
goals:
  - see it
---

Guess, then pull **spread within ×** to 2.

```{code-cell}
import hlmteach as hlm

hlm.widgets.Predict("How large is the sd?", answer=0.066, digits=3, because="Groups are alike.")
```

```{code-cell}
hlm.widgets.Predict("Which?", answer="b", options=["a", "b"], because="So it is.")
```

```{code-cell}
hlm.widgets.RandomInterceptAnimator()
```
"""

# What a page lacks: nothing, when all is well. Every stage is live, has its axes, and
# something that moves in them; nothing is wider than the page; every link leads somewhere.
LACKING = """async (files) => {
    const lacking = [], all = (what) => [...document.querySelectorAll(what)];
    for (const stage of all("[data-stage]")) {
        const still = stage.querySelector("[data-name^=still] :is(path[d*=M], text)");
        const moves = stage.querySelector(
            ":not([data-name^=still])[data-name] :is(path[d*=M], text), canvas");
        const told = moves || stage.querySelector(".stage-telling"); // may begin with nothing
        if (!stage.dataset.live || !still || !told) lacking.push("a stage");
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
def course(tmp_path_factory, warm):
    return written(LESSONS, tmp_path_factory.mktemp("course"), warm)


@pytest.fixture(scope="module")
def short(tmp_path_factory, warm):
    folder = tmp_path_factory.mktemp("short")
    (folder / "source").mkdir()
    (folder / "source" / "07_short.md").write_text(SHORT, encoding="utf-8")
    return written(folder, folder / "out", warm) / "07_short.html"


def written(lessons, out, warm):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(warm / "python3"))
        write_pages(lessons, out, progress=lambda line: None)
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


def test_no_number_of_a_lesson_or_its_widgets_answers_an_exercise(course):
    for lesson in map(read_lesson, find_sources(LESSONS)):
        if not lesson.is_appendix:
            page = (course / f"{lesson.name}.html").read_text(encoding="utf-8")
            told = given_away(lesson.number, page[page.index("<main") :])
            assert list(told) == [], lesson.name


def test_bold_words_of_an_exercise_show_no_asterisks(course):
    pages = [page.read_text(encoding="utf-8") for page in course.glob("[0-9]*.html")]
    texts = [re.sub(r"<(pre|code|script).*?</\1>", "", page, flags=re.DOTALL) for page in pages]
    assert [found for text in texts for found in re.findall(r"\*\*[a-z].*", text)] == []
    assert any("Under <strong>play</strong>, find" in text for text in texts)
    assert not any("```" in page for page in pages)  # a printout is one


def test_it_plays_scrubs_and_searches_in_the_dark(course, open_page):
    page = open_page(course / "07_random_intercept.html", color_scheme="dark")
    card = page.locator("section:has([data-stage])").first
    card.get_by_role("button", name="Play").wait_for()
    keyframe = card.get_by_role("slider", name="Keyframe")
    keyframe.press("End")
    assert keyframe.input_value() != "0"
    card.get_by_role("slider", name="before marriage, moved by").press("End")
    said = card.locator(".stage-caption:visible")
    assert said.inner_text() == "This story tells of the first setting."
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
    seen = [picture for picture in pictures.all() if picture.is_visible()]
    assert len(seen) == stages / 2  # each as wide as a phone, or as a desk
    for picture in seen:
        assert picture.bounding_box()["width"] > 200
        assert picture.get_attribute("alt")
    assert page.locator("#search").is_hidden()


def test_a_guess_by_keyboard_stands_beside_the_truth(short, open_page):
    page = open_page(short)
    number, option = page.locator("form.predict").all()
    guess = number.get_by_role("slider", name="your guess")
    guess.press("Home")
    assert guess.get_attribute("aria-valuetext") == "0.000"
    assert number.locator("svg").count() == 0  # nothing is told before the guess
    guess.press("Tab")
    page.keyboard.press("Enter")
    said = number.get_by_role("status")
    assert said.inner_text() == "You said 0.000, it is 0.066. Groups are alike."
    assert number.locator("svg text").all_text_contents() == ["you: 0.000", "0.066"]
    assert guess.is_disabled()
    option.get_by_role("radio", name="a").press("Space")
    page.keyboard.press("Enter")
    assert option.get_by_role("status").inner_text() == "You said: a. It is: b. So it is."
    assert page.get_by_text("I have made my guess").count() == 2
    assert not page.get_by_text("I have made my guess").first.is_visible()
    assert page.faults == []


def test_without_scripts_the_truth_is_folded(short, open_page):
    page = open_page(short, java_script_enabled=False)
    assert page.get_by_text("I have made my guess").first.is_visible()
    assert not page.locator("form.predict").first.is_visible()


NAMED = """() => [...document.querySelectorAll("[data-has]")].flatMap((card) => {
    const parts = [...card.querySelectorAll("label, button, [role=group] > span")];
    const read = (one) => [one.textContent.trim(), one.title, one.title.toLowerCase()];
    const words = parts.flatMap(read);
    const parted = (name) => [name, name.split(": ").slice(1).join(": ")];
    const known = (name) => parted(name).some((part) => words.includes(part));
    return JSON.parse(card.dataset.has).filter((name) => !known(name));
})"""
ASKED_IN_VAIN = """() => {
    const cards = [...document.querySelectorAll("[data-has]")];
    const listed = (kind) => cards.flatMap((one) => JSON.parse(one.dataset[kind]));
    const has = listed("has"), found = [...listed("lacks"), "Check"];
    const lacks = found.filter((one) => !has.includes(one));
    const begins = [...document.querySelectorAll("main strong")]
        .filter((one) => /start from $/i.test(one.previousSibling?.textContent))
        .filter((one) => !has.includes(one.textContent));
    const asks = /\\b(press|pull|choose|set|tick|click)\\b/i;
    const others = [...document.querySelectorAll("main strong")]
        .filter((one) => lacks.includes(one.textContent))
        .filter((one) => asks.test(one.parentElement.textContent))
        .filter((one) => !one.nextElementSibling?.textContent.includes("in the notebook"));
    return [...begins, ...others].map((one) => one.textContent);
}"""


def test_every_page_has_the_controls_that_its_text_names_or_says_where_they_are(course, open_page):
    page = open_page(course / "index.html")
    for path in sorted(course.glob("*_*.html")):
        page.goto(path.as_uri())
        assert page.evaluate(NAMED) == [], path.name
        assert page.evaluate(ASKED_IN_VAIN) == [], path.name


LETTERS = """() => {
    const texts = [...document.querySelectorAll(".narrow .stage-layers text")];
    return Math.min(...texts.map((text) => {
        const svg = text.ownerSVGElement, width = svg.getBoundingClientRect().width;
        return parseFloat(getComputedStyle(text).fontSize) * width / svg.viewBox.baseVal.width;
    }));
}"""


def test_a_control_and_the_story_never_contradict_each_other(short, open_page):
    page = open_page(short, viewport={"width": 390, "height": 800})
    card = page.locator("section:has([data-stage])")
    slider = card.get_by_role("slider", name="spread within ×")
    at, told = slider.input_value(), card.locator(".readout").text_content()
    assert page.evaluate(LETTERS) >= 11
    slider.press("End")
    assert (
        card.locator(".stage-caption:visible").inner_text()
        == "This story tells of the first setting."
    )
    assert card.locator(".readout").text_content() != told
    card.get_by_role("button", name="Step forward").click()
    assert slider.input_value() == at  # the story's own setting
    assert card.locator(".readout").text_content() == told
    slider.press("Home")
    card.get_by_role("button", name="Reset").click()
    assert slider.input_value() == at
    assert page.faults == []
