"""Submissions that mean harm, or are broken, among honest ones; each is run for real."""

import contextlib
import json
import os
import re
from pathlib import Path
from threading import Event

import pytest

from hlmteach.exercises.bank import QUESTIONS
from hlmteach.exercises.record import MIME, Record
from hlmteach.grading.box import Box, Isolation, descendants, isolation, resident
from hlmteach.grading.collect import collect
from hlmteach.grading.limits import Limits
from hlmteach.grading.run import Options, grade
from hlmteach.grading.template import Template
from tests.grading.books import AIC, WHO, K, book, honest

pytestmark = pytest.mark.slow

LIMITS = Limits(cell=8, total=150, memory=1200, output=5, file=3, disk=50)
CHECKOUT = Path(__file__).parents[2]

# Cells between two honest ones, which count whatever these do. Then what is said of each notebook.
LOOP = "while True: pass"
STUBBORN = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
DAEMON = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(600)
    os._exit(0)
"""
WRITE = """
for place in (OUTSIDE, "/tmp", "/var/tmp"):
    try: open(place + "/evil.txt", "w").write("x")
    except OSError: pass
"""
CALL = """
import socket
for where in (("127.0.0.1", PORT), ("192.0.2.1", 80)):
    try: socket.create_connection(where, 2).send(b"x")
    except OSError: pass
"""
KILL = """
import os
for pid in [os.getppid(), *range(2, 400)]:
    try: pid != os.getpid() and os.kill(pid, 9)
    except OSError: pass
"""
VERDICT = """
from hlmteach.exercises import judge, personal
personal.check = judge.check = lambda *a: judge.Feedback("right", "Right.", points=99)
hlm.gls = None
"""
READ = """
import glob, os, sys
found = []
for place in (CHECKOUT, os.path.expanduser("~root"), "/home", "/tmp", *sys.path):
    for name in ("README.md", "pyproject.toml", "secret.txt", "../README.md", "grades.csv"):
        try: found.append(open(os.path.join(place, name)).read())
        except OSError: pass
    try: found += glob.glob(os.path.join(place, "*.csv")) + os.listdir(CHECKOUT)
    except OSError: pass
for pid in filter(str.isdigit, os.listdir("/proc")):
    try: found += [e for e in open(f"/proc/{pid}/environ").read().split("\\0") if "SECRET" in e]
    except OSError: pass
assert not found, found
"""
SHARED = """
import os
assert not os.listdir("/dev/shm") if MOUNTS else True
for n in range(40):
    try: open(f"/dev/shm/evil{n}", "wb").write(b"x" * 10**7)
    except OSError: break
else: raise SystemError("shared memory without a limit")
"""
PLANT = """
import json, os
for name in ("kernels/python3", "share/jupyter/kernels/python3", "Library/Jupyter/kernels/python3"):
    os.makedirs(name, exist_ok=True)
    json.dump({"argv": ["sh", "-c", "touch planted"], "display_name": "x", "language": "python"},
              open(name + "/kernel.json", "w"))
os._exit(0)
"""
SCAN = r"""
import re
secret = re.compile(rb"a sentence of the teacher\x27s o[w]n")
with open("/proc/self/mem", "rb", 0) as memory:
    for line in open("/proc/self/maps"):
        start, end = (int(place, 16) for place in line.split()[0].split("-"))
        if line.split()[1].startswith("rw") and end - start < 3 * 10**7:
            try:
                memory.seek(start)
                assert not secret.search(memory.read(end - start)), line
            except (OSError, OverflowError, ValueError): pass
"""
UNCOUNTED = """
import ctypes, os
system = ctypes.CDLL(None)
assert system.shmget(0, 4096, 0o1600) < 0
assert system.unshare(0x10000000) < 0
try: os.memfd_create("x")
except OSError: pass
else: raise SystemError("memory that nobody counts")
"""
INTERRUPT = """
import os, signal, time
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT):
    try: os.kill(os.getppid(), number)
    except OSError: pass
    time.sleep(0.1)
"""
AFTERWARDS = """
import atexit, os, threading, time
def later():
    time.sleep(0.5)
    hlm.exercise("08-4").answer = 99
