"""docs/glossary.md: in order, each word once, and brought in by the lesson that it names."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
ENTRIES = re.findall(r"^- \*\*(.+?)\.\*\* (.*?)(?=^- \*\*|\Z)", TEXT, re.M | re.S)
# Words of the package's own pages, which no lesson needs.
BEYOND = {"AICc", "Bootstrap", "Containment", "Contrast", "Marginal mean"}


def words(term):
    """The words of four letters or more, or all where there is none, such as AIC."""
    every = re.findall(r"[a-z-]+", term.lower())
    return [word.rstrip("s") for word in every if len(word) > 3] or every


def test_words_are_in_order_and_stand_once():
    terms = [term.lower() for term, _ in ENTRIES]
    assert len(terms) > 60
    assert terms == sorted(set(terms))


@pytest.mark.parametrize(("term", "meaning"), ENTRIES, ids=[term for term, _ in ENTRIES])
def test_a_word_is_in_the_lesson_it_names(term, meaning):
    found = re.search(r"\[(\d\d)\]\(\.\./(lessons/(.+?)\.ipynb)\)", meaning)
    assert bool(found) != (term in BEYOND or meaning.rstrip().endswith("(known)"))
    if found:
        assert (ROOT / found[2]).is_file()
        assert found[3].startswith(found[1])
        lesson = (ROOT / "lessons" / "source" / f"{found[3]}.md").read_text(encoding="utf-8")
        assert any(word in lesson.lower() for word in words(term))
