"""The table's cells: where they stand, and what is seen of them."""

import numpy as np
import pytest

from hlmteach.views.cells import CellsView

TIMES = ("before", "1 year", "5 years")


@pytest.fixture
def view():
    return CellsView()


def show(view, moved, persons=4):
    values = np.arange(persons * 3.0).reshape(persons, 3)
    view.update(values, np.arange(1, persons + 1), TIMES, moved)


@pytest.mark.parametrize("moved", [0, 1, 5, 6])
def test_each_person_left_in_the_wide_table_is_named_once(view, moved):
    show(view, moved)
    in_wide = [text for text in view.persons if text.get_position()[0] < 5]
    seen = [text.get_text() for text in in_wide if text.get_alpha() == 1]
    assert seen == [str(i + 1) for i in range(4) if (i + 1) * 3 > moved]


def test_every_long_row_has_person_predictor_time_and_value(view):
    show(view, 12)
    for texts in zip(view.persons, view.steady, view.labels, view.cells, strict=True):
        assert len({text.get_position()[1] for text in texts}) == 1
        assert all(text.get_text() for text in texts)
    assert all(text.get_alpha() == 1 for text in view.persons + view.steady + view.labels)


def test_fewer_persons_leave_empty_cells(view):
    show(view, 0, persons=2)
    assert [text.get_text() for text in view.cells[6:]] == [""] * 6
