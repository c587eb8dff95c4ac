"""Points that are pulled: from the browser's pixels to data, and back to the callback."""

import numpy as np
import pytest


@pytest.fixture
def pull(watched, scene, pixels):
    """Pull a point to a place in data coordinates, as the browser says it."""

    def to(name, index, x, y, done=False):
        px, py = (float(v[0]) for v in pixels([x], [y]))
        mark = list(watched.stage.moving).index(name)
        place = {"x": px, "y": py, "done": done, "ticket": "t1"}
        watched.hear(type="drag", mark=mark, index=index, **place)

    return to


def test_a_pulled_point_moves_and_tells(watched, scene, pull):
    drags = []
    watched.stage.draggable("dots", drags.append)
    pull("dots", 1, 7.0, 4.0, done=True)
    assert scene.dots.get_xdata().tolist() == [1, 2, 3]  # only up and down
    assert scene.dots.get_ydata() == pytest.approx([1, 4, 3])
    (drag,) = drags
    assert (drag.name, drag.index, drag.done) == ("dots", 1, True)
    assert (drag.x, drag.y) == pytest.approx((2, 4))


def test_every_drag_is_answered_even_if_the_callback_fails(watched, pull):
    def fail(drag):
        raise RuntimeError("the callback's own")

    watched.stage.draggable("dots", fail)
    with pytest.raises(RuntimeError):
        pull("dots", 0, 1, 2)
    answer, _ = watched.messages[-1]
    assert answer["type"] == "dragged"
    assert answer["ticket"] == "t1"
    assert "y 2.0" in answer["words"]


def test_the_callback_may_sync_or_leave_it(watched, scene, pull, pixels):
    watched.stage.draggable("cloud", axis="both")
    pull("cloud", 7, 5, 4)
    np.testing.assert_allclose(scene.cloud.get_offsets()[7], [5, 4])
    _, x, y = watched.seen["cloud", 0]
    np.testing.assert_allclose([x[7], y[7]], np.ravel(pixels([5], [4])), atol=0.01)


def test_axis_x_only(watched, scene, pull):
    watched.stage.draggable("dots", axis="x")
    pull("dots", 2, 9, 5)
    assert scene.dots.get_xydata()[2] == pytest.approx([9, 3])


def test_the_browser_is_told_what_can_be_pulled(watched):
    watched.stage.draggable("dots")
    watched.stage.draggable("cloud", axis="both")
    expected = [{"mark": 1, "axis": "y"}, {"mark": 2, "axis": "both"}]
    assert watched.stage.get_state("_drags")["_drags"] == expected
    assert "_drags" in watched.states


def test_what_cannot_be_pulled_is_refused(stage):
    with pytest.raises(ValueError, match="nothing that moves is called 'points': line, dots"):
        stage.draggable("points")
    with pytest.raises(ValueError, match="axis is 'up': say one of 'x', 'y', 'both'"):
        stage.draggable("dots", axis="up")
    with pytest.raises(ValueError, match="'text' is a Text, which has no points to pull"):
        stage.draggable("text")


def test_a_drag_of_nothing_is_ignored(watched, scene):
    watched.hear(type="drag", mark=0, index=0, x=1, y=1, done=True, ticket="t")
    assert watched.messages == []
