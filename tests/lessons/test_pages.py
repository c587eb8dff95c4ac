"""The course as pages: what they hold, and that nothing in them asks a network for anything."""

import base64
import io
import json
import re

import pytest
from PIL import Image

from hlmteach.cli import main
from hlmteach.course.cells import in_notebook
from hlmteach.course.pages import write_pages
from hlmteach.errors import HLMError

SOURCE = """---
title: A short lesson
minutes: 5
question: Why?
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
:tags: [remove-input]

hlm.widgets.Predict("How large is the sd?", answer=0.066, digits=3, because="Groups are alike.")
```

```{code-cell}
hlm.exercise("07-3")
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
    assert "assert" not in text  # a check runs, and is not shown
    assert "register()" not in text


def test_a_prediction_takes_a_guess_and_folds_its_truth_away_without_scripts(text):
    assert "<b>Predict first.</b> How large is the sd?" in text
    asked = text[text.index('<form class="predict"') :]
    assert 'data-truth="0.066" data-digits="3" hidden>' in asked
    assert '<input type="range" name="guess" min="0" max="1" step="0.001" value="0.5">' in asked
    folded = asked[asked.index("<details><summary>I have made my guess") :]
    assert folded.index("It is 0.066. Groups are alike.") < folded.index("</details>")


def test_an_exercise_is_asked_in_full(text):
    assert "<h4>Exercise 07-3: " in text
    assert "<li>b) both by ML</li>" in text
    assert "<summary>Hints</summary><ol><li>" in text


def test_links_lead_to_pages(text):
    assert 'href="07_short.html#To-take-away"' in text
    assert '<h2 id="To-take-away">' in text


def test_the_widget_plays_and_there_is_a_picture_without_scripts(text):
    assert 'class="hlm-widget-page"' in text
    assert "<noscript><img src=" in text
    assert "What these controls show was worked out ahead." in text
    assert "open this lesson in the notebook" in text
    assert "6533.549" in text


def test_what_no_card_has_is_said_to_be_in_the_notebook():
    card = '<section data-has=\'["spread"]\' data-lacks=\'["Store", "data: simulated"]\'></section>'
    card = card.replace('"', "&quot;").replace("'", '"')
    text = (
        "<p>Pull <strong>spread</strong>, press <strong>Store</strong>.</p>"
        "<p><strong>Store</strong> is a word.</p><p><strong>data: simulated</strong></p>"
        "<p><strong>Pull the blue diamond</strong></p>"
    )
    note = ' <span class="note">(in the notebook)</span>'
    assert in_notebook(text + card) == (
        f"<p>Pull <strong>spread</strong>, press <strong>Store</strong>{note}.</p>"
        f"<p><strong>Store</strong> is a word.</p><p><strong>data: simulated</strong>{note}</p>"
        f"<p><strong>Pull the blue diamond</strong>{note}</p>{card}"
    )


def test_the_search_knows_the_text_below_each_heading(pages):
    (_, *found) = json.loads((pages / "search.js").read_text(encoding="utf-8")[16:-2])
    assert [passage["anchor"] for passage in found] == ["A-picture", "To-take-away"]
    assert found[0]["page"] == "07_short.html"
    assert "aloud; see the same page." in found[0]["text"]


def test_the_contents_say_what_each_lesson_asks(pages):
    index = (pages / "index.html").read_text(encoding="utf-8")
    assert '<a href="07_short.html">07 · A short lesson</a><p>Why? ' in index
    assert '<img alt="" src="data:image/png;base64,' in index
    moving = re.search(r'srcset="data:image/webp;base64,([^"]+)"', index)[1]
    with Image.open(io.BytesIO(base64.b64decode(moving))) as story:
        assert story.n_frames > 3
    assert "image/webp" not in (pages / "07_short.html").read_text(encoding="utf-8")
    assert "5 minutes" in index


SMALL = (
    SOURCE[: SOURCE.index("## A picture")]
    + """
```{code-cell}
%s
```
"""
)


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        ("assert 1 + 1 == 3", "07_short stops with AssertionError: assert 1 + 1 == 3"),
        ("import warnings; warnings.warn('look out')", "UserWarning: look out"),
    ],
)
def test_a_lesson_that_stops_or_warns_is_no_page(code, complaint, tmp_path, capsys):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "07_short.md").write_text(SMALL % code, encoding="utf-8")
    out = tmp_path / "out"
    assert main(["lessons", "html", "--lessons", str(tmp_path), str(out)]) == 2
    assert complaint in capsys.readouterr().err
    assert not out.exists()


def test_the_lessons_that_came_along_are_written_when_no_folder_is_named(
    tmp_path, monkeypatch, capsys
):
    installed = tmp_path / "hlmteach" / "_lessons"
    (installed / "source").mkdir(parents=True)
    (installed / "source" / "07_short.md").write_text(SMALL % "1", encoding="utf-8")
    monkeypatch.setattr("hlmteach.exercises.bank.PACKAGE", tmp_path / "hlmteach")
    monkeypatch.chdir(tmp_path)
    assert main(["lessons", "html", "pages"]) == 0
    assert "2 pages; open " in capsys.readouterr().out
    assert (tmp_path / "pages" / "07_short.html").exists()


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "07_short.md").write_text(SMALL % "1", encoding="utf-8")
    (tmp_path / "out").write_text("in the way")
    with pytest.raises(HLMError, match=r"cannot be written to .*out.*Name a folder of your own"):
        write_pages(tmp_path, tmp_path / "out", progress=lambda line: None)
