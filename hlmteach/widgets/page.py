"""A widget on a page without a kernel: its story plays, its controls show fits made ahead."""

import base64
import html
import json
import re

import ipywidgets as ipw

from hlmteach.exercises.marked import pieces
from hlmteach.exercises.question import worded
from hlmteach.stage import Stage
from hlmteach.widgets.ahead import Knob, Setting, knobs_of, offered, presets_in, record
from hlmteach.widgets.base import Report, TeachingWidget
from hlmteach.widgets.exercise import ExerciseCard
from hlmteach.widgets.parts import ALL
from hlmteach.widgets.parts.equation_bar import EquationBar
from hlmteach.widgets.predict import Predict

NARROW = 314  # pixels of a picture for a phone, which shows it a twentieth larger
NEEDS = "To refit with other settings, open this lesson in the notebook."
AHEAD = "What these controls show was worked out ahead. "
THUMB = 480  # pixels: how wide the story is that moves in the index
_prose = ""  # of the lesson that is made into a page
_invited = False  # whether it has shown a story yet: the first one invites to the lesson


def register(prose: str = "") -> None:
    """In the kernel that makes the pages: have every widget shown as plain HTML.

    `prose` is the lesson's text: a widget offers the controls that it names.
    """
    from IPython import get_ipython

    global _prose, _invited
    _prose, _invited = prose, False
    formatter = get_ipython().display_formatter.formatters["text/html"]
    formatter.for_type(TeachingWidget, teaching_page)
    formatter.for_type(Stage, lambda stage: stage.to_html())
    formatter.for_type(Predict, predict_page)
    formatter.for_type(ExerciseCard, exercise_page)
    formatter.for_type(ipw.Widget, plain_page)


def teaching_page(widget: TeachingWidget) -> str:
    """Title, sentence, the picture wide and narrow with its story, controls, results and code."""
    with widget.lock:
        wanted = knobs_of(widget, _prose)
        knobs, settings = offered(widget, wanted)
        wide = widget.stage.to_html() + _invitation(widget.stage)
        widget.names.room = (NARROW, 0.0)
        record(widget, settings)
        narrow = widget.stage.to_html()
    bars = [one for one in widget.controls.values() if isinstance(one, EquationBar)]
    first = settings[0].report
    return _section(
        widget.title,
        f"<h4>{html.escape(widget.title)}</h4>",
        f"<p><em>{html.escape(widget.sentence)}</em></p>",
        *map(_equation, bars),
        f'<div class="wide">{wide}</div><div class="narrow">{narrow}</div>',
        _controls(knobs, settings) if knobs else "",
        f'<div class="readout">{_rows(first)}</div>',
        f"<p class='note'>{AHEAD if knobs else ''}{NEEDS}</p>",
        _code(widget),
        names=_names(widget, wanted, knobs),
    )


def _invitation(stage: Stage) -> str:
    """The first story of a lesson, moving, for the index of the pages."""
    global _invited
    if _invited:
        return ""
    _invited = True
    webp = base64.b64encode(stage.film_webp(THUMB)).decode("ascii")
    return f'<template class="invitation">data:image/webp;base64,{webp}</template>'


# -- controls ----------------------------------------------------------------------------------


def _controls(knobs: list[Knob], settings: list[Setting]) -> str:
    """The controls, asleep until the page's script wakes them, and all that they show."""
    told = [
        {
            "at": [knob.values.index(one.values[knob.name]) for knob in knobs],
            "alt": one.report.alt,
            "status": one.report.status,
            "rows": _rows(one.report),
        }
        for one in settings
    ]
    data = json.dumps(told, separators=(",", ":")).replace("</", "<\\/")
    reset = '<div><button type="button" class="reset">Reset</button></div>'
    parts = "".join(_control(place, knob) for place, knob in enumerate(knobs))
    return (
        f'<div class="controls" role="group" aria-label="Controls" hidden>{parts}{reset}</div>'
        f'<script type="application/json" class="ahead">{data}</script>'
    )


def _control(place: int, knob: Knob) -> str:
    label = html.escape(knob.label)
    texts = html.escape(json.dumps(knob.texts), quote=True)
    head = f'<div class="{knob.kind}" data-knob="{place}" data-texts="{texts}"'
    if knob.kind == "slider":
        ends = f'min="0" max="{len(knob.values) - 1}" step="1"'
        return f'{head}><label>{label} <input type="range" {ends}></label> <output></output></div>'
    if knob.kind == "button":
        return f'{head}><button type="button">{label}</button></div>'
    picks = "".join(
        f'<button type="button" value="{at}">{html.escape(text)}</button>'
        for at, text in enumerate(knob.texts)
    )
    return f'{head} role="group" aria-label="{label}"><span>{label}</span> {picks}</div>'


def _names(widget: TeachingWidget, wanted: list[Knob], knobs: list[Knob]) -> str:
    """What a text may name: what the card has, and what only the notebook has."""
    has = {"play", "Play", *(["Reset"] if knobs else [])}.union(*(knob.names for knob in knobs))
    parts = [one for one in _inside(widget) if hasattr(one, "description")]
    every = {one.description.rstrip(": ") for one in parts}.union(presets_in(widget, _prose))
    lacks = every.union(*(knob.names for knob in wanted)) - has - {""}
    has, lacks = (html.escape(json.dumps(sorted(one)), quote=True) for one in (has, lacks))
    return f' data-has="{has}" data-lacks="{lacks}"'


# -- results, code, and other widgets ----------------------------------------------------------


