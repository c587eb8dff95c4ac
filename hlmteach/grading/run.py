"""All of grading: find, collect several at once, score, and write tables and pages."""

import hashlib
import json
import os
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from threading import Event

from hlmteach.errors import HLMError
from hlmteach.exercises.bank import bank_folder
from hlmteach.grading import giveback, pages, tables
from hlmteach.grading.agree import check_agreement
from hlmteach.grading.alike import find_alike
from hlmteach.grading.box import scratch_folder
from hlmteach.grading.collect import Collected, collect, read_collected
from hlmteach.grading.find import Submission, find_submissions
from hlmteach.grading.gradebook import (
    Gradebook,
    gradebook_style,
    listed_maximum,
    write_gradebook,
)
from hlmteach.grading.limits import Limits
from hlmteach.grading.marks import Policy, adjust, mark_of, unused
from hlmteach.grading.roster import Roster
from hlmteach.grading.score import Person, exercises_of, gather, score
from hlmteach.grading.tables import KEPT, Entry, keep_hand_edits, remember_written
from hlmteach.grading.template import Template
from hlmteach.grading.words_page import write_words

EDITION = 2  # what was collected by another edition is collected again
GRADEBOOK = "gradebook.csv"
FEWEST_FORKED = 3  # notebooks: for less, the start of a template takes longer than it saves


@dataclass(frozen=True)
class Options:
    """How to grade.

    `bank` is the file of a teacher's own exercises; `cold` starts a program for each notebook.
    """

    out: Path
    exercises: tuple[str, ...] = ()
    roster: Roster = field(default_factory=Roster)
    policy: Policy = field(default_factory=Policy)
    secret: str = ""
    jobs: int = 1
    run: str = "needed"
    limits: Limits = field(default_factory=Limits)
    fresh: bool = False
    cold: bool = False
    title: str = "hlmteach"
    style: str = ""
    grade_column: str = ""
    per_exercise: bool = False
    anyway: bool = False
    solutions: bool = False
    scheduler: str = ""
    bank: Path | None = None

    @cached_property
    def beside(self) -> dict[str, bytes]:
        """The files that a student's notebook finds beside it, by relative path."""
        return bank_folder(self.bank) if self.bank else {}


