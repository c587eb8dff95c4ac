"""The course as pages: what they hold, and that nothing in them asks a network for anything."""

import re

import pytest

from hlmteach.cli import main
from hlmteach.course.pages import write_pages

SOURCE = """---
title: A short lesson
minutes: 5
goals:
  - see it
---

## A picture

Say $y_{ij} = \\beta_0 + u_j$ aloud; see [the same page](07_short.ipynb#To-take-away).

```r
lme(Satisfaction ~ 1, random = ~1|Time)
```

```{code-cell}
import hlmteach as hlm

hlm.widgets.RandomInterceptAnimator()
```

```{code-cell}
:tags: [check]

assert 1 + 1 == 2
```

## To take away

- One.
- Two.
- Three.
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("course")
    (folder / "source").mkdir()
    (folder / "source" / "07_short.md").write_text(SOURCE, encoding="utf-8")
    write_pages(folder, folder / "out", progress=lambda line: None)
    return folder / "out"


@pytest.fixture
def text(pages):
    return (pages / "07_short.html").read_text(encoding="utf-8")


def test_the_files(pages):
    expected = {"index.html", "07_short.html", "page.css", "page.js", "search.js"}
    assert {path.name for path in pages.iterdir()} == expected


def test_nothing_is_fetched(pages):
    for path in pages.iterdir():
        content = path.read_text(encoding="utf-8")
        assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", content), path.name
        assert not re.search(r"fetch\(|@import|url\(\s*[\"']?http", content), path.name


def test_equations_code_and_checks(text):
    assert "<math" in text
    assert "$y_" not in text
    assert '<pre class="code">' in text
    assert "A check of the numbers above</summary>" in text
    assert "register()" not in text


def test_links_lead_to_pages(text):
    assert 'href="07_short.html#To-take-away"' in text
    assert '<h2 id="To-take-away">' in text


def test_the_widget_plays_and_there_is_a_picture_without_scripts(text):
    assert 'class="hlm-widget-page"' in text
    assert "<noscript><img src=" in text
    assert "open this lesson in the notebook" in text
    assert "6533.549" in text


def test_the_search_knows_the_text(pages):
    assert "aloud" in (pages / "search.js").read_text(encoding="utf-8")


def test_a_lesson_that_stops_is_named(tmp_path, capsys):
    (tmp_path / "source").mkdir()
    broken = SOURCE.replace("1 + 1 == 2", "1 + 1 == 3")
    (tmp_path / "source" / "07_short.md").write_text(broken, encoding="utf-8")
    out = tmp_path / "out"
    assert main(["lessons", "html", "--lessons", str(tmp_path), str(out)]) == 2
    assert "07_short stopped: AssertionError" in capsys.readouterr().err
    assert not out.exists()