def _rows(report: Report) -> str:
    """The numbers that the sentence is about; the others folded."""
    labels = [label for label, _ in report.rows]
    main = labels.index(ALL) if ALL in labels else len(labels)
    caption = f"<caption>{html.escape(report.caption)}</caption>" if report.caption else ""
    rows, more = (
        "".join(_row(*row) for row in part)
        for part in (report.rows[:main], report.rows[main + 1 :])
    )
    folded = _folded(ALL, f"<table>{more}</table>") if more else ""
    return f"<table>{caption}{rows}</table>{folded}" if rows else folded


def _row(label: str, text: str) -> str:
    """A line of the table; "●0 " before a label is the colour of group 0."""
    words = re.sub(r"^●(\d) ", r'<span class="dot group-\1"></span>', html.escape(label))
    if not text:
        return f'<tr><th colspan="2" scope="rowgroup">{words}</th></tr>'
    return f"<tr><td>{words}</td><td>{html.escape(text)}</td></tr>"


def _code(widget: TeachingWidget) -> str:
    blocks = "".join(
        f"<h5>{name}</h5><pre><code>{html.escape(widget.code(key))}</code></pre>"
        for key, name in (("python", "Python"), ("r", "R"))
    )
    return _folded("Show the code of the first setting", blocks)


def _equation(bar: EquationBar) -> str:
    """Each symbol in its colour, its number below it, and what it stands for."""
    symbols, numbers, words = [], [], []
    for token in bar.tokens:
        symbol = html.escape(token["base"])
        symbol += f"<sub>{html.escape(token['sub'])}</sub>" if token["sub"] else ""
        line = f' style="border-bottom: 4px solid {token["color"]}"' if token["color"] else ""
        symbols.append(f"<td{line}>{symbol}</td>")
        numbers.append(f"<td>{html.escape(token['value'])}</td>")
        words.append(html.escape(token["title"]))
    rows = f"<tr>{''.join(symbols)}</tr><tr>{''.join(numbers)}</tr>"
    legend = "; ".join(filter(None, words))
    note = html.escape(bar.note)
    return f'<table class="equation">{rows}</table><p class="note">{legend}. {note}</p>'


def predict_page(ask: Predict) -> str:
    """The question and a form for the guess; without scripts the truth is folded away."""
    control, told = ask.control, html.escape(ask.told(), quote=True)
    unit = html.escape(ask.unit, quote=True)
    truth = f' data-told="{told}" data-unit="{unit}"'
    if hasattr(control, "options"):
        picks = "".join(
            f'<label><input type="radio" name="guess" required value="{word}"> {word}</label>'
            for word in (html.escape(str(option), quote=True) for option in control.options)
        )
        guess = f"<fieldset><legend>your guess</legend>{picks}</fieldset>"
        scale = ", or ".join(f"<b>{html.escape(str(option))}</b>" for option in control.options)
    else:
        guess = (
            f'<label>{html.escape(control.description)} <input type="range" name="guess" '
            f'min="{control.min:g}" max="{control.max:g}" step="{control.step:g}" '
            f'value="{control.value:g}"></label> <output aria-hidden="true"></output>'
        )
        scale = f"A number from {control.min:g} to {control.max:g} {unit}".rstrip()
        truth += f' data-truth="{_truth(ask):g}" data-digits="{control.readout_format[1:-1]}"'
    return _section(
        "Predict first",
        f"<p><b>Predict first.</b> {html.escape(ask.question)}</p>",
        f'<form class="predict"{truth} hidden>{guess} <button>This is my guess</button>'
        '<p role="status"></p></form>',
        f'<div class="without"><p>{scale}?</p>'
        f"{_folded('I have made my guess: show the answer', f'<p>{told}</p>')}</div>",
    )


def _truth(ask: Predict) -> float:
    """The number that is asked for, as the card finds it out: by a guess, taken back."""
    ask.guess(ask.control.value)
    truth = ask.results["truth"]
    ask.reset()
    return truth


def exercise_page(card: ExerciseCard) -> str:
    """The question, what to choose from and the hints; answers are judged in the notebook."""
    exercise = card.source
    options = "".join(f"<li>{_words(f'{key}) {text}')}</li>" for key, text in card.options.items())
    hints = [worded(hint, exercise.sample) for hint in exercise.question.hints]
    listed = "".join(f"<li>{_words(hint)}</li>" for hint in hints)
    return _section(
        f"Exercise {exercise.id}",
        f"<h4>Exercise {exercise.id}: {html.escape(card.title)}</h4><div>{_words(card.text)}</div>",
        f'<ul class="options">{options}</ul>' if options else "",
        _folded("Hints", f"<ol>{listed}</ol>") if listed else "",
        '<p class="note">Hand in your answer in the notebook: it tells you whether it is right, '
        "and knows the usual mistakes.</p>",
    )


def plain_page(widget: ipw.Widget) -> str:
    """Any other control: what it is called, what it says now, and that it works in the notebook."""
    said = [html.escape(text) for text in map(_said, _inside(widget)) if text]
    listed = "<br>".join(said) or "A control stands here."
    return f'<p class="note">{listed}<br>This moves in the notebook.</p>'


def _said(widget) -> str:
    name, value = getattr(widget, "description", ""), getattr(widget, "value", "")
    return ": ".join(str(part) for part in (name, value) if part != "")


def _inside(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _inside(child)


def _words(text: str) -> str:
    """An exercise's text with its marks: `hlmteach.exercises.marked`."""
    parts = ((tag, html.escape(part)) for tag, part in pieces(text))
    return "".join(f"<{tag}>{part}</{tag}>" if tag else part for tag, part in parts)


def _section(label: str, *parts: str, names: str = "") -> str:
    inner = "\n".join(part for part in parts if part)
    label = html.escape(label, quote=True)
    return f'<section class="hlm-widget-page" aria-label="{label}"{names}>\n{inner}\n</section>'


def _folded(label: str, inner: str) -> str:
    return f"<details><summary>{label}</summary>{inner}</details>"
