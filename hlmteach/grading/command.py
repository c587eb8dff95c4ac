"""`hlmteach grade` and `hlmteach assign`: their arguments, and what they print."""

import functools
import math
import os
import sys
from pathlib import Path

from hlmteach.errors import HLMError, check_installed
from hlmteach.exercises.bank import QUESTIONS, read_bank
from hlmteach.exercises.desk import find_question, lesson_questions
from hlmteach.exercises.question import Question
from hlmteach.exercises.students import identify, personal_code, printed_code
from hlmteach.grading import pages
from hlmteach.grading.assign import QUIZZES, TARGETS, write_assignment
from hlmteach.grading.box import isolation, keep_to_ourselves
from hlmteach.grading.limits import Limits
from hlmteach.grading.marks import Policy, read_credit, read_late, read_overrides
from hlmteach.grading.quiz import quiz_items
from hlmteach.grading.roster import Roster, read_roster
from hlmteach.grading.run import Options, Summary, grade, show_progress
from hlmteach.grading.weeks import write_weeks

GRADE = "run the notebooks of a class, boxed, and write marks and feedback"
WEEKS = "write the class's marks over several runs as a page and a table"
ASSIGN = "write exercises for Gradescope, nbgrader, Otter, or as a quiz for Moodle or Canvas"


AS_ROOT = "You grade as root: what the box does not forbid, student code may do as root."
STOPPED = 130  # as a shell says it of a program that Ctrl-C ended


def files_in_words(run):
    """A verb that says in one sentence which file cannot be read or written."""

    @functools.wraps(run)
    def in_words(args) -> int:
        try:
            return run(args)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise HLMError(
                f"{error.filename or 'A file'} cannot be read or written: {error.strerror}. Is it "
                "open elsewhere, is the disk full, may you write there?"
            ) from None

    return in_words


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
    verb.add_argument("--cold", action="store_true", help="start a Python for each notebook")
    verb.add_argument("--title", default="hlmteach", help="of the gradebook's column")
    verb.add_argument("--gradebook", choices=("canvas", "moodle"), default="")
    verb.add_argument("--grade-column", metavar="NAME", default="", help="of Moodle's worksheet")
    verb.add_argument("--per-exercise", action="store_true", help="a column for each exercise too")
    _add_policy(verb)
    verb.add_argument("--solutions", action="store_true", help="worked answers in the feedback")
    verb.add_argument("--scheduler", default="", metavar="ADDRESS", help="of a Dask cluster")
    for name, of in (("cell", "seconds"), ("total", "seconds"), ("memory", "MB"), ("output", "MB")):
        default = getattr(Limits(), name)
        text = f"limit in {of} (default {default:g})"
        verb.add_argument(f"--{name}", type=type(default), default=default, help=text)
    verb.add_argument("--keys", metavar="ID", help="print all keys of a student, and do no more")
    verb.add_argument("--codes", action="store_true", help="print the class's personal codes")
    verb.set_defaults(run=files_in_words(run_grade))


def _add_policy(verb) -> None:
    """Declare how points become marks."""
    verb.add_argument("--out-of", type=float, default=0.0, metavar="N", help="scale of the marks")
    verb.add_argument("--late", default="none", metavar="RULE", help="'10%%/day, at most 50%%'")
    verb.add_argument("--missing", choices=("blank", "zero"), default="blank")
    verb.add_argument("--credit", type=Path, metavar="TOML", help="shares for named mistakes")
    verb.add_argument("--overrides", type=Path, metavar="CSV", help="default: beside the grades")
    verb.add_argument("--anyway", action="store_true", help="write the gradebook all the same")


def add_for_class(verb) -> None:
    """Declare what a class's own copies of the lessons need."""
    verb.add_argument("--id-column", metavar="NAME", help="of the class list, with the ids")
    verb.add_argument("--lesson", metavar="NN", default="", help="such as 07,08; all without it")
    verb.add_argument("--zip", action="store_true", help="a zip for each student, not a folder")
    _add_secret(verb)


def _add_exercises(verb) -> None:
    verb.add_argument("--exercises", metavar="IDS", default="", help="such as 08-1,08-2")
    verb.add_argument("--lesson", metavar="NN", default="", help="all exercises of lessons: 07,08")
    verb.add_argument("--bank", type=Path, metavar="FILE", help="with exercises of your own")


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
    for package in ("jupyter_client", "ipykernel"):
        check_installed(package, "hlmteach grade")
    options = _options(args)
    print(f"Isolation here: {isolation()}.", file=sys.stderr)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        print(AS_ROOT, file=sys.stderr)
    keep_to_ourselves()
    try:
        summary = grade(Path(args.source), options, show_progress)
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on where this one was.", file=sys.stderr)
        return STOPPED
    print(summary_text(summary, options))
    return int(summary.to_see > 0)


