"""Points that are pulled: from the browser's pixels to data, and back to the callback."""

import numpy as np
import pytest


@pytest.fixture
def pull(watched, scene, pixels):
    """Pull a point to a place in data coordinates, as the browser says it."""

    def to(name, index, y, done=False):
        py = float(pixels([0], [y])[1][0])
        mark = list(watched.stage.moving).index(name)
        place = {"y": py, "done": done, "ticket": "t1"}
        watched.hear(type="drag", mark=mark, index=index, **place)

    return to


def test_a_pulled_point_moves_and_tells(watched, scene, pull):
    drags = []
    watched.stage.draggable("dots", drags.append)
    pull("dots", 1, 4.0, done=True)
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
        pull("dots", 0, 2)
    answer, _ = watched.messages[-1]
    assert answer["type"] == "dragged"
    assert answer["ticket"] == "t1"
    assert "y 2.0" in answer["words"]


def test_the_callback_may_sync_or_leave_it(watched, scene, pull, pixels):
    watched.stage.draggable("cloud", lambda drag: None)
    pull("cloud", 7, 4)
    np.testing.assert_allclose(scene.cloud.get_offsets()[7], [scene.x[7], 4])
    _, x, y = watched.seen["cloud", 0]
    np.testing.assert_allclose([x[7], y[7]], np.ravel(pixels(scene.x[[7]], [4])), atol=0.01)


def test_a_point_goes_up_on_a_log_scale_too(watched, scene, pull):
    scene.axes.set(yscale="log", ylim=(0.1, 100))
    watched.stage.sync()
    watched.stage.draggable("dots", lambda drag: None)
    pull("dots", 2, 50.0)
    assert scene.dots.get_xydata()[2] == pytest.approx([3, 50])


def test_the_browser_is_told_what_can_be_pulled(watched):
    for name in ("dots", "cloud"):
        watched.stage.draggable(name, lambda drag: None)
    assert watched.stage.get_state("_drags")["_drags"] == [1, 2]
    assert "_drags" in watched.states


def test_what_cannot_be_pulled_is_refused(stage):
    with pytest.raises(ValueError, match="nothing that moves is called 'points': line, dots"):
        stage.draggable("points", print)
    with pytest.raises(ValueError, match="'text' is a Text, which has no points to pull"):
        stage.draggable("text", print)


def test_a_drag_of_nothing_is_ignored(watched, scene):
    watched.hear(type="drag", mark=0, index=0, y=1, done=True, ticket="t")
    assert watched.messages == []
