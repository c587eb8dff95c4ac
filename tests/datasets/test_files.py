import builtins
import datetime as dt
import shutil
import sys

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from hlmteach.datasets import read_sav, read_table
from hlmteach.datasets.library import FOLDER
from hlmteach.errors import DataError, HLMWarning

LABELS = {
    "group": {1: "one", 2: "two", 3: "three", 9: "no answer"},
    "agree": {1: "not at all", 5: "fully"},
    "sex": {"m": "Male", "f": "Female"},
}


def survey():
    return pd.DataFrame(
        {
            "group": [2.0, 1.0, 9.0, 2.0],
            "agree": [1.0, 3.0, 5.0, np.nan],
            "sex": ["m", "f", "", "m"],
            "town": ["Köln", "Bonn", "", "Bonn"],
            "day": [dt.date(2020, 1, 31), dt.date(2021, 2, 1), None, dt.date(2022, 3, 2)],
            "hour": [dt.time(3, 4), dt.time(5, 6), dt.time(7, 8), dt.time(9, 10)],
        }
    )


@pytest.fixture
def sav(tmp_path):
    path = tmp_path / "survey.sav"
    pyreadstat.write_sav(
        survey(),
        path,
        variable_value_labels=LABELS,
        missing_ranges={"group": [9]},
        column_labels={"agree": "I agree"},
    )
    return path


def write(folder, file):
    data = pd.DataFrame({"pupil id": ["a", "b"], "Score": [1.5, 2.25], "n": [1, 2]})
    path = folder / file
    writers = {
        ".csv": lambda: data.to_csv(path, index=False),
        ".tsv": lambda: data.to_csv(path, index=False, sep="\t"),
        ".xlsx": lambda: data.to_excel(path, index=False),
        ".parquet": lambda: data.to_parquet(path),
    }
    writers[path.suffix.lower()]()
    return path


def refused(function, *args, **options):
    with pytest.raises(DataError) as caught:
        function(*args, **options)
    return str(caught.value)


@pytest.mark.parametrize("file", ["t.csv", "t.tsv", "t.xlsx", "t.parquet", "T.CSV"])
def test_every_kind_gives_the_same_table(tmp_path, file):
    data = read_table(write(tmp_path, file))
    assert data.to_dict("list") == {"pupil id": ["a", "b"], "Score": [1.5, 2.25], "n": [1, 2]}


@pytest.mark.parametrize(
    ("file", "writer"),
    [("t.sav", pyreadstat.write_sav), ("t.zsav", None), ("t.dta", pyreadstat.write_dta)],
)
def test_labelled_kinds_give_the_same_table(tmp_path, file, writer):
    data = pd.DataFrame({"g": [1.0, 2.0], "Score": [1.5, 2.25]})
    labels = {"g": {1: "one", 2: "two"}}
    if writer is None:
        pyreadstat.write_sav(data, tmp_path / file, variable_value_labels=labels, compress=True)
    else:
        writer(data, tmp_path / file, variable_value_labels=labels)
    seen = read_table(str(tmp_path / file))
    assert seen.to_dict("list") == {"g": ["one", "two"], "Score": [1.5, 2.25]}
    assert seen["g"].cat.categories.tolist() == ["one", "two"]


def test_whole_numbers_with_gaps_come_from_stata_as_numbers(tmp_path):
    path = tmp_path / "t.dta"
    values = pd.DataFrame({"g": pd.Series([1, 2, "a", 1], dtype=object)})
    labels = {"g": {1: "one", 2: "two", "a": "refused"}}
    pyreadstat.write_dta(
        values, path, variable_value_labels=labels, missing_user_values={"g": ["a"]}
    )
    group = read_table(path)["g"]
    assert group.cat.categories.tolist() == ["one", "two"]
    assert group.isna().tolist() == [False, False, True, False]
    assert read_table(path, value_labels=False)["g"].dtype == "float64"


def test_labels_become_levels_in_the_order_of_codes(sav):
    group = read_sav(sav)["group"]
    assert group.cat.categories.tolist() == ["one", "two", "three"]
    assert not group.cat.ordered
    assert group.tolist()[:2] == ["two", "one"]


def test_what_spss_calls_missing_is_missing_and_no_level(sav):
    assert read_sav(sav)["group"].isna().tolist() == [False, False, True, False]
    assert read_sav(sav).attrs["value_labels"]["group"] == {1: "one", 2: "two", 3: "three"}


def test_a_range_of_missing_values_is_missing(tmp_path):
    path = tmp_path / "t.sav"
    pyreadstat.write_sav(
        pd.DataFrame({"x": [1.0, 97.0, 99.0]}),
        path,
        variable_value_labels={"x": {1: "yes", 97: "refused", 99: "unknown"}},
        missing_ranges={"x": [{"lo": 97, "hi": 99}]},
    )
    assert read_sav(path)["x"].tolist()[0] == "yes"
    assert read_sav(path)["x"].isna().tolist() == [False, True, True]


