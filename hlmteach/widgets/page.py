"""A widget on a page without a kernel: its stage still plays, and scrubs fits made ahead."""

import html

import ipywidgets as ipw

from hlmteach.errors import HLMError
from hlmteach.stage import Stage
from hlmteach.widgets.base import TeachingWidget

SLIDERS = (ipw.FloatSlider, ipw.IntSlider, ipw.SelectionSlider)
STATES = 15  # fits made ahead for the slider of a page
NEEDS = "To refit with other settings, open this lesson in the notebook."


def register() -> None:
    """In the kernel that makes the pages: have every widget shown as plain HTML."""
    from IPython import get_ipython

    formatter = get_ipython().display_formatter.formatters["text/html"]
    formatter.for_type(TeachingWidget, teaching_page)
    formatter.for_type(Stage, lambda stage: stage.to_html())
    formatter.for_type(ipw.Widget, plain_page)


def teaching_page(widget: TeachingWidget) -> str:
    """Title, sentence, the stage with its animation or a table of fits, results and code."""
    widget.settle()
    scrubbed = _scrub(widget)
    parts = [
        f'<section class="hlm-widget-page" aria-label="{html.escape(widget.title, quote=True)}">',
        f"<h4>{html.escape(widget.title)}</h4>",
        f"<p><em>{html.escape(widget.sentence)}</em></p>",
        widget.stage.to_html(),
        f"<p class='note'>{html.escape(scrubbed)}{NEEDS}</p>",
        _rows(widget),
        _code(widget),
        "</section>",
    ]
    return "\n".join(parts)


def _scrub(widget: TeachingWidget) -> str:
    """Record a slider's whole range as a table of fits, if the picture allows; say what it is."""
    for name in widget.shown(widget.state):
        control = widget.controls[name]
        if isinstance(control, SLIDERS):
            values = _spread(control)
            try:
                with widget.lock:
                    _record(widget, name, values)
            except ValueError:  # this slider moves the axes, which a table cannot: try the next
                widget.reset()
                continue
            label = control.description.rstrip(": ")
            return f"The slider below the picture shows {len(values)} fits made ahead: {label}. "
    return ""


def _spread(control) -> list:
    if isinstance(control, ipw.SelectionSlider):
        return [v if not isinstance(v, tuple) else v[1] for v in control.options]
    count = round((control.max - control.min) / control.step) + 1
    every = max(1, -(-count // STATES))
    values = [control.min + i * control.step for i in range(0, count, every)]
    return [type(control.value)(round(value, 10)) for value in values]


def _record(widget: TeachingWidget, name: str, values) -> None:
    label = widget.controls[name].description.rstrip(": ")
    state = widget.state

    def states():
        for value in values:
            try:
                found = widget.compute(state | {name: value})
                widget.draw(found)
                text = widget.report(found).status
            except HLMError as error:
                text = str(error)
            yield f"{label} {value:g}: {text}" if isinstance(value, float | int) else text

    widget.stage.table(states())
    widget.draw(widget.compute(state))


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
    return f"<details><summary>Show the code</summary>{blocks}</details>"


def plain_page(widget: ipw.Widget) -> str:
    """Any other control: what it is called, and that it works in the notebook."""
    names = [n for n in (getattr(w, "description", "") for w in _inside(widget)) if n]
    listed = html.escape(", ".join(dict.fromkeys(names)))
    what = f"Controls here: {listed}. " if listed else "A control stands here. "
    return f'<p class="note">{what}They work in the notebook.</p>'


def _inside(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _inside(child)
