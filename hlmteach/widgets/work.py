"""Long work in a widget: beside everything else, with a bar that fills and a button that stops it.

It has a thread of its own; where there are none (a browser's Python), the event loop takes a step
whenever it is free.
"""

import signal
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator

import ipywidgets as ipw
from IPython import get_ipython

from hlmteach.errors import HLMError
from hlmteach.stage import later
from hlmteach.widgets.controls import button, close_parts

_at_work: "weakref.WeakSet[Work]" = weakref.WeakSet()


class Work(ipw.HBox):
    """A progress bar and a stop button; hidden while nothing runs.

    Examples
    --------
    >>> done = []
    >>> def steps():
    ...     for k in range(4):
    ...         done.append(k)
    ...         yield (k + 1) / 4
    >>> work = Work()
    >>> work.start(steps())
    >>> work.wait()
    >>> done
    [0, 1, 2, 3]
    """

    def __init__(self, on_error: Callable[[HLMError], object] | None = None):
        self._on_error = on_error
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._running = False
        self.bar = ipw.FloatProgress(0, min=0, max=1, layout={"width": "240px"})
        self.stopper = button("Stop", self.stop, "Stop here and keep what is done", "stop")
        super().__init__([self.bar, self.stopper])
        self.layout.display = "none"

    def start(self, steps: Iterable[float], label: str = "working", beat: float = 0.0) -> None:
        """Run a generator that yields the share done, from 0 to 1; stops what ran before.

        A step begins `beat` seconds after the one before, or later.
        """
        self.stop()
        self._stop, self._running = threading.Event(), True
        self.bar.value, self.bar.description = 0, label
        self.layout.display = ""
        pauses = self._pauses(iter(steps), self._stop, beat)
        if not later.HAS_THREADS:
            import asyncio

            self._task = asyncio.ensure_future(_on_the_loop(pauses))
            return
        _at_work.add(self)
        _heed_interrupts()
        self._thread = threading.Thread(target=_on_a_thread, args=(pauses, self._stop), daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether work is under way."""
        return self._running

    def stop(self) -> None:
        """Stop after the present step, and wait for it."""
        self.ask_to_stop()
        self.wait()

    def ask_to_stop(self) -> None:
        """Stop after the present step; do not wait for it."""
        self._stop.set()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until the work is done."""
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(seconds)

    def close(self) -> None:
        """Stop the work and take the bar away."""
        self.stop()
        close_parts(self)
        super().close()

    def _pauses(self, steps, stop, beat) -> Iterator[float]:
        """Take step after step, and yield how long to rest before the next."""
        try:
            began = time.monotonic()
            for share in steps:
                self.bar.value = share
                if stop.is_set():
                    break
                yield max(0.0, beat - (time.monotonic() - began))
                if stop.is_set():
                    break
                began = time.monotonic()
        except HLMError as error:
            if self._on_error is None:
                raise
            self._on_error(error)
        finally:
            if stop is self._stop:
                _at_work.discard(self)
                self._running = False
                self.layout.display = "none"


def _on_a_thread(pauses: Iterator[float], stop: threading.Event) -> None:
    for pause in pauses:
        stop.wait(pause)


async def _on_the_loop(pauses: Iterator[float]) -> None:
    import asyncio

    for pause in pauses:
        await asyncio.sleep(pause)


def _heed_interrupts() -> None:
    """Let the notebook's Interrupt stop work too; between cells a kernel does not listen to it.

    Its handler is set between cells, on the main thread: what is set in a cell ends with the cell.
    """
    loop = getattr(getattr(get_ipython(), "kernel", None), "io_loop", None)
    if loop is not None:
        loop.add_callback(_listen)


def _listen() -> None:
    before = signal.getsignal(signal.SIGINT)
    if getattr(before, "stops_work", False):
        return

    def stop_all(number, frame) -> None:
        for work in list(_at_work):
            work.ask_to_stop()
        if callable(before):
            before(number, frame)

    stop_all.stops_work = True
    signal.signal(signal.SIGINT, stop_all)
