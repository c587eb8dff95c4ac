"""The command `hlmteach`: each verb is a function that runs it and one that declares it."""

import argparse
import os
import sys

from hlmteach import __version__
from hlmteach.classroom.command import add_class
from hlmteach.course import doctor
from hlmteach.course.build import build_lessons
from hlmteach.course.cheatsheet import write_cheatsheet
from hlmteach.course.check import check_lessons
from hlmteach.course.handout import copy_lessons
from hlmteach.course.lab import check_port, lab_arguments, open_lab
from hlmteach.course.listing import write_table
from hlmteach.course.pages import write_pages
from hlmteach.course.present import present
from hlmteach.course.rostered import MERGE, hand_out
from hlmteach.course.site import serve, write_site
from hlmteach.errors import HLMError
from hlmteach.exercises.bank import lessons_folder
from hlmteach.exercises.command import add_exercises
from hlmteach.grading.command import (
    add_assign,
    add_for_class,
    add_grade,
    add_weeks,
    class_list,
    read_secret,
)

# What a verb needs beyond the package's own needs; any other verb needs "lab".
EXTRAS = {"lessons": "pages", "site": "site"}
WORTH_SAYING = {
    "new": "copied",
    "renewed": "renewed: you had not changed it",
    "beside": "kept as you left it; its new version is beside it: {path.name}",
    "older": "kept as you left it, of an earlier edition; the newer one is {path.name}",
    "alone": "kept as you left it, of an earlier edition; rename it to get the newer one",
}


