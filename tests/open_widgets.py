"""The widgets that are open, where ipywidgets keeps them: a place of its own in 8 and in 7."""

from ipywidgets.widgets import widget


def open_widgets() -> dict:
    """The open widgets by their model's id."""
    return widget._instances if hasattr(widget, "_instances") else widget.Widget.widgets
