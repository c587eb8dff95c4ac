"""Notebooks in forks of one process: each as in one of its own, and nothing goes to the next."""

import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hlmteach.grading.box import Isolation, descendants, isolation
from hlmteach.grading.collect import collect
from hlmteach.grading.limits import Limits
from hlmteach.grading.run import Options, grade
from hlmteach.grading.template import NotForked, Template
from tests.grading.books import WHO, K, book, honest
from tests.grading.test_hostile import has_begun, saved

LIMITS = Limits(cell=30, total=150)
NEEDS_WALLS = pytest.mark.skipif(
    not (isolation().mounts and isolation().files), reason="this system gives too few walls"
)

# Facts of a cell as an answer: each in 300 characters, the rest as its mark.
TELL = """
import hashlib, json
def shown(value):
    text = json.dumps(value)
    return text if len(text) < 300 else text[:200] + hashlib.sha256(text.encode()).hexdigest()
hlm.exercise("08-1").answer = {name: shown(value) for name, value in facts.items()}
"""
# What a cell can see of where it runs.
PLACE = """
import getpass, os, resource, signal, socket, sys, tempfile
here = os.getcwd()
status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
names = ("Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs",
         "Seccomp", "SigIgn", "SigBlk")
def opened(place):
    try: open(place).close()
    except OSError as error: return type(error).__name__
    return "opened"
def told(path):
    return str(path).replace(here, "HERE").replace(os.path.dirname(here), "ABOVE")
facts = {
    **{name: status[name].split() for name in names[:3]},
    "capabilities": [status[name].strip() for name in names[3:8]],
    "rest": [status[name].strip() for name in names[8:]],
    "limits": [resource.getrlimit(n) for n in range(16)],
    "path": list(map(told, sys.path)),
    "environment": {n: told(os.environ[n]) for n in os.environ if n[:3] not in ("JPY", "PYD")},
    "temporary": told(tempfile.gettempdir()),
    "processes": len(list(filter(str.isdigit, os.listdir("/proc")))),
    "interfaces": socket.if_nameindex(),
    "mounts": sorted(told(line.split()[1]) for line in open("/proc/self/mounts")),
    "shm": os.listdir("/dev/shm"),
    "folder": sorted(name for name in os.listdir(".") if not name.startswith("tmp")),
    "runner": [opened(f"/proc/1/{name}") for name in ("environ", "mem", "fd/0")],
    "mine": [opened(f"/proc/self/{name}") for name in ("environ", "maps", "mem")],
    "umask": os.umask(0o22),
    "handlers": {n: str(signal.getsignal(n)).split(" at ")[0] for n in (2, 13, 15, 17)},
}
"""
FRESH = """
import random, uuid, numpy as np, scipy.stats
import builtins, os, sys
facts = {
    "random": random.random(),
    "numpy": np.random.rand(),
    "scipy": scipy.stats.norm.rvs(),
    "own stream": np.random.default_rng().random(),
    "uuid": str(uuid.uuid4()),
    "key": get_ipython().kernel.session.key.decode(),
    "marks": [name for name, there in {
        "module": hasattr(hlm, "MARK") or hasattr(builtins, "MARK") or hasattr(sys, "MARK"),
        "path": "/MARK" in sys.path, "environment": "MARK" in os.environ,
        "folder": "MARK" in os.listdir("."), "memory": "MARK" in os.listdir("/dev/shm"),
    }.items() if there],
    "before": get_ipython().user_ns.get("MARK"),
}
"""
LEAVE = """
import atexit, builtins, os, sys
hlm.MARK = builtins.MARK = sys.MARK = 1
sys.path.insert(0, "/MARK")
os.environ["MARK"] = "1"
open("/dev/shm/MARK", "w").write("1")
open("MARK", "w").write("1")
"""


@pytest.fixture(scope="module")
def template():
    with Template() as template:
        yield template


def tell(path, cells, template, trouble=""):
    """Collect a notebook that hands in what it found in the variable `facts`."""
    path.write_text(book(WHO.format("anna"), *cells, TELL))
    found = collect(path, LIMITS, template=template)
    assert found.problem == ""
    assert all(trouble and trouble in said for said in found.troubles), found.troubles
    return found.records["08-1"].answer


@NEEDS_WALLS
def test_a_kernel_finds_the_same_either_way(template, tmp_path):
    started = tell(tmp_path / "a.ipynb", [PLACE], None)
    forked = tell(tmp_path / "a.ipynb", [PLACE], template)
    assert template.refused == ""
    differ = {name: (started[name], forked[name]) for name in started}
    assert {name: pair for name, pair in differ.items() if pair[0] != pair[1]} == {}


