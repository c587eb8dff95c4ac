"""A file of one's own in ModelBuilder: asked by buttons, said by controls, told to Python and R."""

import io
import json
import shutil
import subprocess

import openpyxl
import pandas as pd
import pytest

import hlmteach as hlm
from hlmteach.recipes.columns import Columns
from hlmteach.widgets.upload import CONTROLS, FOUND

GERMAN = (
    "id;income;g\n" + "".join(f"{i};{i}.{i}00;{'abc'[i % 3]}\n" for i in range(1, 7)) + "7;900;a\n"
)


@pytest.fixture
def widget():
    widget = hlm.widgets.ModelBuilder()
    yield widget
    widget.close()


def upload(widget, name, text):
    content = text if isinstance(text, bytes) else text.encode()
    widget.upload._on_upload({"new": [{"name": name, "content": memoryview(content)}]})


def press(widget, words):
    buttons = [b for b in widget.upload.answers.children if words in b.description]
    assert len(buttons) == 1, [b.description for b in widget.upload.answers.children]
    buttons[0].click()


def test_ambiguous_digits_are_asked_by_buttons(widget):
    upload(widget, "mine.csv", GERMAN)
    assert "does it mark thousands?" in widget.upload.question.value
    assert "Say decimal" not in widget.upload.question.value
    press(widget, "marks thousands")
    assert widget.table["income"].tolist()[:2] == [1100, 2200]
    assert not widget.upload.answers.children
    assert 'hlm.read_table("mine.csv", decimal=",", thousands=".")' in widget.code()
    assert widget.upload.controls["decimal"].value == ","


def test_odd_cells_are_gaps_or_words(widget):
    rows = "".join(f"{'ab'[i % 2]},{i / 2}\n" for i in range(9))
    upload(widget, "mine.csv", "g,x\n" + rows + "a,missing\nb,n.a.\n")
    assert "'missing' (row 11)" in widget.upload.question.value.replace("&#x27;", "'")
    press(widget, "are gaps")
    assert widget.table["x"].isna().sum() == 2
    assert 'missing=["missing", "n.a."]' in widget.code()
    assert widget.upload.controls["missing"].value == "missing; n.a."


def test_what_was_odd_is_shown(widget):
    upload(widget, "mine.csv", "My study\n\ng,x,z\na,1,2\nb,2,3\na,3,3\nb,4,5\nSource: me\n")
    assert "row 1 left out" in widget.upload.notes.value
    assert "row 8 left out" in widget.upload.notes.value
    upload(widget, "mine.csv", "g,x\na,1\nb,2\na,3\nb,4\n")
    assert widget.upload.notes.value == ""


def test_the_controls_say_what_a_file_is(widget):
    upload(widget, "mine.csv", "g,x,z\nid,ms,cm\na,1,2\nb,2,3\na,3,4\nb,5,6\n")
    assert len(widget.upload.answers.children) == 3
    widget.upload.controls["header"].value = "2"
    assert list(widget.table.columns) == ["id", "ms", "cm"]
    widget.upload.controls["missing"].value = "5; b"
    assert widget.table["ms"].isna().sum() == 1
    assert 'header=2, missing=["5", "b"]' in widget.code()
    widget.upload.controls["missing"].value = ""
    assert widget.table["ms"].notna().all()


@pytest.mark.parametrize(
    ("name", "shown", "said"),
    [
        ("header", "none", False),
        ("header", "2, 3", [2, 3]),
        ("skip", "1 to 4", 4),
        ("skip", "3, 7", [3, 7]),
        ("foot", "2", 2),
        ("sep", "^", "^"),
        ("text", "id; a code", ["id", "a code"]),
        ("value_labels", "none", False),
        ("decimal", ",", ","),
    ],
)
def test_a_control_says_an_option_and_shows_it(name, shown, said):
    control = CONTROLS[name]
    assert control.read(shown) == said
    assert control.written(said) == shown
    assert control.read(FOUND if control.offered else "") is None


