"""The process in the box: runs one notebook and reports its answers, line by line, as JSON.

Started by `collect`, in a `Box`. The notebook's kernel is a child of this process. Only this
process can write to the report; what it writes are plain answers, never verdicts.
"""

import asyncio
import contextlib
import ctypes
import json
import os
import re
import signal
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from hlmteach.exercises.record import MIME, read_record
from hlmteach.grading.box import descendants
from hlmteach.grading.landlock import confine
from hlmteach.grading.limits import MB, Limits
from hlmteach.grading.notebook import NotANotebook, read_notebook

SET_DUMPABLE, DROP_FROM_BOUNDING_SET, SET_CHILD_SUBREAPER = 4, 24, 36
CAPABILITIES = 41
SPARE_PROCESSES = 150  # threads of the runner and the kernel are counted too
LEAST_PID_MAX = 301
MOST_RESTARTS = 4
ANSWERED_IN = 5.0  # seconds that an interrupted kernel has to answer
GONE_IN = 30.0  # seconds that processes have to end
START_SECONDS = 60.0  # seconds that a kernel has to start
HANDS_IN = re.compile(r"\.\s*answer\b|\.\s*(check|hand_in)\b|setattr")
OURS = -1  # the place of a last cell, which is not the student's
OUTPUTS = {"display_data", "update_display_data", "execute_result", "stream", "error"}
UNHEARD = OUTPUTS | {"comm_open", "comm_msg", "comm_close", "clear_output", "execute_input"}


