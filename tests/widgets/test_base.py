"""The base of all widgets, by a widget so small that it can be read at a glance."""

import threading
import time

import ipywidgets as ipw
import pytest
from matplotlib.figure import Figure

from hlmteach.errors import HLMError
from hlmteach.widgets import controls as make
from hlmteach.widgets.base import Report, TeachingWidget
from hlmteach.widgets.controls import ask, choice, seed, slider
from hlmteach.widgets.work import Work


class LineView:
    def __init__(self):
        self.figure = Figure()
        (self.line,) = self.figure.subplots().plot([0, 1], [0, 0])
        self.moving = {"line": self.line}

    def update(self, height):
        self.line.set_ydata([height, height])


class Squares(TeachingWidget):
    """Squares grow faster than what is squared."""

    title = "Squares"
    sentence = "Squares grow faster than what is squared."
    presets = {"small": {}, "large": {"x": 9.0}}

    inputs = {
        "x": ask(slider, "a number", 2, 0, 10, 0.5),
        "kind": ask(choice, "kind", "plain", ["plain", "other"]),
        "power": ask(slider, "power", 2, 1, 3, 0.5, when={"kind": "other"}),
        "seed": ask(seed, when={"kind": "other"}),
    }

    def __init__(self, preset=None):
        self.computed = []
        super().__init__(preset)

    def picture(self, present):
        return LineView()

    def compute(self, state):
        self.computed.append(state["x"])
        if state["x"] == 10:
            raise HLMError("10 is too large. Choose a smaller number.")
        return state["x"] ** 2

    def report(self, found):
        rows = (("square", f"{found:.2f}"),)
        return Report({"square": found}, rows, f"{found}.", f"A line at {found}.", "Settled")

    def code_for(self, state):
        return {"python": f"square = {state['x']}**2", "r": f"square <- {state['x']}^2"}


class Story(Squares):
    def story(self, found):
        self.view.update(0)
        yield "from nothing"
        self.view.update(found)
        yield f"to {found}"


@pytest.fixture
def squares():
    widget = Squares()
    yield widget
    widget.close()


def shown_height(widget):
    return widget.view.line.get_ydata()[0]


def test_a_control_moves_picture_numbers_and_words(squares):
    squares.controls["x"].value = 3.0
    assert squares.results == {"square": 9.0}
    assert shown_height(squares) == 9.0
    assert squares.stage.alt == "A line at 9.0."
    assert squares.stage.status == "9.0."
    assert (squares.readout.labels, squares.readout.values) == (["square"], ["9.00"])
    assert squares.readout.caption == "Settled"


def test_a_value_that_the_browser_only_rounded_asks_for_no_refit(squares):
    squares.set(x=1 / 3)
    squares.computed.clear()
    squares.controls["x"].value = 0.33333333
    assert squares.computed == []
    squares.controls["x"].value = 0.5
    assert squares.computed == [0.5]


def test_a_preset_is_chosen_from_a_menu(squares):
    squares._chooser.value = "large"
    assert squares.results == {"square": 81.0}
    squares.set(x=1)
    squares.reset()
    assert squares.results == {"square": 81.0}


def test_the_picture_is_laid_out_for_the_room_that_the_page_has(squares):
    usual = squares.view.figure.bbox.width
    squares.names.room = (300.0, 0.0)
    assert squares.view.figure.bbox.width == pytest.approx(300, abs=1)
    squares.names.room = (600.0, 400.0)
    assert squares.view.figure.bbox.height == pytest.approx(400, abs=1)
    squares.names.room = (2000.0, 0.0)
    assert squares.view.figure.bbox.width == usual


def test_setting_several_controls_computes_once(squares):
    squares.computed.clear()
    squares.set(x=4, kind="other", seed=7)
    assert squares.computed == [4.0]
    assert squares.state == {"x": 4.0, "kind": "other", "power": 2.0, "seed": 7}


def test_changes_that_wait_are_served_together(squares):
    squares.computed.clear()
    threads = []
    with squares.lock:
        for x in (3.0, 5.0, 7.0):
            threads.append(
                threading.Thread(target=setattr, args=(squares.controls["x"], "value", x))
            )
            threads[-1].start()
            while squares.controls["x"].value != x:
                time.sleep(0.001)
        time.sleep(0.05)
    for thread in threads:
        thread.join()
    assert set(squares.computed) == {7.0}
    assert len(squares.computed) < 3
    assert squares.results == {"square": 49.0}


def test_presets_and_reset():
    widget = Squares("large")
    assert widget.results == {"square": 81.0}
    widget.set(x=1)
    widget.reset()
    assert widget.results == {"square": 81.0}
    widget.close()


def test_an_error_of_the_engine_is_shown_in_words(squares, capsys):
    squares.controls["x"].value = 10.0
    assert "10 is too large. Choose a smaller number." in squares.message.value
    assert 'role="alert"' in squares.message.value
    assert squares.results == {}
    assert squares.readout.values == []
    assert capsys.readouterr() == ("", "")
    squares.controls["x"].value = 1.0
    assert squares.message.value == ""
    assert squares.message.layout.display == "none"
    assert squares.results == {"square": 1.0}


