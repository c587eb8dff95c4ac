import pytest

from hlmteach.views.window import LEAST_FILLED_IN_DRAG, STEPS, half_width, window


def test_a_window_stays_while_what_is_shown_is_in_it():
    now = (4.0, 6.0)
    assert window(4.2, 5.9, now) == now
    assert window(3.9, 5.9, now) != now
    assert window(5.0, 5.0 + 0.9 * LEAST_FILLED_IN_DRAG * 2, now) != now


def test_a_window_that_grows_leaves_room():
    low, high = window(3.9, 6.1, (4.0, 6.0), steps=STEPS)
    assert low < 3.9
    assert high - low > 1.6 * 2.2
    assert window(3.7, 6.3, (low, high)) == (low, high)


@pytest.mark.parametrize("low", [-3.3, 0.0, 4.97, 812.0])
@pytest.mark.parametrize("height", [0.01, 0.3, 7.0])
def test_a_window_holds_what_is_shown(low, height):
    bottom, top = window(low, low + height)
    assert bottom <= low
    assert top >= low + height


def test_half_widths_are_steps():
    assert half_width(0.013) in STEPS
    assert half_width(0.02, now=0.05) == 0.05
    assert half_width(0.002, now=0.05) == 0.05  # somebody drags: smaller is no reason to move
    assert half_width(0.0005, now=0.05) == 0.002
    assert half_width(0.011, now=0.01) == 0.05


def test_what_is_beyond_all_steps_gets_the_last():
    assert half_width(1e9) == STEPS[-1]
