"""Lessons 07 and 12 as a student has them: in JupyterLab, run from top to bottom, by keyboard."""

import re
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

import hlmteach as hlm

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LESSONS = Path(__file__).parents[2] / "lessons"
TALL = {"width": 1100, "height": 10_000}  # every cell in view, so that JupyterLab draws it


@pytest.fixture
def open_lesson(lab, lab_page):
    def open_one(name):
        shutil.copy(LESSONS / name, lab.root)
        return lab_page(name, viewport=TALL)

    return open_one


def widget_on(lesson, title):
    return lesson.page.locator(".hlm-widget", has_text=title)


def press(page, widget, label, key, times):
    """Press a key on the slider of this label; each press must change it."""
    slider = widget.locator(".widget-hslider", has_text=label)
    slider.locator(".noUi-handle").focus()
    for _ in range(times):
        before = slider.locator(".widget-readout").inner_text()
        page.keyboard.press(key)
        assert until(lambda old=before: slider.locator(".widget-readout").inner_text() != old, 5)


def readout(widget):
    """The table of results as it is read on the page."""
    rows = widget.locator(".hlm-readout tr")
    cells = [row.locator("th, td").all_text_contents() for row in rows.all()]
    return {row[0]: row[1] for row in cells if len(row) == 2}


def until(condition, seconds=10):
    """Wait for what the page shows; the last look is the answer."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)
    return condition()


def drawn(widget, name):
    """End points of an artist's segments on the page, in pixels of the figure."""
    paths = widget.locator(f"[data-name='{name}'] path").all()
    numbers = [re.findall(r"-?[\d.]+", path.get_attribute("d")) for path in paths]
    return np.array(numbers, float).reshape(len(paths), 2, 2)


def pixels(axes, places):
    """Where matplotlib puts data (..., 2), in pixels from the figure's top left."""
    shape = np.shape(places)
    x, y = axes.transData.transform(np.reshape(places, (-1, 2))).T
    return np.column_stack([x, axes.figure.bbox.height - y]).reshape(shape)


def assert_drawn(widget, name, expected):
    def near():
        now = drawn(widget, name)
        return now.shape == expected.shape and np.abs(now - expected).max() < 0.5

    assert until(near), f"{name} is at {drawn(widget, name)}, not at {expected}"


def assert_ran_clean(lesson):
    """Every code cell ran; none stopped or warned, and the console is silent."""
    cells = [cell for cell in lesson.saved().cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in cells)
    outputs = [output for cell in cells for output in cell.outputs]
    assert [out for out in outputs if out.output_type == "error"] == []
    assert [out.text for out in outputs if out.get("name") == "stderr"] == []
    assert lesson.errors == []


def test_lesson_07_refits_while_a_key_is_pressed(open_lesson):
    lesson = open_lesson("07_random_intercept.ipynb")
    widget = widget_on(lesson, "A random intercept, group by group")
    assert until(lambda: readout(widget).get("AIC") == "6533.549", 60)
    assert readout(widget)["log-likelihood"] == "−3263.775"

    press(lesson.page, widget, "before marriage, moved by", "ArrowRight", 5)

    data = hlm.load("HLM")
    data.loc[data["Time"] == "before marriage", "Satisfaction"] += 0.1
    fit = hlm.lme("Satisfaction ~ 1", data, random="~1|Time", method="ML")
    assert until(lambda: readout(widget)["AIC"] == f"{fit.aic:.3f}")
    shown = readout(widget)
    assert shown["intercept"] == f"{fit.fixef.iloc[0]:.5f}"
    assert shown["sd of u"] == f"{fit.varcorr['sd'].iloc[0]:.5f}"
    assert shown["sigma"] == f"{fit.sigma:.5f}"
    assert shown["log-likelihood"] == f"{fit.loglik:.3f}".replace("-", "−")

    here = hlm.widgets.RandomInterceptAnimator()  # for its limits: the numbers come from `fit`
    here.set(shift_1=0.1)
    here.settle()
    levels = fit.coef["Time"]["(Intercept)"]
    bars = [[(j - 0.36, y), (j + 0.36, y)] for j, y in enumerate(levels)]
    assert_drawn(widget, "levels", pixels(here.view.lens.axes, bars))
    here.close()
    assert_ran_clean(lesson)


def test_lesson_07_tells_its_story_without_the_kernel(open_lesson):
    lesson = open_lesson("07_random_intercept.ipynb")
    widget = widget_on(lesson, "A random intercept, group by group")
    assert until(lambda: len(drawn(widget, "levels")) == 3, 60)
    lesson.page.wait_for_timeout(2000)  # the page hands its sliders back; the story is told anew
    widget.get_by_role("button", name="Back to the start").click()
    assert until(lambda: len(drawn(widget, "levels")) == 0)
    assert "2,681 rows in 3 groups." in widget.inner_text()
    widget.locator(".stage-bar select").select_option("4")
    widget.get_by_role("button", name="Play").click()
    assert until(
        lambda: "one bell curve" in widget.locator(".stage-caption").first.inner_text(), 20
    )
    assert until(lambda: len(drawn(widget, "levels")) == 3)
    assert lesson.errors == []


def test_lesson_12_turns_a_line(open_lesson):
    lesson = open_lesson("12_random_slopes.ipynb")
    widget = widget_on(lesson, "Random slopes, and whether there are any")
    assert until(lambda: readout(widget).get("log-likelihood") == "−3230.1956", 60)

    press(lesson.page, widget, "before marriage, turned by", "ArrowRight", 6)

    data = hlm.load("HLM")
    rows = data["Time"] == "before marriage"
    aside = data.loc[rows, "NPD"] - data.loc[rows, "NPD"].mean()
    data.loc[rows, "Satisfaction"] += 0.06 * aside
    fit = hlm.lme("Satisfaction ~ NPD", data, random="~NPD|Time", method="ML")
    assert until(lambda: readout(widget)["AIC"] == f"{fit.aic:.3f}")
    assert readout(widget)["log-likelihood"] == f"{fit.loglik:.4f}".replace("-", "−")

    here = hlm.widgets.RandomSlopeAnimator()
    here.set(tilt_1=0.06)
    here.settle()
    axes = here.view.lines.axes
    ends = [
        [(x, intercept + slope * x) for x in axes.get_xlim()]
        for intercept, slope in fit.coef["Time"].to_numpy()
    ]
    assert_drawn(widget, "lines", pixels(axes, ends))
    here.close()
    assert_ran_clean(lesson)
