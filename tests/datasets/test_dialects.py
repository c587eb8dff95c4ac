"""Tables in odd dialects are read back equal, or asked about: never wrong without a word."""

import csv
import datetime as dt
import io
import math
import tempfile
import warnings
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hlmteach.datasets import read_table
from hlmteach.datasets.library import FOLDER
from hlmteach.errors import HLMError

pytestmark = pytest.mark.fuzz

WORDS = [
    "Köln",
    "s1",
    "s 2",
    "None",
    "-",
    'say "a"',
    "a;b",
    "a,b",
    "two\nlines",
    "#1",
    "é|x",
    "x\ty",
]
NAMES = ["g", "Score", "2024", "pupil id", "größe", "x.1", "if", "income (EUR)"]
MARKS = ["", "NA", "<NA>", "#NULL!", ".", "missing", "n.a.", "-99"]
GROUPINGS = {".": ["", ",", "'", " ", "\u202f"], ",": ["", ".", "'", " ", "\u00a0"]}

numbers = st.one_of(
    st.integers(-2_000_000, 2_000_000),
    st.floats(-5000, 5000).map(lambda x: round(x, 3)),
    st.floats(-1e6, 1e6, allow_subnormal=False),
)
whole = st.integers(-20_000, 20_000).filter(lambda n: n != -99)
words = st.sampled_from(WORDS)


@st.composite
def tables(draw):
    """A column of words, and up to three of numbers, with gaps."""
    rows = draw(st.integers(3, 12))
    names = draw(st.permutations(NAMES))
    columns = {names[0]: draw(st.lists(words, min_size=rows, max_size=rows))}
    for name in names[1 : draw(st.integers(2, 4))]:
        kind = draw(st.sampled_from([numbers, whole]))
        gaps = draw(st.booleans())
        cell = st.one_of(st.just(math.nan), kind) if gaps else kind
        # A column of nothing but gaps tells nothing about where the table begins.
        first = draw(kind)
        columns[name] = [*draw(st.lists(cell, min_size=rows - 1, max_size=rows - 1)), first]
    return columns


@st.composite
def dialects(draw):
    decimal = draw(st.sampled_from(".,"))
    dialect = {
        "sep": draw(st.sampled_from([",", ";", "\t", "|"])),
        "decimal": decimal,
        "grouping": draw(st.sampled_from(GROUPINGS[decimal])),
        "minus": draw(st.sampled_from(["-", "\u2212"])),
        "mark": draw(st.sampled_from(MARKS)),
        "encoding": draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])),
        "quoting": draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
        "ends": draw(st.sampled_from(["\n", "\r\n"])),
        "titles": draw(st.lists(st.sampled_from(["My study", "wave 2, 2019", ""]), max_size=3)),
        "foot": draw(
            st.lists(st.sampled_from(["Source: me, 2019", "Note: all made up"]), max_size=2)
        ),
    }
    if dialect["encoding"] == "cp1252":  # which has no minus sign and no narrow blank of its own
        dialect |= {"minus": "-", "grouping": dialect["grouping"].replace("\u202f", "\u00a0")}
    return dialect


def written(number, dialect):
    """Write a number as this dialect does."""
    if isinstance(number, float) and math.isnan(number):
        return dialect["mark"]
    text = f"{abs(number):,}" if dialect["grouping"] else f"{abs(number)!r}"
    text = text.translate(str.maketrans({",": dialect["grouping"], ".": dialect["decimal"]}))
    return (dialect["minus"] if math.copysign(1, number) < 0 and number != 0 else "") + text


def file_of(columns, dialect):
    buffer = io.StringIO()
    buffer.write("".join(line + "\n" for line in dialect["titles"]))
    options = {"delimiter": dialect["sep"], "quoting": dialect["quoting"], "lineterminator": "\n"}
    writer = csv.writer(buffer, **options)
    writer.writerow(columns)
    cells = [
        [w if isinstance(w, str) else written(w, dialect) for w in c] for c in columns.values()
    ]
    writer.writerows(zip(*cells, strict=True))
    buffer.write("".join(line + "\n" for line in dialect["foot"]))
    text = buffer.getvalue().replace("\n", dialect["ends"])
    return text.encode(dialect["encoding"], errors="replace")


