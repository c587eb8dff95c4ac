"""Reshaper: the cells stand where pandas puts the values."""

import pytest

import hlmteach as hlm


@pytest.fixture
def widget():
    made = hlm.widgets.Reshaper()
    yield made
    made.close()


def test_wide_and_long_hold_the_same_values(widget):
    tables = widget.compute(widget.state).tables
    assert widget.results["rows_long"] == 4 * 3
    back = tables.long.pivot(index="person", columns="Time", values="Satisfaction")
    for name in tables.times:
        assert back[name].tolist() == tables.wide[name].tolist()


def test_a_moved_cell_stands_in_its_row_of_the_long_table(widget):
    before = widget.view.where()
    widget.controls["moved"].value = 5
    after = widget.view.where()
    assert (after[:5, 0] == 8.6).all()
    assert after[:5, 1].tolist() == [-1, -2, -3, -4, -5]
    assert (after[5:12] == before[5:12]).all()
    tables = widget.compute(widget.state).tables
    texts = [cell.get_text() for cell in widget.view.cells[:12]]
    assert texts == [f"{value:.1f}" for value in tables.long["Satisfaction"]]
    times = [label.get_text() for label in widget.view.labels[:12]]
    assert times == tables.long["Time"].tolist()


def test_the_slider_stops_where_the_table_ends(widget):
    widget.set(occasions=2, persons=2, moved=12)
    assert "4 of 4 values" in widget.stage.status
