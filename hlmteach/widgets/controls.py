"""ipywidgets' own controls, made alike: labels that are read in full, widths that fit a phone."""

import ipywidgets as ipw

WIDE = {"width": "204px", "max_width": "100%"}
LABEL = {"description_width": "initial"}


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
    return ipw.SelectionSlider(value=value, options=options, **_looks(label, help))


def choice(label, value, options, help="") -> ipw.ToggleButtons:
    """Make a row of buttons of which one is down."""
    buttons = ipw.ToggleButtons(
        value=value,
        options=options,
        description=label,
        style={"button_width": "auto", "description_width": "initial"},
        layout={"width": "auto", "max_width": "100%"},
    )
    buttons.tooltip = help or label
    return buttons


def menu(label, value, options, help="") -> ipw.Dropdown:
    """Make a list that folds out."""
    return ipw.Dropdown(value=value, options=options, **_looks(label, help))


def tick(label, value, help="") -> ipw.Checkbox:
    """Make a box to tick."""
    layout = {"width": "auto", "max_width": "100%", "min_height": "32px"}
    return ipw.Checkbox(value, description=label, indent=False, tooltip=help, layout=layout)


def seed(value=1) -> ipw.BoundedIntText:
    """Make the field for the seed: the same seed draws the same data."""
    layout = {"width": "100px"}
    help = "The same seed draws the same data again."
    return ipw.BoundedIntText(
        value, min=0, max=999_999, description="seed", tooltip=help, layout=layout, style=LABEL
    )


def button(label, on_click, help="", icon="") -> ipw.Button:
    """Make a button that does one thing."""
    made = ipw.Button(description=label, tooltip=help or label, icon=icon, layout={"width": "auto"})
    made.on_click(lambda _button: on_click())
    return made


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
