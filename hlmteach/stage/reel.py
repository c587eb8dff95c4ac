"""Keyframes: pictures recorded one after the other, played or scrubbed by the browser."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from .patches import NOTHING, Pool, State, patch
from .recorder import Item

_TIES = {
    "figure",
    "_parent_figure",
    "axes",
    "_axes",
    "_callbacks",
    "stale_callback",
    "_remove_method",
}


@dataclass(frozen=True)
class Reel:
    """Recorded keyframes: what the browser shows, and what puts the artists back into each."""

    states: tuple[State, ...]
    memories: tuple[tuple[dict, ...], ...]
    captions: tuple[str, ...]
    seconds: tuple[float, ...]
    hold: float = 0.0

    def __len__(self):
        return len(self.states)

    def restore(self, artists, index: int) -> None:
        """Put the artists back into keyframe `index`; those that no keyframe changes stay as they are."""
        for mark in self.movers():
            recall(artists[mark], self.memories[index][mark])

    def movers(self) -> list[int]:
        """The artists that differ between keyframes."""
        marks = range(len(self.states[0]) if self.states else 0)
        return [
            mark
            for mark in marks
            if any(_differ(s[mark], self.states[0][mark]) for s in self.states)
        ]

    def packed(self) -> dict:
        """Everything the browser needs, each distinct array once."""
        movers, pool = set(self.movers()), Pool()
        shown = [tuple(m if i in movers else () for i, m in enumerate(s)) for s in self.states]
        steps = [patch(a, b, pool) for a, b in zip([NOTHING, *shown], shown, strict=False)]
        return {
            "movers": sorted(movers),
            "steps": steps,
            "looks": pool.looks,
            "captions": list(self.captions),
            "seconds": list(self.seconds),
            "hold": self.hold,
            **pool.buffers(),
        }


def record_reel(
    frames: Iterable, artists, read: Callable[[], State], *, seconds: float, hold: float = 0.0
) -> Reel:
    """Record one keyframe after each item of `frames`; the item is its caption, or (caption, seconds)."""
    states, memories, captions, lengths = [], [], [], []
    for index, item in enumerate(frames):
        caption, length = item if isinstance(item, tuple) else (item, seconds)
        if not length > 0:
            raise ValueError(f"keyframe {index} lasts {length} seconds: give a number above 0.")
        states.append(read())
        memories.append(tuple(memory(artist) for artist in artists))
        captions.append("" if caption is None else str(caption))
        lengths.append(float(length))
    return Reel(tuple(states), tuple(memories), tuple(captions), tuple(lengths), float(hold))


def memory(artist) -> dict:
    """An artist's own attributes; setters replace most values, so that only containers are copied."""
    return {
        key: copy.copy(value) if isinstance(value, (list, dict, set, np.ndarray)) else value
        for key, value in vars(artist).items()
        if key not in _TIES
    }


def recall(artist, remembered: dict) -> None:
    """Give an artist back the attributes it had."""
    own = {
        k: copy.copy(v) if isinstance(v, (list, dict, set)) else v for k, v in remembered.items()
    }
    vars(artist).update(own)
    artist.stale = True


def _differ(items: tuple[Item, ...], others: tuple[Item, ...]) -> bool:
    return len(items) != len(others) or any(
        one.look != other.look
        or not np.array_equal(one.x, other.x, equal_nan=True)
        or not np.array_equal(one.y, other.y, equal_nan=True)
        for one, other in zip(items, others, strict=True)
    )
