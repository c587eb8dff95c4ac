"""A widget on a page without a kernel: its stage still plays, and scrubs fits made ahead."""

import html
import re
from collections.abc import Iterator

import ipywidgets as ipw

from hlmteach.errors import HLMError
from hlmteach.exercises.desk import exercise as find_exercise
from hlmteach.exercises.question import say
from hlmteach.stage import Stage
from hlmteach.views.window import only_growing
from hlmteach.widgets.base import TeachingWidget
from hlmteach.widgets.exercise import ExerciseCard
from hlmteach.widgets.parts.equation_bar import EquationBar
from hlmteach.widgets.predict import Predict

SLIDERS = (ipw.FloatSlider, ipw.IntSlider, ipw.SelectionSlider)
CHOICES = (ipw.ToggleButtons, ipw.Dropdown)
STATES = 15  # fits made ahead for the slider of a page
ROUNDS = 2  # after which limits hold every setting
NOT_IN_FITS = {"pace"}  # says how fast, not what
NEEDS = "To refit with other settings, open this lesson in the notebook."


def register() -> None:
    """In the kernel that makes the pages: have every widget shown as plain HTML."""
    from IPython import get_ipython

    formatter = get_ipython().display_formatter.formatters["text/html"]
    formatter.for_type(TeachingWidget, teaching_page)
    formatter.for_type(Stage, lambda stage: stage.to_html())
    formatter.for_type(Predict, predict_page)
    formatter.for_type(ExerciseCard, exercise_page)
    formatter.for_type(ipw.Widget, plain_page)


def teaching_page(widget: TeachingWidget) -> str:
    """Title, sentence, the stage with its animation and a table of fits, results and code."""
    with widget.lock:
        widget.settle()
        ahead = record_ahead(widget)
        _tell_again(widget)
    parts = [
        f"<h4>{html.escape(widget.title)}</h4>",
        f"<p><em>{html.escape(widget.sentence)}</em></p>",
        *(_equation(one) for one in widget.controls.values() if isinstance(one, EquationBar)),
        widget.stage.to_html(),
        f"<p class='note'>{html.escape(ahead)}{NEEDS}</p>",
        _rows(widget),
        _code(widget),
    ]
    return _section(widget.title, *parts)


# -- fits made ahead ---------------------------------------------------------------------------


def record_ahead(widget: TeachingWidget) -> str:
    """Record a control's whole range as a table of fits; say whose, or "" where none can be."""
    for name, values in _candidates(widget):
        if _record(widget, name, values):
            label = widget.controls[name].description.rstrip(": ")
            return f"The slider marked precomputed shows {len(values)} settings of “{label}”. "
    return ""


def _candidates(widget) -> Iterator[tuple[str, list]]:
    """Controls that matter now and what they may be set to; sliders first, in their order."""
    wanted = set(widget.shown(widget.state)) - NOT_IN_FITS
    for kinds in (SLIDERS, CHOICES):
        for name, control in widget.controls.items():
            if name in wanted and isinstance(control, kinds):
                yield name, _spread(control)


def _spread(control) -> list[tuple[str, object]]:
    """(Text, value) for a control's settings, evenly thinned where there are many."""
    if hasattr(control, "options"):
        pairs = [one if isinstance(one, tuple) else (f"{one}", one) for one in control.options]
        now = [value for _, value in pairs].index(control.value)
        every = -(-len(pairs) // STATES)
        return pairs[now % every :: every]
    count = round((control.max - control.min) / control.step) + 1
    every, now = -(-count // STATES), round((control.value - control.min) / control.step)
    steps = range(now % every, count, every)  # the present setting is one of them
    values = [type(control.value)(round(control.min + i * control.step, 10)) for i in steps]
    return [(f"{value:g}".replace("-", "−"), value) for value in values]


def _record(widget: TeachingWidget, name: str, values) -> bool:
    """Record the settings; False where they change what stands still, such as a title."""
    with only_growing():
        for _ in range(ROUNDS):
            for _ in _draw_each(widget, name, values):
                pass
        try:
            widget.stage.table(_draw_each(widget, name, values))
        except ValueError:
            return False
    widget.stage.index = _place(widget.state[name], values)
    return True


def _place(now, values) -> int:
    return [value for _, value in values].index(now)


def _draw_each(widget, name, values) -> Iterator[str]:
    label = widget.controls[name].description.rstrip(": ")
    for text, value in values:
        try:
            found = widget.compute(widget.state | {name: value})
            widget.draw(found)
            status = widget.report(found).status
        except HLMError as error:
            status = str(error)
        yield f"{label} {text}: {status}"


def _tell_again(widget) -> None:
    """Record the story over the limits of the table, which show what the controls say now."""
    found = widget.compute(widget.state)
    widget.draw(found)
    widget.stage.sync()
    widget.stage.animate(widget.story(found), seconds=0.9, hold=0.5, frame=widget.rests_at)


# -- results, code, and other widgets ----------------------------------------------------------


def _rows(widget: TeachingWidget) -> str:
    report = widget.report(widget.compute(widget.state))
    rows = "".join(
        f"<tr><td>{html.escape(label)}</td><td>{html.escape(text)}</td></tr>"
        if text
        else f'<tr><th colspan="2" scope="rowgroup">{html.escape(label)}</th></tr>'
        for label, text in report.rows
    )
    caption = f"<caption>{html.escape(report.caption)}</caption>" if report.caption else ""
    return f"<table>{caption}{rows}</table>" if rows else ""


def _code(widget: TeachingWidget) -> str:
    blocks = "".join(
        f"<h5>{name}</h5><pre><code>{html.escape(widget.code(key))}</code></pre>"
        for key, name in (("python", "Python"), ("r", "R"))
    )
    return _folded("Show the code", blocks)


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
    """The question, what to choose from, and the truth folded away."""
    control, question = ask.control, html.escape(ask.question)
    if hasattr(control, "options"):
        scale = ", or ".join(f"<b>{html.escape(option)}</b>" for option in control.options)
    else:
        scale = f"A number from {control.min:g} to {control.max:g}"
        scale += f" {html.escape(ask.unit)}" if ask.unit else ""
    return _section(
        "Predict first",
        f"<p><b>Predict first.</b> {question}</p><p>{scale}?</p>",
        _folded("I have made my guess: show the answer", f"<p>{html.escape(ask.told())}</p>"),
    )


def exercise_page(card: ExerciseCard) -> str:
    """The question, what to choose from and the hints; answers are judged in the notebook."""
    exercise = find_exercise(card.exercise)
    options = "".join(f"<li>{_words(f'{key}) {text}')}</li>" for key, text in card.options.items())
    hints = [say(hint, exercise.sample) for hint in exercise.question.hints]
    listed = "".join(f"<li>{_words(hint)}</li>" for hint in hints)
    return _section(
        f"Exercise {exercise.id}",
        f"<h4>Exercise {exercise.id}: {html.escape(card.title)}</h4><p>{_words(card.text)}</p>",
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
    """`code` and *stress* as an exercise's text has them."""
    marked = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
    return re.sub(r"\*([^*\s][^*]*)\*(?!\w)", r"<em>\1</em>", marked)


def _section(label: str, *parts: str) -> str:
    inner = "\n".join(part for part in parts if part)
    label = html.escape(label, quote=True)
    return f'<section class="hlm-widget-page" aria-label="{label}">\n{inner}\n</section>'


def _folded(label: str, inner: str) -> str:
    return f"<details><summary>{label}</summary>{inner}</details>"
