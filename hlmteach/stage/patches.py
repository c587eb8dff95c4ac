"""What changed between two pictures, packed small.

A state is one tuple of items per moving artist. A patch leads from one state to another: a short
JSON part says which coordinates change, and a `Pool` of float32 holds the numbers themselves.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import numpy as np

from .recorder import Item

State = tuple[tuple[Item, ...], ...]
NOTHING: State = ()
UNSEEN = 0.005  # pixels; a smaller move is not worth a byte
MOST_INDICES = np.iinfo(np.uint16).max


@dataclass
class Pool:
    """Arrays and styles that patches refer to by place; the same one is stored once."""

    looks: list[dict] = field(default_factory=list)
    _numbers: dict = field(default_factory=lambda: {"<f4": [], "<u2": []})
    _ends: dict = field(default_factory=lambda: {"<f4": 0, "<u2": 0})
    _places: dict = field(default_factory=dict)

    def add_look(self, look: dict) -> int:
        """Store a style; return its place."""
        key = json.dumps(look, sort_keys=True)
        if key not in self._places:
            self._places[key] = len(self.looks)
            self.looks.append(look)
        return self._places[key]

    def add_values(self, array) -> int:
        """Store coordinates; return the place of the first."""
        return self._add("<f4", array)

    def add_indices(self, array) -> int:
        """Store indices; return the place of the first."""
        return self._add("<u2", array)

    def buffers(self) -> dict[str, bytes]:
        """Join what was stored: coordinates as float32, indices as uint16."""
        values, indices = (b"".join(parts) for parts in self._numbers.values())
        return {"values": values, "indices": indices}

    def _add(self, kind, array):
        data = array.astype(kind).tobytes()
        key = (kind, data)
        if key not in self._places:
            self._places[key] = self._ends[kind]
            self._ends[kind] += len(array)
            self._numbers[kind].append(data)
        return self._places[key]


def patch(old: State, new: State, pool: Pool) -> dict:
    """Make the patch from `old` to `new`.

    Its ``n`` holds [artist, number of items] where that number changed; its ``set`` holds
    [artist, item, style, x, y], each of the last three None where it stays.
    """
    counts, changes = [], []
    for mark, items in enumerate(new):
        before = old[mark] if mark < len(old) else ()
        if len(before) != len(items):
            counts.append([mark, len(items)])
        for place, item in enumerate(items):
            was = before[place] if place < len(before) else None
            if was is item:
                continue
            change = _item_change(was, item, pool)
            if change != [None, None, None]:
                changes.append([mark, place, *change])
    return {"n": counts, "set": changes}


def settle(old: State, new: State) -> State:
    """Return what someone with `old` holds after the patch to `new`: unseen moves are left out."""
    return tuple(
        tuple(
            _settle_item(old[mark][place], item)
            if mark < len(old) and place < len(old[mark])
            else item
            for place, item in enumerate(items)
        )
        for mark, items in enumerate(new)
    )


def is_empty(change: dict) -> bool:
    """Tell whether a patch changes nothing."""
    return not change["n"] and not change["set"]


def _item_change(was, item, pool):
    same_look = was is not None and was.look == item.look
    return [
        None if same_look else pool.add_look(item.look),
        _array_change(None if was is None else was.x, item.x, pool),
        _array_change(None if was is None else was.y, item.y, pool),
    ]


def _array_change(was, now, pool):
    """None if the same; [place, count] of all values, or also the place of the few that moved."""
    moved = _moved(was, now)
    if moved is None:
        return [pool.add_values(now), len(now)]
    if not moved.any():
        return None
    places = np.flatnonzero(moved)
    return [pool.add_values(now[places]), len(places), pool.add_indices(places)]


def _moved(was, now):
    """Which values moved; None when all are to be sent."""
    if was is None or len(was) != len(now):
        return None
    with np.errstate(invalid="ignore"):
        moved = (np.isnan(was) != np.isnan(now)) | (np.abs(now - was) > UNSEEN)
    many = np.count_nonzero(moved) > len(now) // 2 or len(now) > MOST_INDICES
    return None if many and moved.any() else moved


def _settle_item(was, item):
    if was is item:
        return item
    x, y = _settle_array(was.x, item.x), _settle_array(was.y, item.y)
    return item if x is item.x and y is item.y else Item(item.look, x, y)


def _settle_array(was, now):
    moved = _moved(was, now)
    return now if moved is None or moved.all() else np.where(moved, now, was)
