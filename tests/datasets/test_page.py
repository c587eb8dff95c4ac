"""docs/data.md says what is done with a file: its tables are held against the code."""

import re
import warnings
from dataclasses import fields
from pathlib import Path

import pytest

from hlmteach.datasets import read_table
from hlmteach.datasets.marks import MISSING
from hlmteach.datasets.options import FOR_ALL, FOR_KIND, Options
from hlmteach.errors import HLMError

PAGE = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")
CASES = re.findall(r"^\| ([^|`]+) \| `(.+?)` \| (read|said|asked) \|", PAGE, re.MULTILINE)
KINDS = {"text": "text", "Excel": "excel", "SPSS": "labelled", "Stata": "labelled"}


def outcome(path):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            data = read_table(path)
        except HLMError:
            return "asked"
    assert len(caught) == bool(data.attrs["notes"])
    return "said" if caught else "read"


@pytest.mark.parametrize(("odd", "text", "said"), CASES, ids=[case[0] for case in CASES])
def test_the_page_says_what_is_done(tmp_path, odd, text, said):
    path = tmp_path / "table.csv"
    path.write_text(text.replace(" ⏎ ", "\n") + "\n", encoding="utf-8")
    assert outcome(path) == said


def test_the_page_has_many_cases():
    assert len(CASES) > 20


def test_the_page_lists_the_marks_of_a_gap():
    listed = re.search(r"\*\*Gaps\*\* are empty cells and (.*?)\. `None`", PAGE, re.DOTALL)[1]
    assert {"", *re.findall(r"`([^`]+)`", listed)} == set(MISSING)


def test_the_page_lists_the_options():
    table = PAGE[PAGE.index("### What can be said") :]
    rows = re.findall(r"^\| `(\w+)` \| ([\w, ]+) \|", table, re.MULTILINE)
    assert {name for name, _ in rows} == {field.name for field in fields(Options)}
    for name, kinds in rows:
        known = {kind for kind, names in FOR_KIND.items() if name in names}
        assert known == ({KINDS[k] for k in kinds.split(", ")} if name not in FOR_ALL else set())
        assert (kinds == "all") == (name in FOR_ALL)
