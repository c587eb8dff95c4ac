"""Numbers, names and formulas as R writes them; formats.json is made by make.R."""

import json
from pathlib import Path

import pytest

from hlmteach.rstyle.rformat import (
    abbreviate,
    blank_missing,
    deparse,
    format_number,
    format_numbers,
    p_texts,
    print_named,
    print_table,
    rounded,
    zapsmall,
)

R = json.loads((Path(__file__).parent / "formats.json").read_text(encoding="utf-8"))
NAN = float("nan")


@pytest.mark.parametrize("case", R["format"], ids=lambda case: str(case["values"]))
def test_numbers_are_written_as_r_writes_them(case):
    assert format_numbers(case["values"]) == case["seven"]
    assert format_numbers(case["values"], digits=4) == case["four"]
    assert zapsmall(case["values"]) == pytest.approx(case["zapped"], rel=1e-15)


@pytest.mark.parametrize("length", R["abbreviate"])
def test_names_are_cut_as_r_cuts_them(length):
    assert abbreviate(R["names"], int(length)) == R["abbreviate"][length]


@pytest.mark.parametrize("formula", R["deparse"])
def test_formulas_are_spaced_as_r_spaces_them(formula):
    assert deparse(formula) == R["deparse"][formula]


def test_what_is_not_a_number():
    assert format_numbers([NAN, 1.5]) == ["NaN", "1.5"]
    assert format_numbers([float("inf"), float("-inf")]) == [" Inf", "-Inf"]
    assert format_number(NAN) == "NaN"


def test_at_least_so_many_decimals():
    assert format_numbers([0.5, -0.25], nsmall=3) == [" 0.500", "-0.250"]


def test_rounding_leaves_no_negative_zero():
    assert str(rounded([-0.0001], 2)[0]) == "0.0"


def test_p_values():
    assert p_texts([NAN, 4.4e-4, 1e-16]) == ["", "4e-04", "<.0001"]
    assert p_texts([0.99961]) == ["0.9996"]


def test_blanks_where_nothing_was_tested():
    assert blank_missing([NAN, 12.340792, 67.088903]) == ["", "12.34079", "67.08890"]


def test_a_table_too_wide_goes_on_below():
    texts = print_table(["a", "bb"], ["x" * 50, "y" * 40], [["1", "2"], ["3", "4"]]).split("\n")
    assert [line.split()[0] for line in texts] == ["x" * 50, "a", "bb", "y" * 40, "a", "bb"]
    assert max(map(len, texts)) <= 80


def test_a_named_vector_too_long_goes_on_below():
    texts = print_named([f"name{i:02}" for i in range(20)], ["1.5"] * 20).split("\n")
    assert len(texts) == 4
    assert texts[1].split() == ["1.5"] * 11
