"""One notebook -> its plain answers. Student code runs in the box only, never here."""

import json
import os
import selectors
import shutil
import sys
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from hlmteach.exercises.record import Record, read_record
from hlmteach.grading.box import HOUSE, LOOK, Box, readable_paths, scratch_folder, walls
from hlmteach.grading.find import writable
from hlmteach.grading.limits import MB, Limits
from hlmteach.grading.runner import Job

LONGEST_REPORT = 4 * MB  # a class's worth of answers; more is an attack
MOST_TROUBLES = 50

# The runner reads and reports; it needs none of hlmteach's mathematics. Packages without their
# __init__ save it a second, which is a third of all that a short notebook takes.
LEAN_RUNNER = """
import sys, types
for name in ("hlmteach", "hlmteach.exercises"):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [sys.argv[1] + "/" + name.replace(".", "/")]
from hlmteach.grading.runner import main
main(sys.argv[2])
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
        {record.exercise: record for record in records if record},
        tuple(values["ids"]),
        values["problem"],
        tuple(values["troubles"]),
        values["seconds"],
    )


def collect(notebook: Path, limits: Limits, run: str = "needed", stop=None) -> Collected:
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

    Returns
    -------
    Collected
    """
    started = time.monotonic()
    with scratch_folder() as folder:
        room = folder / "r"
        room.mkdir()
        shutil.copy(notebook, folder / "notebook.ipynb")
        found = _run_boxed(folder, room, limits, run, stop)
    return replace(found, seconds=round(time.monotonic() - started, 2))


def collect_bytes(content: bytes, limits: Limits, run: str = "needed") -> dict:
    """`collect` for another machine: a notebook's bytes in, plain values out."""
    with scratch_folder() as folder:
        path = folder / "notebook.ipynb"
        path.write_bytes(content)
        return collect(path, limits, run).as_dict()


def _run_boxed(folder: Path, room: Path, limits: Limits, run: str, stop) -> Collected:
    ours, theirs = os.pipe()
    copy = folder / "notebook.ipynb"
    job = Job(str(copy), str(room), theirs, run, limits, readable_paths(copy), walls().processes)
    job.write(folder / "job.json")
    command = (sys.executable, "-c", LEAN_RUNNER, HOUSE, str(folder / "job.json"))
    try:
        with Box(command, room, limits, pass_fds=(theirs,)) as box:
            os.close(theirs)
            lines, problem = _listen(box, ours, stop)
    finally:
        os.close(ours)
    return sum_up(lines, problem or box.problem, sorted(box.troubles))


def _listen(box: Box, report: int, stop) -> tuple[list[bytes], str]:
    """Read the report until it ends, or until the box has to."""
    text = b""
    with selectors.DefaultSelector() as selector:
        selector.register(report, selectors.EVENT_READ)
        while True:
            if selector.select(LOOK):
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
            troubles.append(f"{place}{values['trouble']}"[:100])
        problem = problem or str(values.get("problem", ""))[:200]
        done = done or values.get("done") is True
    if not done and not problem:
        problem = "the run broke off"
    return Collected(
        _merge(saved, ran),
        tuple(sorted(set(ids))),
        problem,
        tuple(dict.fromkeys(troubles[:MOST_TROUBLES])),
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
            merged[name] = replace(
                record, attempts=max(record.attempts, old.attempts if old else 0)
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
