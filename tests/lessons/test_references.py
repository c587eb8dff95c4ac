"""docs/references.bib: what a lesson or a doc cites is in it, and nothing is in it for show."""

import re
import unicodedata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
YEAR = re.compile(r"\b(?:19\d\d|20[0-2]\d)\b")
NAME = re.compile(r"[A-Z][\w-]*[a-z]")
BETWEEN = re.compile(r"and|others|&|et|al\.?|[A-Z]{1,2}|(?:[A-Z]\.-?)+")  # and initials
NOT_NAMES = {"See", "When", "Biometrika"}
BY_ANOTHER_NAME = {"american2020": "apa2020", "publication2020": "apa2020"}


def key_of(surname, year):
    letters = unicodedata.normalize("NFKD", surname.lower())
    key = "".join(letter for letter in letters if letter.isalnum() and letter.isascii()) + year
    return BY_ANOTHER_NAME.get(key, key)


def cited_in(text):
    """The keys of what a text cites, such as 'Self and Liang (1987)' or 'Kish 1965'."""
    text = re.sub(r"\s+(?:[>#] )?", " ", text)
    keys = set()
    for found in YEAR.finditer(text):
        names = _names_before(text[max(0, found.start() - 150) : found.start()])
        keys |= {key_of(names[0], found[0])} if names else set()
    return keys


def _names_before(text):
    names, words = [], re.sub(r'[,("]', " ", text).split()
    while words and (BETWEEN.fullmatch(words[-1]) or NAME.fullmatch(words[-1])):
        if words[-1] in NOT_NAMES:
            break
        names.insert(0, words.pop())
    return [name for name in names if NAME.fullmatch(name)]


def entries():
    text = (ROOT / "docs" / "references.bib").read_text(encoding="utf-8")
    return re.findall(r"^@\w+\{(\w+),", text, re.M)


def cited_by(*patterns):
    """By key, the files that cite it."""
    places = {}
    for path in (path for pattern in patterns for path in sorted(ROOT.glob(pattern))):
        for key in cited_in(path.read_text(encoding="utf-8")):
            places.setdefault(key, []).append(path.name)
    return places


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("as shown (Self and Liang, 1987; Stram and Lee, 1994).", {"self1987", "stram1994"}),
        ("See Aiken and West (1991). Kish 1965 has it", {"aiken1991", "kish1965"}),
        ("Bates, D., Mächler, M., and Walker, S. (2015). lme4.", {"bates2015"}),
        ("Bürkner and\n> Vuorre (2019), for 1948 people", {"burkner2019"}),
        ("the APA's Publication Manual (2020) and 2,681 rows", {"apa2020"}),
    ],
)
def test_how_a_citation_is_read(text, keys):
    assert cited_in(text) == keys


def test_what_lessons_and_docs_cite_is_in_the_references():
    cited = cited_by("lessons/source/*.md", "docs/**/*.md")
    assert {key: cited[key] for key in cited.keys() - set(entries())} == {}


def test_every_reference_is_cited():
    cited = cited_by("lessons/source/*.md", "docs/**/*.md", "hlmteach/**/*.py")
    assert sorted(set(entries()) - cited.keys()) == []


def test_a_key_is_the_first_authors_surname_and_the_year_and_stands_once():
    assert entries() == sorted(set(entries()))
    text = (ROOT / "docs" / "references.bib").read_text(encoding="utf-8")
    for key, fields in re.findall(r"^@\w+\{(\w+), (.*)$", text, re.M):
        fields = re.sub(r'\{\\"(\w)\}', r"\1", fields)
        surname = re.search(r"(?:author|editor) = \{+([\w-]+)", fields)[1]
        assert key == key_of(surname, re.search(r"year = \{(\d{4})\}", fields)[1])


def test_every_correction_has_its_lessons_and_they_cite_what_the_table_names():
    table = (ROOT / "docs" / "teaching" / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| [^|]+ \| ([\dA, ]+) \| ([^|]+) \|$", table, re.M)
    assert [int(number) for number, *_ in rows] == list(range(1, 21))
    for number, lessons, references in rows:
        cited = cited_by(*(f"lessons/source/{one}_*.md" for one in lessons.split(", ")))
        assert set(references.split(", ")) - {"shown"} <= cited.keys(), number
