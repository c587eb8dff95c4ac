"""The course as a site, in a real browser with every other address cut off: lessons run, live."""

import functools
import http.server
import json
import shutil
import threading
from pathlib import Path

import pytest
from playwright.sync_api import expect

from hlmteach.cli import main
from hlmteach.course.site import write_site
from hlmteach.exercises.bank import QUESTIONS
from hlmteach.exercises.draws import sample_of
from hlmteach.exercises.students import identify
from tests.browser.class_picture import served, until
from tests.browser.pyodide_files import pyodide_folder
from tests.conftest import free_port

pytestmark = [pytest.mark.browser, pytest.mark.doors]

LESSONS = ("00", "07", "10", "12")
PATIENCE = 600  # seconds; a busy machine is no fault
MEMORY = 1e9  # bytes; a phone has little more for one page
SOURCES = Path(__file__).parents[2] / "lessons" / "source"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return tmp_path_factory.mktemp("www")


@pytest.fixture(scope="module")
def site(root, tmp_path_factory, pytestconfig):
    """The site of four lessons below a sub-path, served; its address."""
    lessons = tmp_path_factory.mktemp("lessons")
    (lessons / "source").mkdir()
    for number in LESSONS:
        for path in SOURCES.glob(f"{number}_*"):
            shutil.copy(path, lessons / "source")
    release = pyodide_folder(pytestconfig.cache.mkdir("hlmteach"))
    write_site(lessons, root / "course", release, progress=lambda _: None)
    handler = functools.partial(Quiet, directory=str(root))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/course"
    server.shutdown()
    server.server_close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Live:
    """One lesson, live, in a browser that reaches this site alone."""

    def __init__(self, browser, address, width=1280, path=None):
        self.context = browser.new_context(viewport={"width": width, "height": 800})
        self.context.set_default_timeout(1000 * PATIENCE)
        self.asked_elsewhere = []
        self.context.route("**/*", self._route)
        self.address, self.reached = address, (address,)
        self.page = self.context.new_page()

    def _route(self, route):
        if route.request.url.startswith(self.reached):
            return route.continue_()
        self.asked_elsewhere.append(route.request.url)
        return route.abort()

    def open(self, lesson):
        """Go from the lesson's page to the live one, and wait until its cells have run."""
        self.page.goto(f"{self.address}/{lesson}.html")
        self.page.locator("a.live").first.click()
        self.wait_until_ready()

    def wait_until_ready(self):
        self.wait_until_said("Ready")
        self.frame = self.page.frame_locator("#lesson")

    def wait_until_said(self, words):
        self.page.wait_for_function(
            "(words) => document.getElementById('said').textContent.startsWith(words)", arg=words
        )

    def outputs(self, kind):
        """Texts of all outputs of a kind ("error", "stream") in the notebook."""
        return self.page.evaluate(
            """(kind) => {
              const model = document.getElementById("lesson").contentWindow.jupyterapp
                .shell.currentWidget.content.model.toJSON();
              return model.cells.flatMap((cell) => cell.outputs ?? [])
                .filter((output) => output.output_type === kind)
                .map((output) => output.text ?? `${output.ename}: ${output.evalue}`);
            }""",
            kind,
        )

    def run(self, code):
        """Run code beside the lesson; return what it printed."""
        return self.page.evaluate(
            """async (code) => {
              const { kernel } = document.getElementById("lesson").contentWindow.jupyterapp
                .shell.currentWidget.sessionContext.session;
              const asked = kernel.requestExecute({ code });
              let said = "";
              asked.onIOPub = ({ content }) => { said += content.text ?? ""; };
              await asked.done;
              return said;
            }""",
            code,
        )

    def memory(self):
        """Bytes that the browser's Python has taken; it gives none back, so that it is the most."""
        return int(self.run("import pyodide_js; print(pyodide_js._module.HEAP8.length)"))


@pytest.fixture
def live(chromium, site):
    made = []

    def make(**how):
        made.append(Live(chromium, site, **how))
        return made[-1]

    yield make
    for one in made:
        assert one.asked_elsewhere == []
        one.context.close()


def test_a_guess_in_lesson_10_reaches_a_class(live, tmp_path):
    one = live()
    one.open("10_confidence")
    assert_ran_whole(one)
    with served(tmp_path, "10", "--port", str(free_port())) as (_, link):
        one.reached += (link.partition("/wall/")[0],)
        wall = one.context.new_page()
        wall.goto(link)
        until(wall, "now !== null")
        wall.select_option("#menu", "guess-1")
        until(wall, "now.key === 'guess-1'")
        address = wall.evaluate("`${location.host}/${now.word}`")
        one.run(f"import hlmteach as hlm\nhlm.join({address!r})")
        until(wall, "now.phones === 1")
        one.frame.get_by_role("button", name="This is my guess").first.click()
        one.frame.get_by_text("Sent to the class.").wait_for()
        until(wall, "now.count === 1")
        one.run("hlm.join(None)")
        until(wall, "now.phones === 0")


