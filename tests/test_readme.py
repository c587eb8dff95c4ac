"""The README is true: its Python runs, and each command that it names is tested or run by make."""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from hlmteach.course.listing import HEAD, lesson_table, write_table

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")

# Where each command is run: a test, or the target of the Makefile that runs these tests.
COVERED = {
    "make lab": ("tests/cli/test_lab.py", "test_a_real_server_serves_the_lessons"),
    "make test": (".ci/run", "make test"),
    "make help": ("tests/test_makefile.py", "test_help_names_every_target"),
    "python -m venv .venv": ("Makefile", "-m venv $(VENV)"),
    'pip install ".[lab]"': ("tests/doors/test_install.py", "test_a_way_to_install"),
    "hlmteach lab": ("tests/cli/test_lab.py", "test_a_real_server_serves_the_lessons"),
    "hlmteach doctor": ("tests/cli/test_doctor.py", "test_a_healthy_machine"),
}

# Only Windows can run it.
NOT_HERE = [r".venv\Scripts\activate"]


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def couples(rng):
    """Fifty couples, asked eight times: intercepts and slopes differ between couples."""
    couple = np.repeat(np.arange(50), 8)
    stress = rng.normal(size=couple.size)
    level, slope = rng.normal(4, 0.6, 50)[couple], rng.normal(-0.5, 0.3, 50)[couple]
    satisfaction = level + slope * stress + rng.normal(0, 0.5, couple.size)
    return pd.DataFrame({"satisfaction": satisfaction, "stress": stress, "couple": couple})


def run(block):
    names = {}
    exec(compile(block, "<Python in README.md>", "exec"), names)
    return names


def test_ten_lines(tmp_path, monkeypatch, capsys):
    block = blocks("python")[0]
    assert len([line for line in block.splitlines() if line]) <= 10
    couples(np.random.default_rng(1)).to_csv(tmp_path / "couples.csv", index=False)
    monkeypatch.chdir(tmp_path)
    run(block)
    told = capsys.readouterr().out
    for words in ("stress", "couple", "L.Ratio", "(Intercept)"):
        assert words in told


def test_a_figure_that_moves():
    _, block = blocks("python")
    names = run(block)
    names["frequency"].value = 2.0
    assert names["stage"].status == "frequency 2.0"
    np.testing.assert_allclose(names["wave"].get_ydata(), np.sin(2 * names["x"]))
    names["stage"].close()


def test_each_command_is_covered():
    commands = [line for block in blocks("console") for line in block.splitlines()]
    assert sorted(commands) == sorted([*COVERED, *NOT_HERE])
    for command, (file, words) in COVERED.items():
        assert words in (ROOT / file).read_text(encoding="utf-8"), command


def test_the_table_of_lessons_is_what_their_sources_say():
    assert lesson_table(ROOT / "lessons") in README


def test_the_table_is_written_anew_where_there_is_one(tmp_path):
    source = ROOT / "lessons" / "source" / "00_start_here.md"
    (tmp_path / "lessons" / "source").mkdir(parents=True)
    (tmp_path / "lessons" / "source" / source.name).write_bytes(source.read_bytes())
    readme = tmp_path / "README.md"
    readme.write_text(f"Before.\n\n{HEAD}| 99 | gone | gone |\n\nAfter.\n", encoding="utf-8")
    write_table(tmp_path / "lessons")
    title, moves = "Ten minutes", "eighteen people's lines, alone and together"
    row = f"| 00 | [{title}](lessons/00_start_here.ipynb) | {moves} |\n"
    assert readme.read_text(encoding="utf-8") == f"Before.\n\n{HEAD}{row}\nAfter.\n"


def test_links_lead_to_files_and_every_lesson_is_linked():
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (ROOT / target).exists()] == []
    lessons = {f"lessons/{path.name}" for path in (ROOT / "lessons").iterdir() if path.is_file()}
    assert {target for target in local if target.startswith("lessons/")} == lessons
