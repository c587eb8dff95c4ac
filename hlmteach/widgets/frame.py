"""How a widget is laid out: head, picture with the table at its side, controls in a grid."""

import html

import ipywidgets as ipw

from hlmteach.stage.outputs import Shown
from hlmteach.widgets.controls import Chips, box, button, show
from hlmteach.widgets.documented import documented

SCREEN = 800  # pixels that a notebook has for a widget on a small laptop
GAP = 24  # pixels between controls
LETTER, PAD = 6.4, 16  # pixels: a letter of a button, and what stands around its word


class Frame(Shown, ipw.VBox):
    """The layout of a `TeachingWidget`, whose parts and words it puts in their places."""

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if cls.sentence:
            cls.__doc__ = documented(cls)

    def _layout(self) -> list:
        """Head, picture with controls and table, messages, code."""
        title = (
            f'<div class="hlm-title" role="heading" aria-level="3">{html.escape(self.title)}</div>'
        )
        self._sentence = ipw.HTML()
        self._sentence.add_class("hlm-sentence")
        self._say_sentence(self._chooser.value)
        help = "Draw new data: the next seed"
        self._sampler = button("New sample", self._new_sample, help, "refresh")
        resetter = button("Reset", self.reset, "Put every control back to where it was", "undo")
        pictured = self._pictured()
        below = [one for one in self.controls.values() if one not in pictured]
        below.sort(key=lambda one: not isinstance(one, ipw.ToggleButtons | Chips))
        self._grid = ControlGrid(below)
        self._tools = box("hlm-tools", [self._chooser, resetter, self._sampler])
        picture = box("hlm-picture", pictured)
        body = box("hlm-body", [picture, self.readout, self._grid])
        return [
            box("hlm-head", [ipw.HTML(title), self._tools, self._sentence]),
            body,
            self.message,
            self.names,
            self.panel,
        ]

    def _say_sentence(self, preset: str) -> None:
        self._sentence.value = html.escape(self.sayings.get(preset, self.sentence))

    def _pictured(self) -> list:
        """The column of the picture, from top to bottom."""
        return [self.stage]

    def _show_controls(self, state) -> None:
        wanted = set(self.shown(state))
        show(self._sampler, "seed" in wanted)
        wanted = [self.controls[name] for name in wanted - {"seed"}]  # a new sample takes the next
        self._grid.arrange([one for one in self._grid.children if one in wanted])


class ControlGrid(ipw.Box):
    """Controls in columns of one width; hidden ones leave no hole, and none stands alone in a row.

    Examples
    --------
    >>> from hlmteach.widgets.controls import whole
    >>> grid = ControlGrid([whole(f"number {k}", k, 0, 9) for k in range(5)])
    >>> grid.arrange(list(grid.children)[:4])
    >>> grid.columns, grid.children[4].layout.display
    (4, 'none')
    """

    def __init__(self, controls):
        super().__init__(controls)
        self.add_class("hlm-controls")
        self.columns, self._shown = 0, None
        self._named: dict[ipw.Widget, str] = {}

    def arrange(self, controls: list[ipw.Widget]) -> None:
        """Show these controls, and only these."""
        if controls == self._shown:
            return
        self._shown = controls
        for control in self.children:
            show(control, control in controls)
        self.columns, spans = _columns([_letters(control) for control in controls])
        self._name(self, f"hlm-columns-{self.columns}")
        for control, span in zip(controls, spans, strict=True):
            self._name(control, f"hlm-span-{span}")

    def _name(self, widget, name: str) -> None:
        """Give a widget a name for the style sheet in place of the one that it had from here."""
        if self._named.get(widget) != name:
            if widget in self._named:
                widget.remove_class(self._named[widget])
            widget.add_class(name)
            self._named[widget] = name


def _letters(control) -> float:
    """Pixels that the words of a row of buttons take; nothing else is wider than a column."""
    if not isinstance(control, ipw.ToggleButtons | Chips):
        return 0.0
    texts = [one[0] if isinstance(one, tuple) else str(one) for one in control.options]
    return sum(LETTER * len(text) + PAD for text in texts)


def _columns(widths: list[float]) -> tuple[int, list[int]]:
    """How many columns there are, and how many of them each control spans."""
    for columns in (3, 4, 2):
        column = (SCREEN + GAP) / columns
        spans = [min(columns, max(1, -int(-(width + GAP) // column))) for width in widths]
        if 1 not in _row_counts(spans, columns):
            return columns, spans
    return columns, spans


def _row_counts(spans: list[int], columns: int) -> list[int]:
    """How many controls each row holds."""
    counts, left = [], 0
    for span in spans:
        if span > left:
            counts.append(0)
            left = columns
        counts[-1] += 1
        left -= span
    return counts
