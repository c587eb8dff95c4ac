import numpy as np
import pytest

from hlmteach.views.refit import ENDS, NAMES, RefitPicture, RefitView


def picture(**changes):
    known = {
        "x": np.array([1.0, 2.0, 3.0]),
        "y": np.array([1.0, 3.0, 2.0]),
        "codes": np.array([0, 0, 1]),
        "weights": np.ones(3),
        "names": ("a", "b"),
        "labels": ("x", "y"),
        "means": np.array([[1.5, 2.0], [3.0, 2.0]]),
        "spans": np.array([[1.0, 2.0], [2.5, 3.5]]),
        "ols": np.array([1.0, 0.5]),
        "own": np.array([[-1.0, 2.0], [2.0, 0.0]]),
        "mixed": np.array([[0.0, 1.0], [1.0, 1.0]]),
        "overall": np.array([0.5, 1.0]),
        "within": np.array([[0.0, 1.0], [1.0, 1.0]]),
        "between": np.array([2.0, 0.0]),
        "lines": "all",
        "limits": ((0.0, 4.0), (0.0, 5.0)),
        "pullable": True,
    }
    return RefitPicture(**{**known, **changes})


def test_lines_go_through_what_they_say():
    view = RefitView()
    view.update(picture())
    assert view.ols.get_xydata().tolist() == [[0, 1], [4, 3]]
    assert np.array(view.mixed.get_segments()).tolist() == [
        [[1, 1], [2, 2]],
        [[2.5, 3.5], [3.5, 4.5]],
    ]
    assert view.rows[0].get_offsets().tolist() == [[1, 1], [2, 3]]
    assert view.means.get_offsets().tolist() == [[1.5, 2], [3, 2]]


@pytest.mark.parametrize(
    ("lines", "seen"), [("ols", {"ols"}), ("own", {"own"}), ("apart", {"within", "between"})]
)
def test_only_the_lines_asked_for_are_seen(lines, seen):
    view = RefitView()
    view.update(picture(lines=lines))
    drawn = {
        name
        for name in ("ols", "overall", "between")
        if not np.isnan(getattr(view, name).get_ydata()).any()
    }
    drawn |= {name for name in ("own", "mixed", "within") if getattr(view, name).get_segments()}
    assert drawn == seen
    said = view.kinds.get_text(), view.end.get_text()
    assert all(NAMES[name] in said[0] if name in NAMES else ENDS[name] == said[1] for name in seen)


def test_groups_are_named_at_the_ends_of_their_lines():
    view = RefitView()
    view.update(picture(lines="mixed", overall=np.array([0.5, 0.2])))
    (x0, y0), (x1, y1) = (name.get_position() for name in view.names[:2])
    assert (y0, y1) == pytest.approx((2, 4.5))
    assert (x0 > 2, x1 > 3.5) == (True, True)
    ends = np.array([[1.0, 3.5], [1.0, 3.5]])
    lines = np.array([[1.0, 0.1], [1.0, 0.11]])
    view.update(picture(spans=ends, mixed=lines, names=("before", "after")))
    low, high = (name.get_position()[1] for name in view.names[:2])
    assert high - low == pytest.approx(4 / 60 * 5)  # the next step from 0.055


def test_the_line_of_all_is_named_where_it_ends():
    view = RefitView()
    view.update(picture(lines="ols"))
    x, y = view.end.get_position()
    assert (x > 4, y) == (True, pytest.approx(3))
    view.update(picture(lines="apart", between=np.array([30.0, -9.0])))
    assert view.end.get_text() == ""
    assert "between groups" in view.kinds.get_text()


def test_marks_of_many_rows_are_larger():
    view = RefitView()
    view.update(picture(weights=np.array([1.0, 5.0, 10.0])))
    small, large = view.rows[0].get_sizes()
    assert small < large < view.rows[1].get_sizes()[0]
