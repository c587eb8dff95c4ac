"""What waits until nobody has changed anything for a while."""

import threading
import time
from collections.abc import Callable


class Later:
    """Calls something once, on a thread of its own, when nobody has asked for it for a while.

    However often it is asked, one thread waits: to start a thread takes as long as a small fit.

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
        self._due = 0.0
        self._timer: threading.Timer | None = None

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
        self._timer = threading.Timer(pause, self._ring)
        self._timer.daemon = True
        self._timer.start()

    def _ring(self) -> None:
        with self._lock:
            if self._timer is not threading.current_thread():  # cancelled meanwhile
                return
            left = self._due - time.monotonic()
            if left > 0:
                self._wait(left)
                return
            self._timer = None
        self._call()
