"""What changed between two pictures.

A state is one tuple of items per moving artist. A patch leads from one state to another: a short
JSON part says which styles, x and y are new, and a `Pool` of float32 holds the numbers themselves.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import numpy as np

from .recorder import Item

State = tuple[tuple[Item, ...], ...]
NOTHING: State = ()


@dataclass
class Pool:
    """Styles and coordinates that patches refer to by place; the same one is stored once."""

    looks: list[dict] = field(default_factory=list)
    _columns: list[bytes] = field(default_factory=list)
    _count: int = 0
    _places: dict = field(default_factory=dict)

    def add_look(self, look: dict) -> int:
        """Store a style; return its place."""
        key = json.dumps(look, sort_keys=True)
        if key not in self._places:
            self._places[key] = len(self.looks)
            self.looks.append(look)
        return self._places[key]

    def add_column(self, column: np.ndarray) -> list[int]:
        """Store an item's x or y; return the place of its first number, and how many it has."""
        data = column.tobytes()
        if data not in self._places:
            self._places[data] = self._count
            self._columns.append(data)
            self._count += len(column)
        return [self._places[data], len(column)]

    def values(self) -> bytes:
        """Join the coordinates stored, as float32."""
        return b"".join(self._columns)


def patch(old: State, new: State, pool: Pool) -> dict:
    """Make the patch from `old` to `new`.

    Its ``n`` holds [artist, number of items] where that number changed; its ``set`` holds
    [artist, item, style, x, y], each of the last three None where it stays.
    """
    counts, changes = [], []
    for mark, items in enumerate(new):
        before = old[mark] if mark < len(old) else ()
        if before is items:
            continue
        if len(before) != len(items):
            counts.append([mark, len(items)])
        for place, item in enumerate(items):
            change = _item_change(before[place] if place < len(before) else None, item, pool)
            if change != [None, None, None]:
                changes.append([mark, place, *change])
    return {"n": counts, "set": changes}


def is_empty(change: dict) -> bool:
    """Tell whether a patch changes nothing."""
    return not change["n"] and not change["set"]


def _item_change(was: Item | None, item: Item, pool: Pool) -> list:
    if was is item:
        return [None, None, None]
    if was is None:
        return [pool.add_look(item.look), pool.add_column(item.x), pool.add_column(item.y)]
    return [
        None if was.look == item.look else pool.add_look(item.look),
        None if _same(was.x, item.x) else pool.add_column(item.x),
        None if _same(was.y, item.y) else pool.add_column(item.y),
    ]


def _same(was, now) -> bool:
    return was.tobytes() == now.tobytes()
