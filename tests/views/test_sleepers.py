import numpy as np
import pytest

from hlmteach.views.sleepers import GIVEN, HIGH, LOST, SleepersView, SleepPicture


@pytest.fixture
def view():
    return SleepersView(3)


def picture(**changes):
    seen = {
        "x": np.arange(6.0),
        "y": np.full(6, 300.0),
        "codes": np.array([0, 0, 1, 1, 2, 2]),
        "given": np.array([True, True, True, False, True, True]),
        "named": {"308": 0, "335": 2},
        "lines": np.array([[250.0, 10], [260, 5], [250, 60]]),
        "alone": {"335": np.array([200.0, 1])},
        "overall": np.array([250.0, 8]),
        "guess": None,
    }
    return SleepPicture(**seen | changes)


def test_a_lost_answer_is_faint_and_people_to_look_at_are_large(view):
    view.update(picture())
    alphas = view.dots.get_facecolors()[:, 3]
    assert alphas.tolist() == [GIVEN, GIVEN, GIVEN, LOST, GIVEN, GIVEN]
    sizes = view.dots.get_sizes()
    assert sizes[0] == sizes[4] > sizes[2]
    widths = view.lines.get_linewidths()
    assert widths[0] == widths[2] > widths[1]


def test_lines_go_from_the_first_morning_to_the_last(view):
    view.update(picture())
    assert view.lines.get_segments()[1].tolist() == [[0, 260], [9, 305]]
    assert view.overall.get_ydata().tolist() == [250, 322]
    (alone,) = view.alone.get_segments()
    assert alone.tolist() == [[0, 200], [9, 209]]


def test_names_stay_in_the_picture(view):
    view.update(picture())
    assert [text.get_text() for text in view.names] == ["308", "335"]
    assert view.names[1].get_position()[1] < HIGH  # its line ends at 790
    view.update(picture(lines=np.tile([250.0, 8], (3, 1)), guess=np.array([250.0, 2])))
    assert [text.get_text() for text in view.names] == ["", ""]
    assert [text.get_text() for text in view.words] == ["everybody", "your\nguess"]


def test_before_the_first_line_there_are_dots(view):
    view.update(picture(lines=np.empty((0, 2)), alone={}, overall=None))
    assert len(view.lines.get_segments()) == len(view.alone.get_segments()) == 0
    assert view.words[0].get_text() == ""
