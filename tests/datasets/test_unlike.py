"""What reads well and is not what it seems: hidden, stacked, coded, dated."""

import re

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pyreadstat
import pytest

from hlmteach.datasets import read_table
from hlmteach.datasets.questions import OpenQuestionError
from hlmteach.errors import DataError, HLMWarning


@pytest.fixture
def book(tmp_path):
    def write_and_read(rows, change=lambda workbook, sheet: None, **options):
        workbook = openpyxl.Workbook()
        for row in rows:
            workbook.active.append(row)
        change(workbook, workbook.active)
        workbook.save(tmp_path / "t.xlsx")
        return read_table(tmp_path / "t.xlsx", **options)

    return write_and_read


@pytest.fixture
def text(tmp_path):
    def write_and_read(lines, **options):
        path = tmp_path / "t.csv"
        path.write_text(lines, encoding="utf-8")
        return read_table(path, **options)

    return write_and_read


ROWS = [["g", "x"], ["a", 1], ["b", 2], ["c", 3]]


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_read_last(book, state):
    def hide(workbook, sheet):
        other = workbook.create_sheet("codes", 0)
        other.append(["code", "meaning"])
        other.append([1, "yes"])
        other.sheet_state = state
        workbook.active = 1

    with pytest.warns(HLMWarning, match=r"There are others, for sheet=: 'codes'"):
        data = book(ROWS, hide)
    assert data["x"].tolist() == [1, 2, 3]


def test_rows_that_a_filter_hides_are_named(book):
    def hide(workbook, sheet):
        sheet.row_dimensions[3].hidden = True

    with pytest.warns(HLMWarning, match=r"and read: row 3\. Leave rows out by skip=\[3\]"):
        assert len(book(ROWS, hide)) == 3
    assert book(ROWS, hide, skip=[3])["g"].tolist() == ["a", "c"]


def test_names_merged_across_and_down(book):
    def merge(workbook, sheet):
        sheet.merge_cells("A1:A2")
        sheet.merge_cells("B1:C1")

    rows = [["g", "math", None], [None, "pre", "post"], ["a", 1, 2], ["b", 3, 4]]
    with pytest.warns(HLMWarning, match="rows 1 and 2 were joined"):
        assert list(book(rows, merge)) == ["g", "math pre", "math post"]


STACKED = ["g,x", "a,1", "b,2", "", "school,z,w", "c,3,5", "d,4,6", "e,5,7"]


@pytest.mark.parametrize("titled", [False, True])
def test_a_second_table_is_asked_about_and_both_can_be_read(text, book, titled):
    lines = [*STACKED[:4], *["Table 2"] * titled, *STACKED[4:]]
    rows = [
        [int(cell) if cell.isdigit() else cell for cell in line.split(",")] if line else []
        for line in lines
    ]
    for read, content in ((text, "\n".join(lines)), (book, rows)):
        with pytest.raises(OpenQuestionError, match=r"second table .*school, z, w") as question:
            read(content)
        first, second = question.value.answers.values()
        assert read(content, **first).to_dict("list") == {"g": ["a", "b"], "x": [1, 2]}
        assert read(content, **second)["w"].tolist() == [5, 6, 7]


def test_a_title_above_the_same_names_goes_with_them(text):
    with pytest.warns(HLMWarning, match="Row 5: the names of the columns once more"):
        data = text("g,x\na,1\n\nTable 2\ng,x\nb,2\n")
    assert data["g"].tolist() == ["a", "b"]


def test_labels_on_missing_values_only(tmp_path):
    path = tmp_path / "t.sav"
    data = pd.DataFrame({"g": ["a", "b", "c"], "x": [1.0, -99, 3]})
    labels = {"x": {-99: "refused"}}
    pyreadstat.write_sav(data, path, missing_ranges={"x": [-99]}, variable_value_labels=labels)
    assert read_table(path)["x"].isna().tolist() == [False, True, False]


def test_lists_of_parquet_are_words(tmp_path):
    path = tmp_path / "t.parquet"
    pa.parquet.write_table(pa.table({"x": [1, 2], "l": [[1], [1, 2]]}), path)
    with pytest.warns(HLMWarning, match="Column 'l' holds lists"):
        assert read_table(path)["l"].nunique() == 2


def test_json_is_no_table(text):
    with pytest.raises(DataError, match="holds JSON"):
        text('[{"g": "a", "x": 1},\n {"g": "b", "x": 2}]')


@pytest.mark.parametrize(
    ("words", "merged"),
    [("1E5 1E6", False), ("1E5 10E4", True), ("007 7", True), ("007 1E1", False)],
)
def test_codes_that_became_numbers(text, words, merged):
    first, second = words.split()
    with pytest.warns(HLMWarning, match="was read as the number") as said:
        data = text(f"id,x\n{first},1\n{second},2\n")
    assert ("they are one here" in str(said[0].message)) == merged == (data["id"].nunique() == 1)
    assert text(f"id,x\n{first},1\n{second},2\n", text=["id"])["id"].tolist() == [first, second]


DATES = [
    ("2024-03 2024-05", [0, 61]),
    ("2024-03-01T10:00:00Z 2024-03-08T11:30:00Z", [0, 7]),
    ("2024-03-01_10:00 2024-03-08_11:30", [0, 7]),
    ("1.3.2024_10:00 8.3.2024_11:30", [0, 7]),
    ("3/1/2024_10:00 3/18/2024_11:30", [0, 17]),
    ("1_Mar_2024 8_Apr_2024", [0, 38]),
    ("1-Mar-2024 8-Apr-2024", [0, 38]),
    ("1-Mar-24 8-Apr-24", [0, 38]),
    ("5-Jan 6-Oct", [0, 274]),
    ("20240301 20240408", [0, 38]),
    ("10:30 111:45", [37800, 402300]),
    ("10:30:15.5 111:45:00", [37815.5, 402300]),
]


@pytest.mark.parametrize(("days", "numbers"), DATES, ids=[days for days, _ in DATES])
def test_code_for_dates_and_times_runs(text, days, numbers):
    first, second = days.replace("_", " ").split(" ", 1) if "_" not in days else days.split(" ")
    lines = f"g;d\na;{first.replace('_', ' ')}\nb;{second.replace('_', ' ')}\n"
    with pytest.warns(HLMWarning, match="Column 'd'") as said:
        data = text(lines)
    note = str(said[0].message)
    code = re.search(r"(?:days: t = |Numbers: t = |Numbers: )(.*?)(?:, then (.*))?\.$", note)
    value = eval(code[1], {"pd": pd, "data": data})
    value = eval(code[2], {"t": value}) if code[2] else value
    np.testing.assert_allclose(value, numbers)
