"""The process in the box: runs one notebook and reports its answers, line by line, as JSON.

Started by `collect`, in a `Box`, or forked (see forked.py). The notebook's kernel is a child of
this process. Only this one can write to the report; what it writes are plain answers, no verdicts.
"""

import asyncio
import contextlib
import json
import os
import re
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from hlmteach.exercises.record import MIME, read_record
from hlmteach.exercises.remembered import remember
from hlmteach.exercises.students import Student
from hlmteach.grading.box import descendants
from hlmteach.grading.landlock import confine_signals
from hlmteach.grading.limits import MB, Limits
from hlmteach.grading.notebook import NotANotebook, read_notebook
from hlmteach.grading.walls import restrict

MOST_RESTARTS = 4
ANSWERED_IN = 5.0  # seconds that an interrupted kernel has to answer
GONE_IN = 30.0  # seconds that processes have to end
START_SECONDS = 60.0  # seconds that a kernel has to start
OURS = -1  # the place of a last cell, which is not the student's
OUTPUTS = {"display_data", "update_display_data", "execute_result", "stream", "error"}
UNHEARD = OUTPUTS | {"comm_open", "comm_msg", "comm_close", "clear_output", "execute_input"}


@dataclass(frozen=True)
class Job:
    """What to run, and how; handed over as JSON in a file."""

    notebook: str
    scratch: str
    run: str  # "needed", "always" or "never"
    limits: Limits
    readable: tuple[str, ...]
    apart: bool = False  # in a space of processes and users of its own
    mounts: bool = False  # and of mounted file systems

    def write(self, path: Path) -> None:
        """Write the job to a file."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, text: str) -> "Job":
        """Read what `write` wrote."""
        values = json.loads(text)
        return cls(**values | {"limits": Limits(**values["limits"])})


def main(path: str, report: str) -> None:
    """Do the job of a file, as a program of its own."""
    end_with_parent()
    run_job(Job.read(Path(path).read_text(encoding="utf-8")), int(report), started_kernel)


def run_job(job: Job, report: int, kernel: Callable) -> None:
    """Confine this process, read the notebook, run it if need be.

    `kernel` prepares a kernel, and returns what makes its manager.
    """
    with os.fdopen(report, "w", encoding="utf-8", buffering=1) as report:
        os.set_inheritable(report.fileno(), False)
        say = Reporter(report)
        restrict(job)
        try:
            handed = read_notebook(Path(job.notebook))
        except NotANotebook as reason:
            say(problem=f"not a notebook: {reason}")
            return
        say(saved=[record.as_dict() for record in handed.saved.values()], ids=mentioned(handed))
        for note in handed.notes:
            say(trouble=note)
        if job.run == "always" or (job.run == "needed" and handed.hands_in):
            names = {record.student for record in handed.saved.values() if record.student}
            if len(names) == 1:  # the notebook's folder may have known it, and no cell says it
                remember(Student(names.pop()), Path(job.scratch))
            run_notebook(job, handed.cells, say, kernel)
        say(done=True)


def mentioned(handed) -> list[str]:
    """The exercises that the code opens, as far as reading tells."""
    opened = re.findall(r"exercise\(\s*[\"']([\w-]{1,40})[\"']", "\n".join(handed.cells))
    return sorted(set(opened) | set(handed.saved))


class Reporter:
    """Writes lines of JSON."""

    def __init__(self, file):
        self._file = file

    def __call__(self, **values) -> None:
        """Write one line."""
        self._file.write(json.dumps(values) + "\n")
        self._file.flush()


def end_with_parent() -> None:
    """End all when standard input does: whoever started this has gone."""

    def wait():
        while os.read(0, 1):
            pass
        os.killpg(os.getpgid(0), 9)

    threading.Thread(target=wait, daemon=True).start()


# -- running -------------------------------------------------------------------------------------


def started_kernel() -> Callable:
    """A kernel that is a program of its own, started by its manager.

    It is this Python's: no folder is searched, for the notebook may have laid a kernel.json there.
    """
    from jupyter_client import AsyncKernelManager
    from jupyter_client.kernelspec import KernelSpecManager

    return partial(AsyncKernelManager, kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))


def run_notebook(job: Job, cells, say: Reporter, kernel: Callable) -> None:
    """Run all cells; where one stops the kernel for good, run the others without it.

    A cell that took too long is not tried again either.
    """
    skipped: set[int] = set()
    for attempt in range(MOST_RESTARTS):
        listener = partial(_listener, job, cells, say, attempt, kernel())
        try:
            stopped = asyncio.run(_run_cells(listener, cells, skipped, say))
        except RuntimeError:  # a kernel that did not get as far as its first cell
            say(trouble="no kernel")
            stopped = OURS
        if stopped is None:
            return
        skipped.add(stopped)
        _clear_away()


def _clear_away() -> None:
    """End what the kernel left behind, and wait until it is gone: the next one would bear it.

    All of it is below this process, which is what orphans are handed to.
    """
    end = time.monotonic() + GONE_IN
    with contextlib.suppress(ChildProcessError):  # none is left
        while time.monotonic() < end:
            _end_all_below()
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
            time.sleep(0.1)


def _end_all_below() -> None:
    with contextlib.suppress(ProcessLookupError):
        if os.getpid() == 1:  # in a space of our own: all others in it, at one blow
            os.kill(-1, signal.SIGKILL)
        else:
            for pid in descendants(os.getpid()):
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)


async def _run_cells(listener: Callable, cells, skipped, say: Reporter) -> int | None:
    """Run the cells in a fresh kernel; return the one that stopped it, if any."""
    client = listener()
    async with client.async_setup_kernel(preexec_fn=confine_signals):
        for number in (signal.SIGINT, signal.SIGTERM):  # none but the kernel could send them
            asyncio.get_running_loop().add_signal_handler(number, lambda: None)
        await _answers(client, START_SECONDS, "import hlmteach")  # not at the first cell's expense
        for i in range(len(cells)):
            if i not in skipped and not await _run_cell(client, i, skipped, say):
                return i
    return None


async def _run_cell(client, i: int, skipped: set[int], say: Reporter) -> bool:
    """Run one cell; return whether the kernel can go on."""
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    try:
        await client.async_execute_cell(client.nb.cells[i], i)
    except CellTimeoutError:
        say(cell=i, trouble="timeout")
        skipped.add(i)
        client.polling.cancel()
        await client.km.interrupt_kernel()
        return await _answers(client, ANSWERED_IN, "None")
    except DeadKernelError:
        if not client.too_much:
            say(cell=i, trouble="died")
            return False
    if client.too_much:
        say(cell=i, trouble="output")
    return not client.too_much


async def _answers(client, seconds: float, source: str) -> bool:
    """Return whether the kernel runs a cell of our own in time."""
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from nbformat.v4 import new_code_cell

    patience, client.timeout = client.timeout, seconds
    try:
        await client.async_execute_cell(new_code_cell(source), OURS)
    except (CellTimeoutError, DeadKernelError):
        return False
    finally:
        client.timeout = patience
    return True


def _listener(job: Job, cells, say: Reporter, attempt: int, manager: Callable):
    """A client of the kernel that hears answers, and forgets all else that is printed."""
    from nbclient import NotebookClient
    from nbformat.v4 import new_code_cell, new_notebook

    class Listener(NotebookClient):
        heard, too_much = 0, False

        async def _async_poll_output_msg(self, *args):
            self.polling = asyncio.current_task()
            await super()._async_poll_output_msg(*args)

        def process_message(self, msg, cell, cell_index):
            kind, content = msg["msg_type"], msg["content"]
            if kind not in UNHEARD:
                return super().process_message(msg, cell, cell_index)
            if kind in OUTPUTS and not self.too_much and cell_index != OURS:
                self._hear(kind, content, cell_index)
            return None

        def _hear(self, kind, content, i):
            data = content.get("data")
            record = read_record(data.get(MIME)) if isinstance(data, dict) else None
            if record is not None:
                say(ran=record.as_dict())
            elif kind == "error":
                name = str(content.get("ename"))[:60]
                # what Python 3.13 calls a cell that breaks off
                name = "SyntaxError" if name == "_IncompleteInputError" else name
                say(cell=i, trouble=f"error: {name}")
            self.heard += len(str(content))
            if self.heard > job.limits.output * MB:
                self.too_much = True
                self.ending = asyncio.ensure_future(self.km.signal_kernel(signal.SIGKILL))

    return Listener(
        new_notebook(cells=[new_code_cell(source) for source in (*cells, "")]),
        km=manager(transport="ipc", ip=str(Path(job.scratch, f"k{attempt}"))),
        timeout=job.limits.cell,
        iopub_timeout=job.limits.cell,
        allow_errors=True,
        shutdown_kernel="immediate",
        extra_arguments=["--log-level=CRITICAL"],
        startup_timeout=int(START_SECONDS),
        resources={"metadata": {"path": job.scratch}},
    )