@dataclass(frozen=True)
class Summary:
    """What came of it."""

    people: tuple[Person, ...]
    files: int
    collected_before: int
    seconds: float
    exercises: tuple[str, ...]
    title: str = ""
    words: tuple[str, ...] = ()

    @property
    def to_see(self) -> int:
        """Students whom a teacher should look at."""
        return sum(bool(person.to_see) for person in self.people)

    def as_dict(self) -> dict:
        """The summary for a script."""
        verdicts = Counter(line.verdict for person in self.people for line in person.lines)
        return {
            "title": self.title,
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
        collected, before, remarks = _collect_all(submissions, options, kept, tell)
    questions = exercises_of(collected, list(options.exercises), options.bank)
    people = gather(collected, options.roster.members)
    people = [score(person, questions, options.secret) for person in people]
    if not options.anyway:
        check_agreement(people, questions, options.roster, options.secret)
    policy = _scaled(options)
    people = [adjust(person, policy) for person in people]
    words = _write_all(people, questions, options, policy)
    summary = Summary(
        people=tuple(people),
        files=len(submissions),
        collected_before=before,
        seconds=time.monotonic() - started,
        exercises=tuple(question.id for question in questions),
        title=options.title,
        words=(*remarks, *words),
    )
    tables.write_json(options.out.with_name("summary.json"), summary.as_dict())
    return summary


# -- collecting ------------------------------------------------------------------------------------


def _collect_all(submissions: list[Submission], options: Options, kept: Path, tell):
    """Collect what has not been collected before; the results in the order of the submissions.

    Returns these, how many were known before, and what to tell the teacher.
    """
    results: dict[int, Collected] = {}
    remarks: list[str] = []
    todo = {}
    for i, one in enumerate(submissions):
        known = None if options.fresh else _recall(kept, one, options)
        if one.copy is None or one.problem or known:
            results[i] = known or Collected()
        else:
            todo[i] = one
    before, done = len(results), len(results)
    for i, collected in _collectors(options, remarks)(todo, options):
        results[i] = collected
        _keep(kept, submissions[i], options, collected)
        done += 1
        tell(done, len(submissions), submissions[i].label)
    return [(one, results[i]) for i, one in enumerate(submissions)], before, remarks


def _collectors(options: Options, remarks: list[str]):
    if options.scheduler:
        from hlmteach.grading.cluster import collect_on_cluster

        return collect_on_cluster
    return _collect_here if options.cold else partial(_collect_forked, remarks)


def _collect_forked(remarks: list[str], todo: dict[int, Submission], options: Options):
    """Collect here, each notebook in a fork of one process; say where that could not be."""
    if len(todo) < FEWEST_FORKED or options.run == "never":
        yield from _collect_here(todo, options)
        return
    with Template() as template:
        yield from _collect_here(todo, options, template)
    if template.started_anew:
        remarks.append(
            f"Python was started anew for {template.started_anew} notebooks, which takes longer: "
            f"it could not be forked ({template.refused})."
        )


def _collect_here(todo: dict[int, Submission], options: Options, template=None):
    """Collect on this machine, several at once; each has a process tree of its own."""
    stop = Event()
    with ThreadPoolExecutor(max(1, options.jobs)) as pool:
        jobs = {
            pool.submit(_collect_one, one.copy, options, stop, template): i
            for i, one in todo.items()
        }
        try:
            for job in as_completed(jobs):
                yield jobs[job], job.result()
        finally:  # by Ctrl-C, for one: what runs is ended, what waits is not begun
            stop.set()
            pool.shutdown(cancel_futures=True)


def _collect_one(path: Path, options: Options, stop: Event, template) -> Collected:
    try:
        return collect(path, options.limits, options.run, stop, options.beside, template)
    except Exception as error:  # no process, no disk, ...: one row says so, and the rest goes on
        reason = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
        return Collected(problem=f"could not be run: {reason}"[:200])


def _place(kept: Path, one: Submission, options: Options) -> Path:
    words = [one.digest, options.run, str(options.limits.as_dict()), str(EDITION)]
    words += [hashlib.sha256(content).hexdigest() for content in options.beside.values()]
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
    tables.write_json(_place(kept, one, options), collected.as_dict())


# -- writing ---------------------------------------------------------------------------------------


def _write_all(people: list[Person], questions, options: Options, policy: Policy) -> list[str]:
    """Write every table and page; return what to tell the teacher of them."""
    out, roster = options.out, options.roster
    entries = [Entry(person, mark_of(person, policy)) for person in people]
    words = keep_hand_edits(out, (out.name, GRADEBOOK))
    tables.write_grades(out, entries)
    book = Gradebook(
        style=options.style or gradebook_style(people, roster),
        title=options.title,
        out_of=policy.out_of or max((person.most for person in people), default=0.0),
        per_exercise=options.per_exercise,
        grade_column=options.grade_column,
    )
    words.append(write_gradebook(out.with_name(GRADEBOOK), entries, roster, book))
    remember_written(out, (out.name, GRADEBOOK))
    pages.write_class(out.with_name("class.html"), entries, questions, find_alike(people))
    write_words(out.with_name(pages.WORDS), people, questions)
    zips = giveback.write_zips(out.parent, _write_feedback(entries, questions, options))
    words += [f"{path.name} is ready to upload." for path in zips]
    return words + unused(policy.overrides, people)


def _scaled(options: Options) -> Policy:
    """The policy, out of what the class list says where nothing was asked for."""
    policy = options.policy
    if policy.out_of:
        return policy
    listed = listed_maximum(options.roster, options.title, options.grade_column)
    return replace(policy, out_of=listed)


def _write_feedback(entries, questions, options: Options) -> list[tuple[Person, Path]]:
    """Write a page for everybody who handed in; pages of an earlier run that are nobody's go."""
    folder = options.out.with_name("feedback")
    written = []
    for entry in entries:
        person = entry.person
        if person.files:
            code = person.student(options.secret).code
            page = pages.write_feedback(folder, entry, questions, code, options.solutions)
            written.append((person, page))
    for stale in set(folder.glob("*.html")) - {page for _, page in written}:
        stale.unlink()
    return written


def show_progress(done: int, of: int, label: str) -> None:
    """A bar on a terminal; a line now and then in a log."""
    if sys.stderr.isatty():
        full = round(30 * done / of)
        end = "\n" if done == of else ""
        bar = "#" * full + "." * (30 - full)
        print(f"\r[{bar}] {done}/{of} {label[:40]:<40}", end=end, file=sys.stderr, flush=True)
    elif done == of or done % max(1, of // 10) == 0:
        print(f"{done}/{of} collected", file=sys.stderr, flush=True)
