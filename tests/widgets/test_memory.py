"""A thousand changes must not make a kernel grow: a few show whether each leaves something."""

import gc
import weakref

import pytest

import hlmteach as hlm
from hlmteach.widgets import HOMES

CHANGES = 8
FEW = CHANGES // 2  # objects that come and go without us


def left_behind(change) -> int:
    """How many objects more there are after some changes."""
    gc.collect()
    gc.freeze()  # what other tests left, and may let go of meanwhile, is not looked at
    try:
        change()  # in place of what is frozen
        before = count()
        for _ in range(CHANGES):
            change()
        return count() - before
    finally:
        gc.unfreeze()


def count() -> int:
    """Objects but for weak references, of which pandas keeps some hundred dead ones a table."""
    gc.collect()
    return sum(type(one) is not weakref.ref for one in gc.get_objects())


@pytest.mark.parametrize("name", sorted(set(HOMES) - {"Predict"}))
def test_changes_leave_nothing_behind(name, monkeypatch):
    monkeypatch.setattr("hlmteach.widgets.base.PAUSE", 600)  # no story is recorded meanwhile
    widget = getattr(hlm.widgets, name)()
    widget.refresh()
    counts = [left_behind(widget.refresh)]
    while counts[-1] >= FEW and len(counts) < 5:  # what is kept once, such as a cache, stops
        counts.append(left_behind(widget.refresh))
    widget.close()
    assert counts[-1] < FEW, f"each {CHANGES} changes leave {counts} objects"


def test_what_grows_is_noticed():
    kept = []
    assert left_behind(lambda: kept.append([0])) >= FEW
