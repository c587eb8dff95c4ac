"""`hlmteach grade` and `hlmteach assign`: their arguments, and what they print."""

import os
import sys
from pathlib import Path

from hlmteach.errors import HLMError
from hlmteach.exercises.bank import QUESTIONS
from hlmteach.exercises.desk import find_question, lesson_questions
from hlmteach.exercises.students import identify, personal_code
from hlmteach.grading import pages
from hlmteach.grading.assign import TARGETS, write_assignment
from hlmteach.grading.box import walls
from hlmteach.grading.limits import Limits
from hlmteach.grading.roster import read_roster
from hlmteach.grading.run import Options, Summary, grade, show_progress

GRADE = "run the notebooks of a class, boxed, and write marks and feedback"
ASSIGN = "write exercises for Gradescope, nbgrader or Otter"


STOPPED = 130  # as a shell says it of a program that Ctrl-C ended


def add_grade(verbs) -> None:
    """Declare `hlmteach grade`."""
    verb = verbs.add_parser("grade", help=GRADE, description=GRADE)
    verb.add_argument("source", metavar="SUBMISSIONS", nargs="?", help="a folder, or an LMS's zip")
    verb.add_argument("--out", type=Path, metavar="FILE", default=Path("grades.csv"))
    _add_exercises(verb)
    verb.add_argument("--roster", type=Path, metavar="CSV", help="the class list, as exported")
    verb.add_argument("--id-column", metavar="NAME", help="its column with the students' ids")
    _add_secret(verb)
    verb.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N")
    verb.add_argument("--run", choices=("needed", "always", "never"), default="needed", dest="mode")
    verb.add_argument("--fresh", action="store_true", help="collect again what was collected")
    verb.add_argument("--title", default="hlmteach", help="of the gradebook's column")
    verb.add_argument("--gradebook", choices=("canvas", "moodle"), default="")
    verb.add_argument("--solutions", action="store_true", help="worked answers in the feedback")
    verb.add_argument("--scheduler", default="", metavar="ADDRESS", help="of a Dask cluster")
    for name, of in (("cell", "seconds"), ("total", "seconds"), ("memory", "MB"), ("output", "MB")):
        default = getattr(Limits(), name)
        text = f"limit in {of} (default {default:g})"
        verb.add_argument(f"--{name}", type=type(default), default=default, help=text)
    verb.add_argument("--keys", metavar="ID", help="print all keys of a student, and do no more")
    verb.add_argument("--codes", action="store_true", help="print the class's personal codes")
    verb.set_defaults(run=run_grade)


def _add_exercises(verb) -> None:
    verb.add_argument("--exercises", metavar="IDS", default="", help="such as 08-1,08-2")
    verb.add_argument("--lesson", metavar="NN", default="", help="all exercises of a lesson")


def _add_secret(verb) -> None:
    verb.add_argument("--secret", metavar="TEXT", help="the teacher's; better: HLMTEACH_SECRET")
    verb.add_argument("--secret-file", type=Path, metavar="FILE")


def run_grade(args) -> int:
    """Grade, or print keys or codes; 0 well, 1 somebody to see, 2 a wrong call, 130 stopped."""
    if args.keys is not None:
        return _print_keys(args)
    if args.codes:
        return _print_codes(args)
    if args.source is None:
        raise HLMError("Name the folder or the zip of submissions: hlmteach grade SUBMISSIONS")
    options = _options(args)
    print(f"Isolation here: {walls()}.", file=sys.stderr)
    try:
        summary = grade(Path(args.source), options, show_progress)
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on where this one was.", file=sys.stderr)
        return STOPPED
    print(told(summary, options))
    return int(summary.to_see > 0)


def _options(args) -> Options:
    members = read_roster(args.roster, args.id_column) if args.roster else ()
    return Options(
        out=args.out,
        exercises=_exercises(args),
        members=tuple(members),
        secret=_secret(args),
        jobs=args.jobs,
        run=args.mode,
        limits=Limits(cell=args.cell, total=args.total, memory=args.memory, output=args.output),
        fresh=args.fresh,
        title=args.title,
        style=args.gradebook,
        solutions=args.solutions,
        scheduler=args.scheduler,
    )


def _exercises(args) -> tuple[str, ...]:
    """The exercises that were asked for; none where that is left to the notebooks."""
    asked = [find_question(name).id for name in args.exercises.split(",") if name.strip()]
    lesson = [q.id for q in lesson_questions(f"{args.lesson:0>2}")] if args.lesson else []
    if args.lesson and not lesson:
        raise HLMError(f"There is no lesson {args.lesson!r} with exercises. Write 08, for example.")
    return tuple(dict.fromkeys([*asked, *lesson]))


def _secret(args) -> str:
    if args.secret_file:
        try:
            return args.secret_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise HLMError(f"The secret in {args.secret_file} cannot be read: {error}") from None
    return args.secret or os.environ.get("HLMTEACH_SECRET", "")


def told(summary: Summary, options: Options) -> str:
    """The summary, for the eye; summary.json has it for a script."""
    people, values = summary.people, summary.as_dict()
    handed = [person for person in people if person.files]
    points = sum(person.points for person in handed)
    lines = [
        f"{len(handed)} of {len(people)} students, {summary.files} files, "
        f"{len(summary.exercises)} exercises, "
        f"{summary.seconds:.0f} s ({summary.collected_before} were collected before).",
        f"Points: {points:g} of {sum(person.most for person in handed):g}.",
    ]
    lines += [f"  {name}: {'; '.join(notes)}" for name, notes in values["to_look_at"].items()]
    lines += [f"  {name}: late" for name in values["late"]]
    return "\n".join([*lines, f"Wrote {options.out}, gradebook.csv, class.html, feedback/."])


def _print_keys(args) -> int:
    student = identify(args.keys, _code(args.keys, _secret(args)))
    names = _exercises(args) or tuple(QUESTIONS)
    questions = [QUESTIONS[name] for name in names]
    if args.out.suffix == ".html":
        args.out.write_text(pages.keys_page(student, questions), encoding="utf-8")
        print(f"Wrote {args.out}.")
    else:
        print(pages.keys_text(student, questions))
    return 0


def _print_codes(args) -> int:
    secret = _secret(args)
    if not (args.roster and secret):
        raise HLMError("Personal codes need --roster and a secret (HLMTEACH_SECRET).")
    for member in read_roster(args.roster, args.id_column):
        print(f"{member.id},{personal_code(member.id, secret)}")
    return 0


def _code(id: str, secret: str) -> str | None:
    return personal_code(id, secret) if secret and id else None


def add_assign(verbs) -> None:
    """Declare `hlmteach assign`."""
    verb = verbs.add_parser("assign", help=ASSIGN, description=ASSIGN)
    verb.add_argument("folder", type=Path, metavar="DIR")
    verb.add_argument("--to", choices=TARGETS, required=True)
    _add_exercises(verb)
    _add_secret(verb)
    verb.set_defaults(run=run_assign)


def run_assign(args) -> int:
    """Write what another grader takes."""
    names = _exercises(args)
    if not names:
        raise HLMError("Say which exercises: --lesson 08, or --exercises 08-1,08-2.")
    questions = [QUESTIONS[name] for name in names]
    for path in write_assignment(args.to, args.folder, questions, _secret(args)):
        print(f"wrote  {path}")
    return 0
