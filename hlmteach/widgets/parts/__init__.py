"""The parts of a widget that ipywidgets does not have: results, code, a guess beside the truth."""

from pathlib import Path

import anywidget
import traitlets as t

from hlmteach.stage.export import SHARED

HERE = Path(__file__).parent
ALL = "all numbers"


def text_of(name: str) -> str:
    """Read a file of this folder; for its path anywidget would keep every widget ever made."""
    return (HERE / name).read_text(encoding="utf-8")


class Readout(anywidget.AnyWidget):
    """A small table of the settled fit. A row without a value is a heading.

    What follows the heading `ALL` is folded away. A label that begins with "●0 " has a dot in the
    colour of group 0.
    """

    _esm = text_of("readout.js")
    _css = text_of("widget.css")
    caption = t.Unicode("").tag(sync=True)
    labels = t.List(t.Unicode()).tag(sync=True)
    values = t.List(t.Unicode()).tag(sync=True)
    main = t.Int(0).tag(sync=True)

    def show(self, caption: str, rows) -> None:
        """Show (label, value) rows; only what changed is sent."""
        labels, values = map(list, zip(*rows, strict=True)) if rows else ([], [])
        main = len(labels)
        if ALL in labels:
            main = labels.index(ALL)
            del labels[main], values[main]
        with self.hold_sync():
            self.caption, self.main, self.labels, self.values = caption, main, labels, values


class CodePanel(anywidget.AnyWidget):
    """Python and R that do what the controls do now; folded away, and to be copied."""

    _esm = text_of("code_panel.js")
    opened = t.Bool(False).tag(sync=True)
    python = t.Unicode("").tag(sync=True)
    r = t.Unicode("").tag(sync=True)


class Names(anywidget.AnyWidget):
    """Not seen: names the controls around it for a screen reader, and tells the room there is.

    `room` is (width, height) of the place for the picture, in pixels; height 0 where it may scroll.
    """

    _esm = SHARED + text_of("names.js")
    room = t.Tuple(t.Float(), t.Float(), default_value=(0.0, 0.0)).tag(sync=True)


class NumberLine(anywidget.AnyWidget):
    """A guess and the truth in words, and numbers also on a line whose ends are `span`."""

    _esm = text_of("number_line.js")
    _css = text_of("widget.css")
    span = t.Tuple(t.Float(), t.Float(), default_value=(0.0, 1.0)).tag(sync=True)
    marks = t.List(t.Float()).tag(sync=True)
    texts = t.List(t.Unicode()).tag(sync=True)
    verdict = t.Unicode("").tag(sync=True)

    def show(self, verdict: str, marks=(), texts=()) -> None:
        """Show (guess, truth) as marks with texts; nothing without."""
        with self.hold_sync():
            self.texts, self.marks, self.verdict = list(texts), list(marks), verdict
