"""What the widgets declare is there, and shows."""

import importlib
import pkgutil

import pytest

import hlmteach as hlm
from hlmteach import widgets
from hlmteach.widgets import HOMES
from hlmteach.widgets.base import TeachingWidget
from hlmteach.widgets.streaming import StreamingWidget
from hlmteach.widgets.words import fill_table, table_lines

COMMON = {TeachingWidget, StreamingWidget}  # what widgets are made from


def kinds():
    """Every teaching widget of the package, by the file it is in."""
    for module in pkgutil.iter_modules(widgets.__path__):
        found = vars(importlib.import_module(f"{widgets.__name__}.{module.name}")).items()
        for name, thing in found:
            own = isinstance(thing, type) and thing.__module__.endswith(f".{module.name}")
            if own and issubclass(thing, TeachingWidget) and thing not in COMMON:
                yield name, module.name


def test_every_widget_has_a_home():
    assert dict(kinds()) == {name: HOMES[name] for name in HOMES if name != "Predict"}


TABLES = {name: vars(getattr(hlm.widgets, name)).get("table") for name, _ in kinds()}
DECLARED = [name for name, table in TABLES.items() if isinstance(table, str | dict)]


def lines_of(table):
    """The lines of a table's template, or of all where there is one for each of some values."""
    texts = table.values() if isinstance(table, dict) else [table]
    return [line for text in texts for line in table_lines(text)]


def never_filled(lines, seen):
    """The lines of a table that no state fills: where a name is misspelt, no number is there."""
    return [line for line in lines if not any(fill_table([line], values) for values in seen)]


def values_of(widget, monkeypatch):
    """What a widget's table is filled with, in each of its presets."""
    seen, plain = [], widget.table_of
    monkeypatch.setattr(widget, "table_of", lambda found, v: seen.append(v) or plain(found, v))
    for preset in widget.presets:
        widget.start_from(preset)
    widget.refresh()
    return seen


@pytest.mark.parametrize("name", DECLARED)
@pytest.mark.usefixtures("unpainted")
def test_every_line_of_a_table_shows_in_some_preset(name, monkeypatch):
    widget = getattr(hlm.widgets, name)()
    lines = lines_of(TABLES[name])
    seen = values_of(widget, monkeypatch)
    widget.close()
    assert len(seen) >= len(widget.presets)
    assert never_filled(lines, seen) == []


def test_a_misspelt_name_is_noticed():
    lines = table_lines("sd of u | {sd:.3f}\nsigma | {sgima:.3f}\na heading |")
    assert never_filled(lines, [{"sigma": 0.8}, {"sigma": 0.8, "sd": 0.1}]) == [lines[1]]
