import json
import re
import sys
from dataclasses import replace

import nbformat
import pytest

from hlmteach.course.build import build_lessons, header, notebook, notebook_bytes
from hlmteach.course.source import Cell, Lesson, LessonError, find_sources, read_lesson

SOURCE = """---
title: "Step 2: a random intercept"
minutes: 30
question: Is it noise?
goals:
  - fit it
  - read it
---

Prose.

```r
lme(y ~ 1)
```

```python
shown, not run
```

+++

More prose, ünïcode.

```{code-cell}
:tags: [check]

assert 1
```

```{code-cell}
:tags: [solution, remove-input]

2 + 2
```

```{code-cell}
2 + 2
```
"""


@pytest.fixture
def lesson(tmp_path):
    return write(tmp_path, SOURCE)


def write(folder, text, name="07_random_intercept.md"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_lesson(path)


def test_a_source_is_read_into_cells(lesson):
    assert lesson.number == "07"
    assert lesson.title == "Step 2: a random intercept"
    assert lesson.goals == ("fit it", "read it")
    assert [cell.kind for cell in lesson.cells] == ["markdown"] * 2 + ["code"] * 3
    assert "```r\nlme(y ~ 1)\n```" in lesson.cells[0].text
    assert "shown, not run" in lesson.cells[0].text
    assert lesson.cells[3] == Cell("code", "2 + 2", frozenset({"solution", "remove-input"}))


def test_the_header_says_title_time_question_and_goals(lesson):
    assert header(lesson).text == (
        "# 07 · Step 2: a random intercept\n\n*About 30 minutes.*\n\n> Is it noise?\n\n"
        "**After this lesson you can**\n\n- fit it\n- read it"
    )


def test_the_header_says_how_many_minutes_are_for_the_exercises(lesson):
    one = Cell("code", 'hlm.exercise("07-1")')
    for cells, said in (((one,), "5 of them for the exercise."), ((one,) * 4, "15 of them for the exercises.")):
        assert f"*About 30 minutes, {said}*" in header(replace(lesson, cells=cells)).text


def test_the_notebook_is_valid_and_has_no_outputs(lesson):
    made = notebook(lesson)
    nbformat.validate(made)
    assert made["metadata"]["kernelspec"]["name"] == "python3"
    for cell in made["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def test_what_is_folded_away(lesson):
    check, solution, plain, _ = (cell["metadata"] for cell in notebook(lesson)["cells"][-4:])
    assert check == {"tags": ["check"], "jupyter": {"source_hidden": True}}
    assert solution["jupyter"] == {"source_hidden": True, "outputs_hidden": True}
    assert plain == {}


def test_a_folded_cell_says_what_it_is(lesson):
    _, solution, plain, _ = (cell["source"] for cell in notebook(lesson)["cells"][-4:])
    assert solution == ["# A worked answer.\n", "2 + 2"]
    assert plain == ["2 + 2"]
    curious = replace(lesson, cells=(Cell("code", "3 + 3", frozenset({"curious"})),))
    _, cell, _ = notebook(curious)["cells"]
    assert cell["source"] == ["# For the curious.\n", "3 + 3"]
    assert cell["metadata"]["jupyter"] == {"source_hidden": True, "outputs_hidden": True}


def test_every_notebook_ends_with_where_the_data_come_from(lesson):
    assert "synthetic, calibrated to" in "".join(notebook(lesson)["cells"][-1]["source"])


def test_cell_ids_are_fixed_and_unique(lesson):
    ids = [cell["id"] for cell in notebook(lesson)["cells"]]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"07-[0-9a-f]{10}(-\d+)?", name) for name in ids)
    assert ids[-2] == ids[-3] + "-2"


def test_ids_survive_a_cell_added_above(tmp_path, lesson):
    longer = write(tmp_path, SOURCE.replace("Prose.", "New.\n\n+++\n\nProse."))
    old = [cell["id"] for cell in notebook(lesson)["cells"]]
    new = [cell["id"] for cell in notebook(longer)["cells"]]
    assert [name for name in new if name in old] == old


def test_the_same_source_gives_the_same_bytes_with_any_line_ends(tmp_path, lesson):
    windows = tmp_path / "windows"
    windows.mkdir()
    path = windows / "07_random_intercept.md"
    path.write_bytes(SOURCE.replace("\n", "\r\n").encode())
    made = notebook_bytes(lesson)
    assert made == notebook_bytes(read_lesson(path))
    assert b"\r" not in made
    assert made.endswith(b"}\n")
    assert "ünïcode" in made.decode()


def test_jupyter_would_write_the_same_text(lesson):
    text = notebook_bytes(lesson).decode()
    assert nbformat.writes(nbformat.reads(text, as_version=4)) + "\n" == text


def test_without_solutions(lesson):
    bare = lesson.without_solutions()
    assert [cell.text for cell in bare.cells if cell.kind == "code"] == ["assert 1", "2 + 2"]
    assert bare.without_solutions() == bare
    assert isinstance(bare, Lesson)


def test_build_writes_each_notebook(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    for name in ("07_b.md", "01_a.md"):
        (source / name).write_text(SOURCE, encoding="utf-8")
    assert build_lessons(tmp_path) == [tmp_path / "01_a.ipynb", tmp_path / "07_b.ipynb"]
    made = json.loads((tmp_path / "01_a.ipynb").read_bytes())
    assert made["nbformat"] == 4
    assert not any("check" in cell["metadata"].get("tags", ()) for cell in made["cells"])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("minutes: 30\n", "", r"needs 'minutes' \(int\) in its front matter; it has None"),
        ("minutes: 30", "minutes: half an hour", r"needs 'minutes' .* it has 'half an hour'"),
        ("  - fit it\n  - read it\n", "", r"needs 'goals' \(list\)"),
        ("question: Is it noise?", "question: [a]", r"needs 'question' \(str\)"),
        ("minutes", "minuts", r"has 'minuts' in its front matter; known are title, minutes, goals"),
        ("question: Is", "question: a: b", r"has YAML that cannot be read"),
        ("---\n", "", r"must start with front matter between two lines of ---"),
    ],
)
def test_bad_front_matter_is_named(tmp_path, old, new, message):
    with pytest.raises(LessonError, match=message):
        write(tmp_path, SOURCE.replace(old, new))


@pytest.mark.parametrize(
    "name", ["7_short.md", "07-dash.md", "07_Upper.md", "B_more.md", "notes.md"]
)
def test_a_bad_file_name_is_named(tmp_path, name):
    with pytest.raises(LessonError, match=f"named like 07_random_intercept.md; this one is {name}"):
        write(tmp_path, SOURCE, name)


def test_a_folder_without_sources_is_named(tmp_path):
    with pytest.raises(LessonError, match="There are no lesson sources in"):
        find_sources(tmp_path)


def test_without_jupytext_the_error_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "jupytext", None)
    with pytest.raises(LessonError, match="pip install jupytext"):
        write(tmp_path, SOURCE)
