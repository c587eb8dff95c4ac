"""Submissions a minute, what share is a notebook's start, and what the box costs beside nbclient.

python benchmarks/grading.py                      24 honest notebooks
python benchmarks/grading.py --submissions 200    honest and hostile ones mixed, in one run
"""

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

from hlmteach.grading.box import descendants, walls
from hlmteach.grading.collect import collect
from hlmteach.grading.limits import Limits
from hlmteach.grading.run import Options, grade

WHO = 'import hlmteach as hlm\nhlm.student("{}")'
K = 'hlm.exercise("08-1").answer = 3'
AIC = (
    'ex = hlm.exercise("08-2")\n'
    'model = hlm.lme("Satisfaction ~ 1", data=ex.data, random="~1|Time", method="ML")\n'
    "ex.answer = model.aic"
)
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


def book(*cells):
    made = [
        {"cell_type": "code", "id": f"c{i}", "metadata": {}, "source": cell, "outputs": []}
        for i, cell in enumerate(cells)
    ]
    for cell in made:
        cell["execution_count"] = None
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def one_run(text, folder, limits):
    """Seconds that one notebook takes in its box."""
    path = folder / "one.ipynb"
    path.write_text(text)
    started = time.perf_counter()
    collect(path, limits, "always")
    return time.perf_counter() - started


def plain_run(text):
    """Seconds that nbclient alone takes for it, in this process and without any limit."""
    import nbformat
    from nbclient import NotebookClient

    started = time.perf_counter()
    NotebookClient(nbformat.reads(text, as_version=4), kernel_name="python3").execute()
    return time.perf_counter() - started


def best(measure, times=3):
    return min(measure() for _ in range(times))


def class_run(folder, count, hostile, jobs):
    """Grade a class; return the summary, and how much this process has grown."""
    (folder / "in").mkdir()
    names = list(HOSTILE)
    for i in range(count):
        who = f"student {i}"
        bad = hostile and i % 4 == 3
        cells = [WHO.format(who), K, *([HOSTILE[names[i // 4 % len(names)]]] if bad else []), AIC]
        (folder / "in" / f"{who}.ipynb").write_text(book(*cells))
    before = resident()
    limits = Limits(cell=10, total=60, memory=1500)
    options = Options(folder / "grades.csv", ("08-1", "08-2"), jobs=jobs, limits=limits)
    return grade(folder / "in", options), resident() - before


def in_order(summary):
    """(number, person) of each student."""
    return [(int(person.files[0].split()[1].split(".")[0]), person) for person in summary.people]


def resident():
    if not Path("/proc/self/statm").exists():
        return 0
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=24)
    parser.add_argument("--jobs", type=int, default=2)
    args, _ = parser.parse_known_args()
    hostile = args.submissions >= 100
    honest = book(WHO.format("anna"), K, AIC)
    print(f"Isolation: {walls()}. Jobs: {args.jobs}.")
    with tempfile.TemporaryDirectory(prefix="g") as name:
        folder, limits = Path(name), Limits()
        boxed = best(lambda: one_run(honest, folder, limits))
        empty = best(lambda: one_run(book("pass"), folder, limits))
        plain = best(lambda: plain_run(honest))
        print(f"one notebook, boxed          {boxed:6.2f} s")
        print(f"  of it start and end        {empty:6.2f} s   {empty / boxed:4.0%}")
        print(f"nbclient alone               {plain:6.2f} s   boxed / alone {boxed / plain:.2f}")
        summary, grown = class_run(folder, args.submissions, hostile, args.jobs)
        rate = 60 * args.submissions / summary.seconds
        print(f"{args.submissions} submissions              {summary.seconds:6.1f} s")
        print(f"submissions a minute         {rate:6.1f}")
        for kind in ("honest", "hostile")[: 1 + hostile]:
            both = [
                person.points == 2
                for number, person in in_order(summary)
                if (hostile and number % 4 == 3) == (kind == "hostile")
            ]
            print(f"{kind}, both answers count   {sum(both)} of {len(both)}")
        print(f"this process has grown by    {grown / 1e6:6.1f} MB")
        left = descendants(os.getpid())
        print(f"processes left               {len(left)}")


if __name__ == "__main__":
    main()
