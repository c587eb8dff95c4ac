"""What is costly to make, kept for the next time: bounded, and safe with several threads."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock


class Kept:
    """The things asked for last, at most `many`, and together no larger than `room`.

    Examples
    --------
    >>> kept = Kept(many=2)
    >>> kept.once("a", list) is kept.once("a", list)
    True
    """

    def __init__(self, many: int, room: float = float("inf"), size: Callable = lambda _thing: 1):
        self.many, self.room, self.size = many, room, size
        self._things: OrderedDict = OrderedDict()
        self._lock, self._used = Lock(), 0.0

    def __len__(self) -> int:
        return len(self._things)

    def once(self, key: Hashable, make: Callable):
        """Return what `make` made for this key, then or now.

        It is made outside the lock: nobody waits for another's fit, and of two that make the same
        at once the first is kept.
        """
        with self._lock:
            if key in self._things:
                self._things.move_to_end(key)
                return self._things[key]
        value = make()
        with self._lock:
            if key not in self._things:
                self._things[key] = value
                self._used += self.size(value)
                self._forget()
            return self._things[key]

    def _forget(self) -> None:
        """Let go of what was not asked for longest; the newest always stays."""
        while len(self._things) > 1 and (len(self._things) > self.many or self._used > self.room):
            _, oldest = self._things.popitem(last=False)
            self._used -= self.size(oldest)
