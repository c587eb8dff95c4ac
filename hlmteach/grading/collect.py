"""One notebook -> its plain answers. Student code runs in the box only, never here."""

import contextlib
import json
import os
import selectors
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from hlmteach.exercises.record import Record, read_record
from hlmteach.grading.box import SECONDS_BETWEEN_LOOKS, Box, isolation, scratch_folder, started
from hlmteach.grading.find import one_line, writable
from hlmteach.grading.library import package_copy, readable_paths
from hlmteach.grading.limits import MB, Limits
from hlmteach.grading.runner import Job
from hlmteach.grading.template import NotForked, Template

LONGEST_REPORT = 4 * MB  # a class's worth of answers; more is an attack
MOST_TROUBLES = 50
NOTHING: Mapping[str, bytes] = MappingProxyType({})

# The runner reads and reports; it needs none of hlmteach's mathematics. Packages without their
# __init__ save it a second, which is a third of all that a short notebook takes.
LEAN_RUNNER = """
import sys, types
for name in ("hlmteach", "hlmteach.exercises"):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [sys.argv[1] + "/" + name.replace(".", "/")]
from hlmteach.grading.runner import main
main(sys.argv[2], sys.argv[3])
"""


@dataclass(frozen=True)
class Collected:
    """What one notebook handed in.

    `records` are the answers by exercise; `ids` the exercises that it mentions. `problem` is "" or
    what kept it from being read or run to its end; `troubles` are cells that went wrong.
    """

    records: dict[str, Record] = field(default_factory=dict)
    ids: tuple[str, ...] = ()
    problem: str = ""
    troubles: tuple[str, ...] = ()
    seconds: float = 0.0

    def as_dict(self) -> dict:
        """As JSON holds it."""
        return asdict(self)


def read_collected(values: dict) -> Collected:
    """Read what `as_dict` wrote."""
    records = [read_record(record) for record in values["records"].values()]
    return Collected(
        records={record.exercise: record for record in records if record},
        ids=tuple(values["ids"]),
        problem=values["problem"],
        troubles=tuple(values["troubles"]),
        seconds=values["seconds"],
    )


def collect(
    notebook: Path,
    limits: Limits,
    run: str = "needed",
    stop=None,
    beside: Mapping = NOTHING,
    template: Template | None = None,
) -> Collected:
    """Read a notebook and run it, boxed, for its answers.

    Parameters
    ----------
    notebook : Path
        A file that anybody may have written.
    limits : Limits
    run : {"needed", "always", "never"}
        "needed" runs it only if its code hands in answers; typed ones are in the file.
    stop : threading.Event, optional
        Once it is set, the run is ended.
    beside : mapping of str to bytes
        Files that the notebook finds in its folder, by relative path: a teacher's bank.
    template : Template, optional
        What to fork. Without it, or where it refuses, a program is started.

    Returns
    -------
    Collected
    """
    started = time.monotonic()
    with scratch_folder() as folder:
        room = folder / "r"
        room.mkdir()
        lay_out(room, beside)
        shutil.copy(notebook, folder / "notebook.ipynb")
        collected = _run_boxed(folder, room, limits, run, stop, template)
    return replace(collected, seconds=round(time.monotonic() - started, 2))


def lay_out(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def collect_bytes(content: bytes, limits: Limits, run: str, beside: Mapping = NOTHING) -> dict:
    """`collect` for another machine: a notebook's bytes in, plain values out."""
    with scratch_folder() as folder:
        path = folder / "notebook.ipynb"
        path.write_bytes(content)
        return collect(path, limits, run, beside=beside).as_dict()


def _run_boxed(folder: Path, room: Path, limits: Limits, run: str, stop, template) -> Collected:
    copy = folder / "notebook.ipynb"
    job = Job(
        notebook=str(copy),
        scratch=str(room),
        run=run,
        limits=limits,
        readable=readable_paths(copy),
        apart=isolation().processes,
        mounts=isolation().mounts,
    )
    job.write(folder / "job.json")
    ours, theirs = os.pipe()
    with os.fdopen(ours, "rb", buffering=0) as report:
        try:
            process, shared = _first_process(folder, room, theirs, template)
        finally:
            os.close(theirs)
        with Box(process, room, limits, shared) as box:
            lines, problem = _listen(box, report.fileno(), stop)
    return sum_up(lines, problem or box.problem, sorted(box.troubles))


def _first_process(folder: Path, room: Path, report: int, template: Template | None):
    """The first process of a box, forked or started, and the bytes it shares with others."""
    job = folder / "job.json"
    if template is not None:
        with contextlib.suppress(NotForked):
            return template.fork(job, report), template.shared
    library = str(package_copy())
    command = (sys.executable, "-c", LEAN_RUNNER, library, str(job), str(report))
    return started(command, room, library, pass_fds=(report,)), 0


def _listen(box: Box, report: int, stop) -> tuple[list[bytes], str]:
    """Read the report until it ends, or until the box has to."""
    text = b""
    with selectors.DefaultSelector() as selector:
        selector.register(report, selectors.EVENT_READ)
        while True:
            if selector.select(SECONDS_BETWEEN_LOOKS):
                chunk = os.read(report, 1 << 16)
                text += chunk
                if not chunk:
                    return text.split(b"\n"), ""
                if len(text) > LONGEST_REPORT:
                    return text[:LONGEST_REPORT].split(b"\n"), "report too long"
            box.look()
            if box.time_left < 0:
                return text.split(b"\n"), "timeout"
            if stop is not None and stop.is_set():
                return text.split(b"\n"), "stopped"


def sum_up(lines: list[bytes], problem: str, troubles: list[str]) -> Collected:
    """Put the lines of a report together, whatever they hold."""
    saved, ran, ids, done = {}, {}, [], False
    for values in filter(None, map(_read_line, lines)):
        for record in filter(None, map(read_record, _list(values.get("saved")))):
            saved[record.exercise] = record
        record = read_record(values.get("ran"))
        if record is not None:
            ran[record.exercise] = record
        ids += [name for name in _list(values.get("ids")) if isinstance(name, str)]
        if "trouble" in values:
            place = f"cell {values['cell']}: " if "cell" in values else ""
            troubles.append(one_line(f"{place}{values['trouble']}")[:100])
        problem = problem or one_line(str(values.get("problem", "")))[:200]
        done = done or values.get("done") is True
    if not done and not problem:
        problem = "the run broke off"
    return Collected(
        records=_merge(saved, ran),
        ids=tuple(sorted(set(ids))),
        problem=problem,
        troubles=tuple(dict.fromkeys(troubles[:MOST_TROUBLES])),
    )


def _merge(saved: dict[str, Record], ran: dict[str, Record]) -> dict[str, Record]:
    """Typed answers are in the file; what code hands in is what it hands in now.

    A saved answer from code stands in where the run did not get to it.
    """
    merged = dict(saved)
    for name, record in ran.items():
        old = saved.get(name)
        if record.answer is None and old is not None:
            continue
        if old is None or old.origin != "widget":
            old = old or record
            merged[name] = replace(
                record,
                attempts=max(record.attempts, old.attempts),
                ticks=record.ticks or old.ticks,
            )
    return merged


def _read_line(line: bytes):
    try:
        values = json.loads(writable(json.dumps(json.loads(line), ensure_ascii=False)))
    except (ValueError, RecursionError):
        return None  # a line cut off when the box was ended
    return values if isinstance(values, dict) else None


def _list(values) -> list:
    return values if isinstance(values, list) else []