def _options(args) -> Options:
    return Options(
        out=args.out,
        exercises=tuple(question.id for question in _exercises(args)),
        roster=class_list(args) if args.roster else Roster(),
        policy=_policy(args),
        secret=read_secret(args),
        jobs=args.jobs,
        run=args.mode,
        limits=Limits(cell=args.cell, total=args.total, memory=args.memory, output=args.output),
        fresh=args.fresh,
        cold=args.cold,
        title=args.title,
        style=args.gradebook,
        grade_column=args.grade_column,
        per_exercise=args.per_exercise,
        anyway=args.anyway,
        solutions=args.solutions,
        scheduler=args.scheduler,
        bank=args.bank,
    )


def _policy(args) -> Policy:
    if not 0 <= args.out_of < math.inf:
        raise HLMError(f"--out-of {args.out_of:g} is no scale. Give a number above 0, as 100.")
    return Policy(
        out_of=args.out_of,
        late=read_late(args.late),
        missing=args.missing,
        credit=read_credit(args.credit, args.bank) if args.credit else {},
        overrides=read_overrides(args.overrides or args.out.with_name("overrides.csv"), args.bank),
    )


def _exercises(args) -> list[Question]:
    """The exercises that were asked for, else all of the bank; none: left to the notebooks."""
    asked = [find_question(name, args.bank) for name in args.exercises.split(",") if name.strip()]
    for lesson in filter(None, map(str.strip, args.lesson.split(","))):
        questions = lesson_questions(f"{lesson:0>2}", args.bank)
        if not questions:
            raise HLMError(f"There is no lesson {lesson!r} with exercises. Write 08, for example.")
        asked += questions
    if args.bank and not asked:
        return list(read_bank(args.bank).values())
    return list({question.id: question for question in asked}.values())


def class_list(args) -> Roster:
    """Read the class list; what may not be meant is said."""
    roster = read_roster(args.roster, args.id_column)
    for doubt in roster.doubts:
        print(doubt, file=sys.stderr)
    return roster


def read_secret(args) -> str:
    """The teacher's secret: of the file, the option, or HLMTEACH_SECRET; "" where there is none."""
    if args.secret_file:
        try:
            return args.secret_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise HLMError(f"The secret in {args.secret_file} cannot be read: {error}") from None
    return args.secret or os.environ.get("HLMTEACH_SECRET", "")


def summary_text(summary: Summary, options: Options) -> str:
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
    lines += summary.words
    return "\n".join([*lines, f"Wrote {options.out}, gradebook.csv, class.html, feedback/."])


def _print_keys(args) -> int:
    student = identify(args.keys, _code(args.keys, read_secret(args)))
    questions = _exercises(args) or list(QUESTIONS.values())
    if args.out.suffix == ".html":
        args.out.write_text(pages.keys_page(student, questions), encoding="utf-8")
        print(f"Wrote {args.out}.")
    else:
        print(pages.keys_text(student, questions))
    return 0


def _print_codes(args) -> int:
    secret = read_secret(args)
    if not (args.roster and secret):
        raise HLMError("Personal codes need --roster and a secret (HLMTEACH_SECRET).")
    for member in class_list(args).members:
        print(f"{member.id},{printed_code(member.id, secret)}")
    return 0


def _code(id: str, secret: str) -> str | None:
    return personal_code(id, secret) if secret and id else None


def add_weeks(verbs) -> None:
    """Declare `hlmteach weeks`."""
    verb = verbs.add_parser("weeks", help=WEEKS, description=WEEKS)
    verb.add_argument("runs", type=Path, nargs="+", metavar="RUN", help="grades.csv, or its folder")
    verb.add_argument("--out", type=Path, metavar="FILE", default=Path("weeks.html"))
    verb.set_defaults(run=files_in_words(run_weeks))


def run_weeks(args) -> int:
    """Put the runs side by side."""
    written = write_weeks(args.runs, args.out)
    print(f"Wrote {written[0]} and {written[1]}.")
    return 0


def add_assign(verbs) -> None:
    """Declare `hlmteach assign`."""
    verb = verbs.add_parser("assign", help=ASSIGN, description=ASSIGN)
    verb.add_argument("folder", type=Path, metavar="DIR")
    verb.add_argument("--to", choices=(*TARGETS, *QUIZZES), required=True)
    verb.add_argument("--variants", type=int, default=10, metavar="N", help="of a quiz's questions")
    _add_exercises(verb)
    _add_secret(verb)
    verb.set_defaults(run=files_in_words(run_assign))


def run_assign(args) -> int:
    """Write what another grader takes."""
    questions = _exercises(args)
    if not questions:
        raise HLMError("Say which exercises: --lesson 08, or --exercises 08-1,08-2.")
    secret, variants = read_secret(args), args.variants
    for path in write_assignment(args.to, args.folder, questions, secret, variants):
        print(f"wrote  {path}")
    if args.to in QUIZZES:
        for question in questions:
            if not quiz_items(question, 1):
                print(f"left out: {question.id}, which asks for a widget's state")
    return 0
