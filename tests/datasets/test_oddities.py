"""What people's files hold, and what becomes of it: each case stands for its kind."""

import datetime as dt
import re

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest

from hlmteach.datasets import read_sav, read_table, tables
from hlmteach.errors import DataError, HLMWarning


@pytest.fixture
def text(tmp_path):
    def write_and_read(lines, **options):
        path = tmp_path / "t.csv"
        path.write_text(lines, encoding="utf-8")
        return read_table(path, **options)

    return write_and_read


@pytest.fixture
def book(tmp_path):
    def write_and_read(rows, merge=(), **options):
        workbook = openpyxl.Workbook()
        for row in rows:
            workbook.active.append(row)
        for cells in merge:
            workbook.active.merge_cells(cells)
        path = tmp_path / "t.xlsx"
        workbook.save(path)
        return read_table(path, **options)

    return write_and_read


@pytest.fixture
def sav(tmp_path):
    def write_and_read(data, encoding=None, **more):
        path = tmp_path / "t.sav"
        pyreadstat.write_sav(pd.DataFrame(data), path, **more)
        return read_sav(path, encoding=encoding)

    return write_and_read


SURVEY = "g,x\n" + "".join(f"s{i % 9},{i / 7:.4f}\n" for i in range(118)) + "s1,missing\ns1,n.a.\n"


def test_an_almost_numeric_column_is_asked_about_with_its_rows(text):
    with pytest.raises(DataError, match=r"118 numbers, and 2 cells .* \(row 120\), .* \(row 121\)"):
        text(SURVEY)
    assert text(SURVEY, missing=["missing", "n.a."])["x"].isna().sum() == 2
    assert text(SURVEY, text=["x"])["x"].iloc[0] == "0.0000"


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        ("1.234,5 900", [1234.5, 900]),
        ("1'234.5 900", [1234.5, 900]),
        ("1’234.5 900", [1234.5, 900]),
        ("1\u202f234,5 900", [1234.5, 900]),
        ("1\u00a0234,5 900", [1234.5, 900]),
        ("12,34,567 900", [1234567, 900]),
        ("1.234.567 900", [1234567, 900]),
        ("\u22123,5 \u20132", [-3.5, -2]),
        ("1,5E+03 2", [1500, 2]),
    ],
)
def test_numbers_of_many_countries(text, cells, numbers):
    rows = "\n".join(f"a;{cell}" for cell in cells.split(" "))
    assert text(f"g;x\n{rows}\n")["x"].tolist() == numbers


@pytest.mark.parametrize("rows", ["1.200 900 13.400", "1,200 900", "1.000 2.000", "1,234 2,345"])
def test_digits_that_may_be_thousands_are_asked_about(text, rows):
    table = "id;income\n" + "".join(f"{i};{x}\n" for i, x in enumerate(rows.split(), 1))
    with pytest.raises(DataError, match="a decimal sign, or does it mark thousands"):
        text(table)
    mark = "." if "." in rows else ","
    first = float(rows.split()[0].replace(",", "."))
    assert text(table, thousands=mark)["income"][0] == first * 1000
    assert text(table, decimal=mark)["income"][0] == first


def test_a_decimal_sign_that_was_said_wrongly_is_noticed(text):
    with pytest.raises(DataError, match=re.escape('Say decimal="." if their decimal sign is')):
        text("g;x\na;1.5\nb;2.25\n", decimal=",")


def test_a_unit_in_every_cell_is_said(text):
    with pytest.warns(HLMWarning, match="Column 'x' has 'kg' in its cells: these are words"):
        text("g,x\na,5 kg\nb,6 kg\n")


def test_the_separator_is_looked_for_below_what_is_skipped(text):
    data = text("".join(f"note {i}\n" for i in range(250)) + "g;x\na;1\nb;2\n", skip=250)
    assert data.to_dict("list") == {"g": ["a", "b"], "x": [1, 2]}


