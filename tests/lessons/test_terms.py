"""The glossary's words in lessons: explained where they first stand, and not used before."""

import re
from pathlib import Path

import pytest

from hlmteach.course.build import FOOTER, notebook
from hlmteach.course.rules import read_problems
from hlmteach.course.source import Cell, Lesson, find_sources, read_lesson
from hlmteach.course.terms import Term, read_terms, with_meanings

COURSE = [read_lesson(path) for path in find_sources(Path(__file__).parents[2] / "lessons")]
GLOSSARY = """# Glossary

- **Cluster.** Rows that "belong" together
  (equation 3). [01](../lessons/01_a.ipynb)
- **ML, REML.** Two ways to fit. [06](../lessons/06_b.ipynb)
- **Slope.** The tilt of a line. (known) [03](../lessons/03_c.ipynb)
"""
CLUSTER = Term(("Cluster",), 'Rows that "belong" together.', "01")
FIT = Term(("ML", "REML"), "Two ways to fit.", "06")
SLOPE = Term(("Slope",), "The tilt of a line.", "03", known=True)
END = Cell("markdown", "## To take away\n\n- a\n- b\n- c")


def test_the_glossary_is_read(tmp_path):
    path = tmp_path / "glossary.md"
    path.write_text(GLOSSARY, encoding="utf-8")
    assert read_terms(path) == (CLUSTER, FIT, SLOPE)


def test_a_lesson_knows_the_words_that_it_brings_in(tmp_path):
    for folder in ("docs", "lessons/source"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "docs" / "glossary.md").write_text(GLOSSARY, encoding="utf-8")
    path = tmp_path / "lessons" / "source" / "01_a.md"
    path.write_text("---\ntitle: A\nminutes: 1\ngoals: [b]\n---\n\nA cluster, **clusters**.\n")
    lesson = read_lesson(path)
    assert lesson.terms == (CLUSTER,)
    _, cell, _ = notebook(lesson)["cells"]
    marked = '<abbr title="Rows that &quot;belong&quot; together.">cluster</abbr>'
    assert "".join(cell["source"]) == f"A {marked}, **clusters**."


@pytest.mark.parametrize(
    "aside",
    ["`cluster`", "$cluster$", "## A cluster", "| cluster |", "[cluster](a.ipynb)", "subcluster"],
)
def test_the_first_running_text_is_marked(aside):
    texts = with_meanings(["", f"{aside}\n\n**Clusters** here"], (CLUSTER,))
    assert texts[1].startswith(f"{aside}\n\n**<abbr title=")
    assert texts[1].endswith(">Clusters</abbr>** here")


def early(text, kind="markdown", tags=()):
    first = Lesson("01_a", "T", 5, ("g",), "", (Cell(kind, text, frozenset(tags)), END))
    later = Lesson("06_b", "T", 5, ("g",), "", (END,), terms=(FIT,))
    known = Lesson("03_c", "T", 5, ("g",), "", (END,), terms=(SLOPE,))
    return [str(problem) for problem in read_problems([first, known, later])]


@pytest.mark.parametrize(
    "text",
    [
        "A slope, <abbr title='a way to fit'>ML</abbr>, ML, html",
        "ml\n\n## Further reading\n\n- On ML",
    ],
)
def test_a_word_may_be_used_where_it_is_explained_or_known(text):
    assert early(text) == []


@pytest.mark.parametrize("text", ["ML first, <abbr title='a way to fit'>ML</abbr>", "**REML**"])
def test_a_word_before_its_lesson_is_named(text):
    (problem,) = early(text)
    assert "which lesson 06 brings in; explain it at once: <abbr title=" in problem


def test_capitals_count_in_code_that_is_shown():
    assert "uses 'REML', which lesson 06 brings in" in early("f(REML=False)", "code")[0]
    assert early("assert REML", "code", ("check",)) == []


def test_every_word_of_the_glossary_is_explained_where_its_lesson_first_has_it():
    for lesson in COURSE:
        texts = [cell.text for cell in lesson.cells if cell.kind == "markdown"]
        for term in lesson.terms:
            assert with_meanings(texts, (term,)) != texts, (lesson.number, term.names)


def test_where_the_data_come_from_is_said_once_and_in_the_footer():
    word = re.compile("synthetic|calibrated|fictional", re.IGNORECASE)
    texts = {one.number: " ".join(cell.text for cell in one.cells) for one in COURSE}
    assert [number for number, text in texts.items() if word.search(text)] == ["05"]
    assert len(re.findall("synthetic", texts["05"])) == 1
    assert word.search(FOOTER)
