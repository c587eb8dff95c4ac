"""The command `hlmteach`: each verb is a function that runs it and one that declares it."""

import argparse
import os
import sys

from hlmteach import __version__
from hlmteach.course.build import build_lessons
from hlmteach.course.cheatsheet import write_cheatsheet
from hlmteach.course.check import check_lessons
from hlmteach.course.doctor import examine
from hlmteach.course.handout import copy_lessons
from hlmteach.course.lab import lab_arguments, open_lab
from hlmteach.course.pages import write_pages
from hlmteach.course.present import present
from hlmteach.errors import HLMError
from hlmteach.grading.command import add_assign, add_grade

WORTH_SAYING = {
    "new": "copied",
    "renewed": "renewed: you had not changed it",
    "beside": "kept as you left it; its new version is beside it:",
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
    for add in (add_lab, add_present, add_lessons, add_grade, add_assign, add_doctor):
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
    verb.set_defaults(run=run_present)


def run_present(args):
    """Serve the widget until stopped."""
    present(args.name, args.preset, not args.no_browser, args.port)
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
    copy.set_defaults(run=run_copy)
    pages = inner.add_parser("html", help="write the course as pages that work offline")
    pages.add_argument("out", metavar="OUT")
    pages.add_argument("--lessons", metavar="DIR", default="lessons")
    pages.set_defaults(run=run_pages)
    sheet = inner.add_parser("cheatsheet", help="write the course on one page, as a PDF")
    sheet.add_argument("file", metavar="FILE", nargs="?", default="lessons/cheatsheet.pdf")
    sheet.set_defaults(run=run_cheatsheet)


def run_build(args):
    """Build the notebooks."""
    for path in build_lessons(args.folder):
        print(f"built  {path}")
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
    """Copy the lessons."""
    _report_copies(copy_lessons(args.folder))
    return 0


def run_pages(args):
    """Write the pages."""
    pages = write_pages(args.lessons, args.out)
    print(f"{len(pages)} pages; open {pages[0]}")
    return 0


def run_cheatsheet(args):
    """Write the cheat sheet."""
    print(f"written  {write_cheatsheet(args.file)}")
    return 0


def add_doctor(verbs):
    """Declare `hlmteach doctor`."""
    verb = verbs.add_parser("doctor", help="say what is missing here, and how to mend it")
    verb.set_defaults(run=run_doctor)


def run_doctor(args):
    """Look at this machine, and say what was found."""
    ailing = 0
    for finding in examine():
        print(finding, flush=True)
        ailing += finding.ails
    print("All is well." if not ailing else f"To mend: {ailing}.")
    return int(ailing > 0)


def _port(text):
    if text.isascii() and text.isdigit() and 1 <= int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text} is no port: give a whole number from 1 to 65535")


def _report_copies(handed):
    for lesson in handed:
        if lesson.fate in WORTH_SAYING:
            shown = f" {lesson.path.name}" if lesson.fate == "beside" else ""
            print(f"{lesson.name}  {WORTH_SAYING[lesson.fate]}{shown}")
    print(f"Your lessons are in {handed[0].path.parent}.")


def _split_at_dashes(words):
    if "--" not in words:
        return words, []
    place = words.index("--")
    return words[:place], words[place + 1 :]
