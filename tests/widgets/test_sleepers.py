"""Sleepers against fits of sleepstudy, called directly."""

import numpy as np
import pytest

import hlmteach as hlm


@pytest.fixture
def widget():
    widget = hlm.widgets.Sleepers()
    yield widget
    widget.close()


def fit(data):
    return hlm.lmer("Reaction ~ Days + (Days | Subject)", data, REML=False)


def line_of(widget, name):
    """Rise per night of a person's line, as it is drawn."""
    j = widget._found.rows.levels.index(name)
    (x0, y0), (x1, y1) = widget.view.lines.get_segments()[j]
    return (y1 - y0) / (x1 - x0)


def test_the_guess_is_a_line_of_its_own_and_no_answer_is_drawn(widget):
    widget.set(guess=20)
    x, y = widget.view.guess.get_data()
    assert np.diff(y) / np.diff(x) == pytest.approx(20)
    assert len(widget.view.lines.get_segments()) == len(widget.view.overall.get_xdata()) == 0
    assert "slope" not in widget.results
    assert len(widget.view.dots.get_offsets()) == 180


def test_one_line_for_everybody(widget):
    widget.set(frame="one")
    plain = hlm.gls("Reaction ~ Days", hlm.load("sleepstudy"), method="ML")
    assert widget.results["slope"] == pytest.approx(plain.fixef["Days"])
    assert line_of(widget, "308") == pytest.approx(plain.fixef["Days"])
    assert "10.5 ms slower per night" in widget.stage.status


def test_own_lines_and_what_two_mornings_do_to_them(widget):
    widget.set(frame="own")
    assert (round(line_of(widget, "308"), 1), round(line_of(widget, "335"), 1)) == (21.8, -2.9)
    widget.set(gap=True)
    assert (round(line_of(widget, "308"), 1), round(line_of(widget, "335"), 1)) == (-32.5, 32.3)
    assert (widget.view.dots.get_facecolors()[:, 3] < 0.2).sum() == 16


def test_together_the_two_follow_everybody(widget):
    widget.set(frame="together", gap=True)
    data = hlm.load("sleepstudy")
    lost = (data["Subject"] == "308") & ~data["Days"].isin([5, 6])
    lost |= (data["Subject"] == "335") & ~data["Days"].isin([0, 1])
    model = fit(data[~lost])
    for name in ("308", "335"):
        slope = model.coef["Subject"].loc[name, "Days"]
        assert widget.results[f"line_{name}"] == pytest.approx(slope)
        assert line_of(widget, name) == pytest.approx(slope)
    assert len(widget.view.alone.get_segments()) == 2


@pytest.mark.parametrize("mornings", [2, 10])
def test_person_335_is_flat_once_all_mornings_are_there(widget, mornings):
    widget.set(frame="play", mornings=mornings)
    data = hlm.load("sleepstudy")
    model = fit(data[(data["Subject"] != "335") | (data["Days"] < mornings)])
    slope = model.coef["Subject"].loc["335", "Days"]
    assert widget.results["line_335"] == pytest.approx(slope, abs=1e-4)
    assert (abs(slope) < 1) == (mornings == 10)


def test_people_who_do_not_differ_share_one_line(widget):
    widget.set(frame="play", people=0)
    slopes = [line_of(widget, name) for name in widget._found.rows.levels]
    assert np.ptp(slopes) == pytest.approx(0, abs=1e-3)
    widget.set(people=2, noise=0.25, mornings=10)
    assert line_of(widget, "335") == pytest.approx(widget.results["own_335"], abs=0.6)


def test_the_story_goes_from_one_line_to_the_frame(widget):
    widget.set(frame="together", gap=True)
    told = list(widget.story(widget._found))
    assert told[0].startswith("Each dot")
    assert told[1].startswith("Eighteen people")
    assert told[-1].startswith("All lines drawn together")
    assert any("Would you trust" in sentence for sentence in told)
    assert all(len(part.split()) <= 20 for words in told for part in words.split(". "))


def test_playing_refits_and_reads_no_formula(widget, no_formulas):
    widget.set(frame="play", mornings=2)
    widget.set(noise=0.5)
    assert widget.results["answers"] == 172
