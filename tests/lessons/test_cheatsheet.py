"""The cheat sheet: up to date, two pages, texts in their places, the published numbers."""

import re
from pathlib import Path

import pytest

from hlmteach import cli
from hlmteach.course import cheatsheet

SHIPPED = Path(__file__).parents[2] / "lessons" / "cheatsheet.pdf"
PUBLISHED = (
    "−3269.945",
    "−3263.775",
    "6533.55",
    "67.09",
    "12.34",
    "0.0065",
    "0.094 to 0.152",
    "46.73 (2)",
    "df 2.0, so ± 4.26 SE: 4.88 to 5.31",
    "within 0.20, between 0.01, one slope 0.12",
    "10.47 ± 1.96 × 5.92",
    "casks 0.78 of the variance; two tests of a cask 0.94",
)


@pytest.fixture(scope="module")
def text():
    return cheatsheet.cheatsheet_text()


def test_the_shipped_page_is_made_from_the_present_text_and_fits(text):
    assert cheatsheet.digest(text).encode() in SHIPPED.read_bytes(), (
        "run `hlmteach lessons cheatsheet`"
    )


def test_it_is_two_pages():
    assert len(re.findall(rb"/Type /Page\b", SHIPPED.read_bytes())) == 2


def test_its_numbers_are_filled_in(text):
    assert "«" not in text
    for number in PUBLISHED:
        assert number in text


def test_no_text_reaches_into_another_or_is_too_small_to_read(text):
    for sheet in cheatsheet.make_sheets(text):
        assert sheet.overflows() == []
        assert min(one.get_size() for one in sheet.figure.texts) >= 7


def test_the_same_text_gives_the_same_bytes(tmp_path, capsys):
    files = [tmp_path / "a.pdf", tmp_path / "b.pdf"]
    for file in files:
        assert cli.main(["lessons", "cheatsheet", str(file)]) == 0
    assert files[0].read_bytes() == files[1].read_bytes()
    assert str(files[1]) in capsys.readouterr().out


def test_a_file_that_cannot_be_written_is_named(tmp_path, capsys):
    assert cli.main(["lessons", "cheatsheet", str(tmp_path / "no" / "a.pdf")]) == 2
    assert "a.pdf cannot be written: No such file" in capsys.readouterr().err
