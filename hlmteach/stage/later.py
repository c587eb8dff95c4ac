"""What waits until nobody has changed anything for a while."""

import sys
import threading
import time
from collections.abc import Callable

# A browser's Python cannot start a thread; its event loop never stops, and calls instead.
HAS_THREADS = sys.platform != "emscripten"


class Later:
    """Calls something once when nobody has asked for it for a while.

    It calls on a thread of its own, or from the event loop where there are no threads. However
    often it is asked, one timer waits: to start a thread takes as long as a small fit.

    Examples
    --------
    >>> called = threading.Event()
    >>> later = Later(called.set)
    >>> later.ask(0.01)
    >>> later.ask(0.02)
    >>> called.wait(5), later.waiting
    (True, False)
    """

    def __init__(self, call: Callable[[], object]):
        self._call = call
        self._lock = threading.Lock()
        self._due, self._turn = 0.0, 0
        self._timer = None

    @property
    def waiting(self) -> bool:
        """Whether a call is due."""
        return self._timer is not None

    def ask(self, pause: float) -> None:
        """Ask for the call so many seconds from now; an earlier time is forgotten."""
        with self._lock:
            self._due = time.monotonic() + pause
            if self._timer is None:
                self._wait(pause)

    def cancel(self) -> None:
        """Do not call."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    def _wait(self, pause: float) -> None:
        self._turn += 1
        self._timer = _start_timer(pause, self._ring, self._turn)

    def _ring(self, turn: int) -> None:
        with self._lock:
            if self._timer is None or turn != self._turn:  # cancelled meanwhile
                return
            left = self._due - time.monotonic()
            if left > 0:
                self._wait(left)
                return
            self._timer = None
        self._call()


def _start_timer(pause: float, ring: Callable[[int], object], turn: int):
    """Start what calls `ring` after a pause, and can be cancelled."""
    if not HAS_THREADS:
        import asyncio

        return asyncio.get_event_loop().call_later(pause, ring, turn)
    timer = threading.Timer(pause, ring, (turn,))
    timer.daemon = True
    timer.start()
    return timer
