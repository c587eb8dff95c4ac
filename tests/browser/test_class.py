"""A teacher's page and three phones in a real browser: what a person can do and see."""

import importlib.util
import re
from pathlib import Path

import pytest

from tests.browser.class_picture import ROOM, served, until
from tests.conftest import free_port

pytestmark = pytest.mark.browser
SMALL_WALL = {"width": 1280, "height": 720}
LARGE_WALL = {"width": 1920, "height": 1080}
PHONE = {"width": 390, "height": 780}
RUN_AXE = """async () => (await axe.run(document)).violations
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .flatMap(({ id, nodes }) => nodes.map((one) => `${id}: ${one.html} ${one.failureSummary}`))"""
THUMB = 44  # px, the least height of what a thumb meets


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    with served(folder, "10", "--port", str(free_port())) as addresses:
        yield addresses


@pytest.fixture
def open_page(chromium):
    """Open an address in a browser profile of its own, which is a device of its own."""
    contexts, faults = [], []

    def open_page(address, viewport, **how):
        contexts.append(chromium.new_context(viewport=viewport, **how))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: said.type == "error" and faults.append(said.text))
        page.goto(address)
        until(page, "now !== null")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


def ask(wall, key):
    wall.select_option("#menu", key)
    until(wall, "key => now.key === key", key)


def counts(wall, count):
    until(wall, "count => now.count === count", count)


def test_three_phones_guess_and_the_teacher_shows_guesses_and_truth(site, open_page):
    address, link = site
    wall = open_page(link, SMALL_WALL)
    ask(wall, "guess-1")
    assert wall.locator("#welcome").is_visible()  # the way in, until somebody has answered
    phones = [open_page(address, PHONE) for _ in range(3)]
    for phone, guess in zip(phones, (60, 70, 95), strict=True):
        phone.locator("#answer").fill(str(guess))
        phone.locator("button[type=submit]").click()
        until(phone, "now.mine !== null")
    counts(wall, 3)
    for is_large in (True, False):
        wall.get_by_role("button", name="Show the code large").click()
        assert wall.locator("#welcome").is_visible() is is_large
        assert wall.locator("#picture").is_visible() is not is_large
    assert wall.locator("#picture circle").count() == 0
    wall.locator("#show").click()
    until(wall, "document.querySelectorAll('#picture circle').length === 3")
    assert "It is" not in phones[0].locator("#said").inner_text()
    wall.locator("#truth").click()
    for phone, guess in zip(phones, (60, 70, 95), strict=True):
        until(phone, "document.querySelector('#said').textContent.includes('It is')")
        said = phone.locator("#said").inner_text()
        assert f"You said {guess}" in said
        assert "wrong" not in said.lower()
        assert phone.locator("button[type=submit]").is_disabled()


def test_a_phone_sends_its_study_and_comes_back_to_it(site, open_page):
    address, link = site
    wall = open_page(link, SMALL_WALL)
    ask(wall, "study-intervals")
    phone = open_page(address, PHONE)
    phone.locator("button[type=submit]").click()
    until(phone, "now.mine !== null")
    words = phone.locator("#words").inner_text()
    counts(wall, 1)
    phone.reload()
    until(phone, "now !== null && now.mine !== null")
    assert phone.locator("#words").inner_text() == words
    assert phone.locator("button[type=submit]").is_disabled()
    wall.get_by_label("3", exact=True).press("ArrowRight")
    wall.keyboard.press("ArrowRight")  # to 10: the keyboard stays where it is
    until(phone, "now.mine === null && now.round === 2")
    assert wall.evaluate("now.state.groups") == 10
    assert phone.locator("#words").inner_text() != words


def test_a_group_stands_under_its_name_when_the_teacher_shows_names(site, open_page):
    address, link = site
    wall = open_page(link, SMALL_WALL)
    ask(wall, "study-groups")
    phone = open_page(address, PHONE)
    phone.get_by_label("A name for your group").fill("<b>Kai")
    phone.locator("button[type=submit]").click()
    counts(wall, 1)
    until(phone, "document.querySelector('#said').textContent.includes('<b>Kai')")
    assert not phone.locator("#name").is_visible()
    assert wall.get_by_text("<b>Kai").count() == 0
    wall.locator("#names").click()
    assert wall.get_by_text("<b>Kai").is_visible()
    ask(wall, "study-alarms")
    assert wall.locator("#names").is_hidden()


def test_a_phone_that_loses_the_network_comes_back_by_itself(site, open_page):
    address, link = site
    wall = open_page(link, SMALL_WALL)
    ask(wall, "study-alarms")
    phone = open_page(address, PHONE)
    phone.context.set_offline(True)
    phone.evaluate("Object.defineProperty(document, 'hidden', { value: false })")
    phone.context.set_offline(False)
    phone.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    ask(wall, "study-choices")
    until(phone, "now.key === 'study-choices'")
    phone.locator("button[type=submit]").click()
    counts(wall, 1)


def shows(page, box="#picture"):
    until(page, "box => document.querySelector(`${box} .stage-picture svg`) !== null", box)


def says(page, box, words):
    told = "([box, words]) => document.querySelector(box).textContent.includes(words)"
    until(page, told, [box, words])


