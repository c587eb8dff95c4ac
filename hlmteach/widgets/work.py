"""Long work in a widget: on its own thread, with a bar that fills and a button that stops it."""

import threading
from collections.abc import Callable, Iterable

import ipywidgets as ipw

from hlmteach.errors import HLMError
from hlmteach.widgets.controls import button, close_parts


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
        self.bar = ipw.FloatProgress(0, min=0, max=1, layout={"width": "240px"})
        self.stopper = button("Stop", self.stop, "Stop here and keep what is done", "stop")
        super().__init__([self.bar, self.stopper])
        self.layout.display = "none"

    def start(self, steps: Iterable[float], label: str = "working") -> None:
        """Run a generator that yields the share done, from 0 to 1; stops what ran before."""
        self.stop()
        self._stop = threading.Event()
        self.bar.value, self.bar.description = 0, label
        self.layout.display = ""
        job = threading.Thread(target=self._run, args=(iter(steps), self._stop), daemon=True)
        self._thread = job
        job.start()

    @property
    def running(self) -> bool:
        """Whether work is under way."""
        return self._thread is not None and self._thread.is_alive()

    def stop(self) -> None:
        """Stop after the present step, and wait for it."""
        self._stop.set()
        self.wait()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until the work is done."""
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(seconds)

    def close(self) -> None:
        """Stop the work and take the bar away."""
        self.stop()
        close_parts(self)
        super().close()

    def _run(self, steps, stop) -> None:
        try:
            for share in steps:
                self.bar.value = share
                if stop.is_set():
                    break
        except HLMError as error:
            if self._on_error is None:
                raise
            self._on_error(error)
        finally:
            self.layout.display = "none"
