"""An equation whose symbols can be pointed at, tabbed to and pressed."""

import anywidget
import traitlets as t

from hlmteach.widgets.parts import text_of


class EquationBar(anywidget.AnyWidget):
    """A row of symbols, each with its number below; `value` names the one that is lit, or is "".

    `tokens` are dicts: name ("" for a plain sign), base, sub, value, color, title.
    """

    _esm = text_of("equation_bar.js")
    _css = text_of("equation_bar.css")
    value = t.Unicode("").tag(sync=True)
    tokens = t.List(t.Dict()).tag(sync=True)
    note = t.Unicode("").tag(sync=True)

    def show(self, tokens, note: str) -> None:
        """Show symbols and their numbers; only what changed is sent."""
        with self.hold_sync():
            self.tokens, self.note = list(tokens), note