def read(path, **options):
    """Read, or None where a question was asked; warnings are counted, anything else is a fault."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            data = read_table(path, **options)
        except HLMError as error:
            faults = ("IndexError", "KeyError", "TypeError", "AttributeError", "AssertionError")
            if path.suffix in (".csv", ".txt", ".tsv") and any(f in str(error) for f in faults):
                raise  # a fault of ours behind the gate
            return None
    assert len(caught) == bool(data.attrs["notes"])
    return data


def same(column, cells):
    """Whether a column holds these cells, numbers to the last bit."""
    if len(column) != len(cells):
        return False
    for seen, cell in zip(column, cells, strict=True):
        if isinstance(cell, float) and math.isnan(cell):
            if not pd.isna(seen):
                return False
        elif seen != cell:
            return False
    return True


def check_equal(data, columns):
    assert list(data.columns) == list(columns)
    for name, cells in columns.items():
        assert same(data[name], cells), (name, data[name].tolist(), cells)


@given(tables(), dialects())
def test_text_is_read_back_or_asked_about(columns, dialect):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "t.csv")
        path.write_bytes(file_of(columns, dialect))
        data = read(path)
    gaps = any(
        isinstance(c, float) and math.isnan(c) for column in columns.values() for c in column
    )
    if data is not None and not (gaps and dialect["mark"] == "-99"):
        check_equal(data, columns)


@given(tables(), dialects())
def test_text_is_read_back_where_all_is_said(columns, dialect):
    titles = len(dialect["titles"])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "t.csv")
        path.write_bytes(file_of(columns, dialect))
        data = read(
            path,
            sep=dialect["sep"],
            decimal=dialect["decimal"],
            encoding=dialect["encoding"],
            skip=titles,
            foot=len(dialect["foot"]),
            missing=[dialect["mark"]],
            text=[next(iter(columns))],
        )
    assert data is not None
    check_equal(data, columns)


plain_cells = st.one_of(st.integers(-5000, 5000), st.floats(-1e6, 1e6).map(lambda x: round(x, 4)))


@given(
    st.lists(st.tuples(words, plain_cells, plain_cells), min_size=3, max_size=10),
    st.lists(st.sampled_from(["My study", None, "wave 2"]), max_size=3),
    st.sampled_from([None, "Source: me", "Total"]),
    st.sampled_from(["score", 2024, 2024.0, dt.datetime(2024, 1, 31), "Köln "]),
    st.integers(0, 2),
    st.sampled_from([None, "NA", "missing", "3,5", "1.200", "−2"]),
)
def test_excel_is_read_back_or_asked_about(rows, titles, foot, name, left, odd):
    book = openpyxl.Workbook()
    sheet = book.active
    lines = [[title] for title in titles] + [["g", name, "z"], *rows]
    if odd is not None:
        lines[len(titles) + 2] = [rows[1][0], odd, rows[1][2]]
    for line in lines + ([[foot]] if foot else []):
        sheet.append([None] * left + list(line))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "t.xlsx")
        book.save(path)
        data = read(path)
    if data is None:
        return
    value = {None: rows[1][1], "NA": math.nan, "3,5": 3.5, "−2": -2}.get(odd)
    assert value is not None, f"{odd} was read without a question"
    known = {"score": "score", "Köln ": "Köln", 2024: "2024"}
    assert list(data.columns) == ["g", known.get(name, "2024-01-31"), "z"]
    second = [row[1] for row in rows]
    second[1] = value
    for at, cells in enumerate([[r[0] for r in rows], second, [r[2] for r in rows]]):
        assert same(data.iloc[:, at], cells)


@given(
    st.lists(st.tuples(st.integers(1, 3), st.floats(-1e9, 1e9), words), min_size=1, max_size=8),
    st.sampled_from(["t.sav", "t.zsav", "t.dta"]),
    st.sampled_from([{}, {1: "one", 2: "two", 3: "three"}, {1: "one"}]),
    st.sampled_from([None, "DTIME20", "DATE11", "TIME8"]),
)
def test_labelled_files_are_read_back(rows, file, labels, form):
    codes, values, texts = (list(column) for column in zip(*rows, strict=True))
    data = pd.DataFrame({"c": np.array(codes, float), "x": values, "t": texts})
    spss = file != "t.dta"
    write = pyreadstat.write_sav if spss else pyreadstat.write_dta
    more = {"variable_format": {"x": form}} if spss and form else {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, file)
        write(data, path, variable_value_labels={"c": labels} if labels else {}, **more)
        seen = read(path)
    assert seen is not None
    full = labels and set(codes) <= set(labels)
    assert seen["c"].tolist() == ([labels[c] for c in codes] if full else codes)
    assert seen["t"].tolist() == texts
    if not spss or form in (None, "DTIME20"):
        assert seen["x"].tolist() == values
    elif form == "DATE11":
        start = dt.datetime(1582, 10, 14)
        later = [start + dt.timedelta(seconds=v) if v > -1e9 else None for v in values]
        for one, expected in zip(seen["x"], later, strict=True):
            gone = expected is None
            assert pd.isna(one) if gone else abs(one - expected) < dt.timedelta(microseconds=2)


VALID = {}


def valid(suffix):
    """One good file of each kind, as bytes."""
    if suffix not in VALID:
        data = pd.DataFrame({"g": list("aabbcc"), "x": [1.5, 2, 3, 4, 5, 6]})
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "t" + suffix)
            writers = {
                ".csv": lambda: data.to_csv(path, index=False),
                ".xlsx": lambda: data.to_excel(path, index=False),
                ".parquet": lambda: data.to_parquet(path),
                ".sav": lambda: path.write_bytes((FOLDER / "HLM.sav").read_bytes()[:6000]),
                ".dta": lambda: data.to_stata(path, write_index=False),
            }
            writers[suffix]()
            VALID[suffix] = path.read_bytes()
    return VALID[suffix]


@given(
    st.sampled_from([".csv", ".xlsx", ".parquet", ".sav", ".dta"]),
    st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=12),
    st.floats(0.1, 1),
)
def test_a_damaged_file_is_refused_in_words_or_read(suffix, bytes_changed, kept):
    raw = bytearray(valid(suffix))
    for at, byte in bytes_changed:
        raw[int(at * len(raw))] = byte
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "t" + suffix)
        path.write_bytes(raw[: int(kept * len(raw))] or b"x")
        read(path)  # anything but data or an HLMError fails the test


@given(st.text(max_size=300), st.sampled_from(["t.csv", "t.txt", "t.tsv"]))
def test_any_text_is_a_table_or_refused_in_words(text, file):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, file)
        path.write_text(text or " ", encoding="utf-8", errors="replace")
        read(path)
