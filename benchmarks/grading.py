"""Submissions a minute, what share is a notebook's start, and what the box costs beside nbclient.

Processor seconds are counted besides those of the clock: other work on the machine is not in them.

python benchmarks/grading.py                      24 honest notebooks
python benchmarks/grading.py --submissions 200    honest and hostile ones mixed, in one run
"""

import argparse
import os
import resource
import tempfile
from pathlib import Path

from _tests import from_tests
from _timing import print_table

from hlmteach.grading.box import descendants, resident, walls
from hlmteach.grading.collect import collect
from hlmteach.grading.limits import Limits
from hlmteach.grading.run import Options, grade

BOOKS = from_tests("grading/books.py")
HOSTILE = {
    "loop": "while True: pass",
    "stubborn": "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    "exit": "import sys; sys.exit()",
    "hard exit": "import os; os._exit(0)",
    "memory": "x = []\nwhile True: x.append(b'1' * 10**7)",
    "fork": "import os\nwhile True: os.fork()",
    "output": "for i in range(100): print('x' * 10**6)",
    "parent": "import os\nos.kill(os.getppid(), 9)",
    "disk": "for i in range(99): open(f'f{i}', 'wb').write(b'x' * 40_000_000)",
}


def processor_seconds():
    """Of this process and of all that it started and that has ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def least(run, times=3):
    """The least processor seconds of several runs; other work on the machine is not in them."""
    taken = []
    for _ in range(times):
        before = processor_seconds()
        run()
        taken.append(processor_seconds() - before)
    return min(taken)


def boxed(text, folder):
    path = folder / "one.ipynb"
    path.write_text(text)
    return lambda: collect(path, Limits(), "always")


def alone(text):
    """By nbclient, from this process and without any limit."""
    import nbformat
    from nbclient import NotebookClient

    book = nbformat.reads(text, as_version=4)
    return lambda: NotebookClient(book, kernel_name="python3").execute()


def class_run(folder, count, hostile, jobs):
    """Grade a class; return the summary, and how much this process has grown."""
    (folder / "in").mkdir()
    names = list(HOSTILE)
    for i in range(count):
        who = f"student {i}"
        bad = hostile and i % 4 == 3
        more = [HOSTILE[names[i // 4 % len(names)]]] if bad else []
        cells = [BOOKS.WHO.format(who), BOOKS.K, *more, BOOKS.AIC]
        (folder / "in" / f"{who}.ipynb").write_text(BOOKS.book(*cells))
    before = resident(os.getpid())
    limits = Limits(cell=10, total=60, memory=1500)
    options = Options(folder / "grades.csv", ("08-1", "08-2"), jobs=jobs, limits=limits)
    return grade(folder / "in", options), resident(os.getpid()) - before


def in_order(summary):
    """(number, person) of each student."""
    return [(int(person.files[0].split()[1].split(".")[0]), person) for person in summary.people]


def one_notebook(folder):
    """What a notebook costs, and what share of it is the start of Python and Jupyter."""
    honest = BOOKS.honest("anna")
    costs = {
        "boxed": least(boxed(honest, folder)),
        "boxed, one empty cell: start and end alone": least(boxed(BOOKS.book("pass"), folder)),
        "nbclient alone, in a process that has its imports": least(alone(honest)),
    }
    whole = costs["boxed"]
    rows = [
        {"one notebook": name, "processor s": f"{cost:.2f}", "of boxed": f"{cost / whole:.0%}"}
        for name, cost in costs.items()
    ]
    print_table("one notebook", rows, list(rows[0]))


def whole_class(folder, count, jobs):
    """Grade a class, honest or with hostile ones among them."""
    hostile = count >= 100
    before = processor_seconds()
    summary, grown = class_run(folder, count, hostile, jobs)
    used = processor_seconds() - before
    full = {True: [], False: []}
    for number, person in in_order(summary):
        full[hostile and number % 4 == 3].append(person.points == 2)
    row = {
        "submissions": count,
        "jobs": jobs,
        "seconds": f"{summary.seconds:.0f}",
        "a minute": f"{60 * count / summary.seconds:.1f}",
        "processor s each": f"{used / count:.2f}",
        "a minute on two idle cores": f"{120 * count / used:.0f}",
        "honest, all points": f"{sum(full[False])} of {len(full[False])}",
        "hostile, all points": f"{sum(full[True])} of {len(full[True])}",
        "grown by MB": f"{grown / 1e6:.0f}",
        "processes left": len(descendants(os.getpid())),
    }
    print_table("a class", [row], list(row))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=24)
    parser.add_argument("--jobs", type=int, default=2)
    args, _ = parser.parse_known_args()
    print(f"Isolation: {walls()}.")
    with tempfile.TemporaryDirectory(prefix="g") as name:
        one_notebook(Path(name))
        whole_class(Path(name), args.submissions, args.jobs)


if __name__ == "__main__":
    main()