def test_words_that_look_alike_are_one_group(text):
    with pytest.warns(HLMWarning, match="differ in blanks or in how letters are stored"):
        data = text("g,x\nKo\u0308ln,1\nKöln\u00a0,2\n")
    assert data["g"].tolist() == ["Köln", "Köln"]


def test_merged_cells_are_filled_down(book):
    rows = [["Report", None], ["school", "x"], ["a", 1], [None, 2], ["b", 3], [None, 4]]
    with pytest.warns(HLMWarning, match="Merged cells were filled down in 'school'"):
        data = book(rows, merge=["A1:B1", "A3:A4", "A5:A6"])
    assert data.to_dict("list") == {"school": list("aabb"), "x": [1, 2, 3, 4]}


def test_a_group_named_once_is_said_and_filled_where_asked(book):
    rows = [["school", "x"], ["a", 1], [None, 2], ["b", 3], [None, 4]]
    with pytest.warns(HLMWarning, match=re.escape('say fill=["school"]')):
        book(rows)
    assert book(rows, fill="school")["school"].tolist() == list("aabb")


def test_numbers_typed_as_text_in_excel(book):
    with pytest.warns(HLMWarning, match=r"typed as text were read as numbers: '3,5' \(row 4\)"):
        assert book([["x"], [1], [2], ["3,5"]])["x"].tolist() == [1, 2, 3.5]
    with pytest.raises(DataError, match="'3,500' in column 'x': is that comma a decimal sign"):
        book([["x"], [1], [2], ["3,500"]])
    with pytest.warns(HLMWarning, match="digits stored as text"):
        assert book([["id"], ["01"], ["02"]])["id"].tolist() == ["01", "02"]


def test_words_among_dates_are_asked_about(book):
    day = dt.datetime(2024, 1, 2)
    rows = [["d"], [day], [day], ["unknown"]]
    with pytest.raises(DataError, match="2 datetimes, and 1 cell of another kind: 'unknown'"):
        book(rows)
    assert book(rows, missing=["unknown"])["d"].dtype.kind == "M"


def test_lengths_of_time_and_formulas_without_results(book):
    with pytest.warns(HLMWarning, match="Column 't' is a length of time, in seconds"):
        assert book([["t"], [dt.timedelta(hours=30)]])["t"].tolist() == [108000]
    with pytest.warns(HLMWarning, match="results are not stored are gaps: B2"):
        assert book([["g", "x"], ["a", "=1+1"], ["b", 3]])["x"].isna().tolist() == [True, False]


def test_names_are_text_whatever_excel_holds(book):
    day = dt.datetime(2024, 1, 31)
    assert list(book([["g", 2024], ["a", 1], ["b", 2]]).columns) == ["g", "2024"]
    data = book([["g", 2.0, day, 1.5, True], ["a", 1, 2, 3, 4], ["b", 1, 2, 3, 4]], header=1)
    assert list(data.columns) == ["g", "2", "2024-01-31", "1.5", "True"]


