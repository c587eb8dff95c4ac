import numpy as np
import pytest

import hlmteach as hlm
from hlmteach.views.diagnosis import DiagnosisView, normal_places, read_leftovers


@pytest.fixture(scope="module")
def seen():
    fit = hlm.lmer("Reaction ~ Days + (1 | Subject)", hlm.load("sleepstudy"))
    return read_leftovers(fit)


def test_all_rows_are_read_where_they_are_few(seen):
    assert len(seen.resid) == 180
    assert np.all(np.diff(seen.sorted) >= 0)
    assert np.all(np.diff(seen.u) >= 0)
    assert len(seen.names) == 18


def test_normal_places_are_symmetric():
    assert normal_places(9) == pytest.approx(-normal_places(9)[::-1])


def test_parts_change_what_is_drawn(seen):
    view = DiagnosisView()
    view.update(seen, "e")
    assert len(view.points.get_offsets()) == 180
    assert view.legs.get_segments() == []
    assert view.edge_text.get_text() == ""
    view.update(seen, "u")
    assert len(view.points.get_offsets()) == len(view.legs.get_segments()) == 18
    assert view.left.get_title(loc="left") == "caterpillar of u"


def test_the_normal_line_of_e_is_the_diagonal(seen):
    view = DiagnosisView()
    view.update(seen, "e")
    x, y = view.line.get_data()
    assert x == pytest.approx(y)
