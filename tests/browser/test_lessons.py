"""Every lesson as a student has it: in JupyterLab, run from top to bottom; 07 and 12 by keyboard.

A lesson is opened once, most of them one after the other in one page, for JupyterLab takes seconds
to start in another. This is also the lesson's run in a fresh kernel with its solutions;
tests/lessons/test_lessons.py runs it without them.
"""

import re
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

import hlmteach as hlm
from tests.browser.conftest import LabPage

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LESSONS = Path(__file__).parents[2] / "lessons"
BY_KEYBOARD = ("07_random_intercept.ipynb", "12_random_slopes.ipynb")  # in tests of their own
OTHERS = sorted({path.name for path in LESSONS.glob("*.ipynb")} - set(BY_KEYBOARD))
WIDGET = "application/vnd.jupyter.widget-view+json"
TALL = {"width": 1100, "height": 10_000}  # every cell in view, so that JupyterLab draws it


@pytest.fixture(scope="module")
def shelf(chromium, lab):
    opened = LabPage(chromium, lab, lab.write("shelf.ipynb"), "light", {"viewport": TALL})
    yield opened
    opened.close()


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
        assert until(lambda old=before: slider.locator(".widget-readout").inner_text() != old)


def readout(widget):
    """The table of results as it is read on the page."""
    cells = widget.locator(".hlm-readout tr").evaluate_all(
        "rows => rows.map((row) => [...row.cells].map((cell) => cell.textContent))"
    )
    return {row[0]: row[1] for row in cells if len(row) == 2}


def until(condition, seconds=30):
    """Wait for what the page shows; the last look is the answer."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)
    return condition()


def drawn(widget, name):
    """End points of an artist's segments on the page, in pixels of the figure."""
    paths = widget.locator(f"[data-name='{name}'] path")
    ways = paths.evaluate_all("paths => paths.map((path) => path.getAttribute('d'))")
    numbers = [re.findall(r"-?[\d.]+", way) for way in ways]
    return np.array(numbers, float).reshape(len(ways), 2, 2)


def pixels(axes, places):
    """Where matplotlib puts data (..., 2), in pixels from the figure's top left."""
    shape = np.shape(places)
    x, y = axes.transData.transform(np.reshape(places, (-1, 2))).T
    return np.column_stack([x, axes.figure.bbox.height - y]).reshape(shape)


def room_on(widget):
    """How large the picture is on the page."""
    box = widget.locator(".stage-picture").bounding_box()
    return box["width"], box["height"]


def assert_drawn(widget, name, expected):
    def near():
        now = drawn(widget, name)
        return now.shape == expected.shape and np.abs(now - expected).max() < 0.5

    assert until(near), f"{name} is at {drawn(widget, name)}, not at {expected}"


# What is missing of the widgets of a page: nothing, when all of them draw.
MISSING = """() => {
    const missing = [], all = (node, what) => [...node.querySelectorAll(what)];
    const seen = (node) => node.offsetWidth > 20 && node.offsetHeight > 10;
    const inked = ({ width, height }, pen) =>
        pen.getImageData(0, 0, width, height).data.some(Boolean);
    const views = all(document, ".jp-OutputArea-output.lm-Panel");
    for (const view of views) {
        if (!seen(view) || !view.innerText.trim()) missing.push("an empty widget");
        const name = (view.querySelector(".hlm-title") ?? view).innerText.slice(0, 60);
        for (const layers of all(view, ".stage-layers")) {
            const parts = (whose) => all(layers, `${whose} :is(path[d*=M], text)`).length;
            const drawn = parts("[data-name]:not([data-name^=still])")
                || all(layers, "canvas").some((one) => inked(one, one.getContext("2d")));
            if (!parts("[data-name^=still]") || !seen(layers)) missing.push(`${name}: no axes`);
            if (!drawn) missing.push(`${name}: nothing that moves is drawn`);
        }
    }
    for (const { innerText } of all(document, ".jp-OutputArea-output"))
        if (/Error displaying widget|Loading widget|Javascript Error/.test(innerText))
            missing.push(innerText.slice(0, 200));
    return [views.length, missing];
}"""


def assert_ran_clean(lesson):
    """Every cell ran, none stopped or warned; every widget draws; the console is silent."""
    cells = [cell for cell in lesson.saved().cells if cell.cell_type == "code"]
    outputs = [output for cell in cells for output in cell.outputs]
    assert [out.traceback for out in outputs if out.output_type == "error"] == []
    assert [out.text for out in outputs if out.get("name") == "stderr"] == []
    assert [cell.source for cell in cells if not cell.execution_count] == []
    widgets = sum(WIDGET in output.get("data", {}) for output in outputs)
    whole = [widgets, []]
    assert until(lambda: lesson.page.evaluate(MISSING) == whole), lesson.page.evaluate(MISSING)
    assert lesson.errors == []


@pytest.mark.parametrize("name", OTHERS)
def test_run_all_is_clean_and_every_widget_draws(lab, shelf, name):
    shutil.copy(LESSONS / name, lab.root)
    assert_ran_clean(shelf.turn_to(name))


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
    here.names.room = room_on(widget)
    here.set(shift_1=0.1)
    here.settle()
    levels = fit.coef["Time"]["(Intercept)"]
    bars = [[(j - 0.36, y), (j + 0.36, y)] for j, y in enumerate(levels)]
    assert_drawn(widget, "levels", pixels(here.view.lens.axes, bars))
    here.close()
    assert_ran_clean(lesson)
    assert_tells_its_story(widget)


def assert_tells_its_story(widget):
    """Without the kernel, from the start; clicked again should the story be told anew meanwhile."""

    def rewound():
        widget.get_by_role("button", name="Back to the start").click()
        return len(drawn(widget, "levels")) == 0

    assert until(rewound)
    assert "2,681 rows in 3 groups." in widget.inner_text()
    widget.get_by_role("button", name="Play").click()
    caption = widget.locator(".stage-caption").first
    assert until(lambda: "one bell curve" in caption.inner_text())
    assert until(lambda: len(drawn(widget, "levels")) == 3)


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
    here.names.room = room_on(widget)
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
