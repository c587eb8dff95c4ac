"""A widget's docstring, completed by what the widget declares: its sentence, presets, controls."""

from inspect import cleandoc
from textwrap import fill

SECTION = """\
Parameters
----------
preset : {{{presets}}}
    Where the controls start.
present : bool
    Large type, for a projector."""


def documented(widget) -> str:
    """Write into a widget's docstring what need not be written there by hand.

    The sentence comes after the summary, presets and controls before the examples.

    Examples
    --------
    >>> class Dial:
    ...     '''A dial.'''
    ...
    ...     sentence, presets, inputs = "It turns.", {"low": {}, "high": {}}, {}
    >>> documented(Dial).splitlines()[2:7]
    ['It turns.', '', 'Parameters', '----------', 'preset : {"low", "high"}']
    """
    by_hand, examples, run = cleandoc(widget.__doc__ or "").partition("\n\nExamples\n")
    summary, _, more = by_hand.partition("\n\n")
    sentence = "" if summary == widget.sentence else fill(widget.sentence, 96)
    section = SECTION.format(presets=", ".join(f'"{name}"' for name in widget.presets))
    parts = [summary, sentence, more, section, _controls(widget.inputs)]
    return "\n\n".join(filter(None, parts)) + examples + run


def _controls(inputs) -> str:
    """Name the controls as `set` and `state` know them, with the labels that they show."""
    named = (f"{name} ({one.label})" if one.label else name for name, one in inputs.items())
    return inputs and "Notes\n-----\n" + fill(f"Controls: {', '.join(named)}.", 96)
