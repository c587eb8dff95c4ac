"""Long work says how far it is: after two seconds a bar appears, in a notebook or a terminal.

No thread is started: whoever works counts its steps. Work inside other work adds to that one's
count, where both count alike; work in a thread (a widget has a bar of its own) and under `quiet`
shows nothing. Who interrupts work that has a bar is told how far it was.
"""

import sys
import threading
import time
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar

PATIENCE = 2.0  # seconds of silence

_current: ContextVar["Progress | None"] = ContextVar("progress", default=None)


class Progress(AbstractContextManager):
    """Counts the steps of one piece of work, and shows them when it takes long.

    `total` is how many `unit` there are, where that is known; `soon` shows the bar at once, for
    work whose first step is long.

    Examples
    --------
    >>> with Progress("Refits", "outcomes", total=3) as progress:
    ...     for _ in range(3):
    ...         progress.step()
    >>> progress.count
    3
    """

    def __init__(self, what: str, unit: str, total=None, verbose: bool = True, soon: bool = False):
        self.what, self.unit, self.total, self.verbose = what, unit, total, verbose
        self.count, self._patience, self._bar = 0, 0.0 if soon else PATIENCE, None

    def __enter__(self):
        self._outer = _current.get()
        main = threading.current_thread() is threading.main_thread()
        self._shown = self.verbose and main and self._outer is None
        self._token, self._start = _current.set(self), time.perf_counter()
        self.step(0)
        return self

    def __exit__(self, kind, *_):
        _current.reset(self._token)
        if self._bar is not None:
            self._bar.close()
            if kind is KeyboardInterrupt:
                done = f"{self.count:,}" + (f" of {self.total:,}" if self.total else "")
                say = f"{self.what}: interrupted after {done} {self.unit}. Nothing of it is kept."
                print(say, file=sys.stderr, flush=True)

    def step(self, n: int = 1) -> None:
        """Count n more."""
        self.count += n
        if not self._shown:
            if self._outer is not None and self._outer.unit == self.unit:
                self._outer.step(n)
        elif self._bar is not None:
            self._bar.update(n)
        elif time.perf_counter() - self._start >= self._patience:
            self._bar = _bar(self)


def tick(unit: str, n: int = 1) -> None:
    """Count n for the work at hand, where that counts in these units."""
    progress = _current.get()
    if progress is not None and progress.unit == unit:
        progress.step(n)


@contextmanager
def quiet():
    """Show no bar inside, however long the work takes."""
    with Progress("", "", verbose=False):
        yield


def _bar(progress: Progress):
    from tqdm.auto import tqdm

    class Bar(tqdm):
        monitor_interval = 0  # else tqdm starts a thread

    return Bar(
        desc=progress.what,
        unit=f" {progress.unit}",
        total=progress.total,
        initial=progress.count,
        leave=False,
    )
