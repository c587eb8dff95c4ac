"""What a notebook costs, started and forked, beside nbclient alone; and submissions a minute.

Processor seconds are counted besides those of the clock: other work on the machine is not in them.
They are those of all processes, kernels that were killed included.

python benchmarks/grading.py                      24 honest notebooks
python benchmarks/grading.py --cold               a Python started for each
python benchmarks/grading.py --submissions 200    honest and hostile ones mixed, in one run
"""

import argparse
import contextlib
import ctypes
import json
import os
import resource
import tempfile
import time
from pathlib import Path

from _tests import from_tests
from _timing import print_table

from hlmteach.course.handout import shipped_lessons
from hlmteach.grading.box import descendants, isolation, resident
from hlmteach.grading.collect import collect
from hlmteach.grading.limits import Limits
from hlmteach.grading.run import Options, grade
from hlmteach.grading.template import Template

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


SET_CHILD_SUBREAPER = 36  # of prctl(2)


def inherit_orphans():
    """Become the parent of whatever loses its own: what a killed kernel used is then known."""
    ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def processor_seconds():
    """Of this process and of all below it that has ended."""
    with contextlib.suppress(ChildProcessError):  # none is left
        while os.waitpid(-1, 0):
            pass
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def each(run, times=3):
    """Processor seconds and seconds of each of several more, whatever the first one costs."""
    spent = []
    for count in (1, 1 + times):
        before, began = processor_seconds(), time.perf_counter()
        run(count)
        taken = time.perf_counter() - began
        spent.append((processor_seconds() - before, taken))
    (first, began), (last, ended) = spent
    return (last - first) / times, (ended - began) / times


def started(path):
    """Collect a notebook several times, in a Python of its own each time."""
    return lambda count: [collect(path, Limits(), "always") for _ in range(count)]


def forked(path, times=6):
    """Processor seconds and seconds of a notebook in a fork of one process that is ready.

    The kernel's are by its own clock, which a last cell reads: they are lost when it ends.
    """
    book = json.loads(path.read_text())
    clock = 'import time, hlmteach as hlm\nhlm.exercise("08-4").answer = time.process_time()'
    book["cells"].append({"cell_type": "code", "source": clock})
    clocked = path.with_stem("clocked")
    clocked.write_text(json.dumps(book))
    kernels = []
    with Template() as template:
        for number in range(1 + times):
            if number == 1:
                before, began = seconds_of_children(template), time.perf_counter()
            found = collect(clocked, Limits(), "always", template=template)
            kernels.append(found.records["08-4"].answer)
        taken = (time.perf_counter() - began) / times
        used = (seconds_of_children(template) - before) / times
    return used + sum(kernels[1:]) / times, taken


def seconds_of_children(template):
    """Processor seconds of all that was forked and has ended, kernels left out."""
    fields = Path(f"/proc/{template._process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, fields[13:15])) / os.sysconf("SC_CLK_TCK")


def alone(path):
    """Run it by nbclient, from this process and without any limit."""
    import nbformat
    from nbclient import NotebookClient

    book = nbformat.read(path, as_version=4)
    return lambda count: [
        NotebookClient(book, kernel_name="python3").execute() for _ in range(count)
    ]


def class_run(folder, count, hostile, jobs, cold):
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
    asked = ("08-1", "08-2")
    options = Options(folder / "grades.csv", asked, jobs=jobs, limits=limits, cold=cold)
    return grade(folder / "in", options), resident(os.getpid()) - before


def in_order(summary):
    """(number, person) of each student."""
    return [(int(person.files[0].split()[1].split(".")[0]), person) for person in summary.people]


def one_notebook(folder):
    """What a notebook costs: forked, started, and by nbclient alone."""
    texts = {
        "two answers": BOOKS.honest("anna"),
        "one empty cell: start and end alone": BOOKS.book("pass"),
        "lesson 08": next(p for p in shipped_lessons() if p.name.startswith("08")).read_text(),
    }
    for name, text in texts.items():
        path = folder / "one.ipynb"
        path.write_text(text)
        costs = {
            "forked": forked(path),
            "started": each(started(path)),
            "nbclient alone": each(alone(path)),
        }
        rows = [
            {"each": way, "processor s": f"{used:.2f}", "seconds": f"{taken:.2f}"}
            for way, (used, taken) in costs.items()
        ]
        print_table(name, rows, list(rows[0]))


def whole_class(folder, count, jobs, cold):
    """Grade a class, honest or with hostile ones among them."""
    hostile = count >= 100
    before = processor_seconds()
    summary, grown = class_run(folder, count, hostile, jobs, cold)
    used = processor_seconds() - before
    full = {True: [], False: []}
    for number, person in in_order(summary):
        full[hostile and number % 4 == 3].append(person.points == 2)
    row = {
        "submissions": count,
        "jobs": jobs,
        "each": "started" if cold else "forked",
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
    parser.add_argument("--cold", action="store_true", help="start a Python for each notebook")
    args, _ = parser.parse_known_args()
    print(f"Isolation: {isolation()}.")
    inherit_orphans()
    with tempfile.TemporaryDirectory(prefix="g") as name:
        one_notebook(Path(name))
        whole_class(Path(name), args.submissions, args.jobs, args.cold)


if __name__ == "__main__":
    main()