def test_a_teachers_slider_moves_every_picture_and_phones_are_let_loose(site, open_page):
    address, link = site
    wall = open_page(link, SMALL_WALL)
    ask(wall, "follow-1")
    phones = [open_page(address, PHONE) for _ in range(3)]
    for page in (wall, *phones):
        shows(page)
    before = phones[0].locator("#theirs .stage-status").inner_text()
    wall.locator("#settings select").first.select_option(index=3)
    until(wall, "document.querySelector('#settings select').value === '3'")
    now = "before => document.querySelector('#theirs .stage-status').textContent !== before"
    for phone in phones:
        until(phone, now, before)
    told = wall.locator("#picture .stage-status").inner_text()
    assert [phone.locator("#theirs .stage-status").inner_text() for phone in phones] == [told] * 3
    late = []  # the states of one phone, which come when the class has moved on
    phones[2].route("**/loose", lambda route: late.append((route, route.fetch())))
    with phones[2].expect_request("**/loose"):
        wall.locator("#loose").click()
    shows(phones[0], "#own")
    assert phones[0].locator("#theirs").is_hidden()
    phones[0].locator("#form button, #form label span").first.click()
    assert phones[1].locator("#words").inner_text().startswith("Now it is yours")
    wall.locator("#loose").click()
    until(phones[0], "!document.querySelector('#theirs').hidden")
    ask(wall, "guess-1")
    for phone in phones:
        until(phone, "now.key === 'guess-1'")
    with phones[2].expect_response("**/loose"):
        route, response = late[0]
        route.fulfill(response=response)
    assert phones[2].locator("#answer").is_visible()
    ask(wall, "follow-1")  # the picture comes back where it was left
    for page in (wall, *phones):
        shows(page)
    phones[1].reload()
    until(phones[1], "now !== null")
    says(phones[1], "#theirs", told)


def grave_faults(page):
    """What axe finds serious or critical."""
    spec = importlib.util.find_spec("axe_playwright_python")
    axe = Path(spec.submodule_search_locations[0], "axe.min.js").read_text(encoding="utf-8")
    page.evaluate(axe)
    return page.evaluate(RUN_AXE)


@pytest.mark.parametrize(("scheme", "size"), [("light", SMALL_WALL), ("dark", LARGE_WALL)])
def test_pages_fit_and_can_be_touched_and_read(site, open_page, scheme, size):
    address, link = site
    wall = open_page(link, size, color_scheme=scheme)
    phone = open_page(address, PHONE, color_scheme=scheme, reduced_motion="reduce")
    for key in wall.evaluate("now.menu.map(([key]) => key)"):
        ask(wall, key)
        until(phone, "key => now.key === key", key)
        if key.startswith("study"):
            phone.locator("button[type=submit]").click()
            until(wall, "document.querySelector('#big').textContent !== ''")
        wide = "document.documentElement.scrollWidth <= innerWidth"
        assert phone.evaluate(wide), key
        assert wall.evaluate(wide), key
        assert wall.evaluate("document.documentElement.scrollHeight <= innerHeight"), key
        heights = phone.evaluate(
            "[...document.querySelectorAll('button, .choices span, input:not(.choices input)')]"
            ".filter((one) => one.checkVisibility())"
            ".map((one) => one.getBoundingClientRect().height)"
        )
        assert min(heights, default=THUMB) >= THUMB, key
        unnamed = phone.evaluate(
            "[...document.querySelectorAll('input, button, select, svg:not([aria-hidden])')]"
            ".filter((one) => !(one.labels?.length || one.textContent.trim() || one.ariaLabel))"
            ".map((one) => one.outerHTML.slice(0, 200))"
        )
        assert unnamed == [], key
        if key == "follow-1":
            shows(wall)
            shows(phone)
        if key in ("guess-1", "study-intervals", "follow-1"):
            assert grave_faults(phone) + grave_faults(wall) == []


def test_cards_of_a_notebook_in_jupyterlab_answer_in_the_room(site, open_page, show_cells):
    wall = open_page(site[1], SMALL_WALL)
    ask(wall, "exercise-10-2")
    before = wall.evaluate("now.count")
    ask(wall, "guess-1")
    asked, counted = wall.evaluate("[now.title, now.count]")
    address = wall.evaluate("`${location.host}/${now.word}`")
    lab = show_cells(
        f"import hlmteach as hlm\nhlm.join({address!r})",
        f"hlm.widgets.Predict({asked!r}, answer=66, high=100)",
        "hlm.exercise('10-2')",
    )
    lab.page.get_by_role("button", name="This is my guess").click()
    lab.page.get_by_text("Sent to the class.").wait_for()
    counts(wall, counted + 1)
    ask(wall, "exercise-10-2")
    card = lab.page.locator("form.hlm-ex")
    card.get_by_role("textbox").fill("1")
    card.get_by_role("textbox").press("Enter")
    counts(wall, before + 1)
    lab.add_cell("hlm.join(None)")


def test_by_the_readmes_words_sixty_intervals_stand_on_the_wall(tmp_path, open_page):
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"`\.venv/bin/hlmteach class ([^`]+)` lets a room answer", readme)
    title, menu = re.search(r'choose "([^"]+)" under "([^"]+)"', " ".join(readme.split())).groups()
    with served(tmp_path, *command.split(), "--port", str(free_port())) as (_, link):
        wall = open_page(link, SMALL_WALL)
        wall.get_by_label(menu).select_option(label=title)
        wall.evaluate(ROOM, [60, None])
        until(wall, "document.querySelectorAll('#picture circle').length === 60")
    assert wall.locator("#big").inner_text().endswith("%")
    assert "of 60" in wall.locator("#margin").inner_text()