def test_a_workbook_with_a_password_is_refused(tmp_path):
    (tmp_path / "t.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(999))
    with pytest.raises(DataError, match="is protected by a password, or is an old"):
        read_table(tmp_path / "t.xlsx")


def test_spss_lengths_of_time_are_seconds_and_impossible_dates_gaps(sav):
    formats = {"wait": "DTIME12", "long": "TIME8", "day": "DATE11"}
    seconds = {"wait": [108000.0, 1.0], "long": [90000.0, 1.0], "day": [13e9, 6.3e12]}
    with pytest.warns(HLMWarning, match=r"1 value outside the years 1 to 9999 \(row 2\)"):
        data = sav(seconds, variable_format=formats)
    assert data["wait"].tolist() == [108000, 1]
    assert data["long"].tolist() == [90000, 1]
    assert data["day"].isna().tolist() == [False, True]


def test_spss_encoding_is_used(sav):
    assert sav({"g": ["Köln"]}, encoding="utf-8")["g"][0] == "Köln"
    assert sav({"g": ["Köln"]}, encoding="cp1252")["g"][0] == "KÃ¶ln"
    for wrong in ("ascii", "no-such-code"):
        with pytest.raises(DataError, match="Say which encoding they are in"):
            sav({"g": ["Köln"]}, encoding=wrong)


def test_stata_calendars_and_small_numbers(tmp_path):
    days = pd.to_datetime(["2020-01-31", "2021-02-01"])
    data = pd.DataFrame(dict.fromkeys(("tw", "tm", "tq", "th", "ty", "td", "tc"), days))
    path = tmp_path / "t.dta"
    data.to_stata(path, convert_dates={kind: kind for kind in data}, write_index=False)
    seen = read_table(path)
    for kind, column in pd.read_stata(path).items():
        assert (seen[kind] == column).all()
    pd.DataFrame({"age": np.array([42], "int8")}).to_stata(path, write_index=False)
    assert read_table(path)["age"].dtype == "int64"


def test_an_option_for_other_files_is_said(text):
    with pytest.warns(HLMWarning, match="sheet= is for other kinds of files"):
        text("g,x\na,1\n", sheet="two")


@pytest.mark.parametrize(
    "options",
    [
        {"sep": "::"},
        {"decimal": "x"},
        {"thousands": "x"},
        {"header": 0},
        {"header": True},
        {"skip": -1},
        {"foot": 1.5},
        {"missing": [None]},
        {"text": [1]},
        {"encoding": 8},
    ],
)
def test_an_option_that_means_nothing_is_refused(text, options):
    name = next(iter(options))
    with pytest.raises(DataError, match=f"means nothing here. {name}= takes "):
        text("g,x\na,1\n", **options)


@pytest.mark.parametrize(
    "error", [OverflowError("x"), RuntimeError(), MemoryError(), OSError(5, "x")]
)
def test_no_error_of_a_reader_comes_out(tmp_path, monkeypatch, error):
    def broken(path, options):
        raise error

    monkeypatch.setitem(tables._READERS, "excel", broken)
    (tmp_path / "t.xlsx").write_bytes(b"PK")
    with pytest.raises(DataError, match="cannot be read as an Excel file") as caught:
        read_table(tmp_path / "t.xlsx")
    assert type(error).__name__ in str(caught.value)


def test_one_warning_and_its_notes(text):
    with pytest.warns(HLMWarning) as caught:
        data = text("# by me\nMy study\ng,x,x\ns1,1,2\ns1 ,2,3\nTotal,3,5\n")
    assert len(caught) == 1
    assert "test_oddities" in caught[0].filename  # where read_table was called
    assert len(data.attrs["notes"]) == 5
    assert all(note in str(caught[0].message) for note in data.attrs["notes"])


# -- what reads well, and may not be what was meant ----------------------------------------------


def said(read, *args, **options):
    """What is said of a table, and the table."""
    with pytest.warns(HLMWarning) as caught:
        data = read(*args, **options)
    return str(caught[0].message), data


def test_codes_with_zeros_in_front_are_said(text):
    note, data = said(text, "id,x\n" + "".join(f"{['007', '7'][i % 2]},{i}\n" for i in range(10)))
    assert "'007' was read as the number 7, as '7' was: they are one here" in note
    assert data["id"].nunique() == 1
    apart = text("id,x\n007,1\n7,2\n", text=["id"])
    assert apart["id"].tolist() == ["007", "7"]
    note, _ = said(text, "id,x\n" + "".join(f"{i % 9:02d},{i}\n" for i in range(5000)))
    assert "'00' was read as the number 0. If these are codes" in note
    note, _ = said(text, "id;x\n0070;1,5\n1.200;2\n")
    assert "'0070' was read as the number 70" in note
    text("x,z\n0.5,0\n0.25,10\n")


def test_whole_numbers_that_float_cannot_tell_apart_stay_words(text):
    long = [f"{90071992547409930 + i}" for i in range(3)]
    note, data = said(text, "id,x\n" + "".join(f"{n},1.5\n" for n in long) + ",2\n")
    assert "codes, which stay words" in note
    assert data["id"].tolist()[:3] == long
    note, data = said(text, "id,x\n" + "".join(f"9999{n},1.5\n" for n in long))
    assert data["id"].tolist() == [f"9999{n}" for n in long]
    assert text("id,x\n" + "".join(f"{n},1.5\n" for n in long))["id"].nunique() == 3


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ([1, 5, 7, -99], [-99]),
        ([1, 5, 7, -9, -8], [-9, -8]),
        ([1.5, 2, 3, 999], [999]),
        ([1, 5, 7, 99], [99]),
        ([20, 40, 65, 99], []),
        ([-3, 2, 4, -9], []),
        ([100, 900, 950, 999], []),
        ([1, 2, 7, 8, 9], []),
        ([0, 1, -99], [-99]),
    ],
)
def test_a_number_far_from_all_others_may_mark_a_gap(text, values, codes):
    lines = "x,z\n" + "".join(f"{v},{i}\n" for i, v in enumerate(values))
    if not codes:
        text(lines)
        return
    note, data = said(text, lines)
    assert f"If that marks a gap, say missing={sorted(codes)}" in note
    assert len(data) == len(values)
    assert data["x"].notna().all()
    assert text(lines, missing=codes)["x"].isna().sum() == len(codes)


