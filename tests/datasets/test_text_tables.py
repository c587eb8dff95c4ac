import pytest

from hlmteach.datasets import read_table
from hlmteach.errors import DataError, HLMWarning

COLUMNS = {"name": ["Zoë", "Bo"], "score": [3.5, 4.0]}


@pytest.fixture
def read(tmp_path):
    def write_and_read(text, file="table.csv", encoding="utf-8", **options):
        path = tmp_path / file
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return read_table(path, **options)

    return write_and_read


@pytest.fixture
def refused(read):
    def message(*args, **options):
        with pytest.raises(DataError) as caught:
            read(*args, **options)
        return str(caught.value)

    return message


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("a.csv", "name,score\nZoë,3.5\nBo,4\n"),
        ("a.csv", "name, score\r\nZoë, 3.5\r\nBo, 4"),
        ("a.csv", "name,score\rZoë,3.5\rBo,4\r"),
        ("a.CSV", '"name","score"\n"Zoë",3.5\n"Bo",4\n'),
        ("a.csv", "name;score\nZoë;3,5\nBo;4\n"),
        ("a.csv", "name;score\nZoë;3.5\nBo;4\n"),
        ("a.csv", "sep=;\nname;score\nZoë;3,5\nBo;4\n"),
        ("a.csv", 'name,score\nZoë,"3,5"\nBo,4\n'),
        ("a.tsv", "name\tscore\nZoë\t3.5\nBo\t4\n"),
        ("a.tab", "name\tscore\nZoë\t3,5\nBo\t4\n"),
        ("a.txt", "name score\nZoë 3.5\nBo 4\n"),
        ("a.txt", "name|score\nZoë|3.5\nBo|4\n"),
        ("a.csv", "name;score;;\nZoë;3,5;;\n;;;\nBo;4;;\n;;;\n"),
    ],
)
def test_separator_and_decimal_sign_are_found(read, file, text):
    assert read(text, file).to_dict("list") == COLUMNS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
def test_encoding_is_found(read, encoding):
    text = "name,score\nZoë,3.5\nBo,4\n"
    assert read(text, encoding=encoding).to_dict("list") == COLUMNS


@pytest.mark.parametrize(
    ("encoding", "word"),
    [("cp850", "Köln"), ("cp1251", "Привет"), ("mac-roman", "Zoëline"), ("cp1250", "žluťoučký")],
)
def test_an_encoding_that_is_not_plain_is_asked_about(tmp_path, encoding, word):
    path = tmp_path / "table.csv"
    path.write_bytes(f"name,x\n{word},1\nBo,2\n".encode(encoding))
    with pytest.raises(DataError, match=f'encoding="{encoding}" if this reads right: \'{word}'):
        read_table(path)
    assert read_table(path, encoding=encoding)["name"].tolist() == [word, "Bo"]


