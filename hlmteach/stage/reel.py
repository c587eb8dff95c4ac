"""Pictures recorded ahead: the keyframes of an animation, or the states of a table."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from .patches import NOTHING, Pool, State, is_empty, patch
from .recorder import Item

_TIES = frozenset(  # what binds an artist to its figure and is no part of its state
    [
        "figure",
        "_parent_figure",
        "_axes",
        "_callbacks",
        "stale_callback",
        "_remove_method",
        "_renderer",
        "_animated",
    ]
)


@dataclass(frozen=True)
class Reel:
    """Recorded pictures: what the browser shows, and what puts the artists back into each.

    Only `movers`, the artists that differ between pictures, are kept.
    """

    movers: tuple[int, ...]
    states: tuple[State, ...]
    memories: tuple[dict[int, dict], ...]
    captions: tuple[str, ...]
    seconds: float
    hold: float
    rest: int | None = None  # the picture that shows what the artists settled on

    def __len__(self):
        return len(self.states)

    def restore(self, artists, index: int) -> None:
        """Put the moving artists back into picture `index`, or the last one."""
        for mark, remembered in self.memories[min(index, len(self) - 1)].items():
            _recall(artists[mark], remembered)

    def reread(self, artists, read: Callable[[], State]) -> Reel:
        """Return the same pictures in axes with other limits, where they had none of their own."""
        if max(self.movers, default=0) >= len(artists):
            return self
        now = {mark: _memory(artists[mark]) for mark in self.movers}
        states = []
        for index in range(len(self)):
            self.restore(artists, index)
            states.append(_mask(read(), self.movers))
        for mark, remembered in now.items():
            _recall(artists[mark], remembered)
        return replace(self, states=tuple(states))

    def over(self, state: State, index: int) -> State:
        """Put picture `index` over a state."""
        own = self.states[min(index, len(self) - 1)]
        pairs = enumerate(zip(state, own, strict=True))
        return tuple(mine if mark in self.movers else old for mark, (old, mine) in pairs)

    def packed(self) -> dict:
        """Pack everything the browser needs, each distinct array once."""
        pool = Pool()
        steps = [patch(*pair, pool) for pair in pairwise((NOTHING, *self.states))]
        return {
            "movers": list(self.movers),
            "steps": steps,
            "looks": pool.looks,
            "values": pool.values(),
            "captions": list(self.captions),
            "seconds": self.seconds,
            "hold": self.hold,
            "rest": self.rest,
        }


def record_reel(
    pictures: Iterable, artists, read: Callable[[], State], *, seconds: float, hold: float
) -> Reel:
    """Record a picture after each item, which is its caption."""
    if not seconds > 0:
        raise ValueError(f"seconds is {seconds!r}: give a number above 0.")
    states, memories, captions = [], [], []
    for caption in pictures:
        states.append(read())
        memories.append([_memory(artist) for artist in artists])
        captions.append("" if caption is None else str(caption))
    movers = _movers(states)
    return Reel(
        movers=movers,
        states=tuple(_mask(one, movers) for one in states),
        memories=tuple({m: one[m] for m in movers if m < len(one)} for one in memories),
        captions=tuple(captions),
        seconds=float(seconds),
        hold=float(hold),
    )


def _mask(state, movers) -> State:
    return tuple(items if mark in movers else () for mark, items in enumerate(state))


def _movers(states) -> tuple[int, ...]:
    marks = range(len(states[0])) if states else ()
    return tuple(m for m in marks if any(_differ(one[m], states[0][m]) for one in states))


def _differ(items: tuple[Item, ...], others: tuple[Item, ...]) -> bool:
    return not is_empty(patch((items,), (others,), Pool()))


def _memory(artist) -> dict:
    """Copy an artist's attributes; matplotlib's setters put new values, so containers suffice."""
    return {key: _own(value) for key, value in vars(artist).items() if key not in _TIES}


def _recall(artist, remembered: dict) -> None:
    vars(artist).update({key: _own(value) for key, value in remembered.items()})
    artist.stale = True


def _own(value):
    return copy.copy(value) if isinstance(value, (list, dict, set, np.ndarray)) else value
