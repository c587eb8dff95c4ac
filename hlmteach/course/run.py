"""Run a lesson as a student would: top to bottom, in a fresh kernel, in an empty folder."""

import asyncio
import os
import re
import tempfile
import time
from dataclasses import dataclass

from hlmteach.course.answers import given_away
from hlmteach.course.build import FOLDED_INPUT, notebook_bytes
from hlmteach.course.rules import Problem
from hlmteach.errors import HLMError

SLOWEST_LESSON = 60
LOOK_EVERY = 0.5  # seconds
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
ARROW = re.compile(r"^-+> *\d+ (?P<line>.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """What one run took and what went wrong in it."""

    seconds: float
    problems: tuple[Problem, ...]


def run_lesson(lesson):
    """Run a lesson, and again without its solutions if it has any.

    Parameters
    ----------
    lesson : Lesson

    Returns
    -------
    Run
        Seconds of the slower run; a problem for each cell that stops or warns.
    """
    runs = [_run(lesson)]
    bare = lesson.without_solutions()
    if bare != lesson:
        runs.append(_run(bare))
    seconds = max(run.seconds for run in runs)
    problems = dict.fromkeys(problem for run in runs for problem in run.problems)
    return Run(seconds, tuple(problems))


def _run(lesson):
    start = time.monotonic()
    cells, stopped = execute(notebook_bytes(lesson).decode())
    seconds = time.monotonic() - start
    problems = [
        Problem(lesson.name, f"cell {position}", complaint)
        for position, cell in enumerate(cells, start=1)
        for complaint in complaints(cell)
    ]
    copied = given_away(lesson.number, "\n".join(_printed(cells)))
    problems += [Problem(lesson.name, "its numbers", complaint) for complaint in copied]
    if stopped and not problems:
        problems.append(Problem(lesson.name, "its run", stopped))
    if seconds > SLOWEST_LESSON:
        complaint = f"took {seconds:.0f} s; a lesson runs in {SLOWEST_LESSON} s or less."
        problems.append(Problem(lesson.name, "its run", complaint))
    return Run(seconds, tuple(problems))


def execute(text):
    """Run a notebook; return its cells with outputs, and why it stopped early ("" if not)."""
    try:
        import nbformat
        from nbclient import NotebookClient
        from nbclient.exceptions import CellControlSignal, CellExecutionError, DeadKernelError
    except ImportError:
        raise HLMError(
            "Running lessons needs nbclient, which is not installed. "
            "Mend it with: pip install nbclient"
        ) from None

    book = nbformat.reads(text, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            book,
            kernel_name="python3",
            timeout=SLOWEST_LESSON,
            extra_arguments=["--log-level=ERROR"],
            resources={"metadata": {"path": folder}},
        )
        try:
            # Its own event loop, closed behind it: lessons may run in several threads at once.
            with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
                runner.run(_run_awake(client))
        except CellExecutionError as error:
            return book.cells, f"stopped: {error.ename}: {error.evalue}"
        except (CellControlSignal, DeadKernelError) as error:
            return book.cells, f"stopped: {error}"
    return book.cells, ""


async def _run_awake(client):
    """Run the notebook, looking for answers now and then.

    An `Output` widget (of `interact`) makes the client write where it waits for the kernel's
    answer. ZeroMQ may then swallow the news of it, and the client would wait as long as a cell may.
    """
    waker = asyncio.create_task(_look_for_answers(client))
    try:
        # No bars in what is kept: they come and go with the machine's speed.
        await client.async_execute(env={**os.environ, "TQDM_DISABLE": "1"})
    finally:
        waker.cancel()


async def _look_for_answers(client):
    import zmq

    while True:
        await asyncio.sleep(LOOK_EVERY)
        if client.kc is not None and client.kc.channels_running:
            client.kc.shell_channel.socket.get(zmq.EVENTS)  # wakes whoever waits, if one is there


def _printed(cells):
    """Yield what a student reads of cells that ran: prose, code, printouts; not what is folded."""
    for cell in cells:
        tags = set(cell.metadata.get("tags", ()))
        if not tags & FOLDED_INPUT:
            yield cell.source
        for output in cell.get("outputs", ()) if not tags & {"check", "solution"} else ():
            data = output.get("data", {})
            if not any("widget" in kind for kind in data):
                yield output.get("text", "") + str(
                    data.get("text/html", data.get("text/plain", ""))
                )


def complaints(cell):
    """Yield what a cell that ran has to say of errors and warnings."""
    for output in cell.get("outputs", ()):
        if output.output_type == "error":
            yield f"stops with {output.ename}: {output.evalue or _failing_line(output)}"
        elif output.output_type == "stream" and output.name == "stderr":
            yield f"warns: {output.text.strip()}"


def _failing_line(output):
    # IPython points an arrow at the line, in the cell first.
    text = COLOUR.sub("", "\n".join(output.traceback))
    marked = ARROW.search(text)
    return marked["line"].strip() if marked else ""