def test_encoding_can_be_said(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(b"name,x\nZo\x91,1\n")
    assert read_table(path, encoding="mac-roman")["name"].tolist() == ["Zoë"]


def test_whole_numbers_stay_whole_beside_empty_rows(read):
    assert read("g;x\na;1\n;\n")["x"].dtype == "int64"


def test_numbers_keep_every_digit(read):
    numbers = [0.1 + 0.2, 1 / 3, 5.142857142857143, 1e-300, 123456789.12345679]
    assert read("x,y\n" + "".join(f"{x!r},1\n" for x in numbers))["x"].tolist() == numbers
    comma = "".join(f"{x!r};1\n".replace(".", ",") for x in numbers)
    assert read("x;y\n" + comma)["x"].tolist() == numbers


def test_marks_of_missing_values_are_missing_but_none_is_a_word(read):
    data = read("treatment,x\nNone,1\nDrug,NA\nNA,.\nDrug,\n")
    assert data["treatment"].isna().tolist() == [False, False, True, False]
    assert data["treatment"][0] == "None"
    assert data["x"].tolist()[0] == 1
    assert data["x"].isna().tolist() == [False, True, True, True]


def test_a_comma_inside_a_quoted_word_is_no_separator(read):
    assert read('g,x\n"Bonn, Rhein",1\nAachen,2\n')["g"].tolist() == ["Bonn, Rhein", "Aachen"]


def test_dates_with_points_are_no_numbers(read):
    with pytest.warns(HLMWarning, match="holds dates as text"):
        data = read("day;x\n01.02.2024;3,5\n02.02.2024;4\n")
    assert data["day"].tolist() == ["01.02.2024", "02.02.2024"]
    assert data["x"].tolist() == [3.5, 4.0]


@pytest.mark.parametrize(
    "text",
    ["x;y\n1.234,5;1\n0,25;2\n", 'x,y\n"1,234.5",1\n0.25,2\n', "x\ty\n1,234.5\t1\n0.25\t2\n"],
)
def test_marks_of_thousands_go_where_the_decimal_sign_is_plain(read, text):
    assert read(text)["x"].tolist() == [1234.5, 0.25]


def test_a_comma_that_may_mark_thousands_is_asked_about(read, refused):
    text = "x\ty\n1,234\t1\n2,500\t2\n"
    asked = "holds '1,234' in column 'x': is that comma a decimal sign, or does it mark thousands?"
    assert asked in refused(text)
    assert read(text, decimal=",")["x"].tolist() == [1.234, 2.5]
    assert read(text, decimal=".")["x"].tolist() == [1234, 2500]


def test_two_decimal_signs_in_one_file_are_asked_about(refused):
    message = refused("x;y\n1.5;1\n2,25;2\n")
    assert "holds both '1.5' and '2,25': which is the decimal sign?" in message


def test_separator_can_be_said(read):
    assert read("a:b\n1:2\n", sep=":").to_dict("list") == {"a": [1], "b": [2]}


def test_a_single_column_is_a_table(read):
    assert read("x\n1\n2\n").to_dict("list") == {"x": [1, 2]}


def test_a_file_of_blanks_is_empty(refused):
    assert refused(" \n\n") == "'table.csv' is empty: it holds nothing but blanks."


def test_a_header_alone_has_no_rows(refused):
    assert "has a row of column names and no rows below it" in refused("g,x\n")


def test_numbers_in_place_of_names_are_noticed(refused):
    message = refused("1,2.5\n2,3.5\n")
    assert "row 1, holds numbers ('1, 2.5')" in message
    assert "header=False if the table has no names" in message


def test_a_repeated_name_is_numbered(read):
    with pytest.warns(HLMWarning, match="of one name are numbered, from the left: 'x' is 'x_3'"):
        data = read("x,g,x,x_2\n1,2,3,4\n")
    assert list(data.columns) == ["x", "g", "x_3", "x_2"]


@pytest.mark.parametrize("text", ["g,x\n1,a,2\n2,b,3\n", '"g" "x"\n"1" "a" 2\n"2" "b" 3\n'])
def test_a_header_one_name_short_is_no_silent_shift(read, text):
    with pytest.warns(HLMWarning, match="Row 1 has one name less than the rows below"):
        data = read(text, "t.txt")
    assert data.to_dict("list") == {"column_1": [1, 2], "g": ["a", "b"], "x": [2, 3]}


def test_a_longer_line_is_counted(refused):
    assert "names 2 columns in row 1, but row 3 has 3 fields: 'b', '2', '3'" in refused(
        "g,x\na,1\nb,2,3\n"
    )


def test_an_open_quote_is_a_broken_table(refused):
    assert "cannot be read as a text table" in refused('g,x\na,"1\nb,2\n')


def test_a_field_without_end_is_a_broken_table(refused):
    assert "a quote opens in row 1 and never closes" in refused('"' + "a" * 200_000)
    assert "field larger than field limit" in refused('"' + "a" * 200_000 + '"')


def test_a_saved_web_page_is_no_table(refused):
    assert "it is a web page" in refused("<!DOCTYPE html>\n<html></html>\n")


def test_a_binary_file_under_this_name_is_no_table(refused):
    assert "it holds bytes that no text has" in refused(b"g,x\n\x00\x01\n")


@pytest.mark.parametrize("encoding", ["ascii", "no-such-code"])
def test_an_encoding_that_does_not_fit_is_named(tmp_path, encoding):
    path = tmp_path / "table.csv"
    path.write_text("g,x\nZoë,1\n", encoding="utf-8")
    with pytest.raises(DataError, match=f"cannot be read as text in encoding '{encoding}'"):
        read_table(path, encoding=encoding)