@dataclass(frozen=True)
class Job:
    """What to run, and how; handed over as JSON in a file."""

    notebook: str
    scratch: str
    report: int
    run: str  # "needed", "always" or "never"
    limits: Limits
    readable: tuple[str, ...]
    apart: bool = False  # in a space of processes and users of its own

    def write(self, path: Path) -> None:
        """Write the job to a file."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> "Job":
        """Read the job from its file."""
        values = json.loads(path.read_text(encoding="utf-8"))
        return cls(**values | {"limits": Limits(**values["limits"])})


def main(path: str) -> None:
    """Do a job: confine this process, read the notebook, run it if need be."""
    job = Job.read(Path(path))
    end_with_parent()
    with os.fdopen(job.report, "w", encoding="utf-8", buffering=1) as report:
        os.set_inheritable(report.fileno(), False)
        say = Reporter(report)
        restrict(job)
        try:
            handed = read_notebook(Path(job.notebook))
        except NotANotebook as reason:
            say(problem=f"not a notebook: {reason}")
            return
        say(saved=[record.as_dict() for record in handed.saved.values()], ids=mentioned(handed))
        if job.run == "always" or (job.run == "needed" and hands_in(handed)):
            asyncio.run(run_notebook(job, handed.cells, say))
        say(done=True)


def mentioned(handed) -> list[str]:
    """The exercises that the code opens, as far as reading tells."""
    found = re.findall(r"exercise\(\s*[\"'](\d\d-\d{1,2})[\"']", "\n".join(handed.cells))
    return sorted(set(found) | set(handed.saved))


def hands_in(handed) -> bool:
    """Whether any code may hand in an answer; typed answers need no run."""
    return any(HANDS_IN.search(cell) for cell in handed.cells)


class Reporter:
    """Writes lines of JSON."""

    def __init__(self, file):
        self._file = file

    def __call__(self, **values) -> None:
        """Write one line."""
        self._file.write(json.dumps(values) + "\n")
        self._file.flush()


# -- the box, from inside --------------------------------------------------------------------------


def end_with_parent() -> None:
    """End all when standard input does: whoever started this has gone."""

    def wait():
        while os.read(0, 1):
            pass
        os.killpg(os.getpgid(0), 9)

    threading.Thread(target=wait, daemon=True).start()


def restrict(job: Job) -> None:
    """Give up what a submission may not have; all its processes inherit that."""
    os.chdir(job.scratch)
    with contextlib.suppress(ImportError):  # not on Windows
        _limit_resources(job.limits)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(SET_DUMPABLE, 0, 0, 0, 0)  # the kernel cannot open our report by /proc
        libc.prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # whatever it leaves behind stays below us
        if job.apart:
            _limit_processes(job.limits.processes + SPARE_PROCESSES)
        for capability in range(CAPABILITIES):
            libc.prctl(DROP_FROM_BOUNDING_SET, capability, 0, 0, 0)
        confine(job.readable, (job.scratch, "/dev/null", "/dev/shm"))


def _limit_processes(most: int) -> None:
    """Limit processes and threads; in a space of our own, where no others are counted.

    The limit of a user does not hold for root. Then the space itself gets one (Linux 6.14).
    """
    import resource

    resource.setrlimit(resource.RLIMIT_NPROC, (most, most))
    with contextlib.suppress(OSError):
        Path("/proc/sys/kernel/pid_max").write_text(str(max(most, LEAST_PID_MAX)))


def _limit_resources(limits: Limits) -> None:
    import resource as r

    space = (limits.memory + 2500) * MB  # libraries reserve far more than they use
    for what, most in (
        (r.RLIMIT_AS, space),
        (r.RLIMIT_FSIZE, limits.disk * MB),
        (r.RLIMIT_CPU, int(4 * limits.total)),
        (r.RLIMIT_CORE, 0),
        (r.RLIMIT_NOFILE, 512),
    ):
        _, hard = r.getrlimit(what)
        most = most if hard == r.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(ValueError, OSError):  # macOS knows no limit of memory
            r.setrlimit(what, (most, most))


# -- running -------------------------------------------------------------------------------------


async def run_notebook(job: Job, cells, say: Reporter) -> None:
    """Run all cells; where one stops the kernel for good, run the others without it.

    A cell that took too long is not tried again either.
    """
    skipped: set[int] = set()
    for attempt in range(MOST_RESTARTS):
        try:
            stopped = await _run_cells(job, cells, skipped, say, attempt)
        except RuntimeError:  # a kernel that did not get as far as its first cell
            say(trouble="no kernel")
            stopped = OURS
        if stopped is None:
            return
        skipped.add(stopped)
        await _clear_away()


async def _clear_away() -> None:
    """End what the kernel left behind, and wait until it is gone: the next one would bear it.

    All of it is below this process, which is what orphans are handed to.
    """
    end = time.monotonic() + GONE_IN
    with contextlib.suppress(ChildProcessError):  # none is left
        while time.monotonic() < end:
            _end_all_below()
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
            await asyncio.sleep(0.1)


def _end_all_below() -> None:
    with contextlib.suppress(ProcessLookupError):
        if os.getpid() == 1:  # in a space of our own: all others in it, at one blow
            os.kill(-1, signal.SIGKILL)
        else:
            for pid in descendants(os.getpid()):
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)


async def _run_cells(job: Job, cells, skipped, say: Reporter, attempt: int) -> int | None:
    """Run the cells in a fresh kernel; return the one that stopped it, if any."""
    client = _listener(job, cells, say, attempt)
    async with client.async_setup_kernel():
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


def _listener(job: Job, cells, say: Reporter, attempt: int):
    """A client of the kernel that hears answers, and forgets all else that is printed."""
    from jupyter_client import AsyncKernelManager
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

    socket = {"transport": "ipc", "ip": str(Path(job.scratch, f"k{attempt}"))}
    return Listener(
        new_notebook(cells=[new_code_cell(source) for source in (*cells, "")]),
        km=AsyncKernelManager(kernel_name="python3", **({} if os.name == "nt" else socket)),
        timeout=job.limits.cell,
        iopub_timeout=job.limits.cell,
        allow_errors=True,
        shutdown_kernel="immediate",
        extra_arguments=["--log-level=CRITICAL"],
        startup_timeout=int(START_SECONDS),
        resources={"metadata": {"path": job.scratch}},
    )