atexit.register(later)
threading.Thread(target=later).start()
if os.fork() == 0:
    time.sleep(1)
    later()
    os._exit(0)
"""
REPLACE = """
import builtins, sys
kept = hlm.exercise, builtins.float, builtins.abs
hlm.exercise = sys.modules["hlmteach.exercises.desk"].exercise = lambda *a, **k: None
sys.modules["hlmteach.exercises.judge"] = sys.modules["hlmteach.exercises.record"] = None
builtins.float = builtins.abs = lambda *a: 3.0
hlm.exercise, builtins.float, builtins.abs = kept
"""
NEST = """
import os
home = os.getcwd()
for _ in range(3000):
    os.mkdir("d")
    os.chdir("d")
os.chdir(home)
if not MOUNTS: raise SystemExit(__import__("time").sleep(5))
"""
FILL = """
import glob, os
try:
    for n in range(200_000): open(f"f{n}", "wb").write(b"x" * BYTES)
finally:
    for name in glob.glob("f*"): os.unlink(name)
"""
HOLD = """
import os
held = []
for n in range(40):
    held.append(open("h", "wb", 0))
    os.unlink("h")
    held[-1].write(b"x" * 10**7)
"""
FILLS = [NEST, FILL.replace("BYTES", "0"), FILL.replace("BYTES", "10**7"), HOLD]
CELLS = {
    "reads": ([READ], []),
    "shares": ([SHARED], []),
    "tries": ([UNCOUNTED, INTERRUPT, AFTERWARDS, REPLACE, SCAN], []),
    "plants": ([PLANT, "import os; assert not os.path.exists('planted')"], ["cell 2: died"]),
    "captures": (
        [
            f"%%capture\n{K}",
            f"from IPython.utils.io import capture_output\nwith capture_output():\n    {K}",
            f"import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()):\n    {K}",
            f"import ipywidgets\nout = ipywidgets.Output()\nwith out:\n    {K}",
            f"from IPython.display import clear_output\n{K}\nclear_output()",
        ],
        [],
    ),
    "shells": (
        [f"!echo hello\n%pip --version\nfound = !echo hello\nassert found == ['hello']\n{K}"],
        [],
    ),
    "loops": ([LOOP, STUBBORN], ["cell 2: timeout", "cell 3: timeout"]),
    "hard-exit": (["import os; os._exit(0)"], ["cell 2: died"]),
    "memory": (["x = []\nwhile True: x.append(b'1' * 10**7)"], ["cell 2"]),
    "fork": (["import os\nwhile True: os.fork()"], ["cell 2"]),
    "output": (["for i in range(100): print('x' * 10**6)"], ["cell 2: output"]),
    "one-output": (["print('x' * 10**8)"], ["cell 2: output"]),
    "many": (
        [
            *("import sys; sys.exit(0)", "1 / 0", "not (python", WRITE, CALL, DAEMON, VERDICT),
            "raise type('\\x1b[2J\\n=cmd', (Exception,), {})",
            KILL,
        ],
        [
            "cell 2: error: SystemExit",
            "cell 3: error: ZeroDivisionError",
            "SyntaxError",
            "[2J =cmd",
        ],
    ),
}

# Each handed in as an answer.
JUNK = (
    "float('nan')",
    "float('inf')",
    "'1e400'",
    "True",
    "object()",
    "b'3'",
    "list(range(10**6))",
    "type('Any', (), {'__eq__': lambda *a: True, '__float__': lambda s: 3.0})()",
    "type('F', (float,), {'__eq__': lambda *a: True, '__hash__': None})(2)",
    "type('S', (str,), {'__len__': lambda s: 1, '__eq__': lambda *a: True})('x' * 10**6)",
    "type('I', (int,), {'__int__': lambda s: 10**9999, '__abs__': lambda s: 1})(3)",
    "10**400",
    "3 + 0j",
)
NUMBERS = [q.id for q in QUESTIONS.values() if q.kind.name == "number"][: len(JUNK)]

EXERCISES = ("08-1", "08-2", *(name for name in NUMBERS if name not in ("08-1", "08-2")))
FORGED = {"08-1": Record("08-1", "forger", "", 2, "code", solved=True, status="right").as_dict()}


def saved(answer):
    """A notebook with an answer typed on a card, and no code that hands anything in."""
    record = Record("08-1", "typist", "", answer, "widget", attempts=1, turn=2).as_dict()
    return book('hlm.exercise("08-1")', metadata={"hlmteach": {"answers": {"08-1": record}}})


FILES = {
    "broken.ipynb": "{",
    "picture.ipynb": "\x89PNG\r\n",
    "deep.ipynb": "[" * 200_000,
    "large.ipynb": " " * 4_000_000,
    "empty.ipynb": "",
    "no-cells.ipynb": json.dumps({"nbformat": 4}),
    "deleted.ipynb": book(WHO.format("bo"), AIC),
    "reordered.ipynb": book(AIC, K, WHO.format("reordered")),
    "same-ids.ipynb": book(WHO.format("same-ids"), K, AIC, ids={0: "a", 1: "a", 2: "a"}),
    "metadata.ipynb": book(
        WHO.format("metadata"), K, AIC, metadata={"kernelspec": {"name": "evil"}, "hlmteach": 3}
    ),
    "forger.ipynb": book('hlm.exercise("08-1")', metadata={"hlmteach": {"answers": FORGED}}),
    "copied.ipynb": book(WHO.format("bo"), K, AIC),
    "published.ipynb": book(
        WHO.format("published"),
        K,
        f"from IPython.display import publish_display_data as p\n"
        f"p({{{MIME!r}: {{'exercise': '08-2', 'answer': 3, 'points': 99, 'status': 'right'}}}})\n"
        f"for i in range(3000): p({{{MIME!r}: {{'exercise': f'{{i:05d}}', 'answer': 'x' * 999}}}})",
    ),
    "typist.ipynb": saved("3"),
    "junk.ipynb": book(
        WHO.format("junk"),
        *(f'hlm.exercise("{n}").answer = {a}' for n, a in zip(NUMBERS, JUNK, strict=True)),
    ),
}


WAYS = ["started"]
if isolation().mounts and isolation().files:
    WAYS.append("forked")


@pytest.fixture(scope="module", params=WAYS)
def template(request):
    """What notebooks are forked from; None where Python is started for each."""
    if request.param == "started":
        yield None
    else:
        with Template() as template:
            yield template
            assert template.started_anew == 0, template.refused


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory, template):
    """Grade them all in one run; return the people by their file, and what was before and after."""
    folder = tmp_path_factory.mktemp("hostile")
    outside, scratch = folder / "outside", folder / "t"
    outside.mkdir()
    scratch.mkdir()
    files = FILES | {
        f"{name}.ipynb": book(WHO.format(name), K, *cells, AIC)
        for name, (cells, _) in CELLS.items()
    }
    files["fills.ipynb"] = book(WHO.format("fills"), K, *FILLS, AIC)
    files |= {f"honest-{number}.ipynb": honest(f"honest-{number}") for number in range(2)}
    return run(folder, scratch, outside, files, cold=template is None)


def aimed(text, port, outside, secrets):
    """A cell or a notebook that knows where to knock, write and read."""
    text = text.replace("PORT", str(port)).replace("OUTSIDE", f"'{outside}'")
    return text.replace("CHECKOUT", f"'{secrets}'").replace("MOUNTS", str(isolation().mounts))


def run(folder, scratch, outside, files, cold):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        (folder / "in").mkdir()
        for name, text in files.items():
            text = aimed(text, port, outside, CHECKOUT)
            (folder / "in" / name).write_text(text, encoding="utf-8")
        before, running = resident(os.getpid()), graders()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("tempfile.tempdir", str(scratch))
            patch.setenv("HLMTEACH_SECRET", "a sentence of the teacher's own")
            out = folder / "out" / "grades.csv"
            options = Options(out, EXERCISES, jobs=2, limits=LIMITS, cold=cold)
            summary = grade(folder / "in", options)
        try:
            server.accept()
            heard = True
        except TimeoutError:
            heard = False
    return {
        "people": {person.files[0].removesuffix(".ipynb"): person for person in summary.people},
        "summary": summary,
        "grown": resident(os.getpid()) - before,
        "heard": heard,
        "running": running,
        "left": [*scratch.iterdir(), *outside.iterdir()],
        "out": folder / "out",
    }


def verdicts(handed_in, name):
    return [line.verdict for line in handed_in["people"][name].lines[:2]]


@pytest.mark.parametrize("number", range(2))
def test_the_honest_have_all_their_points(handed_in, number):
    person = handed_in["people"][f"honest-{number}"]
    assert (person.points, person.notes) == (2, ())


@pytest.mark.parametrize("name", CELLS)
def test_what_was_answered_around_bad_cells_counts(handed_in, name):
    assert verdicts(handed_in, name) == ["right", "right"]
    assert handed_in["people"][name].points == 2


SAID = {name: said for name, (_, said) in CELLS.items()} | {
    "broken": ["not a notebook: not JSON"],
    "picture": ["not a notebook: not JSON"],
    "deep": ["not a notebook"],
    "empty": ["not a notebook: not JSON"],
    "no-cells": ["not a notebook: no notebook"],
    "large": ["too large: over 3 MB"],
    "copied": ["id used more than once"],
    "deleted": ["id used more than once"],
}


@pytest.mark.parametrize("name", SAID)
def test_each_has_a_clear_status(handed_in, name):
    notes = "; ".join(handed_in["people"][name].notes)
    assert all(words in notes for words in SAID[name]), notes


@pytest.mark.skipif(not isolation().mounts, reason="this system gives nobody mounts of their own")
@pytest.mark.parametrize("name", ["reads", "shares", "captures", "shells", "tries"])
def test_these_do_what_they_may_and_find_nothing(handed_in, name):
    assert handed_in["people"][name].notes == ()


def test_a_full_disk_is_one_s_own(handed_in):
    """Empty files, large ones, and those held after their end; else the run is ended."""
    notes = "; ".join(handed_in["people"]["fills"].notes)
    if isolation().mounts:
        assert verdicts(handed_in, "fills") == ["right", "right"]
        # Which OSError depends on what is full first.
        cells = re.findall(r"cell (\d): error: (?:OSError|IsADirectoryError)\b", notes)
        assert cells == ["3", "4", "5"]
    else:
        assert verdicts(handed_in, "fills") == ["right", "blank"]
        assert "disk" in notes


@pytest.mark.parametrize("how", ["%%capture\n", ""])
def test_an_answer_that_is_captured_counts(tmp_path, how, template):
    """It is the only one in the notebook."""
    inside = (
        K
        if how
        else f"from IPython.utils.io import capture_output\nwith capture_output():\n    {K}"
    )
    path = tmp_path / "x.ipynb"
    path.write_text(book(WHO.format("anna"), f"{how}{inside}"))
    assert collect(path, LIMITS, template=template).records.keys() == {"08-1"}


def test_no_junk_passes_for_an_answer(handed_in):
    lines = {line.exercise: line for line in handed_in["people"]["junk"].lines}
    assert {lines[name].points for name in NUMBERS} == {0}
    assert {lines[name].verdict for name in NUMBERS} <= {"malformed", "blank", "wrong", "mistake"}


def test_files_that_cannot_be_read_are_rows(handed_in):
    for name in ("broken", "picture", "deep", "large", "empty", "no-cells"):
        assert {line.verdict for line in handed_in["people"][name].lines} == {"blank"}
    assert len(handed_in["people"]) == handed_in["summary"].files


def test_deleted_reordered_and_renamed_cells(handed_in):
    assert verdicts(handed_in, "deleted") == ["blank", "right"]
    assert "reordered" in handed_in["people"]
    assert verdicts(handed_in, "same-ids") == ["right", "right"]
    assert verdicts(handed_in, "metadata") == ["right", "right"]


def test_forged_records_are_answers_and_no_more(handed_in):
    assert handed_in["people"]["forger"].points == 0
    assert handed_in["people"]["published"].points <= 2
    assert handed_in["people"]["typist"].lines[0].verdict == "right"


@pytest.mark.skipif(not isolation().files, reason="this system cannot forbid writing")
def test_nothing_was_written_elsewhere(handed_in):
    assert handed_in["left"] == []
    assert not os.path.exists("/tmp/evil.txt")
    assert not os.path.exists("/var/tmp/evil.txt")


@pytest.mark.skipif(
    not (isolation().network or isolation().tcp), reason="this system cannot forbid the network"
)
def test_nobody_was_heard_outside(handed_in):
    assert not handed_in["heard"]


def graders() -> set[int]:
    """Processes below this one that run submissions (other tests keep a browser and a server)."""
    found = set()
    for pid in descendants(os.getpid()):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:
            name = file.read()
            if any(word in name for word in (b"ipykernel", b"grading.runner", b"grading.forked")):
                found.add(pid)
    return found


def test_no_process_is_left(handed_in):
    assert graders() <= handed_in["running"]


def test_the_grader_stays_small(handed_in):
    assert handed_in["grown"] < 300e6


def test_no_way_was_left_without_a_word(handed_in):
    assert [words for words in handed_in["summary"].words if "Python" in words] == []


def test_nobody_takes_longer_than_the_limit(handed_in):
    kept = [
        json.loads(p.read_text()) for p in (handed_in["out"] / ".hlmteach-collected").glob("*.json")
    ]
    assert max(one["seconds"] for one in kept) < LIMITS.total + 15


def test_a_second_run_collects_nothing_again(handed_in):
    again = grade(
        handed_in["out"].parent / "in",
        Options(handed_in["out"] / "again.csv", EXERCISES, jobs=2, limits=LIMITS),
    )
    assert again.collected_before == again.files
    assert (handed_in["out"] / "again.csv").read_text() == (
        handed_in["out"] / "grades.csv"
    ).read_text()


def has_begun() -> bool:
    """Whether a kernel has written the file `begun` into its folder, which it alone may see."""
    return any(os.path.exists(f"/proc/{pid}/cwd/begun") for pid in descendants(os.getpid()))


def test_the_total_limit_ends_it_all(template, short_tmp, tmp_path, monkeypatch):
    """The time is up as soon as the loop has begun, however slow this machine is."""
    path = tmp_path / "x.ipynb"
    path.write_text(book(WHO.format("anna"), K, "open('begun', 'w')\nwhile True: pass", AIC))
    monkeypatch.setattr(Box, "time_left", property(lambda box: -1.0 if has_begun() else 60.0))
    found = collect(path, Limits(cell=300, total=600), template=template)
    assert found.problem == "timeout"
    assert found.records.keys() == {"08-1"}
    assert list(short_tmp.iterdir()) == []


def test_a_notebook_that_takes_all_memory_to_read_is_ended(template, short_tmp, tmp_path):
    path = tmp_path / "x.ipynb"
    path.write_text('{"cells": [' + "{}," * 8_000_000 + "{}]}")
    limits = Limits(memory=300)
    assert collect(path, limits, template=template).problem == "memory"
    assert list(short_tmp.iterdir()) == []


def test_a_run_that_is_stopped_ends_at_once(template, short_tmp, tmp_path):
    path = tmp_path / "x.ipynb"
    path.write_text(book(WHO.format("anna"), "while True: pass", AIC))
    before, stop = graders(), Event()
    stop.set()
    found = collect(path, Limits(cell=300, total=600), stop=stop, template=template)
    assert found.problem == "stopped"
    assert list(short_tmp.iterdir()) == []
    assert graders() <= before


def test_without_walls_the_limits_still_hold(short_tmp, tmp_path, monkeypatch):
    """As on a system that lets nobody make namespaces."""
    bare = Isolation(prefix=(), network=False, processes=False, mounts=False, files=False)
    for module in ("box", "collect"):
        monkeypatch.setattr(f"hlmteach.grading.{module}.isolation", lambda: bare)
    path = tmp_path / "x.ipynb"
    path.write_text(book(WHO.format("anna"), K, DAEMON, LOOP, "import os; os._exit(0)", AIC))
    before = graders()
    found = collect(path, Limits(cell=8, total=150))
    assert found.records.keys() == {"08-1", "08-2"}
    assert found.troubles == ("cell 3: timeout", "cell 4: died")
    assert found.problem == ""
    assert list(short_tmp.iterdir()) == []
    assert graders() <= before