def test_lesson_12_answers_a_hundred_moves(live):
    one = live()
    one.open("12_random_slopes")
    assert_ran_whole(one)
    widget = one.frame.locator(".hlm-widget", has_text="Random slopes, and whether there are any")
    slider = widget.locator(".widget-hslider", has_text="zero of the predictor")
    numbers = widget.locator(".hlm-readout")
    start = numbers.text_content()
    slider.locator(".noUi-handle").focus()
    for key in 50 * ["PageUp", "PageDown"]:
        before = numbers.text_content()
        one.page.keyboard.press(key)
        expect(numbers).not_to_have_text(before, use_inner_text=False, timeout=60_000)
    assert numbers.text_content() == start


def assert_ran_whole(one):
    assert one.outputs("error") == []
    assert not [text for text in one.outputs("stream") if "Traceback" in str(text)]
    assert one.frame.locator(".hlm-ex").count() > 0
    assert one.memory() < MEMORY


def test_a_newer_edition_is_said_and_both_copies_are_kept(live, site, root):
    one = live()
    one.open("00_start_here")
    assert_ran_whole(one)
    write_into_first_cell(one, "mine = 1")
    wait_until_kept(one)
    served = root / "course" / "live" / "files" / "00_start_here.ipynb"
    present = served.read_bytes()
    book = json.loads(present)
    book["metadata"]["hlmteach"]["edition"] = "newer"
    served.write_text(json.dumps(book), encoding="utf-8")
    try:
        one.page.reload()
        one.wait_until_said("There is a newer edition of this lesson.")
        assert "mine = 1" in first_cell(one)
        one.page.click("#renew")
        one.wait_until_said("Your copy is kept as 00_start_here, my copy of ")
        one.wait_until_ready()
        assert "mine = 1" not in first_cell(one)
        assert one.page.locator("#renew").is_hidden()
        copy = next(name for name in names_kept(one) if "my copy of" in name)
        assert "mine = 1" in json.dumps(content_of(one, copy))
    finally:
        served.write_bytes(present)


def test_on_a_phone_a_lesson_is_answered_kept_handed_in_and_graded(live, tmp_path, capsys):
    one = live(width=390)
    one.open("07_random_intercept")
    assert one.outputs("error") == []
    say_who(one, "anna")
    right = key_of("07-2", "anna")
    card_of(one, "07-2").locator("input").first.fill(right)
    card_of(one, "07-5").locator("input").first.fill(key_of("07-5", "anna"))
    card_of(one, "07-3").get_by_label("b) both by ML").check()
    for exercise in ("07-2", "07-5", "07-3"):
        send(one, exercise)
    wait_until_kept(one)
    one.page.reload()
    one.wait_until_ready()
    expect(card_of(one, "07-2").locator("input").first).to_have_value(right, timeout=30_000)
    with one.page.expect_download() as download:
        one.page.click("#hand-in")
    handed = tmp_path / "handed" / "anna" / "07_random_intercept.ipynb"
    handed.parent.mkdir(parents=True)
    assert download.value.suggested_filename == handed.name
    download.value.save_as(handed)
    (tmp_path / "class.csv").write_text("hlmteach id,name\nanna,Anna\n", encoding="utf-8")
    call = ["grade", str(tmp_path / "handed"), "--roster", str(tmp_path / "class.csv")]
    call += ["--lesson", "07", "--out", str(tmp_path / "grades.csv")]
    assert main(call) == 0
    assert "Points: 4 of 4." in capsys.readouterr().out


def say_who(one, student):
    """Add a line with the student's id to the first code cell, and run all again."""
    write_into_first_cell(one, f'hlm.student("{student}")')
    one.page.click("#again")
    one.page.wait_for_function(
        "() => !document.getElementById('said').textContent.startsWith('Ready')"
    )
    one.wait_until_ready()


def write_into_first_cell(one, line):
    """Add a line to the first code cell, as a student does."""
    one.page.evaluate(
        """(line) => {
          const model = document.getElementById("lesson").contentWindow.jupyterapp
            .shell.currentWidget.content.model;
          const cell = [...model.cells].find((cell) => cell.type === "code");
          cell.sharedModel.setSource(`${cell.sharedModel.getSource()}\n${line}`);
        }""",
        line,
    )


def first_cell(one):
    return one.page.evaluate(
        """() => [...document.getElementById("lesson").contentWindow.jupyterapp
          .shell.currentWidget.content.model.cells]
          .find((cell) => cell.type === "code").sharedModel.getSource()"""
    )


def wait_until_kept(one):
    one.page.wait_for_function(
        """() => !document.getElementById("lesson").contentWindow.jupyterapp
          .shell.currentWidget.context.model.dirty"""
    )


def names_kept(one):
    return one.page.evaluate(
        """async () => (await document.getElementById("lesson").contentWindow.jupyterapp
          .serviceManager.contents.get("")).content.map((file) => file.name)"""
    )


def content_of(one, name):
    return one.page.evaluate(
        """async (name) => (await document.getElementById("lesson").contentWindow.jupyterapp
          .serviceManager.contents.get(name, { content: true })).content""",
        name,
    )


def key_of(exercise, student):
    """The right answer of a student, as typed."""
    question = QUESTIONS[exercise]
    return f"{question.key(sample_of(question, identify(student))):.3f}"


def card_of(one, exercise):
    return one.frame.locator(".hlm-ex", has_text=f"Exercise {exercise}")


def send(one, exercise):
    """Press Check, and wait for what the card says."""
    card = card_of(one, exercise)
    card.locator("button[type=submit]").click()
    card.locator(".hlm-ex-feedback:not(:empty)").wait_for()
