"""What changed between two pictures, packed small.

A state is one tuple of items per moving artist. A patch leads from one state to another: a short JSON part
that says which coordinates change, and the numbers themselves in a `Pool` of float32.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import numpy as np

from .recorder import Item

State = tuple[tuple[Item, ...], ...]
NOTHING: State = ()
UNSEEN = 0.005  # pixels; a smaller move is not worth a byte


@dataclass
class Pool:
    """Arrays and styles that patches refer to by place; what was stored once is not stored again."""

    values: list[bytes] = field(default_factory=list)
    indices: list[bytes] = field(default_factory=list)
    looks: list[dict] = field(default_factory=list)
    _places: dict = field(default_factory=dict)
    _lengths: dict = field(default_factory=lambda: {"values": 0, "indices": 0})

    def add_look(self, look: dict) -> int:
        """Place of a style."""
        return self._once(("look", json.dumps(look, sort_keys=True)), self._append_look, look)

    def add_values(self, array) -> int:
        """Place of the first of these float32 numbers."""
        data = array.astype("<f4").tobytes()
        return self._once(("values", data), self._append, "values", data, len(array))

    def add_indices(self, array) -> int:
        """Place of the first of these uint16 indices."""
        data = array.astype("<u2").tobytes()
        return self._once(("indices", data), self._append, "indices", data, len(array))

    def buffers(self) -> dict:
        """Both kinds of numbers as bytes."""
        return {"values": b"".join(self.values), "indices": b"".join(self.indices)}

    def _once(self, key, store, *args):
        if key not in self._places:
            self._places[key] = store(*args)
        return self._places[key]

    def _append_look(self, look):
        self.looks.append(look)
        return len(self.looks) - 1

    def _append(self, kind, data, count):
        getattr(self, kind).append(data)
        start = self._lengths[kind]
        self._lengths[kind] += count
        return start


def patch(old: State, new: State, pool: Pool) -> dict:
    """What leads from `old` to `new`: ``n`` (artists whose number of items changed) and ``set`` (items)."""
    counts, changes = [], []
    for mark, items in enumerate(new):
        before = old[mark] if mark < len(old) else ()
        if len(before) != len(items):
            counts.append([mark, len(items)])
        for place, item in enumerate(items):
            was = before[place] if place < len(before) else None
            change = _item_change(was, item, pool)
            if change is not None:
                changes.append([mark, place, *change])
    return {"n": counts, "set": changes}


def settle(old: State, new: State) -> State:
    """`new`, but with the coordinates of `old` where the difference is too small to be sent."""
    return tuple(
        tuple(_settle_item(old[mark], place, item) for place, item in enumerate(items))
        if mark < len(old)
        else items
        for mark, items in enumerate(new)
    )


def is_empty(change: dict) -> bool:
    """Whether a patch changes nothing."""
    return not change["n"] and not change["set"]


def _item_change(was, item, pool):
    look = None if was is not None and was.look == item.look else pool.add_look(item.look)
    x = _array_change(None if was is None else was.x, item.x, pool)
    y = _array_change(None if was is None else was.y, item.y, pool)
    return None if look is x is y is None else (look, x, y)


def _array_change(was, now, pool):
    """None when the same, else the place and count of the values, and of the indices when few change."""
    if was is None or len(was) != len(now):
        return [pool.add_values(now), len(now)]
    moved = _moved(was, now)
    count = int(moved.sum())
    if count == 0:
        return None
    if count > len(now) // 2 or len(now) > np.iinfo(np.uint16).max:
        return [pool.add_values(now), len(now)]
    places = np.flatnonzero(moved)
    return [pool.add_values(now[places]), count, pool.add_indices(places)]


def _moved(was, now):
    gone = np.isnan(was) != np.isnan(now)
    with np.errstate(invalid="ignore"):
        return gone | (np.abs(now - was) > UNSEEN)


def _settle_item(before, place, item):
    if place >= len(before):
        return item
    was = before[place]
    return Item(item.look, _settle_array(was.x, item.x), _settle_array(was.y, item.y))


def _settle_array(was, now):
    if len(was) != len(now):
        return now
    moved = _moved(was, now)
    return now if moved.sum() > len(now) // 2 else np.where(moved, now, was)
