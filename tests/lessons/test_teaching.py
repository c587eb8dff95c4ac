"""The teacher's notes: what they name is on the widgets and in the banks."""

import re
from functools import cache
from pathlib import Path

import pytest

import hlmteach.widgets as widgets
from hlmteach.course.source import read_lesson
from hlmteach.exercises.bank import QUESTIONS, asked_in

NOTES = sorted((Path(__file__).parents[2] / "docs" / "teaching").glob("[01][0-9]_*.md"))
each_page = pytest.mark.parametrize("page", NOTES, ids=lambda page: page.stem)
BUTTONS = {"Stream", "One study", "New sample", "Reset", "Keep", "Keep this model", "Save a report"}
BUTTONS |= {"Your file", "Tab", "Predict", "play"}


@cache
def on_screen(name):
    """What a widget's controls and their options are called, and its presets."""
    kind = getattr(widgets, name)
    made = [asked.make() for asked in kind.inputs.values()]
    options = [o for one in made for o in getattr(one, "options", None) or ()]
    texts = [o[0] if isinstance(o, tuple) else o for o in options]
    labels = [getattr(one, "description", "") for one in made]
    return {str(text) for text in (*texts, *labels, *kind.presets)}


def widgets_in(text):
    return (set(re.findall(r"\b[A-Z]\w+", text)) & set(widgets.__all__)) - {"Predict"}


@each_page
def test_a_page_has_its_lessons_title_and_stands_in_the_list(page):
    lesson = read_lesson(page.parents[2] / "lessons" / "source" / page.name)
    assert page.read_text(encoding="utf-8").startswith(f"# {lesson.number} {lesson.title}: ")
    readme = page.with_name("README.md").read_text(encoding="utf-8")
    assert f"| {lesson.number} | [{lesson.title}]({page.name}) |" in readme


@each_page
def test_every_control_named_in_bold_is_one_of_its_widget(page):
    text = page.read_text(encoding="utf-8")
    tried = text[text.index("## Which ") : text.index("## Common wrong answers")]
    named = widgets_in(text)
    known = BUTTONS.union(*map(on_screen, named))
    bold = set(re.findall(r"\*\*(.+?)\*\*", tried))
    parts = {part for words in bold - known for part in words.split(": ")}  # "a choice: its option"
    assert parts - known == set()


@each_page
def test_every_preset_named_is_one_of_its_widget(page):
    text = page.read_text(encoding="utf-8")
    for name, preset in re.findall(r"hlm\.widgets\.(\w+)\(\"([^\"]+)\"", text):
        assert preset in getattr(widgets, name).presets
    named = widgets_in(text)
    presets = {preset for name in named for preset in getattr(widgets, name).presets}
    assert set(re.findall(r"preset `\"([^\"]+)\"`", text)) <= presets


@each_page
def test_the_exercises_named_exist_and_the_spare_ones_are_not_asked(page):
    text = page.read_text(encoding="utf-8")
    ids = set(re.findall(r"\b\d\d-\d+\b", text))
    assert ids <= set(QUESTIONS)
    for sentence in re.findall(r"[^.;]*\b(?:is|are) spare\b", text):
        assert not set(re.findall(r"\b\d\d-\d+\b", sentence)) & asked_in(page.stem[:2])