@NEEDS_WALLS
def test_nothing_goes_from_one_fork_to_the_next(template, tmp_path):
    first = tell(tmp_path / "a.ipynb", [FRESH, LEAVE], template)
    second = tell(tmp_path / "b.ipynb", [FRESH], template)
    assert (first["marks"], first["before"]) == ("[]", "null")
    assert (second["marks"], second["before"]) == ("[]", "null")
    for name in ("random", "numpy", "scipy", "own stream", "uuid", "key"):
        assert first[name] != second[name], name


@NEEDS_WALLS
def test_a_second_kernel_of_one_notebook_is_fresh_too(template, tmp_path):
    facts = tell(tmp_path / "a.ipynb", [FRESH, LEAVE, "os._exit(0)"], template, "died")
    assert json.loads(facts["marks"]) == ["folder", "memory"]  # its own, as before


def in_a_class(tmp_path, *texts):
    """A folder of these notebooks, and how to grade it."""
    (tmp_path / "in").mkdir()
    for number, text in enumerate(texts):
        (tmp_path / "in" / f"{number}.ipynb").write_text(text)
    return tmp_path / "in", Options(tmp_path / "grades.csv", ("08-1",), limits=LIMITS, anyway=True)


def said_of(summary):
    """What is told of the template; everybody has all points."""
    assert [person.points for person in summary.people] == [1] * len(summary.people)
    return [words for words in summary.words if "Python" in words]


@NEEDS_WALLS
def test_a_class_is_forked_and_no_word_is_needed(tmp_path):
    assert said_of(grade(*in_a_class(tmp_path, *map(honest, "abc")))) == []


def test_a_system_that_refuses_walls_is_said(tmp_path, monkeypatch):
    walls = isolation()
    few = Isolation(walls.prefix, walls.network, walls.processes, mounts=False, files=walls.files)
    monkeypatch.setattr("hlmteach.grading.template.isolation", lambda: few)
    (said,) = said_of(grade(*in_a_class(tmp_path, *[saved(3)] * 3)))
    assert "anew for 3 notebooks, which takes longer" in said
    assert "too few walls" in said


@NEEDS_WALLS
@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import sys; sys.exit()", "it has ended"),
        ("import socket, sys; socket.socket(fileno=int(sys.argv[1])).send(b'no')", "no"),
        ("import time; time.sleep(60)", "no answer in 0.5 s"),
    ],
)
def test_a_template_that_fails_is_said(tmp_path, monkeypatch, code, said):
    monkeypatch.setattr("hlmteach.grading.template.SERVE", code)
    monkeypatch.setattr("hlmteach.grading.template.READY_IN", 0.5 if "sleep" in code else 60)
    (words,) = said_of(grade(*in_a_class(tmp_path, *[saved(3)] * 3)))
    assert f"({said})" in words


@NEEDS_WALLS
def test_a_template_that_dies_in_the_midst_is_said_and_costs_nobody_an_answer(tmp_path):
    folder, _ = in_a_class(tmp_path, honest("a"), honest("b"))
    with Template() as template:
        first = collect(folder / "0.ipynb", LIMITS, template=template)
        os.kill(template._process.pid, signal.SIGKILL)
        second = collect(folder / "1.ipynb", LIMITS, template=template)
    assert first.records.keys() == second.records.keys() == {"08-1", "08-2"}
    assert (template.started_anew, template.refused != "") == (1, True)


@NEEDS_WALLS
def test_with_the_template_all_ends_that_it_forked(short_tmp, tmp_path):
    path = tmp_path / "x.ipynb"
    path.write_text(book(WHO.format("anna"), K, "open('begun', 'w')\nwhile True: pass"))
    before = set(descendants(os.getpid()))
    with ThreadPoolExecutor(1) as pool, Template() as template:
        job = pool.submit(collect, path, LIMITS, template=template)
        while not has_begun():
            assert not job.done()
            time.sleep(0.1)
        os.kill(template._process.pid, signal.SIGKILL)
        assert job.result().problem == "the run broke off"
    assert set(descendants(os.getpid())) <= before
    assert list(short_tmp.iterdir()) == []


def test_one_that_has_refused_is_not_asked_again():
    with Template() as template:
        template.refused = "no"
        with pytest.raises(NotForked, match="no"):
            template.fork(Path(__file__), 0)
    assert template.started_anew == 1