def test_partly_labelled_values_stay_numbers_with_their_labels_beside(sav):
    data = read_sav(sav)
    assert data["agree"].dtype == "float64"
    assert data.attrs["value_labels"]["agree"] == {1: "not at all", 5: "fully"}
    assert data.attrs["column_labels"] == {"agree": "I agree"}


def test_one_label_for_two_values_does_not_make_them_one(tmp_path):
    path = tmp_path / "t.sav"
    labels = {"x": {1: "other", 2: "other"}}
    pyreadstat.write_sav(pd.DataFrame({"x": [1.0, 2.0]}), path, variable_value_labels=labels)
    with pytest.warns(HLMWarning, match="'x' keeps its codes: two of them have one label, 'other'"):
        assert read_sav(path)["x"].tolist() == [1, 2]


def test_a_stray_code_without_a_label_is_said(tmp_path):
    path = tmp_path / "t.sav"
    labels = {"x": {1: "a", 2: "b", 3: "c"}}
    data = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0]})
    pyreadstat.write_sav(data, path, variable_value_labels=labels)
    with pytest.warns(HLMWarning, match="'x' keeps its codes: no label for 4, while the others"):
        assert read_sav(path)["x"].tolist() == [1, 2, 3, 4]


def test_words_keep_their_labels_and_blanks_are_missing(sav):
    data = read_sav(sav)
    assert data["sex"].cat.categories.tolist() == ["Female", "Male"]
    assert data["town"].isna().tolist() == [False, False, True, False]
    assert data["town"][0] == "Köln"


def test_dates_and_times_stay_what_they_are(sav):
    data = read_sav(sav)
    assert data["day"][0] == pd.Timestamp(2020, 1, 31)
    assert data["day"].isna().tolist() == [False, False, True, False]
    assert data["hour"][1] == dt.time(5, 6)


def test_codes_can_be_kept_for_all_or_for_some(sav):
    codes = read_sav(sav, value_labels=False)
    assert codes["group"].tolist()[:2] == [2, 1]
    assert codes["sex"].tolist()[:2] == ["m", "f"]
    some = read_table(sav, value_labels=["sex"])
    assert some["group"].tolist()[:2] == [2, 1]
    assert some["sex"].tolist()[:2] == ["Male", "Female"]


def test_labels_asked_of_a_column_that_has_none(sav):
    message = refused(read_sav, sav, value_labels=["town"])
    assert "value_labels names 'town', but 'survey.sav' has no value labels for such" in message
    assert "Columns with value labels: group, agree, sex." in message


def test_the_tutorials_file_has_codes_for_time():
    data = read_sav(FOLDER / "HLM.sav")
    assert list(data.columns) == ["Satisfaction", "NPD", "BPD", "Time"]
    assert set(data["Time"]) == {1.0, 2.0, 3.0}


def test_excel_sheet_by_name_and_by_place(tmp_path):
    path = tmp_path / "two.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame({"x": [1]}).to_excel(book, sheet_name="first", index=False)
        pd.DataFrame({"x": [2]}).to_excel(book, sheet_name="second", index=False)
        pd.DataFrame().to_excel(book, sheet_name="blank", index=False)
    assert [read_table(path, sheet=s)["x"][0] for s in (0, 1, "first", "second")] == [1, 2, 1, 2]
    message = refused(read_table, path, sheet="third")
    assert message == "'two.xlsx' has no sheet 'third'. Its sheets: first, second, blank."
    assert refused(read_table, path, sheet=2) == "Sheet 'blank' of 'two.xlsx' is empty."


def test_excel_tables_are_found_among_empty_rows_and_columns(tmp_path):
    cells = [[None] * 4, ["g", "x", None, "day"], ["None", 1, None, dt.datetime(2024, 1, 2)]]
    cells += [[None] * 4, ["b", 3, None, dt.datetime(2024, 1, 3)]]
    pd.DataFrame(cells).to_excel(tmp_path / "t.xlsx", header=False, index=False)
    data = read_table(tmp_path / "t.xlsx")
    assert data["g"].tolist() == ["None", "b"]
    assert data["x"].dtype == "int64"
    assert data["day"].tolist() == [pd.Timestamp(2024, 1, 2), pd.Timestamp(2024, 1, 3)]
    assert list(data.columns) == ["g", "x", "day"]


def test_excel_names_that_repeat_are_numbered(tmp_path):
    cells = [["x", "x"], [1, 2]]
    pd.DataFrame(cells).to_excel(tmp_path / "t.xlsx", header=False, index=False)
    with pytest.warns(HLMWarning, match="'x' is 'x_2'"):
        assert list(read_table(tmp_path / "t.xlsx").columns) == ["x", "x_2"]


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("t.sav", "an SPSS file"),
        ("t.dta", "a Stata file"),
        ("t.xlsx", "an Excel file"),
        ("t.parquet", "a parquet file"),
    ],
)
def test_a_broken_file_says_what_it_should_be(tmp_path, file, kind):
    (tmp_path / file).write_bytes(b"this is something else altogether" * 20)
    message = refused(read_table, tmp_path / file)
    assert message.startswith(f"'{file}' cannot be read as {kind} (")
    assert "Download or save it again." in message


