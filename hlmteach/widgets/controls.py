"""ipywidgets' own controls, made alike: labels that are read in full, widths that fit a phone."""

from collections.abc import Callable
from dataclasses import dataclass

import ipywidgets as ipw
import traitlets

WIDE = {"width": "auto", "max_width": "100%"}
LABEL = {"description_width": "initial"}


@dataclass(frozen=True)
class Asked:
    """A control that a widget declares: how it is made, when it matters, its label.

    `when` is the state of other controls in which it does, a value or a tuple of values for each
    (`{"source": "simulated"}`), or a function of the state.
    """

    make: Callable[[], ipw.Widget]
    when: dict | Callable[[dict], bool] | None = None
    label: str = ""

    def matters(self, state: dict) -> bool:
        """Whether the control changes anything in this state."""
        if not self.when:
            return True
        if callable(self.when):
            return bool(self.when(state))
        wanted = ((state[name], value) for name, value in self.when.items())
        return all(
            is_ in value if isinstance(value, tuple) else is_ == value for is_, value in wanted
        )


def ask(kind: Callable, *args, when=None, group=None, **more) -> Asked:
    """Declare a control: one of the functions below, what it is called with, when it matters.

    `group` is the number, from 0, of the group that it moves, whose colour its label then has.
    """

    def make() -> ipw.Widget:
        control = kind(*args, **more)
        if group is not None:
            control.add_class(f"hlm-group-{group}")
        return control

    return Asked(make, when, next((one for one in args[:1] if isinstance(one, str)), ""))


def never(_state) -> bool:
    """Keep a control off the screen: presets and code set it."""
    return False


def slider(label, value, low, high, step, help="", digits=2, signed=False) -> ipw.FloatSlider:
    """Make a slider of decimal numbers; `help` shows when the pointer rests on it."""
    form = f"{'+' if signed else ''}.{digits}f"
    return ipw.FloatSlider(
        value, min=low, max=high, step=step, readout_format=form, **_looks(label, help)
    )


def whole(label, value, low, high, step=1, help="") -> ipw.IntSlider:
    """Make a slider of whole numbers."""
    return ipw.IntSlider(value, min=low, max=high, step=step, **_looks(label, help))


def ladder(label, value, options, help="") -> ipw.SelectionSlider:
    """Make a slider over a few values; options are values, or (text, value) pairs."""
    made = ipw.SelectionSlider(value=value, options=options, **_looks(label, help))
    made.add_class("hlm-ladder")
    return made


def choice(label, value, options, help="") -> ipw.ToggleButtons:
    """Make a row of buttons of which one is down."""
    buttons = ipw.ToggleButtons(
        value=value,
        options=options,
        description=label,
        style={"button_width": "auto", "description_width": "initial"},
        layout=WIDE,
    )
    buttons.tooltip = help or label
    return buttons


class Chips(ipw.Box):
    """Buttons of which any number are down; `value` holds the values of those.

    Examples
    --------
    >>> made = Chips("models", ("b",), [("first", "a"), ("second", "b")])
    >>> made.children[1].children[0].value = True
    >>> made.value
    ('a', 'b')
    """

    value = traitlets.Tuple()

    def __init__(self, label: str, value: tuple, options=()):
        self.row = ipw.Box()
        super().__init__([ipw.Label(label), self.row])
        self.add_class("widget-toggle-buttons")
        self.description = label
        self.options = options
        self.value = value

    @property
    def options(self) -> tuple:
        """The (text, value) pairs to choose from."""
        return self._options

    @options.setter
    def options(self, options) -> None:
        pairs = [one if isinstance(one, tuple) else (str(one), one) for one in options]
        for old in self.row.children:
            old.close()
        self._options = tuple(pairs)
        self.row.children = [
            ipw.ToggleButton(value in self.value, description=text) for text, value in pairs
        ]
        for chip in self.row.children:
            chip.add_class("widget-toggle-button")
            chip.observe(self._on_chip, "value")
        known = [value for _, value in pairs]
        self.value = tuple(value for value in self.value if value in known)

    @traitlets.validate("value")
    def _known(self, proposal):
        known = [value for _, value in self._options]
        if odd := [value for value in proposal["value"] if value not in known]:
            raise traitlets.TraitError(f"{odd[0]!r} is not among {known}.")
        return tuple(proposal["value"])

    @traitlets.observe("value")
    def _on_value(self, change) -> None:
        for chip, (_, value) in zip(self.row.children, self._options, strict=True):
            chip.value = value in change["new"]

    def _on_chip(self, change) -> None:
        chosen = zip(self.row.children, self._options, strict=True)
        down = {value for chip, (_, value) in chosen if chip.value}
        if down != set(self.value):
            self.value = tuple(value for _, value in self._options if value in down)


def menu(label, value, options, help="") -> ipw.Dropdown:
    """Make a list that folds out."""
    return ipw.Dropdown(value=value, options=options, **_looks(label, help))


def tick(label, value, help="") -> ipw.Checkbox:
    """Make a box to tick."""
    layout = {"width": "auto", "max_width": "100%", "min_height": "32px"}
    return ipw.Checkbox(value, description=label, indent=False, tooltip=help, layout=layout)


def seed(value=1) -> ipw.BoundedIntText:
    """Hold the seed: the same one draws the same data, and the button New sample takes the next."""
    return ipw.BoundedIntText(value, min=0, max=999_999, description="seed")


def button(label, on_click, help="", icon="") -> ipw.Button:
    """Make a button that does one thing."""
    made = ipw.Button(description=label, tooltip=help or label, icon=icon, layout={"width": "auto"})
    made.on_click(lambda _button: on_click())
    return made


def box(name: str, children) -> ipw.Box:
    """Make a box that the style sheet knows by a name."""
    made = ipw.Box(children)
    made.add_class(name)
    return made


def show(control, visible: bool) -> None:
    """Show a control, or hide it."""
    display = None if visible else "none"
    if control.layout.display != display:
        control.layout.display = display


def is_echo(change) -> bool:
    """Tell whether a browser only sent a slider's number back, rounded as it shows it."""
    old, new = change["old"], change["new"]
    return isinstance(old, float) and isinstance(new, float) and abs(new - old) < 1e-6


def close_parts(widget: ipw.Widget) -> None:
    """Close everything inside a widget, and its own layout and style."""
    for part in _parts(widget):
        part.close()


def _parts(widget) -> list[ipw.Widget]:
    """Everything inside a widget, layouts and styles too, children before their box."""
    found = []
    for child in getattr(widget, "children", ()):
        found += [*_parts(child), child]
    looks = (getattr(one, name, None) for one in [*found, widget] for name in ("style", "layout"))
    return found + [look for look in looks if isinstance(look, ipw.Widget)]


def _looks(label, help) -> dict:
    return {"description": label, "tooltip": help or label, "layout": WIDE, "style": LABEL}
