"""An equation whose symbols can be pointed at, tabbed to and pressed."""

from pathlib import Path

import anywidget
import traitlets as t

HERE = Path(__file__).parent


class EquationBar(anywidget.AnyWidget):
    """A row of symbols, each with its number below; `value` names the one that is lit, or is "".

    `tokens` are dicts: name ("" for a plain sign), base, sub, value, color, title.
    """

    _esm = HERE / "equation_bar.js"
    _css = HERE / "equation_bar.css"
    value = t.Unicode("").tag(sync=True)
    tokens = t.List(t.Dict()).tag(sync=True)
    note = t.Unicode("").tag(sync=True)

    def show(self, tokens, note: str) -> None:
        """Show symbols and their numbers; only what changed is sent."""
        with self.hold_sync():
            self.tokens, self.note = list(tokens), note
