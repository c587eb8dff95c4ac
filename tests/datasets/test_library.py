import gzip
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hlmteach.datasets import describe, labelled, load, names
from hlmteach.datasets.library import FOLDER
from hlmteach.errors import DataError

DOC = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")
SHAPES = {
    "HLM": (2681, 4),
    "twin": (750, 4),
    "sleepstudy": (180, 3),
    "Dyestuff": (30, 2),
    "Dyestuff2": (30, 2),
    "Penicillin": (144, 3),
    "Pastes": (60, 4),
    "Orthodont": (108, 4),
}
# R: mean(sleepstudy$Reaction), ... of the packages' own copies
MEANS = {
    ("sleepstudy", "Reaction"): 298.507891667,
    ("Dyestuff", "Yield"): 1527.5,
    ("Dyestuff2", "Yield"): 5.6656,
    ("Penicillin", "diameter"): 22.9722222222,
    ("Pastes", "strength"): 60.0533333333,
    ("Orthodont", "distance"): 24.0231481481,
}
LEVELS = {
    ("HLM", "Time"): ["before marriage", "1 year after", "5 years after"],
    ("twin", "Time"): ["before marriage", "1 year after", "5 years after"],
    ("Dyestuff", "Batch"): list("ABCDEF"),
    ("Dyestuff2", "Batch"): list("ABCDEF"),
    ("Penicillin", "plate"): list("abcdefghijklmnopqrstuvwx"),
    ("Penicillin", "sample"): list("ABCDEF"),
    ("Pastes", "batch"): list("ABCDEFGHIJ"),
    ("Pastes", "cask"): list("abc"),
    ("Orthodont", "Sex"): ["Male", "Female"],
}
every_set = pytest.mark.parametrize("name", list(SHAPES))


def exact_hlm():
    """Read the csv with Python's own float, which is right to the last bit."""
    with gzip.open(FOLDER / "HLM.csv.gz", "rt", encoding="utf-8") as file:
        header, *rows = [line.strip().split(",") for line in file]
    return pd.DataFrame([[float(cell) for cell in row] for row in rows], columns=header)


def test_names_lists_every_set():
    assert names() == list(SHAPES)


@every_set
def test_shape_and_description_agree(name):
    data, record = load(name), describe(name)
    assert data.shape == SHAPES[name]
    assert record.rows == len(data)
    assert [column.name for column in record.columns] == list(data.columns)


@every_set
def test_no_value_is_missing_and_every_level_is_used(name):
    data = load(name)
    assert not data.isna().any(axis=None)
    for column in data.select_dtypes("category"):
        assert not data[column].cat.ordered
        assert set(data[column]) == set(data[column].cat.categories)


@pytest.mark.parametrize(("name", "column"), list(MEANS))
def test_mean_is_the_one_r_finds(name, column):
    assert load(name)[column].mean() == pytest.approx(MEANS[name, column], rel=1e-11)


@pytest.mark.parametrize(("name", "column"), list(LEVELS))
def test_levels_stand_in_order(name, column):
    assert load(name)[column].cat.categories.tolist() == LEVELS[name, column]


def test_levels_keep_the_order_of_r():
    subjects = load("Orthodont")["Subject"].cat.categories
    assert [len(subjects), subjects[0], subjects[15], subjects[16], subjects[-1]] == [
        27,
        "M16",
        "M10",
        "F10",
        "F11",
    ]
    assert load("sleepstudy")["Subject"].cat.categories[:3].tolist() == ["308", "309", "310"]


@pytest.mark.parametrize(
    ("name", "groups", "size"),
    [
        ("sleepstudy", ["Subject"], 10),
        ("Dyestuff", ["Batch"], 5),
        ("Penicillin", ["plate", "sample"], 1),
        ("Pastes", ["batch", "cask"], 2),
        ("Orthodont", ["Subject"], 4),
    ],
)
def test_designs_are_balanced(name, groups, size):
    assert set(load(name).groupby(groups, observed=False).size()) == {size}


