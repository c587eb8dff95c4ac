import importlib.metadata
import subprocess
import sys

import pytest

from hlmteach import cli
from hlmteach.course.handout import MEMORY


def run(*words, capsys):
    try:
        code = cli.main(words)
    except SystemExit as stop:
        code = stop.code
    return code, *capsys.readouterr()


def test_version(capsys):
    code, out, _ = run("--version", capsys=capsys)
    assert code == 0
    assert out.split() == ["hlmteach", importlib.metadata.version("hlmteach")]


@pytest.mark.parametrize("module", ["hlmteach", "hlmteach.cli"])
def test_python_dash_m_offers_the_same_help(module):
    if module == "hlmteach.cli":
        command = [sys.executable, "-c", "from hlmteach.cli import main; main(['--help'])"]
    else:
        command = [sys.executable, "-m", module, "--help"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for verb in ("lab", "lessons", "doctor"):
        assert verb in told


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ((), "VERB"),
        (("grades",), "grades"),
        (("lessons",), "build|check|copy"),
        (("lessons", "copy"), "DIR"),
        (("lab", "--port", "many"), "many is no port: give a whole number from 1 to 65535"),
        (("present", "ICCDial", "--port", "99999"), "99999 is no port"),
        (("doctor", "--", "--fast"), "--fast"),
    ],
)
def test_a_wrong_call_says_what_is_wrong_and_exits_2(words, complaint, capsys):
    code, out, err = run(*words, capsys=capsys)
    assert code == 2
    assert not out
    assert complaint in err
    assert "Traceback" not in err


def test_an_error_of_ours_is_one_line_on_stderr(tmp_path, capsys):
    code, out, err = run("lessons", "build", str(tmp_path), capsys=capsys)
    assert code == 2
    assert not out
    assert err.startswith("hlmteach: There are no lesson sources in")
    assert err.count("\n") == 1


def test_lessons_copy_says_what_it_did(tmp_path, capsys):
    folder = tmp_path / "mine"
    code, out, _ = run("lessons", "copy", str(folder), capsys=capsys)
    assert code == 0
    assert out.startswith("00_start_here.ipynb  copied\n")
    assert out.endswith(f"Your lessons are in {folder}.\n")

    lesson = folder / "00_start_here.ipynb"
    lesson.write_text("{}")
    (folder / MEMORY).unlink()
    _, out, _ = run("lessons", "copy", str(folder), capsys=capsys)
    assert out.splitlines() == [
        "00_start_here.ipynb  kept as you left it; its new version is beside it: "
        "00_start_here_new.ipynb",
        f"Your lessons are in {folder}.",
    ]
    _, out, _ = run("lessons", "copy", str(folder), capsys=capsys)
    assert out.splitlines() == [
        "00_start_here.ipynb  kept as you left it, of an earlier edition; the newer one is "
        "00_start_here_new.ipynb",
        f"Your lessons are in {folder}.",
    ]
    assert lesson.read_text() == "{}"


SOURCE = """---
title: Small
minutes: 1
goals: [one]
---

```{code-cell}
1 + 1
```

## To take away

- a
- b
- c
"""


def test_lessons_build_then_check(tmp_path, capsys):
    (tmp_path / "source").mkdir()
    source = tmp_path / "source" / "01_small.md"
    source.write_text(SOURCE)
    code, out, _ = run("lessons", "build", str(tmp_path), capsys=capsys)
    assert code == 0
    assert out == f"built  {tmp_path / '01_small.ipynb'}\n"
    code, out, _ = run("lessons", "check", "--no-run", str(tmp_path), capsys=capsys)
    assert (code, out) == (0, "ok    01_small  Small  (19 words)\nAll lessons are well.\n")

    source.write_text(SOURCE.replace("1 + 1", "%time"))
    code, out, _ = run("lessons", "check", "--no-run", str(tmp_path), capsys=capsys)
    assert code == 1
    assert out.startswith(
        "mend  01_small  Small  (18 words)\n      cell 2 ('%time'): has a ! or % line"
    )
    assert "01_small.ipynb: differs from what its source builds" in out
    assert out.endswith("Lessons to mend: 1.\n")


def test_a_reader_that_has_seen_enough_meets_no_traceback():
    command = [sys.executable, "-m", "hlmteach", "doctor"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as doctor:
        doctor.stdout.close()
        assert doctor.stderr.read() == b""
    assert doctor.returncode == 1
