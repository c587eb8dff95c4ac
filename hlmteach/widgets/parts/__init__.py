"""The parts of a widget that ipywidgets does not have: results, code, a guess beside the truth."""

from pathlib import Path

import anywidget
import traitlets as t

HERE = Path(__file__).parent


class Readout(anywidget.AnyWidget):
    """A small table of the settled fit. A row without a value is a heading."""

    _esm = HERE / "readout.js"
    _css = HERE / "widget.css"
    caption = t.Unicode("").tag(sync=True)
    labels = t.List(t.Unicode()).tag(sync=True)
    values = t.List(t.Unicode()).tag(sync=True)

    def show(self, caption: str, rows) -> None:
        """Show (label, value) rows; only what changed is sent."""
        labels, values = map(list, zip(*rows, strict=True)) if rows else ([], [])
        with self.hold_sync():
            self.caption, self.labels, self.values = caption, labels, values


class CodePanel(anywidget.AnyWidget):
    """Python and R that do what the controls do now; folded away, and to be copied."""

    _esm = HERE / "code_panel.js"
    opened = t.Bool(False).tag(sync=True)
    python = t.Unicode("").tag(sync=True)
    r = t.Unicode("").tag(sync=True)


class Names(anywidget.AnyWidget):
    """Not seen: names the controls around it for a screen reader, and tells the room there is.

    `room` is (width, height) of the place for the picture, in pixels; height 0 where it may scroll.
    """

    _esm = HERE / "names.js"
    room = t.Tuple(t.Float(), t.Float(), default_value=(0.0, 0.0)).tag(sync=True)


class NumberLine(anywidget.AnyWidget):
    """A guess and the truth in words, and numbers also on a line whose ends are `span`."""

    _esm = HERE / "number_line.js"
    _css = HERE / "widget.css"
    span = t.Tuple(t.Float(), t.Float(), default_value=(0.0, 1.0)).tag(sync=True)
    marks = t.List(t.Float()).tag(sync=True)
    texts = t.List(t.Unicode()).tag(sync=True)
    verdict = t.Unicode("").tag(sync=True)

    def show(self, verdict: str, marks=(), texts=()) -> None:
        """Show (guess, truth) as marks with texts; nothing without."""
        with self.hold_sync():
            self.texts, self.marks, self.verdict = list(texts), list(marks), verdict