def test_pastes_sample_is_batch_and_cask():
    data = load("Pastes")
    assert (
        data["sample"].astype(str) == data["batch"].astype(str) + ":" + data["cask"].astype(str)
    ).all()


def test_hlm_group_sizes_and_means_are_the_pinned_ones():
    groups = load("HLM").groupby("Time", observed=True)
    assert groups.size().tolist() == [992, 830, 859]
    means = groups[["Satisfaction", "NPD"]].mean()
    np.testing.assert_allclose(
        means["Satisfaction"], [4.99392761, 5.15329891, 5.13348855], rtol=0, atol=5e-9
    )
    np.testing.assert_allclose(
        means["NPD"], [3.51108871, 3.40963855, 3.34225844], rtol=0, atol=5e-9
    )


def test_hlm_within_group_sums_of_squares_are_the_pinned_ones():
    data = load("HLM")
    columns = data[["Satisfaction", "NPD"]]
    within = columns - columns.groupby(data["Time"], observed=True).transform("mean")
    squares = within.T @ within
    assert squares.loc["Satisfaction", "Satisfaction"] == pytest.approx(1785.676783, abs=5e-7)
    assert squares.loc["NPD", "NPD"] == pytest.approx(2921.97693, abs=5e-6)
    assert squares.loc["NPD", "Satisfaction"] == pytest.approx(360.878104, abs=5e-7)


def test_hlm_values_lie_on_their_scales():
    data = load("HLM")
    assert data["Satisfaction"].between(1, 6).all()
    sixths, sevenths = (
        np.isclose(data["Satisfaction"] * k, (data["Satisfaction"] * k).round(), rtol=0, atol=1e-9)
        for k in (6, 7)
    )
    assert (sixths | sevenths).all()
    assert set(data["NPD"]) == {1, 2, 3, 4, 5, 6}
    assert data["BPD"].between(0, 128).all()
    assert (data["BPD"] % 1 != 0).sum() == 27


def test_hlm_sav_equals_csv_to_the_last_digit():
    codes = load("HLM").assign(Time=lambda d: d["Time"].cat.codes + 1.0)
    assert (codes.to_numpy() == exact_hlm().to_numpy()).all()


def test_hlm_without_pyreadstat_is_the_same_table(monkeypatch):
    with_sav = load("HLM")
    monkeypatch.setattr(labelled, "find_spec", lambda name: None)
    pd.testing.assert_frame_equal(load("HLM"), with_sav, check_exact=True)


def test_the_twin_is_drawn_as_docs_data_says():
    told = re.search(r"```python\n(.*?)```", DOC.partition("## twin")[2], re.S)[1]
    known = {}
    exec(told, known)
    pd.testing.assert_frame_equal(load("twin"), known["twin"])


def test_load_gives_a_fresh_copy():
    data = load("Dyestuff")
    data.loc[0, "Yield"] = 0
    assert load("Dyestuff").loc[0, "Yield"] == 1545


def test_hlm_says_that_it_is_synthetic():
    statement = "synthetic, calibrated to a published tutorial's printed results"
    assert statement in str(describe("HLM"))
    assert statement in " ".join(load.__doc__.split())


@every_set
def test_every_column_has_meaning_unit_source_and_licence(name):
    for column in describe(name).columns:
        assert all([column.meaning, column.unit, column.source, column.licence])


@pytest.mark.parametrize("function", [load, describe])
def test_an_unknown_name_offers_the_closest(function):
    with pytest.raises(DataError, match="No data set is called 'slepstudy'") as caught:
        function("slepstudy")
    assert "Did you mean 'sleepstudy'?" in str(caught.value)
    assert "There are: HLM, twin, sleepstudy, Dyestuff," in str(caught.value)


def test_a_name_in_the_wrong_case_is_offered_in_the_right_one():
    with pytest.raises(DataError, match="Did you mean 'HLM'"):
        load("hlm")


def test_a_name_like_no_other_lists_them_all():
    with pytest.raises(DataError, match=r"called 'nope'\. There are: HLM, .*, Orthodont\.$"):
        load("nope")