def test_a_bug_stays_loud(squares, monkeypatch):
    monkeypatch.setattr(squares, "compute", lambda state: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        squares.refresh()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"y": 1}, "no control 'y'. There are: x, kind, power, seed"),
        ({"kind": "third"}, "kind cannot be 'third'"),
        ({"x": "many"}, "x cannot be 'many'"),
    ],
)
def test_what_cannot_be_set_is_named(squares, values, message):
    with pytest.raises(HLMError, match=message):
        squares.set(**values)
    assert squares.results == {"square": 4.0}


def test_controls_that_do_not_matter_are_hidden(squares):
    assert squares.controls["power"].layout.display == "none"
    assert squares._sampler.layout.display == "none"
    squares.set(kind="other")
    assert squares.controls["power"].layout.display is None
    assert squares._sampler.layout.display is None
    assert squares.controls["seed"].layout.display == "none"  # the button takes the next


def test_new_sample_takes_the_next_seed(squares):
    squares.set(kind="other")
    squares._sampler.click()
    assert squares.state["seed"] == 2


def test_code_is_written_when_it_is_looked_at(squares):
    assert squares.panel.python == ""
    squares.panel.opened = True
    assert squares.panel.python == squares.code() == "square = 2.0**2"
    squares.controls["x"].value = 3.0
    assert squares.panel.r == squares.code("r") == "square <- 3.0^2"


def test_the_story_begins_at_its_beginning_and_waits_beside_the_settled_picture():
    widget = Story()
    assert (widget.stage.frame, widget.stage._source) == (0, "film")
    assert shown_height(widget) == 4.0  # what is saved has settled
    widget.stage.frame = 1
    assert shown_height(widget) == 4.0
    widget.stage.frame = 0
    assert shown_height(widget) == 0.0
    widget.controls["x"].value = 3.0
    assert shown_height(widget) == 9.0
    widget.stage.frame = 1
    widget.settle()
    assert (widget.stage.frame, widget.stage._source) == (0, "scene")
    assert shown_height(widget) == 9.0
    widget.stage.frame = 1
    widget.stage.frame = 0
    assert shown_height(widget) == 0.0
    widget.close()


def test_the_story_is_recorded_after_a_pause(monkeypatch):
    monkeypatch.setattr("hlmteach.widgets.base.PAUSE", 0.01)
    widget = Story()
    recorded = threading.Event()
    monkeypatch.setattr(widget.stage, "animate", lambda *args, **kwargs: recorded.set())
    widget.controls["x"].value = 3.0
    assert recorded.wait(5)
    widget.close()


def test_nothing_is_recorded_without_a_story(squares):
    squares.controls["x"].value = 3.0
    assert not squares._later.waiting
    assert squares.stage.frame == 0


def test_closing_twice_does_no_harm(squares):
    squares.close()
    squares.close()


# -- long work ---------------------------------------------------------------------------------


@pytest.fixture
def work():
    work = Work()
    yield work
    work.close()


def test_work_is_done_on_its_own_thread_and_the_bar_goes(work):
    seen = []

    def steps():
        for k in range(3):
            seen.append((k, threading.current_thread() is threading.main_thread()))
            yield (k + 1) / 3

    work.start(steps(), "counting")
    work.wait()
    assert seen == [(0, False), (1, False), (2, False)]
    assert work.bar.value == 1
    assert work.bar.description == "counting"
    assert work.layout.display == "none"
    assert not work.running


def test_work_can_be_stopped(work):
    begun, done = threading.Event(), []

    def steps():
        for k in range(10_000):
            done.append(k)
            begun.set()
            time.sleep(0.001)
            yield k / 10_000

    work.start(steps())
    assert begun.wait(5)
    assert work.running
    assert work.layout.display == ""
    work.stopper.click()
    assert not work.running
    assert len(done) < 10_000


def test_new_work_stops_the_old(work):
    begun, ended = threading.Event(), []

    def endless():
        try:
            while True:
                begun.set()
                yield 0.5
        finally:
            ended.append("old")

    work.start(endless())
    assert begun.wait(5)
    work.start(iter([1.0]))
    work.wait()
    assert ended == ["old"]


def test_errors_of_the_engine_in_long_work_are_told():
    told = []
    work = Work(on_error=told.append)

    def steps():
        yield 0.1
        raise HLMError("no more rows")

    work.start(steps())
    work.wait()
    assert [str(error) for error in told] == ["no more rows"]
    work.close()


# -- controls ----------------------------------------------------------------------------------


def test_controls_are_ipywidgets_own_and_explain_themselves():
    made = make.slider("spread", 1, 0, 2, 0.1, "how far apart")
    assert isinstance(made, ipw.FloatSlider)
    assert made.tooltip == "how far apart"
    assert make.whole("rows", 5, 1, 9).tooltip == "rows"
    assert make.ladder("n", 5, [5, 10]).value == 5
    assert make.menu("n", "b", ["a", "b"]).value == "b"
    assert make.tick("show", True).value is True