def test_advice_is_in_the_words_of_the_controls(widget):
    rows = "".join(f"{code},{i}\n" for code in ("007", "7", "08") for i in range(4))
    upload(widget, "mine.csv", "id,x\n" + rows)
    assert "&#x27;columns of words: id&#x27;" in widget.upload.notes.value
    assert widget.state["outcome"] == "x"  # not the column that groups
    widget.upload.controls["text"].value = "id"
    assert widget.table["id"].unique().tolist() == ["007", "7", "08"]
    assert widget.upload.notes.value == ""
    upload(widget, "mine.csv", "g,x\na,1\nb,2\n\nh,z\nc,3\nd,4\ne,5\n")
    press(widget, "The first table")
    assert len(widget.table) == 2
    assert widget.upload.controls["foot"].value == "4"


def test_a_sheet_is_chosen(widget):
    book = openpyxl.Workbook()
    for name, scale in (("one", 1), ("two", 10)):
        sheet = book.create_sheet(name)
        for row in [["g", "x"], *[["ab"[i % 2], i * scale] for i in range(8)]]:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    upload(widget, "mine.xlsx", file.getvalue())
    assert "Sheet &#x27;one&#x27; was read" in widget.upload.notes.value
    widget.upload.controls["sheet"].value = "two"
    assert widget.table["x"].max() == 70
    assert 'sheet="two"' in widget.code()
    assert widget.upload.notes.value == ""


def test_a_file_that_no_button_can_help_is_explained(widget):
    upload(widget, "x.csv", b"")
    assert "is empty: 0 bytes" in widget.message.value
    upload(widget, "x.xlsx", b"nothing")
    assert "cannot be read as an Excel file" in widget.message.value


FILES = {
    "german": (GERMAN, {"thousands": "."}),
    "title": ("My study\n\ng;x;z\na;1,5;2\n\nb;2,5;3\nc;3;4\nSource: me\n", {}),
    "joined": ("g,math,,read,\n,pre,post,pre,post\na,1,2,3,4\nb,2,3,4,5\n", {}),
    "signs": ("g;share\na;45 %\nb;\u22129,5 %\n", {}),
    "gaps": ("g,x y\na,1\nb,<NA>\nc,n.a.\nd,4\n", {"missing": ["n.a."]}),
    "none": ("a,1.5\nb,2.5\n", {"header": False}),
    "comments": ("# by me\ng,x\na,1\n# stop\nb,2\n", {}),
    "western": ("g;x\nKöln;1,5\nBonn;2\n".encode("cp1252"), {}),
}


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="this machine has no R")
@pytest.mark.filterwarnings("ignore::hlmteach.HLMWarning")
@pytest.mark.parametrize("name", FILES)
def test_the_code_for_r_reads_the_same(tmp_path, name):
    text, options = FILES[name]
    path = tmp_path / "mine.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    data = hlm.read_table(path, **options)
    code = Columns(source="mine.csv", chosen=(), table=data, options=options).r
    told = code + 'cat(jsonlite::toJSON(data, dataframe = "columns", na = "null", digits = NA))\n'
    run = subprocess.run(
        ["Rscript", "-e", told], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    seen = json.loads(run.stdout)
    assert list(seen) == list(data.columns)
    for column in data:
        expected = [None if pd.isna(cell) else cell for cell in data[column]]
        assert seen[column] == expected


@pytest.mark.filterwarnings("ignore::hlmteach.HLMWarning")
@pytest.mark.parametrize("name", FILES)
def test_the_code_for_python_runs(tmp_path, monkeypatch, name):
    text, options = FILES[name]
    (tmp_path / "mine.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    monkeypatch.chdir(tmp_path)
    room = {}
    rows = Columns(source="mine.csv", chosen=(), table=pd.DataFrame(), options=options)
    exec("import hlmteach as hlm\n" + rows.python, room)
    assert room["data"].equals(hlm.read_table("mine.csv", **options))
