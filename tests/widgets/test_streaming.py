"""Widgets that stream, by one that counts and nothing else."""

import time
from dataclasses import dataclass, replace

import pytest
from matplotlib.figure import Figure

from hlmteach.errors import HLMError
from hlmteach.widgets import streaming
from hlmteach.widgets.base import Report
from hlmteach.widgets.controls import ask, whole
from hlmteach.widgets.streaming import StreamingWidget


@dataclass(frozen=True)
class Run:
    step: int
    parts: tuple = ()

    def __len__(self):
        return sum(self.parts)


class BarView:
    def __init__(self):
        self.figure = Figure()
        (self.bar,) = self.figure.subplots().bar([0], [0])
        self.moving = {"bar": self.bar}

    def update(self, run):
        self.bar.set_height(run.step * len(run))


class Counter(StreamingWidget):
    """A count grows."""

    title = "Count"
    sentence = "A count grows."
    presets = {"one": {}}
    most, batch, first = 50, 5, 3

    inputs = {"step": ask(whole, "step", 1, 1, 9)}

    def picture(self, present):
        return BarView()

    def begin(self, state):
        return Run(state["step"])

    def extend(self, run, count):
        if run.step == 9:
            raise HLMError("9 is too much. Choose a smaller step.")
        return replace(run, parts=(*run.parts, count))

    def report(self, found):
        n = float(len(found))
        return Report({"n": n}, (("n", f"{n:g}"),), f"{n:g} so far.", "A bar.")

    def code_for(self, state):
        return {"python": "n = 1", "r": "n <- 1"}


@pytest.fixture
def counter(monkeypatch):
    monkeypatch.setattr(streaming, "BEAT", 0.0)
    widget = Counter()
    yield widget
    widget.close()


def test_begins_with_a_first_batch(counter):
    assert counter.results == {"n": 3}
    assert counter.view.bar.get_height() == 3


def test_one_more_is_one_more(counter):
    counter._single.click()
    assert counter.results == {"n": 4}
    counter.add(10)
    assert counter.results == {"n": 14}
    assert counter.stage.status == "14 so far."


def test_streams_up_to_the_most(counter):
    counter._streamer.click()
    counter.work.wait(10)
    assert counter.results == {"n": 50}
    assert not counter.streaming


def test_a_new_state_begins_anew(counter):
    counter.add(10)
    counter.set(step=1)
    assert counter.results == {"n": 13}
    counter.set(step=2)
    assert counter.results == {"n": 3}
    assert counter.view.bar.get_height() == 6


def test_stop_keeps_the_count(counter, monkeypatch):
    monkeypatch.setattr(streaming, "BEAT", 0.01)
    counter.stream(upto=100_000)
    until = time.monotonic() + 10
    while counter.results["n"] < 20 and time.monotonic() < until:
        time.sleep(0.005)
    assert counter.streaming
    counter.stop()
    assert not counter.streaming
    assert counter.results["n"] >= 20


def test_a_control_may_move_while_it_streams(counter, monkeypatch):
    monkeypatch.setattr(streaming, "BEAT", 0.005)
    counter.stream(upto=100_000)
    counter.controls["step"].value = 4
    counter.stop()
    assert counter._run.step == 4
    assert counter.view.bar.get_height() == 4 * counter.results["n"]


def test_reset_stops_and_goes_back_to_the_first_batch(counter, monkeypatch):
    monkeypatch.setattr(streaming, "BEAT", 0.005)
    counter.set(step=3)
    counter.stream(upto=100_000)
    counter.reset()
    assert not counter.streaming
    assert counter.state["step"] == 1
    assert counter.results == {"n": 3}


def test_an_error_is_told_and_ends_the_stream(counter):
    counter.stream(upto=100_000)
    counter.set(step=9)
    counter.work.wait(10)
    assert not counter.streaming
    assert "9 is too much" in counter.message.value
    assert counter.results == {}
    counter.add()
    assert "9 is too much" in counter.message.value
    counter.set(step=2)
    assert counter.results == {"n": 3}