def test_a_code_for_gaps_in_spss_is_said_too(sav):
    note, _ = said(sav, {"x": [1.0, 4, 7, -99], "z": [1.0, 2, 3, 4]})
    assert "'x' holds -99 in 1 row, and else 1 to 7" in note


SIDE = [["g", "x", None, "h", "z"], ["a", 1, None, "c", 3], ["b", 2, None, "d", 4]]


def test_two_tables_side_by_side_are_said(text, book):
    lines = "\n".join(",".join("" if c is None else str(c) for c in row) for row in SIDE)
    for read, table in ((text, lines), (book, SIDE)):
        note, data = said(read, table)
        assert "take one of them, as in data[['g', 'x']]" in note
        assert list(data) == ["g", "x", "h", "z"]


def test_names_that_stand_again_among_the_rows_are_left_out(text, book):
    rows = [["g", "x"], ["a", 1], ["g", "x"], ["b", 2], ["g", "x"], ["c", 3]]
    lines = "\n".join(",".join(map(str, row)) for row in rows)
    for read, table in ((text, lines), (book, rows)):
        note, data = said(read, table)
        assert "Rows 3, 5: the names of the columns once more, left out." in note
        assert data["x"].tolist() == [1, 2, 3]


def test_sums_among_the_rows_are_said(text):
    lines = "g,x\na,1\nb,2\nTotal,3\nc,4\nd,5\nTotal,9\n"
    note, _ = said(text, lines)
    assert "'Total' in rows 4, 7" in note
    assert "skip=[4, 7]" in note
    assert text(lines, skip=[4, 7])["g"].tolist() == list("abcd")


@pytest.mark.parametrize(
    ("days", "form"),
    [
        (["2024-03-01", "2024-03-09"], "'%Y-%m-%d'"),
        (["01.03.2024", "09.03.2024"], "'%d.%m.%Y'"),
        (["21/03/2024", "09/03/2024"], "'%d/%m/%Y'"),
        (["03/21/2024", "03/09/2024"], "'%m/%d/%Y'"),
        (["03/01/2024", "03/09/2024"], "'%d/%m/%Y' or '%m/%d/%Y'"),
    ],
)
def test_dates_as_text_are_said_with_the_way_to_count_days(text, days, form):
    note, data = said(text, "g,day\n" + "".join(f"a,{day}\n" for day in days))
    assert f"pd.to_datetime(data['day'], format={form})" in note
    assert data["day"].tolist() == days
    if " or " not in form:
        t = pd.to_datetime(data["day"], format=form.strip("'"))
        assert (t - t.min()).dt.total_seconds().max() > 0


def test_groups_that_look_alike_are_said_and_stay_apart(text):
    note, data = said(text, "g,x\nNew York,1\nNew  York,2\nO’Neil,3\nO'Neil,4\n")
    assert "differ in capitals, blanks or signs only" in note
    assert data["g"].nunique() == 4
