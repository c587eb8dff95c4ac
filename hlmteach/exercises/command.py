"""`hlmteach exercises`: check a bank, list its questions, name the words of an expression."""

from pathlib import Path

from hlmteach.exercises.bank import QUESTIONS, read_bank
from hlmteach.exercises.proof import STUDENTS, check_bank, prove
from hlmteach.exercises.question import Question
from hlmteach.exercises.words import name_list

EXERCISES = "check a teacher's own bank of exercises, or list exercises"
KINDS = {
    "choice": "one option",
    "choices": "all that apply",
    "fit": "a fitted model",
    "number": "a number",
    "state": "a widget's state",
    "token": "a word or term",
    "words": "own words",
}


def add_exercises(verbs) -> None:
    """Declare `hlmteach exercises`."""
    verb = verbs.add_parser("exercises", help=EXERCISES, description=EXERCISES)
    inner = verb.add_subparsers(metavar="VERB", required=True)
    for name, run, summary in (
        ("check", run_check, f"try every exercise on {len(STUDENTS)} students"),
        ("list", run_list, "list the exercises"),
    ):
        one = inner.add_parser(name, help=summary, description=summary)
        one.add_argument(
            "bank", metavar="BANK", nargs="?", help="a file of TOML; else hlmteach's own"
        )
        one.set_defaults(run=run)
    inner.add_parser("names", help="the words that an expression may use").set_defaults(
        run=run_names
    )


def run_check(args) -> int:
    """Print what is wrong, or that all is well; 0 well, 1 something to mend."""
    name = Path(args.bank).name if args.bank else "hlmteach's own exercises"
    faults = check_bank(args.bank) if args.bank else prove(QUESTIONS.values())
    for fault in faults:
        print(f"{name}, {fault}")
    if not faults:
        count = len(_questions(args))
        print(f"{name}: {count} exercises, each tried on {len(STUDENTS)} students. All is well.")
    return int(bool(faults))


def run_list(args) -> int:
    """Print the exercises as a table in Markdown."""
    print(exercise_table(_questions(args).values()))
    return 0


def run_names(_args) -> int:
    """Print the words of an expression."""
    print(name_list())
    return 0


def _questions(args):
    return read_bank(args.bank) if args.bank else QUESTIONS


def exercise_table(questions: list[Question]) -> str:
    """The exercises as a table in Markdown: id, title, kind of answer, data."""
    rows = (f"| {q.id} | {q.title} | {KINDS[q.kind.name]} | {q.draw.name} |" for q in questions)
    return "\n".join(["| exercise | | answer | data |", "| --- | --- | --- | --- |", *rows])