def main(argv=None):
    """Run the command line; return the exit code (0 well, 1 something to mend, 2 a wrong call)."""
    words, extra = _split_at_dashes(sys.argv[1:] if argv is None else list(argv))
    parser = make_parser()
    args = parser.parse_args(words)
    if extra and "extra" not in args:
        parser.error(f"nothing to hand on to after --: {' '.join(extra)}")
    args.extra = extra
    try:
        code = args.run(args)
        sys.stdout.flush()
    except HLMError as error:
        print(f"hlmteach: {error}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        if (error.name or "hlmteach").startswith("hlmteach"):
            raise
        extra = EXTRAS.get(words[0], "lab")
        print(f"hlmteach: {error.name} is not installed. Mend it with: ", end="", file=sys.stderr)
        print(f'pip install "hlmteach[{extra}]"', file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever reads, `| head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def make_parser():
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="hlmteach", description="Hierarchical linear models, live."
    )
    parser.add_argument("--version", action="version", version=f"hlmteach {__version__}")
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    for add in (add_lab, add_class, add_present, add_lessons, add_site, add_exercises):
        add(verbs)
    for add in (add_grade, add_weeks, add_assign, add_doctor):
        add(verbs)
    return parser


def add_lab(verbs):
    """Declare `hlmteach lab`."""
    verb = verbs.add_parser(
        "lab",
        help="open the lessons in JupyterLab",
        epilog="What follows -- is handed on to JupyterLab.",
    )
    verb.add_argument("folder", metavar="DIR", nargs="?", default="hlmteach-lessons")
    verb.add_argument("--no-browser", action="store_true", help="print an address instead")
    verb.add_argument("--port", type=_port, metavar="N")
    verb.set_defaults(run=run_lab, extra=())


def run_lab(args):
    """Copy the lessons where need be, then serve them until stopped."""
    if args.port is not None:
        check_port(args.port)
    _report_copies(copy_lessons(args.folder))
    open_lab(lab_arguments(args.folder, not args.no_browser, args.port, args.extra))
    return 0


def add_present(verbs):
    """Declare `hlmteach present`."""
    verb = verbs.add_parser("present", help="open one widget full-page, for a projector")
    verb.add_argument("name", metavar="NAME", help="such as CoverageStream")
    verb.add_argument("--preset", metavar="PRESET")
    verb.add_argument("--no-browser", action="store_true", help="print an address instead")
    verb.add_argument("--port", type=_port, metavar="N")
    verb.add_argument("--host", help="address to serve at; 0.0.0.0 for the room's network")
    verb.set_defaults(run=run_present)


def run_present(args):
    """Serve the widget until stopped."""
    present(args.name, args.preset, not args.no_browser, args.port, args.host)
    return 0


def add_lessons(verbs):
    """Declare `hlmteach lessons build | check | copy | html | cheatsheet`."""
    lessons = verbs.add_parser("lessons", help="build, check or copy the lessons, or make pages")
    inner = lessons.add_subparsers(metavar="build|check|copy|html|cheatsheet", required=True)
    build = inner.add_parser("build", help="make the notebooks from their sources")
    build.add_argument("folder", metavar="DIR", nargs="?", default="lessons")
    build.set_defaults(run=run_build)
    check = inner.add_parser("check", help="read and run every lesson")
    check.add_argument("folder", metavar="DIR", nargs="?", default="lessons")
    check.add_argument("--no-run", action="store_true", help="read only")
    check.set_defaults(run=run_check)
    copy = inner.add_parser("copy", help="copy the lessons, never over your work")
    copy.add_argument("folder", metavar="DIR")
    copy.add_argument("--roster", metavar="FILE", help="a copy for each student of a class list")
    add_for_class(copy)
    copy.set_defaults(run=run_copy)
    pages = inner.add_parser("html", help="write the course as pages that work offline")
    pages.add_argument("out", metavar="OUT")
    pages.add_argument("--lessons", metavar="DIR", help="if not those that came along")
    pages.set_defaults(run=run_pages)
    sheet = inner.add_parser("cheatsheet", help="write the course on two pages, as a PDF")
    sheet.add_argument("file", metavar="FILE", nargs="?", default="lessons/cheatsheet.pdf")
    sheet.set_defaults(run=run_cheatsheet)


def run_build(args):
    """Build the notebooks, and the table of lessons in the README beside them."""
    for path in build_lessons(args.folder):
        print(f"built  {path}")
    write_table(args.folder)
    return 0


def run_check(args):
    """Check the lessons, saying each one's result as it comes."""
    ailing = 0
    for report in check_lessons(args.folder, run=not args.no_run):
        print(report, flush=True)
        ailing += bool(report.problems)
    print("All lessons are well." if not ailing else f"Lessons to mend: {ailing}.")
    return int(ailing > 0)


def run_copy(args):
    """Copy the lessons; with a class list, a copy for each student."""
    if args.roster:
        return run_hand_out(args)
    _report_copies(copy_lessons(args.folder))
    return 0


def run_hand_out(args):
    """Write each student's copy, and the table to mail them by."""
    roster, secret = class_list(args), read_secret(args)
    lessons = [name.strip() for name in args.lesson.split(",") if name.strip()]
    written = hand_out(roster, args.folder, secret, lessons, args.zip)
    codes = "with a code each" if secret else "without codes: no secret was given"
    print(f"{len(written)} students ({codes}), ids from {roster.id_column!r}.")
    print(f"Their lessons are in {args.folder}; names, mail addresses and codes in {MERGE} there.")
    return 0


def run_pages(args):
    """Write the pages."""
    pages = write_pages(args.lessons or lessons_folder(), args.out)
    print(f"{len(pages)} pages; open {pages[0]}")
    return 0


def run_cheatsheet(args):
    """Write the cheat sheet."""
    print(f"written  {write_cheatsheet(args.file)}")
    return 0


def add_site(verbs):
    """Declare `hlmteach site`."""
    verb = verbs.add_parser(
        "site", help="write the course as a site: pages, and every lesson live in the browser"
    )
    verb.add_argument("out", metavar="DIR")
    verb.add_argument("--pyodide", metavar="FOLDER", help="a Pyodide release to put into the site")
    verb.add_argument("--lessons", metavar="DIR", default=None)
    verb.add_argument("--serve", action="store_true", help="then serve it on this machine")
    verb.add_argument("--port", type=_port, metavar="N", default=8000)
    verb.set_defaults(run=run_site)


def run_site(args):
    """Write the site; with --serve, serve it until stopped."""
    first = write_site(args.lessons or lessons_folder(), args.out, args.pyodide)
    print(f"The site is in {args.out}. To see it: python -m http.server -d {args.out}")
    if args.serve:
        serve(first.parent, args.port)
    return 0


def add_doctor(verbs):
    """Declare `hlmteach doctor`."""
    verb = verbs.add_parser("doctor", help="say what is missing here, and how to mend it")
    verb.set_defaults(run=run_doctor)


def run_doctor(args):
    """Look at this machine, and say what was found."""
    return doctor.report()


def _port(text):
    if text.isascii() and text.isdigit() and 1 <= int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text} is no port: give a whole number from 1 to 65535")


def _report_copies(handed):
    for lesson in handed:
        if lesson.fate in WORTH_SAYING:
            print(f"{lesson.name}  {WORTH_SAYING[lesson.fate].format(path=lesson.path)}")
    print(f"Your lessons are in {handed[0].path.parent}.")


def _split_at_dashes(words):
    if "--" not in words:
        return words, []
    place = words.index("--")
    return words[:place], words[place + 1 :]
