"""docs/equations.md and who cites it: no number without its equation, none without its use."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
CITATION = re.compile(r"\b(?:equations?|eqs?\.)\s+((?:\(?\d+\)?(?:, | to | and | or )?)+)", re.I)
BESIDE = re.compile(r" {6,}\((\d+)\)$", re.M)  # at the end of a displayed formula


def numbered():
    text = (ROOT / "docs" / "equations.md").read_text(encoding="utf-8")
    return [int(number) for number in re.findall(r"^\*\*\((\d+)\)", text, re.M)]


def cited_in(text):
    numbers = {int(number) for number in BESIDE.findall(text)}
    for found in CITATION.findall(re.sub(r"\s+(# )?\s*", " ", text)):
        numbers |= {int(number) for number in re.findall(r"\d+", found)}
        for first, last in re.findall(r"(\d+)\)? to \(?(\d+)", found):
            numbers |= set(range(int(first), int(last)))
    return numbers


def cited():
    """By number, the files that cite it."""
    docs = [path for path in ROOT.glob("docs/**/*.md") if path.name != "equations.md"]
    places = {}
    for path in [*ROOT.glob("hlmteach/**/*.py"), *ROOT.glob("lessons/source/*.md"), *docs]:
        for number in cited_in(path.read_text(encoding="utf-8")):
            places.setdefault(number, []).append(path.name)
    return places


def test_how_a_citation_is_read():
    assert cited_in("(equation 7), equations 12 to\n    14; eqs. 1, 3 and 5") == {
        7,
        12,
        13,
        14,
        1,
        3,
        5,
    }
    assert cited_in("    d = 2 v^2           (31)\nround(2)\n") == {31}
    assert cited_in("from equation (1) to (3)") == {1, 2, 3}


def test_equations_are_numbered_without_a_hole():
    assert numbered() == list(range(1, len(numbered()) + 1))


def test_each_number_that_is_cited_has_its_equation():
    unknown = {number: files for number, files in cited().items() if number not in numbered()}
    assert not unknown


def test_each_equation_is_cited_by_code_a_lesson_or_another_page():
    assert not set(numbered()) - set(cited())
