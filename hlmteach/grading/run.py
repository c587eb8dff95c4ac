"""All of grading: find, collect several at once, score, and write tables and pages."""

import hashlib
import json
import os
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from hlmteach.errors import HLMError
from hlmteach.exercises.students import personal_code
from hlmteach.grading import pages, tables
from hlmteach.grading.box import scratch_folder
from hlmteach.grading.collect import Collected, collect, read_collected
from hlmteach.grading.find import Submission, find_submissions
from hlmteach.grading.limits import Limits
from hlmteach.grading.roster import Member
from hlmteach.grading.score import Person, exercises_of, gather, score

KEPT = ".hlmteach-collected"  # beside the grades: what was collected, so that a run can go on
EDITION = 1


@dataclass(frozen=True)
class Options:
    """How to grade."""

    out: Path
    exercises: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()
    secret: str = ""
    jobs: int = 1
    run: str = "needed"
    limits: Limits = field(default_factory=Limits)
    fresh: bool = False
    title: str = "hlmteach"
    style: str = ""
    solutions: bool = False
    scheduler: str = ""


@dataclass(frozen=True)
class Summary:
    """What came of it."""

    people: tuple[Person, ...]
    files: int
    collected_before: int
    seconds: float
    exercises: tuple[str, ...]

    @property
    def to_see(self) -> int:
        """Students whom a teacher should look at."""
        return sum(bool(person.to_see) for person in self.people)

    def as_dict(self) -> dict:
        """The summary for a script."""
        verdicts = Counter(line.verdict for person in self.people for line in person.lines)
        return {
            "students": len(self.people),
            "files": self.files,
            "collected_before": self.collected_before,
            "exercises": list(self.exercises),
            "verdicts": dict(sorted(verdicts.items())),
            "to_look_at": {p.label: list(p.to_see) for p in self.people if p.to_see},
            "late": [person.label for person in self.people if person.late],
            "seconds": round(self.seconds, 1),
        }


def grade(source: Path, options: Options, tell=lambda done, of, name: None) -> Summary:
    """Grade a folder or zip of submissions.

    Parameters
    ----------
    source : Path
    options : Options
        `options.out` is the path of grades.csv; everything else is written beside it.
    tell : function
        Called with (done, of, label) after each submission.

    Returns
    -------
    Summary
    """
    started = time.monotonic()
    if os.name == "nt":
        raise HLMError("hlmteach grade runs on Linux and macOS. On Windows, use WSL.")
    kept = options.out.parent / KEPT
    kept.mkdir(parents=True, exist_ok=True)
    with scratch_folder() as spool:
        submissions = find_submissions(source, spool, options.limits)
        found, before = _collect_all(submissions, options, kept, tell)
    questions = exercises_of(found, list(options.exercises))
    people = gather(found, list(options.members))
    people = [score(person, questions, options.secret) for person in people]
    _write_all(people, questions, options)
    seconds = time.monotonic() - started
    names = tuple(question.id for question in questions)
    summary = Summary(tuple(people), len(submissions), before, seconds, names)
    _write_json(options.out.with_name("summary.json"), summary.as_dict())
    return summary


# -- collecting ------------------------------------------------------------------------------------


def _collect_all(submissions: list[Submission], options: Options, kept: Path, tell):
    """Collect what has not been collected before; the results in the order of the submissions."""
    results: dict[int, Collected] = {}
    todo = {}
    for i, one in enumerate(submissions):
        known = None if options.fresh else _recall(kept, one, options)
        if one.copy is None or one.problem or known:
            results[i] = known or Collected()
        else:
            todo[i] = one
    before, done = len(results), len(results)
    for i, collected in _collectors(options)(todo, options):
        results[i] = collected
        _keep(kept, submissions[i], options, collected)
        done += 1
        tell(done, len(submissions), submissions[i].label)
    return [(one, results[i]) for i, one in enumerate(submissions)], before


def _collectors(options: Options):
    if options.scheduler:
        from hlmteach.grading.cluster import collect_on_cluster

        return collect_on_cluster
    return _collect_here


def _collect_here(todo: dict[int, Submission], options: Options):
    """Collect on this machine, several at once; each has a process tree of its own."""
    stop = Event()
    with ThreadPoolExecutor(max(1, options.jobs)) as pool:
        jobs = {pool.submit(_collect_one, one.copy, options, stop): i for i, one in todo.items()}
        try:
            for job in as_completed(jobs):
                yield jobs[job], job.result()
        finally:  # by Ctrl-C, for one: what runs is ended, what waits is not begun
            stop.set()
            pool.shutdown(cancel_futures=True)


def _collect_one(path: Path, options: Options, stop: Event) -> Collected:
    try:
        return collect(path, options.limits, options.run, stop)
    except OSError as error:  # no process, no disk: one row says so, and the rest goes on
        return Collected(problem=f"could not be run: {error.strerror}")


def _place(kept: Path, one: Submission, options: Options) -> Path:
    words = [one.digest, options.run, str(options.limits.as_dict()), str(EDITION)]
    return kept / f"{hashlib.sha256(' '.join(words).encode()).hexdigest()[:32]}.json"


def _recall(kept: Path, one: Submission, options: Options) -> Collected | None:
    place = _place(kept, one, options)
    if not one.digest or not place.exists():
        return None
    try:
        return read_collected(json.loads(place.read_text(encoding="utf-8")))
    except (ValueError, LookupError, TypeError):
        return None  # half a file of a run that was stopped: collect again


def _keep(kept: Path, one: Submission, options: Options, collected: Collected) -> None:
    _write_json(_place(kept, one, options), collected.as_dict())


def _write_json(path: Path, values) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps(values, indent=1), encoding="utf-8")
    part.replace(path)


# -- writing ---------------------------------------------------------------------------------------


def _write_all(people: list[Person], questions, options: Options) -> None:
    tables.write_grades(options.out, people)
    style = options.style or tables.gradebook_style(people)
    tables.write_gradebook(options.out.with_name("gradebook.csv"), people, options.title, style)
    pages.write_class(options.out.with_name("class.html"), people, questions)
    for person in people:
        if person.files:
            code = personal_code(person.id, options.secret) if options.secret else ""
            folder = options.out.with_name("feedback")
            pages.write_feedback(folder, person, code, options.solutions)


def show_progress(done: int, of: int, label: str) -> None:
    """A bar on a terminal; a line now and then in a log."""
    if sys.stderr.isatty():
        full = round(30 * done / of)
        end = "\n" if done == of else ""
        bar = "#" * full + "." * (30 - full)
        print(f"\r[{bar}] {done}/{of} {label[:40]:<40}", end=end, file=sys.stderr, flush=True)
    elif done == of or done % max(1, of // 10) == 0:
        print(f"{done}/{of} collected", file=sys.stderr, flush=True)
