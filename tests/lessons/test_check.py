from hlmteach.course.build import build_lessons
from hlmteach.course.check import check_lessons

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


def reports(folder):
    return [str(report) for report in check_lessons(folder, run=False)]


def make(folder):
    (folder / "source").mkdir()
    (folder / "source" / "01_small.md").write_text(SOURCE)
    build_lessons(folder)


def test_a_good_course(tmp_path):
    make(tmp_path)
    assert reports(tmp_path) == ["ok    01_small  Small  (19 words)"]


def test_a_notebook_that_was_edited_or_never_built(tmp_path):
    make(tmp_path)
    notebook = tmp_path / "01_small.ipynb"
    notebook.write_bytes(notebook.read_bytes() + b"\n")
    assert "01_small.ipynb: differs from what its source builds" in reports(tmp_path)[0]
    notebook.unlink()
    assert (
        "01_small.ipynb: has not been built; run `hlmteach lessons build`" in reports(tmp_path)[0]
    )


def test_a_notebook_without_a_source(tmp_path):
    make(tmp_path)
    (tmp_path / "02_orphan.ipynb").write_text("{}")
    assert "02_orphan.ipynb: has no source" in reports(tmp_path)[0]


def test_a_run_is_timed_and_its_problems_are_reported(tmp_path):
    make(tmp_path)
    (report,) = check_lessons(tmp_path)
    assert 0 < report.seconds < 60
    assert str(report).endswith(" s)")