def test_a_file_cut_short_is_broken(tmp_path):
    (tmp_path / "cut.sav").write_bytes((FOLDER / "HLM.sav").read_bytes()[:5000])
    assert "'cut.sav' cannot be read as an SPSS file" in refused(read_sav, tmp_path / "cut.sav")


@pytest.mark.parametrize(
    ("file", "package"),
    [("t.sav", "pyreadstat"), ("t.xlsx", "openpyxl"), ("t.parquet", "pyarrow")],
)
def test_a_missing_package_is_named(tmp_path, monkeypatch, file, package):
    (tmp_path / file).write_bytes(b"1")
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name == package:
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    message = refused(read_table, tmp_path / file)
    assert message == f"To read '{file}', install {package} first: pip install {package}"


def test_a_missing_file_names_the_folder_and_a_close_name(tmp_path):
    (tmp_path / "scores.csv").write_text("x\n1\n")
    message = refused(read_table, tmp_path / "score.csv")
    assert f"There is no file 'score.csv' in {tmp_path.resolve()}." in message
    assert "Did you mean 'scores.csv'?" in message
    assert "Files there: scores.csv." in message


def test_a_missing_file_in_a_full_folder_lists_some(tmp_path):
    for i in range(10):
        (tmp_path / f"{i}.csv").write_text("x\n1\n")
    message = refused(read_sav, tmp_path / "marriage.sav")
    assert (
        "Files there: 0.csv, 1.csv, 2.csv, 3.csv, 4.csv, 5.csv, 6.csv, 7.csv, and 2 more."
        in message
    )
    assert "Did you mean" not in message


def test_a_missing_file_in_an_empty_folder(tmp_path):
    assert refused(read_table, tmp_path / "a.csv").endswith("That folder holds no files.")


def test_a_missing_folder_is_named(tmp_path):
    message = refused(read_table, tmp_path / "no" / "a.csv")
    assert message.startswith("There is no folder '")
    assert message.endswith("so 'a.csv' is not in it.")


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / "a.csv").write_text("x\n1\n")
    assert "is a folder, not a file. Files there: a.csv." in refused(read_table, tmp_path)


def test_an_address_is_no_file():
    assert "is a web address. Download the file" in refused(read_table, "https://example.org/a.csv")


def test_an_empty_file_is_empty(tmp_path):
    (tmp_path / "a.sav").touch()
    assert refused(read_table, tmp_path / "a.sav").startswith("'a.sav' is empty: 0 bytes.")


@pytest.mark.parametrize(
    ("file", "remedy"),
    [
        ("a.xls", "save it as .xlsx"),
        ("a.RData", "In R, write.csv"),
        ("a.zip", "Unpack it first."),
        ("a.por", "In SPSS, save it as .sav."),
        ("a.dat", "Save it as .csv or .xlsx"),
    ],
)
def test_an_unknown_suffix_comes_with_a_remedy(tmp_path, file, remedy):
    (tmp_path / file).write_text("x")
    message = refused(read_table, tmp_path / file)
    assert message.startswith(f"'{file}' ends in '{file[1:]}', which is no table")
    assert remedy in message
    assert "Suffixes that are read: .csv, .tsv," in message


def test_no_suffix_is_said(tmp_path):
    (tmp_path / "table").write_text("x")
    assert "'table' has no suffix" in refused(read_table, tmp_path / "table")


def test_read_sav_wants_an_spss_file(tmp_path):
    (tmp_path / "a.csv").write_text("x\n1\n")
    assert "does not end in .sav" in refused(read_sav, tmp_path / "a.csv")


def test_a_table_without_rows_is_said(tmp_path):
    pyreadstat.write_sav(pd.DataFrame({"x": pd.Series(dtype=float)}), tmp_path / "a.sav")
    assert refused(read_sav, tmp_path / "a.sav") == "'a.sav' was read, but its table has no rows."


@pytest.mark.parametrize(("file", "at"), [("t.sav", 80), ("t.dta", 6)])
def test_a_header_that_promises_more_than_the_file_holds_is_refused(tmp_path, file, at):
    data, path = pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": [4.0, 5.0, 6.0]}), tmp_path / file
    if file == "t.sav":
        pyreadstat.write_sav(data, path)
    else:
        data.to_stata(path, write_index=False)  # release 114: its count of rows stands early
    assert len(read_table(path)) == 3
    raw = bytearray(path.read_bytes())
    assert int.from_bytes(raw[at : at + 4], "little") == 3
    raw[at : at + 4] = (10**9).to_bytes(4, "little")
    path.write_bytes(raw)
    with pytest.raises(DataError, match="promises 1,000,000,000 rows of 2 columns"):
        read_table(path)


def test_the_package_s_own_file_needs_no_pyreadstat(monkeypatch, tmp_path):
    path = FOLDER / "HLM.sav"
    with_it = read_sav(path)
    monkeypatch.setattr("hlmteach.datasets.labelled.find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    without = read_sav(path)
    pd.testing.assert_frame_equal(without, with_it)
    assert without.attrs == with_it.attrs
    with pytest.raises(DataError, match="install pyreadstat"):
        read_sav(shutil.copy(path, tmp_path))
